"""The embedded store: one SQLite file, no server, several processes at once."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from topology.changes import ChangeSummary, Provenance, Revision, ValidatedChangeSet
from topology.errors import UnderpinError
from topology.log import (
    Entry,
    checkpoint,
    checkpoint_due,
    entry_of,
    known_as,
    logged,
    next_moment,
    outcome,
    payloads_of,
    payloads_of_snapshot,
    read_moment,
    refuse_stale,
    replayed,
    wanted,
    write_moment,
)
from topology.snapshot import EMPTY, Snapshot
from topology.sqlite_schema import SCHEMA, OpenFile, connect, migrate, sentences, transaction
from topology.store import StoreInfo

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
_logger = logging.getLogger(__name__)
_COLUMNS: Final = (
    "number, recorded_at, source, scope, added, changed, removed, unchanged, actor, reason, idempotency_key, digest,"
    " format, payloads, total, parties, entities, agreements"
)
_ENTRIES: Final = f"SELECT {_COLUMNS} FROM revision"  # noqa: S608  names of columns, nothing from outside
_INSERT: Final = f"INSERT INTO revision ({_COLUMNS}) VALUES ({', '.join('?' * 18)})"  # noqa: S608


class SqliteStore:
    """A `GraphStore` in one file.

    The log is all that is stored, and what SQLite guarantees for it (WAL, synchronous FULL, BEGIN IMMEDIATE) is all
    that is needed: a revision is there whole or not at all, and never changes.
    """

    def __init__(self, path: Path) -> None:
        """A store in the file `path`; nothing is touched before `open`."""
        self._path = path
        # Reading goes on while a long change is written: WAL lets it, and so do two threads.
        self._file = OpenFile(path)
        self._writer = _Lane(path, self._file)
        self._reader = _Lane(path, self._file)
        self._newest = EMPTY

    async def open(self) -> None:
        """Make the file or bring its schema up to date."""
        await self._writer.run(self._migrate)

    async def close(self) -> None:
        """Close the file."""
        await self._reader.close()
        await self._writer.close()

    async def info(self) -> StoreInfo:
        """Backend, SQLite's version, schema, revision and counts."""
        return await self._reader.run(_info)

    async def revision(self) -> int:
        """The newest revision's number; asked of the file only as long as it is the one that was opened."""
        return await self._reader.run(self._checked_head)

    async def revision_at(self, moment: datetime) -> int:
        """The newest revision recorded at or before `moment`."""
        query = "SELECT coalesce(max(number), 0) FROM revision WHERE recorded_at <= ?"
        return await self._reader.run(lambda connection: _number(connection, query, write_moment(moment)))

    async def apply(self, change: ValidatedChangeSet, *, expect: int | None = None) -> int:
        """Write one change set as one revision."""
        return await self._writer.run(partial(self._apply, change=change, expect=expect))

    async def load(self, *, revision: int | None = None) -> Snapshot:
        """The state at a revision."""
        return await self._reader.run(lambda connection: self._load(connection, wanted(revision, _head(connection))))

    async def history(self, *, since: int = 0, key: str | None = None, limit: int = 1000) -> list[Revision]:
        """Revisions after `since`."""
        return await self._reader.run(partial(self._history, since=since, key=key, limit=limit))

    async def recall(self, actor: str, idempotency_key: str) -> Revision | None:
        """The revision of an idempotency key."""
        return await self._reader.run(lambda connection: _recalled(connection, actor, idempotency_key))

    def _migrate(self, connection: sqlite3.Connection) -> None:
        migrate(connection, self._path)
        self._file.keep()

    def _checked_head(self, connection: sqlite3.Connection) -> int:
        self._file.check()
        return _head(connection)

    def _apply(self, connection: sqlite3.Connection, change: ValidatedChangeSet, expect: int | None) -> int:
        # Before the transaction begins: encoding a large change takes longer than writing it.
        payloads = tuple(payloads_of(change))
        by = change.by
        with transaction(connection):
            self._file.check()
            head = _head(connection)
            earlier = None if by.idempotency_key is None else _recalled(connection, by.actor, by.idempotency_key)
            answered = refuse_stale(change, expect, head, earlier)
            if answered is not None:
                return answered
            newest = _entry(connection, head)
            moment = next_moment(None if newest is None else newest.revision.recorded_at)
            after = outcome(self._load(connection, head), change, moment)
            entry = entry_of(change, after, len(payloads), 0 if newest is None else newest.total)
            connection.execute(_INSERT, _row(entry))
            connection.executemany(
                "INSERT INTO payload VALUES (?, ?, ?)",
                ((head + 1, ordinal, payload.json) for ordinal, payload in enumerate(payloads)),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO about VALUES (?, ?)",
                ((key, head + 1) for payload in payloads for key in payload.keys),
            )
        self._keep(after)
        _take_checkpoint(connection, after, entry.total)
        return head + 1

    def _load(self, connection: sqlite3.Connection, number: int) -> Snapshot:
        kept = self._newest
        base = kept if kept.revision <= number else EMPTY
        if base.revision == number:
            return base
        query = "SELECT coalesce(max(number), 0) FROM checkpoint WHERE number <= ?"
        nearest = _number(connection, query, number)
        if nearest > base.revision:
            at = _entry(connection, nearest)
            assert at is not None
            base = checkpoint(at, _payloads(connection, "checkpoint", nearest))
        entries = _entries(connection, "WHERE number > ? AND number <= ? ORDER BY number", base.revision, number)
        changes = (logged(entry, _payloads(connection, "payload", entry.revision.number)) for entry in entries)
        snapshot = replayed(base, changes)
        self._keep(snapshot)
        return snapshot

    def _keep(self, snapshot: Snapshot) -> None:
        if snapshot.revision > self._newest.revision:
            self._newest = snapshot

    def _history(self, connection: sqlite3.Connection, since: int, key: str | None, limit: int) -> list[Revision]:
        if key is None:
            found = _entries(connection, "WHERE number > ? ORDER BY number LIMIT ?", since, max(limit, 0))
        else:
            names = sorted(known_as(self._load(connection, _head(connection)), key))
            about = f"SELECT number FROM about WHERE key IN ({', '.join('?' * len(names))})"  # noqa: S608
            where = f"WHERE number IN ({about}) AND number > ? ORDER BY number LIMIT ?"
            found = _entries(connection, where, *names, since, max(limit, 0))
        return [entry.revision for entry in found]


class _Lane:
    """One thread with one connection: calls leave the event loop and come one after the other."""

    def __init__(self, path: Path, file: OpenFile) -> None:
        self._path = path
        self._file = file
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None

    async def run(self, work: Work[T]) -> T:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-store")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, work)

    def _run(self, work: Work[T]) -> T:
        if self._connection is None:
            # Connecting would make an empty file where there is none.
            self._file.check()
            self._connection = connect(self._path)
        with sentences(self._path.name):
            return work(self._connection)

    async def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._close)
            thread.shutdown()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _take_checkpoint(connection: sqlite3.Connection, after: Snapshot, total: int) -> None:
    """A checkpoint where one is due. The revision is written: what fails here only makes later loads slower."""
    try:
        with sentences("the store"):
            query = "SELECT coalesce(max(total), 0) FROM revision WHERE number IN (SELECT number FROM checkpoint)"
            if not checkpoint_due(after, total - _number(connection, query)):
                return
            payloads = list(payloads_of_snapshot(after))
            with transaction(connection):
                connection.executemany(
                    "INSERT OR IGNORE INTO checkpoint VALUES (?, ?, ?)",
                    ((after.revision, ordinal, payload) for ordinal, payload in enumerate(payloads)),
                )
    except UnderpinError as error:
        _logger.warning("no checkpoint was taken at revision %d: %s", after.revision, error)


def _info(connection: sqlite3.Connection) -> StoreInfo:
    newest = _entry(connection, _head(connection))
    version = f"SQLite {sqlite3.sqlite_version}"
    if newest is None:
        return StoreInfo("sqlite", version, SCHEMA, 0, 0, 0, 0)
    number = newest.revision.number
    return StoreInfo("sqlite", version, SCHEMA, number, newest.parties, newest.entities, newest.agreements)


def _head(connection: sqlite3.Connection) -> int:
    return _number(connection, "SELECT coalesce(max(number), 0) FROM revision")


def _number(connection: sqlite3.Connection, query: str, *values: object) -> int:
    return int(connection.execute(query, values).fetchone()[0])


def _recalled(connection: sqlite3.Connection, actor: str, key: str) -> Revision | None:
    found = _entries(connection, "WHERE actor = ? AND idempotency_key = ?", actor, key)
    return found[0].revision if found else None


def _entry(connection: sqlite3.Connection, number: int) -> Entry | None:
    found = _entries(connection, "WHERE number = ?", number)
    return found[0] if found else None


def _entries(connection: sqlite3.Connection, where: str, *values: object) -> list[Entry]:
    return [_read(row) for row in connection.execute(f"{_ENTRIES} {where}", values)]


def _payloads(connection: sqlite3.Connection, table: str, number: int) -> Iterable[bytes]:
    query = f"SELECT json FROM {table} WHERE number = ? ORDER BY ordinal"  # noqa: S608  a name of our own
    return (row[0] for row in connection.execute(query, (number,)))


def _row(entry: Entry) -> tuple[object, ...]:
    revision, summary, by = entry.revision, entry.revision.summary, entry.revision.by
    assert revision.recorded_at is not None
    return (
        *(revision.number, write_moment(revision.recorded_at), revision.source, revision.scope),
        *(summary.added, summary.changed, summary.removed, summary.unchanged),
        *(by.actor, by.reason, by.idempotency_key, by.digest),
        *(entry.format, entry.payloads, entry.total, entry.parties, entry.entities, entry.agreements),
    )


def _read(row: tuple[Any, ...]) -> Entry:
    number, recorded_at, source, scope, *rest = row
    summary, by = ChangeSummary(*rest[:4]), Provenance(*rest[4:8])
    return Entry(Revision(number, read_moment(recorded_at), source, scope, summary, by), *rest[8:])
