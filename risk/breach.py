"""The breach clock: how long each promise on what is down still holds.

Formula: `minutes to breach = onset + remaining`, where remaining is the budget `(1 - t_C) S_C` of the commitment's
window less the minutes used already, and only service minutes use it up: service hours, holidays and excluded
maintenance are `agreed_time`'s. The promise breaks when more than the remaining minutes have gone; not at all when the
outage, or the window, ends before. A rolling window ends its length after the entity went down.
Units: minutes from the failure; instants in UTC.
Assumes: without a moment at which the outage begins every minute is taken for a service minute, so that no breach comes
sooner than is said; the window is then the one that contains the view's date, and only its length ends it. Where nobody
says how much is used, nothing is: `is_assumed`. Untimed maintenance is planned, and no part of an outage.
Source: section 5.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from risk.agreed_time import CommittedTime, committed_time
from risk.agreement_choice import is_comparable
from risk.cascade import Impact
from risk.results import Commitment
from risk.terms import ImpactState
from topology.calendars import Instant, Span, zone
from topology.model import AgreementType
from topology.units import minutes as shown_minutes

ZERO = Decimal(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Outage:
    """When an outage begins, if that is known, and how many minutes it lasts; None without an end."""

    started_at: datetime | None
    minutes: Decimal | None

    def day(self, timezone: str, at: date) -> date:
        """The day on which it begins in a zone; `at` where that is not known."""
        return at if self.started_at is None else self.started_at.astimezone(zone(timezone)).date()


@dataclass(frozen=True, slots=True)
class BreachClock:
    """How long one commitment still holds.

    Attributes:
        commitment: what is promised.
        remaining: minutes of its budget that are left when the outage begins.
        is_assumed: whether that takes for granted that nothing is used yet.
        minutes_to_breach: from the failure to the breach; None where it is not reached before the outage's end or the
            window's.
        breaches_at: the moment of the breach, where it is reached and the outage's beginning is known.
    """

    commitment: Commitment
    remaining: Decimal
    is_assumed: bool
    minutes_to_breach: Decimal | None
    breaches_at: datetime | None


def breach_clocks(
    commitments: Iterable[Commitment],
    impacts: Mapping[str, Impact],
    outage: Outage,
    at: date,
    used: Mapping[str, Decimal],
) -> tuple[BreachClock, ...]:
    """The clocks of all promises to customers on impacted entities: the soonest breach first, then by key.

    Only downtime uses up a budget: on what is DEGRADED or AT_RISK the clock stands still. Promises in another figure
    than minutes of downtime have none.

    Args:
        commitments: what is promised.
        impacts: what is impacted, by its key.
        outage: when it begins and how long it lasts.
        at: the view's date.
        used: from the keys of commitments to the minutes that are used of the window's budget.

    Cost: linear in the commitments, and for each clock in the days of its window.
    """
    found = [
        _clock(commitment, impacts[commitment.entity], outage, at, used.get(commitment.key))
        for commitment in commitments
        if commitment.agreement.type is AgreementType.SLA
        and commitment.entity in impacts
        and is_comparable(commitment.target)
    ]
    return tuple(sorted(found, key=_soonest_first))


def _soonest_first(clock: BreachClock) -> tuple[bool, Decimal, str]:
    return clock.minutes_to_breach is None, clock.minutes_to_breach or ZERO, clock.commitment.key


def _clock(about: Commitment, impact: Impact, outage: Outage, at: date, used: Decimal | None) -> BreachClock:
    day = outage.day(about.agreement.timezone, at)
    window = committed_time(about.agreement, about.target, day)
    remaining = max(ZERO, (1 - about.target.value) * window.service_minutes - (used or ZERO))
    reached: Decimal | None = None
    if impact.state is ImpactState.DOWN:
        find = _soonest if outage.started_at is None else _reached
        reached = find(window, impact.onset, remaining, outage)
    moment = None
    if reached is not None and outage.started_at is not None:
        moment = outage.started_at + timedelta(microseconds=int(reached * 60_000_000))
    return BreachClock(about, remaining, used is None, reached, moment)


def _soonest(window: CommittedTime, onset: Decimal, remaining: Decimal, outage: Outage) -> Decimal | None:
    """The breach of an outage that begins at no known moment."""
    reached = onset + remaining
    end = Decimal(window.length) / 60
    return reached if reached < (end if outage.minutes is None else min(end, outage.minutes)) else None


def _reached(window: CommittedTime, onset: Decimal, remaining: Decimal, outage: Outage) -> Decimal | None:
    """The breach of an outage whose beginning is known: when more service minutes than remain have gone."""
    assert outage.started_at is not None
    start = _instant(outage.started_at)
    down = start + onset * 60
    end: Instant = window.latest + window.length if window.is_fixed else down + window.length
    if outage.minutes is not None:
        end = min(end, start + outage.minutes * 60)
    if down >= end:
        return None
    left = remaining
    for span in window.time.counted(Span(down, end)):
        if span.minutes > left:
            return shown_minutes((span.start - start) / Decimal(60) + left)
        left -= span.minutes
    return None


def _instant(moment: datetime) -> Decimal:
    """Seconds since the epoch, exactly."""
    return Decimal((moment - _EPOCH) // _MICROSECOND) / 1_000_000
