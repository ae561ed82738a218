"""What the analyses of a view answer: frozen values, keys instead of objects, unrounded.

Probabilities are kept as unavailability `q` (float64), so that five nines keep their digits; promised figures and
minutes of the contract calculus are `Decimal`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import log10

from risk.terms import Basis, FigureOrigin, FindingCode, Method, ReasonCode, Severity, Verdict
from topology.facts import Fact
from topology.model import Agreement, Extent, Money, Target, WindowKind
from topology.units import MINUTES_PER_30_DAYS, exact_ratio, minutes, percent_of_ratio


@dataclass(frozen=True, slots=True)
class Probability:
    """An availability, as its unavailability `q` in 0..1."""

    q: float

    @property
    def ratio(self) -> Decimal:
        """1 - q, with q to 15 significant digits."""
        return exact_ratio(self.q)

    @property
    def percent(self) -> Decimal:
        """The ratio times 100, exactly."""
        return percent_of_ratio(self.ratio)

    @property
    def minutes_per_30_days(self) -> Decimal:
        """Downtime in 30 days of 24 hours, to 9 decimals."""
        return minutes(self.q * MINUTES_PER_30_DAYS)

    @property
    def nines(self) -> float | None:
        """The number of nines, -log10 q; None at ratio 1."""
        return -log10(self.q) + 0.0 if self.q > 0 else None


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """An entity's own availability as promised, and from where: the API's PromisedFigure.

    Attributes:
        entity: its key.
        value: the promised ratio; None where nothing is known (`missing` says why).
        basis: the basis that was used, which under BEST_KNOWN need not be the one asked for.
        origin: where it comes from; None where it is missing.
        extent: whether `value` covers the entity's suppliers as well.
        agreement: the agreement version it is read from, where it is a target's.
        target: the target that binds.
        missing: why there is no value.
        reasons: what else the reader should know: ASSUMED_RENEWAL, AMBIGUOUS_AGREEMENT.
    """

    entity: str
    value: Decimal | None
    basis: Basis
    origin: FigureOrigin | None
    extent: Extent | None = None
    agreement: Agreement | None = None
    target: Target | None = None
    missing: ReasonCode | None = None
    reasons: tuple[ReasonCode, ...] = ()

    @property
    def probability(self) -> Probability | None:
        """The promised ratio as a probability, None where it is missing."""
        return None if self.value is None else Probability(float(1 - self.value))


@dataclass(frozen=True, slots=True)
class MissingFigure:
    """An entity whose own availability is not known, or a supplier whose degradation has no stated loss.

    The entity stands in the hard closure, or beneath a soft edge of it: then only the expected success is touched.
    """

    entity: str
    reason: ReasonCode


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds that hold for certain, or with `confidence` where they were sampled."""

    lower: Probability
    upper: Probability
    confidence: Decimal | None = None
    samples: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class CompositeAvailability:
    """What the promises beneath an entity come to.

    With `missing` figures every probability but the floor is an upper bound, with those beneath soft edges only the
    expected success. `missing` are own figures of the hard closure, own figures beneath its soft edges, then losses
    that are not stated, each by key. `completeness` is known / (known + missing) own figures of the hard closure.
    `interval` bounds the expected availability and `success_interval` the expected success where these are not exact.
    """

    entity: str
    expected: Probability
    guaranteed_floor: Probability
    ceiling: Probability
    expected_success: Probability
    method: Method
    completeness: Decimal
    missing: tuple[MissingFigure, ...]
    basis: Basis
    diagram_nodes: int | None = None
    interval: Interval | None = None
    success_interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """A target that we promise (an SLA's or an OLA's) on one entity, in one agreement version.

    `key` is `agreement/entity/metric/window`. `budget` is the minutes of downtime that it allows in the window that
    contains the view's date; None for metrics that are not minutes of downtime.
    """

    key: str
    agreement: Agreement
    entity: str
    target: Target
    budget: Decimal | None


@dataclass(frozen=True, slots=True)
class WindowShown:
    """The window that a headroom is about: half-open, UTC; `service_minutes` is S_C, what counts of it."""

    kind: WindowKind
    start: datetime
    end: datetime
    timezone: str
    service_minutes: Decimal


@dataclass(frozen=True, slots=True)
class Headroom:
    """The composite headroom of a commitment, minutes in its window; negative is a shortfall.

    Of a promise for each incident (`chains.py`) the minutes are those of the incident, and `window` are the seven days
    in which it may begin. `expected_minutes`, `guaranteed_minutes` and `window` are None where nothing beneath can be
    held against the commitment (verdict UNKNOWN, reason METRIC_MISMATCH or CYCLE); the API then answers null.
    """

    commitment: str
    expected_minutes: Decimal | None
    guaranteed_minutes: Decimal | None
    verdict: Verdict
    reasons: tuple[ReasonCode, ...]
    bounded: bool
    window: WindowShown | None

    def with_margin(self, margin: Decimal) -> "Headroom":
        """The same, THIN where less than `margin` minutes are left."""
        is_thin = self.expected_minutes is not None and self.expected_minutes < margin
        return replace(self, verdict=Verdict.THIN) if is_thin and self.verdict is Verdict.COVERED else self


@dataclass(frozen=True, slots=True)
class LinkHeadroom:
    """One supplier's own contract held against a commitment, minutes in the commitment's window."""

    commitment: str
    consumer: str
    supplier: str
    agreement: Agreement | None
    target: Target | None
    allowance: Decimal | None
    headroom: Decimal | None
    extra_nine: bool | None
    verdict: Verdict
    reasons: tuple[ReasonCode, ...]
    bounded: bool

    def with_margin(self, margin: Decimal) -> "LinkHeadroom":
        """The same, THIN where less than `margin` minutes are left."""
        is_thin = self.headroom is not None and self.headroom < margin
        return replace(self, verdict=Verdict.THIN) if is_thin and self.verdict is Verdict.COVERED else self


class SubjectKind(StrEnum):
    """What a finding is about."""

    ENTITY = "entity"
    PARTY = "party"
    AGREEMENT = "agreement"
    COMMITMENT = "commitment"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's result: who it is about, a sentence, and the evidence.

    Attributes:
        code: the rule.
        severity: how much it weighs.
        kind: the kind of its subject.
        subject: the subject's key, in the namespace of `kind`.
        message: one sentence that names keys and figures.
        witness: entity keys that show it: a cycle in order, the members of a group, the supplier.
        agreements: the agreement versions that show it.
        minutes: what it costs, in minutes per 30 days or in the commitment's window; None where it has no price.
        money: what it costs in credits in the commitment's window; None where that is nothing, or not known.
        facts: who says so.
    """

    code: FindingCode
    severity: Severity
    kind: SubjectKind
    subject: str
    message: str
    witness: tuple[str, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    minutes: Decimal | None = None
    money: Money | None = None
    facts: tuple[Fact, ...] = ()
