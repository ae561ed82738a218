"""Allowances that commitments share: the same terms allow the same in the same window, whoever states them.

Units: minutes of a commitment's window.
Cost: one allowance for each pair of a window and terms that differ; a look into a table for all others.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from risk.agreed_time import CommittedTime, committed_time
from risk.allowance import Allowance, allowance
from topology.model import Agreement, ExclusionKind, Target, Window, WindowKind


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What an agreement promises of a supplier, as far as an allowance depends on it: one object for equal terms."""

    agreement: Agreement
    targets: tuple[Target, ...]


class Book:
    """A commitment's window, with what all terms that were asked about allow in it.

    Attributes:
        committed: the window, and what counts in it.
    """

    def __init__(self, committed: CommittedTime) -> None:
        self.committed = committed
        self._kept: dict[Terms, tuple[Allowance, int]] = {}

    def allowed(self, terms: Terms) -> Allowance:
        """What the terms allow; the target is that of whoever stated them first."""
        return self._entry(terms)[0]

    def allowed_by(self, terms: Terms, targets: Sequence[Target]) -> Allowance:
        """The same with the target that binds out of those given, which are the terms' own or equal to these."""
        found, place = self._entry(terms)
        return replace(found, target=targets[place])

    def _entry(self, terms: Terms) -> tuple[Allowance, int]:
        found = self._kept.get(terms)
        if found is None:
            allowed = allowance(self.committed, terms.agreement, terms.targets)
            place = next(n for n, target in enumerate(terms.targets) if target is allowed.target)
            found = self._kept[terms] = (allowed, place)
        return found


class Allowances:
    """The books of all windows, and the terms of all agreements, as they are asked for."""

    def __init__(self) -> None:
        self._books: dict[Hashable, Book] = {}
        self._terms: dict[Hashable, Terms] = {}
        self._of_agreement: dict[tuple[str, int, str], Terms] = {}

    @staticmethod
    def clock(agreement: Agreement, target: Target) -> Hashable:
        """The same for all agreements that count the same time for a target."""
        return _clock(agreement, (target.window,))

    def book(self, agreement: Agreement, target: Target, at: date) -> Book:
        """The book of the window of a commitment that contains a day."""
        about = (_clock(agreement, (target.window,)), target.window, at)
        found = self._books.get(about)
        if found is None:
            found = self._books[about] = Book(committed_time(agreement, target, at))
        return found

    def terms(self, agreement: Agreement, targets: tuple[Target, ...], supplier: str) -> Terms:
        """The terms of an agreement version's targets on a supplier."""
        key = (agreement.key, agreement.version, supplier)
        found = self._of_agreement.get(key)
        if found is None:
            clock = _clock(agreement, [target.window for target in targets])
            about = (clock, tuple((target.value, target.window) for target in targets))
            found = self._of_agreement[key] = self._terms.setdefault(about, Terms(agreement, targets))
        return found


def _clock(agreement: Agreement, windows: Iterable[Window]) -> Hashable:
    """All that the time which an agreement counts depends on; its first day only where it counts contract years."""
    excludes = any(e.kind is ExclusionKind.MAINTENANCE for e in agreement.excludes)
    planned = agreement.maintenance if excludes else ()
    kinds = {*(window.kind for window in windows), *(m.per for m in planned)}
    start = agreement.start if WindowKind.CONTRACT_YEAR in kinds else None
    return (agreement.timezone, agreement.service_hours, agreement.holidays, planned, start)
