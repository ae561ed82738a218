"""Which agreement applies to an entity at a date, and why none does.

Source: section 4, "Which agreement applies". Of the agreements of a type that are in force, whose consumer is
ourselves, the owner of a consuming entity, or nobody in particular, and that hold a comparable target on the entity,
the one with the closest coverage applies (explicit, family, vendor-wide), then the narrowest level, then the highest
precedence, then the latest start. What is still level is ambiguous, and the weakest binds. Agreements are never mixed.
"""

import copy
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from risk.agreements.lifecycle import DayOf, Standing, standing_on
from risk.limits import Check, paced, unhurried
from risk.terms import ReasonCode
from topology.model import (
    Agreement,
    AgreementLevel,
    AgreementType,
    Comparator,
    Entity,
    EntityKind,
    Extent,
    Measure,
    PartyKind,
    Target,
    WindowKind,
)
from topology.snapshot import Snapshot

AVAILABILITY = "availability"
Owners = frozenset[str | None] | None
"""The owners of the entities that need one; None where nothing needs it."""
_EXPLICIT, _FAMILY, _WIDE = 0, 1, 2
_LEVELS = {level: rank for rank, level in enumerate(AgreementLevel)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agreement version in force with its comparable targets on one entity, the highest promise first."""

    agreement: Agreement
    targets: tuple[Target, ...]
    renewed: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What applies to an entity.

    Attributes:
        candidates: the agreements that apply; more than one is ambiguous, none means that `reasons` tell why.
        reasons: why none applies, all of them; else ASSUMED_RENEWAL and AMBIGUOUS_AGREEMENT where they hold.
        incomparable: with no candidate: an agreement in force that covers the entity without a comparable target.
    """

    candidates: tuple[Candidate, ...]
    reasons: tuple[ReasonCode, ...]
    incomparable: Agreement | None = None


def is_comparable(target: Target) -> bool:
    """Whether a target is time available in a window; other metrics, and requests counted, are not held against it."""
    return (
        target.metric == AVAILABILITY
        and target.measure is Measure.TIME
        and target.comparator is Comparator.AT_LEAST
        and target.unit == "ratio"
        and target.window.kind is not WindowKind.PER_INCIDENT
    )


class AgreementIndex:
    """The agreements of a snapshot at a date, by what they cover.

    Args:
        snapshot: the model.
        at: the business date.
        lapsed: by type, the entities that agreements covered which a scenario let lapse: they still should have one.
        check: called every few thousand steps while it is built.

    Cost: linear in agreement versions and targets to build; a choice looks only at agreements that may cover.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        at: date,
        lapsed: Mapping[AgreementType, frozenset[str]] = MappingProxyType({}),
        *,
        check: Check = unhurried,
    ) -> None:
        self._lapsed = lapsed
        self._ourselves = frozenset(key for key, p in snapshot.parties.items() if p.kind is PartyKind.SELF)
        self._ever: dict[tuple[str, str], list[str]] | None = None
        self._look(snapshot, at, snapshot.agreements, lambda _: at, check)

    def seen(self, at: date, day_of: DayOf, among: Iterable[str]) -> "AgreementIndex":
        """Some of the agreements at another moment: the business date, and the day that it is for each version."""
        agreements = self.snapshot.agreements
        found = object.__new__(AgreementIndex)
        found._ourselves, found._ever, found._lapsed = self._ourselves, None, self._lapsed
        found._look(self.snapshot, at, {key: agreements[key] for key in sorted(among)}, day_of, unhurried)
        return found

    def over(self, snapshot: Snapshot) -> "AgreementIndex":
        """The same agreements over a model that differs in its entities and what these need."""
        found = copy.copy(self)
        found.snapshot = snapshot
        return found

    def ever_covered_by(self, agreements: Iterable[str]) -> frozenset[str]:
        """The entities that any version of some agreements covers, in force or not."""
        versions = (version for key in agreements for version in self._agreements.get(key, ()))
        patterns = {pattern for version in versions for pattern in self._patterns(version)}
        entities = self.snapshot.entities
        found = {name for kind, name in patterns if kind == "entity" and name in entities}
        if any(kind != "entity" for kind, _ in patterns):
            found |= {key for key, e in entities.items() if not patterns.isdisjoint(self._patterns_of(e))}
        return frozenset(found)

    def ever_covering(self, entity: Entity) -> frozenset[str]:
        """The agreements of which any version, in force or not, covers an entity."""
        if self._ever is None:
            self._ever = {}
            for key, versions in self._agreements.items():
                for pattern in {p for version in versions for p in self._patterns(version)}:
                    self._ever.setdefault(pattern, []).append(key)
        return frozenset(key for pattern in self._patterns_of(entity) for key in self._ever.get(pattern, ()))

    def choose(
        self,
        entity: Entity,
        types: Collection[AgreementType],
        owners: Owners,
        tier: str | None = None,
        *,
        fits: Callable[[Target], bool] = is_comparable,
    ) -> Choice:
        """What applies to an entity among agreements of some types.

        Args:
            entity: whose promise is looked for.
            types: the kinds of agreement that count.
            owners: who owns the entities that need it: agreements with these consumers count as well as our own;
                None where nothing needs it, and so nobody's agreement is another's.
            tier: the service tier that is needed, where one is stated.
            fits: which targets answer to what is asked; time available in a window when nothing else is.
        """
        found: list[tuple[tuple[int, int, int, int], Candidate]] = []
        why: set[ReasonCode] = set()
        incomparable: Agreement | None = None
        for key in self._covering(entity, types, owners):
            held = self.standings[key]
            if held.version is None:
                why.update(held.reasons)
                continue
            targets = list(self._targets_on(held.version, entity))
            comparable = [(rank, target) for rank, target in targets if fits(target)]
            if not comparable:
                incomparable = incomparable or held.version
                why.add(ReasonCode.METRIC_MISMATCH if targets else ReasonCode.NO_TARGET)
            elif tier is not None and held.version.service_tier not in {None, tier}:
                why.add(ReasonCode.TIER_BELOW_REQUIRED)
            else:
                found.append(_ranked(held, held.version, comparable))
        if not found:
            return Choice((), in_order(why) or (ReasonCode.NO_AGREEMENT,), incomparable)
        best = min(rank for rank, _ in found)
        candidates = tuple(candidate for rank, candidate in found if rank == best)
        reasons = {ReasonCode.AMBIGUOUS_AGREEMENT} if len(candidates) > 1 else set()
        reasons |= {ReasonCode.ASSUMED_RENEWAL for c in candidates if c.renewed}
        return Choice(candidates, in_order(reasons))

    def covered(self, types: Collection[AgreementType], among: Iterable[str]) -> frozenset[str]:
        """Of some entities those that an agreement of these types covers, in force or not, or did until it lapsed."""
        among = tuple(among)
        of_type = {key for key, versions in self._agreements.items() if any(v.type in types for v in versions)}
        lapsed = frozenset[str]().union(*(self._lapsed.get(kind, frozenset()) for kind in types)).intersection(among)
        if not of_type:
            return lapsed
        entities = self.snapshot.entities
        return lapsed.union(
            key
            for key in among
            if any(not of_type.isdisjoint(self._by_pattern.get(p, ())) for p in self._patterns_of(entities[key]))
        )

    def in_force(self) -> Iterator[tuple[str, str]]:
        """Every agreement in force with each entity that its version covers, itself or by a target: their two keys."""
        for key, entity in self.snapshot.entities.items():
            for agreement in sorted({a for p in self._patterns_of(entity) for a in self._by_pattern.get(p, ())}):
                if self.standings[agreement].version is not None:
                    yield agreement, key

    def promised(self, version: Agreement) -> Iterator[tuple[Entity, Target]]:
        """Every target of an agreement version with every entity that it covers."""
        for target in self.snapshot.targets.get((version.key, version.version), ()):
            for entity in self._entities(target, version):
                yield entity, target

    def targets_on(self, version: Agreement, entity: Entity) -> Iterator[Target]:
        """Every target of an agreement version that covers an entity."""
        return (target for _, target in self._targets_on(version, entity))

    def consumers_of(self, key: str) -> Owners:
        """Who owns the entities that require an entity directly, hard or soft; None where nothing does."""
        consumers = self.snapshot.required_by.get(key)
        if not consumers:
            return None
        entities = self.snapshot.entities
        return frozenset(entities[name].owner for name in consumers if name in entities)

    def _look(
        self, snapshot: Snapshot, at: date, agreements: Mapping[str, Sequence[Agreement]], day_of: DayOf, check: Check
    ) -> None:
        self.snapshot = snapshot
        self.at = at
        self._agreements = agreements
        self.standings: Mapping[str, Standing] = {
            key: standing_on(versions, day_of) for key, versions in paced(agreements.items(), check)
        }
        self._by_pattern: dict[tuple[str, str], list[str]] = {}
        for key, versions in paced(agreements.items(), check):
            in_force = self.standings[key].version
            speaking = versions if in_force is None else (in_force,)
            for pattern in sorted({p for version in speaking for p in self._patterns(version)}):
                self._by_pattern.setdefault(pattern, []).append(key)

    def _entities(self, target: Target, version: Agreement) -> Iterator[Entity]:
        patterns = frozenset(self._targeted(target, version))
        explicit = [self.snapshot.entities.get(name) for kind, name in patterns if kind == "entity"]
        if all(kind == "entity" for kind, _ in patterns):
            yield from sorted((e for e in explicit if e is not None), key=lambda e: e.key)
            return
        for entity in self.snapshot.entities.values():
            if not patterns.isdisjoint(self._patterns_of(entity)):
                yield entity

    def _covering(self, entity: Entity, types: Collection[AgreementType], owners: Owners) -> Iterator[str]:
        keys = dict.fromkeys(key for pattern in self._patterns_of(entity) for key in self._by_pattern.get(pattern, ()))
        for key in keys:
            held = self.standings[key].version or self.snapshot.agreements[key][-1]
            if held.type in types and self.is_for(held, owners):
                yield key

    def is_for(self, agreement: Agreement, owners: Owners) -> bool:
        """Whether an agreement is for ourselves, nobody in particular or one of some owners."""
        consumer = agreement.consumer
        return consumer is None or owners is None or consumer in owners or consumer in self._ourselves

    def _targets_on(self, version: Agreement, entity: Entity) -> Iterator[tuple[int, Target]]:
        mine = self._patterns_of(entity)
        for target in self.snapshot.targets.get((version.key, version.version), ()):
            ranks = [mine[p] for p in self._targeted(target, version) if p in mine]
            if ranks:
                yield min(ranks), target

    def _patterns_of(self, entity: Entity) -> dict[tuple[str, str], int]:
        """What an agreement may write to cover an entity, and how close a coverage that is."""
        found = {("entity", entity.key): _EXPLICIT}
        for party in self._providers(entity):
            if entity.family is not None:
                found[f"family:{entity.family}", party] = _FAMILY
            found["*", party] = _WIDE
        return found

    def _providers(self, entity: Entity) -> Iterable[str]:
        if entity.kind is not EntityKind.TRANSACTION:
            return (p for p in (entity.provider, entity.owner) if p is not None)
        return (p for p in {entity.owner, *self._ourselves} if p is not None)

    def _patterns(self, version: Agreement) -> Iterator[tuple[str, str]]:
        for text in version.covers:
            yield _pattern(text, version)
        for target in self.snapshot.targets.get((version.key, version.version), ()):
            if target.covers is not None:
                yield _pattern(target.covers, version)

    @staticmethod
    def _targeted(target: Target, version: Agreement) -> Iterator[tuple[str, str]]:
        for text in version.covers if target.covers is None else (target.covers,):
            yield _pattern(text, version)


def _pattern(text: str, version: Agreement) -> tuple[str, str]:
    if text == "*" or text.startswith("family:"):
        return (text, version.provider)
    return ("entity", text)


def _ranked(
    held: Standing, version: Agreement, comparable: list[tuple[int, Target]]
) -> tuple[tuple[int, int, int, int], Candidate]:
    coverage = min(rank for rank, _ in comparable)
    start = version.start.toordinal() if version.start is not None else 0
    targets = tuple(sorted((target for _, target in comparable), key=_highest_first))
    rank = (coverage, _LEVELS[version.level], -version.precedence, -start)
    return rank, Candidate(version, targets, held.renewed)


def _highest_first(target: Target) -> tuple[Decimal, bool, str]:
    return (-target.value, target.extent is Extent.END_TO_END, str(target.window))


def in_order(reasons: Iterable[ReasonCode]) -> tuple[ReasonCode, ...]:
    """Reasons once each, in the order in which they are declared."""
    found = frozenset(reasons)
    return tuple(reason for reason in ReasonCode if reason in found)
