"""How an agreement stands at a date: which version speaks, whether it is in force, when it ends, why it is not.

Assumes: dates are days of the agreement's own zone, and last days count. Only active versions supersede, each from its
start. An auto-renewing agreement goes on, term by term, unless notice was given by a term's deadline, which is its last
day less the notice period; a later notice stops the term after.
Cost: of a term among many that follow each other, logarithmic in their number.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from risk.terms import ReasonCode
from topology.calendars import midnight, zone
from topology.model import Agreement, AgreementStatus, Period
from topology.windows import last_day_later, later

DayOf = Callable[[Agreement], date]
"""The day that it is for an agreement version, in its own zone."""
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """The version in force, and whether only by renewal; or no version, and all the reasons why."""

    version: Agreement | None
    renewed: bool = False
    reasons: tuple[ReasonCode, ...] = ()


_WHY_NOT = {AgreementStatus.SUSPENDED: ReasonCode.SUSPENDED, AgreementStatus.TERMINATED: ReasonCode.TERMINATED}


def standing(versions: Sequence[Agreement], at: date) -> Standing:
    """How an agreement stands at a date, from all its versions, ascending."""
    return standing_on(versions, lambda _: at)


def standing_on(versions: Sequence[Agreement], day_of: DayOf) -> Standing:
    """How an agreement stands while each of its versions is at a day of its own."""
    active = [v for v in versions if v.status is AgreementStatus.ACTIVE]
    started = [v for v in active if v.start is None or v.start <= day_of(v)]
    reasons: list[ReasonCode] = []
    if started:
        current = started[-1]
        end, at = final_day(current), day_of(current)
        if end is None or at <= end:
            return Standing(current, renewed=current.end is not None and at > current.end)
        reasons.append(ReasonCode.EXPIRED)
    if len(active) > len(started):
        reasons.append(ReasonCode.FUTURE)
    reasons += dict.fromkeys(_WHY_NOT[v.status] for v in versions if v.status in _WHY_NOT)
    return Standing(None, reasons=tuple(reasons) or (ReasonCode.DRAFT_ONLY,))


def changes(versions: Sequence[Agreement], after: int, before: int) -> Iterator[int]:
    """The instants between two others at which an agreement's standing changes, in no order.

    These are the starts of its active versions, and as far as no higher version speaks, their first renewals and their
    ends; each a midnight of the version's own zone. Cost: linear in the versions.
    """
    return _turns(versions, after, before, lambda version, *_: _standing_days(version))


def turns(versions: Sequence[Agreement], after: int, before: int) -> Iterator[int]:
    """The same, with every renewal after the first: the instants at which its standing or its term changes.

    Cost: linear in the versions, and in the terms that end between the two instants.
    """
    return _turns(versions, after, before, _ending_days)


def _turns(
    versions: Sequence[Agreement], after: int, before: int, ending: Callable[[Agreement, int, int], Iterator[date]]
) -> Iterator[int]:
    active = [v for v in versions if v.status is AgreementStatus.ACTIVE]
    superseded = before
    for version in reversed(active):
        for day in ending(version, after, superseded):
            at = midnight(day, zone(version.timezone))
            if after < at < superseded:
                yield at
        begins = after if version.start is None else midnight(version.start, zone(version.timezone))
        if after < begins < before:
            yield begins
        superseded = min(superseded, begins)


def _standing_days(version: Agreement) -> Iterator[date]:
    """The days from which a version goes on by renewal only, or is over."""
    for last in {version.end, final_day(version)}:
        if last is not None and last < date.max:
            yield last + _ONE_DAY


def _ending_days(version: Agreement, after: int, before: int) -> Iterator[date]:
    """The days on which a version renews or is over; of the renewals those that may lie in the stretch."""
    if version.end is None or before <= after:
        return
    final, last = final_day(version), version.end
    first, stop = (datetime.fromtimestamp(instant, UTC).date() for instant in (after, before))
    if renews(version):
        last = term_end(version, first - 2 * _ONE_DAY) or last
    while last < date.max and last <= stop:
        yield last + _ONE_DAY
        if final is not None and final <= last:
            return
        last = term_end(version, last + _ONE_DAY) or last


def last_day_in_force(
    versions: Sequence[Agreement], current: Agreement, goes_on: Callable[[Agreement], bool]
) -> date | None:
    """The last day of the unbroken run of versions that begins with one in force; None where it has no end.

    Args:
        versions: all versions, ascending.
        current: the one that is in force.
        goes_on: whether a version that takes over holds what is asked about.
    """
    while True:
        end = final_day(current)
        is_later = ((v.start, -v.version, v) for v in versions if v.version > current.version and v.start is not None)
        taking_over = min((each for each in is_later if each[2].status is AgreementStatus.ACTIVE), default=None)
        if taking_over is None or (end is not None and taking_over[0] - _ONE_DAY > end):
            return end
        if not goes_on(taking_over[2]):
            return taking_over[0] - _ONE_DAY
        current = taking_over[2]


def final_day(agreement: Agreement) -> date | None:
    """The last day on which a version is in force; None when it is open, or renews and nobody has given notice."""
    if agreement.end is None or not renews(agreement):
        return agreement.end
    if agreement.notice_given is None:
        return None
    return _first_term(agreement, agreement.end, lambda last: _gave_notice(agreement, last))


def notice_deadline(agreement: Agreement, at: date) -> date | None:
    """The last day to give notice for the term that runs at a date; None for open ends and unstated notice."""
    last = term_end(agreement, at)
    return None if last is None else deadline_of(agreement, last)


def term_end(agreement: Agreement, at: date) -> date | None:
    """The last day of the term that runs at a date, of the last term once that is over; None for open ends."""
    if agreement.end is None or not renews(agreement):
        return agreement.end
    return _first_term(agreement, agreement.end, lambda last: last >= at or _gave_notice(agreement, last))


def deadline_of(agreement: Agreement, last: date) -> date | None:
    """The last day to give notice for a term: the term's last day less the notice; None where no notice is stated.

    Months keep the day of the month, or take the month's last where it is shorter.
    """
    return None if agreement.notice is None else later(last, agreement.notice, -1)


def renews(agreement: Agreement) -> bool:
    """Whether a version goes on by itself, term after term, as long as nobody gives notice."""
    period = agreement.auto_renew
    return period is not None and (period.months > 0 or period.days > 0)


def _gave_notice(agreement: Agreement, last: date) -> bool:
    deadline = later(last, agreement.notice or Period(), -1)
    return agreement.notice_given is not None and agreement.notice_given <= deadline


def _first_term(agreement: Agreement, end: date, found: Callable[[date], bool]) -> date:
    """The last day of the first term for which something holds that holds for all after it; else the last of all days.

    Each is counted from the first end, so that months which are clamped in one term are not in the next.
    """
    period = agreement.auto_renew
    assert period is not None

    def is_reached(times: int) -> bool:
        last = last_day_later(end, period, times)
        return last >= date.max or found(last)

    beyond = 1
    while not is_reached(beyond - 1):
        beyond *= 2
    return last_day_later(end, period, bisect_left(range(beyond), True, lo=beyond // 2, key=is_reached))
