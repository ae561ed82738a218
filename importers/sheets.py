"""Rows of cells with their places, from CSV; workbooks come to the same form in `workbook.py`."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from importers.importer import SourceFile
from importers.reading import decode
from importers.tree import Text
from topology.errors import Issue, Place

_NEUTRAL: Final = re.compile(r"'+[=+\-@\t\r]")
_RUNS: Final = re.compile(r"'*[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?%?")

MAX_ROWS: Final = 1_000_000
MAX_COLUMNS: Final = 200
"""Of a wider header the rest is not looked at; of a row, one cell beyond its header."""
Cell = Text | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet under its name in small letters: the words of its header, and the rows under it.

    `spoiled` has the rows, by their place in `rows`, of which a cell could not be read; `issues` says why.
    """

    name: str
    file: str
    header: tuple[Cell, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = field(default=(), repr=False)
    spoiled: frozenset[int] = frozenset()
    issues: tuple[Issue, ...] = ()


def read_csv(file: SourceFile, name: str) -> Sheet | Issue:
    """A CSV file as a sheet, or why it is none.

    The separator is a comma, or a semicolon or tab where the header has no comma. A cell that was made harmless for
    spreadsheets (`harmless`) is read as what it was.
    """
    text = decode(file)
    if isinstance(text, Issue):
        return text
    lines = io.StringIO(text, newline="")
    first = text.splitlines()[0]
    separator = "," if "," in first else next((mark for mark in ";\t" if mark in first), ",")
    rows: list[tuple[Cell, ...]] = []
    try:
        for number, row in enumerate(csv.reader(lines, delimiter=separator, strict=True), 1):
            width = MAX_COLUMNS if not rows else len(rows[0])
            kept = [*row[:width], *[value for value in row[width:] if value.strip()][:1]]
            rows.append(tuple(_cell(value, file.name, number, n) for n, value in enumerate(kept, 1)))
            if len(rows) > MAX_ROWS:
                return Issue("UP-FILE-SIZE", f"there are more than {MAX_ROWS} rows", place=Place(file.name))
    except csv.Error as error:
        place = Place(file.name, cell=f"A{len(rows) + 1}")
        return Issue("UP-CSV", f"this is not CSV: {error}", hint="nothing of the file was read", place=place)
    return Sheet(name, file.name, rows[0], tuple(rows[1:]))


def harmless(text: str) -> str:
    """A text that no spreadsheet runs as a formula: what begins like one gets an apostrophe in front."""
    return f"'{text}" if _RUNS.match(text) and not _NUMBER.fullmatch(text) else text


def column_letters(number: int) -> str:
    """The letters of a column, counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def split_list(text: str, separator: str = ";") -> list[str]:
    """The items of a list in a cell; an item in double quotes may hold the separator.

    Raises:
        ValueError: a quote is not closed.
    """
    try:
        rows = list(csv.reader([text], delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    return [item.strip() for row in rows for item in row if item.strip()]


def join_list(items: Sequence[str], separator: str = ";") -> str:
    """The cell that `split_list` takes apart into `items`."""
    quoted = ('"{}"'.format(i.replace('"', '""')) if any(c in i for c in f'{separator}"\n') else i for i in items)
    return separator.join(quoted)


def _cell(value: str, file: str, row: int, column: int) -> Cell:
    if not value.strip():
        return None
    kept = value[1:] if _NEUTRAL.match(value) else value
    return Text(kept, Place(file, cell=f"{column_letters(column)}{row}"))
