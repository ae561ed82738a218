"""What a scenario may suppose: one value for each kind of operation, and an ordered list of them.

An operation acts on the model as it stands after those before it, whoever stated what it changes; nothing is written.
Keys may be given in any form that the snapshot resolves. Percents are ratios here, and times are minutes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from risk.terms import FailureLevel
from topology.model import ZERO, EntityKind


@dataclass(frozen=True, slots=True)
class Fail:
    """What `key` stands for at a level has failed itself: an entity, or all of a vendor, group, domain or owner."""

    level: FailureLevel
    key: str


@dataclass(frozen=True, slots=True)
class Lapse:
    """An agreement, every version of it, applies no longer."""

    agreement: str


@dataclass(frozen=True, slots=True)
class Retire:
    """An entity ended on the day before the view's date."""

    entity: str


@dataclass(frozen=True, slots=True)
class SetOwnAvailability:
    """The availability that is stated for an entity, suppliers aside; a promise that goes before it still does."""

    entity: str
    ratio: Decimal


@dataclass(frozen=True, slots=True)
class SetTarget:
    """What an agreement promises of an entity in one metric: a ratio, or minutes for a metric of time."""

    agreement: str
    entity: str
    metric: str
    ratio: Decimal | None = None
    minutes: Decimal | None = None


@dataclass(frozen=True, slots=True)
class AddRequirement:
    """A plain need."""

    consumer: str
    supplier: str
    tolerance: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class RemoveRequirement:
    """A plain need is gone."""

    consumer: str
    supplier: str


@dataclass(frozen=True, slots=True)
class SetGroup:
    """A requirement group as it is to be, by its name; members that stay keep their tolerance."""

    consumer: str
    name: str
    required: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddMember:
    """One more member of a named requirement group."""

    consumer: str
    group: str
    supplier: str
    tolerance: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class ReplaceSupplier:
    """One supplier in the place of another, for one consumer or for all (None); groups and tolerances stay."""

    consumer: str | None
    gone: str
    come: str


@dataclass(frozen=True, slots=True)
class AddEntity:
    """A new entity, with a stated availability or without."""

    key: str
    kind: EntityKind
    name: str | None = None
    owner: str | None = None
    provider: str | None = None
    availability: Decimal | None = None


Operation = (
    Fail
    | Lapse
    | Retire
    | SetOwnAvailability
    | SetTarget
    | AddRequirement
    | RemoveRequirement
    | SetGroup
    | AddMember
    | ReplaceSupplier
    | AddEntity
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Operations in their order; without any it is the baseline."""

    operations: tuple[Operation, ...]

    @property
    def digest(self) -> str:
        """What tells this scenario from all others, as one word; empty for the baseline."""
        if not self.operations:
            return ""
        return hashlib.blake2b(repr(self.operations).encode(), digest_size=12).hexdigest()


_WORDS: Mapping[type[Operation], str] = {
    Lapse: "lapseAgreement",
    Retire: "retireEntity",
    SetOwnAvailability: "setOwnAvailability",
    SetTarget: "setTarget",
    AddRequirement: "addRequirement",
    RemoveRequirement: "removeRequirement",
    SetGroup: "setGroup",
    AddMember: "addMember",
    ReplaceSupplier: "replaceSupplier",
    AddEntity: "addEntity",
}
_WORDS_OF_FAILING: Mapping[FailureLevel, str] = {
    FailureLevel.ENTITY: "failEntity",
    FailureLevel.VENDOR: "failVendor",
    FailureLevel.VENDOR_GROUP: "failVendorGroup",
    FailureLevel.FAILURE_DOMAIN: "failDomain",
    FailureLevel.OWNER: "failOwner",
}


def word_of(operation: Operation) -> str:
    """What an operation is called in the contract: what its issues name it by."""
    return _WORDS_OF_FAILING[operation.level] if isinstance(operation, Fail) else _WORDS[type(operation)]
