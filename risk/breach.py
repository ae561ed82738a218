"""The breach clock: how long each promise on what is down still holds.

Formula: `minutes to breach = onset + remaining`, where remaining is the budget `(1 - t_C) S_C` of the commitment's
window less the minutes used already, and only service minutes use it up: service hours, holidays and excluded
maintenance are `agreed_time`'s. The promise breaks when more than the remaining minutes have gone; not at all when the
outage, or the window, ends before. The window is the one in which the entity goes down; a rolling window ends its
length after that.
Units: minutes from the failure; instants in UTC.
Assumes: without a moment at which the outage begins every minute is taken for a service minute, so that no breach comes
sooner than is said; the window is then the one that contains the view's date, and only its length ends it. With such a
moment the promises are those of that day, each by the calendar of its own zone. Where nobody says how much is used,
nothing is: `is_assumed`. Untimed maintenance is planned, and no part of an outage. The clock goes by what the customer
experiences; what an agreement excludes as outside its control counts for the credit only.
Source: section 5.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from risk.agreements.agreed_time import CommittedTime, committed_time
from risk.agreements.choice import is_comparable
from risk.cascade import Impact
from risk.credits import Credit, credit_of, within_cap
from risk.limits import Check, unhurried
from risk.results import Commitment
from risk.terms import ImpactState
from topology.calendars import Instant, Span, Spans, minutes_of, zone
from topology.model import Agreement, AgreementType, Money, WindowKind
from topology.units import minutes as shown_minutes

ZERO = Decimal(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""No calendar is looked into from here on."""


@dataclass(frozen=True, slots=True)
class Outage:
    """When an outage begins, if that is known, and how many minutes it lasts; None without an end."""

    started_at: datetime | None
    minutes: Decimal | None

    def day(self, timezone: str, at: date, after: Decimal = ZERO) -> date:
        """The day in a zone on which it has lasted for so many minutes; `at` where its beginning is not known."""
        if self.started_at is None:
            return at
        moment = self.started_at + _MICROSECOND * int(after * 60_000_000) if self.reaches(after) else _LATEST
        return moment.astimezone(zone(timezone)).date()

    def reaches(self, after: Decimal) -> bool:
        """Whether there is a calendar for the minute so long after its beginning."""
        return self.started_at is None or after * 60 < Decimal((_LATEST - self.started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class BreachClock:
    """How long one commitment still holds.

    Attributes:
        commitment: what is promised; its budget is that of the window in which the entity goes down.
        remaining: minutes of its budget that are left when the outage begins.
        is_assumed: whether that takes for granted that nothing is used yet.
        minutes_to_breach: from the failure to the breach; None where it is not reached before the outage's end or the
            window's.
        breaches_at: the moment of the breach, where it is reached and the outage's beginning is known.
        credit: what is owed to the customer once the outage is over, for all that is used of the window; None where
            the entity is not DOWN, without an end, and where no money is owed or nobody states how much.
    """

    commitment: Commitment
    remaining: Decimal
    is_assumed: bool
    minutes_to_breach: Decimal | None
    breaches_at: datetime | None
    credit: Money | None


Contractual = Callable[[Agreement, str], Decimal]
"""The minutes for which an entity, by key, is down as an agreement counts it."""


def breach_clocks(
    commitments: Iterable[Commitment],
    impacts: Mapping[str, Impact],
    outage: Outage,
    at: date,
    *,
    used: Mapping[str, Decimal],
    contractual: Contractual,
    check: Check = unhurried,
) -> tuple[BreachClock, ...]:
    """The clocks of all promises to customers on impacted entities: the soonest breach first, then by key.

    Only downtime uses up a budget: on what is DEGRADED or AT_RISK the clock stands still. Promises in another figure
    than minutes of downtime have none.

    Args:
        commitments: what is promised when the outage begins.
        impacts: what is impacted, by its key.
        outage: when it begins and how long it lasts.
        at: the view's date.
        used: from the keys of commitments to the minutes that are used of the window's budget.
        contractual: asked for the credits of agreements that exclude something.
        check: called for each clock.

    Cost: linear in the commitments, and for each clock in the days of its window.
    """
    clocks: list[BreachClock] = []
    owed: list[tuple[int, Credit]] = []
    for about in commitments:
        impact = impacts.get(about.entity)
        if impact is None or about.agreement.type is not AgreementType.SLA or not is_comparable(about.target):
            continue
        check()
        day = outage.day(about.agreement.timezone, at, impact.onset)
        timed = _Timed(about, impact, outage, day, used.get(about.key))
        if timed.has_credit:
            owed.append((len(clocks), timed.credit(contractual)))
        clocks.append(timed.clock())
    capped = within_cap((credit for _, credit in owed), outage.day("UTC", at))
    for (place, _), credit in zip(owed, capped, strict=True):
        clocks[place] = replace(clocks[place], credit=credit.amount)
    return tuple(sorted(clocks, key=_soonest_first))


def _soonest_first(clock: BreachClock) -> tuple[bool, Decimal, str]:
    return clock.minutes_to_breach is None, clock.minutes_to_breach or ZERO, clock.commitment.key


class _Timed:
    """One commitment in an outage: the stretches of service time that this takes, in seconds from `start`.

    `day` lies in the window that counts: the entity goes down on it.
    """

    def __init__(self, about: Commitment, impact: Impact, outage: Outage, day: date, used: Decimal | None) -> None:
        window = committed_time(about.agreement, about.target, day)
        budget = (1 - about.target.value) * window.service_minutes
        self._about = replace(about, budget=budget)
        self._outage, self._day, self._used = outage, day, used
        self._remaining = max(ZERO, budget - (used or ZERO))
        self._start = ZERO if outage.started_at is None else _instant(outage.started_at)
        self._is_down = impact.state is ImpactState.DOWN
        self._gone = self._counted(window, impact.onset) if self._is_down else ()

    @property
    def has_credit(self) -> bool:
        """Whether anything can be said about a credit."""
        return self._is_down and self._outage.minutes is not None

    def clock(self) -> BreachClock:
        """How long it holds; the credit is left open."""
        reached, started_at = self._reached(), self._outage.started_at
        moment = None
        if reached is not None and started_at is not None:
            moment = started_at + timedelta(microseconds=int(reached * 60_000_000))
        return BreachClock(self._about, self._remaining, self._used is None, reached, moment, None)

    def credit(self, contractual: Contractual) -> Credit:
        """What is owed, the cap aside."""
        agreement = self._about.agreement
        minutes = minutes_of(self._gone)
        if agreement.excludes:
            minutes = min(minutes, contractual(agreement, self._about.entity))
        total = minutes + (self._used or ZERO)
        return credit_of(agreement, self._about.entity, self._about.target, self._day, total)

    def _counted(self, window: CommittedTime, onset: Decimal) -> Spans:
        """The service time between the fall and the end of the outage or the window."""
        down = self._start + onset * 60
        is_dated = self._outage.started_at is not None
        if not is_dated:
            end: Instant = min(Decimal(window.length), down + window.service_minutes * 60)
        else:
            rolls = window.window.kind is WindowKind.ROLLING
            end = down + window.length if rolls else window.latest + window.length
        if self._outage.minutes is not None:
            end = min(end, self._start + self._outage.minutes * 60)
        if down >= end or not self._outage.reaches(onset):
            return ()
        return window.time.counted(Span(down, end)) if is_dated else (Span(down, end),)

    def _reached(self) -> Decimal | None:
        """The minute at which more service time than remains has gone."""
        left = self._remaining
        for span in self._gone:
            if span.minutes > left:
                return shown_minutes((span.start - self._start) / Decimal(60) + left)
            left -= span.minutes
        return None


def _instant(moment: datetime) -> Decimal:
    """Seconds since the epoch, exactly."""
    return Decimal((moment - _EPOCH) // _MICROSECOND) / 1_000_000
