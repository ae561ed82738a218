"""The whole model at one revision: immutable, in canonical order, and cheap to change."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain
from types import MappingProxyType
from typing import Any, TypeVar

from topology.aliases import aliases_of, qualified
from topology.facts import About, EntityStatement, Fact, FactId, Subject, subject
from topology.model import Agreement, Degradation, Entity, Party, RequirementGroup, Target
from topology.resolution import Conflict, group_order, in_order, resolve_agreement, resolve_entity, resolve_party

Owned = tuple[FactId, str, str]
"""A fact's id with its source and scope: what a removal names."""
AgreementId = tuple[str, int]
K = TypeVar("K")
V = TypeVar("V")


def _nothing() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All facts at one revision and the model they come to.

    Every mapping is ordered by key, whatever the order of writing was: equal models give bit-equal answers. `facts` is
    keyed by the subject that a fact takes part in; `required_by` leads from a supplier to its consumers, hard or soft.
    """

    revision: int = 0
    recorded_at: datetime | None = None
    facts: Mapping[Subject, tuple[Fact, ...]] = field(default_factory=_nothing, repr=False)
    aliases: Mapping[str, str] = field(default_factory=_nothing, repr=False)
    parties: Mapping[str, Party] = field(default_factory=_nothing, repr=False)
    entities: Mapping[str, Entity] = field(default_factory=_nothing, repr=False)
    groups: Mapping[str, tuple[RequirementGroup, ...]] = field(default_factory=_nothing, repr=False)
    degradations: Mapping[str, tuple[Degradation, ...]] = field(default_factory=_nothing, repr=False)
    agreements: Mapping[str, tuple[Agreement, ...]] = field(default_factory=_nothing, repr=False)
    targets: Mapping[AgreementId, tuple[Target, ...]] = field(default_factory=_nothing, repr=False)
    required_by: Mapping[str, tuple[str, ...]] = field(default_factory=_nothing, repr=False)
    conflicts: Mapping[Subject, tuple[Conflict, ...]] = field(default_factory=_nothing, repr=False)
    qualified_keys: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    def canonical(self, key: str) -> str:
        """The key under which `key` is shown: an alias's first key, a native source's bare id, else itself."""
        if key in self.aliases:
            return self.aliases[key]
        source, colon, rest = key.partition(":")
        if colon and self._defined_by(source, rest):
            return self.aliases.get(rest, rest)
        return key

    def statements(self) -> Iterable[Fact]:
        """Every fact, in canonical order."""
        return chain.from_iterable(self.facts.values())

    def facts_about(self, namespace: str, key: str) -> tuple[Fact, ...]:
        """The facts about a party, entity (with what it needs) or agreement (with its targets)."""
        return self.facts.get((namespace, key), ())

    def _defined_by(self, source: str, key: str) -> bool:
        home = self.aliases.get(key, key)
        found = (self.facts.get((space, home), ()) for space in ("entity", "party", "agreement"))
        return any(
            f.source == source and f.id[1] == key and f.defines and not f.is_stub for f in chain.from_iterable(found)
        )


EMPTY = Snapshot()


@dataclass(frozen=True, slots=True)
class Supposed:
    """Parts of a model as they are supposed to be, whatever the facts say; None is gone.

    `groups` and `degradations` are those of a consumer, in any order; who has either has both. `facts` say who supposes
    it, in the place of those about the same subjects.
    """

    entities: Mapping[str, Entity | None] = field(default_factory=_nothing)
    groups: Mapping[str, tuple[RequirementGroup, ...]] = field(default_factory=_nothing)
    degradations: Mapping[str, tuple[Degradation, ...]] = field(default_factory=_nothing)
    agreements: Mapping[str, tuple[Agreement, ...] | None] = field(default_factory=_nothing)
    targets: Mapping[AgreementId, tuple[Target, ...] | None] = field(default_factory=_nothing)
    facts: Mapping[Subject, tuple[Fact, ...]] = field(default_factory=_nothing)

    def changes_anything(self) -> bool:
        """Whether there is anything in it."""
        return any((self.entities, self.groups, self.degradations, self.agreements, self.targets))


def supposing(snapshot: Snapshot, supposed: Supposed) -> Snapshot:
    """The snapshot with parts of its model replaced; its revision and names stay as they are.

    Cost: what is replaced, plus one shallow copy of each index that changes.
    """
    groups = {c: tuple(sorted(found, key=group_order)) or None for c, found in supposed.groups.items()}
    soft = {c: tuple(sorted(found, key=lambda d: d.supplier)) or None for c, found in supposed.degradations.items()}
    targets = {about: None if held is None else in_order(held) for about, held in supposed.targets.items()}
    return replace(
        snapshot,
        facts=_with(snapshot.facts, supposed.facts),
        entities=_with(snapshot.entities, supposed.entities),
        groups=_with(snapshot.groups, groups),
        degradations=_with(snapshot.degradations, soft),
        agreements=_with(snapshot.agreements, supposed.agreements),
        targets=_with(snapshot.targets, targets),
        required_by=_required_by(snapshot, groups, soft),
    )


def apply(
    snapshot: Snapshot,
    puts: Iterable[Fact],
    removals: Iterable[Owned],
    *,
    revision: int,
    recorded_at: datetime | None = None,
) -> Snapshot:
    """The snapshot after a change; what the change does not touch is shared with the one before.

    Args:
        snapshot: the state before.
        puts: facts to add, or to put in the place of those of the same id, source and scope.
        removals: what to take away; what is not there is passed over.
        revision: the number of the new state.
        recorded_at: when the store recorded it, if it has.

    Cost: the touched subjects, plus one shallow copy of each index; all of it when keys become one, or cease to be.
    """
    puts, removals = list(puts), list(removals)
    used = snapshot.qualified_keys.union(key for fact in puts for key in _keys(fact) if ":" in key)
    if _moves_aliases(used, puts, removals):
        return _rebuilt(replace(snapshot, qualified_keys=used), puts, removals, revision, recorded_at)
    touched: dict[Subject, dict[Owned, Fact]] = {}

    def held(about: Subject) -> dict[Owned, Fact]:
        if about not in touched:
            touched[about] = {(f.id, f.source, f.scope): f for f in snapshot.facts.get(about, ())}
        return touched[about]

    for (about, *rest), source, scope in removals:
        held(_home(snapshot, about, rest[0])).pop(((about, *rest), source, scope), None)
    for fact in puts:
        space, key = subject(fact.statement)
        mine = held((space, snapshot.canonical(key)))
        owned = (fact.id, fact.source, fact.scope)
        mine[owned] = marked(mine.get(owned), fact)
    return _resolved(replace(snapshot, qualified_keys=used), touched, revision, recorded_at)


def described_on(snapshot: Snapshot) -> date | None:
    """The latest date that any source says it describes."""
    dates = [f.statement.as_of for f in snapshot.statements() if isinstance(f.statement, About)]
    return max(dates, default=None)


def owned_by(snapshot: Snapshot, source: str, scope: str | None = None) -> dict[Owned, Fact]:
    """The facts of a source, or of one scope of it."""
    return {
        (fact.id, fact.source, fact.scope): fact
        for fact in snapshot.statements()
        if fact.source == source and (scope is None or fact.scope == scope)
    }


_HOMES = {"party": "party", "agreement": "agreement", "target": "agreement", "same": "same", "about": "about"}


def _home(snapshot: Snapshot, kind: str, key: str) -> Subject:
    return (_HOMES.get(kind, "entity"), snapshot.canonical(key))


def marked(before: Fact | None, fact: Fact) -> Fact:
    """The fact, remembering that a target's figure was rewritten under the same agreement version."""
    if before is None or fact.rewritten or not isinstance(fact.statement, Target):
        return fact
    if before.rewritten or before.statement != fact.statement:
        return replace(fact, rewritten=True)
    return fact


def _moves_aliases(used: frozenset[str], puts: list[Fact], removals: list[Owned]) -> bool:
    """Whether keys may become one or cease to be: by `same`, or as a source begins or ends to define `source:id`."""
    if any(f.id[0] == "same" for f in puts) or any(about[0] == "same" for about, _, _ in removals):
        return True
    if not used:
        return False
    return any(qualified(f.source, f.id[1]) in used for f in puts) or any(
        qualified(source, about[1]) in used for about, source, _ in removals
    )


def _rebuilt(
    snapshot: Snapshot,
    puts: list[Fact],
    removals: list[Owned],
    revision: int,
    recorded_at: datetime | None,
) -> Snapshot:
    owned = {(f.id, f.source, f.scope): f for f in snapshot.statements()}
    for removal in removals:
        owned.pop(removal, None)
    for fact in puts:
        key = (fact.id, fact.source, fact.scope)
        owned[key] = marked(owned.get(key), fact)
    aliases, bare = aliases_of(owned.values())
    touched: dict[Subject, dict[Owned, Fact]] = {}
    for key, fact in owned.items():
        space, about = subject(fact.statement)
        about = bare.get(about, about)
        touched.setdefault((space, aliases.get(about, about)), {})[key] = fact
    start = Snapshot(aliases=MappingProxyType(aliases), qualified_keys=snapshot.qualified_keys)
    return _resolved(start, touched, revision, recorded_at)


def _resolved(
    before: Snapshot, touched: dict[Subject, dict[Owned, Fact]], revision: int, recorded_at: datetime | None
) -> Snapshot:
    facts = {about: _ordered(held) for about, held in touched.items()}
    stated = replace(before, facts=_with(before.facts, {about: found or None for about, found in facts.items()}))
    plain = not before.aliases and not before.qualified_keys
    canonical: Callable[[str], str] = _same_key if plain else stated.canonical
    parties: dict[str, Party | None] = {}
    entities: dict[str, Entity | None] = {}
    groups: dict[str, tuple[RequirementGroup, ...] | None] = {}
    degradations: dict[str, tuple[Degradation, ...] | None] = {}
    agreements: dict[str, tuple[Agreement, ...] | None] = {}
    targets: dict[AgreementId, tuple[Target, ...] | None] = {}
    conflicts: dict[Subject, tuple[Conflict, ...] | None] = {}
    for (space, key), held in facts.items():
        found: tuple[Conflict, ...] = ()
        if space == "party":
            parties[key], found = resolve_party(key, held, canonical)
        elif space == "entity":
            resolved = resolve_entity(key, held, canonical)
            entities[key], found = resolved.entity, resolved.conflicts
            groups[key], degradations[key] = resolved.groups or None, resolved.degradations or None
        elif space == "agreement":
            agreement = resolve_agreement(key, held, canonical)
            agreements[key], found = agreement.versions or None, agreement.conflicts
            targets |= {(key, version.version): None for version in before.agreements.get(key, ())}
            targets |= {(key, version): items for version, items in agreement.targets.items()}
        conflicts[space, key] = found or None
    return replace(
        stated,
        revision=revision,
        recorded_at=recorded_at,
        parties=_with(before.parties, parties),
        entities=_with(before.entities, entities),
        groups=_with(before.groups, groups),
        degradations=_with(before.degradations, degradations),
        agreements=_with(before.agreements, agreements),
        targets=_with(before.targets, targets),
        required_by=_required_by(before, groups, degradations),
        conflicts=_with(before.conflicts, conflicts),
    )


def _ordered(held: dict[Owned, Fact]) -> tuple[Fact, ...]:
    return tuple(held[owned] for owned in sorted(held)) if len(held) > 1 else tuple(held.values())


def _required_by(
    before: Snapshot,
    groups: Mapping[str, tuple[RequirementGroup, ...] | None],
    degradations: Mapping[str, tuple[Degradation, ...] | None],
) -> Mapping[str, tuple[str, ...]]:
    changed: dict[str, set[str]] = {}

    def consumers(supplier: str) -> set[str]:
        if supplier not in changed:
            changed[supplier] = set(before.required_by.get(supplier, ()))
        return changed[supplier]

    for consumer in groups:
        old = _suppliers(before.groups.get(consumer), before.degradations.get(consumer))
        new = _suppliers(groups[consumer], degradations[consumer])
        for supplier in old - new:
            consumers(supplier).discard(consumer)
        for supplier in new - old:
            consumers(supplier).add(consumer)
    return _with(before.required_by, {supplier: tuple(sorted(found)) or None for supplier, found in changed.items()})


def _suppliers(groups: tuple[RequirementGroup, ...] | None, degradations: tuple[Degradation, ...] | None) -> set[str]:
    return {m.entity for g in groups or () for m in g.members} | {d.supplier for d in degradations or ()}


def _keys(fact: Fact) -> Iterable[str]:
    statement = fact.statement
    if isinstance(statement, RequirementGroup):
        return chain((statement.consumer,), (m.entity for m in statement.members))
    if isinstance(statement, EntityStatement):
        return (statement.key, statement.owner or "", statement.provider or "")
    if isinstance(statement, Agreement):
        entities = chain.from_iterable(e.entities for e in statement.excludes)
        return chain((statement.provider, statement.consumer or ""), statement.covers, entities)
    if isinstance(statement, Party):
        return (statement.parent or "",)
    return fact.id[1:]


def _same_key(key: str) -> str:
    return key


def _with(before: Mapping[K, V], changes: Mapping[K, V | None]) -> Mapping[K, V]:
    """The mapping with the changes in it, None meaning gone, still ordered by key."""
    if not changes:
        return before
    merged = dict(before)
    grew = False
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        else:
            grew = grew or key not in merged
            merged[key] = value
    if grew:
        merged = {key: merged[key] for key in sorted(merged)}  # type: ignore[type-var]
    return MappingProxyType(merged)
