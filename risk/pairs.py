"""The minimal cut sets of one and of two, of formulas, as bitsets: a whole row of pairs at one go.

Formula: any of: the union; k of n: the unions of one cut set of each of enough items, as in `listing.py`. Of two lists
with singles S, T and pairs P, Q the joint ones of up to two are the singles S & T, the pairs {s, t}, and the pairs of
either list that hold a cut set of the other.
Cost: a few operations on bitsets for every variable that has a partner, instead of one step for every pair.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from risk.bitsets import bits
from risk.formulas import LITERAL, Formulas
from risk.limits import Check

Cut = frozenset[int]
_STRIDE: Final = 256
Partners = dict[int, int]
"""For a bit the bits above it that it makes a pair with."""


@dataclass(slots=True)
class Cuts:
    """Cut sets of up to two bits: those of one, and pairs by their lower bit; `has_larger` where larger were dropped.

    `is_met`: nothing need fail, and there is no other cut set.
    """

    singles: int
    partners: Partners
    has_larger: bool = False
    is_met: bool = False


class PairLister:
    """The minimal cut sets of up to two of one table's formulas, which must be monotone; each formula once."""

    def __init__(self, formulas: Formulas) -> None:
        self._formulas = formulas
        self._known: dict[int, Cuts] = {}
        self._variable_at: dict[int, int] = {}

    def spelled(self, formula: int, members: Sequence[Sequence[int]], check: Check) -> list[Cut]:
        """The minimal cut sets of up to two, in the members of variables: one of each variable."""
        cuts = self._of(formula, check)
        at = self._variable_at
        found = [frozenset((one,)) for bit in bits(cuts.singles) for one in members[at[bit]]]
        for low, row in cuts.partners.items():
            others = [other for bit in bits(row) for other in members[at[bit]]]
            for one in members[at[low]]:
                found += [frozenset((one, other)) for other in others]
        return found

    def may_have_larger(self, formula: int) -> bool:
        """Whether anything of more than two was dropped on the way to a formula that was asked for."""
        return self._known[formula].has_larger

    def _of(self, formula: int, check: Check) -> Cuts:
        needs, over, known = self._formulas.need, self._formulas.over, self._known
        pending = [formula]
        steps = 0
        while pending:
            node = pending[-1]
            if node in known:
                pending.pop()
                continue
            steps += 1
            if steps % _STRIDE == 0:
                check()
            if needs[node] == LITERAL:
                known[node] = Cuts(self._formulas.variables[node], {})
                self._variable_at[self._formulas.variables[node].bit_length() - 1] = self._formulas.variable_of[node]
                continue
            waiting = [item for item in over[node] if item not in known]
            if waiting:
                pending += waiting
                continue
            items = [(known[item], weight) for item, weight in self._formulas.items(node)]
            known[node] = _any_of(each for each, _ in items) if needs[node] == 1 else _enough_of(needs[node], items)
        return known[formula]


def _any_of(items: Iterable[Cuts]) -> Cuts:
    singles, has_larger = 0, False
    partners: Partners = {}
    for item in items:
        singles |= item.singles
        has_larger = has_larger or item.has_larger
        for low, row in item.partners.items():
            partners[low] = partners.get(low, 0) | row
    return Cuts(singles, _minimal(partners, singles), has_larger)


def _enough_of(need: int, items: list[tuple[Cuts, int]]) -> Cuts:
    """The joint failures of items of a weight of `need`."""
    reached = [Cuts(0, {}, is_met=True), *(Cuts(0, {}) for _ in range(need))]
    has_larger = False
    for item, weight in items:
        has_larger = has_larger or item.has_larger
        for missing in range(need, 0, -1):
            joined = _joined(reached[max(missing - weight, 0)], item)
            has_larger = has_larger or joined.has_larger
            reached[missing] = _any_of((reached[missing], joined))
    found = reached[need]
    return Cuts(found.singles, found.partners, has_larger)


def _joined(some: Cuts, others: Cuts) -> Cuts:
    """The unions of a cut set of each."""
    if some.is_met:
        return Cuts(others.singles, others.partners)
    partners: Partners = {}
    for these, those in ((some.singles, others.singles), (others.singles, some.singles)):
        for bit in bits(these):
            row = those >> bit + 1 << bit + 1
            if row:
                partners[bit] = partners.get(bit, 0) | row
    for singles, pairs in ((some.singles, others.partners), (others.singles, some.partners)):
        for low, row in pairs.items():
            kept = row if singles >> low & 1 else row & singles
            if kept:
                partners[low] = partners.get(low, 0) | kept
    for low, row in some.partners.items():
        kept = row & others.partners.get(low, 0)
        if kept:
            partners[low] = partners.get(low, 0) | kept
    singles = some.singles & others.singles
    return Cuts(singles, _minimal(partners, singles), _has_larger(some, others))


def _has_larger(some: Cuts, others: Cuts) -> bool:
    """Whether a cut set of the one and a cut set of the other are more than two together."""
    for singles, pairs in ((some.singles, others.partners), (others.singles, some.partners)):
        if singles and any(not _is_within(singles, low, row) for low, row in pairs.items()):
            return True
    if not some.partners or not others.partners:
        return False
    return some.partners != others.partners or sum(row.bit_count() for row in some.partners.values()) > 1


def _is_within(singles: int, low: int, row: int) -> bool:
    """Whether every pair of a row holds every one of some bits."""
    rest = singles & ~(1 << low)
    return not rest or (rest == row and not rest & (rest - 1))


def _minimal(partners: Partners, singles: int) -> Partners:
    """Pairs without those that hold a cut set of one."""
    if not singles:
        return partners
    rows: Iterator[tuple[int, int]] = ((low, row & ~singles) for low, row in partners.items() if not singles >> low & 1)
    return {low: row for low, row in rows if row}
