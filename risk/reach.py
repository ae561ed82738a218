"""What an entity requires and what requires it: closures with distances, and bounded subgraphs.

Soft edges lead on as hard ones do; `hard` tells whether groups alone lead to an entity.
Cost: linear in the edges that are walked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from risk.graph import System
from risk.limits import Check, unhurried
from risk.terms import Direction

_STRIDE = 4096


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


def closure_of(
    system: System, root: int, direction: Direction, max_depth: int | None = None, *, check: Check = unhurried
) -> tuple[Reached, ...]:
    """All that the root reaches within `max_depth` steps, nearest first, then by number; the root is not among them."""
    distances = _distances(system, (root,), direction, max_depth, soft=True, check=check)
    hard = _distances(system, (root,), direction, None, soft=False, check=check)
    rows = (Reached(entity, distance, entity in hard) for entity, distance in distances.items() if entity != root)
    return tuple(sorted(rows, key=lambda row: (row.distance, row.entity)))


def neighbourhood(
    system: System, roots: Sequence[int], direction: Direction, depth: int, limit: int, *, check: Check = unhurried
) -> Neighbourhood:
    """The entities within `depth` steps of any root, the nearest `limit` of them."""
    distances = _distances(system, roots, direction, depth, soft=True, check=check)
    ordered = sorted(distances, key=lambda entity: (distances[entity], entity))
    kept = tuple(ordered[:limit])
    return Neighbourhood(kept, distances[kept[-1]] if kept else 0, len(ordered) > limit)


def requiring(system: System, entities: Iterable[int], check: Check = unhurried) -> frozenset[int]:
    """All that requires some entities through groups, at any depth; they among it."""
    seen = set(entities)
    pending = list(seen)
    for step, entity in enumerate(pending, start=1):
        if step % _STRIDE == 0:
            check()
        for consumer in system.consumers[entity]:
            if consumer not in seen:
                seen.add(consumer)
                pending.append(consumer)
    return frozenset(seen)


def _distances(
    system: System, roots: Sequence[int], direction: Direction, depth: int | None, *, soft: bool, check: Check
) -> dict[int, int]:
    """Fewest steps from any root, breadth first."""
    found = dict.fromkeys(sorted(set(roots)), 0)
    wave = list(found)
    distance = 0
    while wave and distance != depth:
        distance += 1
        reached: list[int] = []
        for step, entity in enumerate(wave, start=1):
            if step % _STRIDE == 0:
                check()
            for other in _neighbours(system, entity, direction, soft=soft):
                if other not in found:
                    found[other] = distance
                    reached.append(other)
        wave = reached
    return found


def _neighbours(system: System, entity: int, direction: Direction, *, soft: bool) -> list[int]:
    if direction is Direction.REQUIRED_BY:
        return [*system.consumers[entity], *(system.soft_consumers[entity] if soft else ())]
    found = [member for group in system.groups[entity] for member in group.members]
    if soft:
        found += [edge.supplier for edge in system.soft[entity]]
    return found
