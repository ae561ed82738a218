"""The beta factor: a common event in a group."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import prod
from random import Random

import pytest

from risk.availability import Availability
from risk.common_cause import common_causes
from risk.cut_sets import cut_sets
from risk.floor import ceiling, guaranteed
from risk.graph import Group, SoftEdge, System, assembled
from risk.importance import fussell_vesely, importances
from risk.success import expected_success
from tests import oracles
from tests.risk.estates import assess, checkout
from tests.strategies import Sample, engine_system, sample

BETA = Decimal("0.1")


def pair(beta: Decimal | None) -> System:
    """0 needs 1 of (1, 2)."""
    return assembled(("v", "a", "b"), ((Group(1, (1, 2), beta=beta),), (), ()))


def test_a_common_event_takes_its_share_of_the_least_faulty_member() -> None:
    """Q = .01 and .02, beta = .1: q_c = .001, q' = (q - q_c) / (1 - q_c)."""
    engine = Availability(pair(BETA), [Fraction(0), Fraction(1, 100), Fraction(1, 50)])
    rest = Fraction(9, 999) * Fraction(19, 999)
    assert engine.composite(0).unavailability == 1 - (1 - Fraction(1, 1000)) * (1 - rest)
    assert engine.composite(1).unavailability == Fraction(1, 100)
    assert engine.composite(2).unavailability == Fraction(1, 50)


def test_the_sensitivity_gives_every_redundant_group_a_cause() -> None:
    system = pair(None)
    own = [Fraction(0), Fraction(1, 100), Fraction(1, 50)]
    causes = common_causes(system, BETA)
    assert causes is not None
    found = Availability(causes.system, causes.figures(own)).composite(0)
    assert found == Availability(pair(BETA), own).composite(0)
    assert common_causes(system) is None
    assert common_causes(engine_system([((1, (1,)), (2, (1, 2))), (), ()]), BETA) is None


def test_a_cause_is_no_entity_of_any_answer() -> None:
    engine = Availability(pair(BETA), [0.0, 0.01, 0.02])
    rows = importances(engine, 0)
    assert {row.entity for row in rows} == {0, 1, 2}
    assert engine.prepared.needs(0, lambda: None) == {0}
    assert ceiling(engine.prepared, engine.own, 0) == 0
    assert guaranteed(engine.prepared, engine.own, 0) == pytest.approx(0.01)


def test_a_cut_set_is_as_likely_as_its_entities_failing_together_by_whatever_makes_them() -> None:
    """Q = .1 and .2, beta = .5: q_c = .05, q' = .05/.95 and .15/.95; all of U is both having failed."""
    engine = Availability(pair(Decimal("0.5")), [0.0, 0.1, 0.2])
    (cut,) = cut_sets(engine, 0).found
    assert cut.probability == pytest.approx(0.05 + 0.95 * (0.05 / 0.95) * (0.15 / 0.95), rel=1e-14)
    assert cut.probability == pytest.approx(engine.composite(0).unavailability, rel=1e-14)
    assert fussell_vesely(engine, 0, 1) == pytest.approx(1, rel=1e-14)


def test_joint_failures_are_those_of_enumerated_events() -> None:
    random = Random(11)
    for _ in range(60):
        size = random.randint(3, 6)
        groups = [
            Group(1, tuple(sorted(random.sample(range(1, size + 1), random.randint(2, size)))), beta=Decimal("0.3"))
            for _ in range(random.randint(1, 3))
        ]
        system = assembled(tuple(f"e{n}" for n in range(size + 1)), (tuple(groups), *((),) * size))
        own = [Fraction(0), *(Fraction(random.randint(1, 9), 20) for _ in range(size))]
        causes = common_causes(system)
        assert causes is not None
        figures = causes.figures(own)
        for count in (1, 2, 3):
            chosen = random.sample(range(1, size + 1), count)
            found = causes.all_failed(chosen, figures)
            events = sorted({*chosen, *(cause for entity in chosen for cause in causes.of.get(entity, ()))})
            expected = Fraction(0)
            for state in product((False, True), repeat=len(events)):
                happened = {event for event, is_so in zip(events, state, strict=True) if is_so}
                if all(not happened.isdisjoint((entity, *causes.of.get(entity, ()))) for entity in chosen):
                    expected += prod(figures[e] if e in happened else 1 - figures[e] for e in events)
            assert found == expected
            if count == 1:
                assert found == own[chosen[0]]


def test_the_floor_stays_below_what_a_common_cause_leaves() -> None:
    engine = Availability(pair(Decimal(1)), [0.0, 0.01, 0.02])
    assert engine.composite(0).unavailability == pytest.approx(0.01)
    assert guaranteed(engine.prepared, engine.own, 0) >= engine.composite(0).unavailability


def test_a_conditional_keeps_the_cause() -> None:
    engine = Availability(pair(BETA), [Fraction(0), Fraction(1, 100), Fraction(1, 50)])
    assert engine.conditional(0, [1]).unavailability == Fraction(1, 50)
    assert engine.conditional(0, (), [1]).unavailability == Fraction(1, 1000)


def test_expected_success_feels_the_cause_too() -> None:
    system = assembled(
        ("v", "a", "b", "s"), ((Group(1, (1, 2), beta=BETA),), (), (), ()), ((SoftEdge(3, Decimal("0.5")),), (), (), ())
    )
    engine = Availability(system, [Fraction(0), Fraction(1, 100), Fraction(1, 50), Fraction(1, 10)])
    up = 1 - engine.composite(0).unavailability
    assert 1 - expected_success(engine, 0).unavailability == up * (1 - Fraction(1, 20))


def test_a_member_of_several_groups_is_relieved_of_each_cause_in_turn() -> None:
    system = engine_system([((1, (1, 2)), (1, (1, 3))), (), (), ()])
    causes = common_causes(system, Decimal(1))
    assert causes is not None
    figures = causes.figures([Fraction(0), *[Fraction(1, 10)] * 3])
    assert figures[1] == 0
    assert Availability(causes.system, figures).composite(0).unavailability == 1 - Fraction(9, 10) ** 2


def with_causes(case: Sample, beta: Fraction) -> tuple[list[list[tuple[int, Sequence[int]]]], list[Fraction]]:
    """The definition, word by word: a cause for each redundant group, of which each member is relieved in turn."""
    groups: list[list[tuple[int, Sequence[int]]]] = [list(own) for own in case.groups]
    q = list(case.q)
    for needs in case.groups:
        for required, members in needs:
            if required == len(members) or len(members) < 2:
                continue
            cause = beta * min(case.q[member] for member in members)
            for member in members:
                groups[member].append((1, [len(groups)]))
                q[member] = max(Fraction(0), 1 - (1 - q[member]) / (1 - cause))
            groups.append([])
            q.append(cause)
    return groups, q


def test_the_sensitivity_equals_enumeration_with_a_cause_in_every_redundant_group() -> None:
    """Groups of others share their members' causes too: a cause is there whoever asks."""
    moved = 0
    for seed in range(120):
        case = sample(seed, entities=6, cyclic=seed % 2 == 1)
        groups, q = with_causes(case, Fraction(1, 10))
        if len(groups) > 12:
            continue
        expected = oracles.unavailabilities(groups, q)
        engine = Availability(case.system, case.q)
        for root in range(len(case.q)):
            found = engine.supposing(BETA, root).composite(root)
            assert found.is_exact
            assert found.unavailability == expected[root], (seed, root)
            moved += found.unavailability != engine.composite(root).unavailability
    assert moved > 60


def test_a_group_that_states_its_beta_keeps_it_in_the_sensitivity() -> None:
    engine = Availability(pair(Decimal("0.5")), [Fraction(0), Fraction(1, 100), Fraction(1, 50)])
    assert engine.supposing(BETA, 0).composite(0).unavailability == engine.composite(0).unavailability
    none = Availability(pair(Decimal(0)), [Fraction(0), Fraction(1, 100), Fraction(1, 50)])
    assert none.supposing(BETA, 0).composite(0).unavailability == Fraction(1, 5000)


def test_checkout_is_sensitive_to_a_common_cause_of_its_payment_providers() -> None:
    """Of psp_a (5e-4) and psp_b (1e-3): q_c = 5e-5, and what is left of each by q' = 1 - (1 - q)/(1 - q_c)."""
    found = assess(*checkout())
    cause = 0.1 * 5e-4
    pair_down = cause + (1 - cause) * (1 - (1 - 5e-4) / (1 - cause)) * (1 - (1 - 1e-3) / (1 - cause))
    others = 0.9999**6 * 0.9995  # web, api, payments, identity, cdn, cloud_x and orders_db
    assert 1 - found.sensitivity_to_common_cause("checkout").q == pytest.approx(others * (1 - pair_down), rel=1e-14)
    assert found.sensitivity_to_common_cause("web") == found.composite("web").expected
