"""Facts: what a source states. A snapshot's model is what all facts together come to (`resolution.py`)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from topology.errors import Place
from topology.model import (
    ZERO,
    Agreement,
    Criticality,
    Degradation,
    EntityKind,
    ExitPlan,
    Money,
    Party,
    RequirementGroup,
    Substitutability,
    Target,
    Validity,
)

MANUAL = "manual"
"""The source of what people write through the API; it outranks every other."""


class FactBasis(StrEnum):
    """How a source knows what it states."""

    DECLARED = "declared"
    OBSERVED = "observed"
    INFERRED = "inferred"
    ASSUMED = "assumed"


class FactKind(StrEnum):
    """The kinds of statement, by what they are about."""

    PARTY = "party"
    ENTITY = "entity"
    GROUP = "group"
    DEGRADATION = "degradation"
    AGREEMENT = "agreement"
    TARGET = "target"
    SAME = "same"
    OVERRULE = "overrule"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class EntityStatement:
    """What one source says of an entity; None is unsaid. Without a kind it adds to another source's entity."""

    key: str
    kind: EntityKind | None = None
    name: str | None = None
    owner: str | None = None
    provider: str | None = None
    criticality: Criticality | None = None
    tier: int | None = None
    family: str | None = None
    availability: Decimal | None = None
    valid: Validity | None = None
    journey: str | None = None
    revenue_per_hour: Money | None = None
    rto: Decimal | None = None
    rpo: Decimal | None = None
    impact_tolerance: Decimal | None = None
    substitutability: Substitutability | None = None
    exit_plan: ExitPlan | None = None


@dataclass(frozen=True, slots=True)
class Same:
    """Two keys are one thing; the first is shown."""

    first: str
    second: str


class Reading(StrEnum):
    """How another source's edge is to be read."""

    NONE = "none"
    DEGRADES = "degrades"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Overrule:
    """Another source's edges, seen rightly: no dependency, a soft one, or together a k-of-n group."""

    consumer: str
    reading: Reading
    suppliers: tuple[str, ...]
    loss: Decimal | None = None
    tolerance: Decimal = ZERO
    required: int = 1
    name: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """The date that a source, or one scope of it, describes."""

    source: str
    scope: str
    as_of: date


Statement = About | Party | EntityStatement | RequirementGroup | Degradation | Agreement | Target | Same | Overrule
FactId = tuple[str, ...]
"""What a fact is about, its kind first. Two facts with one id say the same thing, or contradict each other."""
Subject = tuple[str, str]
"""The namespace (`party`, `entity`, `agreement`, `same`, `about`) and key whose resolution a fact takes part in."""

KIND_OF: dict[type[Statement], FactKind] = {
    Party: FactKind.PARTY,
    EntityStatement: FactKind.ENTITY,
    RequirementGroup: FactKind.GROUP,
    Degradation: FactKind.DEGRADATION,
    Agreement: FactKind.AGREEMENT,
    Target: FactKind.TARGET,
    Same: FactKind.SAME,
    Overrule: FactKind.OVERRULE,
    About: FactKind.ABOUT,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement and who says so. `revision` and `actor` are those of the change set that wrote it."""

    statement: Statement
    source: str
    scope: str = ""
    basis: FactBasis = FactBasis.DECLARED
    place: Place | None = None
    revision: int = 0
    actor: str | None = None
    rewritten: bool = False
    id: FactId = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep the id: it is asked for several times for each fact of a large change."""
        object.__setattr__(self, "id", identity(self.statement))

    def written(self, revision: int, actor: str | None) -> "Fact":
        """The fact as `actor` writes it in `revision`."""
        return Fact(self.statement, self.source, self.scope, self.basis, self.place, revision, actor, self.rewritten)

    @property
    def defines(self) -> bool:
        """Whether the fact brings its subject into being, rather than adding to it."""
        return not isinstance(self.statement, EntityStatement) or self.statement.kind is not None

    @property
    def is_stub(self) -> bool:
        """Whether the fact only stands in for what was referred to and never described."""
        return self.basis is FactBasis.ASSUMED


def identity(statement: Statement) -> FactId:
    """The id of what a statement is about; an unnamed group is known by its consumer and its members."""
    match statement:
        case RequirementGroup(consumer=consumer, name=None, members=members):
            return (FactKind.GROUP, consumer, "", *sorted([m.entity for m in members]))
        case RequirementGroup(consumer=consumer, name=str(name)):
            return (FactKind.GROUP, consumer, name)
        case EntityStatement(key=key, kind=None):
            return (FactKind.ENTITY, key, "ref")
        case EntityStatement(key=key) | Party(key=key):
            return (KIND_OF[type(statement)], key)
        case Degradation(consumer=consumer, supplier=supplier):
            return (FactKind.DEGRADATION, consumer, supplier)
        case Agreement(key=key, version=version):
            return (FactKind.AGREEMENT, key, str(version))
        case Target():
            covers = statement.covers or ""
            return (
                FactKind.TARGET,
                statement.agreement,
                str(statement.version),
                covers,
                statement.metric,
                str(statement.window),
            )
        case Same(first=first, second=second):
            return (FactKind.SAME, first, second)
        case Overrule(consumer=consumer, suppliers=suppliers):
            return (FactKind.OVERRULE, consumer, *sorted(suppliers))
        case About(source=source, scope=scope):
            return (FactKind.ABOUT, f"{source}/{scope}")
    raise AssertionError(statement)


def subject(statement: Statement) -> Subject:
    """Whose resolution the statement takes part in, before aliases."""
    match statement:
        case Party(key=key):
            return ("party", key)
        case EntityStatement(key=key):
            return ("entity", key)
        case RequirementGroup(consumer=key) | Degradation(consumer=key) | Overrule(consumer=key):
            return ("entity", key)
        case Agreement(key=key) | Target(agreement=key):
            return ("agreement", key)
        case Same(first=first):
            return ("same", first)
        case About(source=source, scope=scope):
            return ("about", f"{source}/{scope}")
    raise AssertionError(statement)


def references(statement: Statement) -> Iterator[Subject]:
    """The parties, entities and agreements that must exist for the statement to mean anything."""
    match statement:
        case Party(parent=parent):
            yield from _some("party", parent)
        case EntityStatement():
            if statement.kind is None:
                yield ("entity", statement.key)
            yield from _some("party", statement.owner, statement.provider)
        case RequirementGroup(consumer=consumer, members=members):
            yield ("entity", consumer)
            for member in members:
                yield ("entity", member.entity)
        case Degradation(consumer=consumer, supplier=supplier):
            yield ("entity", consumer)
            yield ("entity", supplier)
        case Agreement():
            yield from _some("party", statement.provider, statement.consumer)
            yield from _entities(*statement.covers)
            for exclusion in statement.excludes:
                yield from _entities(*exclusion.entities)
        case Target(agreement=agreement, covers=covers):
            yield ("agreement", agreement)
            yield from _entities(covers or "*")
        case Overrule(consumer=consumer, suppliers=suppliers):
            yield ("entity", consumer)
            for key in suppliers:
                yield ("entity", key)


def is_pattern(covers: str) -> bool:
    """Whether a `covers` entry names a family or all that the provider provides, rather than one entity."""
    return covers == "*" or covers.startswith("family:")


def _some(namespace: str, *keys: str | None) -> Iterator[Subject]:
    return ((namespace, key) for key in keys if key is not None)


def _entities(*covers: str) -> Iterator[Subject]:
    return (("entity", key) for key in covers if not is_pattern(key))
