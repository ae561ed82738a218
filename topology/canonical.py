"""One text for one model: what `modelHash` is taken of, whoever said it, when, in which order and in which form."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

import msgspec

from topology.model import (
    ZERO,
    Agreement,
    Contact,
    CreditCap,
    CreditTier,
    Degradation,
    Entity,
    Exclusion,
    ExitPlan,
    Fee,
    Maintenance,
    Member,
    Money,
    Party,
    Period,
    RequirementGroup,
    Target,
    Validity,
    Window,
)
from topology.snapshot import Snapshot
from topology.units import plain

Json = str | int | list["Json"] | dict[str, "Json"]
_Value = (
    Agreement
    | Contact
    | CreditCap
    | CreditTier
    | Degradation
    | Entity
    | Exclusion
    | ExitPlan
    | Fee
    | Maintenance
    | Member
    | Money
    | Party
    | Period
    | RequirementGroup
    | Target
    | Validity
    | Window
)
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_SETS: Final = frozenset({"covers", "holidays", "maintenance", "excludes", "entities", "members"})
"""The fields whose order says nothing."""


def model_hash(snapshot: Snapshot, failed: Iterable[str] = ()) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of a model, and of what of it has failed where something has.

    Defaults are filled in, decimals normalised, sets sorted. Source, provenance, revision and actor are no part of
    it, nor is the name of a group that has none.

    Cost: linear in the model, and nothing is kept but the running sum.
    """
    digest = hashlib.sha256()
    for part in canonical_json(snapshot, failed):
        digest.update(part)
    return digest.hexdigest()


def canonical_json(snapshot: Snapshot, failed: Iterable[str] = ()) -> Iterator[bytes]:
    """The canonical JSON of the model, in parts; what of it has failed stands there only where something has."""
    groups = (group for held in snapshot.groups.values() for group in held)
    soft = (edge for held in snapshot.degradations.values() for edge in held)
    versions = (version for held in snapshot.agreements.values() for version in held)
    targets = (target for held in snapshot.targets.values() for target in held)
    yield b'{"agreements":'
    yield from _array(sorted(_ENCODER.encode(_object(version)) for version in versions))
    yield b',"degradations":'
    yield from _array(sorted(_ENCODER.encode(_object(edge)) for edge in soft))
    yield b',"entities":'
    yield from _array(sorted(_ENCODER.encode(_object(entity)) for entity in snapshot.entities.values()))
    keys = sorted(failed)
    if keys:
        yield b',"failed":' + _ENCODER.encode(keys)
    yield b',"groups":'
    yield from _array(sorted(map(_group, groups)))
    yield b',"parties":'
    yield from _array(sorted(_ENCODER.encode(_object(party)) for party in snapshot.parties.values()))
    yield b',"targets":'
    yield from _array(sorted(_ENCODER.encode(_object(target)) for target in targets))
    yield b"}"


def _array(items: Iterable[bytes]) -> Iterator[bytes]:
    yield b"["
    yield b",".join(items)
    yield b"]"


def _group(group: RequirementGroup) -> bytes:
    """A group, with a short way for the hundred thousands that need one supplier and nothing else."""
    members = group.members
    simple = len(members) == 1 and group.name is None and group.tested is None and group.beta is None
    if simple and members[0].handoff is None and members[0].tolerance == ZERO and group.required == 1:
        return b'{"consumer":%b,"members":[{"entity":%b,"tolerance":"0"}],"required":1}' % (
            _text(group.consumer),
            _text(members[0].entity),
        )
    return _ENCODER.encode(_object(group))


@lru_cache(maxsize=1 << 17)
def _text(value: str) -> bytes:
    return _ENCODER.encode(value)


def _object(value: _Value) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for field in _FIELDS[type(value)]:
        item = getattr(value, field)
        if item is None:
            continue
        shown = _shown(item)
        if field in _SETS and isinstance(shown, list):
            shown = sorted(shown, key=_ENCODER.encode)
        found[field] = shown
    return found


def _shown(value: object) -> Json:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_shown(item) for item in value]
    assert isinstance(value, _Value)
    return _object(value)


_FIELDS: Final[dict[type[_Value], tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in _Value.__args__
}
