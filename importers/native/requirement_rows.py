"""The sheet `requirements`: rows of one subject and group become one need, one degradation or one overrule."""

import re
from collections.abc import Iterator
from typing import Final

from importers.native.tables import Row, Sheets, as_percent, place_of_cell
from importers.tree import Items, Table, Text
from topology.errors import Place
from topology.names import UNNAMED_GROUP

_SOFT: Final = "soft"
_NUMBER: Final = re.compile(r"\d{1,9}")


def requirements_of(sheets: Sheets) -> tuple[Items, Items]:
    """The lines for `entities` that say what is needed, and the lines for `overrule`."""
    entities: dict[str, Table] = {}
    overrules = Items(_start(sheets))
    for (subject, _), rows in _groups(sheets).items():
        words = _impact(rows[0], sheets)
        if words is None:
            continue
        if any(row.spoiled for row in rows) or not _agree(rows, sheets):
            continue
        if "none" in words:
            overrules.extend(_overrules(rows, words))
            continue
        first = rows[0].get("subject")
        assert first is not None
        entity = entities.get(subject)
        if entity is None:
            entity = entities[subject] = Table(first.spot)
            entity[Text("ref", first.spot)] = first
        name = "degrades" if "degraded" in words else "needs"
        lines = entity.get(name)
        if not isinstance(lines, Items):
            lines = Items(first.spot)
            entity[Text(name, first.spot)] = lines
        lines.extend([_degrade(row) for row in rows] if name == "degrades" else _needs(rows, sheets))
    found = Items(_start(sheets))
    found.extend(entities.values())
    return found, overrules


def _start(sheets: Sheets) -> Place:
    return Place(sheets.file)


def _groups(sheets: Sheets) -> dict[tuple[str, tuple[str, ...]], list[Row]]:
    """The rows by subject and by what makes them one: a group's name, else each row by itself."""
    groups: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
    for number, row in enumerate(sheets.rows.get("requirements", ())):
        subject, target = row.get("subject"), row.get("target")
        if subject is None or target is None:
            missing = "subject" if subject is None else "target"
            sheets.refuse("UP-MISSING", f'"{missing}" is missing', row.place)
            continue
        group = row.get("group")
        name = group.strip() if group else ""
        words = _words(row)
        alone = not name or "degraded" in words or words == ["none"]
        kind = "none" if "none" in words else "degraded" if "degraded" in words else "outage"
        groups.setdefault((subject.strip(), (kind, name, str(number) if alone else "")), []).append(row)
    return groups


def _words(row: Row) -> list[str]:
    impact, group = row.get("impact"), row.get("group")
    if impact is None:
        return ["degraded" if group is not None and group.strip() == _SOFT else "outage"]
    return [word.lower() for word in re.split(r"[;,+\s]+", impact.strip())]


def _impact(row: Row, sheets: Sheets) -> list[str] | None:
    words = _words(row)
    sound = sorted(set(words)) in (["outage"], ["degraded"], ["none"], ["none", "outage"], ["degraded", "none"])
    if sound:
        return words
    place = place_of_cell(row.get("impact"), row)
    hint = "write outage or degraded; with none in front for what overrules another source"
    sheets.refuse(
        "UP-ENUM", f'impact: "{str(row.get("impact"))[:40]}" is not one of outage, degraded, none', place, hint
    )
    return None


def _agree(rows: list[Row], sheets: Sheets) -> bool:
    """Whether the rows of a group say the same of the group."""
    sound = True
    for column in ("need", "tested", "beta"):
        said = rows[0].get(column)
        for row in rows[1:]:
            cell = row.get(column)
            if (cell or "").strip() != (said or "").strip():
                message = f'the rows of group "{row.get("group")}" differ in {column}'
                hint = f'the first, at {rows[0].place}, says "{said or ""}"'
                sheets.refuse("UP-ROWS-DIFFER", message, place_of_cell(cell, row), hint)
                sound = False
    return sound


def _needs(rows: list[Row], sheets: Sheets) -> Iterator[Table | Text]:
    group, need = rows[0].get("group"), rows[0].get("need")
    word = need.strip().lower() if need is not None else "all"
    name = group if group is not None and not UNNAMED_GROUP.fullmatch(group.strip()) else None
    if word not in ("all", "any") and not _NUMBER.fullmatch(word):
        hint = "write all, any or a number"
        place = place_of_cell(need, rows[0])
        sheets.refuse("UP-ENUM", f'need: "{word[:40]}" is not one of all, any, a number', place, hint)
        return
    if group is None and word not in {"all", "1"}:
        message = f'"{word}" of one row: which other rows belong to it?'
        sheets.refuse("UP-GROUP-NAME", message, place_of_cell(need, rows[0]), "give the rows one group, such as g1")
        return
    extra = [cell for cell in (rows[0].get("tested"), rows[0].get("beta")) if cell is not None]
    if len(rows) == 1 and name is None and not extra and word in ("all", "any", "1"):
        yield _member(rows[0])
        return
    yield _group(rows, word, name)


def _group(rows: list[Row], word: str, name: Text | None) -> Table:
    target, need = rows[0].get("target"), rows[0].get("need")
    assert target is not None
    table, members = Table(target.spot), Items(target.spot)
    members.extend(_member(row) for row in rows)
    spot = target.spot if need is None else need.spot
    if word == "any":
        table[Text("any", spot)] = members
    else:
        table[Text("at_least", spot)] = Text(str(len(rows)) if word == "all" else word, spot)
        table[Text("of", target.spot)] = members
    for key, cell in (("name", name), ("tested", rows[0].get("tested")), ("beta", rows[0].get("beta"))):
        if cell is not None:
            table[Text(key, cell.spot)] = cell
    return table


def _member(row: Row) -> Table | Text:
    target, tolerance, handoff = row.get("target"), row.get("tolerance"), row.get("handoff")
    assert target is not None
    if tolerance is None and handoff is None:
        return target
    table = Table(target.spot)
    table[Text("entity", target.spot)] = target
    if tolerance is not None:
        table[Text("tolerates", tolerance.spot)] = tolerance
    if handoff is not None:
        table[Text("handoff", handoff.spot)] = handoff
    return table


def _degrade(row: Row) -> Table:
    target, loss, tolerance = row.get("target"), row.get("loss_percent"), row.get("tolerance")
    assert target is not None
    table = Table(target.spot)
    table[Text("entity", target.spot)] = target
    if loss is not None:
        table[Text("loss", loss.spot)] = as_percent(loss)
    if tolerance is not None:
        table[Text("tolerates", tolerance.spot)] = tolerance
    return table


def _overrules(rows: list[Row], words: list[str]) -> Iterator[Table]:
    first, target, tolerance = rows[0].get("subject"), rows[0].get("target"), rows[0].get("tolerance")
    assert first is not None
    assert target is not None
    table = Table(target.spot)
    table[Text("consumer", first.spot)] = first
    if "outage" in words:
        group, need = rows[0].get("group"), rows[0].get("need")
        name = group if group is not None and not UNNAMED_GROUP.fullmatch(group.strip()) else None
        as_group = _group(rows, need.strip().lower() if need is not None else "all", name)
        members = Items(target.spot)
        members.extend(cell for cell in (row.get("target") for row in rows) if cell is not None)
        as_group[Text("any" if "any" in as_group else "of", target.spot)] = members
        table[Text("as", target.spot)] = as_group
    else:
        impact = rows[0].get("impact")
        spot = target.spot if impact is None else impact.spot
        table[Text("supplier", target.spot)] = target
        table[Text("as", spot)] = Text("degrades" if "degraded" in words else "none", spot)
        loss = rows[0].get("loss_percent")
        if loss is not None:
            table[Text("loss", loss.spot)] = as_percent(loss)
    if tolerance is not None:
        table[Text("tolerates", tolerance.spot)] = tolerance
    yield table
