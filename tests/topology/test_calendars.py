"""Zones, service hours, holidays and sets of minutes, on the calendars of real places."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from topology.calendars import (
    NO_HOLIDAYS,
    Holidays,
    ServiceHours,
    Span,
    Spans,
    difference,
    intersection,
    midnight,
    minutes_of,
    union,
    weekly_slot,
    zone,
)

OSLO, UTC_ZONE = zone("Europe/Oslo"), zone("UTC")


def days(start: date, count: int, where: str = "UTC") -> Span:
    here = zone(where)
    return Span(midnight(start, here), midnight(start + timedelta(days=count), here))


def service(text: str, span: Span, where: str = "UTC", closed: Holidays = NO_HOLIDAYS) -> Decimal:
    return minutes_of(ServiceHours.parse(text).within(span, zone(where), closed))


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "Europe", "../../etc/passwd", "/etc/localtime", "CEST+1"])
def test_an_unknown_zone_is_refused_with_a_hint(name: str) -> None:
    with pytest.raises(ValueError, match=r"there is no time zone .*; write an IANA name such as Europe/Oslo"):
        zone(name)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("24x7", "24x7"),
        ("24/7", "24x7"),
        ("Mon-Sun 00:00-24:00", "24x7"),
        ("Sat-Fri 00:00-24:00", "24x7"),
        ("Mon-Fri 08:00-18:00", "Mon-Fri 08:00-18:00"),
        ("mon-fri 8:00-18:00", "Mon-Fri 08:00-18:00"),
        ("Monday–Friday 08:00–18:00", "Mon-Fri 08:00-18:00"),
        ("Sat 10:00-14:00; Mon-Fri 08:00-18:00", "Mon-Fri 08:00-18:00; Sat 10:00-14:00"),
        ("Mon-Wed 08:00-12:00; Mon-Wed 12:00-18:00", "Mon-Wed 08:00-18:00"),
        ("Mon,Wed 08:00-12:00,13:00-17:00", "Mon 08:00-12:00,13:00-17:00; Wed 08:00-12:00,13:00-17:00"),
        ("Mon-Fri 22:00-06:00", "Mon-Fri 22:00-06:00"),
        ("Sun 22:00-06:00", "Sun 22:00-06:00"),
        ("Fri-Mon 09:00-10:00", "Mon 09:00-10:00; Fri-Sun 09:00-10:00"),
        ("Sat-Sun 00:00-24:00", "Sat-Sun 00:00-24:00"),
    ],
)
def test_service_hours_have_one_canonical_text_that_reads_back(text: str, canonical: str) -> None:
    hours = ServiceHours.parse(text)
    assert str(hours) == canonical
    assert ServiceHours.parse(canonical) == hours


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not service hours; write 24x7"),
        ("office hours", "is not service hours"),
        ("8-18", "is not service hours"),
        ("Mon-Fri", "is not service hours"),
        ("Mon-Fri 08:00-18:00;", "is not service hours"),
        ("Mun 08:00-18:00", '"Mun" is not a weekday'),
        ("Mon-Fry 08:00-18:00", '"Mon-Fry" is not a weekday'),
        ("Mon 08:60-18:00", "is not a time of day"),
        ("Mon 25:00-26:00", "is not a time of day"),
        ("Mon 24:00-24:00", "is not a time of day"),
        ("Mon 08:00-08:00", "has no length"),
        ("Mon" + " " * 5000 + "08:00-18:00", "too long"),
    ],
)
def test_service_hours_that_cannot_be_read_say_which_part_and_how_to_write_it(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ServiceHours.parse(text)


def test_june_2026_has_13_200_service_minutes_from_monday_to_friday_8_to_18() -> None:
    assert service("Mon-Fri 08:00-18:00", days(date(2026, 6, 1), 30)) == 13_200  # section 4: 22 weekdays


@pytest.mark.parametrize(
    ("month", "count", "minutes"),
    [(date(2026, 3, 1), 31, 44_580), (date(2026, 10, 1), 31, 44_700), (date(2026, 6, 1), 30, 43_200)],
)
def test_months_in_oslo_are_as_long_as_summer_time_makes_them(month: date, count: int, minutes: int) -> None:
    assert service("24x7", days(month, count, "Europe/Oslo"), "Europe/Oslo") == minutes


def test_a_night_shift_is_an_hour_shorter_when_summer_time_begins_and_longer_when_it_ends() -> None:
    spring, autumn, plain = date(2026, 3, 28), date(2026, 10, 24), date(2026, 6, 6)
    found = [service("Sat 22:00-06:00", days(day, 2, "Europe/Oslo"), "Europe/Oslo") for day in (spring, autumn, plain)]
    assert found == [7 * 60, 9 * 60, 8 * 60]


def test_an_hour_that_summer_time_skips_holds_no_service() -> None:
    assert service("Sun 02:00-03:00", days(date(2026, 3, 29), 1, "Europe/Oslo"), "Europe/Oslo") == 0
    assert service("Sun 02:00-03:00", days(date(2026, 10, 25), 1, "Europe/Oslo"), "Europe/Oslo") == 120


def test_a_day_that_begins_with_a_skipped_hour_begins_at_the_skip() -> None:
    # Cuba moves its clocks at midnight: 8 March 2026 has 23 hours and no 00:30.
    cuba = zone("America/Havana")
    first, after = midnight(date(2026, 3, 8), cuba), midnight(date(2026, 3, 9), cuba)
    assert after - first == 23 * 3600


def test_a_slot_that_passes_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday = date(2026, 6, 5)
    closed = Holidays.parse(["2026-06-05"])
    assert service("Fri 22:00-06:00", days(friday, 2)) == 8 * 60
    assert service("Fri 22:00-06:00", days(friday, 2), closed=closed) == 0
    assert service("Fri 22:00-06:00", days(friday, 2), closed=Holidays.parse(["2026-06-06"])) == 8 * 60


def test_service_that_began_before_the_span_counts_from_its_start() -> None:
    assert service("Fri 22:00-06:00", days(date(2026, 6, 6), 1)) == 6 * 60


def test_holidays_of_a_country_close_its_days() -> None:
    may = days(date(2026, 5, 1), 31, "Europe/Oslo")
    # Of May 2026's 21 weekdays, 1, 14 and 25 May are holidays in Norway; 17 and 24 May are Sundays.
    closed = Holidays.parse(["NO"])
    assert service("Mon-Fri 08:00-18:00", may, "Europe/Oslo") == 21 * 600
    assert service("Mon-Fri 08:00-18:00", may, "Europe/Oslo", closed) == 18 * 600


def test_holidays_of_a_part_of_a_country_are_its_own() -> None:
    corpus_christi = date(2026, 6, 4)
    assert Holidays.parse(["DE-BY"]).closes(corpus_christi)
    assert not Holidays.parse(["DE"]).closes(corpus_christi)


@pytest.mark.parametrize(
    ("text", "message"),
    [("2026-13-01", "is not a date"), ("Norway", "is not a country"), ("DE-XX", "is not a country"), ("", "is not a")],
)
def test_holidays_that_cannot_be_read_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Holidays.parse([text])


def test_maintenance_is_a_slot_and_not_the_whole_week() -> None:
    assert str(weekly_slot("Sun 02:00-04:00")) == "Sun 02:00-04:00"
    with pytest.raises(ValueError, match="leaves no service"):
        weekly_slot("24x7")


def test_a_span_shows_its_bounds_in_utc() -> None:
    june = days(date(2026, 6, 1), 30, "Europe/Oslo")
    assert june.starts_at == datetime(2026, 5, 31, 22, tzinfo=UTC)
    assert june.ends_at == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert june.minutes == 43_200


def random_spans(random: Random) -> Spans:
    edges = [(random.randrange(40), random.randrange(1, 8)) for _ in range(random.randrange(6))]
    return union(Span(start, start + length) for start, length in edges)


def seconds(spans: Spans) -> set[int]:
    return {second for span in spans for second in range(int(span.start), int(span.end))}


def test_sets_of_spans_obey_set_algebra() -> None:
    random = Random(3)
    for _ in range(500):
        one, other = random_spans(random), random_spans(random)
        assert seconds(intersection(one, other)) == seconds(one) & seconds(other)
        assert seconds(difference(one, other)) == seconds(one) - seconds(other)
        assert seconds(union((*one, *other))) == seconds(one) | seconds(other)
        for found in (one, difference(one, other), intersection(one, other)):
            assert all(a.end < b.start for a, b in pairwise(found))
            assert all(span.start < span.end for span in found)


def minute_by_minute(text: str, span: Span, where: str) -> int:
    """Service minutes by asking every minute for its local weekday and time: the brute force."""
    slots = ServiceHours.parse(text).slots
    here, count = zone(where), 0
    for second in range(int(span.start), int(span.end), 60):
        local = datetime.fromtimestamp(second, UTC).astimezone(here)
        minute = local.hour * 60 + local.minute
        for weekday, first, end in slots:
            today = local.weekday() == weekday and first <= minute < end
            tonight = local.weekday() == (weekday + 1) % 7 and minute < end - 1440
            count += today or tonight
    return count


@pytest.mark.parametrize("where", ["UTC", "Europe/Oslo", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
@pytest.mark.parametrize("text", ["24x7", "Mon-Fri 08:00-18:00", "Sat 22:30-07:30; Tue,Thu 12:00-13:15"])
def test_service_minutes_equal_a_count_of_every_minute(where: str, text: str) -> None:
    for start in (date(2026, 3, 27), date(2026, 10, 23), date(2026, 4, 3)):
        span = days(start, 5, where)
        assert service(text, span, where) == minute_by_minute(text, span, where)
