"""Several sources in one call: which goes first, and what each would change after those before it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from importers.importer import Reading, change_set
from topology.changes import ChangeSet, Plan
from topology.errors import Issue, IssueSeverity, Place
from topology.facts import Subject, references, subject
from topology.planning import plan
from topology.snapshot import Snapshot


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One revision to write: what is asked, what it comes to, and what was wrong while reading.

    It has no repr of its own: asyncio writes out what a task gave, and a large plan takes seconds to write.
    """

    reading: Reading
    change: ChangeSet
    plan: Plan
    issues: tuple[Issue, ...]


def steps(
    base: Snapshot,
    readings: Sequence[Reading],
    problems: Iterable[Issue],
    *,
    actor: str | None,
    allow_removals: int | None = None,
) -> list[Step]:
    """What the readings come to, one after the other from `base`, whatever their order.

    Where sources refer to one another in a circle, the first gets stubs for what a later one describes; it then comes
    a second time, without them, so that the same files once more change nothing.

    Args:
        base: the newest snapshot.
        readings: what the files state.
        problems: errors of the call as a whole; with any, nothing is removed for its absence.
        actor: who asks.
        allow_removals: how many removals are meant.
    """
    whole = not any(issue.severity is IssueSeverity.ERROR for issue in problems)
    ordered = _ordered([reading for reading in readings if reading.source])
    found: list[Step] = []
    for reading in ordered:
        change = change_set(reading)
        change = change if whole else replace(change, complete=False)
        found.append(_step(base, reading, change, actor, allow_removals))
        base = found[-1].plan.after
    for step in [step for step in found if step.plan.stubs and len(found) > 1]:
        again = _step(base, step.reading, step.change, actor, allow_removals)
        if not again.plan.summary.is_empty:
            found.append(again)
            base = again.plan.after
    return found


def as_asked(change: ChangeSet) -> Callable[[Snapshot], ChangeSet]:
    """The change as a submission wants it: what a file states does not depend on what the store holds."""
    return lambda _newest: change


def _step(base: Snapshot, reading: Reading, change: ChangeSet, actor: str | None, allow_removals: int | None) -> Step:
    planned = plan(base, change, actor=actor, issues=reading.problems, allow_removals=allow_removals)
    # What is wrong with the reading as a whole has no place of its own but its file.
    file = Place(reading.files[0]) if len(reading.files) == 1 else None
    issues = tuple(issue if issue.place is not None else replace(issue, place=file) for issue in planned.issues)
    return Step(reading, change, replace(planned, issues=issues), reading.problems)


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
