"""What promises alone guarantee, whatever the dependence between suppliers; and what no supplier lets one exceed."""

from collections.abc import Mapping, Sequence

from risk.graph import System
from risk.limits import Check, unhurried


def guaranteed(
    system: System,
    contribution: Sequence[float],
    root: int,
    *,
    whole: Mapping[int, float] | None = None,
    cap: float = 1.0,
    check: Check = unhurried,
) -> float:
    """The union bound of section 2: the most unavailability (or minutes) that kept promises allow the root.

    Args:
        system: the system.
        contribution: u of every entity, by number: unavailability, or minutes allowed in a window. What is missing
            is the caller's to give as `cap`.
        root: whose bound.
        whole: entities whose promise covers their suppliers as well (END_TO_END externals), with that promise; they
            count as max(promise, bound of their suppliers) and are not entered.
        cap: the most that anything can come to: 1, or the minutes of the window.
        check: called every few thousand steps.

    Returns:
        The bound in the unit of `contribution`, at most `cap`. The guaranteed floor is 1 - this.
    """
    raise NotImplementedError


def ceiling(system: System, own: Sequence[float], root: int) -> float:
    """The unavailability of the ceiling: the largest own q over the root and its single points."""
    raise NotImplementedError
