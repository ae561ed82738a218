"""From a table of the tree to a document model: every problem at its place, and what is sound kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from importers.figures import FigureError
from importers.native.document import CONTAINERS
from importers.tree import Items, Node, Spot, Table, Text, place_of
from topology.errors import Issue

M = TypeVar("M", bound=BaseModel)
_MOST: Final = 1000
"""More problems of one line are not told."""
_VAST: Final = 100_000
"""A line with more values than this is refused whole: were each of them wrong, telling so would take gigabytes."""
_TYPES: Final = {
    "tuple_type": "a list is expected here",
    "dict_type": "a mapping is expected here",
    "model_type": "a mapping is expected here",
    "model_attributes_type": "a mapping is expected here",
}


_IN_QUOTES: Final = 'a value with a comma needs quotes here: "12,000 EUR"'
_WORD: Final = re.compile(r"[\w.+-]+")
Loc = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Checked(Generic[M]):
    """A table as a model, and the table without what was refused.

    `whole` is false where its own values were refused; lines of its `apart` lists may still be sound. `value` is None
    where nothing of it could be kept.
    """

    value: M | None
    table: Table
    whole: bool


@dataclass(frozen=True, slots=True)
class Where:
    """What is being checked: the file, the way to it in the document, and what an amount without currency is in."""

    file: str
    path: tuple[str, ...]
    currency: str | None = None


def check(
    model: type[M], table: Table, where: Where, issues: list[Issue], apart: frozenset[str] = frozenset()
) -> Checked[M]:
    """The table as a `model`; all its problems go to `issues`.

    Args:
        model: the document model.
        table: what was written.
        where: what the issues say of the place.
        issues: takes every problem.
        apart: the keys whose lists hold things of their own; a problem in a line costs that line only.
    """
    if _is_vast(table):
        message = f"one line holds more than {_VAST} values"
        issues.append(Issue("UP-MANY", message, where.path, "split it", place_of(table.spot, where.file)))
        return Checked(None, table, False)
    try:
        return Checked(model.model_validate(table, context=where.currency), table, not table.flawed)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    # What a flawed table seems to miss may be what could not be understood in it.
    told = [detail for detail in details if not (table.flawed and detail["type"] == "missing")]
    issues.extend(_issue(model, table, detail, where) for detail in told[:_MOST])
    whole = not table.flawed and all(len(d["loc"]) > 1 and d["loc"][0] in apart for d in details)
    for cut in (_without_values, _without_lines):
        pruned = cut(table, [detail["loc"] for detail in details], apart)
        try:
            return Checked(model.model_validate(pruned, context=where.currency), pruned, whole)
        except ValidationError:
            continue
    return Checked(None, table, False)


def _is_vast(table: Table) -> bool:
    count = 0
    pending: list[Table | Items] = [table]
    while pending and count <= _VAST:
        node = pending.pop()
        count += len(node)
        pending += [n for n in (node.values() if isinstance(node, Table) else node) if isinstance(n, Table | Items)]
    return count > _VAST


def walk(node: Node, loc: tuple[int | str, ...]) -> Iterator[tuple[int | str, Node, Spot | None]]:
    """The steps of an error's path that lead through the tree: the step, the node there, and the spot of its key.

    Tags of unions and the mark of a key are steps of the path and not of the tree.
    """
    for step in loc:
        if isinstance(node, Items) and isinstance(step, int) and step < len(node):
            node = node[step]
            yield step, node, None
        elif isinstance(node, Table) and isinstance(step, str) and step in node:
            key = node.key_spot(step)
            node = node[step]
            yield step, node, key


def spot_of(table: Table, loc: tuple[int | str, ...]) -> Spot:
    """Where in the table an error's path leads: the value, else its key, else what holds it."""
    spot = table.spot
    for _, node, key in walk(table, loc):
        spot = node.spot if node is not None else key if key is not None else spot
    return spot


def nearly(word: str, known: list[str]) -> str | None:
    """The known word that a word surely was meant to be, if there is one."""
    near = get_close_matches(word.lower()[:80], known, 1, 0.65)
    return near[0] if near else None


def nearest(word: str, known: list[str]) -> str:
    """A hint that names the known word nearest to one that is not known."""
    near = nearly(word, known)
    if near:
        return f'did you mean "{near}"?'
    nearest_of_all = get_close_matches(word.lower()[:80], known, 1, 0)[0]
    return f'the nearest is "{nearest_of_all}"; known are {", ".join(known)}'


def known_keys(model: type[BaseModel]) -> list[str]:
    """The keys that a model has, as they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


def _issue(model: type[BaseModel], table: Table, detail: ErrorDetails, at: Where) -> Issue:
    loc, kind = detail["loc"], detail["type"]
    path = (*at.path, *(str(step) for step in loc if not str(step).startswith("<") and step != "[key]"))
    place = place_of(spot_of(table, loc), at.file)
    label = next((f"{s}: " for s in reversed(loc) if isinstance(s, str) and s[:1] not in "<["), "")
    if kind == "extra_forbidden":
        name = str(loc[-1])
        holder = next((CONTAINERS[s] for s in reversed(loc[:-1]) if isinstance(s, str) and s in CONTAINERS), model)
        place = place_of(_key_spot(table, loc), at.file)
        cut = _IN_QUOTES if name[:1].isdigit() else nearest(name, known_keys(holder))
        return Issue("UP-KEY-UNKNOWN", f'unknown key "{name}"', path, cut, place)
    if kind == "missing":
        return Issue("UP-MISSING", f'"{loc[-1]}" is missing', path, None, place)
    if kind in _TYPES:
        return Issue(
            "UP-TYPE", label + _TYPES[kind], path, _as_list(table, loc) if kind == "tuple_type" else None, place
        )
    error = detail.get("ctx", {}).get("error")
    assert isinstance(error, FigureError), detail
    return Issue(error.code, label + error.message, path, error.hint, place)


def _as_list(table: Table, loc: Loc) -> str | None:
    """How what stands at a path is written as a list."""
    *_, node = (table, *(node for _, node, _ in walk(table, loc)))
    if not isinstance(node, Text):
        return "write it within [ ]" if node is not None else None
    return f"write [{node}]" if _WORD.fullmatch(node) else f'write ["{node[:80]}"]'


def _key_spot(table: Table, loc: tuple[int | str, ...]) -> Spot:
    holder: Node = table
    for _, node, _ in walk(table, loc[:-1]):
        holder = node
    return holder.key_spot(str(loc[-1])) if isinstance(holder, Table) else spot_of(table, loc)


def _without_values(table: Table, locs: list[Loc], apart: frozenset[str]) -> Table:
    """A copy without the values that the paths lead to; a line of an `apart` list that loses one is flawed.

    What is shared through aliases is copied, never changed.
    """
    kept = _without_keys(table, locs, apart)
    lost: dict[tuple[str, int], set[str]] = {}
    for loc in locs:
        if len(loc) > 1 and loc[0] in apart and isinstance(loc[1], int):
            lost.setdefault((str(loc[0]), loc[1]), set()).update(str(step) for step in loc[2:3])
    for (name, number), keys in lost.items():
        held = kept[name]
        line = held[number] if isinstance(held, Items) else None
        if isinstance(held, Items) and isinstance(line, Table):
            cut = Table(line.spot)
            cut.flawed = True
            cut.update((key, node) for key, node in line.items() if key not in keys)
            held[number] = cut
    return kept


def _without_lines(table: Table, locs: list[Loc], apart: frozenset[str]) -> Table:
    """A copy without the values that the paths lead to, and without the lines of `apart` lists that hold one."""
    kept = _without_keys(table, locs, apart)
    lost = {(loc[0], loc[1]) for loc in locs if len(loc) > 1 and loc[0] in apart}
    for name, node in kept.items():
        if name in apart and isinstance(node, Items):
            node[:] = [line for number, line in enumerate(node) if (name, number) not in lost]
    return kept


def _without_keys(table: Table, locs: list[Loc], apart: frozenset[str]) -> Table:
    keys = {loc[0] for loc in locs if loc and not (len(loc) > 1 and loc[0] in apart)}
    kept = Table(table.spot)
    kept.flawed = table.flawed
    for key, node in table.items():
        if key in keys:
            continue
        kept[key] = node
        if key in apart and isinstance(node, Items):
            kept[key] = items = Items(node.spot)
            items.extend(node)
    return kept
