"""What falls when something fails; the structure function against its definition."""

from itertools import pairwise
from random import Random

import pytest

from risk.impact import failure_impact
from risk.structure import closure, down
from risk.terms import ImpactState
from tests import oracles
from tests.risk.models import Model, checkout
from tests.strategies import engine_system, sample


def impacted(found: Model, *failed: str) -> list[str]:
    impact = failure_impact(found.system, [found.number(key) for key in failed])
    assert impact.count(ImpactState.DOWN) == len(impact.impacts)
    return [found.system.keys[row.entity] for row in impact.impacts]


def test_down_is_the_greatest_fixpoint_whatever_fails() -> None:
    for seed in range(300):
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        random = Random(seed)
        failed = {v for v in range(len(case.q)) if random.random() < 0.25}
        assert down(case.system, failed) == oracles.down(case.groups, failed), seed


def test_more_failures_never_bring_anything_back() -> None:
    for seed in range(60):
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        for extra in range(len(case.q)):
            assert down(case.system, {0}) <= down(case.system, {0, extra})


def test_nothing_failed_is_the_baseline() -> None:
    impact = failure_impact(checkout().system, [])
    assert (impact.failed, impact.impacts) == ((), ())


def test_losing_one_psp_stops_nothing_else() -> None:
    assert impacted(checkout(), "psp-a") == ["psp-a"]


def test_losing_the_cloud_stops_the_transaction_in_four_steps() -> None:
    found = checkout()
    assert impacted(found, "cloud-x") == ["cloud-x", "psp-a", "psp-b", "payments", "api", "checkout"]
    rows = {
        found.system.keys[row.entity]: row for row in failure_impact(found.system, [found.number("cloud-x")]).impacts
    }
    assert [rows[key].distance for key in ("cloud-x", "psp-b", "payments", "api", "checkout")] == [0, 1, 2, 3, 4]
    chain = [found.system.keys[entity] for entity in rows["checkout"].witness]
    assert chain == ["cloud-x", "psp-a", "payments", "api", "checkout"]


def test_a_soft_supplier_stops_nobody() -> None:
    assert impacted(checkout(), "email") == ["email"]


def test_a_group_falls_with_the_last_member_that_it_needed() -> None:
    """0 needs 1 of (1, 2); 2 stands behind 3: the chain goes by way of the later fall."""
    case = engine_system([((1, (1, 2)),), (), ((1, (3,)),), ()])
    (*_, last) = failure_impact(case, [1, 3]).impacts
    assert (last.entity, last.distance, last.witness) == (0, 2, (3, 2, 0))


def test_every_witness_is_a_causal_chain_as_long_as_its_distance() -> None:
    for seed in range(150):
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        random = Random(seed)
        failed = [v for v in range(len(case.q)) if random.random() < 0.3]
        impact = failure_impact(case.system, failed)
        assert {row.entity for row in impact.impacts} == oracles.down(case.groups, failed)
        order = [(row.distance, row.entity) for row in impact.impacts]
        assert order == sorted(order)
        for row in impact.impacts:
            chain = row.witness
            assert chain[0] in failed
            assert (chain[-1], len(chain)) == (row.entity, row.distance + 1)
            for supplier, consumer in pairwise(chain):
                assert supplier in case.system.suppliers(consumer)


def test_a_chain_of_100_000_falls_with_its_end_and_keeps_one_witness_at_a_time() -> None:
    size = 100_000
    case = engine_system([((1, (v + 1,)),) if v + 1 < size else () for v in range(size)])
    impact = failure_impact(case, [size - 1])
    assert impact.count(ImpactState.DOWN) == size
    assert len(impact.impacts[-1].witness) == size


def test_the_hard_closure_leaves_out_soft_suppliers() -> None:
    found = checkout()
    assert "email" not in found.keys(closure(found.system, found.number("checkout")))


@pytest.mark.parametrize("failed", [["psp-a", "psp-b"], ["payments"]])
def test_two_failures_of_a_pair_are_as_bad_as_the_payments_themselves(failed: list[str]) -> None:
    assert "checkout" in impacted(checkout(), *failed)
