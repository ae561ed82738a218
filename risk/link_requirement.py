"""What a supplier's own contract would have to promise, window by window, to fit a commitment's budget.

Formula: the least t with `allow(U->C) <= B_C` (section 4), for a promise over a month, a quarter, a year, and over the
windows of the two agreements. `allow` falls as t rises, so t is found by halving, in exact decimals.
Units: ratios, rounded up to 13 decimals.
Assumes: the supplier's hours, carve-outs and zone stay as agreed; where nothing is agreed, round the clock in the
commitment's zone.
Cost: about 45 allowances for each kind of window.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from risk.agreements.agreed_time import CommittedTime
from risk.allowance import allowance
from risk.limits import Check
from risk.results import Commitment, Probability
from topology.model import Agreement, AgreementType, Comparator, Extent, Target, Window, WindowKind

_GRID = 10**13
_USUAL = (
    Window(WindowKind.CALENDAR_MONTH),
    Window(WindowKind.CALENDAR_QUARTER),
    Window(WindowKind.CALENDAR_YEAR),
)


@dataclass(frozen=True, slots=True)
class WindowRequirement:
    """The least figure over a window that leaves no shortfall on the link; None where not even 100 % would."""

    window: Window
    required: Probability | None


def window_requirements(
    commitment: Commitment,
    committed: CommittedTime,
    agreed: Agreement | None,
    windows: Iterable[Window],
    check: Check,
) -> tuple[WindowRequirement, ...]:
    """What each kind of window would need: the usual ones, then those of `windows` that are others.

    Args:
        commitment: the promise, which has a budget.
        committed: its window.
        agreed: the supplier's agreement version, whose terms are kept; None where there is none.
        windows: the windows of the agreements concerned; PER_INCIDENT is passed over.
        check: called every few thousand steps.
    """
    budget = commitment.budget
    assert budget is not None, "a commitment of availability has a budget"
    terms = agreed or _round_the_clock(commitment.agreement)
    kinds = dict.fromkeys((*_USUAL, *(w for w in windows if w.kind is not WindowKind.PER_INCIDENT)))
    return tuple(WindowRequirement(window, _required(committed, budget, terms, window, check)) for window in kinds)


def _required(
    committed: CommittedTime, budget: Decimal, terms: Agreement, window: Window, check: Check
) -> Probability | None:
    def fits(steps: int) -> bool:
        check()
        target = _promise(terms, Decimal(_GRID - steps) / _GRID, window)
        return allowance(committed, terms, (target,)).minutes <= budget

    if not fits(0):
        return None
    low, high = 0, _GRID  # steps of unavailability: the most that still fits lies in [low, high]
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return Probability(float(Decimal(low) / _GRID))


def _promise(terms: Agreement, ratio: Decimal, window: Window) -> Target:
    at_least = Comparator.AT_LEAST
    return Target(terms.key, terms.version, "availability", at_least, ratio, "ratio", window, Extent.INTRINSIC)


def _round_the_clock(ours: Agreement) -> Agreement:
    key = ours.key
    return Agreement(key, 1, AgreementType.UC, key, ours.provider, start=ours.start, timezone=ours.timezone)
