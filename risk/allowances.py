"""Allowances that commitments share: the same terms allow the same in the same window, whoever states them.

Units: minutes of a commitment's window.
Cost: one allowance for each pair of a window and terms that differ; a look into a table for all others.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from risk.agreements.agreed_time import AgreedTime, CommittedTime, agreed_time, committed_time
from risk.agreements.shared_time import SharedTime
from risk.allowance import Allowance, least_allowance, least_minutes
from topology.calendars import Span, hull, zone
from topology.model import Agreement, ExclusionKind, Maintenance, Target, Window, WindowKind
from topology.windows import window_at


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What an agreement promises of a supplier, as far as an allowance depends on it: one object for equal terms."""

    times: tuple[AgreedTime, ...]
    targets: tuple[Target, ...]


class Book:
    """A commitment's window, with what all terms that were asked about allow in it.

    Args:
        committed: the window.
        shared: calendars.
        around: what to read of them, where neighbouring windows will be asked about; absent: what the window touches.

    Attributes:
        committed: the window, and what counts in it.
    """

    def __init__(self, committed: CommittedTime, shared: SharedTime, around: Span | None = None) -> None:
        self.committed = committed
        self._shared = shared
        self._around = committed.reach if around is None else hull(around, committed.reach)
        self._minutes: dict[Terms, Decimal] = {}
        self._kept: dict[Terms, tuple[Allowance, int]] = {}

    def minutes(self, terms: Terms) -> Decimal:
        """The most that the terms allow."""
        found = self._minutes.get(terms)
        if found is None:
            found = least_minutes(self.committed, terms.times, terms.targets, self._shared, self._around)
            self._minutes[terms] = found
        return found

    def allowed(self, terms: Terms, targets: Sequence[Target]) -> Allowance:
        """What the terms allow, with the target that binds out of those given: the terms' own, or equal to these."""
        found, place = self._entry(terms)
        return replace(found, target=targets[place])

    def until(self, latest: int) -> "Book":
        """The book of the same window where it begins no later than an instant; calendars are read for all of it."""
        return Book(replace(self.committed, latest=latest), self._shared, self._around)

    def _entry(self, terms: Terms) -> tuple[Allowance, int]:
        found = self._kept.get(terms)
        if found is None:
            allowed = least_allowance(self.committed, terms.times, terms.targets, self._shared)
            place = next(n for n, target in enumerate(terms.targets) if target is allowed.target)
            found = self._kept[terms] = (allowed, place)
        return found


class Allowances:
    """The books of all windows, and the terms of all agreements, as they are asked for."""

    def __init__(self) -> None:
        self._shared = SharedTime()
        self._books: dict[Hashable, Book] = {}
        self._terms: dict[Hashable, Terms] = {}
        self._of_agreement: dict[tuple[str, int, str], Terms] = {}

    @staticmethod
    def clock(agreement: Agreement, target: Target) -> Hashable:
        """The same for all agreements that count the same time for a target."""
        return _clock(agreement, (target.window,))

    def book(self, agreement: Agreement, target: Target, at: date, around: Span | None = None) -> Book:
        """The book of the window of a commitment that contains a day; windows `around` it will be asked for as well."""
        clock = _clock(agreement, (target.window,))
        shown = _window(target.window, at, agreement.timezone, clock.start)
        about = (clock, target.window, at if shown is None else shown)
        found = self._books.get(about)
        if found is None:
            found = self._books[about] = Book(committed_time(agreement, target, at), self._shared, around)
        return found

    def book_over(self, agreement: Agreement, target: Target, first: date, last: date) -> Book | None:
        """The book of a rolling window that contains any of some days, where all of its positions count alike.

        None for windows of a calendar, and where service hours or maintenance make one position count less than others.
        """
        if target.window.kind is not WindowKind.ROLLING or not self.book(agreement, target, first).committed.is_even:
            return None
        about = (_clock(agreement, (target.window,)), target.window, first, last)
        found = self._books.get(about)
        if found is None:
            one, other = (committed_time(agreement, target, day) for day in (first, last))
            found = self._books[about] = Book(replace(one, latest=other.latest), self._shared)
        return found

    def terms(self, agreement: Agreement, targets: tuple[Target, ...], supplier: str) -> Terms:
        """The terms of an agreement version's targets on a supplier."""
        key = (agreement.key, agreement.version, supplier)
        found = self._of_agreement.get(key)
        if found is None:
            clock = _clock(agreement, [target.window for target in targets])
            about = (clock, tuple((target.value, target.window) for target in targets))
            found = self._terms.get(about)
            if found is None:
                times = tuple(agreed_time(agreement, target.window) for target in targets)
                found = self._terms[about] = Terms(times, targets)
            self._of_agreement[key] = found
        return found


@dataclass(frozen=True, slots=True)
class _Clock:
    """All that the time which an agreement counts depends on; its first day only where it counts contract years."""

    timezone: str
    service_hours: str
    holidays: tuple[str, ...]
    planned: tuple[Maintenance, ...]
    start: date | None


def _clock(agreement: Agreement, windows: Iterable[Window]) -> _Clock:
    excludes = any(e.kind is ExclusionKind.MAINTENANCE for e in agreement.excludes)
    planned = agreement.maintenance if excludes else ()
    kinds = {*(window.kind for window in windows), *(m.per for m in planned)}
    start = agreement.start if WindowKind.CONTRACT_YEAR in kinds else None
    return _Clock(agreement.timezone, agreement.service_hours, agreement.holidays, planned, start)


@lru_cache(maxsize=4096)
def _window(window: Window, at: date, timezone: str, start: date | None) -> Span | None:
    """The calendar window that contains a day, by which all of its days have one book; None for rolling windows."""
    return window_at(window, at, zone(timezone), start)
