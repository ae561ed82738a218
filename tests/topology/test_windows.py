"""Calendar windows in their zones, and terms that are counted in months."""

from datetime import date

import pytest

from topology.calendars import Span, midnight, zone
from topology.model import Period, Window, WindowKind
from topology.windows import last_day_later, later, window_at, windows_touching

OSLO = zone("Europe/Oslo")
MONTH, QUARTER, YEAR = (
    Window(kind) for kind in (WindowKind.CALENDAR_MONTH, WindowKind.CALENDAR_QUARTER, WindowKind.CALENDAR_YEAR)
)
CONTRACT_YEAR = Window(WindowKind.CONTRACT_YEAR)


def bounds(window: Window, day: date, start: date | None = None) -> tuple[date, date]:
    found = window_at(window, day, OSLO, start)
    assert found is not None
    return found.starts_at.astimezone(OSLO).date(), found.ends_at.astimezone(OSLO).date()


@pytest.mark.parametrize(
    ("window", "day", "first", "end"),
    [
        (MONTH, date(2026, 2, 28), date(2026, 2, 1), date(2026, 3, 1)),
        (MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1)),
        (QUARTER, date(2026, 5, 15), date(2026, 4, 1), date(2026, 7, 1)),
        (QUARTER, date(2026, 12, 31), date(2026, 10, 1), date(2027, 1, 1)),
        (YEAR, date(2028, 2, 29), date(2028, 1, 1), date(2029, 1, 1)),
        (CONTRACT_YEAR, date(2026, 6, 30), date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_a_calendar_window_is_the_one_that_contains_the_day(window: Window, day: date, first: date, end: date) -> None:
    assert bounds(window, day) == (first, end)


@pytest.mark.parametrize(
    ("day", "first", "end"),
    [
        (date(2026, 8, 15), date(2025, 8, 16), date(2026, 8, 16)),
        (date(2026, 8, 16), date(2026, 8, 16), date(2027, 8, 16)),
        (date(2021, 8, 15), date(2020, 8, 16), date(2021, 8, 16)),
    ],
)
def test_a_contract_year_counts_from_the_first_day_of_the_agreement(day: date, first: date, end: date) -> None:
    assert bounds(CONTRACT_YEAR, day, date(2021, 8, 16)) == (first, end)


def test_a_contract_year_that_began_on_29_february_begins_on_the_28th_of_other_years() -> None:
    assert bounds(CONTRACT_YEAR, date(2026, 2, 28), date(2024, 2, 29)) == (date(2026, 2, 28), date(2027, 2, 28))
    assert bounds(CONTRACT_YEAR, date(2027, 12, 31), date(2024, 2, 29)) == (date(2027, 2, 28), date(2028, 2, 29))


def test_windows_that_roll_or_belong_to_incidents_lie_on_no_grid() -> None:
    day = date(2026, 6, 30)
    for window in (Window(WindowKind.ROLLING, 30), Window(WindowKind.PER_INCIDENT)):
        assert window_at(window, day, OSLO) is None
        assert not list(windows_touching(window, Span(0, 86_400), OSLO))


def test_thirty_days_around_a_short_february_touch_three_months() -> None:
    span = Span(midnight(date(2026, 1, 31), OSLO), midnight(date(2026, 3, 2), OSLO))
    touched = [w.starts_at.astimezone(OSLO).date() for w in windows_touching(MONTH, span, OSLO)]
    assert touched == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


def test_a_window_that_ends_where_a_month_begins_does_not_touch_it() -> None:
    june = window_at(MONTH, date(2026, 6, 1), OSLO)
    assert june is not None
    assert list(windows_touching(MONTH, june, OSLO)) == [june]


def test_a_utc_month_touches_two_months_of_oslo() -> None:
    june = window_at(MONTH, date(2026, 6, 1), zone("UTC"))
    assert june is not None
    assert len(list(windows_touching(MONTH, june, OSLO))) == 2


@pytest.mark.parametrize(
    ("end", "period", "expected"),
    [
        (date(2027, 12, 31), Period(months=12), date(2028, 12, 31)),
        (date(2027, 2, 28), Period(months=12), date(2028, 2, 29)),  # a term that ends with February goes on doing so
        (date(2026, 6, 30), Period(months=1), date(2026, 7, 31)),
        (date(2026, 6, 30), Period(days=90), date(2026, 9, 28)),
    ],
)
def test_a_renewed_term_ends_one_period_later(end: date, period: Period, expected: date) -> None:
    assert last_day_later(end, period) == expected


def test_three_months_before_the_end_of_december_is_the_end_of_september() -> None:
    assert last_day_later(date(2026, 12, 31), Period(months=3), -1) == date(2026, 9, 30)


def test_dates_stop_at_the_ends_of_the_calendar() -> None:
    assert later(date(9999, 12, 1), Period(months=12)) == date.max
    assert later(date(9999, 12, 1), Period(days=100)) == date.max
    assert later(date(1, 1, 1), Period(months=1), -1) == date.min
    assert last_day_later(date.max, Period(days=1), -1) == date.max
