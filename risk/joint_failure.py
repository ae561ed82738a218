"""How likely it is that several entities have failed together: each alone, or by a common cause that they share."""

from collections.abc import Collection, Iterable
from math import prod

from risk.availability import Availability
from risk.limits import Check


def all_failed(
    availability: Availability[float], root: int, cuts: Iterable[Collection[int]], check: Check
) -> list[float]:
    """For some entities each, beneath a root, the probability that all of them have failed themselves."""
    engine = availability.about(root)
    caused = engine.prepared.causes(check)
    own = engine.extended(check).own
    if caused is None:
        return [prod([own[entity] for entity in cut]) for cut in cuts]
    causes = caused[0]
    # Of those that no cause stops, which are most, the product tells it.
    return [
        prod([own[entity] for entity in cut]) if causes.of.keys().isdisjoint(cut) else causes.all_failed(cut, own)
        for cut in cuts
    ]


def ways_to_fail(
    availability: Availability[float], root: int, entities: Iterable[int], check: Check
) -> dict[int, tuple[int, ...]]:
    """What makes each of some entities beneath a root fail, by number in the extended system: itself, or a cause."""
    caused = availability.about(root).prepared.causes(check)
    causes_of = {} if caused is None else caused[0].of
    return {entity: (entity, *causes_of.get(entity, ())) for entity in entities}
