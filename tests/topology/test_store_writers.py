"""What both stores promise of several writers, and of the history that they make together."""

import asyncio
import sys
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from itertools import pairwise

import pytest

from tests.conftest import ROOT
from tests.statements import delta, entity, full, needs, ref, vendor
from tests.topology.store_contract import (
    StorePlace,
    validated,
    write,
)
from topology import log
from topology.changes import Provenance
from topology.facts import Same
from topology.snapshot import EMPTY
from topology.store import GraphStore
from topology.submission import Submission, submit

pytestmark = pytest.mark.anyio


async def test_one_change_sent_twenty_times_at_once_is_written_once(place: StorePlace, store: GraphStore) -> None:
    change = validated(EMPTY, full(entity("a")), key="k", digest="d1")
    other = place.new()
    await other.open()
    numbers = await asyncio.gather(*((store, other)[i % 2].apply(change) for i in range(20)))
    assert set(numbers) == {1}
    assert await store.revision() == 1
    await other.close()


async def test_twenty_writers_at_once_make_twenty_consecutive_revisions(place: StorePlace) -> None:
    stores = [place.new() for _ in range(20)]
    for each in stores:
        await each.open()
    changes = [validated(EMPTY, full(entity(f"e{i}"), source=f"s{i}")) for i in range(20)]
    numbers = await asyncio.gather(*(each.apply(change) for each, change in zip(stores, changes, strict=True)))
    assert sorted(numbers) == list(range(1, 21))
    for each in stores:
        assert len((await each.load()).entities) == 20
    history = await stores[0].history()
    assert [revision.number for revision in history] == list(range(1, 21))
    moments = [revision.recorded_at for revision in history if revision.recorded_at is not None]
    assert all(earlier < later for earlier, later in pairwise(moments))
    assert await stores[0].load() == await stores[1].load()
    for each in stores:
        await each.close()


async def test_twenty_submissions_at_once_all_come_through(store: GraphStore) -> None:
    asked = [
        Submission(lambda _base, i=i: delta(entity(f"e{i}")), Provenance(f"actor {i}", "because", "k", str(i)))  # type: ignore[misc]
        for i in range(20)
    ]
    done = await asyncio.gather(*(submit(store, each) for each in asked))
    assert sorted(each.revision for each in done) == list(range(1, 21))
    assert len((await store.load()).entities) == 20


async def test_several_processes_write_to_one_store(place: StorePlace) -> None:
    worker = [sys.executable, "-m", "tests.topology.store_worker"]
    running = [
        await asyncio.create_subprocess_exec(*worker, str(number), "5", *place.arguments, cwd=ROOT)
        for number in range(4)
    ]
    assert [await process.wait() for process in running] == [0, 0, 0, 0]
    store = place.new()
    await store.open()
    assert await store.revision() == 20
    assert len((await store.load()).entities) == 20
    assert [revision.number for revision in await store.history()] == list(range(1, 21))
    await store.close()


async def test_every_load_sees_both_markers_of_a_revision(place: StorePlace, store: GraphStore) -> None:
    await write(store, full(entity("left", "0.000"), entity("right", "0.000")))
    reader = place.new()
    await reader.open()
    written = asyncio.Event()
    seen: list[tuple[Decimal | None, Decimal | None]] = []

    async def read() -> None:
        while not written.is_set():
            fresh = await reader.load()
            seen.append((fresh.entities["left"].availability, fresh.entities["right"].availability))
            await asyncio.sleep(0)

    reading = asyncio.create_task(read())
    for number in range(1, 201):
        value = f"0.{number:03}"
        await store.apply(validated(await store.load(), full(entity("left", value), entity("right", value))))
    written.set()
    await reading
    assert await store.revision() == 201
    assert all(left == right for left, right in seen)
    assert len(set(seen)) > 10
    assert (await reader.load()).entities["right"].availability == Decimal("0.200")
    await reader.close()


async def test_history_begins_after_since_and_ends_at_its_limit(store: GraphStore) -> None:
    for number in range(6):
        await write(store, delta(entity(f"e{number}")))
    assert [r.number for r in await store.history(since=2)] == [3, 4, 5, 6]
    assert [r.number for r in await store.history(since=2, limit=2)] == [3, 4]
    assert await store.history(since=6) == []
    assert await store.history(limit=0) == []


async def test_history_of_a_key_has_the_revisions_that_wrote_about_it(store: GraphStore) -> None:
    await write(store, full(entity("a"), entity("b"), vendor("v")))
    await write(store, full(entity("a"), entity("b"), vendor("v"), needs("a", "b")))
    await write(store, full(entity("a"), entity("b", "0.9"), vendor("v"), needs("a", "b")))
    await write(store, delta(ref("acme:a", "0.99")))
    await write(store, delta(removals=[("entity", "acme:a", "ref")]))
    await write(store, full(entity("a"), entity("b", "0.9"), needs("a", "b")))
    assert [r.number for r in await store.history(key="a")] == [1, 2, 4, 5]
    assert [r.number for r in await store.history(key="acme:a")] == [1, 2, 4, 5]
    assert [r.number for r in await store.history(key="a", since=1, limit=2)] == [2, 4]
    assert [r.number for r in await store.history(key="b")] == [1, 3]
    assert [r.number for r in await store.history(key="v")] == [1, 6]
    assert await store.history(key="nowhere") == []


async def test_history_of_a_key_follows_the_keys_it_was_joined_with(store: GraphStore) -> None:
    await write(store, full(entity("x"), source="one"))
    await write(store, full(entity("y"), source="two"))
    await write(store, delta(Same("one:x", "two:y")))
    assert [r.number for r in await store.history(key="x")] == [1, 2, 3]
    assert [r.number for r in await store.history(key="two:y")] == [1, 2, 3]


async def test_revision_at_is_the_newest_recorded_until_then(store: GraphStore) -> None:
    for number in range(3):
        await write(store, delta(entity(f"e{number}")))
    one, two, three = [r.recorded_at for r in await store.history() if r.recorded_at is not None]
    tick = timedelta(microseconds=1)
    assert await store.revision_at(one - tick) == 0
    assert [await store.revision_at(moment) for moment in (one, two, three)] == [1, 2, 3]
    assert await store.revision_at(two - tick) == 1
    assert await store.revision_at(three + timedelta(days=365)) == 3
    assert await store.revision_at(two.astimezone(timezone(timedelta(hours=-7)))) == 2
    assert await store.revision_at(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))) == 3
    assert await store.revision_at(datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))) == 0


async def test_revisions_are_recorded_one_after_the_other_though_the_clock_is_set_back(
    store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(store, delta(entity("a")))

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Clock":
            return cls(2001, 1, 1, tzinfo=tz)

    monkeypatch.setattr(log, "datetime", Clock)
    await write(store, delta(entity("b")))
    await write(store, delta(entity("c")))
    moments = [r.recorded_at for r in await store.history() if r.recorded_at is not None]
    assert [later - earlier for earlier, later in pairwise(moments)] == [
        timedelta(microseconds=1),
        timedelta(microseconds=1),
    ]
