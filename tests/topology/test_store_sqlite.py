"""The embedded store's file: who may have written it, who may not, and what is said of one that cannot be used."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from tests.statements import entity, full
from tests.topology.store_contract import validated, write
from topology import sqlite_schema
from topology.errors import StoreIncompatible, StoreUnavailable
from topology.snapshot import EMPTY, Snapshot
from topology.sqlite_store import SqliteStore

pytestmark = pytest.mark.anyio


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


async def refusal(path: Path) -> str:
    """What opening the file is answered with; it stays as it was."""
    before = content(path)
    store = SqliteStore(path)
    with pytest.raises((StoreUnavailable, StoreIncompatible)) as refused:
        await store.open()
    await store.close()
    assert content(path) == before
    return str(refused.value)


async def test_the_file_and_its_folders_are_made_where_there_are_none(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "deep" / "er" / "store.db")
    await store.open()
    await write(store, full(entity("a")))
    await store.close()
    assert (tmp_path / "deep" / "er" / "store.db").is_file()


async def test_a_store_writes_ahead_and_syncs_in_full(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    await store.open()
    with closing(sqlite_schema.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    await store.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("underpin: 1\n" * 200, encoding="utf-8")
    assert await refusal(path) == f"{path} is not a SQLite database"


async def test_another_application_s_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    assert await refusal(path) == f"{path} is another application's database, not an Underpin store"


async def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()
    store = SqliteStore(path)
    await store.open()
    assert await store.revision() == 0
    await store.close()


async def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert await refusal(tmp_path) == f"{tmp_path} cannot be opened: is it a file, and may you write its folder?"


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "store.db"
    assert (await refusal(path)).startswith(f"the folder of {path} cannot be made: ")


async def test_a_folder_that_nobody_can_write_is_refused() -> None:
    path = Path("/proc/self/store.db")
    if not path.parent.is_dir():
        path = Path("/dev/null/store.db")
    assert "store.db" in await refusal(path)


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    await store.open()
    await write(store, full(*(entity(f"e{number}") for number in range(2000))))
    await store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    store = SqliteStore(path)
    await store.open()
    with pytest.raises(StoreIncompatible, match=r"store\.db is damaged"):
        await store.load()
    await store.close()


async def test_a_damaged_payload_is_named_by_its_revision(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    await store.open()
    await write(store, full(entity("a")))
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE payload SET json = '{\"facts\": 1}'")
        connection.commit()
    store = SqliteStore(path)
    await store.open()
    with pytest.raises(StoreIncompatible, match="what the log holds for revision 1 is damaged"):
        await store.load()
    await store.close()


async def test_a_file_that_another_process_keeps_locked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_schema, "BUSY_SECONDS", 0.1)
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    await store.open()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match=r"store\.db has been locked by another process for 0 s"):
            await store.apply(validated(EMPTY, full(entity("a"))))
        assert await store.revision() == 0
        other.execute("ROLLBACK")
    assert await store.apply(validated(EMPTY, full(entity("a")))) == 1
    await store.close()


async def test_a_full_disk_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    await store.open()
    await write(store, full(entity("a")))

    def limit(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    await store._writer.run(limit)
    large = full(*(entity(f"e{number}") for number in range(2000)), source="other")
    with pytest.raises(StoreUnavailable, match="the disk is full"):
        await write(store, large)
    assert (await store.revision(), list((await store.load()).entities)) == (1, ["a"])
    await store.close()


async def test_processes_that_open_a_new_file_together_all_get_it(tmp_path: Path) -> None:
    stores = [SqliteStore(tmp_path / "store.db") for _ in range(16)]
    await asyncio.gather(*(store.open() for store in stores))
    assert [await store.revision() for store in stores] == [0] * 16
    for store in stores:
        await store.close()


async def test_opening_and_reading_go_on_while_somebody_writes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    await store.open()
    await write(store, full(entity("a")))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM payload")
        again = SqliteStore(path)
        await again.open()
        assert list((await again.load()).entities) == ["a"]
        await again.close()
        other.execute("ROLLBACK")
    await store.close()


async def test_a_checkpoint_that_cannot_be_written_does_not_undo_the_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_room(_after: Snapshot) -> Iterator[bytes]:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("topology.log.CHECKPOINT_AFTER", 0)
    monkeypatch.setattr("topology.sqlite_store.payloads_of_snapshot", no_room)
    store = SqliteStore(tmp_path / "store.db")
    await store.open()
    for number, value in enumerate(("0.1", "0.2", "0.3"), 1):
        assert await write(store, full(entity("a", value))) == number
    assert "no checkpoint was taken at revision 3: the store cannot be used: database or disk is full" in caplog.text
    assert (await store.load()).entities["a"].availability == Decimal("0.3")
    await store.close()


async def test_a_file_that_was_removed_takes_no_write_and_is_taken_again_when_it_is_back(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path)
    await store.open()
    await write(store, full(entity("a")))
    path.rename(tmp_path / "moved.db")
    change = validated(await store.load(), full(entity("b")))
    with pytest.raises(StoreUnavailable, match=r"store\.db was removed or replaced while it was open"):
        await store.revision()
    with pytest.raises(StoreUnavailable, match="removed or replaced"):
        await store.apply(change)
    assert not path.exists()
    assert list((await store.load()).entities) == ["a"]
    (tmp_path / "moved.db").rename(path)
    assert (await store.revision(), await store.apply(change)) == (1, 2)
    await store.close()


async def test_another_file_in_the_place_of_the_one_that_was_opened_is_not_written(tmp_path: Path) -> None:
    for name in ("store.db", "other.db"):
        made = SqliteStore(tmp_path / name)
        await made.open()
        await made.close()
    store = SqliteStore(tmp_path / "store.db")
    await store.open()
    change = validated(await store.load(), full(entity("a")))
    (tmp_path / "other.db").rename(tmp_path / "store.db")
    with pytest.raises(StoreUnavailable, match="removed or replaced"):
        await store.apply(change)
    with pytest.raises(StoreUnavailable, match="removed or replaced"):
        await store.revision()
    await store.close()
