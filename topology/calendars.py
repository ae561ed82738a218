"""Time as agreements count it: IANA zones, weekly service hours, holidays, and sets of minutes to reckon with.

Instants are seconds since the epoch in UTC, whole where people wrote them. Every stretch is half-open. Local times are
taken in their zone on each day, so that the hour which summer time takes or gives is counted as it passes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays as public_holidays

Instant = int | Decimal
"""Seconds since 1970-01-01T00:00Z."""
_DAY, _WEEK = 1440, 10080
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS = {name.lower(): n for n, name in enumerate(_NAMES)} | {name: n for n, name in enumerate(_LONG)}
_SEGMENT = re.compile(r"(?P<days>[A-Za-z][A-Za-z,\s-]*?)\s+(?P<times>\d[\d:,\s-]*)")
_TIMES = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_ALWAYS = ("24x7", "24/7")
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch [start, end)."""

    start: Instant
    end: Instant

    @property
    def minutes(self) -> Decimal:
        """Its length."""
        return Decimal(self.end - self.start) / 60

    @property
    def starts_at(self) -> datetime:
        """Its start as a time in UTC."""
        return datetime.fromtimestamp(float(self.start), UTC)

    @property
    def ends_at(self) -> datetime:
        """Its end as a time in UTC."""
        return datetime.fromtimestamp(float(self.end), UTC)


Spans = tuple[Span, ...]
"""A set of instants: ascending, disjoint, none empty."""


def minutes_of(spans: Spans) -> Decimal:
    """The minutes in a set."""
    return sum((span.minutes for span in spans), Decimal(0))


def hull(one: Span, other: Span) -> Span:
    """The shortest stretch that holds both."""
    return Span(min(one.start, other.start), max(one.end, other.end))


def union(spans: Iterable[Span]) -> Spans:
    """The instants that are in any of the spans, in whatever order these come."""
    joined: list[Span] = []
    for span in sorted((s for s in spans if s.start < s.end), key=lambda s: s.start):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def intersection(one: Spans, other: Spans) -> Spans:
    """The instants that are in both sets."""
    found: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(other):
        mine, theirs = one[i], other[j]
        start = mine.start if mine.start > theirs.start else theirs.start  # noqa: FURB136  calls cost more than the rest
        end = mine.end if mine.end < theirs.end else theirs.end  # noqa: FURB136
        if start < end:
            # Most often one lies within the other.
            is_mine = start == mine.start and end == mine.end
            is_theirs = start == theirs.start and end == theirs.end
            found.append(mine if is_mine else theirs if is_theirs else Span(start, end))
        if mine.end < theirs.end:
            i += 1
        else:
            j += 1
    return tuple(found)


def difference(one: Spans, other: Spans) -> Spans:
    """The instants of the first set that are not in the second."""
    if not one:
        return ()
    gaps: list[Span] = []
    at = one[0].start
    for span in other:
        if at < span.start:
            gaps.append(Span(at, span.start))
        at = max(at, span.end)
    if at < one[-1].end:
        gaps.append(Span(at, one[-1].end))
    return intersection(one, tuple(gaps))


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone of that name.

    Raises:
        ValueError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f'there is no time zone "{name}"; write an IANA name such as Europe/Oslo or UTC') from error


def midnight(day: date, where: ZoneInfo) -> int:
    """The instant at which a day begins; where summer time skips midnight, the instant of the skip."""
    return _instant(day, 0, where)


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days on which a calendar is closed: single dates, and the public holidays of countries."""

    days: frozenset[date] = frozenset()
    countries: tuple[str, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "Holidays":
        """Read dates (`2026-12-25`) and country codes, with a subdivision or without (`NO`, `DE-BY`).

        Raises:
            ValueError: one of them is neither.
        """
        days: set[date] = set()
        countries: list[str] = []
        for text in texts:
            if text[:1].isdigit():
                try:
                    days.add(date.fromisoformat(text))
                except ValueError as error:
                    raise ValueError(f'"{text}" is not a date; write 2026-12-25') from error
            else:
                countries.append(_country(text))
        return cls(frozenset(days), tuple(sorted(set(countries))))

    def __bool__(self) -> bool:
        return bool(self.days or self.countries)

    def closes(self, day: date) -> bool:
        """Whether the day is one of them."""
        return day in self.days or any(day in _public_holidays(country, day.year) for country in self.countries)


NO_HOLIDAYS = Holidays()


@dataclass(frozen=True, slots=True)
class ServiceHours:
    """Weekly hours. `slots` are (weekday from Monday 0, first minute, last minute) of local time.

    A slot that passes midnight ends after minute 1440, and belongs to the day on which it begins.
    """

    slots: tuple[tuple[int, int, int], ...]

    @classmethod
    def parse(cls, text: str) -> "ServiceHours":
        """Read `24x7`, or days and hours such as `Mon-Fri 08:00-18:00; Sat 10:00-14:00`.

        Days are names, ranges and lists of them (`Mon,Wed-Fri`), hours a list of ranges (`08:00-12:00,13:00-17:00`);
        a range that ends before it starts passes midnight.

        Raises:
            ValueError: the text says no hours, or cannot be read; the message shows the part and how to write it.
        """
        return _parsed(text)

    @property
    def is_always(self) -> bool:
        """Whether no minute of the week is left out."""
        return len(self.slots) == len(_NAMES) and all(slot[1:] == (0, _DAY) for slot in self.slots)

    def __str__(self) -> str:
        if self.is_always:
            return _ALWAYS[0]
        hours = [",".join(f"{_clock(a)}-{_clock(b)}" for d, a, b in self.slots if d == day) for day in range(7)]
        parts: list[str] = []
        first = 0
        for day in range(7):
            if day < 6 and hours[day + 1] == hours[first]:
                continue
            if hours[first]:
                days = _NAMES[first] if first == day else f"{_NAMES[first]}-{_NAMES[day]}"
                parts.append(f"{days} {hours[first]}")
            first = day + 1
        return "; ".join(parts)

    def within(self, span: Span, where: ZoneInfo, closed: Holidays = NO_HOLIDAYS) -> Spans:
        """The service time inside a span: these hours on every day of that zone that is not closed.

        Cost: the days of the span times the slots of a day.
        """
        if self.is_always and not closed:
            return union((span,))
        return intersection(union(self._daily(span, where, closed)), (span,))

    def _daily(self, span: Span, where: ZoneInfo, closed: Holidays) -> Iterator[Span]:
        day = span.starts_at.astimezone(where).date() - timedelta(days=1)
        last = span.ends_at.astimezone(where).date()
        while day <= last:
            if not closed.closes(day):
                for weekday, first, end in self.slots:
                    if weekday == day.weekday():
                        yield Span(_instant(day, first, where), _instant(day, end, where))
            day += timedelta(days=1)


def weekly_slot(text: str) -> ServiceHours:
    """Read a weekly maintenance slot such as `Sun 02:00-04:00`.

    Raises:
        ValueError: it cannot be read, or leaves no time in the week.
    """
    slot = ServiceHours.parse(text)
    if slot.is_always:
        raise ValueError(f'maintenance "{text}" leaves no service; write a slot such as Sun 02:00-04:00')
    return slot


@lru_cache(maxsize=1024)
def _parsed(text: str) -> ServiceHours:
    if len(text) > _LONGEST:
        raise ValueError(f"service hours of {len(text)} characters are too long; at most {_LONGEST}")
    if text.strip().lower() in _ALWAYS:
        return ServiceHours(tuple((day, 0, _DAY) for day in range(7)))
    spans: list[tuple[int, int]] = []
    for segment in text.replace("–", "-").split(";"):
        found = _SEGMENT.fullmatch(segment.strip())
        if found is None:
            raise _unreadable(segment.strip())
        times = [_time_range(part.strip()) for part in found["times"].split(",")]
        spans += [(day * _DAY + a, day * _DAY + b) for day in _days(found["days"]) for a, b in times]
    return ServiceHours(tuple(_slots(_on_the_week(spans))))


def _days(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, dash, last = (name.strip().lower() for name in part.partition("-"))
        if first not in _WEEKDAYS or (dash and last not in _WEEKDAYS):
            raise ValueError(
                f'"{part.strip()}" is not a weekday or a range of them; write Mon, Tue ... Sun, or Mon-Fri'
            )
        start = _WEEKDAYS[first]
        length = (_WEEKDAYS[last] - start) % 7 if dash else 0
        yield from ((start + n) % 7 for n in range(length + 1))


def _time_range(text: str) -> tuple[int, int]:
    found = _TIMES.fullmatch(text)
    if found is None:
        raise _unreadable(text)
    hours, minutes, to_hours, to_minutes = map(int, found.groups())
    start, end = hours * 60 + minutes, to_hours * 60 + to_minutes
    if minutes > 59 or to_minutes > 59 or start >= _DAY or end > _DAY:
        raise ValueError(f'"{text}" is not a time of day; write 08:00-18:00, or 00:00-24:00 for all of it')
    if start == end:
        raise ValueError(f'"{text}" has no length; write 00:00-24:00 for a whole day')
    return (start, end) if end > start else (start, end + _DAY)


def _unreadable(text: str) -> ValueError:
    return ValueError(f'"{text}" is not service hours; write 24x7, or Mon-Fri 08:00-18:00; Sat 10:00-14:00')


def _on_the_week(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans joined on the circle of the week; one that passes its end is given once, beginning before it."""
    flat = sorted({(a, min(b, _WEEK)) for a, b in spans} | {(0, b - _WEEK) for _, b in spans if b > _WEEK})
    joined: list[tuple[int, int]] = []
    for start, end in flat:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    if len(joined) > 1 and joined[0][0] == 0 and joined[-1][1] == _WEEK:
        joined[-1] = (joined[-1][0], _WEEK + joined[0][1])
        del joined[0]
    return joined


def _slots(spans: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """One slot for each span shorter than a day, and for each day of a longer one."""
    found: list[tuple[int, int, int]] = []
    for start, end in spans:
        at = start
        while at < end:
            day = at // _DAY
            stop = end if end - start < _DAY else min(end, (day + 1) * _DAY)
            found.append((day % 7, at - day * _DAY, stop - day * _DAY))
            at = stop
    return sorted(found)


def _clock(minute: int) -> str:
    if minute > _DAY:
        minute -= _DAY
    return f"{minute // 60:02}:{minute % 60:02}"


def _instant(day: date, minute: int, where: ZoneInfo) -> int:
    day += timedelta(days=minute // _DAY)
    local = datetime(day.year, day.month, day.day, minute % _DAY // 60, minute % 60, tzinfo=where)
    return int(local.timestamp())


def _country(text: str) -> str:
    country, _, part = text.upper().partition("-")
    known = _countries()
    if country not in known or (part and part not in known[country]):
        raise ValueError(f'"{text}" is not a country whose holidays are known; write a code such as NO or DE-BY')
    return f"{country}-{part}" if part else country


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    return public_holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=4096)
def _public_holidays(country: str, year: int) -> frozenset[date]:
    name, _, part = country.partition("-")
    return frozenset(public_holidays.country_holidays(name, subdiv=part or None, years=year))
