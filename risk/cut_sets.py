"""Minimal cut sets: the smallest joint failures that stop an entity.

Formula: order 1 are the single points. Higher orders come from what redundancy leaves (`reductions.py`), bottom up: any
of: the union; k of n: the unions of one cut set of each of enough items. Sets above the order are dropped as they
arise, which loses none of the kept orders; supersets of kept ones are dropped too.
Cost: the number of sets within the order at every gate; a formula that roots share is worked out once.
Source: Fussell and Vesely (1972), Rauzy (1993).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from math import prod

from risk.availability import Availability
from risk.formulas import LITERAL, Formulas
from risk.limits import Check, unhurried
from risk.modules import children_first
from risk.prepared import Prepared
from topology.errors import AnalysisTooLarge

Cut = frozenset[int]
_MOST = 200_000
"""Sets at one gate beyond which an honest list is no longer possible."""


class CutSetCap(StrEnum):
    """What ended a list of cut sets early: how many were asked for, the order, or the time."""

    FIRST = "first"
    ORDER = "order"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class CutSet:
    """Entities whose joint failure stops the root, none of which can be left out; the root is never among them.

    `probability` that all of them have failed; `structural` when that is 0 because one of them never fails.
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
    availability: Availability[float], root: int, *, max_order: int = 2, first: int = 50, check: Check = unhurried
) -> CutSets:
    """The minimal cut sets of a root up to an order of 1 to 3.

    Raises:
        AnalysisTooLarge: a gate has more sets of the order than can be listed.
    """
    cuts, complete = minimal_cuts(availability.prepared, root, max_order, check)
    own = availability.own
    rows = [CutSet(tuple(sorted(cut)), prod(own[e] for e in cut), any(own[e] == 0 for e in cut)) for cut in cuts]
    rows.sort(key=lambda row: (-row.probability, len(row.entities), row.entities))
    capped = CutSetCap.FIRST if len(rows) > first else None if complete else CutSetCap.ORDER
    return CutSets(tuple(rows[:first]), len(rows), capped)


def minimal_cuts(prepared: Prepared, root: int, max_order: int, check: Check) -> tuple[list[Cut], bool]:
    """The minimal cut sets up to an order, and whether none above it may exist."""
    condensed = prepared.condensed
    block = condensed.block_of[root]
    reduction = prepared.cone_of(block, check).reduction
    residual = reduction.residual(block, check)
    found = [frozenset((entity,)) for entity in prepared.needs(root, check) if entity != root]
    if max_order == 1:
        return found, not residual.factors
    lister = _Lister(reduction.formulas, max_order, check)
    for factor in residual.factors:
        for formula in factor:
            for cut in lister.cuts(formula):
                members = product(*(condensed.members[block] for block in cut))
                found.extend(frozenset(chosen) for chosen in members)
    return list(_minimal(found)), not lister.dropped


class _Lister:
    """The minimal cut sets of formulas, in variables."""

    def __init__(self, formulas: Formulas, max_order: int, check: Check) -> None:
        self._formulas = formulas
        self._order = max_order
        self._check = check
        self._known: dict[int, tuple[Cut, ...]] = {}
        self.dropped = False

    def cuts(self, formula: int) -> tuple[Cut, ...]:
        """Those of a monotone formula, within the order."""
        for node in children_first(self._formulas, formula):
            if node not in self._known:
                self._check()
                self._known[node] = tuple(_minimal(self._of(node)))
        return self._known[formula]

    def _of(self, node: int) -> Iterable[Cut]:
        need, items = self._formulas.need[node], self._formulas.items[node]
        if need == LITERAL:
            return [frozenset((items[0][0],))]
        if need == 1:
            return (cut for item, _ in items for cut in self._known[item])
        reached: list[list[Cut]] = [[frozenset()], *([] for _ in range(need))]
        for item, weight in items:
            for missing in range(need, 0, -1):
                joined = self._joined(reached[max(missing - weight, 0)], self._known[item])
                reached[missing] = list(_minimal((*reached[missing], *joined)))
                if len(reached[missing]) > _MOST:
                    raise AnalysisTooLarge(f"more than {_MOST} cut sets of order {self._order} or less")
        return reached[need]

    def _joined(self, some: list[Cut], others: tuple[Cut, ...]) -> Iterator[Cut]:
        for one in some:
            self._check()
            for other in others:
                both = one | other
                if len(both) <= self._order:
                    yield both
                else:
                    self.dropped = True


def _minimal(cuts: Iterable[Cut]) -> Iterator[Cut]:
    """Without supersets of others and repetitions."""
    kept: set[Cut] = set()
    for cut in sorted(set(cuts), key=len):
        if not any(frozenset(part) in kept for size in range(1, len(cut)) for part in combinations(cut, size)):
            kept.add(cut)
            yield cut
