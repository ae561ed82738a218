"""Rules about the registry: what is connected, owned and stated, whatever was promised."""

from collections.abc import Iterator
from itertools import chain, islice

from risk.bitsets import bits
from risk.blast_radius import blast_radii
from risk.results import SubjectKind
from risk.rules.rule import Evidence, Rule, Sighting, listed
from risk.terms import FindingCode, ReasonCode, Severity
from topology.facts import EntityStatement
from topology.model import Degradation, EntityKind, RequirementGroup, Target

_WITNESSES = 100
"""Entities that are shown of what one single point stops, of the highest tiers; the message counts them all."""
_NAMESPACES = {"entity": SubjectKind.ENTITY, "party": SubjectKind.PARTY, "agreement": SubjectKind.AGREEMENT}


def _orphans(evidence: Evidence) -> Iterator[Sighting]:
    snapshot = evidence.view.snapshot
    for key, entity in snapshot.entities.items():
        if entity.kind is not EntityKind.TRANSACTION and not snapshot.required_by.get(key):
            message = f'Nothing needs the {entity.kind} "{key}".'
            yield Sighting(SubjectKind.ENTITY, key, message, facts=evidence.facts("entity", key, EntityStatement))


def _without_owner(evidence: Evidence) -> Iterator[Sighting]:
    for key, entity in evidence.view.snapshot.entities.items():
        if entity.kind is not EntityKind.EXTERNAL and entity.owner is None:
            message = f'Nobody owns the {entity.kind} "{key}".'
            yield Sighting(SubjectKind.ENTITY, key, message, facts=evidence.facts("entity", key, EntityStatement))


def _components(evidence: Evidence) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The members of each cycle, and whether needs that cannot do without one another close it."""
    view = evidence.view
    prepared = view.backed_out.availability.prepared
    block_of = prepared.condensed.block_of
    for component in prepared.components():
        if len(component) > 1:
            is_hard = len({block_of[entity] for entity in component}) == 1
            yield tuple(view.system.keys[entity] for entity in sorted(component)), is_hard


def _cycles(evidence: Evidence) -> Iterator[Sighting]:
    for keys, is_hard in _components(evidence):
        message = f"{listed(keys)} need each other: they stand or fall together."
        if not is_hard:
            message = (
                f"{listed(keys)} need each other in a circle that leads through redundancy: "
                "the fall of one need not take all others along."
            )
        yield _about_a_cycle(evidence, keys, message)


def _cold_starts(evidence: Evidence) -> Iterator[Sighting]:
    for keys, is_hard in _components(evidence):
        message = f"Once all of {listed(keys)} are down, each waits for another: try a start from cold."
        if not is_hard:
            message = (
                f"Once all of {listed(keys)} are down, they start again only where redundancy offers something else "
                "than one another: try a start from cold."
            )
        yield _about_a_cycle(evidence, keys, message)


def _about_a_cycle(evidence: Evidence, keys: tuple[str, ...], message: str) -> Sighting:
    members = frozenset(keys)
    facts = tuple(
        fact
        for key in keys
        for fact in evidence.facts("entity", key, RequirementGroup)
        if isinstance(fact.statement, RequirementGroup)
        and any(evidence.view.snapshot.canonical(m.entity) in members for m in fact.statement.members)
    )
    return Sighting(SubjectKind.ENTITY, keys[0], message, witness=keys, facts=facts)


def _groups_of_one(evidence: Evidence) -> Iterator[Sighting]:
    for consumer, groups in evidence.view.snapshot.groups.items():
        for group in groups:
            if group.name is not None and len(group.members) == 1:
                only = group.members[0].entity
                message = f'The group "{group.name}" of "{consumer}" has only "{only}": it makes nothing redundant.'
                facts = evidence.facts("entity", consumer, RequirementGroup)
                mine = tuple(
                    f for f in facts if isinstance(f.statement, RequirementGroup) and f.statement.name == group.name
                )
                yield Sighting(SubjectKind.ENTITY, consumer, message, witness=(consumer, only), facts=mine)


def _undocumented_vendors(evidence: Evidence) -> Iterator[Sighting]:
    snapshot = evidence.view.snapshot
    documented = {version.provider for versions in snapshot.agreements.values() for version in versions}
    provided: dict[str, list[str]] = {}
    for key, entity in snapshot.entities.items():
        if entity.kind is not EntityKind.EXTERNAL:
            continue
        if entity.provider is None:
            message = f'The external "{key}" has no vendor on record.'
            facts = evidence.facts("entity", key, EntityStatement)
            yield Sighting(SubjectKind.ENTITY, key, message, facts=facts)
        elif entity.provider not in documented:
            provided.setdefault(entity.provider, []).append(key)
    for vendor, keys in provided.items():
        message = f'No agreement with the vendor "{vendor}" of {listed(keys)} is on record.'
        yield Sighting(SubjectKind.PARTY, vendor, message, witness=tuple(keys), facts=evidence.facts("party", vendor))


def _retired_suppliers(evidence: Evidence) -> Iterator[Sighting]:
    view = evidence.view
    retired = {n for n, f in enumerate(view.figures.values()) if f.missing is ReasonCode.RETIRED}
    for entity in sorted(retired):
        hard = [view.system.keys[c] for c in view.system.consumers[entity] if c not in retired]
        soft = [view.system.keys[c] for c in view.system.soft_consumers[entity] if c not in retired]
        if hard or soft:
            key = view.system.keys[entity]
            ways = [f"needed by {listed(hard)}"] if hard else []
            ways += [f"softly needed by {listed(soft)}"] if soft else []
            message = f'"{key}" is outside its validity on {view.at} and is still {" and ".join(ways)}.'
            facts = evidence.facts("entity", key, EntityStatement)
            yield Sighting(SubjectKind.ENTITY, key, message, witness=(key, *hard, *soft), facts=facts)


def _tier_inversions(evidence: Evidence) -> Iterator[Sighting]:
    view = evidence.view
    tiers = {n: e.tier for n, e in enumerate(view.snapshot.entities.values()) if e.tier is not None}
    of_tier = dict.fromkeys(sorted(set(tiers.values())), 0)
    if len(of_tier) < 2:
        return
    radii = blast_radii(view.backed_out.availability.prepared, tiers, evidence.check)
    for place, number in enumerate(radii.watched):
        of_tier[tiers[number]] |= 1 << place
    for entity, tier in sorted(tiers.items()):
        higher = [radii.places(entity) & held for above, held in of_tier.items() if above < tier]
        count = sum(held.bit_count() for held in higher)
        if count:
            key, shown = view.system.keys[entity], list(islice(chain.from_iterable(map(bits, higher)), _WITNESSES))
            hurt = sorted((tiers[radii.watched[place]], view.system.keys[radii.watched[place]]) for place in shown)
            named = [f"{name} (tier {above})" for above, name in hurt]
            message = f'"{key}" of tier {tier} is a single point of failure of {listed(named, of=count)}.'
            facts = evidence.facts("entity", key, EntityStatement)
            yield Sighting(SubjectKind.ENTITY, key, message, witness=(key, *(name for _, name in hurt)), facts=facts)


def _duplicate_dependencies(evidence: Evidence) -> Iterator[Sighting]:
    snapshot = evidence.view.snapshot
    for consumer, groups in snapshot.groups.items():
        hard: dict[str, int] = {}
        for group in groups:
            for member in group.members:
                hard[member.entity] = hard.get(member.entity, 0) + 1
        soft = {edge.supplier for edge in snapshot.degradations.get(consumer, ())}
        for supplier in sorted(hard):
            ways = [f"in {hard[supplier]} groups"] if hard[supplier] > 1 else []
            ways += ["both hard and soft"] if supplier in soft else []
            if ways:
                counted = "what is needed hard counts, the soft need not" if supplier in soft else "each of them counts"
                message = f'"{consumer}" needs "{supplier}" {" and ".join(ways)}; {counted}.'
                facts = evidence.facts("entity", consumer, RequirementGroup, Degradation)
                yield Sighting(SubjectKind.ENTITY, consumer, message, witness=(consumer, supplier), facts=facts)


def _conflicting_facts(evidence: Evidence) -> Iterator[Sighting]:
    for (namespace, key), conflicts in evidence.view.snapshot.conflicts.items():
        for conflict in conflicts:
            sources = list(dict.fromkeys(fact.source for fact in conflict.facts))
            what = " ".join(part for part in conflict.about if part and part != key)
            message = f'Sources differ on {conflict.field} of {what} "{key}": {listed(sources)}; the first is used.'
            yield Sighting(_NAMESPACES[namespace], key, message, facts=conflict.facts)


def _rewritten_versions(evidence: Evidence) -> Iterator[Sighting]:
    snapshot = evidence.view.snapshot
    for key, versions in snapshot.agreements.items():
        rewritten = tuple(f for f in evidence.facts("agreement", key, Target) if f.rewritten)
        numbers = sorted({f.statement.version for f in rewritten if isinstance(f.statement, Target)})
        for number in numbers:
            mine = tuple(f for f in rewritten if isinstance(f.statement, Target) and f.statement.version == number)
            message = f'A figure of "{key}" version {number} was changed without a new version.'
            about = tuple(version for version in versions if version.version == number)
            yield Sighting(SubjectKind.AGREEMENT, key, message, agreements=about, facts=mine)


RULES = (
    Rule(FindingCode.ORPHAN, Severity.NOTICE, _orphans),
    Rule(FindingCode.NO_OWNER, Severity.WARNING, _without_owner),
    Rule(FindingCode.CYCLE, Severity.WARNING, _cycles),
    Rule(FindingCode.COLD_START_RISK, Severity.WARNING, _cold_starts),
    Rule(FindingCode.GROUP_OF_ONE, Severity.NOTICE, _groups_of_one),
    Rule(FindingCode.UNDOCUMENTED_VENDOR, Severity.WARNING, _undocumented_vendors),
    Rule(FindingCode.RETIRED_SUPPLIER, Severity.ERROR, _retired_suppliers),
    Rule(FindingCode.TIER_INVERSION, Severity.WARNING, _tier_inversions),
    Rule(FindingCode.DUPLICATE_DEPENDENCY, Severity.WARNING, _duplicate_dependencies),
    Rule(FindingCode.CONFLICTING_FACTS, Severity.WARNING, _conflicting_facts),
    Rule(FindingCode.VERSION_REWRITTEN, Severity.WARNING, _rewritten_versions),
)
