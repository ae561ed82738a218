"""How long a supplier may be down inside a commitment's window without breaching its own promise.

Formula (section 4), for a commitment's window W with counted time S and a supplier that promises t over windows w:
    allow = min(S_C, max over W of ( sum over w of min(b_w, |w and S and H|) + free )),  b_w = (1 - t) |w and H|
where H is the supplier's service time and `free` is the part of S outside H or inside maintenance that the supplier
excludes, each minute once; maintenance without times is a budget of its own windows. A supplier's rolling window of
length M in a W of length qM + r gives `q b + min(b, r)`. Of several targets that bind together, the least.

Units: minutes, exact decimals. Instants in seconds.
Assumes: a minute of downtime counts once; the supplier may choose the worst minutes.
Cost: positions of W times windows w, times the logarithm of the spans; a calendar window has one position.
Source: derived in the design, and checked against brute force over minutes in the tests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from risk.agreements.agreed_time import ZERO, AgreedTime, CommittedTime, agreed_time, untimed_windows
from risk.agreements.budgets import Budget, Budgets
from risk.agreements.shared_time import SharedTime
from risk.terms import ReasonCode
from topology.calendars import Instant, Span
from topology.model import Agreement, ExclusionKind, Target, WindowKind
from topology.windows import rolling_length

_UNBOUNDED = {
    ExclusionKind.THIRD_PARTY: ReasonCode.UNBOUNDED_EXCLUSION,
    ExclusionKind.CUSTOMER_FAULT: ReasonCode.UNBOUNDED_EXCLUSION,
    ExclusionKind.ENTITIES: ReasonCode.UNBOUNDED_EXCLUSION,
    ExclusionKind.SHORTER_THAN: ReasonCode.MIN_DURATION_CARVEOUT,
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """The worst downtime that keeps a promise, in minutes of a commitment's window.

    Attributes:
        minutes: the most that the promise allows.
        target: the target that binds.
        reasons: what widens it, or makes it an upper bound.
    """

    minutes: Decimal
    target: Target
    reasons: frozenset[ReasonCode]


@dataclass(frozen=True, slots=True)
class AllowanceTerm:
    """What one window of a supplier's promise, or one maintenance allowance, lets it be down inside a window.

    Attributes:
        start: where it begins inside the commitment's window, in seconds.
        end: where it ends there.
        budget: the most downtime that it allows anywhere.
        inside: the minutes that both count between start and end; the term is the lesser of the two.
        agreed: the minutes of the supplier's own window that its budget is a share of; None for maintenance.
    """

    start: int
    end: int
    budget: Decimal
    inside: Decimal
    agreed: Decimal | None

    @property
    def minutes(self) -> Decimal:
        """What it adds to the allowance."""
        return min(self.budget, self.inside)


@dataclass(frozen=True, slots=True)
class AllowanceTerms:
    """What an allowance is the sum of, at most S_C: `windows`, `rolling` (in place of calendar windows) and `free`.

    `start` and `end` are where the commitment's window lies then, in seconds.
    """

    start: int
    end: int
    windows: tuple[AllowanceTerm, ...]
    rolling: Decimal
    free: Decimal

    @property
    def minutes(self) -> Decimal:
        """The sum, which is the allowance unless the window counts less."""
        return sum((term.minutes for term in self.windows), self.rolling + self.free)


def allowance(committed: CommittedTime, agreement: Agreement, targets: Sequence[Target]) -> Allowance:
    """The allowance of one agreement's targets on a supplier, inside a commitment's window.

    Args:
        committed: the commitment's window.
        agreement: the supplier's agreement version.
        targets: its comparable targets on the supplier; at least one.
    """
    times = [agreed_time(agreement, target.window) for target in targets]
    return least_allowance(committed, times, targets, SharedTime())


def least_allowance(
    committed: CommittedTime, times: Sequence[AgreedTime], targets: Sequence[Target], shared: SharedTime
) -> Allowance:
    """The same from the time that the agreement counts for each target, and calendars that were read before."""
    found = (_one(committed, theirs, target, shared) for theirs, target in zip(times, targets, strict=True))
    return min(found, key=lambda a: a.minutes)


def least_minutes(
    committed: CommittedTime,
    times: Sequence[AgreedTime],
    targets: Sequence[Target],
    shared: SharedTime,
    around: Span | None = None,
) -> Decimal:
    """The minutes of it alone; with what is read of calendars `around` it, where more will be asked of these."""
    pairs = zip(times, targets, strict=True)
    return min([_minutes(committed, theirs, target, shared, around) for theirs, target in pairs])


def carve_outs(agreement: Agreement, passed_on: Agreement) -> frozenset[ReasonCode]:
    """The carve-outs of a supplier's agreement that no figure bounds, and that the commitment does not pass on."""
    reasons = {_UNBOUNDED[e.kind] for e in agreement.excludes if e.kind in _UNBOUNDED}
    kinds = {e.kind for e in agreement.excludes}
    if ExclusionKind.FORCE_MAJEURE in kinds - {e.kind for e in passed_on.excludes}:
        reasons.add(ReasonCode.FORCE_MAJEURE_NOT_PASSED_THROUGH)
    if ExclusionKind.MAINTENANCE in kinds and not agreement.maintenance:
        reasons |= {ReasonCode.UNBOUNDED_EXCLUSION, ReasonCode.MAINTENANCE_GAP}
    return frozenset(reasons)


def allowance_terms(committed: CommittedTime, agreement: Agreement, target: Target) -> AllowanceTerms:
    """What the allowance of one target is the sum of, at the position of the window where it is the most."""
    theirs, shared, asked = agreed_time(agreement, target.window), SharedTime(), 1 - target.value
    budgets = _budgets(committed, theirs, target, shared)
    start = budgets.where_most(committed.earliest, committed.latest, asked)
    end = start + committed.length
    return AllowanceTerms(
        start=int(start),
        end=int(end),
        windows=tuple(_term(budget, inside, start, end) for budget, inside in budgets.inside(start, asked)),
        rolling=_rolling(committed, theirs, target, shared),
        free=budgets.free(start),
    )


def _term(budget: Budget, inside: Decimal, start: Instant, end: Instant) -> AllowanceTerm:
    first, last = max(start, budget.start), min(end, budget.end)
    return AllowanceTerm(int(first), int(last), budget.minutes, inside, budget.agreed)


def _one(committed: CommittedTime, theirs: AgreedTime, target: Target, shared: SharedTime) -> Allowance:
    reasons = set(_gaps(committed, theirs, shared))
    is_rolling = target.window.kind is WindowKind.ROLLING
    if is_rolling and not (theirs.is_always and committed.time.is_always):
        reasons.add(ReasonCode.ROLLING_UPPER_BOUND)
    if not _same_grid(committed, theirs, target, shared):
        reasons.add(ReasonCode.WINDOW_MISMATCH)
    return Allowance(_minutes(committed, theirs, target, shared), target, frozenset(reasons))


def _minutes(
    committed: CommittedTime, theirs: AgreedTime, target: Target, shared: SharedTime, around: Span | None = None
) -> Decimal:
    budgets = _budgets(committed, theirs, target, shared, around)
    most = budgets.most(committed.earliest, committed.latest, 1 - target.value)
    return min(committed.service_minutes, _rolling(committed, theirs, target, shared) + most)


def _budgets(
    committed: CommittedTime, theirs: AgreedTime, target: Target, shared: SharedTime, around: Span | None = None
) -> Budgets:
    """The budgets of a promise; those of maintenance without times lie around this very window, and are not shared."""
    reach, window, length = committed.reach, target.window, committed.length
    if not theirs.untimed:
        return shared.budgets(committed.time, theirs, window, around or reach, length)
    sliding = shared.sliding(committed.time, theirs, reach, length)
    return Budgets(sliding, shared.grid(theirs, window, reach), tuple(_maintenance(theirs, reach)))


def _gaps(committed: CommittedTime, theirs: AgreedTime, shared: SharedTime) -> Iterator[ReasonCode]:
    reach = committed.reach
    overlap = shared.overlap(committed.time, theirs, reach)
    if overlap.served.seconds(reach.start, reach.end) < overlap.ours.seconds(reach.start, reach.end):
        yield ReasonCode.HOURS_GAP
    if theirs.untimed or overlap.in_maintenance.seconds(reach.start, reach.end):
        yield ReasonCode.MAINTENANCE_GAP


def _maintenance(theirs: AgreedTime, reach: Span) -> Iterator[Budget]:
    for untimed in theirs.untimed:
        for start, end in untimed_windows(theirs, untimed, reach):
            yield Budget(start, end, untimed.minutes)


def _rolling(committed: CommittedTime, theirs: AgreedTime, target: Target, shared: SharedTime) -> Decimal:
    """`q b + min(b, r)`; with service hours b is that of the fullest window, and the whole is an upper bound.

    Nothing for the windows of a calendar.
    """
    if target.window.kind is not WindowKind.ROLLING:
        return ZERO
    length = rolling_length(target.window)
    reach = Span(committed.earliest - length, committed.latest + committed.length + length)
    fullest = Decimal(length) / 60 if theirs.is_always else shared.fullest(theirs, length, reach)
    budget = (1 - target.value) * fullest
    whole, rest = divmod(committed.length, length)
    return whole * budget + min(budget, Decimal(rest) / 60)


def _same_grid(committed: CommittedTime, theirs: AgreedTime, target: Target, shared: SharedTime) -> bool:
    """Whether the supplier's promise is reckoned over the very window of the commitment."""
    if target.window.kind is WindowKind.ROLLING or committed.window.kind is WindowKind.ROLLING:
        return target.window == committed.window
    reach = committed.reach
    grid = shared.grid(theirs, target.window, reach)
    touching = grid.touching(reach)
    return len(touching) == 1 and (grid.starts[touching[0]], grid.ends[touching[0]]) == (reach.start, reach.end)
