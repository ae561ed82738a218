"""From the sheets of one workbook or folder to a document tree with the keys of `document.py`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from importers.figures import LIKELY_PERCENT
from importers.native.checked import nearest, nearly
from importers.native.columns import ABOUT_DEFAULTS, ABOUT_HEAD, SHEETS
from importers.sheets import MAX_COLUMNS, Sheet
from importers.tree import Items, Table, Text
from importers.yaml_tree import MAX_PROBLEMS
from topology.errors import Issue, IssueSeverity, Place

_BARE: Final = re.compile(r"\d*\.?\d+")
_RENAMED: Final = {"own_availability_percent": "availability"}
_NESTED: Final = {
    "valid_from": ("valid", "from"),
    "valid_until": ("valid", "until"),
    "exit_plan_reviewed": ("exit_plan", "reviewed"),
    "exit_plan_doc": ("exit_plan", "doc"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, those that hold something. `spoiled` tells that a cell could not be read."""

    place: Place
    cells: Mapping[str, Text]
    spoiled: bool = False

    def get(self, column: str) -> Text | None:
        """The cell in a column, None where it is empty."""
        return self.cells.get(column)


@dataclass(slots=True)
class Sheets:
    """The sheets of one document by name, with the problems met in them."""

    file: str
    rows: dict[str, list[Row]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def refuse(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        """Note an error, unless there are too many already."""
        if len(self.issues) < MAX_PROBLEMS:
            self.issues.append(Issue(code, message, (), hint, place))
        elif len(self.issues) == MAX_PROBLEMS:
            self.issues.append(Issue("UP-MANY", f"there are more than {MAX_PROBLEMS} problems", (), None, place))


def sheets_of(file: str, found: Sequence[Sheet]) -> Sheets:
    """The rows of the sheets that the format knows; every other sheet and column is told of."""
    sheets = Sheets(file)
    for sheet in found:
        sheets.issues.extend(sheet.issues)
        if sheet.name not in SHEETS:
            _tell_unknown(sheet, sheets)
        elif sheet.name in sheets.rows:
            place = Place(sheet.file, cell=f"{sheet.name}!A1")
            sheets.refuse("UP-SHEET-UNKNOWN", f'there are two sheets "{sheet.name}"', place, "keep one of them")
        else:
            sheets.rows[sheet.name] = list(_rows(sheet, sheets))
    return sheets


def head_of(sheets: Sheets) -> Table:
    """What the sheet `about` says, as the head of a document; without one, that it is version 1 and nothing else."""
    start = Place(sheets.file)
    head, defaults = Table(start), Table(start)
    known = [*ABOUT_HEAD, *ABOUT_DEFAULTS]
    for row in sheets.rows.get("about", ()):
        key, value = row.get("key"), row.get("value")
        if key is None:
            sheets.refuse("UP-MISSING", '"key" is missing', row.place)
            continue
        name = key.strip().lower()
        if name not in known:
            sheets.refuse("UP-KEY-UNKNOWN", f'unknown key "{name[:80]}"', _place(key), nearest(name, known))
            continue
        table = head if name in ABOUT_HEAD else defaults
        if name in table:
            sheets.refuse("UP-TWICE", f'"{name}" is given twice', _place(key))
        elif value is not None:
            table[Text(name, key.spot)] = value
    if "underpin" not in head:
        head[Text("underpin", start)] = Text("1", start)
    if defaults:
        head[Text("defaults", start)] = defaults
    return head


def parties_of(sheets: Sheets) -> Items:
    """The parties, several contacts of one from several rows."""
    found: dict[str, Table] = {}
    items = Items(Place(sheets.file))
    for row in sheets.rows.get("parties", ()):
        table = table_of(row, ("id", "kind", "name", "parent"))
        contact = table_of(row, ())
        for column, cell in row.cells.items():
            if column.startswith("contact_"):
                contact[Text(column.removeprefix("contact_"), cell.spot)] = cell
        first = found.get(row.get("id") or "")
        if first is not None and contact:
            _same_party(first, table, sheets)
            contacts = first.setdefault("contacts", Items(first.spot))
            assert isinstance(contacts, Items)
            contacts.append(contact)
            first.flawed = first.flawed or row.spoiled
            continue
        if contact:
            contacts = Items(contact.spot)
            contacts.append(contact)
            table[Text("contacts", contact.spot)] = contacts
        found.setdefault(row.get("id") or "", table)
        items.append(table)
    return items


def entities_of(sheets: Sheets) -> Items:
    """The entities of the sheet `entities`, without what they need."""
    items = Items(Place(sheets.file))
    for row in sheets.rows.get("entities", ()):
        table = table_of(row, ())
        for column, cell in row.cells.items():
            if column in _NESTED:
                name, inner = _NESTED[column]
                nested = table.get(name)
                if not isinstance(nested, Table):
                    nested = Table(cell.spot)
                    table[Text(name, cell.spot)] = nested
                nested[Text(inner, cell.spot)] = cell
            else:
                value = as_percent(cell) if column.endswith("_percent") else cell
                table[Text(_RENAMED.get(column, column), cell.spot)] = value
                _warn_of_ratio(column, cell, sheets)
        items.append(table)
    return items


def same_of(sheets: Sheets) -> Items:
    """The joined keys."""
    items = Items(Place(sheets.file))
    for row in sheets.rows.get("same", ()):
        pair = Items(row.place)
        pair.extend(cell for cell in (row.get("first"), row.get("second")) if cell is not None)
        items.append(pair)
    return items


def table_of(row: Row, columns: Sequence[str]) -> Table:
    """Some cells of a row under the names of their columns."""
    table = Table(row.place)
    table.flawed = row.spoiled
    for column in columns:
        cell = row.get(column)
        if cell is not None:
            table[Text(column, cell.spot)] = cell
    return table


def as_percent(cell: Text) -> Text:
    """A cell of a column whose unit is percent, with the sign."""
    return cell if "%" in cell else Text(f"{cell.strip()}%", cell.spot)


def _warn_of_ratio(column: str, cell: Text, sheets: Sheets) -> None:
    """0.9995 in a percent column is 0.9995 %, and 1 is 1 %, as the column says; it is rarely what was meant."""
    plain = cell.strip().replace(",", ".")
    if column == "own_availability_percent" and _BARE.fullmatch(plain) and Decimal(plain) < LIKELY_PERCENT:
        message = f"{plain} % is very little for an availability; it may be a ratio"
        hint = f"the column is in percent: write 99.95, or {plain}% if it is meant"
        place = _place(cell)
        sheets.issues.append(Issue("UP-PERCENT-SMALL", message, (), hint, place, IssueSeverity.WARNING))


def _same_party(first: Table, table: Table, sheets: Sheets) -> None:
    for key, node in table.items():
        if isinstance(node, Text) and node != first.get(key):
            message = f'the rows of "{first.get("id")}" differ in {key}'
            sheets.refuse("UP-ROWS-DIFFER", message, _place(node), "say it once, or alike")
            first.flawed = True


def _rows(sheet: Sheet, sheets: Sheets) -> Iterator[Row]:
    columns = _columns(sheet, sheets)
    for number, cells in enumerate(sheet.rows):
        held: dict[str, Text] = {}
        spoiled = number in sheet.spoiled
        first: Text | None = None
        for n, cell in enumerate(cells):
            if cell is None:
                continue
            first = first or cell
            if n < len(columns):
                held[columns[n]] = cell
            else:
                sheets.refuse(
                    "UP-CELL-EXTRA", "the cell stands under no column", _place(cell), "give its column a name"
                )
                spoiled = True
        if first is not None:
            spoiled = spoiled or held.pop("", None) is not None
            yield Row(_place(first), held, spoiled)


def _columns(sheet: Sheet, sheets: Sheets) -> list[str]:
    """The column names; what is unknown or without a name gets an empty one, and is told of."""
    known = list(SHEETS[sheet.name])
    columns: list[str] = []
    for n, cell in enumerate(sheet.header[:MAX_COLUMNS]):
        name = cell.strip().lower() if cell is not None else ""
        if cell is not None and name not in known:
            hint = nearest(name, known)
            sheets.refuse("UP-COLUMN-UNKNOWN", f'unknown column "{name[:80]}" in {sheet.name}', _place(cell), hint)
            name = ""
        elif cell is not None and name in columns:
            sheets.refuse(
                "UP-COLUMN-UNKNOWN", f'two columns "{name}" in {sheet.name}', _place(cell), "keep one of them"
            )
            name = ""
        elif cell is None:
            under = next((row[n] for row in sheet.rows if n < len(row) and row[n] is not None), None)
            if under is not None:
                sheets.refuse(
                    "UP-CELL-EXTRA", "the cell stands under no column", _place(under), "give its column a name"
                )
        columns.append(name)
    return columns


def _tell_unknown(sheet: Sheet, sheets: Sheets) -> None:
    """A sheet with a name nearly right is an error, since its rows are missed; any other is told of."""
    hint = nearest(sheet.name, list(SHEETS))
    close = nearly(sheet.name, list(SHEETS))
    severity = IssueSeverity.ERROR if close else IssueSeverity.WARNING
    message = f'the sheet "{sheet.name[:80]}" is not part of the format, and was not read'
    place = next((_place(cell) for cell in sheet.header if cell is not None), Place(sheet.file))
    sheets.issues.append(Issue("UP-SHEET-UNKNOWN", message, (), hint, place, severity))


def _place(cell: Text) -> Place:
    assert isinstance(cell.spot, Place)
    return cell.spot


def place_of_cell(cell: Text | None, row: Row) -> Place:
    """Where a cell is, or its row where it is empty."""
    return row.place if cell is None else _place(cell)
