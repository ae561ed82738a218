"""From a change set to a plan: what it adds, changes and removes, with everything that is wrong named at once."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from topology.changes import ChangeSet, Extent, Plan
from topology.codec import encode_bare, encode_facts
from topology.counting import counted
from topology.errors import Issue, IssueSeverity, Place
from topology.facts import Fact, FactId, FactKind, Subject, subject
from topology.model import Agreement, Target
from topology.rules import check_fact
from topology.snapshot import Owned, Snapshot, apply, owned_by
from topology.stubs import stub
from topology.validation import (
    Problem,
    check_subjects,
    lost_subjects,
    missing_references,
    referring,
    unknown,
)
from topology.wording import described

Held = dict[Owned, Fact]


@dataclass(frozen=True, slots=True)
class _Difference:
    added: tuple[Fact, ...]
    changed: tuple[Fact, ...]
    removed: tuple[Fact, ...]
    withheld: tuple[Fact, ...]
    unchanged: int

    @property
    def puts(self) -> tuple[Fact, ...]:
        return (*self.added, *self.changed)

    def over(self, base: Snapshot) -> Snapshot:
        return apply(base, self.puts, map(_owned, self.removed), revision=base.revision + 1)


def plan(
    base: Snapshot,
    change: ChangeSet,
    *,
    actor: str | None = None,
    issues: Iterable[Issue] = (),
    allow_removals: int | None = None,
) -> Plan:
    """What `change` would do to `base`.

    Facts with an error are left out and their issues kept. A FULL change set that is not complete, or has any error,
    removes nothing; to have no entity where the source had some is such an error. In a FULL change set what is
    referred to and described nowhere becomes a stub; in a DELTA it is an error.

    Args:
        base: the newest snapshot.
        change: what is asked.
        actor: who asks; kept with each fact.
        issues: what was found wrong while reading, kept in front of what is found here.
        allow_removals: how many removals are meant; as many as there are may empty the source.

    Cost: the facts of the source, and the subjects that change; all facts where a definition goes.
    """
    wanted, problems = _sound(change, actor, base.revision + 1)
    held = _held(base, change)
    found = [*issues, *_emptied(change, held, allow_removals)]
    refused = {fact.id: fact for fact, _ in problems if fact is not None}
    while True:
        found += [issue for fact, issue in problems if not _lacks_version(fact, issue, refused)]
        whole = change.complete and not any(issue.severity is IssueSeverity.ERROR for issue in found)
        difference = _difference(held, wanted, change, whole)
        after = difference.over(base)
        stubs = _stubs(after, change, wanted, difference, actor)
        if stubs:
            difference = _difference(held, wanted | stubs, change, whole)
            after = difference.over(base)
        ends = _loose_ends(after, difference)
        problems = list(check_subjects(after, difference.puts))
        bad = {_owned(fact) for fact in [*(fact for fact, _ in problems if fact), *(fact for fact, _ in ends)]}
        bad &= wanted.keys()
        # What fails only because another fact of the change was refused goes without a word of its own.
        lost = {subject(fact.statement) for fact in refused.values() if fact.defines}
        problems += [(fact, unknown(fact, missing)) for fact, missing in ends if missing not in lost]
        if not bad and problems and whole and change.extent is Extent.FULL:
            continue  # what another source still refers to stays: the error withholds the removals
        if not bad:
            found += [issue for _, issue in problems]
            break
        refused |= {owned[0]: wanted[owned] for owned in bad}
        wanted = {owned: fact for owned, fact in wanted.items() if owned not in bad}
    return Plan(
        base,
        after,
        change.source,
        change.scope,
        difference.added,
        difference.changed,
        difference.removed,
        difference.withheld,
        difference.unchanged,
        len(held),
        _digest(change, difference),
        tuple(dict.fromkeys(found)),
    )


def _emptied(change: ChangeSet, held: Held, allowed: int | None) -> Iterator[Issue]:
    """No entity where the source had some is taken for a broken file, unless every removal is said to be meant."""
    if change.extent is not Extent.FULL or any(fact.id[0] == FactKind.ENTITY for fact in change.facts):
        return
    count = sum(fact.id[0] == FactKind.ENTITY and not fact.is_stub for fact in held.values())
    stays = {fact.id for fact in change.facts}
    removals = sum(not fact.is_stub and fact.id not in stays for fact in held.values())
    if count and (allowed is None or allowed < removals):
        message = f'no entity is left of the {count} that "{change.source}" has'
        hint = f"look whether the export was cut off; allow {counted(removals, 'removal')} if that is meant"
        place = next((Place(fact.place.file) for fact in change.facts if fact.place is not None), None)
        yield Issue("UP-NO-ENTITIES", message, (), hint, place)


def _lacks_version(fact: Fact | None, issue: Issue, refused: Mapping[FactId, Fact]) -> bool:
    """Whether a target has no agreement only because the agreement was refused."""
    said = None if fact is None else fact.statement
    if issue.code != "UP-UNKNOWN" or not isinstance(said, Target):
        return False
    return (FactKind.AGREEMENT, said.agreement, str(said.version)) in refused


def _owned(fact: Fact) -> Owned:
    return (fact.id, fact.source, fact.scope)


def _sound(change: ChangeSet, actor: str | None, revision: int) -> tuple[Held, list[Problem]]:
    """The facts that nothing is wrong with in themselves, and the problems of the others."""
    wanted: Held = {}
    problems: list[Problem] = []
    for fact in change.facts:
        wrong = list(check_fact(fact))
        owned = _owned(fact)
        if owned in wanted:
            first = wanted[owned]
            if first.statement != fact.statement or change.extent is Extent.DELTA:
                message = f"{described(fact.statement)} is stated twice, first at {first.place or 'an earlier place'}"
                wrong.append(Issue("UP-TWICE", message, fact.id, "keep one of them", fact.place))
        problems += [(fact, issue) for issue in wrong]
        if not wrong and owned not in wanted:
            wanted[owned] = fact.written(revision, actor)
    return wanted, problems


def _held(base: Snapshot, change: ChangeSet) -> Held:
    if change.extent is Extent.FULL:
        return owned_by(base, change.source, change.scope)
    touched = {fact.id for fact in change.facts} | set(change.removals)
    return {owned: fact for owned, fact in owned_by(base, change.source, change.scope).items() if fact.id in touched}


def _difference(held: Held, wanted: Held, change: ChangeSet, whole: bool) -> _Difference:
    added, changed, unchanged = [], [], 0
    for owned in sorted(wanted):
        fact, before = wanted[owned], held.get(owned)
        if before is None:
            added.append(fact)
        elif before.statement != fact.statement or before.basis != fact.basis:
            changed.append(fact)
        else:
            unchanged += 1
    gone = [held[owned] for owned in sorted(held) if owned not in wanted]
    if change.extent is Extent.DELTA:
        gone = [fact for fact in gone if fact.id in set(change.removals)]
    removed = [fact for fact in gone if whole or fact.is_stub or change.extent is Extent.DELTA]
    withheld = [] if len(removed) == len(gone) else [fact for fact in gone if not fact.is_stub]
    return _Difference(tuple(added), tuple(changed), tuple(removed), tuple(withheld), unchanged)


def _stubs(after: Snapshot, change: ChangeSet, wanted: Held, difference: _Difference, actor: str | None) -> Held:
    """A stand-in for all that would be referred to and described nowhere."""
    if change.extent is Extent.DELTA:
        return {}
    lost = lost_subjects(after, map(_owned, difference.removed))
    stubs: dict[Subject, Fact] = {}
    for fact, (space, key) in [*missing_references(after, wanted.values()), *referring(after, lost)]:
        missing = (space, after.canonical(key))
        found = stub(missing, fact, _agreement_of(after, fact))
        if found is not None:
            place = found.place if (fact.source, fact.scope) == (change.source, change.scope) else None
            found = replace(found, source=change.source, scope=change.scope, place=place)
            found = replace(found, revision=after.revision, actor=actor)
            stubs[missing] = min(found, stubs.get(missing, found), key=_preference)
    return {_owned(fact): fact for fact in stubs.values()}


def _agreement_of(after: Snapshot, fact: Fact) -> Agreement | None:
    """The agreement version that a target belongs to."""
    said = fact.statement
    if not isinstance(said, Target):
        return None
    versions = after.agreements.get(after.canonical(said.agreement), ())
    return next((agreement for agreement in versions if agreement.version == said.version), None)


def _preference(fact: Fact) -> tuple[bool, bytes, str]:
    """An external of a known vendor says more than a bare component; else any order will do that is always the same."""
    statement = encode_facts([replace(fact, place=None)])
    return (b'"kind":"external"' not in statement, statement, str(fact.place))


def _loose_ends(after: Snapshot, difference: _Difference) -> list[tuple[Fact, Subject]]:
    lost = lost_subjects(after, map(_owned, difference.removed))
    return [*missing_references(after, difference.puts), *referring(after, lost)]


def _digest(change: ChangeSet, difference: _Difference) -> str:
    """SHA-256 over what a plan would write; equal plans have equal digests, whatever the order of the files was."""
    ids: list[FactId] = [fact.id for fact in difference.removed]
    head = f"{change.source}\0{change.scope}\0{ids}\0"
    return hashlib.sha256(head.encode() + encode_bare(difference.puts)).hexdigest()
