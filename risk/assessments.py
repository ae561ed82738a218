"""The assessments of the newest views: nothing is invalidated, old ones are forgotten."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from threading import Lock

from risk.assessment import Assessment
from risk.limits import Check, unhurried
from risk.supposed.operations import Scenario
from topology.snapshot import Snapshot

BASELINE = Scenario(())
"""Nothing is supposed."""

ViewKey = tuple[int, date, str]
"""A revision, a business date, and the digest of a scenario (empty for none)."""


class Assessments:
    """The assessments asked for last, at most `size`; that of the newest revision without a scenario is never let go.

    Args:
        size: how many are kept.
    """

    def __init__(self, size: int = 8) -> None:
        self._size = size
        self._kept: OrderedDict[ViewKey, Assessment] = OrderedDict()
        self._lock = Lock()

    def of(self, snapshot: Snapshot, at: date, scenario: Scenario = BASELINE, check: Check = unhurried) -> Assessment:
        """The assessment of a snapshot at a date, with a scenario laid over it.

        Args:
            snapshot: the model as it is stored.
            at: the business date.
            scenario: what is supposed over it.
            check: the clock of whoever asks, while a scenario is laid.

        Raises:
            BadInput: the date is beyond the years 1900 to 2900, or the scenario cannot be.
            DeadlinePassed: the check said so.
        """
        plain = self._kept_or(
            (snapshot.revision, at, ""), lambda: Assessment(snapshot, at, before=self._nearest(snapshot, at))
        )
        key = (snapshot.revision, at, scenario.digest)
        if not scenario.operations:
            return plain
        # A scenario may have much to lay: nobody else waits for that.
        laid = None if key in self._kept else plain.within(check).under(scenario).within(unhurried)
        return self._kept_or(key, lambda: laid or plain.under(scenario))

    def __len__(self) -> int:
        return len(self._kept)

    def _nearest(self, snapshot: Snapshot, at: date) -> Assessment | None:
        """The assessment in memory that has most in common with one that is to be made, as far as numbers tell."""
        kept = {key: found for key, found in self._kept.items() if not key[2]}
        nearest = min(kept, key=lambda key: (key[1] != at, abs(key[0] - snapshot.revision)), default=None)
        return None if nearest is None else kept[nearest]

    def _kept_or(self, key: ViewKey, make: Callable[[], Assessment]) -> Assessment:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = make()
            self._kept.move_to_end(key)
            self._forget()
            return found

    def _forget(self) -> None:
        newest = max(revision for revision, _, _ in self._kept)
        plain = [key for key in self._kept if key[0] == newest and not key[2]]
        pinned = plain[-1] if plain else None
        for key in list(self._kept):
            if len(self._kept) <= self._size:
                return
            if key != pinned:
                del self._kept[key]
