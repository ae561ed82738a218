"""How much of one calendar passes while so many minutes of another do: worked by hand, and minute by minute."""

from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest

from risk.agreements.passing_time import longest_passing
from topology.calendars import NO_HOLIDAYS, Holidays, ServiceHours, Span, Spans, midnight

OSLO, UTC_ZONE = ZoneInfo("Europe/Oslo"), ZoneInfo("UTC")
ALWAYS, OFFICE = "24x7", "Mon-Fri 08:00-18:00"
MONDAY = date(2026, 6, 29)
_WEEK = 7 * 86_400


def passing(
    ours: str,
    theirs: str,
    minutes: int,
    *,
    at: date = MONDAY,
    where: ZoneInfo = UTC_ZONE,
    closed: Holidays = NO_HOLIDAYS,
) -> Decimal | None:
    start = midnight(at, where)

    def of(text: str, holidays: Holidays, span: Span) -> Spans:
        return ServiceHours.parse(text).within(span, where, holidays)

    found = longest_passing(
        lambda span: of(ours, NO_HOLIDAYS, span),
        lambda span: of(theirs, closed, span),
        Decimal(minutes) * 60,
        Span(start, start + _WEEK),
    )
    return None if found is None else found / 60


def test_four_business_hours_from_friday_evening_are_66_hours() -> None:
    assert passing(ALWAYS, OFFICE, 240) == 66 * 60
    assert passing(ALWAYS, OFFICE, 240, where=OSLO) == 66 * 60


def test_the_weekend_on_which_summer_time_ends_is_an_hour_longer() -> None:
    """25 October 2026 in Oslo; and on 29 March it is an hour shorter, so that an ordinary night counts no less."""
    assert passing(ALWAYS, OFFICE, 240, at=date(2026, 10, 19), where=OSLO) == 67 * 60
    assert passing(ALWAYS, OFFICE, 240, at=date(2026, 3, 23), where=OSLO) == 65 * 60


def test_holidays_are_waited_for() -> None:
    """From Thursday 24 December 2026, 18:00, over Friday's holiday to Monday, 12:00: 90 h."""
    christmas = Holidays.parse(["2026-12-25"])
    assert passing(ALWAYS, OFFICE, 240, at=date(2026, 12, 21), closed=christmas) == 90 * 60


def test_of_hours_that_both_keep_no_more_passes_than_is_promised() -> None:
    assert passing(OFFICE, OFFICE, 240) == 240


def test_of_office_hours_a_promise_round_the_clock_takes_at_most_what_fits() -> None:
    assert passing(OFFICE, ALWAYS, 240) == 240
    assert passing(OFFICE, ALWAYS, 24 * 60) == 600  # a day holds ten office hours
    assert passing(OFFICE, ALWAYS, 48 * 60) == 1200


def test_what_never_comes_due_has_no_answer() -> None:
    assert passing(ALWAYS, "Mon 08:00-08:01", 20_000) is None


def stepped(ours: str, theirs: str, minutes: int, at: date) -> int:
    """The most of ours from any minute of the week on, until so many of theirs are over and theirs begins again."""

    def open_at(text: str, minute: int) -> bool:
        moment = datetime.fromtimestamp(midnight(at, UTC_ZONE) + minute * 60, UTC)
        of_day = moment.hour * 60 + moment.minute
        return any(day == moment.weekday() and a <= of_day < b for day, a, b in ServiceHours.parse(text).slots)

    week = [(open_at(ours, m), open_at(theirs, m)) for m in range(7 * 1440)]
    longest = end = our = their = 0  # minutes of either in [start, end)
    for start in range(7 * 1440):
        while their < minutes or not week[end % len(week)][1]:
            our += week[end % len(week)][0]
            their += week[end % len(week)][1]
            end += 1
        longest = max(longest, our)
        our -= week[start][0]
        their -= week[start][1]
    return longest


@pytest.mark.parametrize("seed", range(60))
def test_it_equals_stepping_through_the_week(seed: int) -> None:
    random = Random(seed)

    def hours() -> str:
        first, length = random.randint(0, 15), random.randint(4, 8)
        return random.choice((ALWAYS, OFFICE, f"Mon,Wed-Thu {first:02}:00-{first + length:02}:30", "Sat 06:00-20:00"))

    ours, theirs, minutes = hours(), hours(), random.choice((15, 60, 240, 700, 1500))
    at = date(2026, 6, random.randint(1, 28))
    assert passing(ours, theirs, minutes, at=at) == stepped(ours, theirs, minutes, at)
