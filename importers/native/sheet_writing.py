"""The rows of the native sheets as CSV files, or as one workbook for people: headers, filters, lists to choose from."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from importers.native.columns import SHEETS
from importers.native.outline import Outline
from importers.native.rows import Row, Value, rows_of
from importers.sheets import harmless
from topology import model
from topology.units import plain

_OPTIONAL: Final = "same"
_EXACT_DIGITS: Final = 15
"""A spreadsheet keeps so many digits of a number; a longer one is written as text."""
_FIRST_YEAR: Final = 1901
_WIDEST: Final = 60
_SPARE_ROWS: Final = 1000
"""So many rows beyond the last have lists to choose from."""


def _names(kind: type[StrEnum]) -> list[str]:
    return [item.value for item in kind]


_WINDOWS: Final = [*(k.value for k in model.WindowKind if k is not model.WindowKind.ROLLING), "rolling_30d"]
CHOICES: Final[Mapping[tuple[str, str], tuple[Sequence[str], bool]]] = {
    ("parties", "kind"): (_names(model.PartyKind), True),
    ("entities", "kind"): (_names(model.EntityKind), True),
    ("entities", "criticality"): (_names(model.Criticality), True),
    ("entities", "substitutability"): (_names(model.Substitutability), True),
    ("requirements", "need"): (["all", "any", "2"], False),
    ("requirements", "impact"): (["outage", "degraded", "none"], False),
    ("agreements", "type"): (_names(model.AgreementType), True),
    ("agreements", "status"): (_names(model.AgreementStatus), True),
    ("agreements", "level"): (_names(model.AgreementLevel), True),
    ("agreements", "extent"): (_names(model.Extent), True),
    ("targets", "metric"): (["availability", "success_rate", "latency_p95", "time_to_repair", "response_time"], False),
    ("targets", "operator"): ([">=", "<="], True),
    ("targets", "unit"): (["%", "ms", "s", "min", "h", "d"], False),
    ("targets", "window"): (_WINDOWS, False),
    ("targets", "extent"): (_names(model.Extent), True),
    ("targets", "measure"): (_names(model.Measure), True),
    ("targets", "credit_kind"): (_names(model.CreditKind), True),
}
"""What a cell of a column may be chosen from, and whether anything else is refused by the spreadsheet."""


def write_csv(whole: Outline) -> dict[str, bytes]:
    """The native CSV files of an outline, by their names, in UTF-8."""
    return csv_files(rows_of(whole))


def write_xlsx(whole: Outline) -> bytes:
    """The native workbook of an outline."""
    return workbook(rows_of(whole))


def csv_files(rows: Mapping[str, Sequence[Row]]) -> dict[str, bytes]:
    """The sheets as CSV files. A text that a spreadsheet would run as a formula is made harmless."""
    files: dict[str, bytes] = {}
    for name in _sheets(rows):
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(SHEETS[name])
        for row in rows.get(name, ()):
            writer.writerow([_csv_cell(row.get(column)) for column in SHEETS[name]])
        files[f"{name}.csv"] = text.getvalue().encode()
    return files


def workbook(rows: Mapping[str, Sequence[Row]]) -> bytes:
    """The sheets as one workbook. No text becomes a formula or a link; the same rows give the same bytes."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"title": "Underpin native format, version 1", "created": datetime(2000, 1, 1, tzinfo=UTC)})
        header = book.add_format({"bold": True, "bg_color": "#DDE6F0", "bottom": 1})
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        for name in _sheets(rows):
            _write_sheet(book.add_worksheet(name), name, rows.get(name, ()), header, dated)
    return packed.getvalue()


def _sheets(rows: Mapping[str, Sequence[Row]]) -> list[str]:
    return [name for name in SHEETS if name != _OPTIONAL or name in rows]


def _csv_cell(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    return harmless(value) if isinstance(value, str) else str(value)


def _write_sheet(sheet: Worksheet, name: str, rows: Sequence[Row], header: Format, dated: Format) -> None:
    columns = SHEETS[name]
    widths = [len(column) for column in columns]
    for n, column in enumerate(columns):
        sheet.write_string(0, n, column, header)
    for number, row in enumerate(rows, 1):
        for n, column in enumerate(columns):
            if column in row:
                _write_cell(sheet, (number, n), row[column], dated)
                widths[n] = max(widths[n], len(str(row[column])))
    for n, width in enumerate(widths):
        sheet.set_column(n, n, min(width, _WIDEST) + 3)
    last = max(len(rows), 1)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    for n, column in enumerate(columns):
        if (name, column) in CHOICES:
            choices, strict = CHOICES[name, column]
            rule = {"validate": "list", "source": list(choices), "show_error": strict}
            sheet.data_validation(1, n, last + _SPARE_ROWS, n, rule)


def _write_cell(sheet: Worksheet, at: tuple[int, int], value: Value, dated: Format) -> None:
    row, column = at
    if isinstance(value, date) and value.year >= _FIRST_YEAR:
        sheet.write_datetime(row, column, value, dated)
    elif isinstance(value, Decimal | int) and len(str(value).strip("-").replace(".", "")) <= _EXACT_DIGITS:
        sheet.write_number(row, column, float(value))
    else:
        sheet.write_string(row, column, plain(value) if isinstance(value, Decimal) else str(value))
