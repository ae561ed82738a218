"""Workbooks as people and attackers make them, for the tests."""

import io
import zipfile
from collections.abc import Callable, Mapping

import xlsxwriter
from xlsxwriter.workbook import Workbook

from importers.importer import SourceFile

Rows = list[list[object]]


def workbook(sheets: Mapping[str, Rows], shape: Callable[[Workbook], None] | None = None) -> SourceFile:
    """A workbook `book.xlsx` of these sheets; `shape` may change it before it is saved."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if value is not None:
                        sheet.write(number, column, value)
        if shape is not None:
            shape(book)
    return SourceFile("book.xlsx", packed.getvalue())


def entity_rows(*rows: list[object]) -> Mapping[str, Rows]:
    """Sheets of the source `acme` with these rows of id, kind and own availability."""
    about: Rows = [["key", "value"], ["source", "acme"]]
    return {"about": about, "entities": [["id", "kind", "own_availability_percent"], *rows]}


def with_part(file: SourceFile, name: str, change: Callable[[bytes], bytes]) -> SourceFile:
    """The workbook with one of its parts changed, or added."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file.data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        for part in names:
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
        if name not in names:
            new.writestr(name, change(b""))
    return SourceFile(file.name, packed.getvalue())


ENTITIES_PART = "xl/worksheets/sheet2.xml"
"""Where the sheet `entities` of `entity_rows` is."""
