"""Which agreement applies to an entity at a date, and why none does."""

from datetime import date

from topology.snapshot import Snapshot


class AgreementIndex:
    """The agreements of a snapshot at a date, by what they cover."""

    def __init__(self, snapshot: Snapshot, at: date) -> None:
        self.snapshot = snapshot
        self.at = at
