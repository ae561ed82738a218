"""What a company runs, buys and promises. Frozen values; ratios in 0..1 and durations in minutes, all `Decimal`."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class EntityKind(StrEnum):
    """What an entity is: something that is up or down."""

    TRANSACTION = "transaction"
    SERVICE = "service"
    COMPONENT = "component"
    INFRASTRUCTURE = "infrastructure"
    EXTERNAL = "external"


class PartyKind(StrEnum):
    """Who makes or receives a promise."""

    SELF = "self"
    TEAM = "team"
    VENDOR = "vendor"
    CUSTOMER = "customer"


class Criticality(StrEnum):
    """How much a company hurts without an entity, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Substitutability(StrEnum):
    """How hard it is to replace an external."""

    EASY = "easy"
    MEDIUM = "medium"
    COMPLEX = "complex"
    NONE = "none"


class AgreementType(StrEnum):
    """The kind of an agreement; it decides the agreement's side of the headroom equation."""

    SLA = "sla"
    OLA = "ola"
    UC = "uc"
    SLO = "slo"


class AgreementStatus(StrEnum):
    """Where an agreement version stands in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class AgreementLevel(StrEnum):
    """How narrow an agreement is, narrowest first; the narrower wins."""

    SERVICE = "service"
    CUSTOMER = "customer"
    CORPORATE = "corporate"


class Extent(StrEnum):
    """Whether a promised figure includes what the entity itself needs."""

    INTRINSIC = "intrinsic"
    END_TO_END = "end_to_end"


class Comparator(StrEnum):
    """Which side of a target's value keeps the promise."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class WindowKind(StrEnum):
    """The stretch of time over which a target is measured."""

    CALENDAR_MONTH = "calendar_month"
    CALENDAR_QUARTER = "calendar_quarter"
    CALENDAR_YEAR = "calendar_year"
    CONTRACT_YEAR = "contract_year"
    ROLLING = "rolling"
    PER_INCIDENT = "per_incident"


class Measure(StrEnum):
    """What a figure counts: minutes of downtime, or requests failed."""

    TIME = "time"
    REQUEST = "request"


class CreditKind(StrEnum):
    """What is owed when a target is missed."""

    PERCENT_OF_FEE = "percent_of_fee"
    PROPORTIONAL = "proportional"
    SERVICE_DAYS = "service_days"
    TERMINATION_RIGHT = "termination_right"


class ExclusionKind(StrEnum):
    """What an agreement does not count as downtime."""

    MAINTENANCE = "maintenance"
    FORCE_MAJEURE = "force_majeure"
    THIRD_PARTY = "third_party"
    CUSTOMER_FAULT = "customer_fault"
    SHORTER_THAN = "shorter_than"
    ENTITIES = "entities"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217); amounts of two currencies are never added."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the calendar: whole months, or days."""

    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Validity:
    """The days on which an entity exists: both ends count, None is open."""

    start: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether `day` is inside."""
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call at a party; `response` in minutes."""

    role: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    response: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A company, team, vendor or customer; `parent` is its group."""

    key: str
    kind: PartyKind
    name: str
    parent: str | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class ExitPlan:
    """How to leave an external, and when that was last looked at."""

    reviewed: date | None = None
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """Anything that is up or down. `availability` covers own faults only, suppliers aside."""

    key: str
    kind: EntityKind
    name: str
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
class Member:
    """One supplier in a requirement group; the consumer survives `tolerance` minutes without it."""

    entity: str
    tolerance: Decimal = ZERO
    handoff: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RequirementGroup:
    """The consumer needs at least `required` of `members`, which are sorted by key; a plain dependency is 1 of 1."""

    consumer: str
    required: int
    members: tuple[Member, ...]
    name: str | None = None
    tested: date | None = None
    beta: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Degradation:
    """A soft dependency: losing the supplier costs the consumer the fraction `loss`, and does not stop it."""

    consumer: str
    supplier: str
    loss: Decimal | None = None
    tolerance: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Window:
    """A window kind, with its days where it rolls."""

    kind: WindowKind
    days: int | None = None

    def __str__(self) -> str:
        return f"rolling_{self.days}d" if self.kind is WindowKind.ROLLING else str(self.kind)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned downtime: a weekly slot such as `Sun 02:00-04:00`, or an allowance in minutes for each window."""

    weekly: str | None = None
    allowance: Decimal | None = None
    per: WindowKind | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One carve-out; `minutes` belongs to SHORTER_THAN, `entities` to ENTITIES."""

    kind: ExclusionKind
    minutes: Decimal | None = None
    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditTier:
    """Strictly below the ratio `below`, that share of the fee (0..1) is owed."""

    below: Decimal
    share_of_fee: Decimal


@dataclass(frozen=True, slots=True)
class Fee:
    """What an agreement costs, for each period."""

    amount: Money
    per: Period


@dataclass(frozen=True, slots=True)
class CreditCap:
    """The most that is credited, as a share of the fees of a period."""

    share: Decimal
    per: Period


@dataclass(frozen=True, slots=True)
class Target:
    """One promised figure.

    `value` is a ratio where `unit` is `ratio` (availability, success_rate); otherwise it stands as written with its
    unit. `covers` is an entity key, `*` (all that the provider provides), `family:NAME`, or None: what the agreement
    covers.
    """

    agreement: str
    version: int
    metric: str
    comparator: Comparator
    value: Decimal
    unit: str
    window: Window
    extent: Extent
    covers: str | None = None
    measure: Measure = Measure.TIME
    credit_kind: CreditKind | None = None
    credits: tuple[CreditTier, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of an agreement; `end` is the last day in force. Versions are immutable, a higher one supersedes."""

    key: str
    version: int
    type: AgreementType
    name: str
    provider: str
    consumer: str | None = None
    status: AgreementStatus = AgreementStatus.ACTIVE
    start: date | None = None
    end: date | None = None
    auto_renew: Period | None = None
    notice: Period | None = None
    notice_given: date | None = None
    level: AgreementLevel = AgreementLevel.SERVICE
    precedence: int = 0
    service_tier: str | None = None
    covers: tuple[str, ...] = ()
    timezone: str = "UTC"
    service_hours: str = "24x7"
    holidays: tuple[str, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    excludes: tuple[Exclusion, ...] = ()
    fee: Fee | None = None
    credit_cap: CreditCap | None = None
    claim_within: Decimal | None = None
    doc: str | None = None
    note: str | None = None


def default_extent(kind: AgreementType) -> Extent:
    """The extent of a target that states none: an OLA promises own faults, every other agreement the whole."""
    return Extent.INTRINSIC if kind is AgreementType.OLA else Extent.END_TO_END
