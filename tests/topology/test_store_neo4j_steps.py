"""Large changes on Neo4j: staged, published, projected in steps; and who makes good what a dead writer left."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from neo4j import Driver

from tests.neo4j_server.server import Neo4jAddress
from tests.statements import company, delta, entity, full, needs
from tests.topology.projected import projected_graph, shown
from tests.topology.store_contract import neo4j_place, unchecked, validated, write
from topology import neo4j_log, neo4j_projection, neo4j_store
from topology.errors import BadInput, ChangeTooLarge, StoreUnavailable, UnderpinError
from topology.log import Payload
from topology.neo4j_store import Neo4jStore
from topology.snapshot import EMPTY, Snapshot

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(clean_neo4j: Neo4jAddress) -> AsyncIterator[Neo4jStore]:
    opened = Neo4jStore(clean_neo4j.uri, user=clean_neo4j.user, password=clean_neo4j.password)
    await opened.open()
    yield opened
    await opened.close()


async def test_a_change_too_large_for_one_transaction_is_staged_and_published_whole(
    store: Neo4jStore, clean_neo4j: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neo4j_store, "AT_ONCE", 10)
    follower = neo4j_place(clean_neo4j).new()
    await follower.open()
    await write(store, full(*(entity(f"e{number}") for number in range(2500))))
    assert len((await follower.load()).entities) == 2500
    assert projected_graph(clean_neo4j) == shown(await follower.load())
    await follower.close()


async def test_out_of_memory_in_one_transaction_is_tried_staged(
    store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    async def greedy(*_: object) -> None:
        tried.append(1)
        raise ChangeTooLarge("Neo4j has not the memory for this change")

    monkeypatch.setattr(neo4j_store, "_write_in_one", greedy)
    assert await write(store, full(entity("a"))) == 1
    assert tried == [1]
    assert list((await store.load()).entities) == ["a"]


async def test_a_staged_change_that_is_refused_leaves_nothing(
    store: Neo4jStore, clean_neo4j: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neo4j_store, "AT_ONCE", -1)
    await write(store, full(entity("a")))
    nodes = clean_neo4j.count_nodes()
    with pytest.raises(BadInput):
        await store.apply(unchecked(await store.load(), entity("b"), needs("a", "nowhere")))
    late = validated(EMPTY, full(entity("c"), source="late"), key="k", digest="1")
    assert await store.apply(late) == 2
    assert await store.apply(late) == 2
    assert clean_neo4j.count_nodes() == nodes + 3  # the entity, a revision and its payload


async def test_what_a_dead_writer_staged_is_cleared_by_the_next(
    store: Neo4jStore, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staged and never published: invisible at once, and gone with the next revision once it has lain long enough."""
    monkeypatch.setattr(neo4j_store, "AT_ONCE", -1)

    async def die(*_: object, **__: object) -> None:
        raise StoreUnavailable("the writer is dead")

    with monkeypatch.context() as dying:
        dying.setattr(neo4j_log, "unstage", die)
        dying.setattr(neo4j_log, "abandon", die)
        with pytest.raises(StoreUnavailable, match="the writer is dead"):
            await store.apply(validated(EMPTY, full(entity("a"))))
    count = "MATCH (n) WHERE n:LogStaging OR n:LogPayload RETURN count(n) AS n"
    assert driver.execute_query(count, database_="neo4j").records[0]["n"] == 2
    assert (await store.revision(), await store.load()) == (0, EMPTY)
    await write(store, full(entity("b")))
    assert driver.execute_query(count, database_="neo4j").records[0]["n"] == 3
    monkeypatch.setattr(neo4j_store, "IDLE_MILLISECONDS", -1000)
    await write(store, full(entity("b"), entity("c")))
    assert driver.execute_query(count, database_="neo4j").records[0]["n"] == 2
    assert list((await store.load()).entities) == ["b", "c"]


async def test_a_writer_that_was_taken_for_dead_publishes_nothing_half(
    store: Neo4jStore, clean_neo4j: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neo4j_store, "AT_ONCE", -1)
    other = neo4j_place(clean_neo4j).new()
    await other.open()
    stage = Neo4jStore._stage

    async def slow(self: Neo4jStore, token: str, payloads: tuple[Payload, ...]) -> None:
        await stage(self, token, payloads)
        monkeypatch.setattr(neo4j_store, "IDLE_MILLISECONDS", -1000)
        monkeypatch.setattr(Neo4jStore, "_stage", stage)
        await write(other, full(entity("b"), source="other"))
        monkeypatch.setattr(neo4j_store, "IDLE_MILLISECONDS", 60_000)

    monkeypatch.setattr(Neo4jStore, "_stage", slow)
    with pytest.raises(StoreUnavailable, match="lay unfinished for too long"):
        await store.apply(validated(EMPTY, full(entity("a"))))
    assert (await store.revision(), list((await store.load()).entities)) == (1, ["b"])
    await other.close()


class _DeadError(UnderpinError):
    """The writing process ends here."""


async def half_projected(store: Neo4jStore, monkeypatch: pytest.MonkeyPatch, after: Snapshot, steps: int) -> None:
    """Publish a second revision and die after some steps of its graph."""
    done = 0
    step = neo4j_store._step

    async def dying(*arguments: object, **named: object) -> bool:
        nonlocal done
        done += 1
        if done > steps:
            raise _DeadError
        return await step(*arguments, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as context:
        context.setattr(neo4j_store, "AT_ONCE", -1)
        context.setattr(neo4j_store, "_step", dying)
        change = full(
            *(entity(f"e{number}") for number in range(20)), *(needs(f"e{n}", f"e{n + 1}") for n in range(19))
        )
        assert await store.apply(validated(after, change)) == after.revision + 1


@pytest.mark.parametrize("steps", [0, 1, 3, 7])
async def test_whoever_opens_next_finishes_the_graph_of_a_dead_writer(
    store: Neo4jStore, clean_neo4j: Neo4jAddress, driver: Driver, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(neo4j_projection, "BATCH_ROWS", 4)
    await write(store, full(entity("e0"), entity("gone"), needs("e0", "gone")))
    await half_projected(store, monkeypatch, await store.load(), steps)
    marks = "MATCH (h:LogHead) RETURN h.number, h.projected"
    assert driver.execute_query(marks, database_="neo4j").records[0].values() == [2, 1]
    again = neo4j_place(clean_neo4j).new()
    await again.open()
    assert driver.execute_query(marks, database_="neo4j").records[0].values() == [2, 2]
    assert projected_graph(clean_neo4j) == shown(await again.load())
    await again.close()


async def test_several_who_open_share_the_steps_of_a_dead_writer(
    store: Neo4jStore, clean_neo4j: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neo4j_projection, "BATCH_ROWS", 2)
    await write(store, full(entity("e0")))
    await half_projected(store, monkeypatch, await store.load(), 2)
    others = [neo4j_place(clean_neo4j).new() for _ in range(4)]
    await asyncio.gather(*(other.open() for other in others))
    assert projected_graph(clean_neo4j) == shown(await others[0].load())
    for other in others:
        await other.close()


async def test_large_and_small_changes_at_once_leave_the_graph_of_the_last(
    clean_neo4j: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step of one revision's graph must never come after the next revision's."""
    monkeypatch.setattr(neo4j_projection, "BATCH_ROWS", 3)
    monkeypatch.setattr(neo4j_store, "AT_ONCE", 20)
    stores = [neo4j_place(clean_neo4j).new() for _ in range(4)]
    for each in stores:
        await each.open()
    await write(stores[0], full(*(entity(f"e{number}") for number in range(15)), source="base"))
    base = await stores[0].load()
    changes = [
        validated(base, full(*(needs(f"e{n}", f"e{(n + shift) % 15}") for n in range(size)), source=f"s{shift}"))
        for shift, size in ((1, 15), (2, 3), (3, 15), (4, 2), (5, 15), (6, 1), (7, 15), (8, 15))
    ]
    numbers = await asyncio.gather(*(stores[i % 4].apply(change) for i, change in enumerate(changes)))
    assert sorted(numbers) == list(range(2, 10))
    assert projected_graph(clean_neo4j) == shown(await stores[0].load())
    for each in stores:
        await each.close()


async def test_whoever_writes_next_finishes_the_graph_before_the_next_revision(
    store: Neo4jStore, clean_neo4j: Neo4jAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neo4j_projection, "BATCH_ROWS", 4)
    await write(store, full(entity("e0")))
    await half_projected(store, monkeypatch, await store.load(), 3)
    assert len((await store.load()).entities) == 20
    await write(store, delta(entity("z")))
    assert projected_graph(clean_neo4j) == shown(await store.load())


@pytest.mark.parametrize(
    "damage", ["MATCH (n:Entity {key: 'b'}) DETACH DELETE n", "MATCH (n) WHERE n:Entity OR n:Party DETACH DELETE n"]
)
async def test_a_graph_that_somebody_damaged_is_made_anew_from_the_log(
    store: Neo4jStore, clean_neo4j: Neo4jAddress, driver: Driver, damage: str
) -> None:
    await write(store, full(company(), entity("a"), entity("b"), entity("c"), needs("a", "b")))
    driver.execute_query(damage, database_="neo4j")
    await write(store, delta(needs("c", "b")))
    assert projected_graph(clean_neo4j) == shown(await store.load())
    assert await store.revision() == 2
