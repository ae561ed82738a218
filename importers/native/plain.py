"""An outline as the plain tree of a YAML document: keys, texts and lists, without what is a default."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from importers.native import texts
from importers.native.outline import EntityOutline, Outline
from importers.native.sink import DocumentDefaults
from topology.facts import EntityStatement, Overrule
from topology.facts import Reading as OverruleReading
from topology.model import (
    Agreement,
    AgreementLevel,
    AgreementStatus,
    Comparator,
    Contact,
    CreditKind,
    Degradation,
    Exclusion,
    Maintenance,
    Measure,
    Member,
    Money,
    Party,
    RequirementGroup,
    Target,
    default_extent,
)


class Bare(str):
    """A number or a date: it is meant to be one, and is not quoted as a text that looks like one would be."""

    __slots__ = ()


Plain = str | list["Plain"] | dict[str, "Plain"]
Mapping = dict[str, Plain]
_MINUTES: Final = frozenset({"rto", "rpo", "impact_tolerance", "response", "claim_within"})


def head(whole: Outline) -> Mapping:
    """Who says it, when, and what holds throughout."""
    found: Mapping = {"underpin": Bare("1"), "source": whole.source}
    if whole.scope:
        found["scope"] = whole.scope
    if whole.as_of is not None:
        found["as_of"] = Bare(whole.as_of.isoformat())
    if whole.agreements:
        found["defaults"] = {
            "window": str(whole.defaults.window),
            "service_hours": whole.defaults.service_hours,
            "timezone": whole.defaults.timezone,
        }
    return found


def sections(whole: Outline) -> dict[str, list[Plain]]:
    """The lists of the document, those that hold something."""
    found: dict[str, list[Plain]] = {
        "parties": [_party(party) for party in whole.parties],
        "entities": [_entity(entity) for entity in whole.entities],
        "same": [[pair.first, pair.second] for pair in whole.same],
        "overrule": [_overrule(overrule) for overrule in whole.overrules],
        "agreements": [_agreement(a, targets, whole.defaults) for a, targets in whole.agreements],
    }
    return {name: items for name, items in found.items() if items}


def value_of(name: str, value: object) -> Plain:
    """A single value as it is written under its key."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return texts.duration(value) if name in _MINUTES else texts.percent(value)
    if isinstance(value, Money):
        return texts.money(value)
    if isinstance(value, date):
        return Bare(value.isoformat())
    return str(value) if isinstance(value, str) else Bare(value)


def _scalars(value: object, names: Iterable[str]) -> Mapping:
    held = ((name, getattr(value, name)) for name in names)
    return {name: value_of(name, item) for name, item in held if item is not None}


def _party(party: Party) -> Mapping:
    found: Mapping = {"id": party.key, "kind": party.kind.value}
    if party.name != party.key:
        found["name"] = party.name
    found |= _scalars(party, ("parent",))
    if party.contacts:
        names = [field.name for field in fields(Contact)]
        found["contacts"] = [_scalars(contact, names) for contact in party.contacts]
    return found


_ENTITY: Final = tuple(f.name for f in fields(EntityStatement) if f.name not in ("key", "valid", "exit_plan"))


def _entity(entity: EntityOutline) -> Mapping:
    said = entity.said
    found: Mapping = {"id" if entity.is_own else "ref": entity.key}
    if said is not None:
        found |= _scalars(said, _ENTITY)
        if said.valid is not None:
            days = {"from": said.valid.start, "until": said.valid.until}
            found["valid"] = {name: Bare(day.isoformat()) for name, day in days.items() if day is not None}
        if said.exit_plan is not None:
            found["exit_plan"] = _scalars(said.exit_plan, ("reviewed", "doc"))
    if entity.groups:
        found["needs"] = [_need(group) for group in entity.groups]
    if entity.degradations:
        found["degrades"] = [_degrade(edge) for edge in entity.degradations]
    return found


def _need(group: RequirementGroup) -> Plain:
    members: list[Plain] = [_member(member) for member in group.members]
    found: Mapping
    if group.required == 1:
        if len(members) == 1 and group.name is None and group.tested is None and group.beta is None:
            return members[0]
        found = {"any": members}
    else:
        found = {"at_least": Bare(group.required), "of": members}
    return found | _scalars(group, ("name", "tested", "beta"))


def _member(member: Member) -> Plain:
    if not member.tolerance and member.handoff is None:
        return member.entity
    found: Mapping = {"entity": member.entity}
    if member.tolerance:
        found["tolerates"] = texts.duration(member.tolerance)
    if member.handoff is not None:
        found["handoff"] = texts.duration(member.handoff)
    return found


def _degrade(edge: Degradation) -> Plain:
    if edge.loss is None and not edge.tolerance:
        return edge.supplier
    found: Mapping = {"entity": edge.supplier}
    if edge.loss is not None:
        found["loss"] = texts.percent(edge.loss)
    if edge.tolerance:
        found["tolerates"] = texts.duration(edge.tolerance)
    return found


def _overrule(overrule: Overrule) -> Mapping:
    found: Mapping = {"consumer": overrule.consumer}
    if overrule.reading is OverruleReading.GROUP:
        suppliers: list[Plain] = list(overrule.suppliers)
        group: Mapping = {"at_least": Bare(overrule.required), "of": suppliers}
        found["as"] = group | _scalars(overrule, ("name",))
    else:
        found |= {"supplier": overrule.suppliers[0], "as": overrule.reading.value}
    if overrule.loss is not None:
        found["loss"] = texts.percent(overrule.loss)
    if overrule.tolerance:
        found["tolerates"] = texts.duration(overrule.tolerance)
    return found


def agreement_scalars(agreement: Agreement, defaults: DocumentDefaults) -> dict[str, Plain]:
    """An agreement's single values by key, in the order of writing, without what is a default."""
    said: dict[str, object] = {
        "id": agreement.key,
        "version": agreement.version if agreement.version != 1 else None,
        "type": agreement.type,
        "name": agreement.name if agreement.name != agreement.key else None,
        "provider": agreement.provider,
        "consumer": agreement.consumer,
        "status": agreement.status if agreement.status is not AgreementStatus.ACTIVE else None,
        "start": agreement.start,
        "end": agreement.end,
        "auto_renew": texts.period(agreement.auto_renew) if agreement.auto_renew else None,
        "notice": texts.period(agreement.notice) if agreement.notice else None,
        "notice_given": agreement.notice_given,
        "level": agreement.level if agreement.level is not AgreementLevel.SERVICE else None,
        "precedence": agreement.precedence or None,
        "service_tier": agreement.service_tier,
        "timezone": agreement.timezone if agreement.timezone != defaults.timezone else None,
        "service_hours": agreement.service_hours if agreement.service_hours != defaults.service_hours else None,
        "fee": texts.fee(agreement.fee) if agreement.fee else None,
        "credit_cap": texts.credit_cap(agreement.credit_cap) if agreement.credit_cap else None,
        "claim_within": agreement.claim_within,
        "doc": agreement.doc,
        "note": agreement.note,
    }
    return {name: value_of(name, value) for name, value in said.items() if value is not None}


def target_scalars(agreement: Agreement, target: Target, defaults: DocumentDefaults) -> dict[str, Plain]:
    """What a target says beside its figure and credits, without what is a default."""
    kind = CreditKind.PERCENT_OF_FEE if target.credits else None
    said = {
        "window": str(target.window) if target.window != defaults.window else None,
        "extent": target.extent if target.extent is not default_extent(agreement.type) else None,
        "measure": target.measure if target.measure is not Measure.TIME else None,
        "credit_kind": target.credit_kind if target.credit_kind is not kind else None,
    }
    return {name: value_of(name, value) for name, value in said.items() if value is not None}


def _agreement(agreement: Agreement, targets: Iterable[Target], defaults: DocumentDefaults) -> Mapping:
    found = agreement_scalars(agreement, defaults)
    last = ("fee", "credit_cap", "claim_within", "doc", "note")
    tail: Mapping = {name: found.pop(name) for name in last if name in found}
    if agreement.covers:
        found["covers"] = list(agreement.covers)
    if agreement.holidays:
        found["holidays"] = [Bare(day) if day[:1].isdigit() else day for day in agreement.holidays]
    if agreement.maintenance:
        found["maintenance"] = [_maintenance(item) for item in agreement.maintenance]
    if agreement.excludes:
        found["excludes"] = [_exclusion(item) for item in agreement.excludes]
    found |= tail
    lines: list[Plain] = [_target(agreement, target, defaults) for target in targets]
    if lines:
        found["targets"] = lines
    return found


def _maintenance(item: Maintenance) -> Mapping:
    name, text = texts.maintenance(item)
    found: Mapping = {name: text}
    return found if item.per is None else found | {"per": item.per.value}


def _exclusion(item: Exclusion) -> Plain:
    said = texts.exclusion(item)
    if isinstance(said, str):
        return said
    name, value = said
    return {name: value if isinstance(value, str) else list(value)}


def _target(agreement: Agreement, target: Target, defaults: DocumentDefaults) -> Mapping:
    found: Mapping = {}
    if target.covers is not None:
        found["covers"] = target.covers
    found["metric"] = target.metric
    found["min" if target.comparator is Comparator.AT_LEAST else "max"] = Bare(texts.figure(target))
    found |= target_scalars(agreement, target, defaults)
    if target.credits:
        found["credits"] = {Bare(texts.below(tier)): Bare(texts.owed(tier)) for tier in target.credits}
    return found
