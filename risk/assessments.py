"""The assessments of the newest views: nothing is invalidated, old ones are forgotten."""

from collections import OrderedDict
from datetime import date
from threading import Lock

from risk.assessment import Assessment
from topology.snapshot import Snapshot

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

    def of(self, snapshot: Snapshot, at: date, scenario: str = "") -> Assessment:
        """The assessment of a snapshot at a date.

        Args:
            snapshot: the model, after the scenario.
            at: the business date.
            scenario: the digest of the scenario that was laid over the revision.

        Raises:
            BadInput: the date is beyond the years 1900 to 2900.
        """
        key = (snapshot.revision, at, scenario)
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = Assessment(snapshot, at)
            self._kept.move_to_end(key)
            self._forget()
            return found

    def __len__(self) -> int:
        return len(self._kept)

    def _forget(self) -> None:
        newest = max(revision for revision, _, _ in self._kept)
        plain = [key for key in self._kept if key[0] == newest and not key[2]]
        pinned = plain[-1] if plain else None
        for key in list(self._kept):
            if len(self._kept) <= self._size:
                return
            if key != pinned:
                del self._kept[key]
