"""Which part of a list is wanted."""

from dataclasses import fields
from datetime import date, timedelta

import strawberry

from graphql_api.connections import Entry
from graphql_api.enums import EntityOrder
from graphql_api.errors import bad_input
from graphql_api.fields import doc_input
from graphql_api.lists import given_or_none
from graphql_api.views import View
from risk.agreements import lifecycle
from risk.terms import Verdict
from risk.unavailability import Composite
from topology import model
from topology.units import significant

_RANK = {level: rank for rank, level in enumerate(model.Criticality)}


@doc_input
class EntityFilter:
    """Which entities; every part that is given must hold."""

    kinds: list[model.EntityKind] | None = strawberry.field(default=strawberry.UNSET, description="Of these kinds.")
    criticalities: list[model.Criticality] | None = strawberry.field(
        default=strawberry.UNSET, description="Of these criticalities."
    )
    owner: str | None = strawberry.field(default=strawberry.UNSET, description="Run by the party of this key.")
    provider: str | None = strawberry.field(default=strawberry.UNSET, description="Provided by the vendor of this key.")
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="With this text in the key or the name, whatever the case of its letters."
    )


@doc_input
class AgreementFilter:
    """Which agreement versions; every part that is given must hold."""

    types: list[model.AgreementType] | None = strawberry.field(default=strawberry.UNSET, description="Of these types.")
    provider: str | None = strawberry.field(default=strawberry.UNSET, description="Promised by the party of this key.")
    consumer: str | None = strawberry.field(default=strawberry.UNSET, description="Promised to the party of this key.")
    in_force: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether the version is the one in force at the view's date."
    )
    ends_within_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="Whose last day is at the view's date or within so many days of it."
    )


@doc_input
class CommitmentFilter:
    """Which commitments; every part that is given must hold."""

    types: list[model.AgreementType] | None = strawberry.field(
        default=strawberry.UNSET, description="Of agreements of these types, SLA and OLA; SLA when absent."
    )
    entity: str | None = strawberry.field(default=strawberry.UNSET, description="On the entity of this key.")
    agreement: str | None = strawberry.field(default=strawberry.UNSET, description="In the agreement of this key.")
    verdicts: list[Verdict] | None = strawberry.field(
        default=strawberry.UNSET, description="Whose headroom comes to one of these."
    )


def entity_entries(
    view: View, wanted: EntityFilter | None, order: EntityOrder, kinds: frozenset[model.EntityKind] | None
) -> list[Entry[str]]:
    """The entities of a view that are wanted, each with what it is ordered by."""
    found = [e for e in view.snapshot.entities.values() if kinds is None or e.kind in kinds]
    if wanted is not None:
        found = _filtered(view, found, wanted)
    if order is EntityOrder.MINUTES_PER_30_DAYS:
        downtime = view.assessment.composites(entity.key for entity in found)
        return [Entry(_most_first(downtime.get(entity.key)), entity.key, entity.key) for entity in found]
    return [Entry(_sort(entity, order), entity.key, entity.key) for entity in found]


def agreement_entries(view: View, wanted: AgreementFilter | None) -> list[Entry[model.Agreement]]:
    """The agreement versions of a view that are wanted, by key and version."""
    found = [version for versions in view.snapshot.agreements.values() for version in versions]
    if wanted is not None:
        days = given_or_none(wanted.ends_within_days)
        if days is not None and days < 0:
            message = f"endsWithinDays is {days}; it cannot be negative."
            raise bad_input("OUT_OF_RANGE", message, "filter", "endsWithinDays")
        found = [version for version in found if _agreed(view, version, wanted)]
    return [Entry((version.key, version.version), "", version) for version in found]


def commitment_entries(view: View, wanted: CommitmentFilter | None) -> list[Entry[str]]:
    """The commitments of a view that are wanted, worst headroom first."""
    types = None if wanted is None else given_or_none(wanted.types)
    entity = None if wanted is None else given_or_none(wanted.entity)
    agreement = None if wanted is None else given_or_none(wanted.agreement)
    verdicts = None if wanted is None else given_or_none(wanted.verdicts)
    found = view.assessment.promises.commitments(
        (model.AgreementType.SLA,) if types is None else tuple(types), entity=entity, agreement=agreement
    )
    if verdicts is not None:
        promises = view.assessment.promises
        kept = {key for key in promises.by_cone(found) if promises.headroom(key).verdict in verdicts}
        found = tuple(item for item in found if item.key in kept)
    return [Entry((place,), item.key, item.key) for place, item in enumerate(found)]


def arguments_of(wanted: EntityFilter | AgreementFilter | CommitmentFilter | None) -> dict[str, object] | None:
    """A filter as the arguments that it stands for."""
    if wanted is None:
        return None
    values = {field.name: given_or_none(getattr(wanted, field.name)) for field in fields(wanted)}
    return {name: value for name, value in values.items() if value is not None}


def _filtered(view: View, found: list[model.Entity], wanted: EntityFilter) -> list[model.Entity]:
    canonical = view.snapshot.canonical
    kinds, levels = given_or_none(wanted.kinds), given_or_none(wanted.criticalities)
    owner, provider, search = (
        given_or_none(wanted.owner),
        given_or_none(wanted.provider),
        given_or_none(wanted.search),
    )
    if kinds is not None:
        found = [e for e in found if e.kind in kinds]
    if levels is not None:
        found = [e for e in found if e.criticality in levels]
    if owner is not None:
        found = [e for e in found if e.owner == canonical(owner)]
    if provider is not None:
        found = [e for e in found if e.provider == canonical(provider)]
    if search is not None:
        text = search.casefold()
        found = [e for e in found if text in e.key.casefold() or text in e.name.casefold()]
    return found


def _most_first(downtime: Composite[float] | None) -> tuple[str | float, ...]:
    """By expected unavailability as shown, the middle where only bounds are known; what cannot be told comes last."""
    return (1.0,) if downtime is None else (-float(significant(downtime.unavailability)),)


def _sort(entity: model.Entity, order: EntityOrder) -> tuple[str | float, ...]:
    match order:
        case EntityOrder.NAME:
            return (entity.name.casefold(), entity.name)
        case EntityOrder.CRITICALITY:
            return (len(_RANK) if entity.criticality is None else _RANK[entity.criticality],)
        case _:
            return ()


def _agreed(view: View, version: model.Agreement, wanted: AgreementFilter) -> bool:
    canonical = view.snapshot.canonical
    types, provider = given_or_none(wanted.types), given_or_none(wanted.provider)
    consumer, in_force = given_or_none(wanted.consumer), given_or_none(wanted.in_force)
    days = given_or_none(wanted.ends_within_days)
    if types is not None and version.type not in types:
        return False
    if provider is not None and version.provider != canonical(provider):
        return False
    if consumer is not None and version.consumer != canonical(consumer):
        return False
    if in_force is not None and in_force != (version_at(view, version.key) == version):
        return False
    return days is None or _ends_within(version, view.at, days)


def version_at(view: View, key: str) -> model.Agreement | None:
    """The version of an agreement that is in force at the view's date."""
    return lifecycle.standing(view.snapshot.agreements[key], view.at).version


def _ends_within(version: model.Agreement, at: date, days: int) -> bool:
    end = lifecycle.final_day(version)
    return end is not None and at <= end and end - at <= timedelta(days=min(days, 1_000_000))
