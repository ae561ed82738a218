"""Short ways to write facts in tests."""

from collections.abc import Iterable
from decimal import Decimal

from topology.changes import ChangeSet, Extent
from topology.facts import EntityStatement, Fact, FactId, Statement
from topology.model import (
    Agreement,
    AgreementType,
    Comparator,
    Degradation,
    EntityKind,
    Member,
    Party,
    PartyKind,
    RequirementGroup,
    Target,
    Window,
    WindowKind,
    default_extent,
)

SOURCE = "acme"


def fact(statement: Statement, source: str = SOURCE, scope: str = "") -> Fact:
    return Fact(statement, source, scope)


def entity(key: str, availability: str | None = None, kind: EntityKind = EntityKind.SERVICE) -> EntityStatement:
    return EntityStatement(key, kind, availability=None if availability is None else Decimal(availability))


def external(key: str, provider: str | None = None) -> EntityStatement:
    return EntityStatement(key, EntityKind.EXTERNAL, provider=provider)


def ref(key: str, availability: str | None = None) -> EntityStatement:
    return EntityStatement(key, availability=None if availability is None else Decimal(availability))


def needs(consumer: str, *members: str, k: int | None = None, name: str | None = None) -> RequirementGroup:
    required = len(members) if k is None else k
    return RequirementGroup(consumer, required, tuple(map(Member, sorted(members))), name)


def degrades(consumer: str, supplier: str, loss: str | None = None) -> Degradation:
    return Degradation(consumer, supplier, None if loss is None else Decimal(loss))


def vendor(key: str, parent: str | None = None) -> Party:
    return Party(key, PartyKind.VENDOR, key, parent)


def company(key: str = "acme-corp") -> Party:
    return Party(key, PartyKind.SELF, key)


def contract(key: str, provider: str, *covers: str, version: int = 1) -> Agreement:
    return Agreement(key, version, AgreementType.UC, key, provider, covers=covers)


def promise(
    agreement: str, covers: str | None, value: str, *, version: int = 1, kind: AgreementType = AgreementType.UC
) -> Target:
    month = Window(WindowKind.CALENDAR_MONTH)
    extent = default_extent(kind)
    at_least = Comparator.AT_LEAST
    return Target(agreement, version, "availability", at_least, Decimal(value), "ratio", month, extent, covers)


def full(*statements: Statement, source: str = SOURCE, scope: str = "", complete: bool = True) -> ChangeSet:
    facts = tuple(Fact(statement, source, scope) for statement in statements)
    return ChangeSet(source, scope, Extent.FULL, facts, complete=complete)


def delta(*statements: Statement, removals: Iterable[FactId] = (), source: str = "manual") -> ChangeSet:
    facts = tuple(Fact(statement, source) for statement in statements)
    return ChangeSet(source, "", Extent.DELTA, facts, tuple(removals))
