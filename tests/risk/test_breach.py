"""The breach clock: the worked figure of section 5, windows and service hours by hand, and a clock that ticks."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from risk.assessment import Assessment
from risk.breach import BreachClock
from risk.failing import Failing
from risk.terms import FailureLevel
from tests.risk.estates import (
    GOLD,
    JUNE,
    MONTH,
    OLA,
    SLA,
    YEAR,
    assess,
    checkout,
    entity,
    promised,
    rolling,
    target,
)
from tests.risk.test_cascade_worked import patient_checkout, tolerates
from tests.statements import company, degrades, needs
from topology.facts import Statement
from topology.model import (
    Agreement,
    Exclusion,
    ExclusionKind,
    Extent,
    Maintenance,
    Target,
    Window,
)

SHOP = "sla/shop/availability/calendar_month"
OSLO = ZoneInfo("Europe/Oslo")


def clocks(
    found: Assessment,
    failed: str,
    minutes: int | None = None,
    started_at: datetime | None = None,
    used: Mapping[str, Decimal] | None = None,
) -> dict[str, BreachClock]:
    lasting = None if minutes is None else Decimal(minutes)
    happened = found.failures.cascade([Failing(FailureLevel.ENTITY, failed)], lasting)
    rows = found.promises.breach_clocks(happened, started_at, used or {})
    return {row.commitment.key: row for row in rows}


def shop(
    percent: str = "99.9", at: date = JUNE, window: Window = MONTH, tolerance: int = 0, **terms: Any
) -> Assessment:
    """A shop that needs a service, without which it survives for a while, and one promise on it."""
    promise = promised("sla", SLA, "us", "shop", percent, window=window, **terms)
    return assess(company("us"), entity("shop"), entity("srv"), tolerates("shop", "srv", tolerance), *promise, at=at)


def test_with_31_7_of_43_2_minutes_used_the_promise_breaks_at_minute_21_5() -> None:
    """Section 5: cloud-x is down for 60 minutes, psp-b survives 10 without it."""
    found = assess(*patient_checkout())
    clock = clocks(found, "cloud-x", 60, used={GOLD: Decimal("31.7")})[GOLD]
    assert (clock.remaining, clock.is_assumed, clock.minutes_to_breach) == (Decimal("11.5"), False, Decimal("21.5"))
    assert clock.breaches_at is None
    start = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
    dated = clocks(found, "cloud-x", 60, start, {GOLD: Decimal("31.7")})[GOLD]
    assert dated.minutes_to_breach == Decimal("21.5")
    assert dated.breaches_at == datetime(2026, 6, 10, 12, 21, 30, tzinfo=UTC)


def test_without_a_measurement_the_whole_budget_is_assumed_and_said_to_be() -> None:
    clock = clocks(assess(*patient_checkout()), "cloud-x", 60)[GOLD]
    assert (clock.remaining, clock.is_assumed, clock.minutes_to_breach) == (Decimal("43.2"), True, Decimal("53.2"))


def test_an_outage_that_ends_before_breaks_nothing() -> None:
    found = shop()
    assert clocks(found, "srv", 43)[SHOP].minutes_to_breach is None
    assert clocks(found, "srv", 44)[SHOP].minutes_to_breach == Decimal("43.2")


def test_a_promise_is_kept_to_the_last_minute_of_its_budget() -> None:
    """99.8 % of 30 days are 86.4 minutes; with 6.4 used an outage of exactly 80 keeps it."""
    found, used = shop("99.8"), {SHOP: Decimal("6.4")}
    start = datetime(2026, 6, 1, tzinfo=UTC)
    assert clocks(found, "srv", 80, None, used)[SHOP].minutes_to_breach is None
    assert clocks(found, "srv", 80, start, used)[SHOP].minutes_to_breach is None
    assert clocks(found, "srv", 81, None, used)[SHOP].minutes_to_breach == 80
    assert clocks(found, "srv", 81, start, used)[SHOP].minutes_to_breach == 80


def test_a_budget_that_is_used_up_breaks_as_the_entity_falls() -> None:
    found = assess(*patient_checkout())
    clock = clocks(found, "cloud-x", 60, used={GOLD: Decimal(99)})[GOLD]
    assert (clock.remaining, clock.minutes_to_breach) == (Decimal(0), Decimal(10))


def test_the_window_is_that_of_the_start_and_by_default_that_of_the_views_date() -> None:
    """0.1 % of 31 days are 44.64 minutes, of 28 days 40.32."""
    found = shop(at=date(2026, 7, 15))
    assert clocks(found, "srv")[SHOP].remaining == Decimal("44.64")
    february = clocks(found, "srv", started_at=datetime(2026, 2, 10, tzinfo=UTC))[SHOP]
    assert (february.remaining, february.minutes_to_breach) == (Decimal("40.32"), Decimal("40.32"))


def test_the_day_of_the_start_is_the_one_in_the_agreements_zone() -> None:
    """22:30 UTC on 31 July is August in Oslo already."""
    found = shop(timezone="Europe/Oslo")
    start = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)
    clock = clocks(found, "srv", started_at=start)[SHOP]
    assert clock.remaining == Decimal("44.64")
    assert clock.breaches_at == start + timedelta(minutes=44, seconds=38, milliseconds=400)


def test_the_window_is_the_one_in_which_the_entity_goes_down() -> None:
    """From 23:50 on 30 June, tolerated for 10 minutes: July's 44.64 minutes of 31 days are gone at 00:44:38.4."""
    found, start = shop(tolerance=10), datetime(2026, 6, 30, 23, 50, tzinfo=UTC)
    clock = clocks(found, "srv", 300, start)[SHOP]
    assert (clock.remaining, clock.commitment.budget) == (Decimal("44.64"), Decimal("44.64"))
    assert clock.minutes_to_breach == Decimal("54.64")
    assert clock.breaches_at == datetime(2026, 7, 1, 0, 44, 38, 400_000, tzinfo=UTC)
    assert clocks(found, "srv", 54, start)[SHOP].minutes_to_breach is None


def test_a_fall_on_the_last_minute_of_a_window_counts_there_and_nowhere_else() -> None:
    """Down from 23:59 on 30 June in Oslo: one minute of June, and what July takes is July's."""
    found = shop(tolerance=10, timezone="Europe/Oslo")
    start = datetime(2026, 6, 30, 21, 49, tzinfo=UTC)
    clock = clocks(found, "srv", 300, start)[SHOP]
    assert (clock.remaining, clock.minutes_to_breach) == (Decimal("43.2"), None)


def tightened(**terms: Any) -> Assessment:
    """A shop that promises 99.9 % a month, and from July on 99.99 %."""
    first, goal = promised("sla", SLA, "us", "shop", "99.9", **terms)
    assert isinstance(first, Agreement)
    assert isinstance(goal, Target)
    second = replace(first, version=2, start=date(2026, 7, 1))
    tight = replace(goal, version=2, value=Decimal("0.9999"))
    patient = tolerates("shop", "srv", 10)
    return assess(company("us"), entity("shop"), entity("srv"), patient, first, goal, second, tight)


def test_the_promise_is_the_version_in_force_on_the_day_on_which_the_outage_begins() -> None:
    """0.01 % of the 44 640 minutes of July are 4.464, from minute 10 on; on 30 June 43.2 minutes were promised."""
    found = tightened()
    july = clocks(found, "srv", 60, datetime(2026, 7, 2, tzinfo=UTC))[SHOP]
    assert (july.commitment.agreement.version, july.commitment.target.value) == (2, Decimal("0.9999"))
    assert (july.remaining, july.minutes_to_breach) == (Decimal("4.464"), Decimal("14.464"))
    june = clocks(found, "srv", 60, datetime(2026, 6, 30, 12, tzinfo=UTC))[SHOP]
    assert (june.commitment.agreement.version, june.minutes_to_breach) == (1, Decimal("53.2"))
    assert clocks(found, "srv", 60)[SHOP].commitment.agreement.version == 1


def test_the_day_on_which_a_version_begins_is_that_of_its_own_zone() -> None:
    """22:30 UTC on 30 June is July in Oslo, and 21:30 is not."""
    found = tightened(timezone="Europe/Oslo")
    for hour, version in ((21, 1), (22, 2)):
        start = datetime(2026, 6, 30, hour, 30, tzinfo=UTC)
        assert clocks(found, "srv", 60, start)[SHOP].commitment.agreement.version == version


def test_promises_that_have_ended_or_not_begun_when_the_outage_begins_have_no_clock() -> None:
    ended: dict[str, Any] = {"end": date(2026, 6, 30)}
    coming: dict[str, Any] = {"start": date(2026, 8, 1)}
    for terms, day, stands in (
        (ended, date(2026, 6, 30), True),
        (ended, date(2026, 7, 1), False),
        (coming, date(2026, 7, 31), False),
        (coming, date(2026, 8, 1), True),
    ):
        start = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        assert (SHOP in clocks(shop(**terms), "srv", started_at=start)) == stands, (terms, day)


def test_a_window_that_ends_before_is_not_broken() -> None:
    """43.2 minutes of June are not reached in its last 40."""
    late = datetime(2026, 6, 30, 23, 20, tzinfo=UTC)
    assert clocks(shop(), "srv", started_at=late)[SHOP].minutes_to_breach is None
    in_time = datetime(2026, 6, 30, 23, 16, tzinfo=UTC)
    assert clocks(shop(), "srv", started_at=in_time)[SHOP].minutes_to_breach == Decimal("43.2")


def test_a_rolling_window_goes_along_with_the_outage() -> None:
    """0.1 % of 28 days are 40.32 minutes; its end is 28 days after the fall, whatever the calendar says."""
    found = shop(window=rolling(28))
    (clock,) = clocks(found, "srv", started_at=datetime(2026, 6, 30, 23, 50, tzinfo=UTC)).values()
    assert (clock.remaining, clock.minutes_to_breach) == (Decimal("40.32"), Decimal("40.32"))


def test_a_rolling_day_is_not_over_at_midnight() -> None:
    """0.1 % of a day are 1.44 minutes: they are gone in the first minutes of July."""
    found = shop(window=rolling(1))
    (clock,) = clocks(found, "srv", started_at=datetime(2026, 6, 30, 23, 59, tzinfo=UTC)).values()
    assert clock.minutes_to_breach == Decimal("1.44")


def test_nights_and_week_ends_do_not_count() -> None:
    """June 2026 has 22 working days of 10 hours, 13 200 minutes; 1 % are 132.

    From Friday 17:00 60 of them are gone by 18:00, and the other 72 by 09:12 on Monday: 64 h 12 min later.
    """
    found = shop("99", service_hours="Mon-Fri 08:00-18:00")
    friday = datetime(2026, 6, 5, 17, 0, tzinfo=UTC)
    clock = clocks(found, "srv", started_at=friday)[SHOP]
    assert (clock.remaining, clock.minutes_to_breach) == (Decimal(132), Decimal(64 * 60 + 12))
    assert clock.breaches_at == datetime(2026, 6, 8, 9, 12, tzinfo=UTC)
    assert clocks(found, "srv", 64 * 60, friday)[SHOP].minutes_to_breach is None


def test_without_a_start_no_breach_comes_sooner_than_is_said() -> None:
    found = shop("99", service_hours="Mon-Fri 08:00-18:00")
    clock = clocks(found, "srv")[SHOP]
    assert (clock.minutes_to_breach, clock.breaches_at) == (Decimal(132), None)


def test_a_budget_that_is_used_up_at_closing_time_breaks_as_service_begins_again() -> None:
    """60 of 132 minutes are left on Friday at 17:00: kept until 18:00, broken on Monday at 08:00."""
    found = shop("99", service_hours="Mon-Fri 08:00-18:00")
    friday = datetime(2026, 6, 5, 17, 0, tzinfo=UTC)
    clock = clocks(found, "srv", started_at=friday, used={SHOP: Decimal(72)})[SHOP]
    assert clock.breaches_at == datetime(2026, 6, 8, 8, 0, tzinfo=UTC)


def test_holidays_and_excluded_maintenance_do_not_count_and_maintenance_that_counts_does() -> None:
    """Monday 8 June is closed, and 08:00 to 09:00 on Tuesday is maintenance."""
    slot = (Maintenance("Tue 08:00-09:00"),)
    hours: dict[str, Any] = {"service_hours": "Mon-Fri 08:00-18:00", "holidays": ("2026-06-08",), "maintenance": slot}
    friday = datetime(2026, 6, 5, 17, 0, tzinfo=UTC)
    excluding = shop("99", excludes=(Exclusion(ExclusionKind.MAINTENANCE),), **hours)
    clock = clocks(excluding, "srv", started_at=friday)[SHOP]
    assert clock.remaining == Decimal("123.00")  # 21 days of 600 minutes less 5 Tuesdays' hours: 12 300
    assert clock.breaches_at == datetime(2026, 6, 9, 10, 3, tzinfo=UTC)
    counting = clocks(shop("99", **hours), "srv", started_at=friday)[SHOP]
    assert counting.remaining == Decimal("126.00")
    assert counting.breaches_at == datetime(2026, 6, 9, 9, 6, tzinfo=UTC)


def test_only_promises_to_customers_in_minutes_of_downtime_have_a_clock() -> None:
    others = (
        *promised("ola", OLA, "us", "shop", "99"),
        target("sla-slow", "99", "shop", metric="success_rate"),
    )
    month = promised("sla", SLA, "us", "shop", "99.9")
    slow = promised("sla-slow", SLA, "us", "shop", "99.5")
    found = assess(company("us"), entity("shop"), entity("srv"), needs("shop", "srv"), *month, *slow, *others)
    assert list(clocks(found, "srv")) == [SHOP, SHOP.replace("sla", "sla-slow")]


def test_promises_are_ordered_by_the_breach_and_those_that_hold_come_last_by_key() -> None:
    promises: list[Statement] = []
    for key, percent in (("d", "99.99"), ("c", "99.9"), ("b", "90"), ("a", "95")):
        promises += promised(key, SLA, "us", "shop", percent)
    found = assess(company("us"), entity("shop"), entity("srv"), needs("shop", "srv"), *promises)
    assert [key[0] for key in clocks(found, "srv", 60)] == ["d", "c", "a", "b"]


def test_a_year_is_longer_than_most_outages() -> None:
    (clock,) = clocks(shop(window=YEAR), "srv").values()
    assert (clock.remaining, clock.minutes_to_breach) == (Decimal("525.6"), Decimal("525.6"))


def test_what_is_degraded_or_at_risk_uses_up_no_budget() -> None:
    found = assess(*checkout(), *promised("sla-pay", SLA, "shop", "payments", "99"))
    assert clocks(found, "email")[GOLD].minutes_to_breach is None
    (at_risk,) = clocks(found, "psp-a").values()
    assert (at_risk.commitment.entity, at_risk.minutes_to_breach) == ("payments", None)


def test_what_is_not_hit_has_no_clock() -> None:
    found = assess(company("us"), entity("shop"), entity("srv"), *promised("sla", SLA, "us", "shop", "99.9"))
    assert clocks(found, "srv") == {}
    assert clocks(found, "shop", 0) == {}


def test_a_promise_of_all_the_time_breaks_at_once() -> None:
    found = shop("100", extent=Extent.INTRINSIC)
    assert clocks(found, "srv")[SHOP].minutes_to_breach == 0
    assert clocks(found, "srv", started_at=datetime(2026, 6, 7, tzinfo=UTC))[SHOP].minutes_to_breach == 0


def test_without_any_service_in_the_window_nothing_breaks() -> None:
    """The shop opens on Mondays only, and all Mondays of June 2026 are holidays."""
    closed = tuple(f"2026-06-{day:02}" for day in (1, 8, 15, 22, 29))
    found = shop("99", service_hours="Mon 08:00-18:00", holidays=closed)
    assert clocks(found, "srv")[SHOP].minutes_to_breach is None
    assert clocks(found, "srv", started_at=datetime(2026, 6, 8, 9, 0, tzinfo=UTC))[SHOP].minutes_to_breach is None


@pytest.mark.parametrize("hours", ["24x7", "Mon-Fri 08:00-18:00"])
def test_a_fall_beyond_all_calendars_breaks_nothing(hours: str) -> None:
    found = shop(tolerance=10**15, service_hours=hours)
    assert clocks(found, "srv")[SHOP].minutes_to_breach is None
    assert clocks(found, "srv", started_at=datetime(2026, 6, 8, tzinfo=UTC))[SHOP].minutes_to_breach is None


def ticks(start: datetime, onset: int, minutes: int | None, left: int) -> int | None:
    """The breach by a clock that ticks: service from 08:00 to 18:00 in Oslo on working days but the 17th of May.

    The month that counts is the one in which the entity goes down.
    """
    now, gone = start + timedelta(minutes=onset), 0
    month = (now.astimezone(OSLO).year, now.astimezone(OSLO).month)
    while (now.astimezone(OSLO).year, now.astimezone(OSLO).month) == month:
        if minutes is not None and now - start >= timedelta(minutes=minutes):
            return None
        there = now.astimezone(OSLO)
        if there.weekday() < 5 and 8 <= there.hour < 18 and (there.month, there.day) != (5, 17):
            if gone == left:
                return int((now - start).total_seconds()) // 60
            gone += 1
        now += timedelta(minutes=1)
    return None


@pytest.mark.parametrize("month", [3, 5, 10])  # summer time begins, a holiday on a working day, summer time ends
def test_the_clock_agrees_with_one_that_ticks(month: int) -> None:
    hours: dict[str, Any] = {
        "service_hours": "Mon-Fri 08:00-18:00",
        "holidays": ("2027-05-17",),
        "timezone": "Europe/Oslo",
    }
    estates = {onset: shop("97", date(2027, month, 10), tolerance=onset, **hours) for onset in (0, 7, 500)}
    random, broken, crossed = Random(month), 0, 0
    for _ in range(90):
        onset, left = random.choice((0, 7, 500)), random.randint(0, 400)
        into = random.choice((random.randint(0, 27 * 1440), 29 * 1440 - random.randint(150, 700)))
        start = datetime(2027, month, 3, tzinfo=UTC) + timedelta(minutes=into)
        minutes = random.choice((None, random.randint(1, 2000)))
        fall = start + timedelta(minutes=onset)
        crossed += fall.astimezone(OSLO).month != start.astimezone(OSLO).month
        whole = clocks(estates[0], "srv", started_at=fall)[SHOP].remaining
        clock = clocks(estates[onset], "srv", minutes, start, {SHOP: whole - left}).get(SHOP)
        expected = ticks(start, onset, minutes, left)
        assert (clock.minutes_to_breach if clock else None) == expected, (start, onset, minutes, left)
        broken += expected is not None
    assert 15 < broken < 90
    assert crossed


def test_degrading_twice_is_no_downtime_either() -> None:
    found = assess(
        company("us"),
        entity("shop"),
        entity("s"),
        degrades("shop", "s", "1"),
        *promised("sla", SLA, "us", "shop", "99"),
    )
    assert clocks(found, "s")[SHOP].minutes_to_breach is None
