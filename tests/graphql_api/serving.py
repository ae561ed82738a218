"""A real uvicorn on a free port, in a thread of the test's own process, and a client for it."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import uvicorn

from graphql_api.app import create_app
from graphql_api.settings import ApiSettings
from importers.importer import SourceFile, change_set
from importers.registry import read
from topology.changes import ChangeSet, Provenance, Revision, ValidatedChangeSet
from topology.errors import StoreUnavailable
from topology.snapshot import Snapshot
from topology.sqlite_store import SqliteStore
from topology.store import GraphStore, StoreInfo
from topology.submission import Submission, submit

AT = date(2026, 6, 30)
MODERN = "application/graphql-response+json"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """Asks one server."""

    http: httpx.Client

    def post(self, query: str, **variables: object) -> httpx.Response:
        """The raw answer to a document."""
        return self.http.post("/graphql", json={"query": query, "variables": variables})

    def answer(self, query: str, **variables: object) -> Json:
        """The answer to a document, errors and all."""
        found: Json = self.post(query, **variables).json()
        return found

    def data(self, query: str, **variables: object) -> Json:
        """The data of a document that must not fail."""
        found = self.answer(query, **variables)
        assert "errors" not in found, found["errors"]
        data: Json = found["data"]
        return data

    def view(self, selection: str, arguments: str = "", **variables: object) -> Json:
        """What a selection of `topology` gives."""
        found: Json = self.data(f"{_head(variables)} {{ topology{arguments} {{ {selection} }} }}", **variables)[
            "topology"
        ]
        return found

    def errors(self, query: str, **variables: object) -> list[Json]:
        """The errors of a document that must fail."""
        found: list[Json] = self.answer(query, **variables)["errors"]
        return found

    def codes(self, query: str, **variables: object) -> list[str]:
        """The codes of the errors of a document that must fail."""
        return [error["extensions"]["code"] for error in self.errors(query, **variables)]


def _head(variables: Mapping[str, object]) -> str:
    types = ", ".join(f"${name}: String" for name in variables)
    return f"query ({types})" if types else "query"


@contextmanager
def serving(store: GraphStore, settings: ApiSettings | None = None) -> Iterator[Client]:
    """Serve a store over HTTP for a while."""
    app = create_app(store, settings or ApiSettings(at=AT, poll_seconds=0.05))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, lifespan="on", access_log=False, timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:
                _wait(server, thread)
                yield Client(http)
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive(), "the server does not stop"


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    while not server.started:
        assert thread.is_alive(), "the server ended before it served"
        thread.join(0.005)


def seeded(path: Path, *files: Path) -> SqliteStore:
    """A store file that holds what the files state."""
    asyncio.run(fill(SqliteStore(path), *files))
    return SqliteStore(path)


async def fill(store: GraphStore, *files: Path) -> None:
    """Write what the files state to a store that is not open, and close it."""
    await store.open()
    try:
        for file in files:
            for reading in read([SourceFile(file.name, file.read_bytes())]):
                assert not reading.problems
                await submit(store, Submission(_always(change_set(reading)), Provenance("tests", "the example")))
    finally:
        await store.close()


def _always(change: ChangeSet) -> Callable[[Snapshot], ChangeSet]:
    return lambda _base: change


class Moody:
    """A store that can be away: then every question fails, at once or after hanging for `hang` seconds."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self.away = False
        self.hang = 0.0

    async def _mood(self) -> None:
        if self.away:
            await anyio.sleep(self.hang)
            raise StoreUnavailable("the test has taken the store away")

    async def gone(self) -> int:
        """What takes the place of one question that fails."""
        raise StoreUnavailable("the test has taken this answer away")

    async def open(self) -> None:
        await self._mood()
        await self._store.open()

    async def close(self) -> None:
        await self._store.close()

    async def info(self) -> StoreInfo:
        await self._mood()
        return await self._store.info()

    async def revision(self) -> int:
        await self._mood()
        return await self._store.revision()

    async def revision_at(self, moment: datetime) -> int:
        await self._mood()
        return await self._store.revision_at(moment)

    async def apply(self, change: ValidatedChangeSet, *, expect: int | None = None) -> int:
        await self._mood()
        return await self._store.apply(change, expect=expect)

    async def load(self, *, revision: int | None = None) -> Snapshot:
        await self._mood()
        return await self._store.load(revision=revision)

    async def history(self, *, since: int = 0, key: str | None = None, limit: int = 1000) -> list[Revision]:
        await self._mood()
        return await self._store.history(since=since, key=key, limit=limit)

    async def recall(self, actor: str, idempotency_key: str) -> Revision | None:
        await self._mood()
        return await self._store.recall(actor, idempotency_key)


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)
