"""A Neo4j server that goes away under an open store, and comes back."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.conftest import without_neo4j
from tests.neo4j_server.server import Neo4jServer, ServerUnavailableError
from tests.statements import entity, full
from tests.topology.projected import projected_graph, shown
from tests.topology.store_contract import validated, write
from topology.errors import StoreUnavailable
from topology.neo4j_store import Neo4jStore

pytestmark = pytest.mark.anyio
SECONDS = 15


@pytest.fixture(scope="module")
def one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A server of this module's own: the session's must not be killed."""
    server = Neo4jServer(tmp_path_factory.mktemp("own-neo4j"), heap="1g")
    try:
        server.start()
    except ServerUnavailableError as error:
        without_neo4j(str(error))
    yield server
    server.remove()


@pytest.fixture
def server(one_server: Neo4jServer) -> Neo4jServer:
    """That server, running and empty."""
    if one_server.pid is None:
        one_server.start()
    one_server.address.clear()
    return one_server


async def unavailable(store: Neo4jStore) -> None:
    """Every method says that the store is away, within 15 seconds."""
    change = validated(store._newest, full(entity("late"), source="late"))
    calls = (
        store.apply(change),
        store.load(),
        store.revision(),
        store.info(),
        store.history(),
        store.history(key="a"),
        store.recall("ada", "k"),
        store.revision_at(datetime.now(UTC)),
    )
    began = time.monotonic()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert time.monotonic() - began < SECONDS
    for answer in answers:
        assert isinstance(answer, StoreUnavailable)
        assert str(answer) == "Neo4j does not answer"


async def test_a_killed_server_makes_calls_fail_soon_and_is_found_again_by_itself(server: Neo4jServer) -> None:
    uri = f"neo4j://{server.uri.partition('://')[2]}"
    store = Neo4jStore(uri, user=server.user, password=server.password)
    await store.open()
    await write(store, full(entity("a")))
    kept = await store.load()
    server.kill()
    await unavailable(store)
    await asyncio.to_thread(server.start)
    assert await store.revision() == 1
    assert await store.load() == kept
    assert await write(store, full(entity("b"), source="late")) == 2
    assert projected_graph(server.address) == shown(await store.load())
    await store.close()


async def test_a_server_killed_in_the_middle_of_writes_keeps_all_that_it_acknowledged(server: Neo4jServer) -> None:
    store = Neo4jStore(server.uri, user=server.user, password=server.password)
    await store.open()
    acknowledged: list[int] = []
    enough = asyncio.Event()

    async def keep_writing() -> None:
        while True:
            number = len(acknowledged)
            acknowledged.append(await write(store, full(entity(f"e{number}"), source=f"s{number}")))
            if number == 20:
                enough.set()

    writing = asyncio.create_task(keep_writing())
    await enough.wait()
    server.kill()
    with pytest.raises(StoreUnavailable):
        await writing
    await asyncio.to_thread(server.start)
    found = await store.load()
    assert acknowledged == list(range(1, len(acknowledged) + 1))
    assert found.revision in (len(acknowledged), len(acknowledged) + 1)
    assert len(found.entities) == found.revision
    again = Neo4jStore(server.uri, user=server.user, password=server.password)
    await again.open()
    assert await again.load() == found
    assert projected_graph(server.address) == shown(found)
    await again.close()
    await store.close()


async def test_a_server_that_hangs_makes_calls_fail_soon(server: Neo4jServer) -> None:
    """It accepts and never answers: a stopped process, a network that swallows."""
    store = Neo4jStore(server.uri, user=server.user, password=server.password)
    await store.open()
    await write(store, full(entity("a")))
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(StoreUnavailable, match="Neo4j does not answer"):
            await store.apply(validated(await asyncio.to_thread(lambda: store._newest), full(entity("b"), source="b")))
        assert time.monotonic() - began < SECONDS
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert await write(store, full(entity("b"), source="b")) == 2
    await store.close()
