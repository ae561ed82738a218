"""What is asked of the model, what it comes to, and what a store accepts."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from topology.errors import BadInput, Issue, IssueSeverity
from topology.facts import Fact, FactId
from topology.snapshot import Owned, Snapshot


class Extent(StrEnum):
    """Whether a change set says all that its source knows, or only what changes."""

    FULL = "full"
    DELTA = "delta"


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Facts of one (source, scope) to write.

    FULL replaces everything that the source holds in the scope; facts that it no longer names are removed, unless
    `complete` is false because not all of the source could be read. DELTA puts `facts` and removes `removals`.
    """

    source: str
    scope: str
    extent: Extent
    facts: tuple[Fact, ...]
    removals: tuple[FactId, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class ChangeSummary:
    """How many facts a change set adds, changes, removes and leaves as they are."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not (self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who writes, why, and the key under which a repetition is recognised (unique for each actor)."""

    actor: str = ""
    reason: str = ""
    idempotency_key: str | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ValidatedChangeSet:
    """A change that `planning.plan` found sound against the revision `base`; the only thing a store accepts.

    `after` is the snapshot that the change makes of that base: a store that is still at `base` need not compute it.
    """

    base: int
    source: str
    scope: str
    puts: tuple[Fact, ...]
    removals: tuple[Owned, ...]
    summary: ChangeSummary
    by: Provenance
    after: Snapshot = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change set would do to a snapshot, and all that is wrong with it."""

    base: Snapshot = field(repr=False)
    after: Snapshot = field(repr=False)
    source: str
    scope: str
    added: tuple[Fact, ...]
    changed: tuple[Fact, ...]
    removed: tuple[Fact, ...]
    withheld: tuple[Fact, ...]
    unchanged: int
    held: int
    digest: str
    issues: tuple[Issue, ...]

    @property
    def summary(self) -> ChangeSummary:
        """The counts."""
        return ChangeSummary(len(self.added), len(self.changed), len(self.removed), self.unchanged)

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that kept a fact out."""
        return tuple(issue for issue in self.issues if issue.severity is IssueSeverity.ERROR)

    @property
    def stubs(self) -> tuple[Fact, ...]:
        """Stand-ins for what is referred to and described nowhere."""
        return tuple(fact for fact in (*self.added, *self.changed) if fact.is_stub)

    def validated(self, by: Provenance, *, strict: bool) -> ValidatedChangeSet:
        """What a store may write.

        Raises:
            BadInput: `strict` and there is any error; nothing may be written then.
        """
        if strict and self.errors:
            raise BadInput(self.errors)
        removals = tuple((fact.id, fact.source, fact.scope) for fact in self.removed)
        puts = (*self.added, *self.changed)
        return ValidatedChangeSet(
            self.base.revision, self.source, self.scope, puts, removals, self.summary, by, self.after
        )


@dataclass(frozen=True, slots=True)
class Revision:
    """One entry of the log: what a change set was, who made it, and when the store recorded it (UTC)."""

    number: int
    recorded_at: datetime | None
    source: str
    scope: str
    summary: ChangeSummary
    by: Provenance


FIRST = Revision(0, None, "", "", ChangeSummary(), Provenance())
"""The empty state before any change."""
