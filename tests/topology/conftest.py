"""Places for a store, of both kinds."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import pytest
from neo4j import Driver

from tests.neo4j_server.server import Neo4jAddress
from tests.topology.store_contract import StorePlace, neo4j_place, sqlite_place
from topology.store import GraphStore


@pytest.fixture(params=["sqlite", "neo4j"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> StorePlace:
    """An empty place for a store: a SQLite file, and a real Neo4j with authentication on."""
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


@pytest.fixture
def driver(clean_neo4j: Neo4jAddress) -> Iterator[Driver]:
    """What another program does to the database."""
    with clean_neo4j.driver() as opened:
        yield opened
