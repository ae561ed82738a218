"""A formula of very many gates is taken apart in linear time, with looks at the clock all the way."""

from collections.abc import Callable, Mapping

import pytest

from risk.diagrams.conditioning import Conditioner
from risk.diagrams.formulas import Formulas, factored
from risk.diagrams.modules import children_first, modules_of
from risk.diagrams.ordering import leaf_orders
from risk.limits import DEFAULT_LIMITS, Check
from topology.errors import DeadlinePassed

GATES = 20_000
VARIABLES = 12


def entangled() -> tuple[Formulas, int]:
    """One module of very many gates over few variables, one beneath the other."""
    formulas = Formulas()
    literals = [formulas.literal(variable, variable) for variable in range(VARIABLES)]
    top = literals[0]
    for step in range(1, GATES // 2):
        pair = (literals[step % VARIABLES], literals[(7 * step + step // VARIABLES) % VARIABLES])
        top = formulas.all_of((formulas.any_of((top, pair[0])), pair[1], literals[step // 5 % VARIABLES]))
    return formulas, top


FORMULAS, TOP = entangled()
MODULE = modules_of(FORMULAS, TOP)[-1]
PASSES: Mapping[str, Callable[[Check], object]] = {
    "a walk": lambda check: children_first(FORMULAS, TOP, check),
    "modules": lambda check: modules_of(FORMULAS, TOP, check),
    "orders": lambda check: leaf_orders(MODULE, check),
    "factors": lambda check: factored(FORMULAS, range(len(FORMULAS.need)), check),
    "conditioning": lambda check: Conditioner(FORMULAS, DEFAULT_LIMITS, check).split(TOP),
}


def test_the_formula_is_one_module_of_very_many_gates() -> None:
    assert len(MODULE.gates) > GATES * 3 // 4
    assert len(MODULE.leaves) == VARIABLES


@pytest.mark.parametrize("one", PASSES)
def test_a_pass_over_a_large_formula_looks_at_the_clock_again_and_again(one: str) -> None:
    """Whenever the deadline passes it is heard: after one look, or after several."""
    for looks in range(4):
        left = looks

        def after_some() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise DeadlinePassed("too late")

        with pytest.raises(DeadlinePassed):
            PASSES[one](after_some)
