"""What is said to fail, by level and key, and the entities that this comes to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from risk.graph import System
from risk.single_points import FailureSet
from risk.terms import FailureLevel
from topology.errors import BadInput, Issue, UnknownKey
from topology.model import EntityKind, Party, PartyKind
from topology.snapshot import Snapshot

_OF_ENTITIES = (FailureLevel.ENTITY, FailureLevel.FAILURE_DOMAIN)
_OF_VENDORS = (FailureLevel.VENDOR, FailureLevel.VENDOR_GROUP)
_OWNERS = (PartyKind.SELF, PartyKind.TEAM)
_MOST_REFUSED = 20
"""Subjects that are refused one by one; of more it is said how many."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A subject that fails: its level and its key, in any form that the snapshot resolves."""

    level: FailureLevel
    subject: str


def failed_entities(
    snapshot: Snapshot,
    system: System,
    failing: Iterable[Failing],
    sets: Callable[[FailureLevel], Iterable[FailureSet]],
) -> frozenset[int]:
    """The numbers of all entities that fail when these subjects do.

    A party or agreement that exists and stands for no entity comes to none. The group of a vendor that is nobody's
    parent is that vendor.

    Args:
        snapshot: the model.
        system: its requirement graph.
        failing: what fails.
        sets: the failure sets of a level.

    Raises:
        UnknownKey: there is no such entity, party or agreement.
        BadInput: there is one, and it is of another kind than the level says; or several subjects are refused, with
            one issue for each of the first and its place, and one for how many more there are.

    Cost: linear in the failure sets of the levels that are named; an entity by itself costs one look.
    """
    found: set[int] = set()
    refused: list[BadInput] = []
    for place, one in enumerate(failing):
        try:
            found |= _entities(snapshot, system, one, sets, ("failed", str(place)))
        except BadInput as error:
            refused.append(error)
    if len(refused) == 1:
        raise refused[0]
    if refused:
        issues = [issue for error in refused[:_MOST_REFUSED] for issue in error.issues]
        more = len(refused) - _MOST_REFUSED
        if more > 0:
            issues.append(Issue("AND_MORE", f"and {more} more of failed are refused", ("failed",)))
        raise BadInput(tuple(issues))
    return frozenset(found)


def _entities(
    snapshot: Snapshot,
    system: System,
    failing: Failing,
    sets: Callable[[FailureLevel], Iterable[FailureSet]],
    path: tuple[str, ...],
) -> frozenset[int]:
    level = failing.level
    if level in _OF_ENTITIES:
        return frozenset((_entity(snapshot, system, failing, path),))
    key = subject_of(snapshot, failing, path)
    by_subject = {one.subject: one.entities for one in sets(level)}
    if level is FailureLevel.VENDOR_GROUP and key not in by_subject:
        by_subject = {one.subject: one.entities for one in sets(FailureLevel.VENDOR)}
    return by_subject.get(key, frozenset())


def _entity(snapshot: Snapshot, system: System, failing: Failing, path: tuple[str, ...]) -> int:
    number = system.index.get(snapshot.canonical(failing.subject))
    if number is None:
        raise UnknownKey(failing.subject, path, _word(failing.level))
    if failing.level is FailureLevel.FAILURE_DOMAIN and system.kinds[number] is not EntityKind.INFRASTRUCTURE:
        raise wrong_kind(
            failing.subject, f"is of kind {system.kinds[number]}; a failure domain is of kind infrastructure", path
        )
    return number


def subject_of(snapshot: Snapshot, failing: Failing, path: tuple[str, ...]) -> str:
    """The key, as it is shown, of the party or agreement that fails.

    Raises:
        UnknownKey: there is none.
        BadInput: it is of another kind than the level says.
    """
    held = snapshot.agreements if failing.level is FailureLevel.AGREEMENT else snapshot.parties
    key = failing.subject if failing.subject in held else snapshot.canonical(failing.subject)
    if key not in held:
        raise UnknownKey(failing.subject, path, _word(failing.level))
    party = snapshot.parties.get(key)
    if failing.level in _OF_VENDORS and party is not None and not _is_vendor(snapshot, party):
        raise wrong_kind(failing.subject, f"is a party of kind {party.kind}, and not a vendor", path)
    if failing.level is FailureLevel.OWNER and party is not None and not _is_owner(snapshot, party):
        raise wrong_kind(failing.subject, f"is a party of kind {party.kind}, and not a team or company", path)
    return key


def _word(level: FailureLevel) -> str:
    """What a subject of a level is called: `vendor group`."""
    return str(level).replace("_", " ")


def _is_owner(snapshot: Snapshot, party: Party) -> bool:
    """Whether it owns things, or could: a team or company, or whatever kind of party is written as an owner."""
    return party.kind in _OWNERS or any(entity.owner == party.key for entity in snapshot.entities.values())


def _is_vendor(snapshot: Snapshot, party: Party) -> bool:
    """Whether it provides things, or could: a vendor, or whatever kind of party is the parent of one."""
    if party.kind is PartyKind.VENDOR:
        return True
    return any(other.parent == party.key and other.kind is PartyKind.VENDOR for other in snapshot.parties.values())


def wrong_kind(subject: str, why: str, path: tuple[str, ...]) -> BadInput:
    """The refusal of a subject that is not what its level says."""
    return BadInput((Issue("WRONG_KIND", f'"{subject}" {why}', path),))
