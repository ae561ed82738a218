"""`underpin check`: every promise and every finding of a graph, for a person or a pipeline."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from importers.importer import Defaults
from risk.assessment import Assessment
from risk.results import Finding, LinkHeadroom
from risk.terms import Severity
from topology.counting import counted
from topology.units import downtime_text, headroom_text, percent_text, plain
from underpin.graphs import date_for, graph_of_files, graph_of_store
from underpin.output import ExitCode, counting, progress, say, say_json, uncollected
from underpin.promises import OURS, Promise, promises_of
from underpin.reports import Json
from underpin.settings import read_settings
from underpin.told import because_text, finding_json, promise_json, reasons_text
from underpin.tour import UNKNOWN, table


@dataclass(frozen=True, slots=True)
class Checking:
    """What `underpin check` was asked; without paths the store is checked."""

    paths: tuple[Path, ...] = ()
    store: str | None = None
    source: str | None = None
    scope: str | None = None
    as_of: date | None = None
    at: date | None = None
    links: bool = False
    json: bool = False
    processes: int | None = None


def check_promises(asked: Checking) -> int:
    """Show promises and findings; the exit code tells whether a promise is in SHORTFALL."""
    settings = read_settings({"store": asked.store, "at": asked.at})
    with uncollected():
        defaults = Defaults(asked.source, asked.scope, asked.as_of)
        snapshot = (
            graph_of_files(asked.paths, defaults, "check")
            if asked.paths
            else asyncio.run(graph_of_store(settings, "check"))
        )
    assessment = Assessment(snapshot, date_for(settings, snapshot))
    promises = _promises(assessment, asked.processes)
    with progress("Looking for what is doubtful"):
        findings = assessment.findings()
    if asked.json:
        say_json(_json(assessment, promises, findings, links=asked.links))
    else:
        say(*_lines(assessment, promises, findings, links=asked.links))
    return ExitCode.PROBLEMS if any(promise.is_short for promise in promises) else ExitCode.DONE


def _promises(assessment: Assessment, processes: int | None) -> tuple[Promise, ...]:
    """All that we promise: the availabilities beneath at once, over processes, and then what they leave of each."""
    entities = {commitment.entity for commitment in assessment.promises.all_commitments().values()}
    with counting("Working out availabilities") as told:
        assessment.composites(entities, processes=processes, progress=told)
    with counting("Holding promises against them") as told:
        return promises_of(assessment, OURS, progress=told)


def _lines(
    assessment: Assessment, promises: Sequence[Promise], findings: Sequence[Finding], *, links: bool
) -> Iterator[str]:
    snapshot = assessment.snapshot
    held = f"{counted(len(snapshot.entities), 'entity', 'entities')}, {counted(len(snapshot.agreements), 'agreement')}"
    yield f"As of {assessment.at}: {held}."
    yield ""
    if promises:
        head = ("type", "agreement", "promises of", "promised", "composite", "headroom", "verdict", "because")
        yield from table([head, *map(_row, promises)], (4, 40, 40, 16, 16, 20, 12, 120), right=(3, 4, 5))
    else:
        yield "No promise is stated, in an SLA or an OLA."
    yield ""
    for promise in promises if links else ():
        yield from _link_lines(assessment, promise)
    yield _counts(findings)
    yield from table([_finding(finding) for finding in findings], (7, 26, 400))
    if promises:
        short = sum(promise.is_short for promise in promises)
        yield ""
        yield f"{short} of {counted(len(promises), 'promise')} in SHORTFALL."


def _row(promise: Promise) -> tuple[str, ...]:
    about, headroom = promise.commitment, promise.headroom
    metric = about.target.metric
    expected = headroom.expected_minutes
    return (
        about.agreement.type.upper(),
        about.agreement.key,
        about.entity if metric == "availability" else f"{about.entity} ({metric})",
        promise.promised,
        UNKNOWN if promise.unavailability is None else percent_text(promise.unavailability),
        UNKNOWN if expected is None else headroom_text(expected),
        headroom.verdict.upper(),
        because_text(promise),
    )


def _link_lines(assessment: Assessment, promise: Promise) -> Iterator[str]:
    """Each supplier's own contract held against one promise."""
    links = assessment.promises.links(promise.commitment.key)
    if not links:
        return
    yield f"{promise.commitment.key}, supplier by supplier:"
    head = ("supplier", "contract", "allows", "headroom", "verdict", "because")
    yield from table([head, *map(_link, links)], (40, 40, 16, 16, 12, 120), right=(2, 3))
    yield ""


def _link(link: LinkHeadroom) -> tuple[str, ...]:
    return (
        link.supplier,
        UNKNOWN if link.agreement is None else link.agreement.key,
        UNKNOWN if link.allowance is None else downtime_text(link.allowance),
        UNKNOWN if link.headroom is None else headroom_text(link.headroom),
        link.verdict.upper(),
        reasons_text(link.reasons),
    )


def _counts(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    parts = [counted(counts[severity], severity.value) for severity in Severity if counts[severity]]
    return f"Findings: {', '.join(parts)}." if parts else "Nothing is doubtful: no findings."


def _finding(finding: Finding) -> tuple[str, ...]:
    return finding.severity.upper(), finding.code.upper(), finding.message


def _json(assessment: Assessment, promises: Sequence[Promise], findings: Sequence[Finding], *, links: bool) -> Json:
    return {
        "at": assessment.at.isoformat(),
        "revision": assessment.snapshot.revision,
        "shortfalls": sum(promise.is_short for promise in promises),
        "promises": [
            promise_json(promise) | (_links_json(assessment, promise) if links else {}) for promise in promises
        ],
        "findings": [finding_json(finding) for finding in findings],
    }


def _links_json(assessment: Assessment, promise: Promise) -> Json:
    return {
        "links": [
            {
                "supplier": link.supplier,
                "agreement": None if link.agreement is None else link.agreement.key,
                "allowanceMinutes": None if link.allowance is None else plain(link.allowance),
                "headroomMinutes": None if link.headroom is None else plain(link.headroom),
                "verdict": link.verdict.upper(),
                "reasons": [reason.upper() for reason in link.reasons],
            }
            for link in assessment.promises.links(promise.commitment.key)
        ]
    }
