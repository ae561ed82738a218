"""Several sources in one call: which goes first, and what each would change after those before it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from importers.importer import Reading, change_set
from topology.changes import ChangeSet, Plan
from topology.errors import Issue, IssueSeverity
from topology.facts import FactKind, Subject, references, subject
from topology.planning import plan
from topology.snapshot import Snapshot, owned_by


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One revision to write: what is asked, what it comes to, and what was wrong while reading.

    It has no repr of its own: asyncio writes out what a task gave, and a large plan takes seconds to write.
    """

    reading: Reading
    change: ChangeSet
    plan: Plan
    issues: tuple[Issue, ...]


def steps(base: Snapshot, readings: Sequence[Reading], problems: Iterable[Issue], *, actor: str | None) -> list[Step]:
    """What the readings come to, one after the other from `base`, whatever their order.

    Where sources refer to one another in a circle, the first gets stubs for what a later one describes; it then comes
    a second time, without them, so that the same files once more change nothing.

    Args:
        base: the newest snapshot.
        readings: what the files state.
        problems: errors of the call as a whole; with any, nothing is removed for its absence.
        actor: who asks.
    """
    whole = not any(issue.severity is IssueSeverity.ERROR for issue in problems)
    ordered = _ordered([reading for reading in readings if reading.source])
    found: list[Step] = []
    for reading in ordered:
        change = change_set(reading)
        change = change if whole else replace(change, complete=False)
        found.append(_step(base, reading, change, actor))
        base = found[-1].plan.after
    for step in [step for step in found if step.plan.stubs and len(found) > 1]:
        again = _step(base, step.reading, step.change, actor)
        if not again.plan.summary.is_empty:
            found.append(again)
            base = again.plan.after
    return found


def as_asked(change: ChangeSet) -> Callable[[Snapshot], ChangeSet]:
    """The change as a submission wants it: what a file states does not depend on what the store holds."""
    return lambda _newest: change


def _step(base: Snapshot, reading: Reading, change: ChangeSet, actor: str | None) -> Step:
    issues = (*reading.problems, *_emptied(base, reading))
    return Step(reading, change, plan(base, change, actor=actor, issues=issues), issues)


def _emptied(base: Snapshot, reading: Reading) -> Iterator[Issue]:
    """No entity where the source had some is taken for a broken file, and the error withholds the removals."""
    if any(fact.id[0] == FactKind.ENTITY for fact in reading.facts):
        return
    held = owned_by(base, reading.source, reading.scope).values()
    count = sum(fact.id[0] == FactKind.ENTITY and not fact.is_stub for fact in held)
    if count:
        hint = "look whether the export was cut off"
        yield Issue("UP-NO-ENTITIES", f'no entity is left of the {count} that "{reading.source}" has', (), hint)


def _ordered(readings: Sequence[Reading]) -> Iterator[Reading]:
    """By source and scope, but what others refer to before them."""
    waiting = sorted(readings, key=lambda reading: (reading.source, reading.scope))
    if len(waiting) < 2:
        yield from waiting
        return
    defined = {id(reading): _defined(reading) for reading in waiting}
    wanted = {id(reading): _wanted(reading) - defined[id(reading)] for reading in waiting}
    while waiting:
        first = next((r for r in waiting if not _waits(r, waiting, wanted, defined)), waiting[0])
        waiting.remove(first)
        yield first


def _waits(
    reading: Reading, others: Sequence[Reading], wanted: dict[int, set[Subject]], defined: dict[int, set[Subject]]
) -> bool:
    return any(wanted[id(reading)] & defined[id(other)] for other in others if other is not reading)


def _defined(reading: Reading) -> set[Subject]:
    keys = (subject(fact.statement) for fact in reading.facts if fact.defines)
    return {name for space, key in keys for name in ((space, key), (space, f"{reading.source}:{key}"))}


def _wanted(reading: Reading) -> set[Subject]:
    return {reference for fact in reading.facts for reference in references(fact.statement)}
