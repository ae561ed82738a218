"""How a commitment fares over time: its composite verdict, stretch by stretch, until a horizon.

Source: section 4, "Over time" and "Verdict". A new segment begins wherever an agreement that can matter begins, ends,
renews or gets another version (the commitment's own, and all that may cover what the committed entity needs hard),
where an entity of the hard closure begins or ceases to be valid, and, between these, where a window of the commitment
begins in which the verdict or its reasons are others. So verdict, reasons and agreement hold at every moment of a
segment; its minutes are those of the worst of its windows, which is shown.
Units: minutes of that window; instants in UTC, days those of each agreement's own zone.
Assumes: what is required stays as it is; agreements and the validity of entities change with time.
Cost: one view of the closure for each change of its figures, one headroom for each window between two changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from risk.agreements.horizon import Horizon
from risk.agreements.lifecycle import notice_deadline
from risk.allowances import Allowances
from risk.figures import own_figures
from risk.graph import restricted
from risk.headroom import Headrooms
from risk.limits import Check, unhurried
from risk.links import Links
from risk.over_time import OverTime, stretches
from risk.reduced.prepared import Prepared
from risk.results import Commitment, Headroom, WindowShown
from risk.terms import ReasonCode, Verdict
from risk.view import View, view_of
from topology.calendars import midnight, zone
from topology.model import Agreement


@dataclass(frozen=True, slots=True)
class CoverageSegment:
    """A stretch of time in which a commitment's verdict stays as it is: half-open, in UTC.

    Attributes:
        start: its first instant.
        end: the first instant after it.
        verdict: the composite verdict; NOT_REQUIRED where the agreement promises nothing then.
        reasons: why; where nothing is promised, what became of the agreement.
        agreement: the version of the commitment's agreement that promises it; None where none does.
        headroom: the expected headroom in the worst window of the segment; None where nothing is compared.
        window: that window.
        notice_deadline: of the terms that run at its start (the agreement's own, and those of what applies to required
            suppliers) the first notice deadline that is not over yet, else the last that is; None without any.
        notice_agreement: whose deadline that is.
    """

    start: datetime
    end: datetime
    verdict: Verdict
    reasons: tuple[ReasonCode, ...]
    agreement: Agreement | None
    headroom: Decimal | None
    window: WindowShown | None
    notice_deadline: date | None
    notice_agreement: Agreement | None


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch between two changes: the commitment in it (None: not promised), and the view of its closure."""

    start: int
    end: int
    commitment: Commitment | None
    view: View


class Timelines:
    """The timelines of a view's commitments.

    Args:
        view: the contracted view.
        allowances: windows and terms, shared with whoever else asks about them.
        supposed: whether the view is one under a scenario. Its own availabilities are kept from the view without it, so
            that view itself is asked as long as no figure is another than at its date; later ones are backed out of the
            model after the scenario.
        check: called every few thousand steps.
    """

    def __init__(self, view: View, allowances: Allowances, *, supposed: bool = False, check: Check = unhurried) -> None:
        self._view = view
        self._supposed = supposed
        self._allowances = allowances
        self._check = check
        self._links = Links(view, allowances, check=check)
        self._over_time = OverTime(view, self._links, allowances, check=check)

    def of(self, commitment: Commitment, days: int) -> tuple[CoverageSegment, ...]:
        """The segments of a commitment, in order; they tile the horizon, and there are none without any days.

        Raises:
            AnalysisTooLarge: the headroom of some stretch is too large to compute.
        """
        horizon = Horizon(self._view.at, days, zone(commitment.agreement.timezone))
        if not days:
            return ()
        return tuple(
            segment
            for stretch in self._stretches(commitment, horizon)
            for segment in self._segments(commitment, stretch, horizon)
        )

    def _stretches(self, about: Commitment, horizon: Horizon) -> Iterator[_Stretch]:
        around, ever = self._links.around(about), self._over_time.ever_covering
        own = frozenset({about.agreement.key})
        cuts = {*self._over_time.turns(own.union(*map(ever, around.hard)), horizon.start, horizon.end)}
        cuts.update(c for c in self._validity(around.hard, horizon.where) if horizon.start < c < horizon.end)
        agreements = own.union(*map(ever, around.within))
        system = restricted(self._view.system, sorted(around.within), around.within)
        prepared = Prepared(system, self._view.backed_out.availability.prepared.limits)
        view: View | None = None
        for start, end in stretches(tuple(sorted(cuts)), horizon.start, horizon.end):
            self._check()
            index = self._over_time.index(agreements, start, horizon)
            figures = own_figures(index, system.keys, self._view.basis)
            if self._supposed and all(self._view.figures[key] == figure for key, figure in figures.items()):
                view = self._view
            elif view is None or figures != view.figures:
                view = view_of(prepared, index, self._view.basis, self._check)
            now = about if start == horizon.start else self._over_time.commitment(about, start, horizon)
            yield _Stretch(start, end, now, replace(view, index=index, at=index.at))

    def _validity(self, entities: frozenset[int], where: ZoneInfo) -> Iterator[int]:
        """The instants from which entities are valid, or no longer are."""
        for entity in entities:
            valid = self._view.snapshot.entities[self._view.system.keys[entity]].valid
            if valid is not None and valid.start is not None:
                yield midnight(valid.start, where)
            if valid is not None and valid.until is not None and valid.until < date.max:
                yield midnight(valid.until + timedelta(days=1), where)

    def _segments(self, about: Commitment, stretch: _Stretch, horizon: Horizon) -> Iterator[CoverageSegment]:
        now = stretch.commitment
        if now is None:
            standing = stretch.view.index.standings[about.agreement.key]
            reasons = standing.reasons or (ReasonCode.NO_TARGET,)
            yield _segment(stretch.start, stretch.end, None, _over(about, reasons), (None, None))
            return
        windows = self._over_time.windows(now, stretch.start, stretch.end, horizon)
        starts = [start for start, _ in windows] or [stretch.start]
        looks: list[tuple[int, Headroom]] = []
        notice: tuple[date | None, Agreement | None] = (None, None)
        for start in starts:
            view = replace(stretch.view, at=horizon.day(start, horizon.where))
            headrooms = Headrooms(view, self._allowances, check=self._check)
            looks.append((start, headrooms.headroom(now)))
            if start == stretch.start:
                notice = self._notice(now, headrooms, horizon, start)
        yield from _merged(looks, stretch.end, now.agreement, notice)

    def _notice(
        self, commitment: Commitment, headrooms: Headrooms, horizon: Horizon, start: int
    ) -> tuple[date | None, Agreement | None]:
        links = headrooms.links(commitment)
        applying = [link.agreement for link in links if link.verdict is not Verdict.NOT_REQUIRED]
        ahead: list[tuple[date, str, Agreement]] = []
        over: list[tuple[date, str, Agreement]] = []
        for version in (commitment.agreement, *applying):
            if version is not None:
                day = horizon.day(start, zone(version.timezone))
                deadline = notice_deadline(version, day)
                if deadline is not None:
                    (ahead if deadline >= day else over).append((deadline, version.key, version))
        if not ahead and not over:
            return (None, None)
        deadline, _, version = min(ahead, key=_by_day) if ahead else max(over, key=_by_day)
        return (deadline, version)


def _by_day(found: tuple[date, str, Agreement]) -> tuple[date, str]:
    return found[:2]


def _over(about: Commitment, reasons: tuple[ReasonCode, ...]) -> Headroom:
    """What is left of a commitment that is not made any more."""
    return Headroom(about.key, None, None, Verdict.NOT_REQUIRED, reasons, bounded=True, window=None)


def _merged(
    looks: Sequence[tuple[int, Headroom]],
    end: int,
    agreement: Agreement,
    notice: tuple[date | None, Agreement | None],
) -> Iterator[CoverageSegment]:
    """Windows that follow each other with one verdict and one set of reasons as one segment, by the worst of them."""
    first, worst = looks[0]
    for start, found in looks[1:]:
        if (found.verdict, found.reasons) != (worst.verdict, worst.reasons):
            yield _segment(first, start, agreement, worst, notice)
            first, worst = start, found
        elif _minutes(found) < _minutes(worst):
            worst = found
    yield _segment(first, end, agreement, worst, notice)


def _minutes(found: Headroom) -> Decimal:
    return Decimal(0) if found.expected_minutes is None else found.expected_minutes


def _segment(
    start: int, end: int, agreement: Agreement | None, found: Headroom, notice: tuple[date | None, Agreement | None]
) -> CoverageSegment:
    return CoverageSegment(
        start=datetime.fromtimestamp(start, UTC),
        end=datetime.fromtimestamp(end, UTC),
        verdict=found.verdict,
        reasons=found.reasons,
        agreement=agreement,
        headroom=found.expected_minutes,
        window=found.window,
        notice_deadline=notice[0],
        notice_agreement=notice[1],
    )
