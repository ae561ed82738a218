"""Minimal cut sets: the smallest joint failures that stop an entity.

Formula: order 1 are the single points, order 2 the pairs of the groups that cannot be done without (`small_cuts.py`);
higher orders are those of what redundancy leaves (`reductions.py`), listed bottom-up (`listing.py`).
Cost: the number of sets within the order at every gate; what roots share is worked out once.
Source: Fussell and Vesely (1972), Rauzy (1993).
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from risk.availability import Availability
from risk.joint_failure import all_failed
from risk.limits import Check, unhurried
from risk.reduced.prepared import Prepared
from risk.reduced.small_cuts import Cut
from topology.units import significant

_NEARLY: Final = 1 - 1e-12
"""What is less likely than this share of another is less likely to the digits shown too."""


class CutSetCap(StrEnum):
    """What ended a list of cut sets early: how many were asked for, or the order."""

    FIRST = "first"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class CutSet:
    """Entities whose joint failure stops the root, none of which can be left out; the root is never among them.

    `probability` that all of them have failed; `structural` when that is 0 because one of them never fails by a figure
    that is known.
    """

    entities: tuple[int, ...]
    probability: float
    structural: bool


@dataclass(frozen=True, slots=True)
class CutSets:
    """Cut sets, likeliest first, then shortest, then by number.

    `total` counts all up to the order; `capped_by` FIRST when some of these were left out, else ORDER when larger ones
    may exist, else None: then these are all.
    """

    found: tuple[CutSet, ...]
    total: int | None
    capped_by: CutSetCap | None


def cut_sets(
    availability: Availability[float],
    root: int,
    *,
    max_order: int = 2,
    first: int = 50,
    unknown: Collection[int] = (),
    check: Check = unhurried,
) -> CutSets:
    """The minimal cut sets of a root up to an order of 1 to 3.

    `unknown` are the entities whose own availability is missing: counted as up, and never taken for perfect.

    Raises:
        AnalysisTooLarge: a gate has more sets of the order than can be listed.
    """
    cuts, complete = minimal_cuts(availability.prepared, root, max_order, check)
    own = availability.own
    likely = all_failed(availability, root, cuts, check)
    capped = CutSetCap.FIRST if len(cuts) > first else None if complete else CutSetCap.ORDER
    least = sorted(likely)[-first] * _NEARLY if 0 < first < len(cuts) else 0.0
    rows = [
        CutSet(cut, probability, any(own[entity] == 0 and entity not in unknown for entity in cut))
        for cut, probability in zip(cuts, likely, strict=True)
        if probability >= least
    ]
    # To the digits shown: the last bit of a product must not part what is equally likely.
    rows.sort(key=lambda row: (-significant(row.probability), len(row.entities), row.entities))
    return CutSets(tuple(rows[:first]), len(cuts), capped)


def minimal_cuts(prepared: Prepared, root: int, max_order: int, check: Check = unhurried) -> tuple[list[Cut], bool]:
    """The minimal cut sets up to an order, of what still stands, and whether there are none above it.

    None of what is down has any: nothing more need fail.

    Cost: what roots share is worked out once; ask about many in the order of `Prepared.by_cone`.
    """
    if root in prepared.fallen:
        return [], True
    prepared = prepared.standing.about(root)
    condensed = prepared.blocks(check)
    block = condensed.block_of[root]
    with prepared.lock:
        cone = prepared.cone_of(block, check)
        small = cone.small_cuts
        found = [cut for cut in small.singles(block) if cut != (root,)]
        if max_order == 1:
            return found, not small.has_others(block)
        if max_order == 2:
            found += small.pairs(block, check)
            return found, not small.may_have_larger(block, prepared.limits.unfoldings, check)
        lister = cone.lister(max_order)
        complete = True
        for factor in cone.reduction.residual(block, check).factors:
            formula = cone.reduction.formulas.any_of(factor)
            found += lister.spelled(formula, condensed.members, check)
            complete = complete and not lister.may_have_larger(formula)
        if not complete and all(len(cut) <= 2 for cut in found):
            # What is complete with two is with three.
            complete = not small.may_have_larger(block, prepared.limits.unfoldings, check)
        return found, complete
