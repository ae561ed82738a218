"""The driver, set so that a server that is gone shows within seconds, and its errors as the store's own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from neo4j import (
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncManagedTransaction,
    AsyncSession,
    NotificationMinimumSeverity,
    unit_of_work,
)
from neo4j.exceptions import ConfigurationError, IncompleteCommit

from topology.errors import StoreUnavailable
from topology.neo4j_schema import migrate, sentences

T = TypeVar("T")
Work = Callable[[AsyncManagedTransaction], Awaitable[T]]
SCHEMES: Final = tuple(f"{scheme}{trust}://" for scheme in ("neo4j", "bolt") for trust in ("", "+s", "+ssc"))
CONNECT_SECONDS: Final = 3.0
RETRY_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 10.0
"""How long a small read may take, whatever keeps the server: refused connections show in less."""
WRITE_SECONDS: Final = 120.0
"""After so long the server gives up a transaction whose client fell silent, and with it the head's lock."""
READ_SECONDS: Final = 900.0
"""The same for reading, which keeps nobody out and may take a whole log."""


class Connection:
    """One driver and its transactions; every error comes out as one of the store's."""

    def __init__(self, uri: str, user: str, password: str, database: str) -> None:
        """Where to connect; nothing is tried before `open`."""
        self._uri = uri
        self._auth = (user, password)
        self._database = database
        self._driver: AsyncDriver | None = None
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()

    async def open(self) -> None:
        """Connect, and bring the database's schema up to date."""
        if self._driver is not None:
            return
        if not self._uri.startswith(SCHEMES):
            raise StoreUnavailable(f"the address of a Neo4j server begins with one of {', '.join(SCHEMES)}")
        try:
            self._driver = AsyncGraphDatabase.driver(
                self._uri,
                auth=self._auth,
                connection_timeout=CONNECT_SECONDS,
                connection_acquisition_timeout=CONNECT_SECONDS + 1,
                max_transaction_retry_time=RETRY_SECONDS,
                notifications_min_severity=NotificationMinimumSeverity.OFF,
                telemetry_disabled=True,
            )
        except (ConfigurationError, ValueError) as error:
            raise StoreUnavailable(f"this is not the address of a Neo4j server: {error}") from error
        try:
            await self.version()
            with sentences():
                async with self._session() as session:
                    await migrate(session)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Give the connections back."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()

    async def version(self) -> str:
        """The server's name and version, such as `Neo4j/5.26.30`."""
        with sentences():
            async with asyncio.timeout(ANSWER_SECONDS):
                return (await self._connected().get_server_info()).agent

    async def look(self, work: Work[T]) -> T:
        """The answer of a small read, or within seconds the sentence that there is none."""
        with sentences():
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self.read(work)

    async def read(self, work: Work[T]) -> T:
        """The answer of a read."""
        with sentences():
            async with self._session() as session:
                return await session.execute_read(unit_of_work(timeout=READ_SECONDS)(work))

    async def write(self, work: Work[T]) -> T:
        """The answer of a write, which is done once or not at all although `work` may run several times.

        Where the answer to a commit was lost, `work` runs again and has to see whether it was done.
        """
        limited = unit_of_work(timeout=WRITE_SECONDS)(work)
        with sentences():
            async with self._session() as session:
                try:
                    return await session.execute_write(limited)
                except IncompleteCommit:
                    return await session.execute_write(limited)

    def _session(self) -> AsyncSession:
        return self._connected().session(database=self._database, bookmark_manager=self._bookmarks, fetch_size=100)

    def _connected(self) -> AsyncDriver:
        if self._driver is None:
            raise StoreUnavailable("the store is not open")
        return self._driver
