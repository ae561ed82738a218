"""How much of one calendar can pass while so much of another does.

Formula: with U(s) the seconds of theirs before s and e(s) the last moment at which U(e) = U(s) + m, the most of
ours between s and e(s) over all s in a span. Between neighbours of the candidates (where either calendar begins or
ends, at s or at e(s)) it is linear, and it only falls short of what comes right after a candidate: so these are all.
Units: seconds, exact.
Cost: the edges of both calendars, times their logarithm.
Source: derived here; the tests step through it minute by minute.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import accumulate

from topology.calendars import Instant, Span, Spans

ZERO = Decimal(0)
_DAY = 86_400
_LONGEST = 20 * 366 * _DAY


class _Clock:
    """A calendar that counts seconds, and tells when so many have passed."""

    def __init__(self, spans: Spans) -> None:
        self._starts = [span.start for span in spans]
        self._ends = [span.end for span in spans]
        self._passed = [ZERO, *accumulate(Decimal(span.end - span.start) for span in spans)]

    @property
    def edges(self) -> Iterator[Instant]:
        """Where it begins and stops to count."""
        yield from self._starts
        yield from self._ends

    @property
    def total(self) -> Decimal:
        """All that it counts."""
        return self._passed[-1]

    def until(self, instant: Instant) -> Decimal:
        """The seconds counted before an instant."""
        place = bisect_right(self._starts, instant) - 1
        if place < 0:
            return ZERO
        return self._passed[place] + Decimal(min(instant, self._ends[place]) - self._starts[place])

    def last(self, seconds: Decimal) -> Instant | None:
        """The last instant before which exactly so many seconds were counted; None where there is no end to it."""
        place = bisect_right(self._passed, seconds) - 1
        if not 0 <= place < len(self._starts):
            return None
        return self._starts[place] + (seconds - self._passed[place])

    def first(self, seconds: Decimal) -> Instant | None:
        """The first such instant; None for the beginning of all time."""
        place = bisect_left(self._passed, seconds) - 1
        if not 0 <= place < len(self._starts):
            return None
        return self._starts[place] + (seconds - self._passed[place])


def longest_passing(
    ours: Callable[[Span], Spans], theirs: Callable[[Span], Spans], seconds: Decimal, begins: Span
) -> Decimal | None:
    """The most seconds of ours that can pass while `seconds` of theirs do, from any moment of a span on.

    None where so many of theirs do not pass within twenty years.
    """
    reach = _reach(theirs, seconds, begins)
    if reach is None:
        return None
    our, their = _Clock(ours(reach)), _Clock(theirs(reach))
    longest = ZERO
    for start in {begins.start, *_candidates(our, their, seconds, begins)}:
        end = their.last(their.until(start) + seconds)
        assert end is not None, "the reach holds more than so many seconds"
        longest = max(longest, our.until(end) - our.until(start))
    return longest


def _reach(theirs: Callable[[Span], Spans], seconds: Decimal, begins: Span) -> Span | None:
    """From the beginning on until more than so many seconds of theirs have passed after the last moment of it."""
    length = int(begins.end - begins.start) + int(seconds) + 14 * _DAY
    while length <= _LONGEST:
        reach = Span(begins.start, begins.start + length)
        clock = _Clock(theirs(reach))
        if clock.total - clock.until(begins.end) > seconds:
            return reach
        length *= 2
    return None


def _candidates(our: _Clock, their: _Clock, seconds: Decimal, begins: Span) -> Iterator[Instant]:
    for edge in {*our.edges, *their.edges}:
        level = their.until(edge) - seconds
        for start in (edge, their.first(level), their.last(level)):
            if start is not None and begins.start <= start < begins.end:
                yield start
