"""The one writing use case: plan against the newest state, guard, write as one revision, again where another was first.

The command, `submitChanges` and `importSource` all come through here.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from topology.changes import ChangeSet, ChangeSummary, Plan, Provenance, Revision
from topology.counting import counted
from topology.errors import BadInput, Issue, KeyReused, StaleRevision, UnderpinError
from topology.names import reason_issue, scope_issue, source_issue
from topology.planning import plan
from topology.snapshot import Snapshot
from topology.store import GraphStore
from topology.validation import KEY_TWICE

QUESTIONS = frozenset({KEY_TWICE, "UP-SOURCE-QUESTION"})
"""The codes of issues that refuse all of a change: is this one thing or two, and whose facts are these?"""
_ATTEMPTS = 20
_REMOVALS = 50
_SHARE = 5


class RemovalsRefused(UnderpinError):
    """A change set would remove so much of its source that somebody has to say that it is meant."""

    code = "BAD_USER_INPUT"

    def __init__(self, removals: int, held: int) -> None:
        asked = f"this would remove {removals} of {counted(held, 'fact')} of the source"
        super().__init__(f"{asked}; allow {counted(removals, 'removal')} if that is meant")
        self.removals = removals
        self.held = held


class Crowded(UnderpinError):
    """Other writers were first, again and again."""

    code = "CONFLICT"

    def __init__(self) -> None:
        super().__init__(f"other writers were first {_ATTEMPTS} times in a row; try again")


class Undecided(BadInput):
    """The change asks something that only a person can answer: nothing of it is written, strict or not."""

    code = "CONFLICT"


class PlanMoved(UnderpinError):
    """What was planned is no longer what would be written."""

    code = "CONFLICT"

    def __init__(self) -> None:
        super().__init__("the plan is not what it was when it was shown; look at the new one and apply that")


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody asks to write.

    Attributes:
        build: the change set, made of the newest snapshot.
        by: who, why, the idempotency key and the digest of what was asked.
        expect: the revision that the store must be at.
        strict: any error refuses everything; otherwise good facts go in and the issues are shown.
        dry_run: plan only.
        planned: the digest of the plan that was shown and agreed to.
        allow_removals: how many removals are meant; None guards, at most 50 and a fifth of what the source holds.
        issues: what was found wrong while reading.
    """

    build: Callable[[Snapshot], ChangeSet]
    by: Provenance
    expect: int | None = None
    strict: bool = True
    dry_run: bool = False
    planned: str | None = None
    allow_removals: int | None = None
    issues: tuple[Issue, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of it. `plan` is None where an earlier answer was given again."""

    revision: int
    summary: ChangeSummary
    replayed: bool
    plan: Plan | None


async def submit(store: GraphStore, asked: Submission) -> Submitted:
    """Write what is asked as one revision, or nothing.

    Raises:
        BadInput: strict, and there are errors; or no source can be called so, or the reason cannot be kept.
        Undecided: two sources define one key, or somebody must say whose facts these are.
        StaleRevision: the store is not at `expect`.
        KeyReused: the idempotency key came with another digest.
        RemovalsRefused: too much of the source would go.
        PlanMoved: the plan's digest is not `planned`.
    """
    unusable = reason_issue(asked.by.reason, ("reason",))
    if unusable is not None:
        raise BadInput((unusable,))
    for _ in range(_ATTEMPTS):
        earlier = await _earlier(store, asked.by)
        if earlier is not None:
            return Submitted(earlier.number, earlier.summary, True, None)
        base = await store.load()
        if asked.expect is not None and asked.expect != base.revision:
            raise StaleRevision(asked.expect, base.revision)
        planned = await asyncio.to_thread(_planned, base, asked)
        refuse_undecided(planned.issues)
        change = planned.validated(asked.by, strict=asked.strict)
        if asked.planned is not None and asked.planned != planned.digest:
            raise PlanMoved
        if asked.dry_run:
            return Submitted(base.revision, planned.summary, False, planned)
        guard_removals(planned, asked.allow_removals)
        if planned.summary.is_empty:
            return Submitted(base.revision, planned.summary, False, planned)
        try:
            number = await store.apply(change, expect=base.revision)
        except StaleRevision:
            continue
        return Submitted(number, planned.summary, False, planned)
    raise Crowded


def _planned(base: Snapshot, asked: Submission) -> Plan:
    """The plan; made in a thread, because a large one would keep the event loop from answering anybody."""
    change = asked.build(base)
    wrong = [source_issue(change.source, ("source",)), scope_issue(change.scope, ("scope",))]
    if any(wrong):
        raise BadInput(tuple(issue for issue in wrong if issue is not None))
    return plan(base, change, actor=asked.by.actor, issues=asked.issues, allow_removals=asked.allow_removals)


async def _earlier(store: GraphStore, by: Provenance) -> Revision | None:
    if by.idempotency_key is None:
        return None
    found = await store.recall(by.actor, by.idempotency_key)
    if found is not None and found.by.digest != by.digest:
        raise KeyReused(by.idempotency_key, found.number)
    return found


def refuse_undecided(issues: Iterable[Issue]) -> None:
    """Stop what asks somebody a question, before anything of it is written.

    Raises:
        Undecided: with the questions, and no other issue.
    """
    questions = tuple(issue for issue in issues if issue.code in QUESTIONS)
    if questions:
        raise Undecided(questions)


def guard_removals(planned: Plan, allowed: int | None) -> None:
    """Stop a plan that removes more of its source than anybody meant.

    Raises:
        RemovalsRefused: above `allowed`; without it above 50, or above a fifth of what the source holds.
    """
    removals = sum(not fact.is_stub for fact in planned.removed)
    limit = allowed if allowed is not None else min(_REMOVALS, planned.held // _SHARE)
    if removals > limit:
        raise RemovalsRefused(removals, planned.held)
