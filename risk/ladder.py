"""From a formula to its probability: the cheapest way that is exact, and guaranteed bounds where none is within limits.

Rungs, by size and never by guess: closed form and diagrams up to `diagram_nodes`; diagrams up to `large_diagram_nodes`;
conditioning with a budget; diagrams of the states with few failures, whose bounds hold for certain.
"""

from risk.conditioning import Conditioner, OutOfBudget, Split
from risk.diagram import TooManyNodes
from risk.factors import Factor, compiled
from risk.formulas import NEGATION, Formulas
from risk.limits import Check, Limits
from risk.modules import children_first
from risk.terms import Method
from topology.errors import AnalysisTooLarge

Solution = Factor | Split


def solved(formulas: Formulas, formula: int, limits: Limits, check: Check) -> Solution:
    """A formula made ready to be evaluated, by the first rung that holds it.

    Raises:
        AnalysisTooLarge: none does, and it holds negations: bounds are for monotone formulas.
    """
    for limit in (limits.diagram_nodes, limits.large_diagram_nodes):
        try:
            return compiled(formulas, formula, limit, check)
        except TooManyNodes:
            continue
    try:
        return Conditioner(formulas, limits, check).solved(formula)
    except OutOfBudget:
        pass
    if all(formulas.need[node] != NEGATION for node in children_first(formulas, formula)):
        return compiled(formulas, formula, limits.bounding_nodes, check, bounded=True)
    raise AnalysisTooLarge(f"no decision diagram within {max(limits.diagram_nodes, limits.large_diagram_nodes)} nodes")


def method_of(solution: Solution) -> Method:
    """Which rung a solution stands on."""
    if isinstance(solution, Split):
        return Method.CONDITIONED
    if not solution.is_exact:
        return Method.INTERVAL
    return Method.DIAGRAM if solution.nodes else Method.CLOSED_FORM
