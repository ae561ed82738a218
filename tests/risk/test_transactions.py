"""A transaction that does not exist on the date that is asked about counts nowhere as a transaction."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from risk.assessment import Assessment
from risk.comparison import Comparison
from risk.failing import Failing
from risk.supposed.operations import Fail, Retire, Scenario
from risk.terms import ConcentrationLevel, FailureLevel, FindingCode
from risk.transactions import is_transaction, transactions
from tests.risk.estates import SLA, assess, entity, external, promised
from tests.statements import company, needs, vendor
from topology.facts import Statement
from topology.model import EntityKind, Validity

SOLD = EntityKind.TRANSACTION
LAST = date(2026, 6, 30)


def two_shops(at: date, *between: Statement) -> Assessment:
    """One shop until 30 June and one from 1 July, each needing one of two externals that both need a third.

    Where something stands between them and the externals they need that, and it needs the externals.
    """
    validity = {"old": Validity(until=LAST), "new": Validity(start=date(2026, 7, 1))}
    direct = (needs(key, "a", "b", k=1) for key in validity)
    return assess(
        *(vendor(f"{key}-inc") for key in ("a", "b", "c")),
        *(replace(entity(key, SOLD, "100"), valid=held) for key, held in validity.items()),
        *(external(key, percent="99") for key in ("a", "b", "c")),
        *(between or direct),
        needs("a", "c"),
        needs("b", "c"),
        at=at,
    )


@pytest.mark.parametrize(("at", "open_"), [(LAST, "old"), (date(2026, 7, 1), "new")])
def test_only_the_shop_of_the_day_hangs_on_anything(at: date, open_: str) -> None:
    found = two_shops(at)
    number = found.system.number(open_)
    assert transactions(found.snapshot, found.system, at) == (number,)
    (estate,) = found.failures.single_points_of_estate()
    assert (estate.subject, estate.stops) == ("c", (number,))
    (vendors,) = found.failures.single_points_of_estate(FailureLevel.VENDOR)
    assert (vendors.subject, vendors.stops) == ("c-inc", (number,))
    for root in ("old", "new"):
        assert [point.stops for point in found.failures.single_points(root) or ()] == [(number,)]
    (row,) = found.failures.concentration(ConcentrationLevel.VENDOR).rows
    assert row.stops == (number,)


@pytest.mark.parametrize(("at", "open_"), [(LAST, "old"), (date(2026, 7, 1), "new")])
def test_only_the_shop_of_the_day_has_new_single_points(at: date, open_: str) -> None:
    found = two_shops(at)
    happened = found.failures.cascade([Failing(FailureLevel.ENTITY, "a")], Decimal(10))
    points = found.failures.new_single_points(happened)
    rows = [(found.key_of(point.entity), [found.key_of(n) for n in point.transactions]) for point in points]
    assert rows == [("b", [open_])]


@pytest.mark.parametrize(("at", "open_"), [(LAST, "old"), (date(2026, 7, 1), "new")])
def test_an_illusion_that_both_shops_rest_on_is_priced_for_the_shop_of_the_day(at: date, open_: str) -> None:
    shared = (entity("pay", percent="100"), needs("pay", "a", "b", k=1), needs("old", "pay"), needs("new", "pay"))
    pay = two_shops(at, *shared)
    (told,) = [row.message for row in pay.findings() if row.code is FindingCode.HIDDEN_COMMON_CAUSE]
    assert f'"{open_}" would gain' in told


def test_a_shop_that_a_scenario_retires_is_none_any_more() -> None:
    found = two_shops(LAST)
    retired = found.under(Scenario((Retire("old"),)))
    assert [point.subject for point in found.failures.single_points_of_estate()] == ["c"]
    assert retired.failures.single_points_of_estate() == ()


@pytest.mark.parametrize(("at", "named"), [(LAST, "old"), (date(2026, 7, 1), "new")])
def test_a_gap_of_coverage_names_the_shops_of_the_day(at: date, named: str) -> None:
    """Nothing is agreed with a, b and c; the promise on the old shop is asked about."""
    promise = promised("sla", SLA, "us", "old", "99")
    direct = (needs("old", "a", "b", k=1), needs("new", "old"))
    found = two_shops(at, company("us"), *direct, *promise)
    gaps = found.promises.coverage_gaps()
    assert {gap.supplier for gap in gaps} == {"a", "b", "c"}
    assert {gap.explain().transactions for gap in gaps} == {(named,)}


@pytest.mark.parametrize(("at", "open_"), [(LAST, "old"), (date(2026, 7, 1), "new")])
def test_a_comparison_tells_only_that_the_shop_of_the_day_is_stopped(at: date, open_: str) -> None:
    found = two_shops(at)
    stopped = Comparison(found, found.under(Scenario((Fail(FailureLevel.ENTITY, "c"),)))).newly_stopped
    assert [(row.transaction.key, row.is_down) for row in stopped] == [(open_, True)]


def test_both_ends_of_a_validity_count_and_other_kinds_are_no_transactions() -> None:
    stated = two_shops(LAST).snapshot.entities
    first, last = date(2026, 7, 1), LAST
    assert [is_transaction(stated["old"], day) for day in (last, first)] == [True, False]
    assert [is_transaction(stated["new"], day) for day in (last, first)] == [False, True]
    assert not is_transaction(stated["a"], last)
