"""Failure formulas, each stored once: literals, thresholds over weighted formulas, and negations.

A formula is a number. 0 never holds, 1 always does. Equal formulas have equal numbers, so that what was computed of one
is known wherever it turns up again. Items stand in an order that comes from what they are, not from when they came up:
whatever was asked before, and whatever else a system holds, a formula is computed in the same way, to the last bit.
"""

from collections.abc import Iterable
from operator import itemgetter

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
        items: a literal's variable with weight 1, the negated formula, or the weighted formulas.
        variables: the variables of each formula, as a bitset of the bits that their literals were made with.
        rank: what formulas are ordered by: their variables, then a digest of how they are built.
    """

    def __init__(self) -> None:
        self.need: list[int] = [LITERAL, LITERAL]
        self.items: list[Items] = [(), ()]
        self.variables: list[int] = [0, 0]
        self.rank: list[tuple[int, int]] = [(0, 0), (0, 1)]
        self._numbers: dict[tuple[int, Items], int] = {}

    def literal(self, variable: int, bit: int, name: int | None = None) -> int:
        """The formula that holds when the variable does.

        Args:
            variable: its number.
            bit: its place among all variables.
            name: what tells it from others in every system, a digest of keys; absent: its number.
        """
        return self._stored(LITERAL, ((variable, 1),), 1 << bit, variable if name is None else name)

    def negation(self, formula: int) -> int:
        """The formula that holds when the other does not."""
        if formula in (NEVER, ALWAYS):
            return ALWAYS - formula
        if self.need[formula] == NEGATION:
            return self.items[formula][0][0]
        return self._stored(NEGATION, ((formula, 1),), self.variables[formula])

    def any_of(self, formulas: Iterable[int]) -> int:
        """Holds when any of the formulas does."""
        flat: set[int] = set()
        for formula in formulas:
            if formula == ALWAYS:
                return ALWAYS
            if self.need[formula] == 1:
                flat.update(item for item, _ in self.items[formula])
            elif formula != NEVER:
                flat.add(formula)
        if len(flat) < 2:
            return flat.pop() if flat else NEVER
        return self._gate(1, tuple((item, 1) for item in self.ordered(flat)))

    def all_of(self, formulas: Iterable[int]) -> int:
        """Holds when all of the formulas do."""
        distinct = set(formulas) - {ALWAYS}
        return self.at_least(len(distinct), ((formula, 1) for formula in distinct))

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
        alone = [formula for formula, weight in weights.items() if weight >= need]
        rest = tuple((f, weights[f]) for f in self.ordered(f for f, w in weights.items() if w < need))
        total = sum(weight for _, weight in rest)
        if total < need:
            return self.any_of(alone)
        if all(total - weight < need for _, weight in rest):
            need, rest = len(rest), tuple((formula, 1) for formula, _ in rest)
        gate = self._gate(need, rest)
        return self.any_of((*alone, gate)) if alone else gate

    def ordered(self, formulas: Iterable[int]) -> list[int]:
        """Formulas in the order of what they are."""
        return sorted(formulas, key=self.rank.__getitem__)

    def is_all(self, formula: int) -> bool:
        """Whether a gate holds only when all of its several items do."""
        need, items = self.need[formula], self.items[formula]
        return need == len(items) > 1 and need == sum([weight for _, weight in items])

    def _gate(self, need: int, items: Items) -> int:
        variables = 0
        for item, _ in items:
            variables |= self.variables[item]
        return self._stored(need, items, variables)

    def _stored(self, need: int, items: Items, variables: int, name: int = 0) -> int:
        key = (need, items)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.need)
            self.need.append(need)
            self.items.append(items)
            self.variables.append(variables)
            parts = () if need == LITERAL else ((self.rank[item][1], weight) for item, weight in items)
            # Python digests tuples of whole numbers alike in every process.
            self.rank.append((variables, hash((need, name, *parts))))
        return found


def factored(formulas: Formulas, parts: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    """Formulas of which any may hold, told apart into sets that share no variable."""
    flat: set[int] = set()
    for part in parts:
        if formulas.need[part] == 1:
            flat.update(item for item, _ in formulas.items[part])
        elif part != NEVER:
            flat.add(part)
    found: list[tuple[int, list[int]]] = []
    for part in formulas.ordered(flat):
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
