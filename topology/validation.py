"""What cannot be: rules over a subject as it would become, and over references. All issues at once.

What is merely doubtful (a cycle, an orphan, no owner) is a finding of `risk`, not an issue.
"""

from collections.abc import Iterable, Iterator, Mapping

from topology.aliases import are_joined
from topology.changes import ValidatedChangeSet
from topology.errors import Issue
from topology.facts import (
    MANUAL,
    EntityStatement,
    Fact,
    Subject,
    is_pattern,
    references,
    subject,
)
from topology.model import (
    Agreement,
    AgreementType,
    EntityKind,
    Party,
    PartyKind,
    RequirementGroup,
    Target,
)
from topology.snapshot import Owned, Snapshot
from topology.wording import described

KEY_TWICE = "UP-KEY-TWICE"
"""The code of a key that two sources define and nothing joins: somebody must say whether they are one thing."""
Problem = tuple[Fact | None, Issue]


def check_subjects(after: Snapshot, facts: Iterable[Fact]) -> Iterator[Problem]:
    """What is wrong with the subjects of `facts` as they stand in `after`; each problem names the fact to blame."""
    mine: dict[Subject, list[Fact]] = {}
    for fact in facts:
        space, key = subject(fact.statement)
        mine.setdefault((space, after.canonical(key)), []).append(fact)
    for about, stated in mine.items():
        if about[0] != "same":
            yield from _check_sources(after, about, stated)
        if about[0] == "entity":
            yield from _check_entity(after, about[1], stated)
        elif about[0] == "agreement":
            yield from _check_agreement(after, about[1], stated)
        elif about[0] == "party":
            yield from _check_party(after, about[1], stated)
    yield from _check_providers(after, mine)


def missing_references(after: Snapshot, facts: Iterable[Fact]) -> Iterator[tuple[Fact, Subject]]:
    """What the facts refer to and `after` does not hold."""
    held = _held(after)
    for fact in facts:
        for space, key in references(fact.statement):
            if key not in held[space] and after.canonical(key) not in held[space]:
                yield fact, (space, key)


def lost_subjects(after: Snapshot, removals: Iterable[Owned]) -> frozenset[Subject]:
    """The parties, entities and agreements whose last definition goes with the removals."""
    held = _held(after)
    removed = ((about[0], after.canonical(about[1])) for about, _, _ in removals if about[0] in held)
    return frozenset((space, key) for space, key in removed if key not in held[space])


def referring(after: Snapshot, lost: frozenset[Subject]) -> Iterator[tuple[Fact, Subject]]:
    """The facts that refer to what is lost. Cost: all facts, so ask only where something is."""
    if not lost:
        return
    for fact in after.statements():
        for space, key in references(fact.statement):
            if (space, after.canonical(key)) in lost:
                yield fact, (space, key)


def check_references(after: Snapshot, change: ValidatedChangeSet) -> tuple[Issue, ...]:
    """The references that `change` leaves without an end in `after`: what a store that has moved on must ask again."""
    lost = lost_subjects(after, change.removals)
    ends = {*missing_references(after, change.puts), *referring(after, lost)}
    return tuple(unknown(fact, missing) for fact, missing in sorted(ends, key=lambda end: (end[0].id, end[1])))


def unknown(fact: Fact, missing: Subject) -> Issue:
    """The issue of a reference to nothing."""
    space, key = missing
    message = f'there is no {space} "{key}", which {described(fact.statement)} refers to'
    return Issue("UP-UNKNOWN", message, fact.id, None, fact.place)


def _held(after: Snapshot) -> Mapping[str, Mapping[str, object]]:
    return {"entity": after.entities, "party": after.parties, "agreement": after.agreements}


def _blame(fact: Fact, code: str, message: str, hint: str | None = None) -> Problem:
    return fact, Issue(code, message, fact.id, hint, fact.place)


def _check_sources(after: Snapshot, about: Subject, mine: list[Fact]) -> Iterator[Problem]:
    """Two sources that define one bare key must be joined by `same`, or one must say `ref`."""
    space, key = about
    own = [f for f in mine if f.id[0] == space and f.defines and not f.is_stub and f.source != MANUAL]
    for fact in own:
        others = {f.source for f in after.facts_about(space, key) if f.id == fact.id and f.defines and not f.is_stub}
        others -= {fact.source, MANUAL}
        joins = [f for (kind, _), facts in after.facts.items() if kind == "same" for f in facts] if others else []
        for source in sorted(others):
            if not are_joined(joins, f"{source}:{key}", f"{fact.source}:{key}"):
                message = f'{space} "{key}" is defined by {source} and by {fact.source}'
                pair = f'[["{source}:{key}", "{fact.source}:{key}"]]'
                hint = f"join them with `same: {pair}`"
                hint += f", or write `ref: {source}:{key}`" if space == "entity" else ""
                yield _blame(fact, KEY_TWICE, message, hint)


def _check_entity(after: Snapshot, key: str, mine: list[Fact]) -> Iterator[Problem]:
    entity = after.entities.get(key)
    for fact in mine:
        said = fact.statement
        if isinstance(said, RequirementGroup):
            names = [after.canonical(m.entity) for m in said.members]
            if key in names and said.consumer not in (m.entity for m in said.members):
                yield _blame(fact, "UP-NEED-SELF", f'"{key}" cannot need itself')
            if len(set(names)) < len({m.entity for m in said.members}):
                yield _blame(fact, "UP-GROUP-REPEAT", f"two members of the group at {key} are one thing")
        if isinstance(said, EntityStatement) and entity and entity.kind is EntityKind.EXTERNAL and said.provider:
            provider = after.parties.get(after.canonical(said.provider))
            if provider and provider.kind is not PartyKind.VENDOR:
                yield _blame(fact, "UP-PROVIDER-KIND", f'"{provider.key}" provides "{key}" and is no vendor')
    yield from _check_twice(after, key, mine)


def _check_twice(after: Snapshot, key: str, mine: list[Fact]) -> Iterator[Problem]:
    """One source may need one supplier only once as 1 of 1; of two that do, the later by id is to blame."""
    new = {(fact.id, fact.scope) for fact in mine}
    needing: dict[tuple[str, str], list[Fact]] = {}
    for fact in after.facts_about("entity", key):
        supplier = _single(after, fact)
        if supplier is not None:
            needing.setdefault((fact.source, supplier), []).append(fact)
    for (_, supplier), facts in needing.items():
        for fact in facts if len(facts) > 1 else ():
            others = [other for other in facts if other.id != fact.id]
            if (fact.id, fact.scope) in new and any((o.id, o.scope) not in new or o.id < fact.id for o in others):
                yield _blame(fact, "UP-NEED-TWICE", f'"{fact.id[1]}" needs "{supplier}" twice')


def _single(after: Snapshot, fact: Fact) -> str | None:
    """The supplier of a 1-of-1 requirement."""
    said = fact.statement
    if not isinstance(said, RequirementGroup) or len(said.members) != 1:
        return None
    return after.canonical(said.members[0].entity)


def _check_agreement(after: Snapshot, key: str, mine: list[Fact]) -> Iterator[Problem]:
    versions = {agreement.version: agreement for agreement in after.agreements.get(key, ())}
    for fact in mine:
        said = fact.statement
        if isinstance(said, Target):
            agreement = versions.get(said.version)
            if agreement is None:
                if versions:
                    yield _blame(fact, "UP-UNKNOWN", f'there is no version {said.version} of agreement "{key}"')
                continue
            if said.covers is None and not agreement.covers:
                yield _blame(fact, "UP-TARGET-COVERS", f"neither the target nor {key} says what it covers")
            yield from _check_covers(after, agreement, fact, [said.covers] if said.covers else [])
        elif isinstance(said, Agreement):
            yield from _check_covers(after, versions[said.version], fact, said.covers)


def _check_covers(after: Snapshot, agreement: Agreement, fact: Fact, covers: Iterable[str]) -> Iterator[Problem]:
    """An underpinning contract covers what its vendor, or that vendor's group, provides."""
    if agreement.type is not AgreementType.UC:
        return
    group = {agreement.provider, *ancestors(after, agreement.provider)}
    for name in covers:
        entity = None if is_pattern(name) else after.entities.get(after.canonical(name))
        if entity is None or _is_assumed(after, entity.key):
            continue
        hint = "name an external of this vendor, or mend its provider"
        if entity.kind is not EntityKind.EXTERNAL:
            message = f'"{entity.key}" is a {entity.kind}, and {agreement.provider} provides externals only'
            hint = "a contract covers externals of its vendor; what is our own has an OLA or an SLA"
        elif entity.provider is None:
            message = f'"{entity.key}" has no provider, so {agreement.provider} cannot be held to it'
            hint = f'say who provides "{entity.key}": provider: {agreement.provider}'
        elif entity.provider in group or agreement.provider in ancestors(after, entity.provider):
            continue
        else:
            message = f'"{entity.key}" is provided by {entity.provider}, not by {agreement.provider}'
        yield _blame(fact, "UP-COVERS-PROVIDER", message, hint)


def _is_assumed(after: Snapshot, key: str) -> bool:
    """Whether nobody has described an entity: a stand-in says nothing of what it is."""
    return all(fact.is_stub for fact in after.facts_about("entity", key) if fact.id[0] == "entity" and fact.defines)


def _check_party(after: Snapshot, key: str, mine: list[Fact]) -> Iterator[Problem]:
    if key in ancestors(after, key):
        yield _blame(mine[0], "UP-PARENT-CYCLE", f'"{key}" is among its own parents')
    for fact in mine:
        for other in after.facts_about("party", key) if fact.source == MANUAL else ():
            if other.source == MANUAL or other.is_stub or not isinstance(other.statement, Party):
                continue
            if isinstance(fact.statement, Party) and other.statement.kind is not fact.statement.kind:
                message = f'"{key}" is a {other.statement.kind} of {other.source}, not a {fact.statement.kind}'
                yield _blame(fact, "UP-REF", message, "the kind is changed where the party is defined")
                break


def _check_providers(after: Snapshot, stated: Mapping[Subject, list[Fact]]) -> Iterator[Problem]:
    """Who provides an external stays a vendor. An external of this very change is to blame itself."""
    changed = {key for space, key in stated if space == "party"}
    others = {key for key in changed if key in after.parties and after.parties[key].kind is not PartyKind.VENDOR}
    if not others:
        return
    provided: dict[str, str] = {}
    for entity in after.entities.values():
        if entity.provider in others and entity.kind is EntityKind.EXTERNAL and ("entity", entity.key) not in stated:
            provided[entity.provider] = min(entity.key, provided.get(entity.provider, entity.key))
    for party, entity_key in sorted(provided.items()):
        message = f'"{party}" provides "{entity_key}", and a {after.parties[party].kind} provides no external'
        yield _blame(stated["party", party][0], "UP-PROVIDER-KIND", message, "only a vendor does")


def ancestors(snapshot: Snapshot, party: str) -> tuple[str, ...]:
    """The parents of a party, nearest first; ends where a circle closes."""
    found: list[str] = []
    here = snapshot.parties.get(party)
    while here is not None and here.parent is not None and here.parent not in found:
        found.append(here.parent)
        here = snapshot.parties.get(here.parent)
    return tuple(found)
