"""Expected success against enumeration of the live closure, word for word as section 2 has it."""

from fractions import Fraction

import pytest

from risk.availability import Availability
from risk.limits import Limits, Sampling
from risk.success import expected_success
from risk.terms import Method
from tests import oracles
from tests.risk.models import Part, model
from tests.strategies import as_decimal, engine_system, sample


def test_expected_success_equals_enumeration_with_exact_rationals() -> None:
    felt = 0
    for seed in range(300):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1, certain=seed % 5 == 0, softness=0.2)
        engine = Availability(case.system, case.q)
        for root in range(min(3, len(case.q))):
            found = expected_success(engine, root).unavailability
            assert found == 1 - oracles.expected_success(case.groups, case.soft, case.q, root), (seed, root)
            felt += found != engine.composite(root).unavailability
    assert felt > 200


def test_a_supplier_with_two_live_edges_costs_the_larger_loss_once() -> None:
    q = [Fraction(0), Fraction(0), Fraction(1, 10)]
    soft = (((2, Fraction(1, 5)),), ((2, Fraction(1, 2)),), ())
    system = engine_system([((1, (1,)),), (), ()], soft)
    assert expected_success(Availability(system, q), 0).unavailability == Fraction(1, 20)


def test_a_group_with_enough_members_that_lose_nothing_hides_a_loss() -> None:
    """1 of (a, b): a loses half without s; it is felt only when b is down."""
    q = [Fraction(0), Fraction(0), Fraction(1, 10), Fraction(1, 5)]
    soft = ((), ((3, Fraction(1, 2)),), (), ())
    system = engine_system([((1, (1, 2)),), (), (), ()], soft)
    assert expected_success(Availability(system, q), 0).unavailability == Fraction(1, 10) * Fraction(1, 5) / 2


def test_a_cause_that_already_stops_the_root_is_not_lost_twice() -> None:
    found = model(
        {"v": Part("100", ["a"], {"s": "0.5"}), "a": Part("100", ["x"]), "s": Part("100", ["x"]), "x": Part("90")}
    )
    engine = found.engine()
    root = found.number("v")
    assert expected_success(engine, root).unavailability == pytest.approx(engine.composite(root).unavailability)


def test_a_degradation_without_a_stated_loss_costs_nothing() -> None:
    found = model({"v": Part("99", (), {"s": None}), "s": Part("50")})
    assert expected_success(found.engine(), found.number("v")).unavailability == pytest.approx(0.01)


def test_a_soft_supplier_that_is_merely_degraded_has_no_effect() -> None:
    found = model({"v": Part("100", (), {"s": "0.5"}), "s": Part("100", (), {"t": "0.5"}), "t": Part("90")})
    assert expected_success(found.engine(), found.number("v")).unavailability == 0


def test_a_total_loss_counts_as_being_down() -> None:
    found = model({"v": Part("99", (), {"s": "1"}), "s": Part("90")})
    assert expected_success(found.engine(), found.number("v")).unavailability == pytest.approx(1 - 0.99 * 0.9)


def test_decimals_of_losses_stay_exact() -> None:
    assert str(as_decimal(Fraction(1, 5))) == "0.2"


@pytest.mark.parametrize(("most", "method"), [(0, Method.SAMPLED), (25, Method.INTERVAL)])
def test_losses_that_few_formulas_do_not_tell_are_bounded_or_sampled(most: int, method: Method) -> None:
    """The exact figure lies within: for certain between losing nothing and all, or with the stated confidence."""
    limits = Limits(loss_formulas=most, sampling=Sampling(samples=1 << 12))
    used = 0
    for seed in range(60):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1, softness=0.4)
        found = expected_success(Availability(case.system, case.q, limits=limits), 0)
        exact = 1 - oracles.expected_success(case.groups, case.soft, case.q, 0)
        assert found.lower <= exact <= found.upper, seed
        used += found.method is method
    assert used > 5
