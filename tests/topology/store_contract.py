"""What both stores are tested with: places to keep a store in, random change sets, and how to write them."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from tests.neo4j_server.server import Neo4jAddress
from topology.changes import ChangeSet, Extent, Plan, Provenance, ValidatedChangeSet
from topology.facts import EntityStatement, Fact, FactId, Statement
from topology.model import EntityKind, Member, RequirementGroup
from topology.neo4j_store import Neo4jStore
from topology.planning import plan
from topology.snapshot import Snapshot, apply
from topology.sqlite_store import SqliteStore
from topology.store import GraphStore


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Where a store is kept; every `new` one opens the same."""

    name: str
    new: Callable[[], GraphStore]
    set_schema: Callable[[int], None]
    clear: Callable[[], None]
    arguments: tuple[str, ...]


def sqlite_place(folder: Path) -> StorePlace:
    path = folder / "store.db"

    def set_schema(number: int) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA user_version = {number}")

    def clear() -> None:
        for file in folder.glob(f"{path.name}*"):
            file.unlink()

    return StorePlace("sqlite", lambda: SqliteStore(path), set_schema, clear, ("sqlite", str(path)))


def neo4j_place(address: Neo4jAddress) -> StorePlace:
    def set_schema(number: int) -> None:
        with address.driver() as driver:
            driver.execute_query("MATCH (h:LogHead) SET h.schema = $number", number=number, database_="neo4j")

    def new() -> GraphStore:
        return Neo4jStore(address.uri, user=address.user, password=address.password)

    return StorePlace("neo4j", new, set_schema, address.clear, ("neo4j", address.uri, address.user, address.password))


def place_of(arguments: list[str]) -> StorePlace:
    """The place that another process was given on its command line."""
    kind, *rest = arguments
    return sqlite_place(Path(rest[0]).parent) if kind == "sqlite" else neo4j_place(Neo4jAddress(*rest))


def planned(base: Snapshot, change: ChangeSet, *, actor: str = "ada") -> Plan:
    return plan(base, change, actor=actor)


def validated(
    base: Snapshot, change: ChangeSet, *, actor: str = "ada", key: str | None = None, digest: str = "", reason: str = ""
) -> ValidatedChangeSet:
    """A change as `submit` hands it to a store; what is unsound in it is left out."""
    return planned(base, change, actor=actor).validated(Provenance(actor, reason, key, digest), strict=False)


def unchecked(base: Snapshot, *statements: Statement, removals: tuple[FactId, ...] = ()) -> ValidatedChangeSet:
    """A change that nobody has checked: what a store meets when it has moved on since the plan."""
    facts = tuple(Fact(s, "acme", revision=base.revision + 1, actor="ada") for s in statements)
    gone = tuple((about, "acme", "") for about in removals)
    after = apply(base, facts, gone, revision=base.revision + 1)
    change = validated(base, ChangeSet("acme", "", Extent.DELTA, ()))
    return replace(change, puts=facts, removals=gone, after=after)


async def write(store: GraphStore, change: ChangeSet, *, actor: str = "ada", key: str | None = None) -> int:
    """Plan against the newest state and apply."""
    return await store.apply(validated(await store.load(), change, actor=actor, key=key))


def expected(base: Snapshot, change: ValidatedChangeSet, loaded: Snapshot) -> Snapshot:
    """What the pure functions make of a change, at the moment that the store gave it."""
    number = base.revision + 1
    puts = [replace(fact, revision=number) for fact in change.puts]
    return apply(base, puts, change.removals, revision=number, recorded_at=loaded.recorded_at)


def large_change(base: Snapshot, facts: int) -> ValidatedChangeSet:
    """A sound change set of so many facts: a quarter of them entities, the others what these need."""
    entities = max(facts // 4, 2)
    statements: list[Statement] = [
        EntityStatement(f"n{number:06}", EntityKind.COMPONENT, availability=Decimal("0.9990"))
        for number in range(entities)
    ]
    rng = random.Random(facts)
    edges: dict[tuple[int, int], None] = {}
    while len(edges) < facts - entities:
        consumer, supplier = rng.randrange(entities), rng.randrange(entities)
        if consumer != supplier:
            edges[consumer, supplier] = None
    statements += [RequirementGroup(f"n{a:06}", 1, (Member(f"n{b:06}"),)) for a, b in edges]
    return unchecked(base, *statements)
