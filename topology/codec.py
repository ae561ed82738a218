"""Statements and facts as JSON, for the log of a store and for digests: the same value gives the same bytes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from topology.errors import Place
from topology.facts import KIND_OF, About, EntityStatement, Fact, FactBasis, FactKind, Overrule, Same, Statement
from topology.model import Agreement, Degradation, Party, RequirementGroup, Target


@dataclass(frozen=True, slots=True)
class _Row:
    """A fact as it stands in a log."""

    kind: FactKind
    statement: msgspec.Raw
    source: str
    scope: str
    basis: FactBasis
    place: Place | None
    revision: int
    actor: str | None
    rewritten: bool


_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_ROWS: Final = msgspec.json.Decoder(list[_Row])
_STATEMENTS: Final[dict[FactKind, msgspec.json.Decoder[Statement]]] = {
    FactKind.ABOUT: msgspec.json.Decoder(About),
    FactKind.PARTY: msgspec.json.Decoder(Party),
    FactKind.ENTITY: msgspec.json.Decoder(EntityStatement),
    FactKind.GROUP: msgspec.json.Decoder(RequirementGroup),
    FactKind.DEGRADATION: msgspec.json.Decoder(Degradation),
    FactKind.AGREEMENT: msgspec.json.Decoder(Agreement),
    FactKind.TARGET: msgspec.json.Decoder(Target),
    FactKind.SAME: msgspec.json.Decoder(Same),
    FactKind.OVERRULE: msgspec.json.Decoder(Overrule),
}


def encode_statement(statement: Statement) -> bytes:
    """Canonical JSON of one statement."""
    return _ENCODER.encode(statement)


def encode_facts(facts: list[Fact]) -> bytes:
    """A JSON array of facts."""
    return _ENCODER.encode([_row(fact) for fact in facts])


def encode_bare(facts: Iterable[Fact]) -> bytes:
    """A JSON array of what facts say, whoever wrote them, when, and wherever they stood: what a digest is about."""
    return _ENCODER.encode([(f.source, f.scope, f.basis, f.rewritten, f.id[0], f.statement) for f in facts])


def decode_facts(payload: bytes) -> list[Fact]:
    """The facts of `encode_facts`.

    Raises:
        msgspec.DecodeError: the payload is not such an array.
    """
    return [_fact(row) for row in _ROWS.decode(payload)]


def _row(fact: Fact) -> _Row:
    said = fact.statement
    raw = msgspec.Raw(encode_statement(said))
    kind = KIND_OF[type(said)]
    return _Row(kind, raw, fact.source, fact.scope, fact.basis, fact.place, fact.revision, fact.actor, fact.rewritten)


def _fact(row: _Row) -> Fact:
    said = _STATEMENTS[row.kind].decode(row.statement)
    return Fact(said, row.source, row.scope, row.basis, row.place, row.revision, row.actor, row.rewritten)
