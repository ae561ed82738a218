"""The time that agreements count: an agreement's service hours and carve-outs, and the window of a commitment.

Units: instants in seconds since the epoch (UTC), lengths in minutes, all exact.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from topology.calendars import (
    Holidays,
    Instant,
    ServiceHours,
    Span,
    Spans,
    difference,
    midnight,
    minutes_of,
    union,
    weekly_slot,
    zone,
)
from topology.model import Agreement, ExclusionKind, Target, Window, WindowKind
from topology.windows import rolling_length, window_at, windows_touching

ZERO = Decimal(0)


class Measure:
    """A set of instants, ready to be measured between any two of them. Cost: logarithmic for each question."""

    def __init__(self, spans: Spans) -> None:
        self.spans = spans
        self._starts = [span.start for span in spans]
        self._ends = [span.end for span in spans]
        self._before = [0, *accumulate(span.end - span.start for span in spans)]

    @property
    def edges(self) -> Iterator[Instant]:
        """Where the set begins and ends."""
        return (edge for span in self.spans for edge in (span.start, span.end))

    def between(self, start: Instant, end: Instant) -> Decimal:
        """The minutes of the set in [start, end)."""
        return Decimal(self.seconds(start, end)) / 60

    def seconds(self, start: Instant, end: Instant) -> Instant:
        """The seconds of the set in [start, end)."""
        return self._until(end) - self._until(start) if start < end else 0

    def _until(self, instant: Instant) -> Instant:
        """The seconds of the set before an instant."""
        place = bisect_right(self._starts, instant) - 1
        if place < 0:
            return 0
        end = self._ends[place]
        return self._before[place] + min(instant, end) - self._starts[place]


@dataclass(frozen=True, slots=True)
class Untimed:
    """A maintenance allowance without times: so many minutes in each window."""

    minutes: Decimal
    per: Window


@dataclass(frozen=True, slots=True)
class AgreedTime:
    """When an agreement counts: its zone, service hours less holidays, and the maintenance that it excludes.

    `start` is its first day, from which contract years count.
    """

    where: ZoneInfo
    hours: ServiceHours
    closed: Holidays
    slots: tuple[ServiceHours, ...]
    untimed: tuple[Untimed, ...]
    start: date | None

    @property
    def is_always(self) -> bool:
        """Whether every minute is one of the service hours."""
        return self.hours.is_always and not self.closed

    @property
    def is_even(self) -> bool:
        """Whether every minute counts, and nothing is taken off."""
        return self.is_always and not self.slots and not self.untimed

    def service(self, span: Span) -> Spans:
        """The service hours inside a span, maintenance included."""
        return self.hours.within(span, self.where, self.closed)

    def maintenance(self, span: Span) -> Spans:
        """The timed maintenance inside a span that does not count as downtime."""
        return union(s for slot in self.slots for s in slot.within(span, self.where))

    def counted(self, span: Span) -> Spans:
        """The service hours inside a span, maintenance taken out."""
        return difference(self.service(span), self.maintenance(span))


def agreed_time(agreement: Agreement, window: Window) -> AgreedTime:
    """When an agreement counts; a maintenance allowance that names no period is for each of `window`.

    Assumes: the agreement was validated: its zone, hours, holidays and slots can be read.
    """
    excludes = any(e.kind is ExclusionKind.MAINTENANCE for e in agreement.excludes)
    planned = agreement.maintenance if excludes else ()
    return AgreedTime(
        zone(agreement.timezone),
        ServiceHours.parse(agreement.service_hours),
        Holidays.parse(agreement.holidays),
        tuple(weekly_slot(m.weekly) for m in planned if m.weekly is not None),
        tuple(Untimed(m.allowance, Window(m.per) if m.per else window) for m in planned if m.allowance is not None),
        agreement.start,
    )


@dataclass(frozen=True, slots=True)
class CommittedTime:
    """The window of a commitment: where it may lie, and what counts in it.

    Attributes:
        time: when the commitment's agreement counts.
        window: the kind of window.
        earliest: the window's first possible start; a calendar window has only this one.
        latest: its last possible start.
        length: seconds.
        shown: the window with the least service time; of several the first, which ends with the day asked about.
        service_minutes: S_C of that window: service hours, less the maintenance that the commitment itself excludes.
    """

    time: AgreedTime
    window: Window
    earliest: int
    latest: int
    length: int
    shown: Span
    service_minutes: Decimal

    @property
    def reach(self) -> Span:
        """All that the window may touch."""
        return Span(self.earliest, self.latest + self.length)

    @property
    def is_even(self) -> bool:
        """Whether every minute counts, wherever the window lies."""
        return self.time.is_even

    @property
    def is_fixed(self) -> bool:
        """Whether the window lies on a calendar grid."""
        return self.earliest == self.latest


@dataclass(frozen=True, slots=True)
class ServiceParts:
    """What S_C is made of, in minutes of the window that is shown: `hours - closed - planned - allowed`.

    Attributes:
        hours: in the weekly service hours.
        closed: of these on holidays.
        planned: of the rest in weekly maintenance slots that the commitment excludes.
        allowed: of the rest what its maintenance allowances take off.
    """

    hours: Decimal
    closed: Decimal
    planned: Decimal
    allowed: Decimal


def service_parts(committed: CommittedTime) -> ServiceParts:
    """What the service minutes of a commitment's window are made of."""
    time, shown = committed.time, committed.shown
    hours = minutes_of(time.hours.within(shown, time.where))
    service, counted = minutes_of(time.service(shown)), minutes_of(time.counted(shown))
    return ServiceParts(hours, hours - service, service - counted, counted - committed.service_minutes)


def committed_time(agreement: Agreement, target: Target, at: date) -> CommittedTime:
    """The window of a target that contains a day: of a calendar window the one, of a rolling window every position."""
    time = agreed_time(agreement, target.window)
    if target.window.kind is WindowKind.ROLLING:
        length = rolling_length(target.window)
        latest = midnight(at, time.where)
        earliest = min(midnight(at + timedelta(days=1), time.where) - length, latest)
    else:
        fixed = window_at(target.window, at, time.where, agreement.start)
        assert fixed is not None, "a comparable target has a window"
        earliest = latest = int(fixed.start)
        length = int(fixed.end) - earliest
    shown, least = _least_service(time, earliest, latest, length)
    return CommittedTime(time, target.window, earliest, latest, length, shown, least)


def worst_positions(edges: Iterable[Instant], earliest: Instant, latest: Instant, length: int) -> list[Instant]:
    """The starts of a sliding window between which all that has these edges is measured linearly, ascending."""
    found: set[Instant] = {earliest, latest}
    found.update(at for edge in edges for at in (edge, edge - length) if earliest < at < latest)
    return sorted(found)


def _least_service(time: AgreedTime, earliest: int, latest: int, length: int) -> tuple[Span, Decimal]:
    """The position of a window with the least service time, of several the first, whole ones before others; and that.

    Between neighbouring positions every measure is linear, and a maintenance allowance takes off no more than it is or
    than there is: the least lies at one of them, or where the minutes that an allowance is for pass it.
    """
    reach = Span(earliest, latest + length)
    counted = Measure(time.counted(reach))
    off = _TakenOff(time, counted, reach, length)

    def service(start: Instant) -> Decimal:
        return max(ZERO, counted.between(start, start + length) - off.minutes(start))

    positions: list[Instant] = [earliest]
    if not time.is_even and earliest < latest:
        positions = worst_positions(off.edges(), earliest, latest, length)
    kinks = [kink for one, other in pairwise(positions) for kink in off.kinks(one, other)]
    start = min([*positions, *sorted(kinks)], key=service)
    return Span(start, start + length), service(start)


class _TakenOff:
    """The maintenance without times that a commitment excludes, in its window of one length, wherever that lies.

    Args:
        time: when the commitment counts.
        counted: what counts of it.
        reach: all that the window may touch.
        length: of the window, in seconds.
    """

    def __init__(self, time: AgreedTime, counted: Measure, reach: Span, length: int) -> None:
        self._counted = counted
        self._length = length
        self._fixed: list[tuple[Decimal, Instant, Instant]] = []
        self._whole: list[Decimal] = []
        for allowance in time.untimed:
            grid = windows_touching(allowance.per, reach, time.where, time.start)
            fixed = [(allowance.minutes, window.start, window.end) for window in grid]
            self._fixed += fixed
            if not fixed:
                self._whole.append(allowance.minutes)  # it names no period of a calendar, and is for the window itself

    def minutes(self, start: Instant) -> Decimal:
        """What is taken off the window that begins at an instant."""
        return sum((min(minutes, inside) for minutes, inside in self._inside(start)), ZERO)

    def edges(self) -> Iterator[Instant]:
        """What has to enter or leave the window for anything about it to change otherwise than linearly."""
        yield from self._counted.edges
        for _, start, end in self._fixed:
            yield from (start, end)

    def kinks(self, one: Instant, other: Instant) -> Iterator[Instant]:
        """Where, between two neighbouring positions, the counted minutes that an allowance is for pass it."""
        for (minutes, here), (_, there) in zip(self._inside(one), self._inside(other), strict=True):
            if min(here, there) < minutes < max(here, there):
                yield one + (other - one) * (minutes - here) / (there - here)

    def _inside(self, start: Instant) -> Iterator[tuple[Decimal, Decimal]]:
        """Every allowance with the counted minutes that it is for, in the window that begins at an instant."""
        end = start + self._length
        for minutes, first, last in self._fixed:
            yield minutes, self._counted.between(max(start, first), min(end, last))
        for minutes in self._whole:
            yield minutes, self._counted.between(start, end)


def untimed_windows(time: AgreedTime, allowance: Untimed, span: Span) -> list[tuple[Instant, Instant]]:
    """The windows of an allowance that touch a span; a rolling or unknown one counts once for each of its lengths."""
    grid = [(w.start, w.end) for w in windows_touching(allowance.per, span, time.where, time.start)]
    if grid or allowance.per.kind is not WindowKind.ROLLING:
        return grid or [(span.start, span.end)]
    step = rolling_length(allowance.per)
    starts = range(int(span.start), int(span.end), step)
    return [(start, start + step) for start in starts]
