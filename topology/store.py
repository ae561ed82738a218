"""What a store is: the log of revisions of one graph, and the newest state. Two adapters keep this protocol."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from topology.changes import Revision, ValidatedChangeSet
from topology.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """Which store this is and how much it holds; counts are of the newest revision."""

    backend: str
    server_version: str
    schema: int
    revision: int
    parties: int
    entities: int
    agreements: int


class GraphStore(Protocol):
    """One graph and its history. Every method may raise `StoreUnavailable`."""

    async def open(self) -> None:
        """Make constraints and run numbered migrations, or do nothing where they are there.

        Raises:
            StoreIncompatible: the store's schema is newer than this program's.
        """

    async def close(self) -> None:
        """Give back connections and files."""

    async def info(self) -> StoreInfo:
        """Backend, server version, schema, revision and counts."""

    async def revision(self) -> int:
        """The number of the newest revision; cheap, polled to follow changes made by other processes."""

    async def revision_at(self, moment: datetime) -> int:
        """The newest revision recorded at or before `moment` (with an offset); 0 before the first."""

    async def apply(self, change: ValidatedChangeSet, *, expect: int | None = None) -> int:
        """Write one change set as one revision, all or nothing; the only write.

        Args:
            change: a validated change set.
            expect: the revision that the store must be at.

        Returns:
            The number of the new revision; or, where actor and idempotency key were there before with the same digest,
            that earlier number, and nothing is written.

        Raises:
            StaleRevision: the store is not at `expect` (looked at before the idempotency key).
            KeyReused: the idempotency key came with another digest.
            BadInput: the store has moved on, and the change would now leave a reference to nothing.
            ChangeTooLarge: the store has not the memory for it.
        """

    async def load(self, *, revision: int | None = None) -> Snapshot:
        """The newest state, or that of an older revision, consistent in itself.

        Raises:
            UnknownRevision: the store has not reached `revision`.
        """

    async def history(self, *, since: int = 0, key: str | None = None, limit: int = 1000) -> list[Revision]:
        """Revisions after `since`, ascending, at most `limit`; with `key` those that wrote a fact about it."""

    async def recall(self, actor: str, idempotency_key: str) -> Revision | None:
        """The revision that this actor wrote under this idempotency key."""
