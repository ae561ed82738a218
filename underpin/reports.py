"""How an import is told: to a person as lines, to a machine as one JSON document (docs/command.md has its shape)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from topology.changes import ChangeSummary
from topology.counting import counted
from topology.errors import Issue, IssueSeverity
from topology.facts import Fact, FactKind
from underpin.combining import Step
from underpin.output import ExitCode, shortened

FIRST = 3
"""How many of each kind of change are named; so many of other lists."""
Json = dict[str, object]


class Outcome(StrEnum):
    """What came of an import."""

    PLANNED = "planned"
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    UNUSABLE = "unusable"
    REFUSED = "refused"
    GUARDED = "guarded"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or why it did nothing. `revisions`: one for each step, None where nothing changed."""

    outcome: Outcome
    code: ExitCode
    steps: tuple[Step, ...] = ()
    issues: tuple[Issue, ...] = ()
    revisions: tuple[int | None, ...] = ()
    message: str | None = None


def problem_lines(issues: Iterable[Issue]) -> Iterator[str]:
    """Every problem, `file:line:column: error CODE: message; hint`."""
    return map(str, issues)


def summary_line(issues: Sequence[Issue]) -> str | None:
    """How many problems there were."""
    errors = sum(issue.severity is IssueSeverity.ERROR for issue in issues)
    parts = [counted(errors, "error")] * bool(errors)
    parts += [counted(len(issues) - errors, "warning")] * (len(issues) > errors)
    return ", ".join(parts) or None


def report_lines(report: Report) -> Iterator[str]:
    """What came of an import, for a person."""
    revisions = iter(report.revisions)
    for step in report.steps:
        yield from _step(step, report.outcome, next(revisions, None))
    if report.message:
        yield report.message


def _step(step: Step, outcome: Outcome, revision: int | None) -> Iterator[str]:
    plan = step.plan
    done = f"revision {revision}: " if revision is not None else "planned: " if outcome is Outcome.PLANNED else ""
    yield f"{source_text(step)}: {done}{counts_text(plan.summary)}"
    if outcome is Outcome.PLANNED or revision is None:
        signed = (("+", plan.added), ("~", plan.changed), ("-", plan.removed))
        yield from (
            f"  {sign} {label}" for sign, facts in signed for label in shortened(_labels(facts), FIRST, len(facts))
        )
    yield from _notes(step)
    if outcome is Outcome.PLANNED:
        yield f"  digest {plan.digest}"


def _noun(number: int, nouns: str) -> str:
    return nouns if number != 1 else f"{nouns[:-3]}y" if nouns.endswith("ies") else nouns.removesuffix("s")


def _notes(step: Step) -> Iterator[str]:
    plan = step.plan
    read = [f"{number} {_noun(number, nouns)}" for nouns, number in step.reading.counts.items() if number]
    if read:
        yield f"  read: {', '.join(read)}"
    if plan.stubs:
        named = ", ".join(shortened((fact.id[1] for fact in plan.stubs), FIRST, len(plan.stubs)))
        stand = "stands" if len(plan.stubs) == 1 else "stand"
        yield f"  {counted(len(plan.stubs), 'stub')} {stand} for what is referred to and described nowhere: {named}"
    if plan.withheld:
        named = ", ".join(shortened(_labels(plan.withheld), FIRST, len(plan.withheld)))
        removals = counted(len(plan.withheld), "removal")
        yield f"  {removals} withheld, because not all of the source could be read: {named}"
    yield from (f"  not in these files: {absent}" for absent in step.reading.absent)


def source_text(step: Step) -> str:
    """A source and its scope as people see them."""
    return f"{step.reading.source}/{step.reading.scope}" if step.reading.scope else step.reading.source


def counts_text(summary: ChangeSummary) -> str:
    """The counts of a plan: `+ 12  ~ 3  - 0  = 210`."""
    return f"+ {summary.added}  ~ {summary.changed}  - {summary.removed}  = {summary.unchanged}"


def _labels(facts: Iterable[Fact]) -> Iterator[str]:
    return map(label, facts)


def label(fact: Fact) -> str:
    """What a fact is about, for people: `group checkout: psp-a, psp-b`."""
    kind, subject, *rest = fact.id
    if kind == FactKind.ABOUT:
        return f"date that {subject.rstrip('/')} describes"
    if kind in {FactKind.AGREEMENT, FactKind.TARGET}:
        subject, rest = f"{subject} version {rest[0]}", rest[1:]
    details = ", ".join(part for part in rest if part)
    return f"{kind} {subject}: {details}" if details else f"{kind} {subject}"


def report_json(report: Report) -> Json:
    """What came of an import, for a machine."""
    return {
        "outcome": report.outcome.value,
        "exitCode": int(report.code),
        "message": report.message,
        "sources": list(_step_json(report)),
        "issues": [issue_json(issue) for issue in report.issues],
    }


def _step_json(report: Report) -> Iterator[Json]:
    revisions = iter(report.revisions)
    for step in report.steps:
        plan, reading = step.plan, step.reading
        yield {
            "source": reading.source,
            "scope": reading.scope,
            "asOf": reading.as_of.isoformat() if reading.as_of else None,
            "digest": plan.digest,
            "revision": next(revisions, None),
            "added": plan.summary.added,
            "changed": plan.summary.changed,
            "removed": plan.summary.removed,
            "unchanged": plan.summary.unchanged,
            "removalsWithheld": len(plan.withheld),
            "stubs": [fact.id[1] for fact in plan.stubs],
            "read": dict(reading.counts),
            "absent": list(reading.absent),
        }


def issue_json(issue: Issue) -> Json:
    """One problem, for a machine."""
    place = issue.place
    return {
        "severity": issue.severity.value,
        "code": issue.code,
        "message": issue.message,
        "hint": issue.hint,
        "path": list(issue.path),
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "cell": place.cell if place else None,
    }
