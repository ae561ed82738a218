"""What budgets of downtime come to inside a window that may slide, and where they come to the most.

Formula: for a window [x, x + length): `free(x) + sum over w of min(b_w, |w inside the window|)`, with `b_w = asked |w|`
for the windows of a supplier's promise and a fixed number of minutes for its planned maintenance.
Units: minutes, exact decimals. Instants in seconds.
Assumes: between two neighbouring positions, at which an edge of anything enters or leaves the window, every measure is
linear, so that the sum is concave there: its maximum lies at an end, or where the time inside w passes b_w.
Cost: the time inside is measured once for each position, whatever is asked for, and not where free time and all budgets
together come to no more than what was found; a maximum that was asked from the same position on goes on from there.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from risk.agreements.agreed_time import ZERO, Measure
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


class Sliding:
    """The time of a commitment and of a supplier in the commitment's window, wherever that lies.

    Attributes:
        counted: what both count; the rest of what the commitment counts is free.
        length: of the window, in seconds.
    """

    def __init__(self, ours: Measure, counted: Measure, length: int) -> None:
        self._ours = ours
        self.counted = counted
        self.length = length
        self._free: dict[Instant, Decimal] = {}

    @cached_property
    def positions(self) -> list[Instant]:
        """Every start of the window at which an edge of that time enters or leaves it, ascending."""
        edges = {*self._ours.edges, *self.counted.edges}
        return sorted(edges | {edge - self.length for edge in edges})

    def free(self, start: Instant) -> Decimal:
        """The free minutes of the window that begins at an instant."""
        found = self._free.get(start)
        if found is None:
            end = start + self.length
            found = Decimal(self._ours.seconds(start, end) - self.counted.seconds(start, end)) / 60
            self._free[start] = found
        return found


class Budgets:
    """The budgets of a supplier in a commitment's window of one length, wherever that lies.

    Args:
        sliding: what the commitment and the supplier count.
        grid: the windows of the supplier's promise.
        planned: the budgets of its maintenance.
    """

    def __init__(self, sliding: Sliding, grid: Grid = NO_GRID, planned: Sequence[Budget] = ()) -> None:
        self._sliding = sliding
        self._grid = grid
        self._planned = planned
        self._length = sliding.length
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
        inside = (position for position in self.positions() if first < position < last)
        starts = sorted({first, last, *inside})
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
        return self._sliding.free(start)

    def positions(self) -> list[Instant]:
        """Every start of the window at which an edge of anything enters or leaves it, ascending."""
        if self._positions is None:
            own: set[Instant] = {*self._grid.starts, *self._grid.ends}
            own.update(edge for budget in self._planned for edge in (budget.start, budget.end))
            own |= {edge - self._length for edge in own}
            # Long runs in order are merged at once.
            self._positions = sorted([*self._sliding.positions, *sorted(own.difference(self._sliding.positions))])
        return self._positions

    def utmost(self, asked: Decimal) -> Decimal:
        """More than the budgets can come to in any window, free time aside."""
        grid, most, last = self._grid, ZERO, 0
        together = ZERO
        for place, agreed in enumerate(grid.agreed):
            while last < len(grid.starts) and grid.starts[last] < grid.ends[place] + self._length:
                together += grid.agreed[last]
                last += 1
            most, together = max(most, together), together - agreed
        return asked * most + sum((budget.minutes for budget in self._planned), ZERO)

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

    def _at(self, start: Instant) -> _Inside:
        found = self._inside.get(start) if isinstance(start, int) else None
        if found is None:
            found = self._measured(start)
            if isinstance(start, int):
                self._inside[start] = found
        return found

    def _measured(self, start: Instant) -> _Inside:
        end, counted, grid = start + self._length, self._sliding.counted, self._grid
        places = grid.touching(Span(start, end))
        return _Inside(
            free=self._sliding.free(start),
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
        self._utmost = budgets.utmost(asked)
        self._tops: dict[int, Decimal] = {}
        self._bounds: dict[int, Decimal] = {}
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
        known, bounds = self._most_from.setdefault(low, []), self._bounds
        most = known[-1] if known else ZERO
        for place in range(low + len(known), high):
            bound = bounds.get(place)
            if bound is None:
                bound = bounds[place] = self._bound(place)
            if bound > most:
                most = max(most, self._top(place))
            known.append(most)
        return known[high - 1 - low]

    def _top(self, place: int) -> Decimal:
        """The most from a position up to the next."""
        if place not in self._tops:
            here, there = self._positions[place], self._positions[place + 1]
            self._tops[place] = max(self._budgets.total(here, self._asked), self._peak(here, there))
        return self._tops[place]

    def _bound(self, place: int) -> Decimal:
        """No less than the most from a position up to the next: free time is linear between the two."""
        here, there = self._positions[place], self._positions[place + 1]
        return max(self._budgets.free(here), self._budgets.free(there)) + self._utmost

    def _peak(self, one: Instant, other: Instant) -> Decimal:
        """The most at any kink between two neighbouring positions; nothing where there is none."""
        kinks = self._budgets.kinks(one, other, self._asked)
        return max((self._budgets.total(kink, self._asked) for _, kink in kinks), default=ZERO)
