"""A scenario laid over a model: what it changes, what of it has failed, and what cannot be supposed.

Operations act on the model that all facts come to, so that no source's precedence stands in their way. What is supposed
carries the scenario as its source, and nothing is stored.
Cost: what the operations touch, plus one shallow copy of each index that changes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from risk.failing import Failing, subject_of, wrong_kind
from risk.limits import Check, unhurried
from risk.supposed import operations as said
from risk.supposed.needs import add_member, add_requirement, remove_requirement, replace_supplier, set_group
from risk.supposed.operations import Operation, Scenario, word_of
from risk.supposed.promises import lapse, set_target
from risk.supposed.supposing import Model, refused, sound
from risk.terms import FailureLevel
from topology.errors import BadInput, Issue, UnknownKey
from topology.facts import EntityStatement
from topology.model import Entity, EntityKind, PartyKind, Validity
from topology.names import id_issue
from topology.snapshot import Snapshot, Supposed
from topology.validation import ancestors

_FOLLOWING = frozenset({"UNKNOWN_KEY", "UP-NO-GROUP"})
"""What an operation is refused for that lacks only what an earlier one should have made."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A model after a scenario.

    Attributes:
        snapshot: the model; its revision and names are those of the model before.
        supposed: what differs from the model before.
        failed: the keys of the entities that have failed themselves.
    """

    snapshot: Snapshot
    supposed: Supposed
    failed: frozenset[str]


def laid(snapshot: Snapshot, at: date, scenario: Scenario, check: Check = unhurried) -> Laid:
    """A scenario laid over a snapshot that is seen at a date.

    Raises:
        BadInput: operations name what is not there, or cannot be; an issue for each, its path the operation's place,
            its word and the field.
        DeadlinePassed: the check said so.
    """
    model = Model(snapshot, at)
    issues: list[Issue] = []
    refused_keys: set[str] = set()
    for place, operation in enumerate(scenario.operations):
        check()
        try:
            _OPERATIONS[type(operation)](model, operation)
        except BadInput as error:
            path = ("operations", str(place), word_of(operation))
            follows = not refused_keys.isdisjoint(_texts_of(operation))
            found = [replace(issue, path=(*path, *issue.path)) for issue in error.issues]
            issues += [issue for issue in found if not (follows and issue.code in _FOLLOWING)]
            refused_keys.update(_made_by(operation))
    if issues:
        raise BadInput(tuple(issues))
    return Laid(model.snapshot(), model.supposed(), frozenset(model.failed))


def _fail(model: Model, operation: said.Fail) -> None:
    level, key = operation.level, operation.key
    if level in (FailureLevel.ENTITY, FailureLevel.FAILURE_DOMAIN):
        entity = model.entity(model.known(key))
        if level is FailureLevel.FAILURE_DOMAIN and entity.kind is not EntityKind.INFRASTRUCTURE:
            raise wrong_kind(key, f"is of kind {entity.kind}; a failure domain is of kind infrastructure", ())
        model.failed.add(entity.key)
        return
    subject = subject_of(model.base, Failing(level, key), ())
    failing = (entity for entity in model.every_entity() if _stands_or_falls(model, entity, level, subject))
    model.failed.update(entity.key for entity in failing)


def _stands_or_falls(model: Model, entity: Entity, level: FailureLevel, subject: str) -> bool:
    """Whether an entity fails with a party: owned by it, provided by it, or by a vendor beneath it."""
    if level is FailureLevel.OWNER:
        return entity.owner == subject
    if entity.kind is not EntityKind.EXTERNAL or entity.provider is None:
        return False
    above = ancestors(model.base, entity.provider) if level is FailureLevel.VENDOR_GROUP else ()
    return subject in (entity.provider, *above)


def _retire(model: Model, operation: said.Retire) -> None:
    entity = model.entity(model.known(operation.entity))
    last = model.at - timedelta(days=1)
    start = entity.valid.start if entity.valid is not None else None
    model.entities[entity.key] = replace(entity, valid=Validity(start if start and start <= last else None, last))


def _set_own_availability(model: Model, operation: said.SetOwnAvailability) -> None:
    key = model.known(operation.entity, "entity")
    sound(EntityStatement(key, availability=operation.ratio))
    model.entities[key] = replace(model.entity(key), availability=operation.ratio)


def _add_entity(model: Model, operation: said.AddEntity) -> None:
    for key in (operation.key, model.base.canonical(operation.key)):
        if key in model.entities or key in model.base.entities:
            raise refused("UP-EXISTS", f'there is an entity "{key}" already')
    wrong = id_issue(operation.key)
    if wrong is not None:
        raise BadInput((wrong,))
    owner, provider = _party(model, operation.owner, "owner"), _party(model, operation.provider, "provider")
    if operation.kind is EntityKind.EXTERNAL and provider is not None:
        kind = model.base.parties[provider].kind
        if kind is not PartyKind.VENDOR:
            raise refused("UP-PROVIDER-KIND", f'"{provider}" would provide "{operation.key}" and is no vendor')
    name, availability = operation.name or operation.key, operation.availability
    sound(EntityStatement(operation.key, operation.kind, name, availability=availability))
    model.entities[operation.key] = Entity(
        operation.key, operation.kind, name, owner, provider, availability=availability
    )


def _party(model: Model, key: str | None, place: str) -> str | None:
    if key is None:
        return None
    for shown in (key, model.base.canonical(key)):
        if shown in model.base.parties:
            return shown
    raise UnknownKey(key, (place,))


def _texts_of(operation: Operation) -> Iterator[str]:
    for field in fields(operation):
        value = getattr(operation, field.name)
        yield from (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()


def _made_by(operation: Operation) -> tuple[str, ...]:
    """What an operation would have brought into being."""
    match operation:
        case said.AddEntity(key=key):
            return (key,)
        case said.SetGroup(name=name):
            return (name,)
    return ()


_OPERATIONS: Mapping[type[Operation], Callable[[Model, Any], None]] = {
    said.Fail: _fail,
    said.Lapse: lapse,
    said.Retire: _retire,
    said.SetOwnAvailability: _set_own_availability,
    said.SetTarget: set_target,
    said.AddRequirement: add_requirement,
    said.RemoveRequirement: remove_requirement,
    said.SetGroup: set_group,
    said.AddMember: add_member,
    said.ReplaceSupplier: replace_supplier,
    said.AddEntity: _add_entity,
}
