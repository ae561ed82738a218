"""What a report is asked and what it is made of, and how it is laid out for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from risk.coverage import WORST_FIRST
from risk.terms import Verdict
from topology.counting import counted
from underpin.layout import markdown, markdown_lines, text_lines
from underpin.output import ReportForm
from underpin.reports import Json


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


def for_people(report: Report, form: ReportForm) -> Iterator[str]:
    """The report as a table of text or of Markdown, with its notes."""
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


def _block(lines: Sequence[str]) -> Iterator[str]:
    """Lines as Markdown shows them as they are, whatever they hold."""
    yield ""
    yield from (f"    {line}".rstrip() for line in lines)


def counts_text(verdicts: Sequence[Verdict], noun: str = "promise") -> str:
    """How many there are of each verdict, the worst first."""
    parts = ", ".join(f"{verdicts.count(verdict)} {verdict.upper()}" for verdict in WORST_FIRST if verdict in verdicts)
    return f"{counted(len(verdicts), noun)} ({parts})" if parts else counted(0, noun)


def nothing_text(what: str, asked: Reporting) -> str:
    """That there is nothing of what was asked for, with the verdicts that were."""
    wanted = ", ".join(verdict.upper() for verdict in WORST_FIRST if verdict in asked.verdicts)
    return f"No {what}{f' with verdict {wanted}' if wanted else ''}."
