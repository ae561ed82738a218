"""The graph that people query: what a snapshot looks like as labelled nodes and relationships.

It is a function of the model alone, in floats, ISO dates and minutes; the log beside it has the exact figures and all
provenance.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from topology.facts import is_pattern
from topology.model import (
    Agreement,
    AgreementType,
    Contact,
    Entity,
    EntityKind,
    Exclusion,
    Maintenance,
    Member,
    PartyKind,
    Period,
    RequirementGroup,
    Target,
)
from topology.snapshot import Snapshot

Value = str | int | float | list[str] | None
Properties = dict[str, Value]
ENTITY_LABELS: Final = {
    EntityKind.TRANSACTION: "BusinessTransaction",
    EntityKind.SERVICE: "Service",
    EntityKind.COMPONENT: "Component",
    EntityKind.INFRASTRUCTURE: "Infrastructure",
    EntityKind.EXTERNAL: "External",
}
PARTY_LABELS: Final = {
    PartyKind.SELF: "Company",
    PartyKind.TEAM: "Team",
    PartyKind.VENDOR: "Vendor",
    PartyKind.CUSTOMER: "Customer",
}
AGREEMENT_LABELS: Final = {kind: kind.name for kind in AgreementType}
_INT64: Final = 2**63
_NAMED_MEMBERS: Final = 5


class Node(NamedTuple):
    """A node, by its common label and its key."""

    label: str
    key: str


class Relationship(NamedTuple):
    """A relationship, by its type, its ends' keys and what tells it from parallel ones."""

    type: str
    start: str
    end: str
    name: str = ""


@dataclass(slots=True)
class Graph:
    """Nodes with the label that tells their kind and their properties; relationships with their properties."""

    nodes: dict[Node, tuple[str, Properties]] = field(default_factory=dict)
    relationships: dict[Relationship, Properties] = field(default_factory=dict)


def graph_of(snapshot: Snapshot) -> Graph:
    """All that the graph holds at a snapshot."""
    whole = Graph()
    add_parties(whole, snapshot, snapshot.parties)
    add_entities(whole, snapshot, snapshot.entities)
    add_agreements(whole, snapshot, snapshot.agreements)
    return whole


def add_parties(graph: Graph, snapshot: Snapshot, keys: Iterable[str]) -> None:
    """Add those of the parties that there are, each with its parent."""
    for key in keys:
        party = snapshot.parties.get(key)
        if party is None:
            continue
        contacts = [_contact(contact) for contact in party.contacts]
        graph.nodes[Node("Party", key)] = (PARTY_LABELS[party.kind], {"name": party.name, "contacts": contacts})
        if party.parent is not None and party.parent in snapshot.parties:
            graph.relationships[Relationship("PART_OF", key, party.parent)] = {}


def add_entities(graph: Graph, snapshot: Snapshot, keys: Iterable[str]) -> None:
    """Add those of the entities that there are, each with what it needs, its owner and its provider."""
    for key in keys:
        entity = snapshot.entities.get(key)
        if entity is None:
            continue
        graph.nodes[Node("Entity", key)] = (ENTITY_LABELS[entity.kind], _entity(entity))
        if entity.owner is not None and entity.owner in snapshot.parties:
            graph.relationships[Relationship("OWNS", entity.owner, key)] = {}
        if entity.provider is not None and entity.provider in snapshot.parties:
            graph.relationships[Relationship("PROVIDES", entity.provider, key)] = {}
        for name, group in _named(snapshot.groups.get(key, ())):
            for member in group.members:
                if member.entity in snapshot.entities:
                    graph.relationships[Relationship("REQUIRES", key, member.entity, name)] = _need(group, member)
        for edge in snapshot.degradations.get(key, ()):
            if edge.supplier in snapshot.entities:
                soft: Properties = {"loss": _float(edge.loss), "tolerance_minutes": _float(edge.tolerance)}
                graph.relationships.setdefault(Relationship("DEGRADED_BY", key, edge.supplier), soft)


def add_agreements(graph: Graph, snapshot: Snapshot, keys: Iterable[str]) -> None:
    """Add all versions of those of the agreements that there are, with the parties to them and what they cover."""
    for key in keys:
        before: Agreement | None = None
        for agreement in snapshot.agreements.get(key, ()):
            name = version_id(agreement)
            graph.nodes[Node("Agreement", name)] = (AGREEMENT_LABELS[agreement.type], _agreement(agreement))
            if agreement.provider in snapshot.parties:
                graph.relationships[Relationship("PROMISES", agreement.provider, name)] = {}
            if agreement.consumer is not None and agreement.consumer in snapshot.parties:
                graph.relationships[Relationship("TO", name, agreement.consumer)] = {}
            if before is not None:
                graph.relationships[Relationship("SUPERSEDES", name, version_id(before))] = {}
            _add_coverage(graph, snapshot, agreement)
            before = agreement


def sweeping(snapshot: Snapshot) -> Iterator[str]:
    """The agreements that cover whatever a provider provides or a family holds, so that any entity may be theirs."""
    for key, versions in snapshot.agreements.items():
        for agreement in versions:
            targets = snapshot.targets.get((key, agreement.version), ())
            if any(map(is_pattern, (*agreement.covers, *(target.covers for target in targets if target.covers)))):
                yield key
                break


def version_id(agreement: Agreement) -> str:
    """The unique property of an agreement version's node: `uc-cloudx/2`."""
    return f"{agreement.key}/{agreement.version}"


def _add_coverage(graph: Graph, snapshot: Snapshot, agreement: Agreement) -> None:
    start = version_id(agreement)
    promised: set[str] = set()
    for target in snapshot.targets.get((agreement.key, agreement.version), ()):
        covers = agreement.covers if target.covers is None else (target.covers,)
        for key in _covered(snapshot, agreement, covers):
            promised.add(key)
            edge = Relationship("COVERS", start, key, f"{target.metric} {target.window}")
            copies = 1
            while edge in graph.relationships:
                copies += 1
                edge = edge._replace(name=f"{target.metric} {target.window} #{copies}")
            graph.relationships[edge] = _target(target)
    for key in _covered(snapshot, agreement, agreement.covers):
        if key not in promised:
            graph.relationships[Relationship("COVERS", start, key)] = dict(_UNPROMISED)


def _covered(snapshot: Snapshot, agreement: Agreement, covers: Iterable[str]) -> Iterator[str]:
    """The entities that a `covers` list comes to, each once; a pattern reaches what the promising party answers for."""
    found: dict[str, None] = {}
    provider = snapshot.parties.get(agreement.provider)
    ourselves = provider is not None and provider.kind is PartyKind.SELF
    for name in covers:
        if is_pattern(name):
            family = None if name == "*" else name.partition(":")[2]
            for key, entity in snapshot.entities.items():
                mine = agreement.provider in (entity.provider, entity.owner)
                if mine or (ourselves and entity.kind is EntityKind.TRANSACTION):
                    found |= {key: None} if family in (None, entity.family) else {}
        elif name in snapshot.entities:
            found[name] = None
    yield from found


def _named(groups: tuple[RequirementGroup, ...]) -> Iterator[tuple[str, RequirementGroup]]:
    """The groups of one consumer, each under a name that no other of them has."""
    taken: set[str] = set()
    for group in groups:
        wished = group.name or _unnamed(group)
        name, copies = wished, 1
        while name in taken:
            copies += 1
            name = f"{wished} #{copies}"
        taken.add(name)
        yield name, group


def _unnamed(group: RequirementGroup) -> str:
    keys = [member.entity for member in group.members[:_NAMED_MEMBERS]]
    return " | ".join(keys if len(group.members) <= _NAMED_MEMBERS else [*keys, f"{len(group.members)} in all"])


def _need(group: RequirementGroup, member: Member) -> Properties:
    return {
        "required": group.required,
        "size": len(group.members),
        "tolerance_minutes": _float(member.tolerance),
        "handoff_minutes": _float(member.handoff),
        "tested": _date(group.tested),
        "beta": _float(group.beta),
    }


def _entity(entity: Entity) -> Properties:
    valid, revenue, leaving = entity.valid, entity.revenue_per_hour, entity.exit_plan
    return {
        "name": entity.name,
        "criticality": entity.criticality,
        "tier": _int(entity.tier),
        "family": entity.family,
        "availability": _float(entity.availability),
        "valid_from": _date(valid.start) if valid else None,
        "valid_until": _date(valid.until) if valid else None,
        "journey": entity.journey,
        "revenue_per_hour": _float(revenue.amount) if revenue else None,
        "revenue_currency": revenue.currency if revenue else None,
        "rto_minutes": _float(entity.rto),
        "rpo_minutes": _float(entity.rpo),
        "impact_tolerance_minutes": _float(entity.impact_tolerance),
        "substitutability": entity.substitutability,
        "exit_plan_reviewed": _date(leaving.reviewed) if leaving else None,
        "exit_plan_doc": leaving.doc if leaving else None,
    }


def _agreement(agreement: Agreement) -> Properties:
    fee, cap = agreement.fee, agreement.credit_cap
    return {
        "key": agreement.key,
        "version": _int(agreement.version),
        "type": agreement.type,
        "name": agreement.name,
        "status": agreement.status,
        "start": _date(agreement.start),
        "end": _date(agreement.end),
        "auto_renew": _period(agreement.auto_renew),
        "notice": _period(agreement.notice),
        "notice_given": _date(agreement.notice_given),
        "level": agreement.level,
        "precedence": _int(agreement.precedence),
        "service_tier": agreement.service_tier,
        "covers": list(agreement.covers),
        "timezone": agreement.timezone,
        "service_hours": agreement.service_hours,
        "holidays": list(agreement.holidays),
        "maintenance": [_maintenance(slot) for slot in agreement.maintenance],
        "excludes": [_exclusion(exclusion) for exclusion in agreement.excludes],
        "fee": _float(fee.amount.amount) if fee else None,
        "fee_currency": fee.amount.currency if fee else None,
        "fee_per": _period(fee.per) if fee else None,
        "credit_cap": _float(cap.share) if cap else None,
        "credit_cap_per": _period(cap.per) if cap else None,
        "claim_within_minutes": _float(agreement.claim_within),
        "doc": agreement.doc,
        "note": agreement.note,
    }


def _target(target: Target) -> Properties:
    return {
        "metric": target.metric,
        "comparator": target.comparator,
        "value": _float(target.value),
        "unit": target.unit,
        "window": str(target.window),
        "extent": target.extent,
        "measure": target.measure,
        "credit_kind": target.credit_kind,
        "credits": [f"below {tier.below}: {tier.share_of_fee} of the fee" for tier in target.credits],
    }


_UNPROMISED: Final[Properties] = dict.fromkeys(
    ("metric", "comparator", "value", "unit", "window", "extent", "measure", "credit_kind", "credits")
)
"""An entity that an agreement covers without promising a figure for it."""


def _contact(contact: Contact) -> str:
    response = f"answers within {contact.response} min" if contact.response is not None else None
    return ", ".join(part for part in (contact.role, contact.name, contact.email, contact.phone, response) if part)


def _maintenance(slot: Maintenance) -> str:
    return slot.weekly if slot.weekly is not None else f"{slot.allowance} min per {slot.per}"


def _exclusion(exclusion: Exclusion) -> str:
    detail = [str(exclusion.minutes)] if exclusion.minutes is not None else []
    return " ".join((exclusion.kind, *detail, *exclusion.entities))


def _period(period: Period | None) -> str | None:
    """An ISO 8601 duration: `P12M`, `P90D`."""
    if period is None:
        return None
    months, days = f"{period.months}M" * bool(period.months), f"{period.days}D" * bool(period.days)
    return f"P{months}{days}" if months or days else "P0D"


def _date(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _int(number: int | None) -> int | float | None:
    """Neo4j's integers have 64 bits; one that people made longer must not keep the whole revision out."""
    return number if number is None or -_INT64 <= number < _INT64 else float(Decimal(number))
