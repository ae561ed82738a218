"""What an entity requires and what requires it: closures with distances, and bounded subgraphs."""

from collections.abc import Sequence
from dataclasses import dataclass

from risk.graph import System
from risk.terms import Direction


@dataclass(frozen=True, slots=True)
class Reached:
    """An entity of a closure: its number, fewest steps, and whether groups alone lead to it."""

    entity: int
    distance: int
    hard: bool


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """The entities around some roots, nearest first, then by number.

    Attributes:
        entities: the roots and what was reached.
        depth_reached: the distance of the farthest of `entities`.
        truncated: whether the limit left out anything within the depth.
    """

    entities: tuple[int, ...]
    depth_reached: int
    truncated: bool


def closure_of(system: System, root: int, direction: Direction, max_depth: int | None = None) -> tuple[Reached, ...]:
    """All that the root reaches, soft edges included, nearest first, then by number; the root is not among them."""
    raise NotImplementedError


def neighbourhood(system: System, roots: Sequence[int], direction: Direction, depth: int, limit: int) -> Neighbourhood:
    """The entities within `depth` steps of any root, at most `limit` of them."""
    raise NotImplementedError
