"""A model while operations are laid over it, one after another: what they have changed so far, by key."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from risk.supposed.facts import SCENARIO, evidence
from topology.errors import BadInput, Issue, UnknownKey
from topology.facts import Fact, Statement
from topology.model import Agreement, Degradation, Entity, RequirementGroup, Target
from topology.rules import check_fact
from topology.snapshot import AgreementId, Snapshot, Supposed, supposing


@dataclass(slots=True)
class Model:
    """The model of `base` as it is seen on `at`, with changes; what is None is gone. `failed` are keys of entities."""

    base: Snapshot
    at: date
    entities: dict[str, Entity] = field(default_factory=dict)
    groups: dict[str, tuple[RequirementGroup, ...]] = field(default_factory=dict)
    degradations: dict[str, tuple[Degradation, ...]] = field(default_factory=dict)
    agreements: dict[str, tuple[Agreement, ...] | None] = field(default_factory=dict)
    targets: dict[AgreementId, tuple[Target, ...] | None] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def known(self, key: str, *place: str) -> str:
        """The key of an entity as it is shown.

        Raises:
            UnknownKey: there is none; `place` is the field that names it, if any does.
        """
        for shown in (key, self.base.canonical(key)):
            if shown in self.entities or shown in self.base.entities:
                return shown
        raise UnknownKey(key, place)

    def entity(self, key: str) -> Entity:
        """The entity of a known key."""
        return self.entities.get(key) or self.base.entities[key]

    def every_entity(self) -> Iterator[Entity]:
        """All entities, those that were changed as they are now."""
        for key, entity in self.base.entities.items():
            yield self.entities.get(key, entity)
        yield from (entity for key, entity in self.entities.items() if key not in self.base.entities)

    def needs(self, consumer: str) -> tuple[RequirementGroup, ...]:
        """The requirement groups of a consumer."""
        return self.groups.get(consumer, self.base.groups.get(consumer, ()))

    def soft_needs(self, consumer: str) -> tuple[Degradation, ...]:
        """The degradations of a consumer."""
        return self.degradations.get(consumer, self.base.degradations.get(consumer, ()))

    def require(
        self,
        consumer: str,
        groups: tuple[RequirementGroup, ...],
        soft: tuple[Degradation, ...] | None = None,
    ) -> None:
        """Let a consumer need this, and nothing else."""
        self.groups[consumer] = groups
        self.degradations[consumer] = self.soft_needs(consumer) if soft is None else soft

    def consumers_of(self, supplier: str) -> list[str]:
        """Who needs a supplier now, hard or soft, by key."""
        held = {*self.base.required_by.get(supplier, ()), *self.groups}
        return sorted(c for c in held if supplier in self.suppliers_of(c))

    def suppliers_of(self, consumer: str) -> set[str]:
        """Whom a consumer needs now, hard or soft."""
        hard = {member.entity for group in self.needs(consumer) for member in group.members}
        return hard | {edge.supplier for edge in self.soft_needs(consumer)}

    def versions(self, key: str) -> tuple[Agreement, ...]:
        """The versions of an agreement, ascending; none where there is no such agreement, or it has lapsed."""
        held = self.agreements.get(key, self.base.agreements.get(key, ()))
        return held or ()

    def promised(self, version: Agreement) -> tuple[Target, ...]:
        """The targets of an agreement version."""
        about = (version.key, version.version)
        return self.targets.get(about, self.base.targets.get(about, ())) or ()

    def supposed(self) -> Supposed:
        """What differs from the base in the end."""
        base = self.base
        rewired = {
            consumer
            for consumer, found in self.groups.items()
            if set(found) != set(base.groups.get(consumer, ()))
            or set(self.degradations[consumer]) != set(base.degradations.get(consumer, ()))
        }
        found = Supposed(
            {key: entity for key, entity in self.entities.items() if base.entities.get(key) != entity},
            {consumer: self.groups[consumer] for consumer in rewired},
            {consumer: self.degradations[consumer] for consumer in rewired},
            self.agreements,
            {about: held for about, held in self.targets.items() if held != base.targets.get(about)},
        )
        return replace(found, facts=evidence(base, found))

    def snapshot(self) -> Snapshot:
        """The model in the end; the base itself where nothing differs."""
        supposed = self.supposed()
        return supposing(self.base, supposed) if supposed.changes_anything() else self.base


def refused(code: str, message: str, hint: str | None = None) -> BadInput:
    """An operation that cannot be."""
    return BadInput((Issue(code, message, (), hint),))


def sound(statement: Statement) -> None:
    """See to it that nothing is wrong with what an operation comes to, by the rules for every statement.

    Raises:
        BadInput: something is.
    """
    wrong = tuple(replace(issue, path=()) for issue in check_fact(Fact(statement, SCENARIO)))
    if wrong:
        raise BadInput(wrong)
