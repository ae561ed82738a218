"""How far an analysis may go: by size first, by the caller's clock second; never by guess."""

from collections.abc import Callable
from dataclasses import dataclass

Check = Callable[[], None]
"""Called every few thousand steps; raises `DeadlinePassed` when the caller has waited long enough."""


def unhurried() -> None:
    """No deadline."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes at which the engine goes to its next rung.

    Attributes:
        diagram_nodes: decision nodes of one diagram before it is given up.
        conditionings: branches that conditioning may open for one factor before an interval is given.
        expansions: groups expanded under different contexts for one root before it is given up.
    """

    diagram_nodes: int = 40_000
    conditionings: int = 64
    expansions: int = 200_000


DEFAULT_LIMITS = Limits()
