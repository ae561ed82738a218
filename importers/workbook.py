"""XLSX workbooks as sheets of texts: values by calamine, and a closer look by openpyxl where a value is not enough.

A `%` cell shows 99.95 % and holds 0.9995, an error cell reads as empty, and a formula that no program has computed
holds nothing: these are seen in the closer look only.
"""

import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from importers.archive import ArchiveError, pack, unpack
from importers.importer import SourceFile
from importers.sheets import Cell, Sheet, column_letters
from importers.tree import Text
from topology.errors import Issue, IssueSeverity, Place

MAX_AREA: Final = 5_000_000
"""Rows times columns up to the last cell, over all sheets: a lone cell far out is laid out with all before it."""
_CELL: Final = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([0-9]{1,7})["']""")
_FORBIDDEN: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING: Final = re.compile(rb"""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']+)["']""")
_PERCENT_STYLE: Final = re.compile(rb"""numFmtId\s*=\s*["'](?:9|10)["']|formatCode\s*=\s*["'][^"']*%""")
_KEPT: Final = (".xml", ".rels")
Value = str | int | float | bool | date | datetime | time | timedelta


@dataclass(slots=True)
class _Closer:
    """What the closer look saw in one sheet, by (row, column) from 1."""

    percents: set[tuple[int, int]] = field(default_factory=set)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def read_workbook(file: SourceFile) -> list[Sheet] | Issue:
    """The worksheets of a workbook in their order, or why it cannot be read.

    Everything that could harm is refused before any parser sees the workbook: see `archive`, and `_check_parts`.
    """
    try:
        parts = {n: content for n, content in unpack(file.data, file.name).items() if n.lower().endswith(_KEPT)}
        _check_parts(parts, file.name)
    except ArchiveError as error:
        return error.issue
    clean = pack(parts)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(clean))
        found = [m for m in workbook.sheets_metadata if m.typ is SheetTypeEnum.WorkSheet]
        values = {m.name: workbook.get_sheet_by_name(m.name).to_python(skip_empty_area=False) for m in found}
        closer = _look_closer(clean) if _is_doubtful(parts) else {}
    except _UNREADABLE as error:
        hint = "save it anew from the spreadsheet program"
        return Issue("UP-XLSX", f"this is no workbook: {error}", hint=hint, place=Place(file.name))
    hidden = {m.name for m in found if m.visible is not SheetVisibleEnum.Visible}
    return [_sheet(file.name, n, rows, closer.get(n, _Closer()), n in hidden) for n, rows in values.items()]


_UNREADABLE: Final = (
    CalamineError, BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, IndexError, AttributeError,
    OSError, SyntaxError, OverflowError, AssertionError,
)  # fmt: skip
"""What the two libraries raise on workbooks that are none (a parse error is a SyntaxError)."""


def _check_parts(parts: Mapping[str, bytes], file: str) -> None:
    """Refuse entities, encodings that could hide them, and cells so far out that the sheet would not fit in memory.

    Raises:
        ArchiveError: a part is refused.
    """
    area = 0
    for name, content in parts.items():
        declared = _ENCODING.match(content[:200].removeprefix(b"\xef\xbb\xbf"))
        encoding = declared[1].decode("ascii", "replace").lower() if declared else "utf-8"
        if encoding not in ("utf-8", "us-ascii", "ascii") or b"\0" in content[:200]:
            raise _refused(file, "UP-XLSX-XML", f'"{name[:80]}" is not in UTF-8')
        if _FORBIDDEN.search(content):
            raise _refused(file, "UP-XLSX-XML", f'"{name[:80]}" declares a document type or an entity')
        if "worksheets/" in name.lower():
            rows = columns = 0
            for letters, digits in _CELL.findall(content):
                rows, columns = max(rows, int(digits)), max(columns, _column_number(letters))
            area += rows * columns
            if area > MAX_AREA:
                raise _refused(file, "UP-XLSX-SIZE", f'"{name[:80]}" reaches to row {rows} and column {columns}')


def _is_doubtful(parts: Mapping[str, bytes]) -> bool:
    for name, content in parts.items():
        if name.lower().endswith("styles.xml") and _PERCENT_STYLE.search(content):
            return True
        if "worksheets/" in name.lower() and (b"<f" in content or b't="e"' in content or b"t='e'" in content):
            return True
    return False


def _look_closer(clean: bytes) -> dict[str, _Closer]:
    found: dict[str, _Closer] = {}
    with warnings.catch_warnings():
        # openpyxl warns of extensions that it does not keep; nothing is kept here.
        warnings.simplefilter("ignore")
        workbook = openpyxl.load_workbook(io.BytesIO(clean), read_only=True)
        for sheet in workbook.worksheets:
            seen = found.setdefault(sheet.title, _Closer())
            sheet.reset_dimensions()
            for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
                at = (cell.row, cell.column)
                if cell.data_type == "f":
                    seen.formulas.add(at)
                elif cell.data_type == "e":
                    seen.errors[at] = str(cell.value)[:20]
                if "%" in (cell.number_format or ""):
                    seen.percents.add(at)
        workbook.close()
    return found


def _sheet(file: str, title: str, values: list[list[Value]], seen: _Closer, hidden: bool) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    issues: list[Issue] = []
    spoiled: set[int] = set()
    if hidden:
        place = Place(file, cell=f"{title}!A1")
        message = f'the sheet "{title}" is hidden; it is read all the same'
        issues.append(Issue("UP-SHEET-HIDDEN", message, (), "show it, or delete it", place, IssueSeverity.WARNING))
    for row, line in enumerate(values, 1):
        cells: list[Cell] = []
        for column, value in enumerate(line, 1):
            place = Place(file, cell=f"{title}!{column_letters(column)}{row}")
            text = _text(value, (row, column) in seen.percents)
            problem = _problem(text, value, (row, column), seen)
            if problem is not None:
                code, message, cure = problem
                issues.append(Issue(code, message, hint=cure, place=place))
                spoiled.add(row - 2)
            cells.append(None if text is None or problem is not None else Text(text, place))
        rows.append(tuple(cells))
    header = rows[0] if rows else ()
    return Sheet(title.strip().lower(), file, header, tuple(rows[1:]), frozenset(spoiled), tuple(issues))


def _problem(text: str | None, value: Value, at: tuple[int, int], seen: _Closer) -> tuple[str, str, str] | None:
    if at in seen.errors:
        return "UP-CELL-ERROR", f"the cell shows {seen.errors[at]}", "mend its formula"
    if text is None and at in seen.formulas:
        return "UP-CELL-FORMULA", "the formula has no value", "open the workbook, save it, or type the value"
    if isinstance(value, time | timedelta):
        return "UP-CELL-TIME", "the spreadsheet took the cell for a time", "format the cell as text and type it anew"
    if at in seen.percents and isinstance(value, int | float) and value > 1:
        shown = f"the % cell shows {text}; its figure would be read twice as percent"
        return "UP-PERCENT-TWICE", shown, "type 99.95%, or take the % format away"
    return None


def _text(value: Value, percent: bool) -> str | None:
    """The text that stands for a value: numbers in plain notation, dates in ISO form, None for nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        # Spreadsheets keep and show 15 digits; what is beyond them is the noise of their arithmetic.
        exact = Decimal(format(value, ".15g"))
        if not exact.is_finite():
            return str(exact)
        text = format(exact * 100 if percent else exact, "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) + ("%" if percent else "")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        return str(value)
    return value if value.strip() else None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _refused(file: str, code: str, message: str) -> ArchiveError:
    return ArchiveError(Issue(code, message, hint="save it anew from the spreadsheet program", place=Place(file)))
