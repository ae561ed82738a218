"""N-1: "given X down, the new single points are ...", section 3, against its definition."""

from dataclasses import replace
from random import Random

import pytest

from risk.assessment import Assessment
from risk.failing import Failing
from risk.limits import DEFAULT_LIMITS
from risk.new_single_points import NewSinglePoint, new_single_points
from risk.reduced.prepared import Prepared
from risk.terms import FailureLevel
from tests import oracles
from tests.risk.estates import assess, checkout, entity
from tests.statements import needs
from tests.strategies import sample
from topology.errors import DeadlinePassed
from topology.model import EntityKind


def shown(found: Assessment, *failed: str) -> list[tuple[str, list[str]]]:
    happened = found.failures.cascade([Failing(FailureLevel.ENTITY, key) for key in failed])
    rows = found.failures.new_single_points(happened)
    return [(found.key_of(row.entity), [found.key_of(n) for n in row.transactions]) for row in rows]


def test_with_psp_a_down_psp_b_is_the_new_single_point_of_checkout() -> None:
    assert shown(assess(*checkout()), "psp-a") == [("psp-b", ["checkout"])]


def test_what_stops_checkout_leaves_nothing_to_be_new() -> None:
    assert shown(assess(*checkout()), "cloud-x") == []
    assert shown(assess(*checkout()), "psp-a", "psp-b") == []


def test_nothing_failed_makes_nothing_new() -> None:
    assert shown(assess(*checkout())) == []


def test_losing_a_soft_supplier_makes_nothing_new() -> None:
    assert shown(assess(*checkout()), "email") == []


def test_a_point_is_new_only_for_the_transactions_that_it_did_not_stop_before() -> None:
    refund = (entity("refund", EntityKind.TRANSACTION), needs("refund", "psp-b"))
    topup = (entity("topup", EntityKind.TRANSACTION), needs("topup", "psp-a", "psp-b", k=1))
    found = assess(*checkout(), *refund, *topup)
    assert shown(found, "psp-a") == [("psp-b", ["checkout", "topup"])]


def test_new_single_points_follow_their_definition_on_random_systems() -> None:
    seen = {True: 0, False: 0}
    for seed in range(2_000):
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        random = Random(seed)
        size = len(case.q)
        sold = {v for v in range(size) if random.random() < 0.7}
        scenario = {random.randrange(size)} if seed % 4 < 2 else set[int]()
        failed = {v for v in range(size) if random.random() < 0.15}
        fallen = oracles.down(case.groups, scenario | failed)
        expected = {}
        for s in range(size):
            alone = oracles.down(case.groups, scenario | {s})
            stopped = oracles.down(case.groups, scenario | failed | {s}) - fallen - alone - {s}
            if stopped & sold:
                expected[s] = tuple(sorted(stopped & sold))
        prepared = Prepared(replace(case.system, failed=frozenset(scenario)), DEFAULT_LIMITS)
        found = new_single_points(prepared, fallen, sold)
        assert {row.entity: row.transactions for row in found} == expected, seed
        assert found == tuple(sorted(found, key=lambda row: (-len(row.transactions), row.entity)))
        seen[bool(scenario)] += len(found)
    assert seen[True] > 20
    assert seen[False] > 50


def test_a_deadline_is_heard() -> None:
    def late() -> None:
        raise DeadlinePassed

    found = assess(*checkout())
    happened = found.failures.cascade([Failing(FailureLevel.ENTITY, "psp-a")])
    with pytest.raises(DeadlinePassed):
        found.within(late).failures.new_single_points(happened)
    assert found.failures.new_single_points(happened) == (
        NewSinglePoint(found.system.index["psp-b"], (found.system.index["checkout"],)),
    )
