"""Who wins: from the facts about one subject to its place in the model.

A single-valued fact is read from `manual` first, then from overlays by source name, then from the source that defines
the subject; a stub yields to all. Of two promised targets the weaker binds. Each difference is kept as a conflict.
"""

from collections.abc import Callable, Iterable
from dataclasses import Field, dataclass, fields, replace
from decimal import Decimal
from typing import Any, TypeVar

from topology.facts import MANUAL, EntityStatement, Fact, FactId, Overrule, Reading
from topology.model import (
    Agreement,
    Comparator,
    Degradation,
    Entity,
    Member,
    Party,
    RequirementGroup,
    Target,
)

T = TypeVar("T")
Canonical = Callable[[str], str]
"""From any key to the key under which its subject is shown."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Sources that state one thing differently; `facts` has the one that is used first."""

    about: FactId
    field: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ResolvedEntity:
    """An entity with what it needs, as all facts about it come to."""

    entity: Entity | None
    groups: tuple[RequirementGroup, ...]
    degradations: tuple[Degradation, ...]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class ResolvedAgreement:
    """The versions of one agreement, ascending, and the targets of each."""

    versions: tuple[Agreement, ...]
    targets: dict[int, tuple[Target, ...]]
    conflicts: tuple[Conflict, ...]


def resolve_party(key: str, facts: Iterable[Fact], canonical: Canonical) -> tuple[Party | None, tuple[Conflict, ...]]:
    """The party that the facts about `key` describe, or None."""
    holders = _ranked(f for f in facts if isinstance(f.statement, Party))
    if not holders:
        return None, ()
    conflicts: list[Conflict] = []
    party = _merged(Party, holders, conflicts)
    return replace(party, key=key, parent=_mapped(party.parent, canonical)), tuple(conflicts)


def resolve_entity(key: str, facts: tuple[Fact, ...], canonical: Canonical) -> ResolvedEntity:
    """The entity `key`, its requirement groups and degradations, with other sources' edges overruled where said so."""
    conflicts: list[Conflict] = []
    entity = _entity(key, facts, canonical, conflicts)
    defining = frozenset(f.source for f in facts if f.defines and isinstance(f.statement, EntityStatement))
    groups: list[tuple[RequirementGroup, frozenset[str]]] = []
    soft: list[tuple[Degradation, frozenset[str]]] = []
    for holders in _by_id(facts, RequirementGroup, defining):
        group = _merged(RequirementGroup, holders, conflicts)
        groups.append((_group(key, group, canonical), frozenset(f.source for f in holders)))
    for holders in _by_id(facts, Degradation, defining):
        edge = _merged(Degradation, holders, conflicts)
        edge = replace(edge, consumer=key, supplier=canonical(edge.supplier))
        soft.append((edge, frozenset(f.source for f in holders)))
    for holders in _by_id(facts, Overrule, defining):
        groups, soft = _overruled(key, holders[0], groups, soft, canonical)
    return ResolvedEntity(
        entity,
        tuple(sorted([g for g, _ in groups], key=group_order)),
        tuple(sorted([d for d, _ in soft], key=lambda d: d.supplier)),
        tuple(conflicts),
    )


def resolve_agreement(key: str, facts: tuple[Fact, ...], canonical: Canonical) -> ResolvedAgreement:
    """All versions of the agreement `key`; of two figures for one target the weaker is used."""
    conflicts: list[Conflict] = []
    versions: list[Agreement] = []
    for holders in _by_id(facts, Agreement):
        version = _merged(Agreement, holders, conflicts)
        excludes = tuple(replace(e, entities=tuple(map(canonical, e.entities))) for e in version.excludes)
        versions.append(
            replace(
                version,
                key=key,
                provider=canonical(version.provider),
                consumer=_mapped(version.consumer, canonical),
                covers=tuple(map(canonical, version.covers)),
                excludes=excludes,
            )
        )
    targets: dict[int, list[Target]] = {}
    for holders in _by_id(facts, Target):
        target = _merged(Target, sorted(holders, key=_promised), conflicts)
        target = replace(target, agreement=key, covers=_mapped(target.covers, canonical))
        targets.setdefault(target.version, []).append(target)
    return ResolvedAgreement(
        tuple(sorted(versions, key=lambda a: a.version)),
        {version: in_order(items) for version, items in targets.items()},
        tuple(conflicts),
    )


def _entity(key: str, facts: Iterable[Fact], canonical: Canonical, conflicts: list[Conflict]) -> Entity | None:
    holders = _ranked(f for f in facts if isinstance(f.statement, EntityStatement))
    if not any(f.defines for f in holders):
        return None
    said = _merged(EntityStatement, holders, conflicts)
    assert said.kind is not None
    values = {f.name: getattr(said, f.name) for f in _FIELDS[EntityStatement]}
    values |= {"key": key, "name": said.name or key}
    values |= {"owner": _mapped(said.owner, canonical), "provider": _mapped(said.provider, canonical)}
    return Entity(**values)


def _group(consumer: str, group: RequirementGroup, canonical: Canonical) -> RequirementGroup:
    if (
        len(group.members) == 1
        and consumer == group.consumer
        and canonical(group.members[0].entity) == group.members[0].entity
    ):
        return group
    members: dict[str, Member] = {}
    for item in group.members:
        name = canonical(item.entity)
        members.setdefault(name, item if name == item.entity else replace(item, entity=name))
    ordered = tuple(members[name] for name in sorted(members))
    if consumer == group.consumer and ordered == group.members:
        return group
    return replace(group, consumer=consumer, members=ordered)


def _overruled(
    consumer: str,
    fact: Fact,
    groups: list[tuple[RequirementGroup, frozenset[str]]],
    soft: list[tuple[Degradation, frozenset[str]]],
    canonical: Canonical,
) -> tuple[list[tuple[RequirementGroup, frozenset[str]]], list[tuple[Degradation, frozenset[str]]]]:
    """The edges of `consumer` with one overrule applied to those that its own source does not state itself."""
    said = fact.statement
    assert isinstance(said, Overrule)
    named = frozenset(map(canonical, said.suppliers))
    own = frozenset({fact.source})
    kept: list[tuple[RequirementGroup, frozenset[str]]] = []
    for group, sources in groups:
        if sources == own or (said.reading is Reading.GROUP and len(group.members) > 1):
            kept.append((group, sources))
            continue
        left = tuple(m for m in group.members if m.entity not in named)
        if left:
            kept.append((replace(group, members=left, required=min(group.required, len(left))), sources))
    edges = [(edge, sources) for edge, sources in soft if sources == own or edge.supplier not in named]
    if said.reading is Reading.DEGRADES:
        edges += [(Degradation(consumer, name, said.loss, said.tolerance), own) for name in sorted(named)]
    elif said.reading is Reading.GROUP:
        members = tuple(Member(name, said.tolerance) for name in sorted(named))
        kept.append((RequirementGroup(consumer, said.required, members, said.name), own))
    return kept, edges


def _by_id(facts: Iterable[Fact], kind: type, defining: frozenset[str] = frozenset()) -> list[list[Fact]]:
    """The facts whose statement is a `kind`, those about the same thing together, the one that wins first."""
    found: dict[FactId, list[Fact]] = {}
    for fact in facts:
        if isinstance(fact.statement, kind):
            found.setdefault(fact.id, []).append(fact)
    return [_ranked(found[about], defining) if len(found[about]) > 1 else found[about] for about in sorted(found)]


def _ranked(facts: Iterable[Fact], defining: frozenset[str] = frozenset()) -> list[Fact]:
    def rank(fact: Fact) -> tuple[bool, bool, bool, str, str]:
        overlays = not fact.defines if isinstance(fact.statement, EntityStatement) else fact.source not in defining
        return (fact.is_stub, fact.source != MANUAL, not overlays, fact.source, fact.scope)

    return sorted(facts, key=rank)


def _promised(fact: Fact) -> Decimal:
    target = fact.statement
    assert isinstance(target, Target)
    return target.value if target.comparator is Comparator.AT_LEAST else -target.value


_FIELDS: dict[type, tuple[Field[Any], ...]] = {
    kind: fields(kind) for kind in (Party, EntityStatement, RequirementGroup, Degradation, Agreement, Target)
}
_KEYS = frozenset({"key", "consumer", "supplier", "agreement", "version"})


def _merged(kind: type[T], holders: list[Fact], conflicts: list[Conflict]) -> T:
    """Field by field the first holder's value that is stated; what differs from it becomes a conflict."""
    first = holders[0].statement
    assert isinstance(first, kind)
    if len(holders) == 1:
        return first
    values: dict[str, object] = {}
    for field in _FIELDS[kind]:
        stated = [(f, getattr(f.statement, field.name)) for f in holders]
        stated = [(f, value) for f, value in stated if value is not None]
        if not stated:
            continue
        values[field.name] = chosen = stated[0][1]
        other = tuple(f for f, value in stated if value != chosen and not f.is_stub)
        if other and field.name not in _KEYS:
            conflicts.append(Conflict(holders[0].id, field.name, (stated[0][0], *other)))
    return kind(**values)


def _mapped(key: str | None, canonical: Canonical) -> str | None:
    return None if key is None else canonical(key)


def group_order(group: RequirementGroup) -> tuple[str, tuple[str, ...]]:
    """Where a group stands among those of its consumer."""
    return (group.name or "", tuple(m.entity for m in group.members))


def in_order(targets: Iterable[Target]) -> tuple[Target, ...]:
    """The targets of an agreement version in their order."""
    return tuple(sorted(targets, key=lambda t: (t.covers or "", t.metric, str(t.window))))
