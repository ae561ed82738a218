"""The minimal cut sets of formulas, in variables, up to an order; each formula once, whatever asks for it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Final

from risk.diagrams.formulas import LITERAL, Formulas
from risk.diagrams.modules import children_first
from risk.limits import Check
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
                self._known[node] = self._worked_out(node)
        return self._known[formula]

    def spelled(self, formula: int, members: Sequence[Sequence[int]], check: Check) -> Iterator[tuple[int, ...]]:
        """The same in the members of variables, ascending: one of each variable."""
        for some in self.cuts(formula, check):
            yield from (tuple(sorted(cut)) for cut in product(*(members[variable] for variable in some)))

    def may_have_larger(self, formula: int) -> bool:
        """Whether anything above the order was dropped on the way to a formula that was asked for."""
        return formula in self._cut_off

    def _worked_out(self, node: int) -> tuple[Cut, ...]:
        need, items = self._formulas.need[node], self._formulas.items(node)
        if need == LITERAL:
            return (frozenset((self._formulas.variable_of[node],)),)
        if any(item in self._cut_off for item, _ in items):
            self._cut_off.add(node)
        if need == 1:
            return tuple(minimal(cut for item, _ in items for cut in self._known[item]))
        reached: list[list[Cut]] = [[frozenset()], *([] for _ in range(need))]
        for item, weight in items:
            for missing in range(need, 0, -1):
                joined = self._joined(node, reached[max(missing - weight, 0)], self._known[item])
                reached[missing] = list(minimal((*reached[missing], *joined)))
                if len(reached[missing]) > _MOST:
                    raise AnalysisTooLarge(f"more than {_MOST} cut sets of order {self._order} or less")
        return tuple(reached[need])

    def _joined(self, node: int, some: Iterable[Cut], others: Iterable[Cut]) -> Iterator[Cut]:
        for one in some:
            for other in others:
                both = one | other
                if len(both) <= self._order:
                    yield both
                else:
                    self._cut_off.add(node)


def minimal(cuts: Iterable[Cut]) -> Iterator[Cut]:
    """Without repetitions and supersets of others."""
    kept: set[Cut] = set()
    for cut in sorted(set(cuts), key=len):
        if len(cut) == 1 or not any(
            frozenset(part) in kept for size in range(1, len(cut)) for part in combinations(cut, size)
        ):
            kept.add(cut)
            yield cut
