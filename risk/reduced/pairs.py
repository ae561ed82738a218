"""Cut sets of one and of two as bitsets, and how they combine: a whole row of pairs at one go.

Formula: any of: the union; of a joint weight of k: the unions of one cut set of each of enough items. Of two lists with
singles S, T and pairs P, Q the joint ones of up to two are the singles S & T, the pairs {s, t}, and the pairs of either
list that hold a cut set of the other.
Cost: a few operations on bitsets for every variable that has a partner, instead of one step for every pair.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from risk.bitsets import bits
from risk.limits import Check

Partners = dict[int, int]
"""For a bit the bits above it that it makes a pair with."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """The minimal cut sets of up to two bits: those of one, and pairs by their lower bit."""

    singles: int
    partners: Partners


_NONE: Final = Cuts(0, {})


def together(lists: Iterable[Partners], singles: int) -> Partners:
    """The pairs of any of some lists, but for those that hold a cut set of one."""
    found: Partners = {}
    for partners in lists:
        _add(partners.items(), found)
    rest = ~singles
    # Rows of which nothing is taken away stay the numbers that they are, which many share.
    rows = ((low, row & rest if row & singles else row) for low, row in found.items() if not singles >> low & 1)
    return {low: row for low, row in rows if row}


def _add(rows: Iterable[tuple[int, int]], partners: Partners) -> None:
    known = partners.get
    for low, row in rows:
        before = known(low)
        partners[low] = row if before is None else before | row


def enough_of(need: int, items: Sequence[tuple[Cuts, int]], check: Check) -> Cuts:
    """The joint failures of items of a weight of `need`."""
    found = _NONE
    for reached, before, item in _joints(need, items, check):
        if reached == need:
            found = _either(found, item if before is None else _joined(before, item))
    return found


def may_have_larger(need: int, items: Sequence[tuple[Cuts, int]], check: Check) -> bool:
    """Whether items of a weight of `need` may have joint failures of more than two that hold no smaller one.

    That there are none is never said wrongly, but whether it is known can come from the order of the items.
    """
    if not _any_larger(need, items, _NONE, check):
        return False
    return _any_larger(need, items, enough_of(need, items, check), check)


def _any_larger(need: int, items: Sequence[tuple[Cuts, int]], settled: Cuts, check: Check) -> bool:
    """The same, where of what holds one of some joint failures of up to two nothing larger can be minimal."""
    return any(
        before is not None and _has_larger(before, item, settled) for _, before, item in _joints(need, items, check)
    )


def _joints(need: int, items: Sequence[tuple[Cuts, int]], check: Check) -> Iterator[tuple[int, Cuts | None, Cuts]]:
    """What is to be joined: a weight, the failures of items before that come to it with an item, and that item.

    Nothing before is needed where the item weighs enough by itself. What comes to less than `need` is joined here.
    """
    so_far, rest = 0, sum([weight for _, weight in items])
    reached = [_NONE] * need
    for item, weight in items:
        so_far += weight
        rest -= weight
        # Less than what the rest can make up for leads nowhere.
        for now in range(min(need, so_far), max(need - rest, 1) - 1, -1):
            check()
            before = reached[now - weight] if now > weight else None
            yield now, before, item
            if now < need:
                reached[now] = _either(reached[now], item if before is None else _joined(before, item))


def _either(some: Cuts, others: Cuts) -> Cuts:
    if some is _NONE:
        return others
    singles = some.singles | others.singles
    return Cuts(singles, together((some.partners, others.partners), singles))


def _joined(some: Cuts, others: Cuts) -> Cuts:
    """The unions of a cut set of each: no pair of a list holds a cut set of one of it, so none holds one of both."""
    both = some.singles & others.singles
    partners: Partners = {}
    _add(_crossed(some.singles ^ both, others.singles ^ both), partners)
    _add(_crossed(others.singles ^ both, some.singles ^ both), partners)
    _add(_holding(others.partners, some), partners)
    _add(_holding(some.partners, others), partners)
    return Cuts(both, partners)


def _crossed(these: int, those: int) -> Iterator[tuple[int, int]]:
    """The pairs of a bit of these and a higher one of those."""
    lowest, end = (those & -those).bit_length() - 1, those.bit_length()
    for bit in bits(these):
        if bit >= end:
            return
        yield bit, those if bit < lowest else those >> bit << bit


def _holding(partners: Partners, others: Cuts) -> Iterator[tuple[int, int]]:
    """The pairs that hold a cut set of another list."""
    singles, pairs = others.singles, others.partners
    for low, row in partners.items():
        kept = row if singles >> low & 1 else row & (singles | pairs.get(low, 0))
        if kept:
            yield low, kept


def _has_larger(some: Cuts, others: Cuts, settled: Cuts) -> bool:
    """Whether a cut set of the one and a cut set of the other may be more than two together, and hold no joint one.

    Neither may hold what is settled.
    """
    mine, theirs = _is_open(some.partners, others, settled), _is_open(others.partners, some, settled)
    if mine and theirs:
        return True
    if mine:
        return bool(others.singles & ~(some.singles | settled.singles))
    return theirs and bool(some.singles & ~(others.singles | settled.singles))


def _is_open(partners: Partners, others: Cuts, settled: Cuts) -> bool:
    """Whether any of some pairs holds no cut set of another list, nor what is settled."""
    singles, pairs, joint = others.singles | settled.singles, others.partners, settled.partners
    return any(
        row & ~singles & ~pairs.get(low, 0) & ~joint.get(low, 0)
        for low, row in partners.items()
        if not singles >> low & 1
    )
