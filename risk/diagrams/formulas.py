"""Failure formulas, each stored once: literals, thresholds over weighted formulas, and negations.

A formula is a number. 0 never holds, 1 always does. Equal formulas have equal numbers, so that what was computed of one
is known wherever it turns up again. Items stand in an order that comes from what they are, not from when they came up:
whatever was asked before, and whatever else a system holds, a formula is computed in the same way, to the last bit.
"""

from collections.abc import Iterable
from itertools import repeat
from operator import itemgetter

from risk.limits import Check, paced, unhurried

Items = tuple[tuple[int, int], ...]
"""Formulas with their weights."""

NEVER = 0
ALWAYS = 1
LITERAL = 0
NEGATION = -1


class Formulas:
    """A growing table of formulas over numbered variables.

    Attributes:
        need: for each formula LITERAL, NEGATION, or the joint weight of items that makes it hold (1: any of them).
        over: the formulas that each is over; none for literals.
        weights: their weights, where a threshold weighs them differently or lies between any and all; else none.
        variable_of: the variable of each literal.
        variables: the variables of each formula, as a bitset of the bits that their literals were made with.
        rank: what formulas are ordered by: their variables, then a digest of how they are built.
    """

    def __init__(self) -> None:
        self.need: list[int] = [LITERAL, LITERAL]
        self.over: list[tuple[int, ...]] = [(), ()]
        self.weights: list[tuple[int, ...]] = [(), ()]
        self.variables: list[int] = [0, 0]
        self.rank: list[tuple[int, int]] = [(0, 0), (0, 1)]
        self.variable_of: dict[int, int] = {}
        self._literals: dict[int, int] = {}
        self._numbers: dict[tuple[int, tuple[int, ...], tuple[int, ...]], int] = {}

    def literal(self, variable: int, bit: int, name: int | None = None) -> int:
        """The formula that holds when the variable does.

        Args:
            variable: its number.
            bit: its place among all variables.
            name: what tells it from others in every system, a digest of keys; absent: its number.
        """
        found = self._literals.get(variable)
        if found is None:
            found = self._literals[variable] = self._added(
                LITERAL, (), (), 1 << bit, variable if name is None else name
            )
            self.variable_of[found] = variable
        return found

    def items(self, formula: int) -> Items:
        """The formulas that a gate is over, with their weights."""
        over, weights = self.over[formula], self.weights[formula]
        return tuple(zip(over, weights or repeat(1), strict=False))

    def negation(self, formula: int) -> int:
        """The formula that holds when the other does not."""
        if formula in (NEVER, ALWAYS):
            return ALWAYS - formula
        if self.need[formula] == NEGATION:
            return self.over[formula][0]
        return self._gate(NEGATION, (formula,))

    def any_of(self, formulas: Iterable[int]) -> int:
        """Holds when any of the formulas does."""
        flat: set[int] = set()
        for formula in formulas:
            if formula == ALWAYS:
                return ALWAYS
            if self.need[formula] == 1:
                flat.update(self.over[formula])
            elif formula != NEVER:
                flat.add(formula)
        if len(flat) < 2:
            return flat.pop() if flat else NEVER
        return self._gate(1, tuple(self.ordered(flat)))

    def all_of(self, formulas: Iterable[int]) -> int:
        """Holds when all of the formulas do."""
        distinct = set(formulas)
        if NEVER in distinct:
            return NEVER
        distinct.discard(ALWAYS)
        if len(distinct) < 2:
            return distinct.pop() if distinct else ALWAYS
        return self._gate(len(distinct), tuple(self.ordered(distinct)))

    def at_least(self, need: int, items: Iterable[tuple[int, int]]) -> int:
        """Holds when formulas of a joint weight of `need` do."""
        weights: dict[int, int] = {}
        for formula, weight in items:
            if formula == ALWAYS:
                need -= weight
            elif formula != NEVER:
                weights[formula] = weights.get(formula, 0) + weight
        if need <= 0:
            return ALWAYS
        total = sum(weights.values())
        if total < need:
            return NEVER
        if total - min(weights.values()) < need:
            return self.all_of(weights)
        alone = [formula for formula, weight in weights.items() if weight >= need]
        if alone:
            rest = ((formula, weight) for formula, weight in weights.items() if weight < need)
            return self.any_of((*alone, self.at_least(need, rest)))
        over = self.ordered(weights)
        return self._gate(need, tuple(over), tuple([weights[formula] for formula in over]))

    def ordered(self, formulas: Iterable[int]) -> list[int]:
        """Formulas in the order of what they are."""
        return sorted(formulas, key=self.rank.__getitem__)

    def is_all(self, formula: int) -> bool:
        """Whether a gate holds only when all of its several items do."""
        return not self.weights[formula] and self.need[formula] == len(self.over[formula]) > 1

    def _gate(self, need: int, over: tuple[int, ...], weights: tuple[int, ...] = ()) -> int:
        key = (need, over, weights)
        found = self._numbers.get(key)
        if found is None:
            variables = 0
            for item in over:
                variables |= self.variables[item]
            found = self._numbers[key] = self._added(need, over, weights, variables)
        return found

    def _added(self, need: int, over: tuple[int, ...], weights: tuple[int, ...], variables: int, name: int = 0) -> int:
        self.need.append(need)
        self.over.append(over)
        self.weights.append(weights)
        self.variables.append(variables)
        # Python digests tuples of whole numbers alike in every process.
        self.rank.append((variables, hash((need, name, weights, *[self.rank[item][1] for item in over]))))
        return len(self.need) - 1


def factored(formulas: Formulas, parts: Iterable[int], check: Check = unhurried) -> tuple[tuple[int, ...], ...]:
    """Formulas of which any may hold, told apart into sets that share no variable.

    `check` is called every few hundred formulas.
    """
    flat: set[int] = set()
    for part in parts:
        if formulas.need[part] == 1:
            flat.update(formulas.over[part])
        elif part != NEVER:
            flat.add(part)
    found: list[tuple[int, list[int]]] = []
    for part in paced(formulas.ordered(flat), check):
        mask, together = formulas.variables[part], [part]
        apart = []
        for other, members in found:
            if other & mask:
                mask |= other
                together += members
            else:
                apart.append((other, members))
        found = [*apart, (mask, together)]
    return tuple(tuple(formulas.ordered(members)) for _, members in sorted(found, key=itemgetter(0)))
