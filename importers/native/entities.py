"""Entities, what they need, and what overrules another source's edges: from the document to statements."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from importers.native.checked import Where, check, spot_of
from importers.native.document import AnyModel, AtLeastModel, DegradeModel, EntityModel, Need, NeedModel, OverruleModel
from importers.native.sink import Sink
from importers.tree import Items, Node, Spot, Table
from topology.facts import EntityStatement, Overrule
from topology.facts import Reading as OverruleReading
from topology.model import ZERO, Degradation, ExitPlan, Member, RequirementGroup, Validity
from topology.names import UNNAMED_GROUP

_APART: Final = frozenset({"needs", "degrades"})
_SAID: Final = tuple(name for name in EntityStatement.__dataclass_fields__ if name not in ("key", "valid", "exit_plan"))


def read_entity(table: Table, number: int, sink: Sink) -> None:
    """Send what one line of `entities` says to the sink."""
    path = ("entities", _label(table, ("id", "ref"), number))
    checked = check(EntityModel, table, Where(sink.file, path, sink.defaults.currency), sink.issues, _APART)
    said = checked.value
    if said is None:
        return
    key = _entity_key(said, table, path, sink)
    possible = _is_possible(said, table, path, sink)
    if key is None:
        return
    statement, table = _statement(key, said), checked.table
    if possible and checked.whole and _says_something(statement):
        sink.state(statement, table.spot)
    elif possible and checked.whole and "needs" not in table and "degrades" not in table:
        sink.warn("UP-REF-EMPTY", f'nothing is said about "{key}"', path, table.spot)
    for need, node in zip(said.needs or (), _lines(table, "needs"), strict=True):
        _read_need(key, need, node, path, sink)
    for soft, node in zip(said.degrades or (), _lines(table, "degrades"), strict=True):
        _read_degrade(key, soft, node, path, sink)


def read_overrule(table: Table, number: int, sink: Sink) -> None:
    """Send one line of `overrule` to the sink."""
    path = ("overrule", str(number))
    checked = check(OverruleModel, table, Where(sink.file, path), sink.issues)
    said, spot = checked.value, table.spot
    if said is None or not checked.whole:
        return
    tolerance = ZERO if said.tolerates is None else said.tolerates
    if isinstance(said.reading, OverruleReading):
        if said.supplier is None:
            sink.refuse("UP-MISSING", '"supplier" is missing', path, spot, "name the supplier whose edge is meant")
        elif said.loss is not None and said.reading is OverruleReading.NONE:
            sink.refuse("UP-OVERRULE", "what is not a dependency has no loss", path, spot_of(table, ("loss",)))
        else:
            sink.state(Overrule(said.consumer, said.reading, (said.supplier,), said.loss, tolerance), spot)
        return
    if said.supplier is not None or said.loss is not None:
        hint = "the suppliers of a group stand in its list, and only a soft edge has a loss"
        sink.refuse("UP-OVERRULE", "a group takes neither supplier nor loss", path, spot, hint)
        return
    inner = table["as"]
    assert isinstance(inner, Table)
    if any(isinstance(m, NeedModel) for m in _members(said.reading)) or said.reading.tested or said.reading.beta:
        hint = "write tolerates beside consumer; it holds for all members"
        sink.refuse("UP-OVERRULE", "a group that overrules lists keys only", path, inner.spot, hint)
        return
    group = _group(said.consumer, said.reading, inner, path, sink)
    if group is not None:
        suppliers = tuple(m.entity for m in group.members)
        sink.state(
            Overrule(said.consumer, OverruleReading.GROUP, suppliers, None, tolerance, group.required, group.name), spot
        )


def _label(table: Table, names: Iterable[str], number: int) -> str:
    node = next((table[name] for name in names if name in table), None)
    return str(node)[:80] if isinstance(node, str) else str(number)


def _lines(table: Table, name: str) -> Iterable[Node]:
    node = table.get(name)
    return node if isinstance(node, Items) else ()


def _spot(node: Node) -> Spot:
    assert node is not None  # an empty line is refused before
    return node.spot


def _entity_key(said: EntityModel, table: Table, path: tuple[str, ...], sink: Sink) -> str | None:
    if said.id is not None and said.ref is not None:
        sink.refuse("UP-REF", "an entity has an id or a ref, not both", path, spot_of(table, ("ref",)))
        return None
    if "id" not in table and "ref" not in table and not table.flawed:
        hint = "write id, or ref for another source's entity"
        sink.refuse("UP-MISSING", '"id" is missing', path, table.spot, hint)
    return said.id or said.ref


def _statement(key: str, said: EntityModel) -> EntityStatement:
    valid = Validity(said.valid.start, said.valid.until) if said.valid else None
    plan = ExitPlan(said.exit_plan.reviewed, said.exit_plan.doc) if said.exit_plan else None
    values = {name: getattr(said, name) for name in _SAID}
    return EntityStatement(
        key, valid=None if valid == _ANY_DAY else valid, exit_plan=None if plan == _NO_PLAN else plan, **values
    )


def _is_possible(said: EntityModel, table: Table, path: tuple[str, ...], sink: Sink) -> bool:
    possible = True
    if "id" in table and "kind" not in table and not table.flawed:
        sink.refuse("UP-MISSING", '"kind" is missing', path, table.spot, "write kind: service, or another of the five")
        possible = False
    if said.ref is not None and said.kind is not None and not said.ref.startswith(f"{sink.source}:"):
        hint = "leave kind out; it belongs to the source that defines the entity"
        sink.refuse("UP-REF", "an overlay cannot change a kind", path, spot_of(table, ("kind",)), hint)
        possible = False
    valid = said.valid
    if valid and valid.start and valid.until and valid.until < valid.start:
        message = f"valid until {valid.until}, before it begins on {valid.start}"
        sink.refuse("UP-DATES", message, (*path, "valid"), spot_of(table, ("valid", "until")))
        possible = False
    return possible


def _says_something(statement: EntityStatement) -> bool:
    return statement != EntityStatement(statement.key)


def _read_need(consumer: str, need: Need, node: Node, path: tuple[str, ...], sink: Sink) -> None:
    if isinstance(node, Table) and node.flawed:
        return
    if isinstance(need, AnyModel | AtLeastModel):
        assert isinstance(node, Table)
        group = _group(consumer, need, node, (*path, "needs"), sink)
        if group is not None:
            sink.state(group, node.spot)
        return
    member = _member(need)
    if member.entity == consumer:
        sink.refuse("UP-NEED-SELF", f'"{consumer}" cannot need itself', (*path, "needs"), _spot(node))
        return
    sink.state(RequirementGroup(consumer, 1, (member,)), _spot(node))


def _read_degrade(consumer: str, soft: str | DegradeModel, node: Node, path: tuple[str, ...], sink: Sink) -> None:
    if isinstance(node, Table) and node.flawed:
        return
    where = (*path, "degrades")
    edge = DegradeModel(entity=soft) if isinstance(soft, str) else soft
    if edge.entity == consumer:
        sink.refuse("UP-NEED-SELF", f'"{consumer}" cannot degrade itself', where, _spot(node))
    elif edge.loss is not None and edge.loss == 0:
        hint = "leave the line out where nothing is lost"
        sink.refuse("UP-RATIO", "a loss is above 0 %", where, _spot(node), hint)
    else:
        tolerance = ZERO if edge.tolerates is None else edge.tolerates
        sink.state(Degradation(consumer, edge.entity, edge.loss, tolerance), _spot(node))


def _group(
    consumer: str, said: AnyModel | AtLeastModel, table: Table, path: tuple[str, ...], sink: Sink
) -> RequirementGroup | None:
    members = [_member(m) for m in _members(said)]
    name = "any" if isinstance(said, AnyModel) else "of"
    required = 1 if isinstance(said, AnyModel) else said.at_least
    sound = True
    if not 1 <= required <= len(members):
        hint = f"give a number from 1 to {len(members)}" if members else "name its members"
        spot = spot_of(table, ("at_least",) if name == "of" else (name,))
        sink.refuse("UP-GROUP-K", f"at least {required} of {len(members)} cannot be", path, spot, hint)
        sound = False
    seen: set[str] = set()
    for member, node in zip(members, _lines(table, name), strict=True):
        if member.entity == consumer:
            sink.refuse("UP-NEED-SELF", f'"{consumer}" cannot need itself', path, _spot(node))
            sound = False
        elif member.entity in seen:
            sink.refuse("UP-GROUP-REPEAT", f'"{member.entity}" stands twice in one group', path, _spot(node))
            sound = False
        seen.add(member.entity)
    if said.name is not None and UNNAMED_GROUP.fullmatch(said.name):
        spot = spot_of(table, ("name",))
        hint = "leave the name out, or choose another"
        sink.refuse("UP-GROUP-NAME", f'"{said.name}" means that a group has no name', path, spot, hint)
        sound = False
    ordered = tuple(sorted(members, key=lambda m: m.entity))
    return RequirementGroup(consumer, required, ordered, said.name, said.tested, said.beta) if sound else None


def _members(said: AnyModel | AtLeastModel) -> tuple[str | NeedModel, ...]:
    return said.any if isinstance(said, AnyModel) else said.of


def _member(said: str | NeedModel) -> Member:
    if isinstance(said, str):
        return _plain(said)
    return Member(said.entity, ZERO if said.tolerates is None else said.tolerates, said.handoff)


@lru_cache(maxsize=100_000)
def _plain(key: str) -> Member:
    """One value for the many who need the same supplier."""
    return Member(key)


_ANY_DAY: Final = Validity()
_NO_PLAN: Final = ExitPlan()
