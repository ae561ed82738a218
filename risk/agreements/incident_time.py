"""How long an incident may last by the agreements that apply, in the minutes that the consumer's agreement counts.

Formula: of one agreement's targets of the metric the strictest binds, of agreements that apply alike the weakest; its
time is turned into the consumer's by the worst beginning within some days (`passing_time.py`).
Units: seconds, exact; minutes where they are shown.
Cost: the edges of two calendars over some weeks; nothing where both count round the clock.
Source: section 4, "Chains of response and resolution".
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from risk.agreements.agreed_time import AgreedTime, agreed_time
from risk.agreements.choice import Candidate, Choice
from risk.agreements.incident_limits import seconds_of
from risk.agreements.passing_time import longest_passing
from risk.terms import ReasonCode
from topology.calendars import Span, midnight
from topology.model import Agreement, Target

_WEEK = 7 * 86_400


@dataclass(frozen=True, slots=True)
class IncidentTime:
    """The time that an applying agreement gives one incident.

    Attributes:
        agreement: the agreement version.
        target: the target that binds.
        seconds: of the time that the consumer counts; None where it never comes due.
        reasons: HOURS_GAP where these are more than the target's own, or none.
    """

    agreement: Agreement
    target: Target
    seconds: Decimal | None
    reasons: frozenset[ReasonCode]

    @property
    def minutes(self) -> Decimal | None:
        """The consumer's counted minutes; None where it never comes due."""
        return None if self.seconds is None else self.seconds / 60


def incident_time(ours: AgreedTime, begins: Span, choice: Choice) -> IncidentTime:
    """What the candidates of a choice give an incident that begins in a span; all have targets for incidents."""
    chosen = max(choice.candidates, key=lambda candidate: _limit(_strictest(candidate)))
    target = _strictest(chosen)
    limit = _limit(target)
    theirs = agreed_time(chosen.agreement, target.window)
    seconds: Decimal | None = limit
    if not (theirs.is_always and ours.is_always):
        seconds = longest_passing(ours.service, theirs.service, limit, begins)
    widened = seconds is None or seconds > limit
    reasons = frozenset({ReasonCode.HOURS_GAP}) if widened else frozenset[ReasonCode]()
    return IncidentTime(chosen.agreement, target, seconds, reasons)


def week_of(day: date, where: ZoneInfo) -> Span:
    """The seven days from a day on, in which an incident may begin."""
    start = midnight(day, where)
    return Span(start, start + _WEEK)


def _strictest(candidate: Candidate) -> Target:
    return min(candidate.targets, key=_limit)


def _limit(target: Target) -> Decimal:
    limit = seconds_of(target)
    assert limit is not None, "only targets that have one are chosen"
    return limit
