"""What every store promises, asked of both: a SQLite file, and a real Neo4j with authentication on."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.statements import company, contract, delta, entity, external, full, needs, promise, vendor
from tests.topology.random_estates import Estate
from tests.topology.store_contract import (
    StorePlace,
    expected,
    unchecked,
    validated,
    write,
)
from topology import log
from topology.canonical import model_hash
from topology.changes import ChangeSummary, Provenance
from topology.errors import BadInput, KeyReused, StaleRevision, StoreIncompatible, UnknownRevision
from topology.snapshot import EMPTY, Snapshot
from topology.store import GraphStore

pytestmark = pytest.mark.anyio


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
    key = "x:" + odd.replace("\0", "").replace("\u2028", "")
    change = validated(EMPTY, full(entity(key), source=odd, scope=odd), actor=odd, key=odd, digest=odd, reason=odd)
    await store.apply(change)
    again = place.new()
    await again.open()
    assert await again.load() == await store.load()
    assert list((await again.load()).entities) == [key]
    [revision] = await again.history(key=key)
    assert (revision.source, revision.scope, revision.by) == (odd, odd, Provenance(odd, odd, odd, odd))
    assert await again.recall(odd, odd) == revision
    await again.close()
