"""How a commitment fares over time: segments against an assessment made on each of their days."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from risk.assessment import Assessment
from risk.supposed.operations import Fail, Lapse, Operation, Scenario, SetOwnAvailability
from risk.terms import FailureLevel, ReasonCode, Verdict
from risk.timeline import CoverageSegment
from tests.risk.changing_estates import AT, ZONES, random_estate
from tests.risk.estates import SLA, UC, YEAR, agreement, entity, estate, external, promised
from tests.statements import company, needs, vendor
from topology.errors import BadInput
from topology.facts import Statement
from topology.model import EntityKind, Period, Validity
from topology.snapshot import Snapshot

DAYS = 45


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def assert_tiles(segments: tuple[CoverageSegment, ...], start: datetime, end: datetime) -> None:
    assert segments[0].start == start
    assert segments[-1].end == end
    assert all(one.end == other.start for one, other in pairwise(segments))
    assert all(segment.start < segment.end for segment in segments)


@pytest.mark.parametrize("seed", range(60))
def test_segments_tile_the_horizon_and_hold_on_each_of_their_days(seed: int) -> None:
    zone = ZONES[seed % len(ZONES)]
    snapshot = random_estate(seed, zone, DAYS)
    now = Assessment(snapshot, AT).promises
    by_day = [Assessment(snapshot, AT + timedelta(days=n)).promises for n in range(DAYS)]
    for key in now.all_commitments():
        segments = now.timeline(key, DAYS)
        assert_tiles(segments, midnight(AT, zone), midnight(AT + timedelta(days=DAYS), zone))
        least: dict[int, Decimal] = {}
        for n, promises in enumerate(by_day):
            start = midnight(AT + timedelta(days=n), zone)
            place, segment = next((i, s) for i, s in enumerate(segments) if s.start <= start < s.end)
            if key not in promises.all_commitments():
                assert (segment.verdict, segment.agreement, segment.headroom) == (Verdict.NOT_REQUIRED, None, None)
                continue
            found = promises.headroom(key)
            assert (segment.verdict, segment.reasons) == (found.verdict, found.reasons)
            assert segment.agreement == promises.commitment(key).agreement
            if found.expected_minutes is not None:
                least[place] = min(found.expected_minutes, least.get(place, found.expected_minutes))
        for place, minutes in least.items():
            assert segments[place].headroom == pytest.approx(minutes, abs=Decimal("1e-9"))


@pytest.mark.parametrize("seed", range(15))
def test_under_a_scenario_the_segments_hold_on_each_of_their_days_too(seed: int) -> None:
    zone, days = ZONES[seed % len(ZONES)], 20
    snapshot = random_estate(seed, zone, days)
    operation = random_operation(Random(seed), snapshot)
    supposed = Scenario((operation,))
    now = Assessment(snapshot, AT).under(supposed).promises
    by_day = [Assessment(snapshot, AT + timedelta(days=n)).under(supposed).promises for n in range(days)]
    for key in now.all_commitments():
        segments = now.timeline(key, days)
        for n, promises in enumerate(by_day):
            start = midnight(AT + timedelta(days=n), zone)
            segment = next(s for s in segments if s.start <= start < s.end)
            if key in promises.all_commitments():
                found = promises.headroom(key)
                assert (segment.verdict, segment.reasons) == (found.verdict, found.reasons), operation


def random_operation(random: Random, snapshot: Snapshot) -> Operation:
    entity = random.choice([key for key in snapshot.entities if key != "sales"])
    return random.choice(
        (
            Fail(FailureLevel.ENTITY, entity),
            SetOwnAvailability(entity, Decimal("0.99")),
            Lapse(random.choice([key for key in snapshot.agreements if key != "sla"])),
        )
    )


JUNE = date(2026, 6, 30)
KEY = "sla/sales/availability/calendar_month"


def estate_with(*contracts: Statement, sla: str = "99.5", valid: Validity | None = None, **terms: Any) -> Snapshot:
    """A transaction that needs one external; the contracts are for that."""
    return estate(
        company("acme"),
        vendor("cloud"),
        entity("sales", EntityKind.TRANSACTION),
        external("store", "cloud", valid=valid),
        needs("sales", "store"),
        *promised("sla", SLA, "acme", "sales", sla, **terms),
        *contracts,
    )


def contract(percent: str = "99.9", key: str = "uc", **terms: Any) -> tuple[Statement, ...]:
    return promised(key, UC, "cloud", "store", percent, **terms)


def told(snapshot: Snapshot, days: int = 90, at: date = JUNE) -> list[tuple[str, Verdict, set[ReasonCode]]]:
    """The start of each segment, its verdict, and why; penalties aside, which no contract here has."""
    found = Assessment(snapshot, at).promises.timeline(KEY, days)
    return [(s.start.strftime("%m-%d %H:%M"), s.verdict, set(s.reasons)) for s in found]


COVERED, UNKNOWN, THIN = Verdict.COVERED, Verdict.UNKNOWN, Verdict.THIN
EXPIRED = {ReasonCode.EXPIRED, ReasonCode.GUARANTEED_SHORTFALL}  # what nobody promises guarantees nothing
RENEWAL = {ReasonCode.ASSUMED_RENEWAL}


def test_a_contract_counts_on_its_last_day_and_no_longer_on_the_next() -> None:
    assert told(estate_with(*contract(end=date(2026, 8, 15)))) == [
        ("06-30 00:00", COVERED, set()),
        ("08-16 00:00", UNKNOWN, EXPIRED),
    ]


def test_days_are_those_of_the_agreement_that_ends() -> None:
    # Oslo is two hours ahead in summer; the promise itself is reckoned in UTC.
    found = told(estate_with(*contract(end=date(2026, 8, 15), timezone="Europe/Oslo")))
    assert [(start, verdict) for start, verdict, _ in found] == [("06-30 00:00", COVERED), ("08-15 22:00", UNKNOWN)]


def test_two_hours_without_a_contract_are_a_segment_of_their_own() -> None:
    found = told(
        estate_with(
            *contract(end=date(2026, 8, 15), timezone="Europe/Oslo"),
            *contract(key="uc-new", start=date(2026, 8, 16)),
        )
    )
    assert [(start, verdict) for start, verdict, _ in found] == [
        ("06-30 00:00", COVERED),
        ("08-15 22:00", UNKNOWN),
        ("08-16 00:00", COVERED),
    ]


RENEWING: dict[str, Any] = {"end": date(2026, 7, 31), "auto_renew": Period(months=1), "notice": Period(days=10)}


def test_renewals_are_assumed_after_the_end_and_each_begins_a_segment() -> None:
    assert told(estate_with(*contract(**RENEWING))) == [
        ("06-30 00:00", COVERED, set()),
        ("08-01 00:00", COVERED, RENEWAL),
        ("09-01 00:00", COVERED, RENEWAL),
    ]


def test_notice_in_time_ends_it_and_a_later_notice_ends_the_term_after() -> None:
    # The last day less ten days is 21 July.
    assert told(estate_with(*contract(**RENEWING, notice_given=date(2026, 7, 21)))) == [
        ("06-30 00:00", COVERED, set()),
        ("08-01 00:00", UNKNOWN, EXPIRED),
    ]
    assert told(estate_with(*contract(**RENEWING, notice_given=date(2026, 7, 22)))) == [
        ("06-30 00:00", COVERED, set()),
        ("08-01 00:00", COVERED, RENEWAL),
        ("09-01 00:00", UNKNOWN, EXPIRED),
    ]


def test_each_segment_tells_the_next_notice_deadline_and_whose_it_is() -> None:
    at_end: dict[str, Any] = {"end": date(2026, 12, 31), "auto_renew": Period(months=12), "notice": Period(months=3)}
    snapshot = estate_with(*contract(**RENEWING), **at_end)
    found = Assessment(snapshot, JUNE).promises.timeline(KEY, 90)
    deadlines = [(s.notice_deadline, s.notice_agreement and s.notice_agreement.key) for s in found]
    # Of the contract's terms: 31 July, 31 August and 30 September less ten days; the SLA's own is 30 September.
    assert deadlines == [(date(2026, 7, 21), "uc"), (date(2026, 8, 21), "uc"), (date(2026, 9, 20), "uc")]


def test_where_every_deadline_is_over_the_last_of_them_is_told() -> None:
    found = Assessment(estate_with(*contract(**RENEWING)), date(2026, 7, 25)).promises.timeline(KEY, 5)
    assert [s.notice_deadline for s in found] == [date(2026, 7, 21)]


def test_without_any_notice_there_is_no_deadline() -> None:
    (segment,) = Assessment(estate_with(*contract()), JUNE).promises.timeline(KEY, 90)
    assert (segment.notice_deadline, segment.notice_agreement) == (None, None)


def test_a_new_version_of_a_contract_begins_a_segment_with_its_own_figure() -> None:
    first, figure = promised("uc", UC, "cloud", "store", "99.9", start=date(2025, 1, 1))
    second = replace(first, version=2, start=date(2026, 8, 1))
    lower = replace(figure, version=2, value=Decimal("0.99"))
    found = Assessment(estate_with(first, figure, second, lower), JUNE).promises.timeline(KEY, 60)
    # June has 43 200 minutes, August 44 640: (.999 - .995) 43 200 and (.99 - .995) 44 640.
    assert [(s.start.date(), s.verdict, s.headroom) for s in found] == [
        (date(2026, 6, 30), COVERED, Decimal("172.8")),
        (date(2026, 8, 1), Verdict.SHORTFALL, Decimal("-223.2")),
    ]


def test_after_the_end_of_the_promise_nothing_is_required() -> None:
    snapshot = estate_with(*contract(), end=date(2026, 7, 31))
    found = Assessment(snapshot, JUNE).promises.timeline(KEY, 60)
    assert [(s.start.date(), s.verdict, s.reasons, s.agreement is None) for s in found] == [
        (date(2026, 6, 30), COVERED, (), False),
        (date(2026, 8, 1), Verdict.NOT_REQUIRED, (ReasonCode.EXPIRED,), True),
    ]


def test_a_supplier_whose_time_is_over_is_unknown_from_then_on() -> None:
    assert told(estate_with(*contract(), valid=Validity(until=date(2026, 7, 31)))) == [
        ("06-30 00:00", COVERED, set()),
        ("08-01 00:00", UNKNOWN, {ReasonCode.RETIRED, ReasonCode.GUARANTEED_SHORTFALL}),
    ]


def test_the_worst_window_of_a_segment_is_its_headline_and_is_shown() -> None:
    (segment,) = Assessment(estate_with(*contract()), JUNE).promises.timeline(KEY, 365)
    # (.999 - .995) 40 320 in February; 178.56 in the months of 31 days.
    assert segment.headroom == Decimal("161.28")
    assert segment.window is not None
    assert (segment.window.start, segment.window.end) == (
        datetime(2027, 2, 1, tzinfo=UTC),
        datetime(2027, 3, 1, tzinfo=UTC),
    )


def test_a_window_that_changes_the_verdict_begins_a_segment() -> None:
    # 99.99 % a year allow 52.56 min; 99.88 % a month are 51.84 of 30 days, and 53.568 of 31: short by .72, or not.
    yearly = contract("99.99", window=YEAR)
    found = told(estate_with(*yearly, sla="99.88"), days=93)
    mismatch = {ReasonCode.WINDOW_MISMATCH}
    short = {*mismatch, ReasonCode.GUARANTEED_SHORTFALL}
    assert found == [
        ("06-30 00:00", THIN, short),
        ("07-01 00:00", COVERED, mismatch),
        ("09-01 00:00", THIN, short),
    ]


def test_no_days_have_no_segments_and_a_promise_of_another_metric_is_one_unknown() -> None:
    promises = Assessment(estate_with(*contract()), JUNE).promises
    assert promises.timeline(KEY, 0) == ()
    latency = replace(promised("sla-2", SLA, "acme", "sales", "99")[1], metric="latency_p95")
    snapshot = estate_with(*contract(), agreement("sla-2", SLA, "acme"), latency)
    (segment,) = Assessment(snapshot, JUNE).promises.timeline("sla-2/sales/latency_p95/calendar_month", 60)
    assert (segment.verdict, segment.reasons, segment.headroom) == (UNKNOWN, (ReasonCode.METRIC_MISMATCH,), None)


@pytest.mark.parametrize("days", [-1, 3651])
def test_a_horizon_beyond_ten_years_is_refused(days: int) -> None:
    promises = Assessment(estate_with(*contract()), JUNE).promises
    for ask in (lambda: promises.timeline(KEY, days), lambda: promises.coverage_gaps(days)):
        with pytest.raises(BadInput, match="lies between 0 and 3650"):
            ask()
