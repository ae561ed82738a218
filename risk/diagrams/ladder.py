"""From a formula to its probability: the cheapest way that is exact, and guaranteed bounds where none is within limits.

Rungs, by size and never by guess: closed form and diagrams up to `diagram_nodes`, then up to `large_diagram_nodes` by
the library; conditioning with a budget; bounds that hold for certain, from diagrams of the states with few failures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from risk.diagrams.compilation import Compilation, Way, ways_within
from risk.diagrams.conditioning import Conditioner, Exact, OutOfBudget, Split
from risk.diagrams.diagram import TooManyNodes
from risk.diagrams.factors import Factor
from risk.diagrams.formulas import NEGATION, Formulas
from risk.diagrams.modules import children_first
from risk.limits import Check, Limits, unhurried
from risk.probability import P, either
from risk.terms import Method
from topology.errors import AnalysisTooLarge

_CHILD_NODES = 5_000
"""Decision nodes of one diagram of a part that is bounded by itself."""


@dataclass(frozen=True, slots=True)
class Bounded:
    """A monotone formula of which only bounds are known: the better of two pairs, which both hold for certain.

    Formula: `whole` looks at few failures; and of parts of which any makes the formula hold, monotone and so positively
    associated, `max P(part) <= P <= 1 - prod (1 - P(part))`.
    Source: Harris (1960), Fortuin, Kasteleyn and Ginibre (1971).
    """

    whole: Factor
    parts: tuple[Factor, ...] = field(repr=False)

    @property
    def nodes(self) -> int:
        """The decision nodes of all diagrams."""
        return self.whole.nodes + sum(part.nodes for part in self.parts)

    def bounds(self, q: Sequence[P], check: Check = unhurried) -> tuple[P, P]:
        """A lower and an upper bound of the probability under the probability q of each variable."""
        lower, upper = self.whole.bounds(q, check)
        together = q[0] * 0
        for part in self.parts:
            least, most = part.bounds(q, check)
            lower = max(lower, least)
            together = either(together, most)
        return lower, min(upper, together) if self.parts else upper


Solution = Exact | Bounded
Rung = Callable[[Check], Solution]


def solved(formulas: Formulas, formula: int, limits: Limits, check: Check) -> Solution:
    """A formula made ready to be evaluated, by the first rung that holds it.

    Raises:
        AnalysisTooLarge: none does, and it holds negations: bounds are for monotone formulas.
    """
    return Climb(formulas, formula, limits).solved(check)


class Climb:
    """The way up for one formula. A rung that did not hold it is never tried again, even if a deadline came between."""

    def __init__(self, formulas: Formulas, formula: int, limits: Limits) -> None:
        self._formulas = formulas
        self._formula = formula
        self._limits = limits
        self._compilation = Compilation(formulas, formula, ways_within(limits))
        self._given_up = 0

    def solved(self, check: Check) -> Solution:
        """The formula made ready, from the first rung on that is not known to fail.

        Raises:
            AnalysisTooLarge: as `solved` does.
            DeadlinePassed: the check said so; asked again, it goes on from the rung that it stood on.
        """
        rungs = self._rungs()
        while True:
            try:
                return rungs[self._given_up](check)
            except (TooManyNodes, OutOfBudget):
                self._given_up += 1

    def _rungs(self) -> list[Rung]:
        """All rungs, from the lowest. They hold this, so it does not keep them: circles wait for the collector."""
        return [self._compilation.exact, self._conditioned, self._bounded]

    def _conditioned(self, check: Check) -> Solution:
        return Conditioner(self._formulas, self._limits, check).split(self._formula)

    def _bounded(self, check: Check) -> Solution:
        formulas, formula, limits = self._formulas, self._formula, self._limits
        if any(formulas.need[node] == NEGATION for node in children_first(formulas, formula, check)):
            most = max(limits.diagram_nodes, limits.large_diagram_nodes)
            raise AnalysisTooLarge(f"no decision diagram within {most} nodes")
        whole = self._compilation.bounded(limits.bounding_nodes, check)
        parts = formulas.over[formula] if formulas.need[formula] == 1 else ()
        ways = (Way(_CHILD_NODES),)
        return Bounded(whole, tuple(Compilation(formulas, p, ways).bounded(_CHILD_NODES, check) for p in parts))


def method_of(solution: Solution) -> Method:
    """Which rung a solution stands on."""
    if isinstance(solution, Split):
        return Method.CONDITIONED
    if isinstance(solution, Bounded):
        return Method.INTERVAL
    return Method.DIAGRAM if solution.nodes else Method.CLOSED_FORM


def exact(solution: Solution) -> Exact:
    """A solution of which more than bounds is known.

    Raises:
        AnalysisTooLarge: there are only bounds.
    """
    if isinstance(solution, Bounded):
        raise AnalysisTooLarge("an exact figure is needed here, and only bounds are known")
    return solution
