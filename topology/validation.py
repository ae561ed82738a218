"""What cannot be: rules over one fact, over a subject as it would become, and over references. All issues at once.

What is merely doubtful (a cycle, an orphan, no owner) is a finding of `risk`, not an issue.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from itertools import pairwise

from topology.aliases import are_joined
from topology.calendars import Holidays, ServiceHours, weekly_slot, zone
from topology.changes import ValidatedChangeSet
from topology.errors import Issue
from topology.facts import (
    MANUAL,
    EntityStatement,
    Fact,
    Overrule,
    Reading,
    Statement,
    Subject,
    is_pattern,
    references,
    subject,
)
from topology.model import (
    Agreement,
    AgreementType,
    Degradation,
    EntityKind,
    Party,
    PartyKind,
    RequirementGroup,
    Target,
    WindowKind,
)
from topology.snapshot import Owned, Snapshot

KEY_TWICE = "UP-KEY-TWICE"
"""The code of a key that two sources define and nothing joins: somebody must say whether they are one thing."""
LONGEST_WINDOW = 3660
"""Days that a window may roll over: ten years."""
Problem = tuple[Fact | None, Issue]
Say = Callable[..., Issue]
_KEY = re.compile(r"\S(?:.*\S)?", re.DOTALL)
_ONE = Decimal(1)


def check_fact(fact: Fact) -> Iterator[Issue]:
    """What is wrong with a fact whatever else is known."""
    path = fact.id

    def say(code: str, message: str, hint: str | None = None) -> Issue:
        return Issue(code, message, path, hint, fact.place)

    for part in _keys(fact.statement):
        if not _KEY.fullmatch(part):
            yield say("UP-KEY", f"{part!r} cannot be a key", "a key has no space at its ends and is not empty")
    for rule in RULES.get(type(fact.statement), ()):
        yield from rule(fact.statement, say)


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
    return Issue(
        "UP-UNKNOWN", f'there is no {space} "{key}", which {" ".join(fact.id)} refers to', fact.id, None, fact.place
    )


def _held(after: Snapshot) -> Mapping[str, Mapping[str, object]]:
    return {"entity": after.entities, "party": after.parties, "agreement": after.agreements}


def _keys(statement: Statement) -> Iterator[str]:
    yield subject(statement)[1]
    yield from (key for _, key in references(statement))


def _party(said: Party, say: Say) -> Iterator[Issue]:
    for contact in said.contacts:
        yield from _not_negative(say, response=contact.response)
    if said.parent == said.key:
        yield say("UP-PARENT-CYCLE", f'"{said.key}" cannot be its own parent')


def _entity(said: EntityStatement, say: Say) -> Iterator[Issue]:
    yield from _ratio(say, "availability", said.availability)
    yield from _not_negative(say, rto=said.rto, rpo=said.rpo, impact_tolerance=said.impact_tolerance)
    if said.tier is not None and said.tier < 1:
        yield say("UP-TIER", f"tier {said.tier} does not exist", "1 is the highest tier")
    if said.valid and said.valid.start and said.valid.until and said.valid.until < said.valid.start:
        yield say("UP-DATES", f"valid until {said.valid.until}, before it begins on {said.valid.start}")
    if said.revenue_per_hour and said.revenue_per_hour.amount < 0:
        yield say("UP-NEGATIVE", "revenue_per_hour cannot be negative")


def _group(said: RequirementGroup, say: Say) -> Iterator[Issue]:
    count = len(said.members)
    if not 1 <= said.required <= count:
        yield say("UP-GROUP-K", f"at least {said.required} of {count} cannot be", f"give a number from 1 to {count}")
    keys = [member.entity for member in said.members]
    for key, times in sorted(Counter(keys).items()) if len(set(keys)) < count else ():
        if times > 1:
            yield say("UP-GROUP-REPEAT", f'"{key}" stands {times} times in one group')
    if said.consumer in keys:
        yield say("UP-NEED-SELF", f'"{said.consumer}" cannot need itself')
    for member in said.members:
        yield from _not_negative(say, tolerance=member.tolerance, handoff=member.handoff)
    yield from _ratio(say, "beta", said.beta)


def _degradation(said: Degradation, say: Say) -> Iterator[Issue]:
    if said.supplier == said.consumer:
        yield say("UP-NEED-SELF", f'"{said.consumer}" cannot degrade itself')
    yield from _loss(say, said.loss)
    yield from _not_negative(say, tolerance=said.tolerance)


def _overrule(said: Overrule, say: Say) -> Iterator[Issue]:
    count = len(set(said.suppliers))
    if said.reading is Reading.GROUP and not 1 <= said.required <= count:
        yield say("UP-GROUP-K", f"at least {said.required} of {count} cannot be", f"give a number from 1 to {count}")
    yield from _loss(say, said.loss)


def _agreement(said: Agreement, say: Say) -> Iterator[Issue]:
    if said.version < 1:
        yield say("UP-VERSION", f"version {said.version} does not exist", "versions count from 1")
    if said.start and said.end and said.end < said.start:
        yield say("UP-DATES", f"ends on {said.end}, before it starts on {said.start}")
    yield from _calendar(said, say)
    if said.fee and said.fee.amount.amount < 0:
        yield say("UP-NEGATIVE", "a fee cannot be negative")
    if said.credit_cap and said.credit_cap.share < 0:
        yield say("UP-NEGATIVE", "a credit cap cannot be negative")
    yield from _not_negative(say, claim_within=said.claim_within)


def _calendar(said: Agreement, say: Say) -> Iterator[Issue]:
    read: list[Callable[[], object]] = [
        lambda: zone(said.timezone),
        lambda: ServiceHours.parse(said.service_hours),
        lambda: Holidays.parse(said.holidays),
    ]
    read += [partial(weekly_slot, slot.weekly) for slot in said.maintenance if slot.weekly is not None]
    for parse in read:
        try:
            parse()
        except ValueError as error:
            yield say("UP-CALENDAR", str(error))
    for slot in said.maintenance:
        yield from _not_negative(say, maintenance=slot.allowance)


def _target(said: Target, say: Say) -> Iterator[Issue]:
    if said.unit == "ratio":
        yield from _ratio(say, said.metric, said.value)
    elif said.value < 0:
        yield say("UP-NEGATIVE", f"{said.metric} cannot be negative")
    days = said.window.days
    if (said.window.kind is WindowKind.ROLLING) != (days is not None) or (days is not None and days < 1):
        yield say("UP-WINDOW", "a rolling window needs its days, and only that", "write rolling_30d")
    if days is not None and days > LONGEST_WINDOW:
        yield say("UP-WINDOW", f"a window of {days} days is too long", f"at most {LONGEST_WINDOW} days")
    tiers = said.credits
    for tier in tiers:
        yield from _ratio(say, "credits", tier.below)
        yield from _not_negative(say, credits=tier.share_of_fee)
    falling = all(a.below > b.below and a.share_of_fee < b.share_of_fee for a, b in pairwise(tiers))
    if not falling:
        yield say("UP-CREDITS", "credit tiers must fall, and owe more the lower they are", "write 99.95:10;99.0:25")


RULES: Mapping[type[Statement], tuple[Callable[..., Iterator[Issue]], ...]] = {
    Party: (_party,),
    EntityStatement: (_entity,),
    RequirementGroup: (_group,),
    Degradation: (_degradation,),
    Overrule: (_overrule,),
    Agreement: (_agreement,),
    Target: (_target,),
}
"""The rules over one fact, by the kind of its statement."""


def _ratio(say: Say, name: str, value: Decimal | None) -> Iterator[Issue]:
    if value is not None and not 0 <= value <= _ONE:
        yield say("UP-RATIO", f"{name} is outside 0 % to 100 %")


def _loss(say: Say, loss: Decimal | None) -> Iterator[Issue]:
    if loss is not None and not 0 < loss <= _ONE:
        yield say("UP-RATIO", "loss must be above 0 % and at most 100 %")


def _not_negative(say: Say, **values: Decimal | None) -> Iterator[Issue]:
    for name, value in values.items():
        if value is not None and value < 0:
            yield say("UP-NEGATIVE", f"{name} cannot be negative")


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
                hint = f"join them with `same: {pair}`, or write `ref: {source}:{key}`"
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
        if entity is None or entity.provider is None or entity.provider in group:
            continue
        if agreement.provider not in ancestors(after, entity.provider):
            message = f'"{entity.key}" is provided by {entity.provider}, not by {agreement.provider}'
            yield _blame(fact, "UP-COVERS-PROVIDER", message, "name an external of this vendor, or mend its provider")


def _check_party(after: Snapshot, key: str, mine: list[Fact]) -> Iterator[Problem]:
    if key in ancestors(after, key):
        yield _blame(mine[0], "UP-PARENT-CYCLE", f'"{key}" is among its own parents')


def ancestors(snapshot: Snapshot, party: str) -> tuple[str, ...]:
    """The parents of a party, nearest first; ends where a circle closes."""
    found: list[str] = []
    here = snapshot.parties.get(party)
    while here is not None and here.parent is not None and here.parent not in found:
        found.append(here.parent)
        here = snapshot.parties.get(here.parent)
    return tuple(found)
