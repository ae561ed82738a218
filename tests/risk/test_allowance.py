"""How long a supplier may be down inside a commitment's window: the table of section 4, and brute force."""

from dataclasses import replace
from datetime import UTC as TZ
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

import pytest

from risk.agreements.agreed_time import CommittedTime, committed_time
from risk.allowance import Allowance, allowance, carve_outs
from risk.terms import ReasonCode
from tests.risk.estates import FEBRUARY, JULY, JUNE, MONTH, SLA, UC, YEAR, agreement, rolling, target
from topology.calendars import midnight, zone
from topology.model import Exclusion, ExclusionKind, Maintenance, Window, WindowKind

QUARTER = Window(WindowKind.CALENDAR_QUARTER)
MAINTENANCE = (Exclusion(ExclusionKind.MAINTENANCE),)
UTC = zone("UTC")


def committed(percent: str, window: Window, at: date, **terms: Any) -> tuple[CommittedTime, Decimal]:
    """A commitment's time, and its budget."""
    promise = target("sla", percent, window=window)
    found = committed_time(agreement("sla", SLA, "shop", **terms), promise, at)
    return found, (1 - promise.value) * found.service_minutes


def anywhere(found: CommittedTime, first: date, last: date) -> CommittedTime:
    """The same window, wherever it may lie between two days."""
    return replace(found, earliest=midnight(first, UTC), latest=midnight(last, UTC) - found.length)


def allowed(found: CommittedTime, percent: str, window: Window = MONTH, **terms: Any) -> Allowance:
    return allowance(found, agreement("uc", UC, "vendor", **terms), [target("uc", percent, window=window)])


@pytest.mark.parametrize(
    ("consumer", "at", "supplier", "minutes", "headroom"),
    [
        (("99.9", MONTH), JULY, ("99.95", MONTH), "22.32", "22.32"),
        (("99.9", MONTH), JUNE, ("99.9", YEAR), "525.6", "-482.4"),
        (("99.9", MONTH), JUNE, ("99.99", YEAR), "52.56", "-9.36"),
        (("99.9", rolling(28)), JULY, ("99.9", MONTH), "89.28", "-48.96"),
        (("99.9", MONTH), JUNE, ("99.95", MONTH), "21.6", "21.6"),
        (("99.9", MONTH), FEBRUARY, ("99.95", MONTH), "20.16", "20.16"),
    ],
)
def test_the_table_of_section_4(
    consumer: tuple[str, Window], at: date, supplier: tuple[str, Window], minutes: str, headroom: str
) -> None:
    found, budget = committed(*consumer, at)
    assert allowed(found, *supplier).minutes == Decimal(minutes)
    assert budget - allowed(found, *supplier).minutes == Decimal(headroom)


def test_a_yearly_99_9917809_just_fits_into_a_monthly_99_9() -> None:
    found, budget = committed("99.9", MONTH, JUNE)
    assert allowed(found, "99.9917809", YEAR).minutes < budget < allowed(found, "99.9917808", YEAR).minutes


@pytest.mark.parametrize(("days", "minutes"), [(30, "131.04"), (90, "217.44")])
def test_the_worst_rolling_window_of_2025_to_2028_lies_around_a_february(days: int, minutes: str) -> None:
    found, _ = committed("99.9", rolling(days), JUNE)
    worst = anywhere(found, date(2025, 1, 1), date(2029, 1, 1))
    assert allowed(worst, "99.9").minutes == Decimal(minutes)


def test_hours_that_a_supplier_does_not_serve_are_allowed_whole() -> None:
    found, budget = committed("99.9", MONTH, JUNE)
    promise = allowed(found, "99.9", service_hours="Mon-Fri 08:00-18:00")
    assert promise.minutes == Decimal("13.2") + 30_000  # section 4: of 13 200 service minutes, and the rest uncovered
    assert ReasonCode.HOURS_GAP in promise.reasons
    assert budget == Decimal("43.2")


def test_hours_that_the_commitment_does_not_serve_are_no_gap() -> None:
    hours: dict[str, Any] = {"service_hours": "Mon-Fri 08:00-18:00"}
    found, budget = committed("99.9", MONTH, JUNE, **hours)
    assert budget == Decimal("13.2")
    assert allowed(found, "99.9", **hours) == Allowance(Decimal("13.2"), target("uc", "99.9"), frozenset())
    # Around the clock the supplier may spend its whole month's budget in our hours.
    assert allowed(found, "99.9").minutes == Decimal("43.2")


def test_an_allowance_never_exceeds_the_service_time() -> None:
    found, _ = committed("99.9", MONTH, JUNE, service_hours="Sun 08:00-09:00")
    assert found.service_minutes == 4 * 60
    assert allowed(found, "50").minutes == 240


def test_a_month_of_utc_is_not_a_month_of_oslo() -> None:
    found, budget = committed("99.9", MONTH, date(2026, 3, 15), timezone="Europe/Oslo")
    assert budget == Decimal("44.58")
    promise = allowed(found, "99.9")
    # March in Oslo begins an hour before March in UTC: February's whole budget of 40.32 fits into that hour.
    assert promise.minutes == Decimal("40.32") + Decimal("44.64")
    assert promise.reasons == {ReasonCode.WINDOW_MISMATCH}
    assert allowed(found, "99.9", timezone="Europe/Oslo").reasons == frozenset()


def test_zones_with_the_same_midnights_share_a_grid() -> None:
    found, _ = committed("99.9", MONTH, JUNE, timezone="Europe/Oslo")
    assert allowed(found, "99.9", timezone="Europe/Berlin") == Allowance(
        Decimal("43.2"), target("uc", "99.9"), frozenset()
    )


def test_three_monthly_budgets_add_up_in_a_quarter() -> None:
    found, _ = committed("99.9", QUARTER, date(2026, 5, 1))
    assert allowed(found, "99.9").minutes == Decimal("43.2") + Decimal("44.64") + Decimal("43.2")


def test_of_several_targets_the_least_allowance_binds() -> None:
    found, _ = committed("99.9", MONTH, JUNE)
    yearly, monthly = target("uc", "99.99", window=YEAR), target("uc", "99.9")
    terms = agreement("uc", UC, "vendor")
    assert allowance(found, terms, [yearly, monthly]) == allowance(found, terms, [monthly])
    loose = target("uc", "99")
    assert allowance(found, terms, [yearly, loose]).target == yearly


def test_excluded_maintenance_is_free_and_told() -> None:
    found, _ = committed("99.9", MONTH, JUNE)
    slot = (Maintenance(weekly="Sun 02:00-04:00"),)
    promise = allowed(found, "99.9", maintenance=slot, excludes=MAINTENANCE)
    assert promise.minutes == Decimal("43.2") + 4 * 120  # June 2026 has four Sundays
    assert promise.reasons == {ReasonCode.MAINTENANCE_GAP}
    # Listed, but not excluded: it counts as downtime like any other.
    assert allowed(found, "99.9", maintenance=slot).minutes == Decimal("43.2")


def test_maintenance_that_the_commitment_excludes_too_is_no_gap() -> None:
    slot: dict[str, Any] = {"maintenance": (Maintenance(weekly="Sun 02:00-04:00"),), "excludes": MAINTENANCE}
    found, _ = committed("99.9", MONTH, JUNE, **slot)
    assert found.service_minutes == 43_200 - 480
    assert allowed(found, "99.9", **slot).minutes == Decimal("43.2")
    assert allowed(found, "99.9", **slot).reasons == frozenset()


def test_maintenance_outside_service_hours_is_counted_once() -> None:
    found, _ = committed("99.9", MONTH, JUNE)
    terms: dict[str, Any] = {"service_hours": "Mon-Fri 08:00-18:00", "excludes": MAINTENANCE}
    nightly = (Maintenance(weekly="Mon-Sun 02:00-04:00"),)
    assert allowed(found, "99.9", maintenance=nightly, **terms).minutes == Decimal("13.2") + 30_000


def test_an_allowance_of_maintenance_without_times_is_a_budget_of_its_own_window() -> None:
    found, _ = committed("99.9", MONTH, JUNE)
    monthly = (Maintenance(allowance=Decimal(240), per=WindowKind.CALENDAR_MONTH),)
    promise = allowed(found, "99.9", maintenance=monthly, excludes=MAINTENANCE)
    assert promise.minutes == Decimal("43.2") + 240
    assert promise.reasons == {ReasonCode.MAINTENANCE_GAP}
    quarter, _ = committed("99.9", QUARTER, JUNE)
    assert allowed(quarter, "99.9", QUARTER, maintenance=monthly, excludes=MAINTENANCE).minutes == (
        Decimal("131.04") + 3 * 240
    )


def test_holidays_of_the_supplier_are_a_gap_in_its_hours() -> None:
    hours = "Mon-Fri 08:00-18:00"
    found, _ = committed("99.9", MONTH, date(2026, 5, 1), service_hours=hours)
    promise = allowed(found, "99.9", service_hours=hours, holidays=("NO",))
    assert promise.minutes == Decimal("10.8") + 3 * 600  # 18 of 21 weekdays, see test_calendars
    assert ReasonCode.HOURS_GAP in promise.reasons


@pytest.mark.parametrize(
    ("kind", "reasons"),
    [
        (ExclusionKind.FORCE_MAJEURE, {ReasonCode.FORCE_MAJEURE_NOT_PASSED_THROUGH}),
        (ExclusionKind.THIRD_PARTY, {ReasonCode.UNBOUNDED_EXCLUSION}),
        (ExclusionKind.CUSTOMER_FAULT, {ReasonCode.UNBOUNDED_EXCLUSION}),
        (ExclusionKind.SHORTER_THAN, {ReasonCode.MIN_DURATION_CARVEOUT}),
        (ExclusionKind.ENTITIES, {ReasonCode.UNBOUNDED_EXCLUSION}),
        (ExclusionKind.MAINTENANCE, {ReasonCode.UNBOUNDED_EXCLUSION, ReasonCode.MAINTENANCE_GAP}),
    ],
)
def test_carve_outs_without_a_figure_are_never_summed(kind: ExclusionKind, reasons: set[ReasonCode]) -> None:
    terms = agreement("uc", UC, "vendor", excludes=(Exclusion(kind, Decimal(5)),))
    assert carve_outs(terms, agreement("sla", SLA, "shop")) == reasons
    found, _ = committed("99.9", MONTH, JUNE)
    assert allowed(found, "99.9", excludes=terms.excludes).minutes == Decimal("43.2")


def test_force_majeure_that_is_passed_on_to_the_customer_is_no_gap() -> None:
    both = (Exclusion(ExclusionKind.FORCE_MAJEURE),)
    terms = agreement("uc", UC, "vendor", excludes=both)
    assert carve_outs(terms, agreement("sla", SLA, "shop", excludes=both)) == frozenset()


@pytest.mark.parametrize("bad_days", [1, 2, 3])
@pytest.mark.parametrize("length", [3, 4, 7, 10, 12])
def test_a_rolling_window_allows_what_enumeration_of_bad_days_does(bad_days: int, length: int) -> None:
    span = 4
    most = max(
        sum(days)
        for days in product((0, 1), repeat=length)
        if all(sum(days[start : start + span]) <= bad_days for start in range(length))
    )
    found, _ = committed("99.9", rolling(length), JUNE)
    percent = str(100 - Decimal(100 * bad_days) / span)
    assert allowed(found, percent, rolling(span)).minutes == most * 1440
    assert (ReasonCode.WINDOW_MISMATCH in allowed(found, percent, rolling(span)).reasons) is (length != span)


def test_a_rolling_window_with_service_hours_is_an_upper_bound_and_says_so() -> None:
    found, _ = committed("99.9", rolling(28), JUNE)
    hours = "Mon-Fri 08:00-18:00"
    promise = allowed(found, "99.9", rolling(28), service_hours=hours)
    assert {ReasonCode.ROLLING_UPPER_BOUND, ReasonCode.HOURS_GAP} <= promise.reasons
    assert promise.minutes == Decimal(12) + 28 * 1440 - 20 * 600  # 20 weekdays in any 28 days
    assert ReasonCode.ROLLING_UPPER_BOUND not in allowed(found, "99.9", rolling(28)).reasons


def test_a_rolling_window_is_shown_where_it_has_the_least_service_time() -> None:
    found, budget = committed("99.9", rolling(10), JUNE, service_hours="Mon-Fri 08:00-18:00")
    # Six weekdays, the least that ten days with 30 June can hold: first from Thursday the 25th at 18:00.
    assert (found.service_minutes, budget) == (Decimal(3600), Decimal("3.6"))
    assert found.shown.starts_at == datetime(2026, 6, 25, 18, tzinfo=TZ)


@pytest.mark.parametrize(("length", "percent"), [(100, "90"), (400, "90"), (400, "99"), (700, "80"), (365, "99.9")])
def test_equal_windows_that_are_not_aligned_follow_their_closed_form(length: int, percent: str) -> None:
    # 2025, 2026 and 2027 have 365 days each. q and r: section 4.
    found, _ = committed("99.9", rolling(length), JUNE)
    window = 365 * 1440
    budget = (1 - Decimal(percent) / 100) * window
    whole, rest = divmod(length * 1440, window)
    expected = whole * budget + min(2 * budget, Decimal(rest))
    if whole >= 1:
        expected = max(expected, (whole - 1) * budget + min(2 * budget, Decimal(window + rest)))
    worst = anywhere(found, date(2025, 1, 1), date(2028, 1, 1))
    assert allowed(worst, percent, YEAR).minutes == expected


def hours_of(text: str, start: date, days: int) -> list[bool]:
    """Service by the hour, for hours such as `Mon-Fri 08:00-18:00` or 24x7, written anew."""
    if text == "24x7":
        return [True] * (24 * days)
    first, last = (0, 4) if text.startswith("Mon-Fri") else (5, 6)
    begin, end = (int(part[:2]) for part in text.split()[1].split("-"))
    week = [(start + timedelta(days=n)).weekday() for n in range(days)]
    return [first <= day <= last and begin <= hour < end for day in week for hour in range(24)]


def test_a_sliding_window_equals_trying_every_hour() -> None:
    """Budgets of whole hours: the worst start of a window is then a whole hour, and can be tried."""
    random = Random(11)
    first, days = date(2026, 6, 1), 92  # June, July, August
    for _ in range(40):
        ours, theirs = (random.choice(["24x7", "Mon-Fri 08:00-18:00", "Sat-Sun 06:00-20:00"]) for _ in range(2))
        length = random.choice([3, 10, 30, 45])
        served = hours_of(theirs, first, days)
        needed = hours_of(ours, first, days)
        promise = Decimal(random.choice(["99", "97.5", "90", "50"])) / 100
        months = [(0, 30 * 24), (30 * 24, 61 * 24), (61 * 24, 92 * 24)]
        budgets = [(1 - promise) * sum(served[a:b]) for a, b in months]
        worst = Decimal(0)
        for start in range(24 * (days - length) + 1):
            end = start + 24 * length
            total = Decimal(sum(n and not s for n, s in zip(needed[start:end], served[start:end], strict=True)))
            for (a, b), budget in zip(months, budgets, strict=True):
                low, high = max(a, start), max(a, start, min(b, end))
                inside = sum(n and s for n, s in zip(needed[low:high], served[low:high], strict=True))
                total += min(budget, Decimal(inside))
            worst = max(worst, total)
        found, _ = committed("99.9", rolling(length), JUNE, service_hours=ours)
        sliding = replace(anywhere(found, first, first + timedelta(days=days)), service_minutes=Decimal(10**9))
        minutes = allowed(sliding, str(promise * 100), MONTH, service_hours=theirs).minutes
        assert 60 * worst <= minutes  # kinks may lie between whole hours
        if all(budget == int(budget) for budget in budgets):
            assert minutes == 60 * worst, (ours, theirs, length, promise)
