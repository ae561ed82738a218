"""The log of a store, which is the truth in every store: what stands in it, and the snapshot that replaying it gives.

A revision is one entry and its payloads of at most 1000 facts and removals each; a checkpoint is the payloads of all
facts at one revision, so that loading need not begin at the first. Both stores share all of this and only do the I/O.
A payload never says its revision: the entry does, so that what was prepared for one number may be published under
another.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final, TypeVar

import msgspec

from topology.aliases import qualified
from topology.changes import Provenance, Revision, ValidatedChangeSet
from topology.codec import decode_facts, encode_facts
from topology.errors import BadInput, KeyReused, StaleRevision, StoreIncompatible, UnknownRevision
from topology.facts import Fact, FactId, Same, subject
from topology.snapshot import EMPTY, Owned, Snapshot, apply, marked
from topology.validation import check_references

T = TypeVar("T")
FORMAT: Final = 1
"""The version of the payloads."""
PAYLOAD_FACTS: Final = 1000
CHECKPOINT_AFTER: Final = 20_000
_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One revision as the log has it.

    Attributes:
        revision: number, time, who and why.
        format: the version of its payloads.
        payloads: how many there are.
        total: the facts and removals of this and all earlier revisions.
        parties: how many parties there are after it; `entities` and `agreements` likewise.
    """

    revision: Revision
    format: int
    payloads: int
    total: int
    parties: int
    entities: int
    agreements: int


@dataclass(frozen=True, slots=True)
class Payload:
    """JSON of some facts and removals, and the keys that they are about."""

    json: bytes
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Logged:
    """One revision read back; of a checkpoint the facts have revisions of their own."""

    number: int
    recorded_at: datetime | None
    removals: tuple[Owned, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class _Payload:
    facts: msgspec.Raw
    removals: tuple[tuple[FactId, str, str], ...] = ()


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(_Payload)


def payloads_of(change: ValidatedChangeSet) -> Iterator[Payload]:
    """What a change set writes, removals first."""
    for some in _chunks(change.removals):
        keys = sorted({about[1] for about, _, _ in some} | {about[2] for about, _, _ in some if about[0] == "same"})
        yield Payload(_ENCODER.encode(_Payload(msgspec.Raw(b"[]"), some)), tuple(keys))
    for facts in _chunks(change.puts):
        keys = sorted(set(chain.from_iterable(map(_about, facts))))
        yield Payload(_encoded(facts), tuple(keys))


def payloads_of_snapshot(snapshot: Snapshot) -> Iterator[bytes]:
    """All facts of a snapshot, for a checkpoint."""
    return map(_encoded, _chunks(tuple(snapshot.statements())))


def logged(entry: Entry, payloads: Iterable[bytes | str]) -> Logged:
    """One revision of its payloads.

    Raises:
        StoreIncompatible: a newer program wrote them, or they are damaged.
    """
    number = entry.revision.number
    if entry.format > FORMAT:
        raise StoreIncompatible(
            f"revision {number} is written in log format {entry.format}; this program reads up to {FORMAT}"
        )
    removals, facts = _decoded(number, payloads)
    stamped = tuple(fact if fact.revision == number else replace(fact, revision=number) for fact in facts)
    return Logged(number, entry.revision.recorded_at, removals, stamped)


def checkpoint(entry: Entry, payloads: Iterable[bytes | str]) -> Snapshot:
    """The snapshot that a checkpoint taken at `entry` holds."""
    number = entry.revision.number
    _, facts = _decoded(number, payloads)
    return apply(EMPTY, facts, (), revision=number, recorded_at=entry.revision.recorded_at)


def replayed(base: Snapshot, changes: Iterable[Logged]) -> Snapshot:
    """The snapshot after the changes, which follow on `base`; many small ones cost no more than a large one."""
    gone: dict[Owned, None] = {}
    put: dict[Owned, Fact] = {}
    last: Logged | None = None
    for change in changes:
        last = change
        for owned in change.removals:
            put.pop(owned, None)
            gone[owned] = None
        for fact in change.facts:
            owned = (fact.id, fact.source, fact.scope)
            put[owned] = marked(put.get(owned), fact)
    if last is None:
        return base
    return apply(base, put.values(), gone, revision=last.number, recorded_at=last.recorded_at)


def refuse_stale(change: ValidatedChangeSet, expect: int | None, head: int, earlier: Revision | None) -> int | None:
    """What must be looked at before anything is written, in this order.

    Args:
        change: what is to be written.
        expect: the revision that the writer expects.
        head: the revision that the store is at.
        earlier: the revision with the change's actor and idempotency key.

    Returns:
        The number to answer with where the change was written before, else None.

    Raises:
        StaleRevision: `head` is not `expect`.
        KeyReused: the key came with another digest.
    """
    if expect is not None and expect != head:
        raise StaleRevision(expect, head)
    if earlier is None:
        return None
    if earlier.by.digest != change.by.digest:
        raise KeyReused(change.by.idempotency_key or "", earlier.number)
    return earlier.number


def outcome(base: Snapshot, change: ValidatedChangeSet, recorded_at: datetime) -> Snapshot:
    """The snapshot that the change makes of the store's newest state.

    Args:
        base: that newest state.
        change: what is to be written.
        recorded_at: the time it gets.

    Raises:
        BadInput: something would refer to nothing.
    """
    number = base.revision + 1
    if base.revision == change.base and all(fact.revision == number for fact in change.puts):
        after = replace(change.after, revision=number, recorded_at=recorded_at)
    else:
        puts = [fact if fact.revision == number else replace(fact, revision=number) for fact in change.puts]
        after = apply(base, puts, change.removals, revision=number, recorded_at=recorded_at)
    issues = check_references(after, change)
    if issues:
        raise BadInput(issues)
    return after


def entry_of(change: ValidatedChangeSet, after: Snapshot, payloads: int, total: int) -> Entry:
    """The entry under which a change is logged; `total` is that of the revision before."""
    revision = Revision(after.revision, after.recorded_at, change.source, change.scope, change.summary, change.by)
    total += len(change.puts) + len(change.removals)
    return Entry(revision, FORMAT, payloads, total, len(after.parties), len(after.entities), len(after.agreements))


def checkpoint_due(after: Snapshot, since_checkpoint: int) -> bool:
    """Whether replaying has become so dear that a checkpoint pays.

    Args:
        after: the newest state.
        since_checkpoint: facts and removals logged since the newest checkpoint, or since the beginning.
    """
    return since_checkpoint > CHECKPOINT_AFTER and since_checkpoint > 2 * sum(map(len, after.facts.values()))


def known_as(newest: Snapshot, key: str) -> frozenset[str]:
    """All keys under which facts about `key` were written."""
    shown = newest.canonical(key)
    names = {key, shown, *(name for name, other in newest.aliases.items() if other == shown)}
    for space in ("party", "entity", "agreement"):
        for fact in newest.facts_about(space, shown):
            name = subject(fact.statement)[1]
            names |= {name, qualified(fact.source, name)}
    return frozenset(names)


def wanted(revision: int | None, head: int) -> int:
    """The revision to load.

    Raises:
        UnknownRevision: the store has not reached it.
    """
    if revision is None:
        return head
    if not 0 <= revision <= head:
        raise UnknownRevision(revision, head)
    return revision


def next_moment(last: datetime | None) -> datetime:
    """Now, or just after `last` where the clock was set back: revisions are recorded one after the other."""
    now = datetime.now(UTC)
    return now if last is None else max(now, last + timedelta(microseconds=1))


def write_moment(moment: datetime) -> str:
    """UTC with microseconds, such that texts sort as the moments do; before the year 1 and after 9999 as their ends."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = _LAST if moment.year == _LAST.year else _FIRST
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def read_moment(text: str) -> datetime:
    """The moment of `write_moment`."""
    return datetime.fromisoformat(text)


def claim(by: Provenance) -> str | None:
    """One text for actor and idempotency key, equal only where both are."""
    return None if by.idempotency_key is None else msgspec.json.encode((by.actor, by.idempotency_key)).decode()


def _about(fact: Fact) -> Iterator[str]:
    yield subject(fact.statement)[1]
    if isinstance(fact.statement, Same):
        yield fact.statement.second


def _chunks(items: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    return (items[start : start + PAYLOAD_FACTS] for start in range(0, len(items), PAYLOAD_FACTS))


def _encoded(facts: tuple[Fact, ...]) -> bytes:
    return _ENCODER.encode(_Payload(msgspec.Raw(encode_facts(list(facts)))))


def _decoded(number: int, payloads: Iterable[bytes | str]) -> tuple[tuple[Owned, ...], list[Fact]]:
    removals: list[Owned] = []
    facts: list[Fact] = []
    try:
        for payload in payloads:
            read = _DECODER.decode(payload)
            removals += read.removals
            facts += decode_facts(bytes(read.facts))
    except msgspec.MsgspecError as error:
        raise StoreIncompatible(f"what the log holds for revision {number} is damaged: {error}") from error
    return tuple(removals), facts
