"""Calendars read once for all windows: what two agreements count together, and the windows of a promise, by eras.

An era is a run of whole years: those of a span, and where windows that touch it may reach beyond, one more either way.
Units: instants in seconds, lengths in minutes, all exact.
Cost: the days of an era for each agreement's calendar, and its spans for each pair; then logarithmic in these.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from risk.agreements.agreed_time import ZERO, AgreedTime, Measure
from risk.agreements.budgets import Budgets, Grid, Sliding
from topology.calendars import (
    NO_HOLIDAYS,
    Holidays,
    ServiceHours,
    Span,
    Spans,
    difference,
    intersection,
    midnight,
    union,
    zone,
)
from topology.model import Window, WindowKind
from topology.windows import windows_touching

Era = tuple[int, int]
"""The first year, and the year after the last."""
_NONE = Measure(())
UTC_ZONE = zone("UTC")


@dataclass(frozen=True, slots=True)
class _Calendar:
    """What the time that an agreement counts depends on, contract years aside."""

    where: ZoneInfo
    hours: ServiceHours
    closed: Holidays
    slots: tuple[ServiceHours, ...]

    @property
    def is_everything(self) -> bool:
        """Whether every minute counts."""
        return self.hours.is_always and not self.closed and not self.slots

    def service(self, era: Era) -> Spans:
        """The service hours of an era."""
        return _joined(self.hours, self.where, self.closed, era)

    def maintenance(self, era: Era) -> Spans:
        """The timed maintenance of an era."""
        return union(span for slot in self.slots for span in _joined(slot, self.where, NO_HOLIDAYS, era))


class Overlap:
    """How the time that a supplier's agreement counts lies in the time that a commitment's counts, in an era.

    Attributes:
        ours: what the commitment's counts; the other parts are worked out when they are asked for.
    """

    def __init__(self, ours: _Calendar, theirs: _Calendar, era: Era) -> None:
        self.ours = _counted(ours, era)
        self._is_everything = ours.is_everything
        self._theirs = theirs
        self._era = era

    @cached_property
    def counted(self) -> Measure:
        """What both count."""
        if self._theirs.is_everything:
            return self.ours
        counted = _counted(self._theirs, self._era)
        return counted if self._is_everything else Measure(intersection(self.ours.spans, counted.spans))

    @cached_property
    def served(self) -> Measure:
        """What of the commitment's is inside the supplier's service hours."""
        if not self._theirs.slots:
            return self.counted
        return Measure(intersection(self.ours.spans, self._theirs.service(self._era)))

    @cached_property
    def in_maintenance(self) -> Measure:
        """What of the commitment's is inside the supplier's timed maintenance."""
        if not self._theirs.slots:
            return _NONE
        return Measure(intersection(self.ours.spans, self._theirs.maintenance(self._era)))


class SharedTime:
    """Calendars as they are asked for; kept as long as this object is."""

    def __init__(self) -> None:
        self._calendars: dict[int, tuple[AgreedTime, tuple[_Calendar, int]]] = {}
        self._numbers: dict[_Calendar, int] = {}
        self._overlaps: dict[tuple[int, int, Era], Overlap] = {}
        self._grids: dict[tuple[int, str, Window, date | None, Era], Grid] = {}
        self._budgets: dict[tuple[int, int, str, Window, date | None, Era, int], Budgets] = {}
        self._sliding: dict[tuple[int, int, Era, int], Sliding] = {}
        self._fullest: dict[tuple[int, int, Era], Budgets] = {}

    def overlap(self, ours: AgreedTime, theirs: AgreedTime, reach: Span) -> Overlap:
        """How two agreements' time lies together, around a span."""
        (mine, one), (other, two) = self._calendar(ours), self._calendar(theirs)
        about = (one, two, _era(reach, 0))
        if about not in self._overlaps:
            self._overlaps[about] = _overlap(mine, other, about[2])
        return self._overlaps[about]

    def grid(self, theirs: AgreedTime, window: Window, reach: Span) -> Grid:
        """The windows of a promise around a span; none for windows on no grid."""
        calendar, number = self._calendar(theirs)
        start = theirs.start if window.kind is WindowKind.CONTRACT_YEAR else None
        about = (number, theirs.where.key, window, start, _era(reach, 1))
        if about not in self._grids:
            self._grids[about] = _grid(calendar, theirs.where, window, start, about[4])
        return self._grids[about]

    def budgets(self, ours: AgreedTime, theirs: AgreedTime, window: Window, reach: Span, length: int) -> Budgets:
        """The budgets of a supplier's promise in a commitment's windows of a length, around a span."""
        one, two = self._calendar(ours)[1], self._calendar(theirs)[1]
        start = theirs.start if window.kind is WindowKind.CONTRACT_YEAR else None
        about = (one, two, theirs.where.key, window, start, _era(reach, 0), length)
        found = self._budgets.get(about)
        if found is None:
            found = Budgets(self.sliding(ours, theirs, reach, length), self.grid(theirs, window, reach))
            self._budgets[about] = found
        return found

    def sliding(self, ours: AgreedTime, theirs: AgreedTime, reach: Span, length: int) -> Sliding:
        """Two agreements' time in windows of a length, around a span."""
        about = (self._calendar(ours)[1], self._calendar(theirs)[1], _era(reach, 0), length)
        if about not in self._sliding:
            overlap = self.overlap(ours, theirs, reach)
            self._sliding[about] = Sliding(overlap.ours, overlap.counted, length)
        return self._sliding[about]

    def fullest(self, theirs: AgreedTime, length: int, reach: Span) -> Decimal:
        """The most service minutes of any stretch of a length inside a span."""
        calendar, number = self._calendar(theirs)
        about = (number, length, _era(reach, 0))
        if about not in self._fullest:
            self._fullest[about] = Budgets(Sliding(_served(calendar, about[2]), _NONE, length))
        return self._fullest[about].most(int(reach.start), int(reach.end) - length, ZERO)

    def _calendar(self, time: AgreedTime) -> tuple[_Calendar, int]:
        held = self._calendars.get(id(time))
        if held is None:
            # What counts every minute does so in all zones.
            where = UTC_ZONE if time.is_always and not time.slots else time.where
            calendar = _Calendar(where, time.hours, time.closed, time.slots)
            number = self._numbers.setdefault(calendar, len(self._numbers))
            # With the time itself, so that no other gets its id.
            held = self._calendars[id(time)] = (time, (calendar, number))
        return held[1]


def _era(reach: Span, around: int) -> Era:
    """The years of a span with so many before and after it."""
    first = datetime.fromtimestamp(int(reach.start), UTC).year
    last = datetime.fromtimestamp(int(reach.end), UTC).year
    return (first - around, last + around + 1)


@lru_cache(maxsize=256)
def _overlap(ours: _Calendar, theirs: _Calendar, era: Era) -> Overlap:
    return Overlap(ours, theirs, era)


@lru_cache(maxsize=256)
def _counted(calendar: _Calendar, era: Era) -> Measure:
    """The service hours of an era less its timed maintenance."""
    return Measure(difference(calendar.service(era), calendar.maintenance(era)))


@lru_cache(maxsize=256)
def _served(calendar: _Calendar, era: Era) -> Measure:
    """The service hours of an era."""
    return Measure(calendar.service(era))


@lru_cache(maxsize=256)
def _joined(hours: ServiceHours, where: ZoneInfo, closed: Holidays, era: Era) -> Spans:
    return union(span for year in range(*era) for span in _service_of_year(hours, where, closed, year))


@lru_cache(maxsize=1024)
def _grid(theirs: _Calendar, where: ZoneInfo, window: Window, start: date | None, era: Era) -> Grid:
    # Windows that reach beyond the era are left out: none of them touches a span that the era is for.
    whole = _years(era)
    touching = windows_touching(window, whole, where, start)
    spans = [span for span in touching if whole.start <= span.start and span.end <= whole.end]
    service = _served(theirs, era)
    return Grid(
        tuple(int(span.start) for span in spans),
        tuple(int(span.end) for span in spans),
        tuple(service.between(span.start, span.end) for span in spans),
    )


@lru_cache(maxsize=512)
def _service_of_year(hours: ServiceHours, where: ZoneInfo, closed: Holidays, year: int) -> Spans:
    """The service hours inside a year of UTC."""
    return hours.within(_years((year, year + 1)), where, closed)


def _years(era: Era) -> Span:
    first, after = (midnight(date(year, 1, 1), UTC_ZONE) for year in era)
    return Span(first, after)
