"""`underpin report`: promises, gaps and renewals as tables for people, spreadsheets and programs."""

import asyncio
from collections.abc import Callable, Sequence

from importers.importer import Defaults
from risk.agreements.renewals import Renewal
from risk.assessment import Assessment
from risk.coverage import CoverageGap
from risk.terms import Verdict
from topology.calendars import zone
from topology.counting import counted
from underpin.commitment_report import commitments_report
from underpin.graphs import date_for, graph_of_files, graph_of_store
from underpin.layout import csv_lines
from underpin.output import ExitCode, ReportForm, progress, say, say_json, uncollected
from underpin.promises import AVAILABILITY
from underpin.report import Report, Reporting, counts_text, for_people, nothing_text
from underpin.reports import Json
from underpin.settings import read_settings
from underpin.told import minutes_figure
from underpin.tour import UNKNOWN


def report_commitments(asked: Reporting) -> int:
    """Every promise with its budget, headroom and verdict, worst expected headroom first."""
    return _reported(asked, commitments_report)


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
        say(*for_people(report, asked.form))
    return ExitCode.DONE


def _gaps(view: Assessment, asked: Reporting) -> Report:
    with progress("Looking at every supplier of every promise"):
        gaps = view.promises.coverage_gaps(asked.horizon, asked.verdicts or frozenset(Verdict))
    cells = _cells(view, gaps)
    suppliers = sorted({supplier for _, supplier in cells})
    transactions = sorted({transaction for transaction, _ in cells})
    rows = [[row, *(cells.get((row, supplier), "") for supplier in suppliers)] for row in transactions]
    over = f" and the {counted(asked.horizon, 'day')} after it" if asked.horizon else ""
    return Report(
        title=f"Gaps as of {view.at}{over}: {counts_text([gap.verdict for gap in gaps], 'link')}",
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
        empty=nothing_text("promise rests on a supplier", asked),
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
