"""`underpin report`: promises, gaps and renewals as tables for people, spreadsheets and programs."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from importers.importer import Defaults
from risk.assessment import Assessment
from risk.coverage import WORST_FIRST, CoverageGap
from risk.renewals import Renewal
from risk.terms import Verdict
from topology.calendars import zone
from topology.counting import counted
from topology.errors import AnalysisTooLarge
from topology.units import headroom_text, minutes, percent_text, plain
from underpin.explaining import explanation_lines
from underpin.graphs import date_for, graph_of_files, graph_of_store
from underpin.layout import csv_lines, markdown, markdown_lines, text_lines
from underpin.output import ExitCode, ReportForm, counting, progress, say, say_json, uncollected
from underpin.promises import AVAILABILITY, OURS, Promise, promises_of
from underpin.reports import Json
from underpin.settings import read_settings
from underpin.told import figure, headroom_json, minutes_figure, reasons_text
from underpin.tour import UNKNOWN


@dataclass(frozen=True, slots=True)
class Reporting:
    """What `underpin report` was asked; without paths about the store. No verdicts: all of them."""

    paths: tuple[Path, ...] = ()
    form: ReportForm = ReportForm.TABLE
    store: str | None = None
    source: str | None = None
    scope: str | None = None
    as_of: date | None = None
    at: date | None = None
    horizon: int = 0
    verdicts: frozenset[Verdict] = frozenset()
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A report in every form: rows of text for people, rows of plain figures for spreadsheets, a document.

    `empty` is said where there are no rows; `notes` follow the table in the forms for people, each with its lines.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: frozenset[int]
    data_head: Sequence[str]
    data_rows: Sequence[Sequence[str]]
    document: Json
    empty: str
    notes: Sequence[Sequence[str]] = field(default=())


def report_commitments(asked: Reporting) -> int:
    """Every promise with its budget, headroom and verdict, worst expected headroom first."""
    return _reported(asked, _commitments)


def report_gaps(asked: Reporting) -> int:
    """The gap matrix: transactions by suppliers, each with the worst verdict between them."""
    return _reported(asked, _gaps)


def report_renewals(asked: Reporting) -> int:
    """What ends or renews, and until when something can be said about it."""
    return _reported(asked, _renewals)


def _reported(asked: Reporting, make: Callable[[Assessment, Reporting], Report]) -> int:
    settings = read_settings({"store": asked.store, "at": asked.at})
    with uncollected():
        defaults = Defaults(asked.source, asked.scope, asked.as_of)
        snapshot = (
            graph_of_files(asked.paths, defaults, "report")
            if asked.paths
            else asyncio.run(graph_of_store(settings, "report"))
        )
    assessment = Assessment(snapshot, date_for(settings, snapshot))
    report = make(assessment, asked)
    if asked.form is ReportForm.JSON:
        head = {"at": assessment.at.isoformat(), "revision": snapshot.revision}
        say_json(head | report.document)
    elif asked.form is ReportForm.CSV:
        say(*csv_lines(report.data_head, report.data_rows))
    else:
        say(*_for_people(report, asked.form))
    return ExitCode.DONE


def _for_people(report: Report, form: ReportForm) -> Iterator[str]:
    if form is ReportForm.MARKDOWN:
        yield f"# {markdown(report.title)}"
        yield ""
        table = markdown_lines(report.head, report.rows, report.right)
    else:
        yield f"{report.title}."
        yield ""
        table = text_lines(report.head, report.rows, report.right)
    if report.rows:
        yield from table
    else:
        yield report.empty
    for note in report.notes:
        yield ""
        yield from _block(note) if form is ReportForm.MARKDOWN else note


def _explained(view: Assessment, key: str) -> Sequence[str]:
    try:
        return tuple(explanation_lines(view.promises.explanation(key)))
    except AnalysisTooLarge as error:
        return (f"{key}: UNKNOWN", f"  {error}")


def _block(lines: Sequence[str]) -> Iterator[str]:
    """Lines as Markdown shows them as they are, whatever they hold."""
    yield ""
    yield from (f"    {line}".rstrip() for line in lines)


def _commitments(view: Assessment, asked: Reporting) -> Report:
    with counting("Holding promises against what lies beneath") as progressed:
        held = promises_of(view, OURS, progress=progressed)
    promises = [promise for promise in held if not asked.verdicts or promise.headroom.verdict in asked.verdicts]
    told = [_explained(view, promise.commitment.key) for promise in promises] if asked.explain else []
    document = [_commitment_json(promise) for promise in promises]
    for row, lines in zip(document, told, strict=False):
        row["explanation"] = lines
    return Report(
        title=f"Commitments as of {view.at}: {_counts([promise.headroom.verdict for promise in promises])}",
        head=(*_COMMITMENT, "budget", "composite", "expected", "guaranteed", "verdict", "because"),
        rows=[_commitment_row(promise) for promise in promises],
        right=frozenset({2, 4, 5, 6, 7}),
        data_head=(*_COMMITMENT_DATA, "promised", "unit", *_FIGURES, "verdict", "reasons"),
        data_rows=[_commitment_data(promise) for promise in promises],
        document={"commitments": document},
        empty=_nothing("promise is stated, in an SLA or an OLA", asked),
        notes=told,
    )


_COMMITMENT = ("agreement", "promises of", "promised", "window")
_COMMITMENT_DATA = ("commitment", "type", "agreement", "version", "entity", "metric", "window")
_FIGURES = ("service_minutes", "budget_minutes", "composite_ratio", "expected_minutes", "guaranteed_minutes")


def _commitment_row(promise: Promise) -> tuple[str, ...]:
    about, headroom = promise.commitment, promise.headroom
    metric = about.target.metric
    return (
        f"{about.agreement.key} version {about.agreement.version}",
        about.entity if metric == AVAILABILITY else f"{about.entity} ({metric})",
        promise.promised,
        str(about.target.window),
        UNKNOWN if about.budget is None else f"{plain(minutes(about.budget))} min",
        UNKNOWN if promise.unavailability is None else percent_text(promise.unavailability),
        UNKNOWN if headroom.expected_minutes is None else headroom_text(headroom.expected_minutes),
        UNKNOWN if headroom.guaranteed_minutes is None else headroom_text(headroom.guaranteed_minutes),
        headroom.verdict.upper(),
        reasons_text(headroom.reasons),
    )


def _commitment_data(promise: Promise) -> tuple[str, ...]:
    """One promise for a spreadsheet: plain figures, and nothing where there is none."""
    about, headroom = promise.commitment, promise.headroom
    figures = (
        None if headroom.window is None else headroom.window.service_minutes,
        about.budget,
        _ratio(promise),
        None if headroom.expected_minutes is None else minutes(headroom.expected_minutes),
        None if headroom.guaranteed_minutes is None else minutes(headroom.guaranteed_minutes),
    )
    return (
        about.key,
        about.agreement.type.upper(),
        about.agreement.key,
        str(about.agreement.version),
        about.entity,
        about.target.metric,
        str(about.target.window),
        plain(about.target.value),
        about.target.unit,
        *(figure(value) or "" for value in figures),
        headroom.verdict.upper(),
        reasons_text(headroom.reasons),
    )


def _ratio(promise: Promise) -> Decimal | None:
    """The composite availability; None where it is not known exactly."""
    return None if promise.unavailability is None else 1 - promise.unavailability


def _commitment_json(promise: Promise) -> Json:
    about, composite, window = promise.commitment, promise.composite, promise.headroom.window
    return {
        "commitment": about.key,
        "type": about.agreement.type.upper(),
        "agreement": about.agreement.key,
        "version": about.agreement.version,
        "entity": about.entity,
        "metric": about.target.metric,
        "window": str(about.target.window),
        "promised": plain(about.target.value),
        "unit": about.target.unit,
        "serviceMinutes": None if window is None else plain(window.service_minutes),
        "budgetMinutes": figure(about.budget),
        "compositeRatio": figure(_ratio(promise)),
        "missing": [] if composite is None else [missing.entity for missing in composite.missing],
    } | headroom_json(promise.headroom)


def _gaps(view: Assessment, asked: Reporting) -> Report:
    with progress("Looking at every supplier of every promise"):
        gaps = view.promises.coverage_gaps(asked.horizon, asked.verdicts or frozenset(Verdict))
    cells = _cells(view, gaps)
    suppliers = sorted({supplier for _, supplier in cells})
    transactions = sorted({transaction for transaction, _ in cells})
    rows = [[row, *(cells.get((row, supplier), "") for supplier in suppliers)] for row in transactions]
    over = f" and the {counted(asked.horizon, 'day')} after it" if asked.horizon else ""
    return Report(
        title=f"Gaps as of {view.at}{over}: {_counts([gap.verdict for gap in gaps], 'link')}",
        head=("transaction", *suppliers),
        rows=rows,
        right=frozenset(),
        data_head=("transaction", *suppliers),
        data_rows=rows,
        document={
            "horizonDays": asked.horizon,
            "transactions": transactions,
            "suppliers": suppliers,
            "matrix": {row: {s: cells[row, s] for s in suppliers if (row, s) in cells} for row in transactions},
            "gaps": [_gap_json(gap) for gap in gaps],
        },
        empty=_nothing("promise rests on a supplier", asked),
    )


def _cells(view: Assessment, gaps: Sequence[CoverageGap]) -> dict[tuple[str, str], str]:
    """The worst verdict between each transaction and supplier, and from when it is a gap where that lies ahead.

    Metrics are not mixed: what is promised of a transaction beside availability has rows of its own. A promise that no
    transaction needs stands in a row of its own entity: no gap is left out.
    """
    worst: dict[tuple[str, str], CoverageGap] = {}
    for gap in gaps:
        metric = gap.commitment.target.metric
        beside = "" if metric == AVAILABILITY else f" ({metric})"
        for key in gap.transactions or (gap.commitment.entity,):
            row = f"{key}{beside}"
            held = worst.get((row, gap.supplier))
            if held is None or gap.weight < held.weight:
                worst[row, gap.supplier] = gap
    return {place: _cell(view, gap) for place, gap in worst.items()}


def _cell(view: Assessment, gap: CoverageGap) -> str:
    first = gap.first_gap_at
    day = view.at if first is None else first.astimezone(zone(gap.commitment.agreement.timezone)).date()
    return f"{gap.verdict.upper()} from {day}" if day > view.at else gap.verdict.upper()


def _gap_json(gap: CoverageGap) -> Json:
    return {
        "commitment": gap.commitment.key,
        "supplier": gap.supplier,
        "agreement": None if gap.agreement is None else gap.agreement.key,
        "verdict": gap.verdict.upper(),
        "reasons": [reason.upper() for reason in gap.reasons],
        "since": None if gap.since is None else gap.since.isoformat(),
        "firstGapAt": None if gap.first_gap_at is None else gap.first_gap_at.isoformat(),
        "headroomMinutes": minutes_figure(gap.headroom),
        "transactions": list(gap.transactions),
    }


def _renewals(view: Assessment, asked: Reporting) -> Report:
    found = view.promises.renewals(asked.horizon)
    head = ("agreement", "type", "with", "last day", "notice by", "renews", "state", "commitments")
    return Report(
        title=f"Renewals as of {view.at} and the {counted(asked.horizon, 'day')} after it: "
        f"{counted(len(found), 'agreement')} to act on",
        head=head,
        rows=[_renewal_row(renewal) for renewal in found],
        right=frozenset(),
        data_head=[name.replace(" ", "_") for name in head],
        data_rows=[_renewal_row(renewal, separator=";", unknown="") for renewal in found],
        document={"horizonDays": asked.horizon, "renewals": [_renewal_json(renewal) for renewal in found]},
        empty="No agreement ends or has its notice due in that time.",
    )


def _renewal_row(renewal: Renewal, separator: str = ", ", unknown: str = UNKNOWN) -> tuple[str, ...]:
    agreement = renewal.agreement
    return (
        f"{agreement.key} version {agreement.version}",
        agreement.type.upper(),
        agreement.provider,
        str(renewal.last_day),
        str(renewal.notice_deadline or unknown),
        "by itself" if renewal.auto_renews else "no",
        renewal.state.upper(),
        separator.join(renewal.commitments) or unknown,
    )


def _renewal_json(renewal: Renewal) -> Json:
    days = {"lastDay": renewal.last_day, "noticeDeadline": renewal.notice_deadline, "noticeGiven": renewal.notice_given}
    return {
        "agreement": renewal.agreement.key,
        "version": renewal.agreement.version,
        "type": renewal.agreement.type.upper(),
        "provider": renewal.agreement.provider,
        **{name: None if day is None else day.isoformat() for name, day in days.items()},
        "autoRenews": renewal.auto_renews,
        "state": renewal.state.upper(),
        "commitments": list(renewal.commitments),
    }


def _counts(verdicts: Sequence[Verdict], noun: str = "promise") -> str:
    """How many there are of each verdict, the worst first."""
    parts = ", ".join(f"{verdicts.count(verdict)} {verdict.upper()}" for verdict in WORST_FIRST if verdict in verdicts)
    return f"{counted(len(verdicts), noun)} ({parts})" if parts else counted(0, noun)


def _nothing(what: str, asked: Reporting) -> str:
    wanted = ", ".join(verdict.upper() for verdict in WORST_FIRST if verdict in asked.verdicts)
    return f"No {what}{f' with verdict {wanted}' if wanted else ''}."
