"""What budgets of downtime come to inside a window that may slide, and where they come to the most.

Formula: for a window [x, x + length): `free(x) + sum over w of min(b_w, |w inside the window|)`, with `b_w = asked |w|`
for the windows of a supplier's promise and a fixed number of minutes for its planned maintenance.
Units: minutes, exact decimals. Instants in seconds.
Assumes: between two neighbouring positions, at which an edge of anything enters or leaves the window, every measure is
linear, so that the sum is concave there: its maximum lies at an end, or where the time inside w passes b_w.
Cost: the time inside is measured once for each position, whatever is asked for; a maximum that was asked from the same
position on goes on from there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from risk.agreed_time import ZERO, Measure, worst_positions
from topology.calendars import Instant, Span


@dataclass(frozen=True, slots=True)
class Grid:
    """The windows of a promise, in order, each with its service minutes."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    agreed: tuple[Decimal, ...]

    def touching(self, reach: Span) -> range:
        """The places of the windows that share time with a span."""
        return range(bisect_right(self.ends, reach.start), bisect_left(self.starts, reach.end))


NO_GRID = Grid((), (), ())


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `minutes` of downtime between two instants: of maintenance, or a share of `agreed` minutes."""

    start: Instant
    end: Instant
    minutes: Decimal
    agreed: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Inside:
    """What lies in the window at one position: free minutes, then by budget the counted ones, from a place on."""

    free: Decimal
    planned: tuple[Decimal, ...]
    first: int
    counted: tuple[Decimal, ...]

    def of(self, place: int) -> Decimal:
        """The counted minutes of a window of the grid."""
        return self.counted[place - self.first] if 0 <= place - self.first < len(self.counted) else ZERO


class Budgets:
    """The budgets of a supplier in a commitment's window of one length, wherever that lies.

    Args:
        ours: what the commitment counts.
        counted: what both count; the rest of `ours` is free.
        grid: the windows of the supplier's promise.
        planned: the budgets of its maintenance.
        length: of the commitment's window, in seconds.
    """

    def __init__(
        self, ours: Measure, counted: Measure, length: int, *, grid: Grid = NO_GRID, planned: Sequence[Budget] = ()
    ) -> None:
        self._ours = ours
        self._counted = counted
        self._grid = grid
        self._planned = planned
        self._length = length
        self._positions: list[Instant] | None = None
        self._inside: dict[int, _Inside] = {}
        self._curves: dict[Decimal, _Curve] = {}

    def total(self, start: Instant, asked: Decimal) -> Decimal:
        """What they come to in the window that begins at an instant."""
        inside, grid = self._at(start), self._grid
        found = inside.free
        for budget, minutes in zip(self._planned, inside.planned, strict=True):
            found += min(budget.minutes, minutes)
        for place, minutes in enumerate(inside.counted, inside.first):
            found += min(asked * grid.agreed[place], minutes)
        return found

    def most(self, first: int, last: int, asked: Decimal) -> Decimal:
        """The most that they come to in a window which begins between two instants."""
        if first == last:
            return self.total(first, asked)
        if asked not in self._curves:
            self._curves[asked] = _Curve(self, asked)
        return self._curves[asked].most(first, last)

    def where_most(self, first: int, last: int, asked: Decimal) -> Instant:
        """The start of the window in which they come to the most; of several the first, whole ones before others."""
        starts = worst_positions(self._edges(), first, last, self._length) if first < last else [first]
        kinks = (kink for one, other in pairwise(starts) for kink in self.kinks(one, other, asked))
        between = [at for _, at in sorted(kinks, key=lambda kink: kink[0])]
        found: Instant = max((*starts, *between), key=lambda at: self.total(at, asked))
        return found

    def inside(self, start: Instant, asked: Decimal) -> Iterator[tuple[Budget, Decimal]]:
        """Every budget in the window that begins at an instant, with the counted minutes that it is for there."""
        inside, grid = self._at(start), self._grid
        for budget, minutes in zip(self._planned, inside.planned, strict=True):
            if budget.start < start + self._length and start < budget.end:
                yield budget, minutes
        for place, minutes in enumerate(inside.counted, inside.first):
            agreed = grid.agreed[place]
            yield Budget(grid.starts[place], grid.ends[place], asked * agreed, agreed), minutes

    def free(self, start: Instant) -> Decimal:
        """The minutes that only the commitment counts, in the window that begins at an instant."""
        return self._at(start).free

    def positions(self) -> list[Instant]:
        """Every start of the window at which an edge of anything enters or leaves it, ascending."""
        if self._positions is None:
            edges = set(self._edges())
            self._positions = sorted(edges | {edge - self._length for edge in edges})
        return self._positions

    def kinks(self, one: Instant, other: Instant, asked: Decimal) -> Iterator[tuple[int, Instant]]:
        """Where, between two neighbouring positions, the time inside a budget's window passes it: with its number."""
        here, there = self._at(one), self._at(other)
        for number, budget in enumerate(self._planned):
            first, last = here.planned[number], there.planned[number]
            if min(first, last) < budget.minutes < max(first, last):
                yield number, one + (other - one) * (budget.minutes - first) / (last - first)
        for place in range(here.first, max(here.first + len(here.counted), there.first + len(there.counted))):
            first, last = here.of(place), there.of(place)
            budget_minutes = asked * self._grid.agreed[place] if first != last else ZERO
            if min(first, last) < budget_minutes < max(first, last):
                at = one + (other - one) * (budget_minutes - first) / (last - first)
                yield len(self._planned) + place, at

    def _edges(self) -> Iterable[Instant]:
        yield from self._ours.edges
        yield from self._counted.edges
        yield from self._grid.starts
        yield from self._grid.ends
        for budget in self._planned:
            yield from (budget.start, budget.end)

    def _at(self, start: Instant) -> _Inside:
        found = self._inside.get(start) if isinstance(start, int) else None
        if found is None:
            found = self._measured(start)
            if isinstance(start, int):
                self._inside[start] = found
        return found

    def _measured(self, start: Instant) -> _Inside:
        end, counted, grid = start + self._length, self._counted, self._grid
        places = grid.touching(Span(start, end))
        return _Inside(
            free=Decimal(self._ours.seconds(start, end) - counted.seconds(start, end)) / 60,
            planned=tuple(counted.between(max(start, b.start), min(end, b.end)) for b in self._planned),
            first=places.start,
            counted=tuple(counted.between(max(start, grid.starts[p]), min(end, grid.ends[p])) for p in places),
        )


class _Curve:
    """What some budgets come to for one promise, over all positions of a window."""

    def __init__(self, budgets: Budgets, asked: Decimal) -> None:
        self._budgets = budgets
        self._asked = asked
        self._positions = budgets.positions()
        self._tops: dict[int, Decimal] = {}
        self._most_from: dict[int, list[Decimal]] = {}

    def most(self, first: int, last: int) -> Decimal:
        """The most between two starts, both included."""
        positions, total = self._positions, self._budgets.total
        low, high = bisect_right(positions, first), bisect_left(positions, last)
        found = max(total(first, self._asked), total(last, self._asked))
        if low == high:
            return max(found, self._peak(first, last))
        nearest, farthest = positions[low], positions[high - 1]
        found = max(found, self._peak(first, nearest), total(farthest, self._asked), self._peak(farthest, last))
        return max(found, self._most_until(low, high - 1)) if low < high - 1 else found

    def _most_until(self, low: int, high: int) -> Decimal:
        """The most from one position up to another, which is not among them."""
        known = self._most_from.setdefault(low, [])
        for place in range(low + len(known), high):
            top = self._top(place)
            known.append(max(known[-1], top) if known else top)
        return known[high - 1 - low]

    def _top(self, place: int) -> Decimal:
        """The most from a position up to the next."""
        if place not in self._tops:
            here, there = self._positions[place], self._positions[place + 1]
            self._tops[place] = max(self._budgets.total(here, self._asked), self._peak(here, there))
        return self._tops[place]

    def _peak(self, one: Instant, other: Instant) -> Decimal:
        """The most at any kink between two neighbouring positions; nothing where there is none."""
        kinks = self._budgets.kinks(one, other, self._asked)
        return max((self._budgets.total(kink, self._asked) for _, kink in kinks), default=ZERO)
