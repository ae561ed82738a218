"""The root of all writing; every way in ends in `topology.submission`."""

import base64
import binascii
import hashlib
from collections.abc import Awaitable
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Annotated, TypeVar

import anyio
import anyio.to_thread
import orjson
import strawberry

from graphql_api.context import Context
from graphql_api.edits import edited
from graphql_api.errors import bad_input
from graphql_api.fields import doc_field, doc_type
from graphql_api.lists import given_or_none
from graphql_api.types.changes import ImportSourceInput, SubmitChangesInput
from graphql_api.types.outcomes import (
    IMPORT_RESULT,
    SUBMIT_RESULT,
    ChangesApplied,
    ChangesRejected,
    ImportApplied,
    ImportPlan,
    ImportRefused,
    ImportResult,
    RevisionConflict,
    SubmitChangesResult,
)
from importers.importer import Defaults, Reading, SourceFile, change_set
from importers.registry import read
from topology.changes import FIRST, ChangeSet, Plan, Provenance, Revision
from topology.errors import BadInput, Issue, IssueSeverity, StaleRevision
from topology.names import LONGEST_NAME, has_control, reason_issue, scope_issue, shown, source_issue
from topology.snapshot import Snapshot
from topology.submission import PlanMoved, RemovalsRefused, Submission, Submitted, submit

Info = strawberry.Info[Context, None]
T = TypeVar("T")
_ANY_NUMBER = 10**9
Changes = Annotated[SubmitChangesInput, strawberry.argument(description="What to write, and why.")]
Import = Annotated[ImportSourceInput, strawberry.argument(description="What to import.")]


@doc_type
class Mutation:
    """The root of all writing."""

    @doc_field(graphql_type=SUBMIT_RESULT)
    async def submit_changes(self, info: Info, input: Changes) -> SubmitChangesResult:  # noqa: A002 - the schema's name
        """Write changes as one revision, all of them or nothing."""
        return await _in_time(info.context, _submitted(info.context, input))

    @doc_field(graphql_type=IMPORT_RESULT)
    async def import_source(self, info: Info, input: Import) -> ImportResult:  # noqa: A002 - the schema's name
        """Plan the import of a file, or write what was planned as one revision."""
        return await _in_time(info.context, _imported(info.context, input))


async def _submitted(context: Context, asked: SubmitChangesInput) -> SubmitChangesResult:
    wrong = _unusable(asked, asked.source)
    if wrong:
        return ChangesRejected(found=wrong)
    places: dict[tuple[str, ...], int] = {}
    today = context.graph.today()

    def build(base: Snapshot) -> ChangeSet:
        done = edited(base, asked.source, asked.changes, today)
        places.clear()
        places.update(done.places)
        return done.change

    submission = Submission(
        build,
        Provenance(context.actor, asked.reason, given_or_none(asked.idempotency_key), _digest(asked)),
        expect=given_or_none(asked.expected_revision),
        dry_run=asked.dry_run,
        allow_removals=_ANY_NUMBER,
    )
    try:
        done = await _written(context, submission)
    except StaleRevision as stale:
        return RevisionConflict(stale=stale)
    except BadInput as error:
        return ChangesRejected(found=tuple(_placed(issue, places) for issue in error.issues))
    record = await _record(context, done.revision)
    return ChangesApplied(record=record, counts=done.summary, dry=asked.dry_run, again=done.replayed)


async def _imported(context: Context, asked: ImportSourceInput) -> ImportResult:
    wrong = _unusable(asked, given_or_none(asked.source))
    if wrong:
        return ChangesRejected(found=wrong)
    try:
        reading = await anyio.to_thread.run_sync(_read, asked)
    except BadInput as error:
        return ChangesRejected(found=error.issues)
    digest = given_or_none(asked.digest)
    submission = Submission(
        lambda _base: change_set(reading),
        Provenance(
            context.actor, f"import of {_file_name(asked)}", given_or_none(asked.idempotency_key), _digest(asked)
        ),
        strict=asked.strict,
        dry_run=digest is None,
        planned=digest,
        allow_removals=given_or_none(asked.allow_removals),
        issues=reading.problems,
    )
    try:
        done = await _written(context, submission)
    except RemovalsRefused as refused:
        return ImportRefused(count=refused.removals, message=str(refused))
    except PlanMoved as moved:
        return ChangesRejected(found=(Issue("PLAN_MOVED", str(moved), ("digest",)),))
    except BadInput as error:
        return ChangesRejected(found=error.issues)
    if digest is None and isinstance(done.plan, Plan):
        return ImportPlan(plan=done.plan, lacking=reading.absent)
    found = reading.problems if done.plan is None else done.plan.issues
    return ImportApplied(record=await _record(context, done.revision), counts=done.summary, found=found)


def _read(asked: ImportSourceInput) -> Reading:
    """The one source that a file speaks for.

    Raises:
        BadInput: it is not Base64, in no known format, or of several sources.
    """
    try:
        data = base64.b64decode(asked.base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput((Issue("UP-BASE64", "this is not Base64", ("base64",)),)) from error
    name = _file_name(asked)
    readings = read([SourceFile(name, data)], Defaults(given_or_none(asked.source), given_or_none(asked.scope)))
    sources = [reading for reading in readings if reading.source]
    problems = tuple(issue for reading in readings if not reading.source for issue in reading.problems)
    if not sources:
        raise BadInput(problems or (Issue("UP-EMPTY", f"{name} states nothing", ("base64",)),))
    if len(sources) > 1:
        named = ", ".join(sorted(f"{reading.source} {reading.scope}".strip() for reading in sources))
        raise BadInput((Issue("UP-SOURCES", f"{name} is of several sources: {named}", ("base64",), "send one each"),))
    whole = not any(issue.severity is IssueSeverity.ERROR for issue in problems)
    one = sources[0]
    return replace(one, problems=(*problems, *one.problems), complete=one.complete and whole)


def _file_name(asked: ImportSourceInput) -> str:
    return shown(asked.file_name.replace("\\", "/").rpartition("/")[2]) or "file"


async def _written(context: Context, submission: Submission) -> Submitted:
    """What came of a submission; this process shows it at once."""
    graph = context.graph
    await graph.reach()
    if submission.dry_run:
        return await submit(graph.store, submission)
    async with graph.writing:
        done = await submit(graph.store, submission)
    await graph.catch_up()
    return done


async def _record(context: Context, number: int) -> Revision:
    newest = context.graph.newest
    if number == 0:
        return FIRST
    if newest is not None and newest.revision.number == number:
        return newest.revision
    found = await context.graph.promptly(context.graph.store.history(since=number - 1, limit=1))
    return found[0]


async def _in_time(context: Context, work: Awaitable[T]) -> T:
    try:
        with anyio.fail_after(context.clock.left()):
            return await work
    except TimeoutError as error:
        raise context.clock.late() from error


def _unusable(asked: SubmitChangesInput | ImportSourceInput, source: str | None) -> tuple[Issue, ...]:
    found = [None if source is None else source_issue(source, ("source",))]
    key = given_or_none(asked.idempotency_key)
    if key is not None and (not 0 < len(key) <= LONGEST_NAME or has_control(key, one_line=True)):
        message = f"an idempotency key is one line of 1 to {LONGEST_NAME} characters"
        found.append(Issue("UP-IDEMPOTENCY-KEY", message, ("idempotencyKey",)))
    if isinstance(asked, SubmitChangesInput):
        found.append(reason_issue(asked.reason, ("reason",)))
        _refuse_negative(given_or_none(asked.expected_revision), "expectedRevision")
    else:
        found.append(scope_issue(given_or_none(asked.scope) or "", ("scope",)))
        _refuse_negative(given_or_none(asked.allow_removals), "allowRemovals")
    return tuple(issue for issue in found if issue is not None)


def _refuse_negative(number: int | None, name: str) -> None:
    if number is not None and number < 0:
        raise bad_input("OUT_OF_RANGE", f"{name} is {number}; it cannot be negative.", "input", name)


def _placed(issue: Issue, places: dict[tuple[str, ...], int]) -> Issue:
    """The issue of a fact as one of the change that made it."""
    place = places.get(issue.path)
    return issue if place is None else replace(issue, path=("changes", str(place)))


def _digest(asked: object) -> str:
    """What a request asks, its idempotency key aside, as one word."""
    return hashlib.sha256(orjson.dumps(_plain(asked), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        said = {f.name: given_or_none(getattr(value, f.name)) for f in fields(value) if f.name != "idempotency_key"}
        return {name: _plain(item) for name, item in said.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value
