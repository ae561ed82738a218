"""The Neo4j database: its numbered migrations, its head, and what the driver's errors mean in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from neo4j import AsyncManagedTransaction, AsyncSession
from neo4j.exceptions import ClientError, DriverError, Neo4jError

from topology.errors import ChangeTooLarge, StoreIncompatible, StoreUnavailable
from topology.neo4j_projection import NODES

_UNIQUE: Final = {
    "LogHead": ("name",),
    "LogRevision": ("number", "log", "claim", "recorded_at"),
    "LogPayload": ("id",),
    "LogStaging": ("log",),
    "LogCheckpoint": ("number",),
    **{label: (unique,) for label, (unique, _) in NODES.items()},
}
MIGRATIONS: Final = (
    tuple(
        f"CREATE CONSTRAINT underpin_{label.lower()}_{name} IF NOT EXISTS FOR (n:{label}) REQUIRE n.{name} IS UNIQUE"
        for label, names in _UNIQUE.items()
        for name in names
    ),
)
"""What takes a database from schema n to n + 1, for every n. Each statement may be run again.

A change to the graph beside the log, or to the batches in which it is written, is a new schema too: programs of two
versions must never work on one projection together.
"""
SCHEMA: Final = len(MIGRATIONS)
_MEMORY: Final = "MemoryPoolOutOfMemory"
_CREDENTIALS: Final = "set UNDERPIN_NEO4J_USER and UNDERPIN_NEO4J_PASSWORD"


async def migrate(session: AsyncSession) -> None:
    """Bring the database to `SCHEMA`, or do nothing where it is there.

    Raises:
        StoreIncompatible: a newer program has written it, or it holds somebody else's graph.
    """
    schema = await session.execute_read(_schema)
    if schema > SCHEMA:
        raise too_new(schema)
    if schema == SCHEMA:
        return
    # Each in a transaction that is tried again: processes that open a new database together lock each other out.
    for statement in (*(statement for step in MIGRATIONS[schema:] for statement in step), "CALL db.awaitIndexes(60)"):
        await session.execute_write(partial(_run, statement=statement))
    await session.execute_write(_set_schema)


def too_new(schema: int) -> StoreIncompatible:
    """The refusal of a database that a newer program has written."""
    return StoreIncompatible(
        f"the Neo4j database has schema {schema}, this program knows up to {SCHEMA}: use a newer Underpin"
    )


async def _run(tx: AsyncManagedTransaction, statement: str) -> None:
    await (await tx.run(statement)).consume()


async def _schema(tx: AsyncManagedTransaction) -> int:
    # Counted first: a database that another process of ours is just filling has its head by then.
    counted = await (await tx.run("MATCH (n) RETURN count(n) AS nodes")).single(strict=True)
    head = await (await tx.run("MATCH (h:LogHead {name: 'head'}) RETURN h.schema AS schema")).single()
    if head is not None:
        return int(head["schema"])
    if counted["nodes"]:
        raise StoreIncompatible(
            f"the Neo4j database holds {counted['nodes']} nodes that are not Underpin's; give it an empty one"
        )
    return 0


async def _set_schema(tx: AsyncManagedTransaction) -> None:
    query = (
        "MERGE (h:LogHead {name: 'head'}) "
        "ON CREATE SET h.number = 0, h.total = 0, h.projected = 0, h.batch = 0, h.checkpoint_total = 0,"
        " h.parties = 0, h.entities = 0, h.agreements = 0 "
        "SET h.schema = $schema"
    )
    await (await tx.run(query, schema=SCHEMA)).consume()


@contextmanager
def sentences() -> Iterator[None]:
    """The driver's errors as one clear sentence; a query that is wrong stays what it is, a bug."""
    try:
        yield
    except Neo4jError as error:
        code = error.code or ""
        if code.startswith("Neo.ClientError.Security"):
            raise StoreUnavailable(_refusal(code, error.message or "")) from error
        if _MEMORY in code:
            raise ChangeTooLarge("Neo4j has not the memory for this change: give the server a larger heap") from error
        if "DatabaseNotFound" in code:
            raise StoreUnavailable("Neo4j has no database of that name") from error
        if isinstance(error, ClientError) and code.startswith(("Neo.ClientError.Statement", "Neo.ClientError.Schema")):
            raise
        raise StoreUnavailable(f"Neo4j refused: {error.message}") from error
    except DriverError as error:
        raise StoreUnavailable("Neo4j does not answer") from error
    except ValueError as error:
        # A routing driver says so of a name that cannot be resolved; any other is a bug.
        if isinstance(error.__cause__, OSError):
            raise StoreUnavailable("the name of the Neo4j server cannot be resolved") from error
        raise
    except TimeoutError as error:
        raise StoreUnavailable("Neo4j does not answer in time") from error


def _refusal(code: str, message: str) -> str:
    if code.endswith("CredentialsExpired"):
        return "Neo4j wants its first password changed before it lets anybody in"
    if code.endswith("AuthenticationRateLimit"):
        return "Neo4j has seen too many wrong passwords; wait some seconds and try again"
    if code.endswith("Forbidden"):
        return f"Neo4j does not let this user do that: {message}"
    return f"Neo4j refuses the user name or the password: {_CREDENTIALS}"
