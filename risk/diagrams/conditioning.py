"""Formulas too entangled for one diagram: decided on one variable, both branches simplified and tried again.

Formula: `P(f) = q P(f | x failed) + (1 - q) P(f | x works)`, x the variable with the largest product of occurrences and
gates above it. Exact; every branch falls into independent factors of its own.
Cost: two branches for each variable, within a budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from risk.bitsets import tallied
from risk.diagrams.compilation import compiled
from risk.diagrams.diagram import TooManyNodes
from risk.diagrams.factors import Factor
from risk.diagrams.formulas import ALWAYS, LITERAL, NEGATION, NEVER, Formulas, factored
from risk.diagrams.modules import children_first
from risk.limits import Check, Limits, paced, unhurried
from risk.probability import P, either


class OutOfBudget(Exception):
    """More branches would be needed than the budget has."""


@dataclass(frozen=True, slots=True)
class Split:
    """A formula decided on one variable: independent factors of either branch, any of which makes it hold."""

    variable: int
    failed: "tuple[Exact, ...]" = field(repr=False)
    working: "tuple[Exact, ...]" = field(repr=False)
    certain_when_failed: bool

    def bounds(self, q: Sequence[P], _check: Check = unhurried) -> tuple[P, P]:
        """The probability, twice."""
        found = self.probability(q)
        return found, found

    @property
    def nodes(self) -> int:
        """The decision nodes of all branches."""
        return 1 + sum(part.nodes for part in (*self.failed, *self.working))

    def probability(self, q: Sequence[P]) -> P:
        """The probability of the formula under the probability q of each variable."""
        chance = q[self.variable]
        return chance * self._failed(q) + (1 - chance) * _any_of(self.working, q)

    def slopes(self, q: Sequence[P], check: Check = unhurried) -> dict[int, P]:
        """The derivative of the probability by each variable's q."""
        chance = q[self.variable]
        found = {self.variable: self._failed(q) - _any_of(self.working, q)}
        _add_slopes(found, self.failed, chance, q, check)
        _add_slopes(found, self.working, 1 - chance, q, check)
        return found

    def _failed(self, q: Sequence[P]) -> P:
        return q[self.variable] * 0 + 1 if self.certain_when_failed else _any_of(self.failed, q)


Exact = Factor | Split


class Conditioner:
    """Solves formulas within limits, branching where a diagram outgrows them."""

    def __init__(self, formulas: Formulas, limits: Limits, check: Check) -> None:
        self._formulas = formulas
        self._limits = limits
        self._check = check
        self._budget = limits.conditionings

    def split(self, formula: int) -> Split:
        """A formula that no diagram holds, decided on one variable and made ready to be evaluated.

        Raises:
            OutOfBudget: the branches were not enough.
        """
        if self._budget <= 0:
            raise OutOfBudget
        self._budget -= 1
        nodes = children_first(self._formulas, formula, self._check)
        literal = _pivot(self._formulas, nodes, self._check)
        when_failed = _restricted(self._formulas, nodes, literal, ALWAYS, self._check)
        when_working = _restricted(self._formulas, nodes, literal, NEVER, self._check)
        return Split(
            self._formulas.variable_of[literal],
            () if when_failed == ALWAYS else self._parts(when_failed),
            self._parts(when_working),
            certain_when_failed=when_failed == ALWAYS,
        )

    def _parts(self, formula: int) -> tuple[Exact, ...]:
        parts = factored(self._formulas, (formula,), self._check)
        return tuple(self._solved(self._formulas.any_of(key)) for key in parts)

    def _solved(self, formula: int) -> Exact:
        try:
            return compiled(self._formulas, formula, self._limits.diagram_nodes, self._check)
        except TooManyNodes:
            pass
        return self.split(formula)


def _restricted(formulas: Formulas, nodes: Sequence[int], literal: int, to: int, check: Check) -> int:
    """The last of some nodes, each after its items, with a literal set `to` ALWAYS or NEVER."""
    mask = formulas.variables[literal]
    known = {literal: to}
    for node in paced(nodes, check):
        if node in known:
            continue
        if not formulas.variables[node] & mask:
            known[node] = node
        elif formulas.need[node] == NEGATION:
            known[node] = formulas.negation(known[formulas.over[node][0]])
        else:
            items = ((known[item], weight) for item, weight in formulas.items(node))
            known[node] = formulas.at_least(formulas.need[node], items)
    return known[nodes[-1]]


def _pivot(formulas: Formulas, nodes: Sequence[int], check: Check) -> int:
    """The literal with the largest product of occurrences and gates above it; of equals the first."""
    occurrences: dict[int, int] = {}
    literals: list[int] = []
    masks: list[int] = []
    for node in paced(nodes, check):
        if formulas.need[node] == LITERAL:
            literals.append(node)
            continue
        masks.append(formulas.variables[node])
        for item in formulas.over[node]:
            occurrences[item] = occurrences.get(item, 0) + 1
    digits = tallied(paced(masks, check))

    def weight(literal: int) -> int:
        bit = formulas.variables[literal]
        above = sum(1 << place for place, digit in enumerate(digits) if digit & bit)
        return occurrences[literal] * above

    return max(formulas.ordered(literals), key=weight)


def _add_slopes(found: dict[int, P], parts: Sequence[Exact], share: P, q: Sequence[P], check: Check) -> None:
    """Add what a branch that is taken with probability `share` contributes."""
    for part in parts:
        others: P = share * (1 - _any_of([other for other in parts if other is not part], q))
        for variable, slope in part.slopes(q, check).items():
            found[variable] = found.get(variable, share * 0) + others * slope


def _any_of(parts: Sequence[Exact], q: Sequence[P]) -> P:
    found = q[0] * 0
    for part in parts:
        found = either(found, part.probability(q))
    return found
