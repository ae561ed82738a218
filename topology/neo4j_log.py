"""The log in Neo4j: every query that reads or writes it, each inside a transaction that the store has begun.

A payload hangs on the token of the attempt that wrote it, not on a number: what no revision names does not exist for
any reader, and a change that was staged may be published under whatever number is next.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from neo4j import AsyncManagedTransaction, AsyncResult

from topology.changes import ChangeSummary, Provenance, Revision
from topology.errors import StoreIncompatible
from topology.log import Entry, Payload, claim, read_moment, write_moment

PAYLOADS_AT_ONCE: Final = 10
"""About 10 000 facts and 3 MB in one message."""
_HEAD: Final = "MATCH (h:LogHead {name: 'head'}) "


@dataclass(frozen=True, slots=True)
class Head:
    """Where the store stands.

    Attributes:
        schema: of the database.
        number: the newest revision.
        recorded_at: when that was recorded.
        total: facts and removals logged so far.
        parties: after the newest revision; `entities` and `agreements` likewise.
        projected: the revision that the graph shows; while it is not `number`, steps are under way.
        batch: how many of those steps are done.
        checkpoint_total: `total` at the newest checkpoint.
    """

    schema: int
    number: int
    recorded_at: str | None
    total: int
    parties: int
    entities: int
    agreements: int
    projected: int
    batch: int
    checkpoint_total: int


async def read_head(tx: AsyncManagedTransaction) -> Head:
    """Where the store stands now."""
    query = (
        "RETURN h.schema, h.number, h.recorded_at, h.total, h.parties, h.entities, h.agreements, h.projected, h.batch,"
        " h.checkpoint_total"
    )
    record = await (await tx.run(_HEAD + query)).single()
    if record is None:
        raise StoreIncompatible("the Neo4j database is no longer an Underpin store: its head is gone")
    return Head(*record.values())


async def lock_head(tx: AsyncManagedTransaction, token: str) -> Head:
    """Where the store stands, and stays until the transaction ends: writers stand in a row at the head's lock."""
    await (await tx.run(_HEAD + "SET h.lock = $token", token=token)).consume()
    return await read_head(tx)


async def number_of_token(tx: AsyncManagedTransaction, token: str) -> int | None:
    """The revision that an attempt has published."""
    record = await (await tx.run("MATCH (r:LogRevision {log: $log}) RETURN r.number AS number", log=token)).single()
    return None if record is None else int(record["number"])


async def recalled(tx: AsyncManagedTransaction, by: Provenance) -> Revision | None:
    """The revision with the same actor and idempotency key."""
    if by.idempotency_key is None:
        return None
    query = "MATCH (r:LogRevision {claim: $claim}) RETURN properties(r) AS entry"
    record = await (await tx.run(query, claim=claim(by))).single()
    return None if record is None else _entry(record["entry"])[0].revision


async def entries(tx: AsyncManagedTransaction, since: int, upto: int, limit: int) -> list[tuple[Entry, str]]:
    """The revisions after `since` up to `upto`, each with the token of its payloads."""
    query = (
        "MATCH (r:LogRevision) WHERE r.number > $since AND r.number <= $upto "
        "RETURN properties(r) AS entry ORDER BY r.number LIMIT $limit"
    )
    return [_entry(r["entry"]) async for r in await tx.run(query, since=since, upto=upto, limit=limit)]


async def entries_about(tx: AsyncManagedTransaction, names: Sequence[str], since: int, limit: int) -> list[Entry]:
    """The revisions after `since` that wrote about any of the keys. Cost: one look at each payload's list of keys."""
    query = (
        "MATCH (p:LogPayload) WHERE any(key IN p.keys WHERE key IN $names) "
        "MATCH (r:LogRevision {log: p.log}) WHERE r.number > $since "
        "WITH DISTINCT r ORDER BY r.number LIMIT $limit RETURN properties(r) AS entry"
    )
    return [_entry(r["entry"])[0] async for r in await tx.run(query, names=names, since=since, limit=limit)]


async def number_at(tx: AsyncManagedTransaction, moment: str) -> int:
    """The newest revision recorded at or before `moment`."""
    query = (
        "MATCH (r:LogRevision) WHERE r.recorded_at <= $moment "
        "RETURN r.number AS number ORDER BY r.recorded_at DESC LIMIT 1"
    )
    record = await (await tx.run(query, moment=moment)).single()
    return 0 if record is None else int(record["number"])


async def nearest_checkpoint(tx: AsyncManagedTransaction, upto: int) -> tuple[int, str, int] | None:
    """Number, token and payloads of the newest checkpoint at or before `upto`. Only whole ones are to be found."""
    query = (
        "MATCH (c:LogCheckpoint) WHERE c.number <= $upto "
        "RETURN c.number, c.log, c.payloads ORDER BY c.number DESC LIMIT 1"
    )
    record = await (await tx.run(query, upto=upto)).single()
    return None if record is None else (record[0], record[1], record[2])


async def payloads(tx: AsyncManagedTransaction, tokens: Iterable[tuple[str, int]]) -> dict[str, list[str]]:
    """The payloads of each token, of which that many must be there."""
    counts = dict(tokens)
    found: dict[str, list[str | None]] = {token: [None] * count for token, count in counts.items()}
    ids = [_id(token, ordinal) for token, count in counts.items() for ordinal in range(count)]
    query = "UNWIND $ids AS id MATCH (p:LogPayload {id: id}) RETURN p.log, p.ordinal, p.json"
    async for token, ordinal, text in _values(await tx.run(query, ids=ids)):
        found[token][ordinal] = text
    whole = {token: [text for text in texts if text is not None] for token, texts in found.items()}
    for token, texts in whole.items():
        if len(texts) != counts[token]:
            raise StoreIncompatible("the Neo4j database is damaged: payloads of its log are gone")
    return whole


async def write_payloads(tx: AsyncManagedTransaction, token: str, first: int, some: Sequence[Payload]) -> None:
    """Write some payloads of one attempt, the first of them being number `first`."""
    rows = [
        {"id": _id(token, ordinal), "ordinal": ordinal, "json": payload.json.decode(), "keys": list(payload.keys)}
        for ordinal, payload in enumerate(some, first)
    ]
    query = (
        "UNWIND $rows AS row MERGE (p:LogPayload {id: row.id}) "
        "SET p.log = $log, p.ordinal = row.ordinal, p.json = row.json, p.keys = row.keys"
    )
    await (await tx.run(query, rows=rows, log=token)).consume()


async def stage(tx: AsyncManagedTransaction, token: str, first: int, some: Sequence[Payload], count: int) -> None:
    """Write some payloads of an attempt that is not published yet, and say that it is alive."""
    query = "MERGE (s:LogStaging {log: $log}) SET s.payloads = $count, s.touched = timestamp()"
    await (await tx.run(query, log=token, count=count)).consume()
    await write_payloads(tx, token, first, some)


async def unstage(tx: AsyncManagedTransaction, token: str) -> bool:
    """Take an attempt's mark away; false where it was abandoned meanwhile, and its payloads may be gone."""
    query = "MATCH (s:LogStaging {log: $log}) WHERE s.abandoned IS NULL DELETE s RETURN count(*) AS found"
    return bool((await (await tx.run(query, log=token)).single(strict=True))["found"])


async def idle(tx: AsyncManagedTransaction, milliseconds: int) -> list[tuple[str, int]]:
    """The attempts that nobody has touched for so long, with the number of their payloads."""
    query = "MATCH (s:LogStaging) WHERE s.touched < timestamp() - $age OR s.abandoned RETURN s.log, s.payloads"
    return [(token, count) async for token, count in _values(await tx.run(query, age=milliseconds))]


async def abandon(tx: AsyncManagedTransaction, token: str) -> None:
    """From here on the attempt can no longer be published, and its payloads may be deleted."""
    await lock_head(tx, token)
    await (await tx.run("MATCH (s:LogStaging {log: $log}) SET s.abandoned = true", log=token)).consume()


async def delete_payloads(tx: AsyncManagedTransaction, token: str, first: int) -> None:
    """Delete some payloads of an abandoned attempt, from number `first` on."""
    ids = [_id(token, ordinal) for ordinal in range(first, first + PAYLOADS_AT_ONCE)]
    await (await tx.run("UNWIND $ids AS id MATCH (p:LogPayload {id: id}) DELETE p", ids=ids)).consume()


async def forget(tx: AsyncManagedTransaction, token: str) -> None:
    """Take the mark of an abandoned attempt away: nothing is left of it."""
    await (await tx.run("MATCH (s:LogStaging {log: $log}) DELETE s", log=token)).consume()


async def publish(tx: AsyncManagedTransaction, entry: Entry, token: str) -> None:
    """Make an attempt the newest revision: from here on every reader sees it whole."""
    revision, by = entry.revision, entry.revision.by
    assert revision.recorded_at is not None
    counts = {"parties": entry.parties, "entities": entry.entities, "agreements": entry.agreements}
    recorded_at = write_moment(revision.recorded_at)
    properties = {
        "number": revision.number,
        "recorded_at": recorded_at,
        "log": token,
        "claim": claim(by),
        "source": revision.source,
        "scope": revision.scope,
        **asdict(revision.summary),
        **asdict(by),
        "format": entry.format,
        "payloads": entry.payloads,
        "total": entry.total,
        **counts,
    }
    await (await tx.run("CREATE (r:LogRevision) SET r = $properties", properties=properties)).consume()
    state = {"number": revision.number, "recorded_at": recorded_at, "total": entry.total, **counts}
    await (await tx.run(_HEAD + "SET h += $state", state=state)).consume()


async def mark_projected(tx: AsyncManagedTransaction, projected: int, batch: int) -> None:
    """Say which revision the graph shows, and how many steps towards the next are done."""
    query = _HEAD + "SET h.projected = $projected, h.batch = $batch"
    await (await tx.run(query, projected=projected, batch=batch)).consume()


async def mark_checkpoint(tx: AsyncManagedTransaction, token: str, number: int, count: int, total: int) -> None:
    """Let a checkpoint whose payloads are all there be found."""
    await unstage(tx, token)
    query = "MERGE (c:LogCheckpoint {number: $number}) SET c.log = $log, c.payloads = $count"
    await (await tx.run(query, number=number, log=token, count=count)).consume()
    query = _HEAD + "WHERE h.checkpoint_total < $total SET h.checkpoint_total = $total"
    await (await tx.run(query, total=total)).consume()


def _id(token: str, ordinal: int) -> str:
    return f"{token}/{ordinal}"


def _entry(found: Mapping[str, Any]) -> tuple[Entry, str]:
    summary = ChangeSummary(found["added"], found["changed"], found["removed"], found["unchanged"])
    by = Provenance(found["actor"], found["reason"], found.get("idempotency_key"), found["digest"])
    recorded_at = read_moment(found["recorded_at"])
    revision = Revision(found["number"], recorded_at, found["source"], found["scope"], summary, by)
    counts = (found["parties"], found["entities"], found["agreements"])
    return Entry(revision, found["format"], found["payloads"], found["total"], *counts), found["log"]


async def _values(result: AsyncResult) -> AsyncIterator[list[Any]]:
    async for record in result:
        yield record.values()
