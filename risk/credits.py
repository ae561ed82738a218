"""What one promise owes for an outage, in money.

Formula, with S the counted time of the promise's window and d the counted minutes of downtime in it:
    percent_of_fee   the share of the lowest tier that is reached, "less than" being strict: d > (1 - below) S
    proportional     fee x d / S, where the promise is missed: d > (1 - t) S
    service_days     so many days' fee for the event: the tier's number, one day where no tier is written
    termination_right  no money
Fee: that of the promise's window. A fee per month is three times as much for a quarter; where one is told in days and
the other in months, the real days count, those of the stretch of the calendar that the date is in.
Cap: a share of the fees of its period, such as twelve months; nothing else is taken to have been credited in it.
Units: money, exact decimals in one currency; minutes.
Assumes: the whole outage falls into counted time of one window, which is the worst case; less than a carve-out's
minimum duration is no outage. What nobody states is not guessed: the amount is then unknown, reason NO_AMOUNT.
Cost: the window's calendar.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from risk.agreements.agreed_time import committed_time
from risk.agreements.choice import is_comparable
from risk.terms import ReasonCode
from topology.model import Agreement, CreditKind, ExclusionKind, Fee, Money, Period, Target, WindowKind
from topology.windows import later

ZERO = Decimal(0)
_ONE_DAY = _ALL = Decimal(1)
_MONTHS = {
    WindowKind.CALENDAR_MONTH: 1,
    WindowKind.CALENDAR_QUARTER: 3,
    WindowKind.CALENDAR_YEAR: 12,
    WindowKind.CONTRACT_YEAR: 12,
}


@dataclass(frozen=True, slots=True)
class Credit:
    """What one promise on one entity owes for an outage.

    Attributes:
        agreement: the agreement version that promises.
        entity: the key of what is down.
        target: the promise.
        minutes: the counted minutes of the outage.
        amount: what is owed; None where nothing is owed in money, or where it is not known.
        is_unknown: whether something may be owed, and nobody states how much.
        reasons: NO_PENALTY, NO_AMOUNT, METRIC_MISMATCH, CLAIM_EXPIRED, where they hold.
    """

    agreement: Agreement
    entity: str
    target: Target
    minutes: Decimal
    amount: Money | None
    is_unknown: bool = False
    reasons: tuple[ReasonCode, ...] = ()


def credit_of(
    agreement: Agreement, entity: str, target: Target, at: date, minutes: Decimal, *, claimed_after: Decimal = ZERO
) -> Credit:
    """What a target owes for an outage, its agreement's cap aside: see `within_cap`.

    Args:
        agreement: the agreement version.
        entity: the key of what is down.
        target: a target of that version on it.
        at: the date on which the outage begins, which chooses the window.
        minutes: how long it is down.
        claimed_after: how many minutes after the outage's end the credit is claimed.
    """
    nothing = Credit(agreement, entity, target, minutes, None)
    kind = kind_of(target)
    if kind is None:
        return replace(nothing, reasons=(ReasonCode.NO_PENALTY,))
    if not is_comparable(target):
        owes_money = kind is not CreditKind.TERMINATION_RIGHT
        return replace(nothing, is_unknown=owes_money, reasons=(ReasonCode.METRIC_MISMATCH,))
    window = committed_time(agreement, target, at)
    shortest = max(
        (e.minutes or ZERO for e in agreement.excludes if e.kind is ExclusionKind.SHORTER_THAN), default=ZERO
    )
    counted = ZERO if minutes < shortest else min(minutes, window.service_minutes)
    found = _credited(replace(nothing, minutes=counted), kind, window.service_minutes, at)
    if agreement.claim_within is None or claimed_after <= agreement.claim_within:
        return found
    lapsed = None if found.amount is None else Money(ZERO, found.amount.currency)
    return replace(found, amount=lapsed, is_unknown=False, reasons=(ReasonCode.CLAIM_EXPIRED,))


def utmost_credit(agreement: Agreement, entity: str, target: Target, at: date) -> Credit:
    """The most that a target may owe in one window: when it is down for all of it. No calendar is needed."""
    kind = kind_of(target)
    nothing = Credit(agreement, entity, target, _ALL, None)
    if kind is None or not is_comparable(target):
        return replace(nothing, is_unknown=kind not in {None, CreditKind.TERMINATION_RIGHT})
    return within_cap((_credited(nothing, kind, _ALL, at),), at)[0]


def _credited(down: Credit, kind: CreditKind, of: Decimal, at: date) -> Credit:
    """What is owed for the counted minutes that something is down, of so many."""
    fee = down.agreement.fee
    if kind is CreditKind.TERMINATION_RIGHT:
        return down
    share = _share(kind, down.target, down.minutes, of)
    if share == ZERO:
        return replace(down, amount=_money(ZERO, fee))
    if share is None or fee is None:
        return replace(down, is_unknown=True, reasons=(ReasonCode.NO_AMOUNT,))
    period = Period(days=1) if kind is CreditKind.SERVICE_DAYS else _period(down.target)
    return replace(down, amount=_money(share * _fee_over(fee, period, at), fee))


def within_cap(owed: Iterable[Credit], at: date) -> tuple[Credit, ...]:
    """The credits of one outage, those of each agreement cut off where its cap is reached."""
    left: dict[tuple[str, int], Decimal] = {}
    found: list[Credit] = []
    for credit in owed:
        agreement, amount = credit.agreement, credit.amount
        cap, fee = agreement.credit_cap, agreement.fee
        if amount is None or cap is None or fee is None:
            found.append(credit)
            continue
        key = (agreement.key, agreement.version)
        rest = left[key] if key in left else cap.share * _fee_over(fee, cap.per, at)
        paid = min(amount.amount, rest)
        left[key] = rest - paid
        found.append(replace(credit, amount=Money(paid, amount.currency)))
    return tuple(found)


def kind_of(target: Target) -> CreditKind | None:
    """What is owed when a target is missed; tiers without a kind are shares of the fee."""
    return target.credit_kind or (CreditKind.PERCENT_OF_FEE if target.credits else None)


def _share(kind: CreditKind, target: Target, counted: Decimal, of: Decimal) -> Decimal | None:
    """The share of the window's fee that is owed, of a day's fee for SERVICE_DAYS; None where nobody states it.

    A tier's number is kept as a share of 100: three days as .03.
    """
    reached = [tier.share_of_fee for tier in target.credits if counted > (1 - tier.below) * of]
    is_missed = counted > (1 - target.value) * of
    if kind is CreditKind.PROPORTIONAL:
        return counted / of if is_missed else ZERO
    if target.credits:
        share = max(reached, default=ZERO)
        return share * 100 if kind is CreditKind.SERVICE_DAYS else share
    if not is_missed:
        return ZERO
    return _ONE_DAY if kind is CreditKind.SERVICE_DAYS else None


def _money(amount: Decimal, fee: Fee | None) -> Money | None:
    return None if fee is None else Money(amount, fee.amount.currency)


def _period(target: Target) -> Period:
    window = target.window
    return Period(days=window.days or 0) if window.kind is WindowKind.ROLLING else Period(months=_MONTHS[window.kind])


def _fee_over(fee: Fee, period: Period, at: date) -> Decimal:
    """The fee for a period that a date is in."""
    if period.months and fee.per.months:
        return fee.amount.amount * period.months / fee.per.months
    return fee.amount.amount * _days(period, at) / _days(fee.per, at)


def _days(period: Period, at: date) -> int:
    """The days of a period; of months those of the calendar: the month, quarter, year ... that the date is in."""
    if period.months == 0:
        return period.days
    on_grid = 12 % period.months == 0
    month = (at.month - 1) // period.months * period.months + 1 if on_grid else at.month
    first = date(at.year, month, 1)
    return (later(first, Period(months=period.months)) - first).days
