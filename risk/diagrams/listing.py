"""The minimal cut sets of formulas, in variables, up to an order; each formula once, whatever asks for it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Final

from risk.diagrams.formulas import LITERAL, Formulas, Items
from risk.diagrams.modules import children_first
from risk.limits import Check, paced
from topology.errors import AnalysisTooLarge

Cut = frozenset[int]
_MOST: Final = 200_000
"""Sets at one gate beyond which a list is of no use."""


class Lister:
    """The minimal cut sets up to an order of one table's formulas, which must be monotone.

    Bottom-up; any of: the union; k of n: the unions of one cut set of each of enough items. Sets above the order are
    dropped as they arise, which loses none of the kept orders.
    """

    def __init__(self, formulas: Formulas, max_order: int) -> None:
        self._formulas = formulas
        self._order = max_order
        self._known: dict[int, tuple[Cut, ...]] = {}
        self._cut_off: set[int] = set()

    def cuts(self, formula: int, check: Check) -> tuple[Cut, ...]:
        """The minimal cut sets within the order.

        Raises:
            AnalysisTooLarge: there are more at one gate than can be listed.
        """
        found = self._known.get(formula)
        if found is not None:
            return found
        for node in children_first(self._formulas, formula):
            if node not in self._known:
                check()
                self._known[node] = self._worked_out(node, check)
        return self._known[formula]

    def spelled(self, formula: int, members: Sequence[Sequence[int]], check: Check) -> Iterator[tuple[int, ...]]:
        """The same in the members of variables, ascending: one of each variable."""
        for some in self.cuts(formula, check):
            check()
            yield from (tuple(sorted(cut)) for cut in paced(product(*(members[variable] for variable in some)), check))

    def may_have_larger(self, formula: int) -> bool:
        """Whether anything above the order was dropped on the way to a formula that was asked for."""
        return formula in self._cut_off

    def _worked_out(self, node: int, check: Check) -> tuple[Cut, ...]:
        need, items = self._formulas.need[node], self._formulas.items(node)
        if need == LITERAL:
            return (frozenset((self._formulas.variable_of[node],)),)
        if any(item in self._cut_off for item, _ in items):
            self._cut_off.add(node)
        if need == 1:
            return tuple(minimal(paced((cut for item, _ in items for cut in self._known[item]), check), check))
        if self._takes_more(need, items):
            self._cut_off.add(node)
            return ()
        reached: list[list[Cut]] = [[frozenset()], *([] for _ in range(need))]
        rest = sum(weight for _, weight in items)
        for item, weight in items:
            rest -= weight
            # Less than what the rest can make up for leads nowhere.
            for now in range(need, max(need - rest, 1) - 1, -1):
                before = reached[max(now - weight, 0)]
                reached[now] = self._joined(node, reached[now], before, self._known[item], check)
        return tuple(reached[need])

    def _takes_more(self, need: int, items: Items) -> bool:
        """Whether as many variables as the order has never make enough items hold: items that share none of them."""
        heaviest = sorted((weight for _, weight in items), reverse=True)[: self._order]
        if sum(heaviest) >= need:
            return False
        every = 0
        for item, _ in items:
            variables = self._formulas.variables[item]
            if every & variables:
                return False
            every |= variables
        return True

    def _joined(
        self, node: int, known: Sequence[Cut], some: Sequence[Cut], others: Sequence[Cut], check: Check
    ) -> list[Cut]:
        """The minimal ones of what is known and of the unions of a cut set of each of two lists.

        Those below the order come first: then each of the order either stays or goes at once, and too many are refused
        as soon as they are met.
        """
        if len(some) < len(others):
            some, others = others, some  # the clock is looked at for each of the longer list
        before = {cut for cut in known if len(cut) < self._order}
        shorter = [*before]
        few = [cut for cut in others if len(cut) < self._order]
        for one in some:
            if few and len(one) < self._order:
                check()
                shorter += [both for other in few if len(both := one | other) < self._order]
        kept = set(minimal(shorter, check))
        new = kept - before
        full = {cut for cut in known if len(cut) == self._order and not (new and _holds_any(cut, new))}
        for cut in self._full(node, some, others, check):
            if cut not in full and not _holds_any(cut, kept):
                full.add(cut)
                if len(kept) + len(full) > _MOST:
                    raise AnalysisTooLarge(f"more than {_MOST} cut sets of order {self._order} or less")
        return [*sorted(kept, key=len), *full]

    def _full(self, node: int, some: Iterable[Cut], others: Sequence[Cut], check: Check) -> Iterator[Cut]:
        """The unions that are as large as the order; that there are larger ones is remembered of the node."""
        for one in some:
            check()
            for other in others:
                both = one | other
                if len(both) == self._order:
                    yield both
                elif len(both) > self._order:
                    self._cut_off.add(node)


def minimal(cuts: Iterable[Cut], check: Check) -> Iterator[Cut]:
    """Without repetitions and supersets of others, smallest first."""
    kept: set[Cut] = set()
    for cut in paced(sorted(set(cuts), key=len), check):
        if not _holds_any(cut, kept):
            kept.add(cut)
            yield cut


def _holds_any(cut: Cut, others: Collection[Cut]) -> bool:
    """Whether a cut set holds a smaller one of some."""
    return len(cut) > 1 and any(
        frozenset(part) in others for size in range(1, len(cut)) for part in combinations(cut, size)
    )
