"""The beta factor: a common event in a redundant group."""

from decimal import Decimal
from fractions import Fraction

import pytest

from risk.availability import Availability
from risk.common_cause import with_common_cause
from risk.graph import Group, assembled
from tests.strategies import engine_system


def test_a_common_event_takes_its_share_of_the_least_faulty_member() -> None:
    """1 of 2 at q = .01 and .02, beta = .1: q_c = .001, q' = (q - q_c) / (1 - q_c)."""
    system = engine_system([((1, (1, 2)),), (), ()])
    own = [Fraction(0), Fraction(1, 100), Fraction(1, 50)]
    other, figures = with_common_cause(system, own, Fraction(1, 10), everywhere=True)
    assert figures[3] == Fraction(1, 1000)
    engine = Availability(other, figures)
    rest = Fraction(9, 999) * Fraction(19, 999)
    assert engine.composite(0).unavailability == 1 - (1 - Fraction(1, 1000)) * (1 - rest)
    assert engine.composite(1).unavailability == Fraction(1, 100)
    assert engine.composite(2).unavailability == Fraction(1, 50)


def test_only_groups_that_state_a_beta_have_a_cause_unless_all_are_asked_for() -> None:
    groups = ((Group(1, (1, 2), beta=Decimal("0.5")), Group(1, (3, 4))), (), (), (), ())
    system = assembled(tuple("abcde"), groups)
    own = [0.0, 0.1, 0.1, 0.1, 0.1]
    stated, figures = with_common_cause(system, own, 0.1, everywhere=False)
    assert len(stated) == 6
    assert figures[5] == pytest.approx(0.05)
    everywhere, figures = with_common_cause(system, own, 0.1, everywhere=True)
    assert len(everywhere) == 7
    assert figures[5:] == pytest.approx((0.05, 0.01))


def test_without_a_cause_the_system_is_the_same() -> None:
    system = engine_system([((1, (1,)),), ()])
    assert with_common_cause(system, [0.1, 0.2], 0.1, everywhere=True) == (system, (0.1, 0.2))


def test_a_member_of_several_groups_is_relieved_of_each_cause_in_turn() -> None:
    system = engine_system([((1, (1, 2)), (1, (1, 3))), (), (), ()])
    own = [Fraction(0), *[Fraction(1, 10)] * 3]
    other, figures = with_common_cause(system, own, Fraction(1), everywhere=True)
    assert figures[1] == 0
    assert Availability(other, figures).composite(0).unavailability == 1 - Fraction(9, 10) ** 2
