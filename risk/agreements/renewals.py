"""What ends, and what renews unless notice is given: the dates by which somebody has to act.

Source: section 4, "Over time": the notice deadline is the last day less the notice period, and a later notice does not
stop the renewal.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from risk.agreements.lifecycle import deadline_of, final_day, renews, term_end
from topology.model import Agreement, AgreementStatus

_ONE_DAY = timedelta(days=1)


class RenewalState(StrEnum):
    """What becomes of an agreement version at the end of a term.

    DUE: it renews unless notice is given by the deadline, which is still ahead (by the last day where no notice period
    is stated). RENEWS: the deadline has passed without notice, so that it goes on whatever is said now. ENDS: it ends
    with the term, as it does not renew or notice was given in time. REPLACED: a higher version takes its place on the
    day after, or before.
    """

    DUE = "due"
    RENEWS = "renews"
    ENDS = "ends"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Renewal:
    """The end of one term of an agreement version.

    Attributes:
        agreement: the version.
        last_day: the last day of the term, or the day before a higher version takes over.
        notice_deadline: the last day to give notice of the term; None where no notice period is stated.
        auto_renews: whether it renews by itself.
        notice_given: when notice was given, in time or not.
        state: what becomes of it.
        commitments: the keys of the commitments that stand in the agreement or count on it at the date asked about.
    """

    agreement: Agreement
    last_day: date
    notice_deadline: date | None
    auto_renews: bool
    notice_given: date | None
    state: RenewalState
    commitments: tuple[str, ...]


def renewals_of(
    agreements: Mapping[str, Sequence[Agreement]],
    at: date,
    until: date,
    dependents: Callable[[str], tuple[str, ...]],
) -> tuple[Renewal, ...]:
    """The terms of active versions that end, or whose notice is due, from `at` to `until`, both days included.

    Of a version that renews, the terms up to the first on whose renewal something can still be said. The earliest date
    first (the deadline while it is ahead, else the last day), then by key and version.

    Args:
        agreements: all versions of each agreement, ascending.
        at: the first day.
        until: the last day.
        dependents: the keys of the commitments that depend on an agreement, by its key.

    Cost: linear in versions, and in the terms of those that renew.
    """
    found = [r for versions in agreements.values() for r in _of_agreement(versions, at, until, dependents)]
    return tuple(sorted(found, key=lambda r: (_date_to_act(r, at), r.agreement.key, r.agreement.version)))


def _of_agreement(
    versions: Sequence[Agreement], at: date, until: date, dependents: Callable[[str], tuple[str, ...]]
) -> Iterator[Renewal]:
    active = [v for v in versions if v.status is AgreementStatus.ACTIVE]
    for place, version in enumerate(active):
        starts = [later.start or date.min for later in active[place + 1 :]]
        replaced_on = min(starts, default=None)
        first = at if version.start is None else max(at, version.start)
        if first > until or (replaced_on is not None and replaced_on <= first):
            continue
        for last in _terms(version, first, until):
            state = _state(version, last, at, replaced_on)
            deadline = deadline_of(version, last)
            ends = last if replaced_on is None else min(last, replaced_on - _ONE_DAY)
            if at <= ends <= until or (deadline is not None and at <= deadline <= until):
                yield Renewal(
                    agreement=version,
                    last_day=ends,
                    notice_deadline=deadline,
                    auto_renews=renews(version),
                    notice_given=version.notice_given,
                    state=state,
                    commitments=dependents(version.key),
                )
            if state is not RenewalState.RENEWS:
                break


def _terms(version: Agreement, first: date, until: date) -> Iterator[date]:
    """The last days of the terms that have not ended before `first`, while they begin by `until`."""
    day = first
    while day <= until:
        last = term_end(version, day)
        if last is None or last < day:
            return
        yield last
        if last >= date.max - _ONE_DAY:
            return
        day = last + _ONE_DAY


def _state(version: Agreement, last: date, at: date, replaced_on: date | None) -> RenewalState:
    if replaced_on is not None and (replaced_on <= last or replaced_on - last == _ONE_DAY):
        return RenewalState.REPLACED
    if final_day(version) == last:
        return RenewalState.ENDS
    return RenewalState.DUE if (deadline_of(version, last) or last) >= at else RenewalState.RENEWS


def _date_to_act(renewal: Renewal, at: date) -> date:
    deadline = renewal.notice_deadline
    return deadline if renewal.state is RenewalState.DUE and deadline is not None else max(renewal.last_day, at)
