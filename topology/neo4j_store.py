"""The store on Neo4j: the log, and beside it the graph that people query.

The log is the truth: snapshots are made of it and of nothing else, so no reader is ever in doubt about a graph that is
half written. A published revision never changes and what is not published has no revision, so reading needs no second
look at the head either. A small change writes log and graph in one transaction. A large one stages its payloads,
publishes them in one small transaction, and then takes the graph along in steps that any writer can finish; the next
revision is not published before they are done.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final
from uuid import uuid4

from neo4j import AsyncManagedTransaction

from topology import neo4j_log as records
from topology.changes import Provenance, Revision, ValidatedChangeSet
from topology.errors import ChangeTooLarge, StoreIncompatible, StoreUnavailable, UnderpinError
from topology.log import (
    Payload,
    checkpoint,
    checkpoint_due,
    entry_of,
    known_as,
    logged,
    next_moment,
    outcome,
    payloads_of,
    payloads_of_snapshot,
    read_moment,
    refuse_stale,
    replayed,
    wanted,
    write_moment,
)
from topology.neo4j_connection import Connection
from topology.neo4j_projection import BATCH_ROWS, Batch, first_steps, steps
from topology.neo4j_schema import SCHEMA, too_new
from topology.snapshot import EMPTY, Snapshot
from topology.store import StoreInfo

_logger = logging.getLogger(__name__)
AT_ONCE: Final = 50_000
"""Facts of the log, and rows of the graph, that one transaction takes, at 4 to 5 KiB of the server's heap each."""
IDLE_MILLISECONDS: Final = 60_000
"""How long a staged change may lie untouched before the next writer clears it; a live one is touched every second."""


class _BehindError(Exception):
    """The graph does not show the newest revision yet: that comes first."""


class _BulkyError(Exception):
    """The change is too large for one transaction."""


class _TornError(Exception):
    """A row of the graph does not find what it refers to: somebody has changed the graph by hand."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One call of `apply`; the token tells its payloads and its revision from those of all others."""

    token: str
    change: ValidatedChangeSet
    expect: int | None
    payloads: tuple[Payload, ...]
    staged: bool


@dataclass(frozen=True, slots=True)
class _Published:
    """What came of an attempt; `after` is None where the revision had been there before."""

    number: int
    after: Snapshot | None = None
    since_checkpoint: int = 0


class Neo4jStore:
    """A `GraphStore` in one Neo4j database, which holds nothing else."""

    def __init__(self, uri: str, *, user: str, password: str, database: str = "neo4j") -> None:
        """A store at an address such as `neo4j://host:7687`; nothing is connected before `open`."""
        self._connection = Connection(uri, user, password, database)
        self._newest = EMPTY

    async def open(self) -> None:
        """Connect, bring the schema up to date, and finish what another process may have left unfinished."""
        await self._connection.open()
        try:
            await self._project()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Give the connections back."""
        await self._connection.close()

    async def info(self) -> StoreInfo:
        """Backend, the server's version, schema, revision and counts."""
        head = await self._connection.look(records.read_head)
        version = await self._connection.version()
        return StoreInfo("neo4j", version, head.schema, head.number, head.parties, head.entities, head.agreements)

    async def revision(self) -> int:
        """The newest revision's number."""
        return (await self._connection.look(records.read_head)).number

    async def revision_at(self, moment: datetime) -> int:
        """The newest revision recorded at or before `moment`."""
        return await self._connection.look(partial(records.number_at, moment=write_moment(moment)))

    async def apply(self, change: ValidatedChangeSet, *, expect: int | None = None) -> int:
        """Write one change set as one revision."""
        payloads = await asyncio.to_thread(lambda: tuple(payloads_of(change)))
        attempt = _Attempt(uuid4().hex, change, expect, payloads, staged=False)
        answered = await self._connection.look(partial(_answered, attempt=attempt))
        if answered is not None:
            return answered
        await self._clear_abandoned()
        done = await self._written(attempt)
        if done.after is not None:
            self._keep(done.after)
        # The revision is published: what fails from here on is made good by the next who opens or writes.
        try:
            await self._project()
            if done.after is not None and checkpoint_due(done.after, done.since_checkpoint):
                await self._take_checkpoint(done.after)
        except UnderpinError as error:
            _logger.warning("revision %d is written; its graph or checkpoint is not: %s", done.number, error)
        return done.number

    async def load(self, *, revision: int | None = None) -> Snapshot:
        """The state at a revision."""
        head = await self._connection.look(records.read_head)
        return await self._at(wanted(revision, head.number))

    async def history(self, *, since: int = 0, key: str | None = None, limit: int = 1000) -> list[Revision]:
        """Revisions after `since`."""
        limit = max(limit, 0)
        if key is not None:
            names = sorted(known_as(await self.load(), key))
            about = partial(records.entries_about, names=names, since=since, limit=limit)
            return [entry.revision for entry in await self._connection.read(about)]
        every = partial(records.entries, since=since, upto=await self.revision(), limit=limit)
        return [entry.revision for entry, _ in await self._connection.read(every)]

    async def recall(self, actor: str, idempotency_key: str) -> Revision | None:
        """The revision of an idempotency key."""
        by = Provenance(actor, idempotency_key=idempotency_key)
        return await self._connection.look(partial(records.recalled, by=by))

    async def _written(self, attempt: _Attempt) -> _Published:
        """Write until it is written or refused: what stands in the way is moved out of it."""
        mended = False
        try:
            if len(attempt.change.puts) + len(attempt.change.removals) > AT_ONCE:
                attempt = await self._staged(attempt)
            while True:
                await self._project()
                try:
                    return await self._connection.write(partial(self._publish, attempt=attempt))
                except _BehindError:
                    continue
                except _TornError:
                    if mended:
                        raise _unmendable() from None
                    await self._connection.write(_begin_anew)
                    mended = True
                except (_BulkyError, ChangeTooLarge):
                    if attempt.staged:
                        raise
                    attempt = await self._staged(attempt)
        except UnderpinError:
            if attempt.staged:
                await self._clear(attempt.token, len(attempt.payloads))
            raise

    async def _publish(self, tx: AsyncManagedTransaction, attempt: _Attempt) -> _Published:
        """One transaction: the head is locked, everything is looked at again, and the revision is there or is not."""
        head = await records.lock_head(tx, attempt.token)
        if head.schema > SCHEMA:
            raise too_new(head.schema)
        change, count = attempt.change, len(attempt.payloads)
        done = await records.number_of_token(tx, attempt.token)
        if done is not None:
            return _Published(done)
        answered = refuse_stale(change, attempt.expect, head.number, await records.recalled(tx, change.by))
        if answered is not None:
            return _Published(answered)
        if head.projected != head.number:
            raise _BehindError
        base = await self._snapshot(tx, head.number)
        moment = next_moment(None if head.recorded_at is None else read_moment(head.recorded_at))
        after = await asyncio.to_thread(outcome, base, change, moment)
        entry = entry_of(change, after, count, head.total)
        if attempt.staged:
            if not await records.unstage(tx, attempt.token):
                raise StoreUnavailable("the change lay unfinished for too long and was cleared; try again")
        else:
            await _write_in_one(tx, attempt, await asyncio.to_thread(steps, base, after))
        await records.publish(tx, entry, attempt.token)
        await records.mark_projected(tx, head.projected if attempt.staged else head.number + 1, 0)
        return _Published(head.number + 1, after, entry.total - head.checkpoint_total)

    async def _staged(self, attempt: _Attempt) -> _Attempt:
        await self._stage(attempt.token, attempt.payloads)
        return replace(attempt, staged=True)

    async def _stage(self, token: str, payloads: Sequence[Payload]) -> None:
        for first in range(0, len(payloads), records.PAYLOADS_AT_ONCE):
            some = payloads[first : first + records.PAYLOADS_AT_ONCE]
            await self._connection.write(
                partial(records.stage, token=token, first=first, some=some, count=len(payloads))
            )

    async def _clear_abandoned(self) -> None:
        for token, count in await self._connection.look(partial(records.idle, milliseconds=IDLE_MILLISECONDS)):
            await self._clear(token, count)

    async def _clear(self, token: str, count: int) -> None:
        """Delete what an attempt has staged, in transactions of a size that any server takes."""
        try:
            await self._connection.write(partial(records.abandon, token=token))
            for first in range(0, count, records.PAYLOADS_AT_ONCE):
                await self._connection.write(partial(records.delete_payloads, token=token, first=first))
            await self._connection.write(partial(records.forget, token=token))
        except UnderpinError as error:
            _logger.info("what an attempt has staged is left to the next writer: %s", error)

    async def _take_checkpoint(self, after: Snapshot) -> None:
        token = f"checkpoint-{after.revision}"
        payloads = await asyncio.to_thread(lambda: [Payload(text, ()) for text in payloads_of_snapshot(after)])
        total = await self._connection.look(partial(_total_at, number=after.revision))
        await self._stage(token, payloads)
        count = len(payloads)
        mark = partial(records.mark_checkpoint, token=token, number=after.revision, count=count, total=total)
        await self._connection.write(mark)

    async def _project(self) -> None:
        """Take the graph along to the newest revision, where it is not there yet; others may be at it as well."""
        while True:
            head = await self._connection.look(records.read_head)
            if head.projected == head.number:
                return
            after = await self._at(head.number)
            if head.projected == 0:
                batches = await asyncio.to_thread(first_steps, after)
            else:
                batches = await asyncio.to_thread(steps, await self._at(head.projected), after)
            try:
                while await self._connection.write(partial(_step, head=head, batches=batches)):
                    pass
            except _TornError:
                if head.projected == 0:
                    raise _unmendable() from None
                await self._connection.write(_begin_anew)

    async def _at(self, number: int) -> Snapshot:
        kept = self._newest
        if kept.revision == number:
            return kept
        return await self._connection.read(partial(self._snapshot, number=number))

    async def _snapshot(self, tx: AsyncManagedTransaction, number: int) -> Snapshot:
        """The state at a revision, from what is in memory, or the nearest checkpoint, and the log after it."""
        kept = self._newest
        base = kept if kept.revision <= number else EMPTY
        if base.revision == number:
            return base
        nearest = await records.nearest_checkpoint(tx, number)
        if nearest is not None and nearest[0] > base.revision:
            [(at, _)] = await records.entries(tx, nearest[0] - 1, nearest[0], 1)
            texts = await records.payloads(tx, [nearest[1:]])
            base = await asyncio.to_thread(checkpoint, at, texts[nearest[1]])
        found = await records.entries(tx, base.revision, number, number)
        texts = await records.payloads(tx, [(token, entry.payloads) for entry, token in found])
        changes = (logged(entry, texts[token]) for entry, token in found)
        snapshot = await asyncio.to_thread(replayed, base, changes)
        self._keep(snapshot)
        return snapshot

    def _keep(self, snapshot: Snapshot) -> None:
        if snapshot.revision > self._newest.revision:
            self._newest = snapshot


async def _answered(tx: AsyncManagedTransaction, attempt: _Attempt) -> int | None:
    """What can be told before a large change is staged; it is looked at again when it is published."""
    head = await records.read_head(tx)
    return refuse_stale(attempt.change, attempt.expect, head.number, await records.recalled(tx, attempt.change.by))


async def _total_at(tx: AsyncManagedTransaction, number: int) -> int:
    [(entry, _)] = await records.entries(tx, number - 1, number, 1)
    return entry.total


async def _write_in_one(tx: AsyncManagedTransaction, attempt: _Attempt, batches: Sequence[Batch]) -> None:
    """Log and graph of a small change, in the transaction that publishes it."""
    if sum(len(batch.rows) for batch in batches) > AT_ONCE:
        raise _BulkyError
    for first in range(0, len(attempt.payloads), records.PAYLOADS_AT_ONCE):
        some = attempt.payloads[first : first + records.PAYLOADS_AT_ONCE]
        await records.write_payloads(tx, attempt.token, first, some)
    for batch in batches:
        await _run(tx, batch)


async def _step(tx: AsyncManagedTransaction, head: records.Head, batches: Sequence[Batch]) -> bool:
    """The next step of the graph towards the newest revision, unless others have done them all; whether more follow.

    Who takes part reckons the same steps and goes on where the head says, so that several share them and nobody's last
    step comes after somebody else's next revision.
    """
    now = await records.lock_head(tx, uuid4().hex)
    if now.schema > SCHEMA:
        raise too_new(now.schema)
    if (now.projected, now.number) != (head.projected, head.number):
        return False
    if now.batch >= len(batches):
        await records.mark_projected(tx, now.number, 0)
        return False
    if await _run(tx, batches[now.batch]):
        await records.mark_projected(tx, now.projected, now.batch + 1)
    return True


async def _run(tx: AsyncManagedTransaction, batch: Batch) -> bool:
    """Run a step; whether it is done."""
    result = await tx.run(batch.query, rows=batch.rows)
    found = int((await result.single(strict=True))["found"])
    if batch.every and found != len(batch.rows):
        raise _TornError
    return bool(batch.rows) or found < BATCH_ROWS


async def _begin_anew(tx: AsyncManagedTransaction) -> None:
    """Have the graph made anew from nothing."""
    await records.lock_head(tx, uuid4().hex)
    await records.mark_projected(tx, 0, 0)


def _unmendable() -> StoreIncompatible:
    return StoreIncompatible("the graph in Neo4j does not fit its log and cannot be made anew: look at who else writes")
