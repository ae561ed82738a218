"""An outline as the rows of the native sheets."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from importers.figures import LIKELY_PERCENT
from importers.native import texts
from importers.native.outline import EntityOutline, Outline
from importers.native.plain import agreement_scalars, target_scalars, value_of
from importers.sheets import join_list
from topology.facts import EntityStatement, Overrule
from topology.facts import Reading as OverruleReading
from topology.model import Agreement, Comparator, Degradation, Exclusion, Maintenance, Party, RequirementGroup, Target
from topology.units import percent_of_ratio

Value = str | int | Decimal | date
"""What a cell holds; numbers and dates stay such, so that spreadsheets can reckon with them."""
Row = dict[str, Value]


def rows_of(whole: Outline) -> dict[str, list[Row]]:
    """The rows of every sheet, by column; `same` only where it is used."""
    found: dict[str, list[Row]] = {
        "about": list(_about(whole)),
        "same": [{"first": pair.first, "second": pair.second} for pair in whole.same],
        "parties": [row for party in whole.parties for row in _party(party)],
        "entities": [_entity(entity, entity.said) for entity in whole.entities if entity.said is not None],
        "requirements": [row for entity in whole.entities for row in _requirements(entity)],
        "agreements": [_agreement(agreement, whole) for agreement, _ in whole.agreements],
        "targets": [_target(agreement, t, whole) for agreement, targets in whole.agreements for t in targets],
    }
    for number, overrule in enumerate(whole.overrules, 1):
        found["requirements"].extend(_overrule(overrule, number))
    if not found["same"]:
        del found["same"]
    return found


def _about(whole: Outline) -> Iterator[Row]:
    said: dict[str, Value | None] = {
        "underpin": 1,
        "source": whole.source,
        "scope": whole.scope or None,
        "as_of": whole.as_of,
        "window": str(whole.defaults.window) if whole.agreements else None,
        "service_hours": whole.defaults.service_hours if whole.agreements else None,
        "timezone": whole.defaults.timezone if whole.agreements else None,
    }
    yield from ({"key": key, "value": value} for key, value in said.items() if value is not None)


def _party(party: Party) -> Iterator[Row]:
    row: Row = {"id": party.key, "kind": party.kind.value}
    if party.name != party.key:
        row["name"] = party.name
    if party.parent is not None:
        row["parent"] = party.parent
    if not party.contacts:
        yield row
    for contact in party.contacts:
        said = {name: getattr(contact, name) for name in ("role", "name", "email", "phone", "response")}
        yield row | {f"contact_{n}": _cell(n, value) for n, value in said.items() if value is not None}


def _entity(entity: EntityOutline, said: EntityStatement) -> Row:
    row: Row = {"id" if entity.is_own else "ref": said.key}
    for name in (
        "kind", "name", "owner", "provider", "criticality", "tier", "family", "journey", "revenue_per_hour", "rto",
        "rpo", "impact_tolerance", "substitutability",
    ):  # fmt: skip
        value = getattr(said, name)
        if value is not None:
            row[name] = _cell(name, value)
    nested = {
        "own_availability_percent": None if said.availability is None else _own(said.availability),
        "valid_from": said.valid.start if said.valid else None,
        "valid_until": said.valid.until if said.valid else None,
        "exit_plan_reviewed": said.exit_plan.reviewed if said.exit_plan else None,
        "exit_plan_doc": said.exit_plan.doc if said.exit_plan else None,
    }
    return row | {name: value for name, value in nested.items() if value is not None}


def _own(availability: Decimal) -> Value:
    """In percent; with the sign where the bare number is so small that it could be taken for a ratio."""
    percent = percent_of_ratio(availability)
    return percent if percent >= LIKELY_PERCENT else texts.percent(availability)


def _cell(name: str, value: object) -> Value:
    if isinstance(value, date) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    said = value_of(name, value)
    assert isinstance(said, str)
    return str(said)


def _requirements(entity: EntityOutline) -> Iterator[Row]:
    for number, group in enumerate(entity.groups, 1):
        yield from _group(group, group.name or f"g{number}")
    for edge in entity.degradations:
        yield _degrade(edge)


def _group(group: RequirementGroup, name: str) -> Iterator[Row]:
    size = len(group.members)
    need: Value = "all" if group.required == size else "any" if group.required == 1 else group.required
    for member in group.members:
        row: Row = {"subject": group.consumer, "group": name, "need": need, "target": member.entity, "impact": "outage"}
        if member.tolerance:
            row["tolerance"] = texts.duration(member.tolerance)
        if member.handoff is not None:
            row["handoff"] = texts.duration(member.handoff)
        if group.tested is not None:
            row["tested"] = group.tested
        if group.beta is not None:
            row["beta"] = texts.percent(group.beta)
        yield row


def _degrade(edge: Degradation) -> Row:
    row: Row = {
        "subject": edge.consumer,
        "group": "soft",
        "need": "all",
        "target": edge.supplier,
        "impact": "degraded",
    }
    if edge.loss is not None:
        row["loss_percent"] = percent_of_ratio(edge.loss)
    if edge.tolerance:
        row["tolerance"] = texts.duration(edge.tolerance)
    return row


def _overrule(overrule: Overrule, number: int) -> Iterator[Row]:
    impact = {
        OverruleReading.NONE: "none",
        OverruleReading.DEGRADES: "none;degraded",
        OverruleReading.GROUP: "none;outage",
    }[overrule.reading]
    need: Value = overrule.required if overrule.reading is OverruleReading.GROUP else "all"
    for supplier in overrule.suppliers:
        row: Row = {
            "subject": overrule.consumer,
            "group": overrule.name or f"g{number}",
            "need": need,
            "target": supplier,
            "impact": impact,
        }
        if overrule.loss is not None:
            row["loss_percent"] = percent_of_ratio(overrule.loss)
        if overrule.tolerance:
            row["tolerance"] = texts.duration(overrule.tolerance)
        yield row


def _agreement(agreement: Agreement, whole: Outline) -> Row:
    row: Row = {}
    for name, value in agreement_scalars(agreement, whole.defaults).items():
        assert isinstance(value, str)
        row[name] = str(value)
    for name, day in (("start", agreement.start), ("end", agreement.end), ("notice_given", agreement.notice_given)):
        if day is not None:
            row[name] = day
    row["version"] = agreement.version
    lists = {
        "covers": agreement.covers,
        "holidays": agreement.holidays,
        "maintenance": tuple(_maintenance(item) for item in agreement.maintenance),
        "excludes": tuple(_exclusion(item) for item in agreement.excludes),
    }
    return row | {name: join_list(items) for name, items in lists.items() if items}


def _maintenance(item: Maintenance) -> str:
    name, text = texts.maintenance(item)
    return f"{name}: {text}" if item.per is None else f"{name}: {text} per {item.per}"


def _exclusion(item: Exclusion) -> str:
    said = texts.exclusion(item)
    if isinstance(said, str):
        return said
    name, value = said
    return f"{name}: {value if isinstance(value, str) else join_list(value, ',')}"


def _target(agreement: Agreement, target: Target, whole: Outline) -> Row:
    value, unit = texts.value_and_unit(target)
    row: Row = {"agreement": agreement.key, "version": agreement.version, "metric": target.metric}
    if target.covers is not None:
        row["covers"] = target.covers
    row["operator"] = ">=" if target.comparator is Comparator.AT_LEAST else "<="
    row["value"] = Decimal(value)
    if unit:
        row["unit"] = unit
    for name, said in target_scalars(agreement, target, whole.defaults).items():
        assert isinstance(said, str)
        row[name] = str(said)
    if target.credits:
        row["credits"] = ";".join(f"{texts.below(tier)}:{texts.owed(tier)}" for tier in target.credits)
    return row
