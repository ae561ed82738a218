"""What came of a change: written, refused, or overtaken."""

from collections.abc import Iterable
from typing import Annotated, Any

import strawberry

from graphql_api.fields import doc_field, doc_type
from graphql_api.types.revisions import ChangeSummary, Revision
from topology import changes, errors


@doc_type
class Issue:
    """One problem of what was sent."""

    data: strawberry.Private[errors.Issue]

    @doc_field
    def path(self) -> list[str]:
        """Where in the input it is."""
        return list(self.data.path)

    @doc_field
    def code(self) -> str:
        """A stable code, for programs."""
        return self.data.code

    @doc_field
    def message(self) -> str:
        """One sentence, for people."""
        return self.data.message

    @doc_field
    def hint(self) -> str | None:
        """How to mend it."""
        return self.data.hint

    @doc_field
    def file(self) -> str | None:
        """The file it is in."""
        return self.data.place.file if self.data.place else None

    @doc_field
    def line(self) -> int | None:
        """The line of the file, from 1."""
        return self.data.place.line if self.data.place else None

    @doc_field
    def column(self) -> int | None:
        """The column of the line, from 1."""
        return self.data.place.column if self.data.place else None

    @doc_field
    def cell(self) -> str | None:
        """The sheet and cell, such as `targets!B7`."""
        return self.data.place.cell if self.data.place else None


def issues_of(found: Iterable[errors.Issue]) -> list[Issue]:
    """Issues as the schema shows them."""
    return [Issue(data=issue) for issue in found]


@doc_type
class ChangesApplied:
    """The changes are written, or could be."""

    record: strawberry.Private[changes.Revision]
    counts: strawberry.Private[changes.ChangeSummary]
    dry: strawberry.Private[bool]
    again: strawberry.Private[bool]

    @doc_field
    def revision(self) -> Revision:
        """The revision that holds them; the newest one where nothing had to be written."""
        return Revision(data=self.record)

    @doc_field
    def summary(self) -> ChangeSummary:
        """How many facts the changes touch."""
        return ChangeSummary(data=self.counts)

    @doc_field
    def dry_run(self) -> bool:
        """Whether they were only tried."""
        return self.dry

    @doc_field
    def replayed(self) -> bool:
        """Whether this is the answer to an earlier request with the same idempotency key."""
        return self.again


@doc_type
class ChangesRejected:
    """Nothing was written: something is wrong with what was sent."""

    found: strawberry.Private[tuple[errors.Issue, ...]]

    @doc_field
    def issues(self) -> list[Issue]:
        """All that is wrong."""
        return issues_of(self.found)


@doc_type
class RevisionConflict:
    """Nothing was written: the graph has moved on from the revision that was expected."""

    stale: strawberry.Private[errors.StaleRevision]

    @doc_field
    def expected(self) -> int:
        """The revision that was expected."""
        return self.stale.expected

    @doc_field
    def actual(self) -> int:
        """The revision that the graph is at."""
        return self.stale.actual

    @doc_field
    def issues(self) -> list[Issue]:
        """The same as an issue."""
        return issues_of([errors.Issue("STALE_REVISION", str(self.stale), ("expectedRevision",))])


@doc_type
class ImportPlan:
    """What an import would do; nothing was written."""

    plan: strawberry.Private[changes.Plan]
    lacking: strawberry.Private[tuple[str, ...]]

    @doc_field
    def digest(self) -> str:
        """What to send to have exactly this plan written."""
        return self.plan.digest

    @doc_field
    def summary(self) -> ChangeSummary:
        """How many facts it touches."""
        return ChangeSummary(data=self.plan.summary)

    @doc_field
    def removals_withheld(self) -> bool:
        """Whether facts stay that the file no longer has, because not all of it could be read."""
        return bool(self.plan.withheld)

    @doc_field
    def absent(self) -> list[str]:
        """What the file does not contain, in sentences."""
        return list(self.lacking)

    @doc_field
    def issues(self) -> list[Issue]:
        """All that is wrong or doubtful; facts with an error are left out."""
        return issues_of(self.plan.issues)


@doc_type
class ImportApplied:
    """The import is written."""

    record: strawberry.Private[changes.Revision]
    counts: strawberry.Private[changes.ChangeSummary]
    found: strawberry.Private[tuple[errors.Issue, ...]]

    @doc_field
    def revision(self) -> Revision:
        """The revision that holds it; the newest one where nothing had to be written."""
        return Revision(data=self.record)

    @doc_field
    def summary(self) -> ChangeSummary:
        """How many facts it touched."""
        return ChangeSummary(data=self.counts)

    @doc_field
    def issues(self) -> list[Issue]:
        """All that was wrong or doubtful; facts with an error were left out."""
        return issues_of(self.found)


@doc_type
class ImportRefused:
    """Nothing was written: the import would remove so much that somebody has to say that it is meant."""

    count: strawberry.Private[int]
    message: strawberry.Private[str]

    @doc_field
    def removals(self) -> int:
        """How many facts it would remove."""
        return self.count

    @doc_field
    def issues(self) -> list[Issue]:
        """The same as an issue."""
        return issues_of([errors.Issue("TOO_MANY_REMOVALS", self.message, ("allowRemovals",))])


SUBMIT_RESULT: Any = Annotated[
    ChangesApplied | ChangesRejected | RevisionConflict,
    strawberry.union("SubmitChangesResult", description="What came of changes."),
]
IMPORT_RESULT: Any = Annotated[
    ImportPlan | ImportApplied | ImportRefused | ChangesRejected,
    strawberry.union("ImportResult", description="What came of an import."),
]
SubmitChangesResult = ChangesApplied | ChangesRejected | RevisionConflict
ImportResult = ImportPlan | ImportApplied | ImportRefused | ChangesRejected
