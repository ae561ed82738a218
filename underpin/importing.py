"""`underpin import`: read, plan, look at what would come of it, and only then write."""

import asyncio
import getpass
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from importers.importer import Defaults
from topology.changes import Provenance
from topology.counting import counted
from topology.errors import UnderpinError
from topology.snapshot import EMPTY, Snapshot
from topology.store import GraphStore
from topology.submission import PlanMoved, RemovalsRefused, Submission, guard_removals, submit
from topology.validation import KEY_TWICE
from underpin.combining import Step, as_asked, steps
from underpin.composition import is_there, opened, parse_store
from underpin.output import ExitCode, progress, say, say_json, shortened, tell, uncollected
from underpin.reading import Files, errors_of, read_files
from underpin.reports import Outcome, Report, problem_lines, report_json, report_lines, source_text, summary_line
from underpin.settings import Settings, read_settings

SOURCE_QUESTION = "UP-SOURCE-QUESTION"
QUESTIONS = {
    KEY_TWICE: "two sources define one key, and only you can say whether it is one thing",
    SOURCE_QUESTION: "the files do not say clearly whose facts these are",
}
"""The codes of what only a person can answer, and how the command says so."""


@dataclass(frozen=True, slots=True)
class Importing:
    """What `underpin import` was asked."""

    paths: tuple[Path, ...]
    store: str | None = None
    source: str | None = None
    scope: str | None = None
    as_of: date | None = None
    plan_only: bool = False
    digest: str | None = None
    strict: bool = False
    allow_removals: int | None = None
    json: bool = False

    @property
    def defaults(self) -> Defaults:
        """What counts where a file does not say it."""
        return Defaults(self.source, self.scope, self.as_of)


def import_paths(asked: Importing) -> int:
    """Import files and tell what came of it; problems go to stderr, the rest to stdout."""
    settings = read_settings({"store": asked.store})
    parse_store(settings.store)
    with uncollected():
        files = read_files(asked.paths, asked.defaults)
        useless = files.unusable or files.is_empty
        report = _nothing(files) if useless else asyncio.run(_import(asked, files, settings))
    if asked.json:
        say_json(report_json(report))
        return report.code
    tell(*problem_lines(report.issues))
    say(*report_lines(report))
    total = summary_line(report.issues)
    if total:
        tell(total)
    return report.code


def _nothing(files: Files) -> Report:
    found = (*files.problems, *(issue for reading in files.readings for issue in reading.problems))
    issues = tuple(dict.fromkeys(found))
    if any(issue.code == SOURCE_QUESTION for issue in issues):
        return Report(Outcome.CONFLICT, ExitCode.CONFLICT, issues=issues, message="nothing was written")
    message = "nothing was written" if issues else "there is nothing to import in these files; nothing was written"
    return Report(Outcome.UNUSABLE, ExitCode.UNUSABLE, issues=issues, message=message)


async def _import(asked: Importing, files: Files, settings: Settings) -> Report:
    if asked.plan_only and not is_there(settings):
        return _planned(asked, files, EMPTY)
    async with opened(settings) as store:
        with progress("planning"):
            planned = _planned(asked, files, await store.load())
        if planned.outcome is not Outcome.PLANNED or asked.plan_only:
            return planned
        with progress("writing"):
            return await _write(asked, store, planned)


def _planned(asked: Importing, files: Files, base: Snapshot) -> Report:
    """What the files come to after `base`, and whether it may be written."""
    found = tuple(steps(base, files.readings, files.problems, actor=actor(), allow_removals=asked.allow_removals))
    issues = (*files.problems, *(issue for step in found for issue in step.plan.issues))
    code = ExitCode.PROBLEMS if errors_of(issues) else ExitCode.DONE
    return _looked_at(asked, Report(Outcome.PLANNED, code, found, tuple(dict.fromkeys(issues))))


def _looked_at(asked: Importing, planned: Report) -> Report:
    """The plan, or why nothing of it may be written."""
    errors = errors_of(planned.issues)
    for code, sentence in QUESTIONS.items():
        if any(issue.code == code for issue in errors):
            return _stopped(planned, Outcome.CONFLICT, sentence)
    if asked.strict and errors:
        return _stopped(planned, Outcome.REFUSED, f"--strict: {counted(len(errors), 'error')}")
    if asked.digest is not None and asked.digest not in {step.plan.digest for step in planned.steps}:
        return _stopped(planned, Outcome.CONFLICT, str(PlanMoved()))
    for step in planned.steps:
        try:
            guard_removals(step.plan, asked.allow_removals)
        except RemovalsRefused as error:
            message = f"{source_text(step)}: {error} (--allow-removals {error.removals})"
            return _stopped(planned, Outcome.GUARDED, message)
    return planned


CODES = {
    Outcome.CONFLICT: ExitCode.CONFLICT,
    Outcome.GUARDED: ExitCode.GUARDED,
    Outcome.REFUSED: ExitCode.UNUSABLE,
    Outcome.UNUSABLE: ExitCode.UNUSABLE,
}
"""What an import ends with when something stops it."""


def _stopped(report: Report, outcome: Outcome, message: str) -> Report:
    written = any(revision is not None for revision in report.revisions)
    so_far = "what stands above was written" if written else "nothing was written"
    return replace(report, outcome=outcome, code=CODES[outcome], message=f"{message}; {so_far}")


async def _write(asked: Importing, store: GraphStore, planned: Report) -> Report:
    """Write step after step, each as one revision; planned again against the newest state, it must be the same."""
    done: list[Step] = []
    revisions: list[int | None] = []
    by = Provenance(actor(), _reason(asked.paths))
    for step in planned.steps:
        question = Submission(
            as_asked(step.change),
            replace(by, digest=step.plan.digest),
            strict=asked.strict,
            planned=step.plan.digest,
            allow_removals=asked.allow_removals,
            issues=step.issues,
        )
        try:
            answer = await submit(store, question)
        except UnderpinError as error:
            so_far = replace(planned, steps=tuple(done), revisions=tuple(revisions))
            return _stopped(so_far, _outcome_of(error), f"{source_text(step)}: {error}")
        done.append(step if answer.plan is None else replace(step, plan=answer.plan))
        revisions.append(None if answer.summary.is_empty else answer.revision)
    wrote = any(revision is not None for revision in revisions)
    outcome = Outcome.APPLIED if wrote else Outcome.UNCHANGED
    unchanged = None if wrote else "nothing changed, and no revision was written"
    return replace(planned, outcome=outcome, steps=tuple(done), revisions=tuple(revisions), message=unchanged)


def _outcome_of(error: UnderpinError) -> Outcome:
    if isinstance(error, RemovalsRefused):
        return Outcome.GUARDED
    return Outcome.CONFLICT if error.code == "CONFLICT" else Outcome.UNUSABLE


def _reason(paths: Sequence[Path]) -> str:
    return f"import of {', '.join(shortened((path.name for path in paths), 3, len(paths)))}"


def actor() -> str:
    """Who is at the command: the user's name, where the system knows it."""
    with suppress(KeyError, OSError, ImportError):
        return getpass.getuser()
    return "command"
