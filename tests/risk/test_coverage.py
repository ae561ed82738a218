"""Which promises are backed, now and over a horizon: day by day against an assessment made on that day."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from risk.assessment import Assessment
from risk.coverage import CoverageGap
from risk.results import LinkHeadroom
from risk.terms import ReasonCode, Verdict
from tests.risk.changing_estates import AT, ZONES, random_estate
from tests.risk.estates import (
    MONTH,
    OLA,
    SLA,
    UC,
    YEAR,
    assess,
    checkout,
    entity,
    external,
    promised,
    rolling,
    team,
)
from tests.statements import company, degrades, needs, vendor
from topology.errors import DeadlinePassed
from topology.facts import Statement
from topology.model import Agreement, EntityKind, Target
from topology.snapshot import Snapshot

GAPS = {Verdict.UNCOVERED, Verdict.SHORTFALL, Verdict.UNKNOWN}
WORST_FIRST = [
    Verdict.UNCOVERED,
    Verdict.SHORTFALL,
    Verdict.UNKNOWN,
    Verdict.THIN,
    Verdict.COVERED,
    Verdict.ACCEPTED_RISK,
    Verdict.NOT_REQUIRED,
]
DAYS = 50
Row = tuple[str, str]


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def links_on(snapshot: Snapshot, day: date) -> dict[Row, LinkHeadroom]:
    """All links of a day, by commitment and supplier."""
    found = Assessment(snapshot, day)
    return {
        (key, link.supplier): link for key in found.promises.all_commitments() for link in found.promises.links(key)
    }


def rows(found: Assessment, days: int) -> dict[Row, CoverageGap]:
    every = found.promises.coverage_gaps(days, list(Verdict))
    assert len({(row.commitment.key, row.supplier) for row in every}) == len(every)
    return {(row.commitment.key, row.supplier): row for row in every}


def weight(link: LinkHeadroom) -> tuple[int, Decimal]:
    return (WORST_FIRST.index(link.verdict), link.headroom or Decimal(0))


@pytest.mark.parametrize("seed", range(60))
def test_the_horizon_is_the_worst_of_its_days_and_the_first_gap_is_the_first_of_them(seed: int) -> None:
    zone = ZONES[seed % len(ZONES)]
    snapshot = random_estate(seed, zone, DAYS)
    by_day = [links_on(snapshot, AT + timedelta(days=n)) for n in range(DAYS)]
    found = rows(Assessment(snapshot, AT), DAYS)
    assert found.keys() == {row for day in by_day for row in day}
    for key, row in found.items():
        days = [(n, links[key]) for n, links in enumerate(by_day) if key in links]
        _, worst = min(days, key=lambda pair: weight(pair[1]))
        assert (row.verdict, row.headroom) == (worst.verdict, worst.headroom)
        gap = next((n for n, link in days if link.verdict in GAPS), None)
        assert row.first_gap_at == (None if gap is None else midnight(AT + timedelta(days=gap), zone))


@pytest.mark.parametrize("seed", range(60))
def test_without_a_horizon_each_row_is_the_link_of_the_business_date(seed: int) -> None:
    zone = ZONES[seed % len(ZONES)]
    snapshot = random_estate(seed, zone, DAYS)
    at = AT + timedelta(days=seed % 30)
    links, found = links_on(snapshot, at), rows(Assessment(snapshot, at), 0)
    assert found.keys() == links.keys()
    for key, row in found.items():
        link = links[key]
        assert (row.verdict, row.reasons, row.headroom, row.agreement) == (
            link.verdict,
            link.reasons,
            link.headroom,
            link.agreement,
        )
        assert row.first_gap_at == (midnight(at, zone) if link.verdict in GAPS else None)


JUNE = date(2026, 6, 30)
SALES = "sla/sales/availability/calendar_month"


def estate_with(*contracts: Statement, sla: str = "99.5", **terms: Any) -> Assessment:
    """A transaction that needs one external; the contracts are for that."""
    return assess(
        company("acme"),
        vendor("cloud"),
        entity("sales", EntityKind.TRANSACTION),
        external("store", "cloud"),
        needs("sales", "store"),
        *promised("sla", SLA, "acme", "sales", sla, **terms),
        *contracts,
    )


def contract(percent: str = "99.9", key: str = "uc", **terms: Any) -> tuple[Agreement, Target]:
    return promised(key, UC, "cloud", "store", percent, **terms)


def only(found: Assessment, days: int = 0) -> CoverageGap:
    (row,) = found.promises.coverage_gaps(days, list(Verdict))
    return row


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def test_a_gap_counts_since_the_contract_ended() -> None:
    row = only(estate_with(*contract(end=date(2026, 3, 31))))
    assert (row.verdict, row.since, row.first_gap_at) == (Verdict.UNCOVERED, utc(2026, 4, 1), utc(2026, 6, 30))
    assert ReasonCode.EXPIRED in row.reasons


def test_a_gap_is_no_older_than_the_promise() -> None:
    row = only(estate_with(*contract(end=date(2026, 3, 31)), start=date(2026, 5, 1)))
    assert row.since == utc(2026, 5, 1)


def test_a_gap_that_has_always_been_has_no_beginning() -> None:
    assert only(estate_with()).since is None
    assert only(estate_with(start=date(2026, 5, 1))).since == utc(2026, 5, 1)
    assert only(estate_with(*contract())).since is None  # no gap at all


def test_one_gap_that_turns_into_another_counts_from_the_first() -> None:
    # 99 % fall short of 99.5 % from 1 February; from 1 April nothing is promised at all.
    short = contract("99", start=date(2026, 2, 1), end=date(2026, 3, 31))
    row = only(estate_with(*short, *contract(key="uc-0", end=date(2026, 1, 31))))
    assert (row.verdict, row.since) == (Verdict.UNCOVERED, utc(2026, 2, 1))


def test_a_shortfall_counts_since_the_version_that_brought_it() -> None:
    first, figure = contract(start=date(2025, 1, 1))
    second, lower = replace(first, version=2, start=date(2026, 3, 1)), replace(figure, version=2, value=Decimal("0.99"))
    row = only(estate_with(first, figure, second, lower))
    # (.005 - .01) of June's 43 200 minutes.
    assert (row.verdict, row.headroom, row.since) == (Verdict.SHORTFALL, Decimal(-216), utc(2026, 3, 1))
    assert row.agreement == second


def test_without_a_horizon_what_ends_tomorrow_is_covered() -> None:
    found = estate_with(*contract(end=JUNE))
    assert found.promises.coverage_gaps() == ()
    assert found.promises.coverage_gaps(1) == ()
    (row,) = found.promises.coverage_gaps(2)
    assert (row.verdict, row.since, row.first_gap_at) == (Verdict.UNCOVERED, None, utc(2026, 7, 1))


def test_the_verdict_is_the_worst_of_the_horizon_and_its_window_is_shown() -> None:
    # 99.99 % a year allow 52.56 minutes; 99.88 % a month are 51.84 of 30 days, and 48.384 in February.
    row = only(estate_with(*contract("99.99", window=YEAR), sla="99.88"), days=365)
    assert (row.verdict, row.headroom, row.first_gap_at) == (Verdict.SHORTFALL, Decimal("-4.176"), utc(2026, 6, 30))
    assert row.window is not None
    assert (row.window.start, row.window.end) == (utc(2027, 2, 1), utc(2027, 3, 1))


def test_a_rolling_window_falls_short_from_the_first_day_that_can_lie_in_three_months() -> None:
    # 99.9 % a month allow 44.64 minutes in January, 40.32 in February, 44.64 in March 2027: 129.6 in thirty days that
    # touch all three, which the last day of January is the first to lie in. Two months never allow more than 89.28.
    def row(percent: str) -> CoverageGap:
        return only(estate_with(*contract(), sla=percent, window=rolling(30)), days=365)

    assert (row("99.7").verdict, row("99.7").headroom) == (Verdict.COVERED, Decimal(0))  # 129.6 minutes
    assert (row("99.71").verdict, row("99.71").headroom) == (Verdict.SHORTFALL, Decimal("-4.32"))
    assert row("99.71").first_gap_at == utc(2027, 1, 31)


def test_a_promise_above_its_supply_is_told_when_the_supply_changes() -> None:
    first, figure = promised("uc-host", UC, "host", "host", "99.99", start=date(2025, 1, 1))
    second = replace(first, version=2, start=date(2026, 7, 1))
    lower = replace(figure, version=2, value=Decimal("0.99"))
    found = assess(
        company("acme"),
        vendor("cloud"),
        vendor("host"),
        entity("sales", EntityKind.TRANSACTION),
        external("store", "cloud"),
        external("host", "host"),
        needs("sales", "store"),
        needs("store", "host"),
        *promised("sla", SLA, "acme", "sales", "99.95"),
        *contract("99.9"),
        *(first, figure, second, lower),
    )
    by_days = {
        days: {row.supplier: row for row in found.promises.coverage_gaps(days, list(Verdict))} for days in (0, 60)
    }
    assert ReasonCode.PROMISE_EXCEEDS_SUPPLY not in by_days[0]["store"].reasons
    # The worst window of the store is July's: 31 days, with what lies beneath it at 99 %.
    assert ReasonCode.PROMISE_EXCEEDS_SUPPLY in by_days[60]["store"].reasons


def test_transactions_are_those_that_need_the_supplier_hard_by_what_is_committed_to() -> None:
    found = assess(*checkout())
    rows = {row.supplier: row.transactions for row in found.promises.coverage_gaps(0, list(Verdict))}
    assert rows["psp-a"] == ("checkout",)  # a member of a group is needed hard as well
    assert rows["email"] == ()  # softly only


def test_an_ola_names_the_transactions_above_it() -> None:
    found = assess(
        company("acme"),
        team("shop"),
        vendor("cloud"),
        entity("sales", EntityKind.TRANSACTION),
        entity("news", EntityKind.TRANSACTION),
        entity("till", owner="shop"),
        external("store", "cloud"),
        needs("sales", "till"),
        degrades("news", "till", "0.1"),
        needs("till", "store"),
        *promised("ola", OLA, "shop", "till", "99"),
    )
    (row,) = found.promises.coverage_gaps()
    assert (row.commitment.key, row.supplier) == ("ola/till/availability/calendar_month", "store")
    assert row.transactions == ("sales",)


def test_rows_are_kept_and_filters_are_cuts_of_the_same_rows() -> None:
    found = assess(*checkout())
    every = found.promises.coverage_gaps(365, list(Verdict))
    assert all(one is other for one, other in zip(found.promises.coverage_gaps(365, list(Verdict)), every, strict=True))
    gaps = found.promises.coverage_gaps(365)
    assert [row.supplier for row in gaps] == ["cloud-x"]
    assert gaps[0] is next(row for row in every if row.supplier == "cloud-x")


@pytest.mark.parametrize("asked", [0, 4, 8, 12])
def test_a_deadline_leaves_nothing_half_done(asked: int) -> None:
    left = [asked]

    def impatient() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise DeadlinePassed

    found = assess(*checkout())
    expected = assess(*checkout()).promises.coverage_gaps(365, list(Verdict))
    with pytest.raises(DeadlinePassed):
        found.within(impatient).promises.coverage_gaps(365)
    rows = found.promises.coverage_gaps(365, list(Verdict))
    assert rows == expected
    assert [row.explain() for row in rows] == [row.explain() for row in expected]


def test_what_explains_a_row_is_asked_under_no_deadline_of_the_past() -> None:
    ended = [False]

    def over() -> None:
        if ended[0]:
            raise DeadlinePassed

    found = assess(*checkout())
    (row,) = found.within(over).promises.coverage_gaps(365)
    ended[0] = True
    assert ReasonCode.FOURTH_PARTY_NO_CONTRACT in row.reasons


def ahead(*more: Statement) -> Assessment:
    """A promise from 1 September on, seen on 30 June: its store has no contract."""
    return assess(
        company("acme"),
        vendor("cloud"),
        entity("sales", EntityKind.TRANSACTION),
        external("store", "cloud"),
        needs("sales", "store"),
        *promised("sla", SLA, "acme", "sales", "99.9", start=date(2026, 9, 1), timezone="Europe/Oslo"),
        *more,
    )


def test_what_begins_to_be_promised_within_the_horizon_is_looked_at_from_then_on() -> None:
    found = ahead()
    assert found.promises.coverage_gaps(0) == found.promises.coverage_gaps(63) == ()  # 1 September is day 63
    (row,) = found.promises.coverage_gaps(64)
    assert (row.commitment.key, row.supplier) == ("sla/sales/availability/calendar_month", "store")
    assert (row.verdict, row.reasons) == (Verdict.UNCOVERED, (ReasonCode.NO_AGREEMENT,))
    assert row.first_gap_at == midnight(date(2026, 9, 1), "Europe/Oslo")
    assert (row.since, row.transactions) == (None, ("sales",))


def test_a_gap_that_is_closed_before_the_promise_begins_is_none() -> None:
    from_august = promised("uc", UC, "cloud", "store", "99.95", start=date(2026, 8, 1), timezone="Europe/Oslo")
    (row,) = ahead(*from_august).promises.coverage_gaps(365, list(Verdict))
    assert (row.verdict, row.first_gap_at, row.headroom) == (Verdict.COVERED, None, Decimal("20.16"))  # in February


def test_what_a_later_version_adds_is_looked_at_from_then_on() -> None:
    first, target_now = promised("sla", SLA, "acme", "sales", "99.9")
    second = replace(first, version=2, start=date(2026, 9, 1))
    again, added = replace(target_now, version=2), replace(target_now, version=2, window=YEAR)
    found = assess(
        company("acme"),
        vendor("cloud"),
        entity("sales", EntityKind.TRANSACTION),
        external("store", "cloud"),
        needs("sales", "store"),
        *(first, target_now, second, again, added),
    )
    begins = {row.commitment.target.window.kind: row.first_gap_at for row in found.promises.coverage_gaps(365)}
    assert begins == {MONTH.kind: midnight(JUNE, "UTC"), YEAR.kind: midnight(date(2026, 9, 1), "UTC")}
