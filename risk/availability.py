"""Composite availability: the exact probability that an entity is up, over its hard closure, each entity once.

Units: unavailability `q = 1 - p` throughout, so that U = 1e-13 keeps 12 digits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

from risk.graph import System
from risk.limits import DEFAULT_LIMITS, Check, Limits, unhurried
from risk.terms import Method

P = TypeVar("P", float, Fraction)
"""A probability: float64 in the product, exact rationals where a proof is wanted."""


@dataclass(frozen=True, slots=True)
class Composite(Generic[P]):
    """An unavailability, how it was found, and bounds that are equal to it unless the method is INTERVAL or SAMPLED."""

    unavailability: P
    method: Method
    diagram_nodes: int
    lower: P
    upper: P


class Availability(Generic[P]):
    """Composite availabilities of one system under own unavailabilities, which are independent of one another.

    Args:
        system: the system.
        own: own unavailability of every entity, 0..1, by number.
        limits: sizes at which the engine goes to its next rung.
        check: called every few thousand steps.
    """

    def __init__(
        self, system: System, own: Sequence[P], *, limits: Limits = DEFAULT_LIMITS, check: Check = unhurried
    ) -> None:
        self.system = system
        self.own: tuple[P, ...] = tuple(own)

    def with_own(self, own: Sequence[P]) -> "Availability[P]":
        """The same system with other figures; what was worked out about its structure is shared."""
        raise NotImplementedError

    def composite(self, root: int) -> Composite[P]:
        """`1 - A(root)`."""
        raise NotImplementedError

    def conditional(self, root: int, failed: Collection[int], working: Collection[int] = ()) -> Composite[P]:
        """`1 - A(root)` given that `failed` have failed and `working` have not (own faults)."""
        raise NotImplementedError

    def birnbaum(self, root: int) -> dict[int, P]:
        """`A|x=1 - A|x=0` of every entity x of the hard closure, by one backward pass."""
        raise NotImplementedError


def with_common_cause(system: System, own: Sequence[P], beta: P, *, everywhere: bool) -> tuple[System, tuple[P, ...]]:
    """The system with a common cause in redundant groups, as extra entities after the last number.

    Formula: a common event stops all members, `q_c = beta x` the least own q of the members; each member keeps
    `q_i' = 1 - (1 - q_i) / (1 - q_c)`.

    Args:
        system: the system.
        own: own unavailabilities.
        beta: the share, for groups that state none.
        everywhere: whether groups that state no beta get `beta` too (the sensitivity), or only those that state one.
    """
    raise NotImplementedError
