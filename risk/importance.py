"""Which entity matters how much to a root, and what an entity would have to reach.

Formula: A is affine in every own availability, so all figures follow from the Birnbaum importance
`I = A|x=1 - A|x=0`: with q the own unavailability, `A|x=1 = A + q I` and `A|x=0 = A - (1 - q) I`.
Source: Birnbaum (1969). `criticality` is 1 - 1/RRW and never called Fussell-Vesely, which is another figure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, partial
from math import fsum
from typing import NamedTuple

from risk.availability import Availability
from risk.cut_sets import minimal_cuts
from risk.diagrams.formulas import NEVER, Formulas
from risk.diagrams.ladder import solved
from risk.joint_failure import ways_to_fail
from risk.limits import Check, unhurried
from topology.units import MINUTES_PER_30_DAYS

_NEARLY_ALL = 1e-3
_DECIMALS = 9
"""Of the minutes that are told (`units.minutes`): contributions that are told alike stand by number."""


class Importance(NamedTuple):
    """One entity under a root. Minutes are per 30 days; None where a figure is undefined (U = 0, or no risk left).

    A tuple, since there is one for every entity of a closure and a frozen object takes four times as long to make.

    Attributes:
        entity: its number.
        birnbaum: `A|x=1 - A|x=0`.
        minutes: the contribution `(1 - a) birnbaum`, in minutes per 30 days.
        share: the contribution's share of all contributions; None when all are 0.
        criticality: `(A|1 - A) / (1 - A)`.
        raw: `(1 - A|0) / (1 - A)`.
        rrw: `(1 - A) / (1 - A|1)`; None also where it would be infinite: without x nothing would be lost.
        structural: own availability 1, and known to be: it can stop the root, and never does.
    """

    entity: int
    birnbaum: float
    minutes: float
    share: float | None
    criticality: float | None
    raw: float | None
    rrw: float | None
    structural: bool


def importances(
    availability: Availability[float], root: int, check: Check = unhurried, *, unknown: Collection[int] = ()
) -> tuple[Importance, ...]:
    """Every entity of the hard closure, the root too, largest contribution first, then by number (that is, by key).

    `unknown` are the entities whose own availability is missing: counted as up, and never taken for perfect.

    Cost: one backward pass over the root's diagrams.

    Raises:
        AnalysisTooLarge: of the root only bounds are known.
    """
    # First, since a refusal of it says of what, and why.
    unavailability = availability.exactly(root, check)
    figures = availability.with_causes.own
    slopes = availability.birnbaum(root, check)
    contributions = [figures[entity] * slope for entity, slope in slopes.items()]
    total = fsum(contributions)
    stopping = cache(partial(_stopping, availability, root, check))
    found = []
    for (entity, birnbaum), contribution in zip(slopes.items(), contributions, strict=True):
        minutes = contribution * MINUTES_PER_30_DAYS
        share = contribution / total if total > 0 else None
        structural = availability.own[entity] == 0 and entity not in unknown and (birnbaum > 0 or entity in stopping())
        criticality = raw = rrw = None
        if unavailability > 0:
            criticality = contribution / unavailability
            raw = (unavailability + (1 - figures[entity]) * birnbaum) / unavailability
            without = _without(
                availability, root, entity, check, contribution=contribution, unavailability=unavailability
            )
            rrw = unavailability / without if without > 0 else None
        found.append(Importance(entity, birnbaum, minutes, share, criticality, raw, rrw, structural))
    # Those that are equal stay as they come, by number.
    found.sort(key=lambda row: round(row.minutes, _DECIMALS), reverse=True)
    return tuple(found)


def _stopping(availability: Availability[float], root: int, check: Check) -> set[int]:
    """The entities that can stop a root at all, alone or with others: those that matter when all fail now and then."""
    needs = availability.prepared.needs(root, check)
    given = zip(availability.own, availability.figures, strict=True)
    own = [0.5 if q == figure else q for q, figure in given]
    for entity in needs:
        own[entity] = 0.0
    slopes = availability.with_own(own).birnbaum(root, check)
    return {entity for entity, slope in slopes.items() if slope > 0}


@dataclass(frozen=True, slots=True)
class Needed:
    """The own unavailability at which a root just meets a target.

    Attributes:
        unavailability: the own q at which it is met exactly: below 0 when even q = 0 does not meet it, above 1 when
            every q does; None when the entity makes no difference.
        best: the root's unavailability with this entity's own q = 0.
        reachable: whether any own q in 0..1 meets the target.
    """

    unavailability: float | None
    best: float
    reachable: bool


def needed(
    availability: Availability[float],
    root: int,
    entity: int,
    target: float,
    check: Check = unhurried,
    *,
    slopes: Mapping[int, float] | None = None,
) -> Needed:
    """The inverse question: which own q of `entity` makes the root's unavailability `target`.

    Formula: `U = U|x=1 + q I`, so `q* = (target - U|x=1) / I`, with I the Birnbaum importance.

    Args:
        availability: the engine.
        root: whose unavailability.
        entity: whose own q is asked for.
        target: the unavailability to meet, 0..1.
        check: called every few thousand steps.
        slopes: the Birnbaum importances under the root, where they are known already.
    """
    known = availability.birnbaum(root, check) if slopes is None else slopes
    slope = known.get(entity, 0.0)
    unavailability = availability.exactly(root, check)
    contribution = availability.with_causes.own[entity] * slope
    best = _without(availability, root, entity, check, contribution=contribution, unavailability=unavailability)
    return Needed((target - best) / slope if slope > 0 else None, best, best <= target)


def _without(
    availability: Availability[float],
    root: int,
    entity: int,
    check: Check,
    *,
    contribution: float,
    unavailability: float,
) -> float:
    """`U|x=1 = U - q I`, worked out anew where the difference would lose its digits."""
    without = unavailability - contribution
    if without < _NEARLY_ALL * unavailability:
        return availability.exactly(root, check, working=(entity,))
    return without


def fussell_vesely(availability: Availability[float], root: int, entity: int, check: Check = unhurried) -> float | None:
    """The probability that some minimal cut set with `entity` in it has failed, over the root's unavailability.

    None where the root is never down, or is down already, where there are cut sets of more than three entities (not all
    are known then), or where of an unavailability only bounds are known.

    Cost: the root's cut sets to order 3, and one diagram over those that hold the entity.
    Source: Fussell and Vesely (1972). `criticality` is another figure.
    """
    cuts, complete = minimal_cuts(availability.prepared, root, 3, check)
    found = availability.composite(root, check)
    unavailability = found.unavailability
    if not complete or not found.is_exact or unavailability <= 0 or root in availability.prepared.fallen:
        return None
    if entity == root:
        return availability.own[root] / unavailability
    held = [cut for cut in cuts if entity in cut]
    formulas = Formulas()
    ways = ways_to_fail(availability, root, {member for cut in held for member in cut}, check)
    bit_of = {way: bit for bit, way in enumerate(sorted({way for some in ways.values() for way in some}))}
    has_failed = {
        member: formulas.any_of(formulas.literal(way, bit_of[way]) for way in some) for member, some in ways.items()
    }
    failed = formulas.any_of(formulas.all_of(has_failed[member] for member in cut) for cut in held)
    if failed == NEVER:
        return 0.0
    figures = availability.about(root).extended(check).own
    lower, upper = solved(formulas, failed, availability.prepared.limits, check).bounds(figures)
    return lower / unavailability if lower == upper else None
