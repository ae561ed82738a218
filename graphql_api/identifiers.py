"""Opaque ids: which thing, and in which view. Never which revision: a thing keeps its id while the model changes."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, date, datetime

import orjson


@dataclass(frozen=True, slots=True)
class Given:
    """What the asker said of the view; None was left to the server."""

    at: date | None = None
    as_of: datetime | None = None
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class NodeId:
    """The type and key of a node, and the view it was seen in."""

    type: str
    key: tuple[str, ...]
    given: Given = Given()

    def __str__(self) -> str:
        at = self.given.at.isoformat() if self.given.at else None
        as_of = self.given.as_of.astimezone(UTC).isoformat() if self.given.as_of else None
        return pack([self.type, self.key, at, as_of, self.given.scenario])


def node_id(text: str) -> NodeId | None:
    """What an id stands for; None where it was not made here."""
    match unpack(text):
        case [str(kind), [*key], str() | None as at, str() | None as as_of, str() | None as scenario]:
            try:
                day = None if at is None else date.fromisoformat(at)
                moment = None if as_of is None else datetime.fromisoformat(as_of)
            except ValueError:
                return None
            if moment is None or moment.tzinfo is not None:
                return NodeId(kind, tuple(map(str, key)), Given(day, moment, scenario))
    return None


def pack(value: object) -> str:
    """A JSON value as one opaque word."""
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


def unpack(text: str) -> object:
    """The value of `pack`; None where the word is none of its."""
    if len(text) > 4096:
        return None
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        value: object = orjson.loads(raw)
    except (binascii.Error, ValueError):
        return None
    return value
