"""What every store promises, asked of both: a SQLite file, and a real Neo4j with authentication on."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import cast

import pytest

from tests.conftest import ROOT
from tests.neo4j_server.server import Neo4jAddress
from tests.statements import company, contract, delta, entity, external, full, needs, promise, ref, vendor
from tests.topology.random_estates import Estate
from tests.topology.store_contract import (
    StorePlace,
    expected,
    neo4j_place,
    sqlite_place,
    unchecked,
    validated,
    write,
)
from topology import log
from topology.canonical import model_hash
from topology.changes import ChangeSummary, Provenance
from topology.errors import BadInput, KeyReused, StaleRevision, StoreIncompatible, UnknownRevision
from topology.facts import Same
from topology.snapshot import EMPTY, Snapshot
from topology.store import GraphStore
from topology.submission import Submission, submit

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["sqlite", "neo4j"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> StorePlace:
    """An empty place for a store."""
    if request.param == "sqlite":
        return sqlite_place(tmp_path)
    return neo4j_place(cast(Neo4jAddress, request.getfixturevalue("clean_neo4j")))


@pytest.fixture
async def store(place: StorePlace) -> AsyncIterator[GraphStore]:
    """A store that is open and empty."""
    opened = place.new()
    await opened.open()
    yield opened
    await opened.close()


async def test_a_new_store_is_empty_at_revision_0(store: GraphStore) -> None:
    assert await store.revision() == 0
    assert await store.load() == EMPTY
    assert await store.load(revision=0) == EMPTY
    assert await store.history() == []
    assert await store.recall("ada", "k") is None
    assert await store.revision_at(datetime.now(UTC)) == 0
    info = await store.info()
    assert (info.schema, info.revision, info.parties, info.entities, info.agreements) == (1, 0, 0, 0, 0)


@pytest.mark.parametrize("seed", range(4))
async def test_what_was_written_is_read_back_exactly_at_every_revision(
    place: StorePlace, store: GraphStore, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small payloads and early checkpoints: of 20 revisions, most are rebuilt across both."""
    monkeypatch.setattr(log, "PAYLOAD_FACTS", 7)
    monkeypatch.setattr(log, "CHECKPOINT_AFTER", 30)
    estate = Estate(seed)
    states: list[Snapshot] = [EMPTY]
    while len(states) <= 20:
        change = validated(states[-1], estate.change(), actor=f"actor {len(states)}")
        if change.summary.is_empty:
            continue
        assert await store.apply(change, expect=len(states) - 1) == len(states)
        loaded = await store.load()
        assert loaded == expected(states[-1], change, loaded)
        states.append(loaded)
    for revision in (20, *range(20)):
        again = place.new()
        await again.open()
        assert await again.load(revision=revision) == states[revision]
        await again.close()
    assert len({model_hash(state) for state in states}) > 10
    assert [state.recorded_at for state in states[1:]] == [r.recorded_at for r in await store.history()]


async def test_a_store_that_follows_catches_up_with_many_revisions_at_once(
    place: StorePlace, store: GraphStore
) -> None:
    follower = place.new()
    await follower.open()
    estate = Estate(99)
    while await store.revision() < 12:
        await write(store, estate.change())
        if await store.revision() in (1, 5):
            await follower.load()
    assert await follower.load() == await store.load()
    await follower.close()


async def test_reopening_finds_everything(place: StorePlace) -> None:
    first = place.new()
    await first.open()
    await write(
        first, full(company(), vendor("v"), external("x", "v"), contract("uc", "v", "x"), promise("uc", None, "0.9990"))
    )
    before = await first.load()
    await first.close()
    second = place.new()
    await second.open()
    await second.open()
    after = await second.load()
    assert after == before
    assert str(after.targets["uc", 1][0].value) == "0.9990"
    info = await second.info()
    assert (info.revision, info.parties, info.entities, info.agreements) == (1, 2, 1, 1)
    await second.close()


async def test_one_change_set_is_one_revision_with_who_and_why(store: GraphStore) -> None:
    change = validated(
        EMPTY, full(entity("a"), entity("b"), needs("a", "b")), reason="first import", key="k", digest="d"
    )
    before = datetime.now(UTC)
    assert await store.apply(change) == 1
    [revision] = await store.history()
    assert (revision.number, revision.source, revision.scope) == (1, "acme", "")
    assert revision.summary == ChangeSummary(added=3)
    assert revision.by == Provenance("ada", "first import", "k", "d")
    assert revision.recorded_at is not None
    assert before <= revision.recorded_at <= datetime.now(UTC)
    assert {(f.revision, f.actor) for f in (await store.load()).statements()} == {(1, "ada")}


async def test_a_stale_expectation_is_refused_and_nothing_is_written(store: GraphStore) -> None:
    first = validated(EMPTY, full(entity("a")))
    second = validated(EMPTY, full(entity("b")))
    await store.apply(first, expect=0)
    with pytest.raises(StaleRevision, match="expected revision 0, the store is at 1"):
        await store.apply(second, expect=0)
    with pytest.raises(StaleRevision):
        await store.apply(second, expect=7)
    assert await store.revision() == 1
    assert list((await store.load()).entities) == ["a"]


async def test_without_expectation_a_change_planned_earlier_goes_on_top(store: GraphStore) -> None:
    one = validated(EMPTY, full(entity("a"), source="one"))
    two = validated(EMPTY, full(entity("b"), source="two"))
    assert [await store.apply(one), await store.apply(two)] == [1, 2]
    loaded = await store.load()
    assert list(loaded.entities) == ["a", "b"]
    assert [fact.revision for fact in loaded.statements()] == [1, 2]


async def test_an_edge_to_nothing_is_refused_and_nothing_is_written(place: StorePlace, store: GraphStore) -> None:
    await write(store, full(entity("a"), entity("b")))
    base = await store.load()
    with pytest.raises(BadInput) as refused:
        await store.apply(unchecked(base, entity("c"), needs("a", "nowhere")))
    assert [issue.code for issue in refused.value.issues] == ["UP-UNKNOWN"]
    assert "nowhere" in str(refused.value)
    again = place.new()
    await again.open()
    assert (await again.revision(), list((await again.load()).entities)) == (1, ["a", "b"])
    await again.close()


async def test_a_removal_that_others_still_need_is_refused(store: GraphStore) -> None:
    await write(store, full(entity("a"), entity("b"), needs("a", "b")))
    with pytest.raises(BadInput, match='no entity "b"'):
        await store.apply(unchecked(await store.load(), removals=(("entity", "b"),)))
    assert await store.revision() == 1


async def test_an_edge_whose_end_went_meanwhile_is_refused(store: GraphStore) -> None:
    await write(store, full(entity("a"), entity("b")))
    base = await store.load()
    planned_on_both = validated(base, delta(needs("a", "b")))
    await write(store, full(entity("a")))
    with pytest.raises(BadInput, match='no entity "b"'):
        await store.apply(planned_on_both)
    assert await store.revision() == 2


async def test_a_removal_whose_subject_was_needed_meanwhile_is_refused(store: GraphStore) -> None:
    await write(store, full(entity("a"), entity("b")))
    base = await store.load()
    without_b = unchecked(base, removals=(("entity", "b"),))
    await write(store, delta(needs("a", "b")))
    with pytest.raises(BadInput, match='no entity "b"'):
        await store.apply(without_b)
    assert await store.revision() == 2


async def test_an_idempotency_key_is_answered_again_with_nothing_written(place: StorePlace, store: GraphStore) -> None:
    change = validated(EMPTY, full(entity("a")), key="k", digest="d1")
    assert await store.apply(change) == 1
    await write(store, delta(entity("b")))
    assert await store.apply(change) == 1
    again = place.new()
    await again.open()
    assert await again.apply(change) == 1
    recalled = await again.recall("ada", "k")
    assert recalled is not None
    assert recalled == (await again.history())[0]
    assert await again.revision() == 2
    await again.close()


async def test_an_idempotency_key_with_another_digest_is_refused(store: GraphStore) -> None:
    await store.apply(validated(EMPTY, full(entity("a")), key="k", digest="d1"))
    other = validated(await store.load(), delta(entity("b")), key="k", digest="d2")
    with pytest.raises(KeyReused, match='"k" was used for another change, in revision 1'):
        await store.apply(other)
    assert await store.revision() == 1


async def test_an_idempotency_key_is_its_actor_s_own(store: GraphStore) -> None:
    await store.apply(validated(EMPTY, full(entity("a")), key="k", digest="d1", actor="ada"))
    await store.apply(validated(await store.load(), delta(entity("b")), key="k", digest="d2", actor="bob"))
    assert await store.revision() == 2
    for actor, number in (("ada", 1), ("bob", 2)):
        recalled = await store.recall(actor, "k")
        assert recalled is not None
        assert recalled.number == number
    assert await store.recall("cy", "k") is None
    assert await store.recall("ada", "other") is None


async def test_a_stale_expectation_is_looked_at_before_the_idempotency_key(store: GraphStore) -> None:
    change = validated(EMPTY, full(entity("a")), key="k", digest="d1")
    await store.apply(change, expect=0)
    with pytest.raises(StaleRevision):
        await store.apply(change, expect=0)
    assert await store.apply(change, expect=1) == 1


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
        Submission(lambda _base, i=i: delta(entity(f"e{i}")), Provenance(f"actor {i}", "", "k", str(i)))  # type: ignore[misc]
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


@pytest.mark.parametrize("number", [-1, 2, 2**62])
async def test_a_revision_that_is_not_there_is_refused(store: GraphStore, number: int) -> None:
    await write(store, delta(entity("a")))
    with pytest.raises(UnknownRevision, match=f"no revision {number}; the newest is 1"):
        await store.load(revision=number)


async def test_a_newer_schema_is_refused_naming_both_numbers(place: StorePlace, store: GraphStore) -> None:
    await write(store, delta(entity("a")))
    place.set_schema(99)
    newer = place.new()
    with pytest.raises(StoreIncompatible, match=r"schema 99.*up to 1"):
        await newer.open()
    await newer.close()
    place.set_schema(1)
    await newer.open()
    assert await newer.revision() == 1
    await newer.close()


async def test_a_log_in_a_newer_format_is_refused(
    place: StorePlace, store: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "FORMAT", 2)
    await write(store, delta(entity("a")))
    monkeypatch.undo()
    older = place.new()
    await older.open()
    with pytest.raises(StoreIncompatible, match=r"revision 1 is written in log format 2.*up to 1"):
        await older.load()
    await older.close()


async def test_a_rewritten_target_stays_marked_however_it_is_loaded(place: StorePlace, store: GraphStore) -> None:
    """A to B and back to A: only the log knows, and each way of replaying it must say so."""
    for value in ("0.9", "0.99", "0.9"):
        await write(store, full(vendor("v"), external("x", "v"), contract("uc", "v", "x"), promise("uc", "x", value)))
    follower = place.new()
    await follower.open()
    for loaded in (await store.load(), await follower.load()):
        assert [f.rewritten for f in loaded.facts_about("agreement", "uc") if f.id[0] == "target"] == [True]
    await follower.close()


async def test_a_removed_and_restated_target_is_no_rewritten_one(place: StorePlace, store: GraphStore) -> None:
    plain = (vendor("v"), external("x", "v"), contract("uc", "v", "x"))
    await write(store, full(*plain, promise("uc", "x", "0.9")))
    await write(store, full(*plain))
    await write(store, full(*plain, promise("uc", "x", "0.99")))
    follower = place.new()
    await follower.open()
    early = await follower.load(revision=1)
    for loaded in (await store.load(), await follower.load(), early):
        assert [f.rewritten for f in loaded.facts_about("agreement", "uc") if f.id[0] == "target"] == [False]
    await follower.close()


async def test_facts_get_the_number_under_which_they_are_written(store: GraphStore) -> None:
    """A change planned at revision 0 and written as revision 2 says 2, in memory and in the log."""
    await write(store, full(entity("a"), source="one"))
    late = validated(EMPTY, full(entity("b"), source="two"))
    assert {f.revision for f in late.puts} == {1}
    await store.apply(late)
    assert [f.revision for f in (await store.load()).facts_about("entity", "b")] == [2]
    unstamped = unchecked(await store.load(), entity("c"))
    puts = tuple(replace(f, revision=0) for f in unstamped.puts)
    await store.apply(replace(unstamped, puts=puts))
    assert [f.revision for f in (await store.load()).facts_about("entity", "c")] == [3]


async def test_odd_texts_come_back_as_they_were(place: StorePlace, store: GraphStore) -> None:
    odd = "Ærø \u0000 𝄞 ' \" \\ ` $x {y} \u2028 é é"
    change = validated(EMPTY, full(entity(odd), source=odd, scope=odd), actor=odd, key=odd, digest=odd, reason=odd)
    await store.apply(change)
    again = place.new()
    await again.open()
    assert await again.load() == await store.load()
    assert list((await again.load()).entities) == [odd]
    [revision] = await again.history(key=odd)
    assert (revision.source, revision.scope, revision.by) == (odd, odd, Provenance(odd, odd, odd, odd))
    assert await again.recall(odd, odd) == revision
    await again.close()
