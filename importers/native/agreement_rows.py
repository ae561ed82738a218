"""The sheets `agreements` and `targets`: cells that hold lists, and figures whose unit stands in another cell."""

import re
from decimal import Decimal
from typing import Final

from importers.figures import FigureError, number
from importers.native.agreements import RATIO_METRICS, known_metric
from importers.native.tables import Row, Sheets, place_of_cell, table_of
from importers.sheets import split_list
from importers.tree import Items, Spot, Table, Text
from topology.errors import Place
from topology.units import percent_of_ratio, plain

_SCALARS: Final = (
    "id", "version", "type", "name", "provider", "consumer", "status", "start", "end", "auto_renew", "notice",
    "notice_given", "level", "precedence", "service_tier", "extent", "timezone", "service_hours", "fee", "credit_cap",
    "claim_within", "doc", "note",
)  # fmt: skip
_TARGET_SCALARS: Final = ("covers", "metric", "window", "extent", "measure", "credit_kind")
_BOUNDS: Final = {
    ">=": "min",
    "≥": "min",
    "min": "min",
    "at_least": "min",
    "<=": "max",
    "≤": "max",
    "max": "max",
    "at_most": "max",
}
_WEEKLY: Final = re.compile(r"(?:weekly\s*:?\s+)?(.*)", re.IGNORECASE | re.DOTALL)
_ALLOWANCE: Final = re.compile(r"(?:allowance\s*:?\s+)?(.+?)\s+per\s+(\w+)", re.IGNORECASE)
_EXCLUSION: Final = re.compile(r"(shorter_than|entities)\s*:?\s+(.*)", re.IGNORECASE | re.DOTALL)
_VERSION: Final = "1"


def agreements_of(sheets: Sheets) -> Items:
    """The agreements, each with its targets."""
    items = Items(Place(sheets.file))
    versions: dict[str, dict[str, Table]] = {}
    for row in sheets.rows.get("agreements", ()):
        table = table_of(row, _SCALARS)
        for column, read in (("holidays", _words), ("covers", _words), ("maintenance", _slots), ("excludes", _carved)):
            cell = row.get(column)
            items_in = None if cell is None else _list(column, cell, sheets)
            if cell is not None and items_in is None:
                table.flawed = True
            elif cell is not None and items_in is not None:
                table[Text(column, cell.spot)] = read(items_in, cell.spot)
        items.append(table)
        known = versions.setdefault((row.get("id") or "").strip(), {})
        known.setdefault((row.get("version") or _VERSION).strip(), table)
    for row in sheets.rows.get("targets", ()):
        agreement = _agreement(row, versions, sheets)
        if agreement is None:
            continue
        targets = agreement.get("targets")
        if not isinstance(targets, Items):
            targets = Items(row.place)
            agreement[Text("targets", row.place)] = targets
        targets.append(_target(row, sheets))
    return items


def _agreement(row: Row, versions: dict[str, dict[str, Table]], sheets: Sheets) -> Table | None:
    """The agreement row that a target belongs to: the version named, else the only one."""
    name, version = row.get("agreement"), row.get("version")
    if name is None:
        sheets.refuse("UP-MISSING", '"agreement" is missing', row.place)
        return None
    known = versions.get(name.strip())
    if known is None:
        message = f'there is no agreement "{name[:80]}" in the sheet agreements'
        sheets.refuse("UP-TARGET-AGREEMENT", message, place_of_cell(name, row), "add its row, or mend the name")
        return None
    if version is None and len(known) > 1:
        message = f'"{name}" has the versions {", ".join(known)}: which one promises this?'
        sheets.refuse("UP-TARGET-AGREEMENT", message, place_of_cell(name, row), "fill in the column version")
        return None
    found = next(iter(known.values())) if version is None else known.get(version.strip())
    if found is None:
        message = f'there is no version {version} of "{name}" in the sheet agreements'
        sheets.refuse("UP-TARGET-AGREEMENT", message, place_of_cell(version, row), f"known are {', '.join(known)}")
    return found


def _target(row: Row, sheets: Sheets) -> Table:
    table = table_of(row, _TARGET_SCALARS)
    operator, value, tiers = row.get("operator"), row.get("value"), row.get("credits")
    bound = _BOUNDS.get(operator.strip().lower()) if operator is not None else None
    if operator is not None and bound is None:
        message = f'operator: "{operator[:40]}" is not one of >=, <='
        sheets.refuse("UP-ENUM", message, place_of_cell(operator, row), "write >= for the least, <= for the most")
        table.flawed = True
    elif value is not None and bound is None:
        sheets.refuse("UP-MISSING", '"operator" is missing', place_of_cell(value, row), "write >= or <=")
        table.flawed = True
    elif value is not None and bound is not None:
        try:
            table[Text(bound, value.spot)] = Text(_figure(value, row.get("unit"), row.get("metric")), value.spot)
        except FigureError as error:
            sheets.refuse(error.code, f"value: {error.message}", place_of_cell(value, row), error.hint)
            table.flawed = True
    if tiers is not None:
        found = _tiers(tiers, row, sheets)
        if found is None:
            table.flawed = True
        else:
            table[Text("credits", tiers.spot)] = found
    return table


def _figure(value: Text, unit: Text | None, metric: Text | None) -> str:
    """A value with the unit of its own cell; a unit that stands in both is taken once.

    Raises:
        FigureError: the two units differ, or a ratio is no number.
    """
    text, name = value.strip(), unit.strip() if unit is not None else ""
    if name.lower() in ("percent", "pct"):
        name = "%"
    if not name or text.endswith(name):
        return text
    if name.lower() == "ratio" and metric is not None and known_metric(metric) in RATIO_METRICS:
        return text if text.endswith("%") else f"{plain(percent_of_ratio(number(text)))}%"
    if text.endswith("%"):
        raise FigureError("UP-FIGURE", f'the value is in percent, the unit says "{name[:40]}"', "mend the unit")
    return f"{text}%" if name == "%" else f"{text} {name}"


def _list(column: str, cell: Text, sheets: Sheets) -> list[str] | None:
    try:
        return split_list(cell)
    except ValueError:
        message = f"{column}: a double quote is not closed"
        sheets.refuse("UP-CELL-LIST", message, cell.spot if isinstance(cell.spot, Place) else Place(sheets.file))
        return None


def _words(items: list[str], spot: Spot) -> Items:
    found = Items(spot)
    found.extend(Text(item, spot) for item in items)
    return found


def _slots(items: list[str], spot: Spot) -> Items:
    """`weekly: Sun 02:00-04:00; allowance: 4 h per calendar_month`."""
    found = Items(spot)
    for item in items:
        table = Table(spot)
        if allowance := _ALLOWANCE.fullmatch(item):
            table[Text("allowance", spot)] = Text(allowance[1], spot)
            table[Text("per", spot)] = Text(allowance[2], spot)
        elif weekly := _WEEKLY.fullmatch(item):
            table[Text("weekly", spot)] = Text(weekly[1], spot)
        found.append(table)
    return found


def _carved(items: list[str], spot: Spot) -> Items:
    """`maintenance; shorter_than: 5 min; entities: isp, dns`."""
    found = Items(spot)
    for item in items:
        carved = _EXCLUSION.fullmatch(item)
        if carved is None:
            found.append(Text(item, spot))
            continue
        table, name = Table(spot), carved[1].lower()
        if name == "shorter_than":
            table[Text(name, spot)] = Text(carved[2], spot)
        else:
            table[Text(name, spot)] = _words(split_list(carved[2], ","), spot)
        found.append(table)
    return found


def _tiers(cell: Text, row: Row, sheets: Sheets) -> Table | None:
    """`99.95:10;99.0:25`: below the one, the other."""
    table = Table(cell.spot)
    seen: set[Decimal | str] = set()
    for item in split_list(cell):
        below, colon, owed = item.rpartition(":")
        if not colon or below.strip() in seen:
            what = "stands twice" if colon else "is no tier"
            place = place_of_cell(cell, row)
            sheets.refuse("UP-CREDITS", f'credits: "{item[:40]}" {what}', place, "write 99.95:10;99.0:25")
            return None
        seen.add(below.strip())
        table[Text(below.strip(), cell.spot)] = Text(owed.strip(), cell.spot)
    return table
