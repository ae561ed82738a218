"""What has failed in a scenario, in every analysis, against enumeration of all states."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from random import Random

import pytest

from risk.assessment import Assessment
from risk.failing import Failing
from risk.supposed.operations import Fail, Scenario
from risk.terms import FailureLevel
from tests import oracles
from tests.risk.supposing import Case, key, random_case, with_failed
from tests.risk.test_floor import worst_case

Drawn = tuple[Case, list[Fraction], frozenset[int], Assessment, Assessment]


def failing(*keys: str) -> Scenario:
    return Scenario(tuple(Fail(FailureLevel.ENTITY, each) for each in keys))


def cases(count: int, **more: float) -> Iterator[Drawn]:
    """Estates with own failure probabilities, one to three failed entities, and the views before and after."""
    for seed in range(count):
        case = random_case(seed, **more)  # type: ignore[arg-type]
        random = Random(seed)
        size = len(case.promised)
        failed = frozenset(random.sample(range(size), random.randint(1, min(3, size))))
        before = case.assessment()
        yield case, case.own(), failed, before, before.under(failing(*map(key, sorted(failed))))


def test_availability_and_success_are_those_of_a_certain_failure_with_own_availabilities_kept() -> None:
    for case, q, failed, _, view in cases(120, whole=0.4, softness=0.1):
        given = with_failed(q, failed)
        down = oracles.unavailabilities(case.groups, given)
        for v, expected in enumerate(down):
            found = view.composite(key(v))
            assert found.expected.q == pytest.approx(float(expected), rel=1e-9, abs=1e-15)
            success = oracles.expected_success(case.groups, case.soft, given, v)
            assert found.expected_success.q == pytest.approx(float(1 - success), rel=1e-9, abs=1e-15)


def test_a_view_with_failures_is_the_conditional_availability_of_the_view_before_to_the_last_bit() -> None:
    for case, _, failed, before, view in cases(60, whole=0.4):
        for v in range(len(case.groups)):
            conditional = before.conditional(key(v), [key(f) for f in failed])
            assert view.composite(key(v)).expected.q == conditional.q


def test_single_points_and_cut_sets_are_those_of_what_still_stands() -> None:
    for case, _, failed, _, view in cases(120):
        fallen = oracles.down(case.groups, failed)
        for root in range(len(case.groups)):
            points = view.failures.single_points(key(root))
            if root in fallen:
                assert points is None
                assert view.cut_sets(key(root), max_order=3) is None
                continue
            others = [s for s in range(len(case.groups)) if s not in (root, *fallen)]
            expected = {s for s in others if root in oracles.down(case.groups, failed | {s})}
            assert points is not None
            assert {point.entity for point in points} == expected
            found = view.cut_sets(key(root), max_order=3, first=1000)
            assert found is not None
            minimal: list[frozenset[int]] = []
            for order in (1, 2, 3):
                for chosen in map(frozenset, combinations(others, order)):
                    smaller = any(cut < chosen for cut in minimal)
                    if not smaller and root in oracles.down(case.groups, failed | chosen):
                        minimal.append(chosen)
            assert {frozenset(cut.entities) for cut in found.found} == set(minimal)


def test_importance_is_the_difference_that_an_entity_makes_and_what_failed_costs_all_that_its_repair_gives() -> None:
    for case, q, failed, _, view in cases(60):
        given = with_failed(q, failed)
        for row in view.contributions(key(0)):
            with_it, without = list(given), list(given)
            with_it[row.entity], without[row.entity] = Fraction(0), Fraction(1)
            slope = (
                oracles.unavailabilities(case.groups, without)[0] - oracles.unavailabilities(case.groups, with_it)[0]
            )
            assert row.birnbaum == pytest.approx(float(slope), rel=1e-9, abs=1e-12)
            assert row.minutes == pytest.approx(float(given[row.entity] * slope) * 43_200, rel=1e-9, abs=1e-9)


def test_the_floor_is_below_the_expected_and_that_is_below_the_ceiling_and_what_is_down_has_none() -> None:
    for case, _, failed, _, view in cases(120, whole=0.4):
        fallen = oracles.down(case.groups, failed)
        for v in range(len(case.groups)):
            found = view.composite(key(v))
            assert found.guaranteed_floor.q >= found.expected.q - 1e-12
            assert found.ceiling.q <= found.expected.q + 1e-12
            if v in fallen:
                assert (found.expected.q, found.guaranteed_floor.q, found.ceiling.q) == (1, 1, 1)


def test_the_floor_holds_for_every_joint_distribution_of_what_has_not_failed() -> None:
    for case, q, failed, _, view in cases(40, entities=6):
        bound = view.composite(key(0)).guaranteed_floor.q
        assert bound >= min(1.0, worst_case(case.groups, with_failed(q, failed), 0)) - 1e-9


def test_the_ceiling_is_the_least_of_what_the_entity_cannot_do_without_now() -> None:
    for case, q, failed, _, view in cases(60):
        fallen = oracles.down(case.groups, failed)
        for root in set(range(len(case.groups))) - fallen:
            points = {s for s in range(len(case.groups)) if root in oracles.down(case.groups, failed | {s})} - fallen
            assert view.composite(key(root)).ceiling.q == pytest.approx(float(max(q[s] for s in points | {root})))


def test_what_falls_with_more_starts_from_what_has_failed() -> None:
    for case, _, failed, _, view in cases(60):
        for more in range(len(case.groups)):
            fallen = view.failures.cascade([Failing(FailureLevel.ENTITY, key(more))])
            assert fallen.down == oracles.down(case.groups, failed | {more})


def test_the_estates_single_points_stop_what_still_stands() -> None:
    for case, _, failed, _, view in cases(60):
        fallen = oracles.down(case.groups, failed)
        expected = set()
        if 0 not in fallen:
            others = set(range(1, len(case.groups))) - fallen
            expected = {s for s in others if 0 in oracles.down(case.groups, failed | {s})}
        assert {point.entity for point in view.failures.single_points_of_estate()} == expected
