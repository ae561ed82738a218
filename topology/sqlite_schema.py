"""The SQLite file: its tables, its numbered migrations, and what its errors mean in one sentence."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from topology.errors import StoreIncompatible, StoreUnavailable, UnderpinError

APPLICATION_ID: Final = 0x556E_6470
"""Marks the file as ours ("Undp"), so that another application's database is never touched."""
BUSY_SECONDS: Final = 10.0

MIGRATIONS: Final = (
    (
        """CREATE TABLE revision (
            number INTEGER PRIMARY KEY,
            recorded_at TEXT NOT NULL UNIQUE,
            source TEXT NOT NULL,
            scope TEXT NOT NULL,
            added INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            removed INTEGER NOT NULL,
            unchanged INTEGER NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL,
            idempotency_key TEXT,
            digest TEXT NOT NULL,
            format INTEGER NOT NULL,
            payloads INTEGER NOT NULL,
            total INTEGER NOT NULL,
            parties INTEGER NOT NULL,
            entities INTEGER NOT NULL,
            agreements INTEGER NOT NULL)""",
        "CREATE UNIQUE INDEX revision_claim ON revision (actor, idempotency_key) WHERE idempotency_key IS NOT NULL",
        """CREATE TABLE payload (
            number INTEGER NOT NULL REFERENCES revision,
            ordinal INTEGER NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (number, ordinal))""",
        # Which revisions wrote about a key: the only question that the payloads would have to be read for.
        """CREATE TABLE about (
            key TEXT NOT NULL,
            number INTEGER NOT NULL REFERENCES revision,
            PRIMARY KEY (key, number)) WITHOUT ROWID""",
        """CREATE TABLE checkpoint (
            number INTEGER NOT NULL REFERENCES revision,
            ordinal INTEGER NOT NULL,
            json BLOB NOT NULL,
            PRIMARY KEY (number, ordinal))""",
    ),
)
"""What takes a file from schema n to n + 1, for every n."""
SCHEMA: Final = len(MIGRATIONS)


class OpenFile:
    """Which file a store has open. What is written to one that was removed is gone, and SQLite does not tell."""

    def __init__(self, path: Path) -> None:
        """Nothing is looked at before `keep`."""
        self._path = path
        self._kept: tuple[int, int] | None = None

    def keep(self) -> None:
        """Remember the file that stands at the path."""
        self._kept = self._found()

    def check(self) -> None:
        """Make sure that the path still leads to it.

        Raises:
            StoreUnavailable: it was removed, or another stands in its place.
        """
        if self._kept is not None and self._found() != self._kept:
            message = f"{self._path.name} was removed or replaced while it was open; put it back, or start again"
            raise StoreUnavailable(message)

    def _found(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino)


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the file, which is made where there is none.

    Raises:
        StoreUnavailable: the file cannot be made, read or written.
        StoreIncompatible: it is not a store of ours.
    """
    with sentences(str(path)):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"the folder of {path} cannot be made: {error.strerror}") from error
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _refuse_foreign(connection, path)
            connection.execute("PRAGMA synchronous = FULL")
            return connection
        except BaseException:
            connection.close()
            raise


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file to `SCHEMA`, or do nothing where it is there.

    Raises:
        StoreIncompatible: a newer program has written the file.
    """
    with sentences(str(path)):
        # Looked at before anything is locked: opening need not wait for whoever is writing.
        if _known_schema(connection, path) == SCHEMA:
            return
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        with transaction(connection):
            schema = _known_schema(connection, path)
            for statement in (statement for step in MIGRATIONS[schema:] for statement in step):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, and alone among the writers of all processes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def sentences(name: str) -> Iterator[None]:
    """SQLite's errors as one clear sentence about the file `name`."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(name, error) from error


def _explained(name: str, error: sqlite3.Error) -> UnderpinError:
    # The primary code is the lowest byte; errors of the module itself have none.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    match code:
        case sqlite3.SQLITE_NOTADB:
            return StoreIncompatible(f"{name} is not a SQLite database")
        case sqlite3.SQLITE_CORRUPT:
            return StoreIncompatible(f"{name} is damaged: {error}")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreUnavailable(f"{name} has been locked by another process for {BUSY_SECONDS:.0f} s")
        case sqlite3.SQLITE_CANTOPEN:
            return StoreUnavailable(f"{name} cannot be opened: is it a file, and may you write its folder?")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return StoreUnavailable(f"{name} cannot be written: it is read-only for you")
        case sqlite3.SQLITE_FULL:
            return StoreUnavailable(f"{name} cannot be written: the disk is full")
    return StoreUnavailable(f"{name} cannot be used: {error}")


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    with closing(connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_schema)")) as cursor:
        empty = not cursor.fetchone()[0]
    if not empty and _pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreIncompatible(f"{path} is another application's database, not an Underpin store")


def _known_schema(connection: sqlite3.Connection, path: Path) -> int:
    schema = _pragma(connection, "user_version")
    if schema > SCHEMA:
        raise StoreIncompatible(f"{path} has schema {schema}, this program knows up to {SCHEMA}: use a newer Underpin")
    return schema


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
