"""The two stores under measurement: a fresh file, and an emptied Neo4j server with a heap of 2 GiB."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

from tests.neo4j_server.server import Neo4jServer

HEAP = "2g"


class Place(Protocol):
    """Where the programs under measurement find a store."""

    name: str

    def emptied(self) -> Mapping[str, str]:
        """The environment of an empty store."""


@dataclass(slots=True)
class SqlitePlace:
    """A new file each time."""

    folder: Path
    name: str = "SQLite"
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def emptied(self) -> Mapping[str, str]:
        """The environment of a file that is not there yet."""
        return {"UNDERPIN_STORE": f"sqlite:{self.folder / f'bench-{next(self.numbers)}.db'}"}


@dataclass(slots=True)
class Neo4jPlace:
    """One server, emptied each time."""

    server: Neo4jServer
    name: str = "Neo4j"

    def emptied(self) -> Mapping[str, str]:
        """The environment of the server, which has been emptied."""
        self.server.address.clear()
        return {
            "UNDERPIN_STORE": self.server.uri,
            "UNDERPIN_NEO4J_USER": self.server.user,
            "UNDERPIN_NEO4J_PASSWORD": self.server.password,
        }


@contextmanager
def places(folder: Path) -> Iterator[tuple[Place, Place]]:
    """Both stores, for as long as they are needed.

    Raises:
        ServerUnavailableError: Java or Maven is missing.
    """
    with Neo4jServer(folder / "neo4j", heap=HEAP) as server:
        yield SqlitePlace(folder), Neo4jPlace(server)
