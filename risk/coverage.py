"""Which promises are backed, now and over a horizon: every link of every commitment, and its first gap.

Source: section 4, "Links", "Verdict" and "Over time". A link is looked at wherever something about it changes: where
its commitment's agreement or one that may cover the supplier begins, ends, renews or gets another version, and where
the commitment's next window begins (a calendar window; a rolling one is another each day). Between two of these its
verdict stays as it is. The worst of them is the row's; of several the one with the least headroom, then the first.
Units: minutes of the commitment's window; instants are UTC, days those of each agreement's own zone.
Assumes: what is required stays as it is; only agreements change with time.
Cost: the links, times the windows of the horizon; choices by supplier and allowances by terms are shared.
"""

from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

from risk.agreements.choice import Choice
from risk.agreements.commitments import PROMISES
from risk.agreements.horizon import LONGEST_HORIZON, Horizon
from risk.allowances import Allowances, Book
from risk.headroom import link_headroom, link_verdict, window_shown
from risk.limits import Check, paced, unhurried
from risk.links import Around, Links
from risk.over_time import Course, OverTime, Rolling, stretches
from risk.reach import closure_of
from risk.results import Commitment, WindowShown
from risk.terms import Direction, ReasonCode, Verdict
from risk.transactions import is_transaction
from risk.view import View
from topology.calendars import midnight, zone
from topology.model import Agreement

GAPS = frozenset({Verdict.UNCOVERED, Verdict.SHORTFALL, Verdict.UNKNOWN})
"""The verdicts that leave a promise without what backs it; what nobody knows is one of them."""
WORST_FIRST = (
    Verdict.UNCOVERED,
    Verdict.SHORTFALL,
    Verdict.UNKNOWN,
    Verdict.THIN,
    Verdict.COVERED,
    Verdict.ACCEPTED_RISK,
    Verdict.NOT_REQUIRED,
)
_RANK = {verdict: rank for rank, verdict in enumerate(WORST_FIRST)}
_SECONDS_A_DAY = 86_400
Keep = Callable[[Hashable, Callable[[], "GapDetails"]], "GapDetails"]


@dataclass(frozen=True, slots=True)
class GapDetails:
    """What explains a row.

    Attributes:
        reasons: why, in the window that it is about.
        since: if it is a gap at the business date, when the agreements became such that it is one: looking back from
            change to change, the first of the unbroken gaps, or when the promise began. None where it is no gap now,
            where it has been one for as long as the agreements tell, or for more than ten years.
        transactions: the keys of the transactions that need the committed entity, and so the supplier, hard.
        agreement: the agreement that answers for the supplier then, if any does.
        window: the commitment's window that it is about; None where it is not held against availabilities.
    """

    reasons: tuple[ReasonCode, ...]
    since: datetime | None
    transactions: tuple[str, ...]
    agreement: Agreement | None
    window: WindowShown | None


@dataclass(frozen=True, slots=True)
class CoverageGap:
    """One link of a commitment, at its worst in the horizon.

    What explains it is worked out when it is first asked for: of the many rows of an estate few are read.

    Attributes:
        commitment: the commitment, as it is at the business date, or when it begins after that.
        supplier: the key of what it needs.
        verdict: the worst verdict in the horizon.
        headroom: budget less allowance in minutes of the window that it is about; None where nothing is comparable.
        first_gap_at: the first instant of the horizon at which it is a gap; None where it is none in it.
        explain: works out what explains it.
    """

    commitment: Commitment
    supplier: str
    verdict: Verdict
    headroom: Decimal | None
    first_gap_at: datetime | None
    explain: Callable[[], GapDetails] = field(repr=False, compare=False)

    @property
    def weight(self) -> tuple[int, Decimal]:
        """What rows are ordered by, the worst first: UNCOVERED, SHORTFALL and so on, then the least headroom."""
        return (_RANK[self.verdict], Decimal(0) if self.headroom is None else self.headroom)

    @property
    def reasons(self) -> tuple[ReasonCode, ...]:
        """Why, in the window that it is about."""
        return self.explain().reasons

    @property
    def since(self) -> datetime | None:
        """When the agreements became such that it is the gap that it is at the business date."""
        return self.explain().since

    @property
    def transactions(self) -> tuple[str, ...]:
        """The keys of the transactions that need the committed entity, and so the supplier, hard."""
        return self.explain().transactions

    @property
    def agreement(self) -> Agreement | None:
        """The agreement that answers for the supplier then, if any does."""
        return self.explain().agreement

    @property
    def window(self) -> WindowShown | None:
        """The commitment's window that it is about."""
        return self.explain().window


@dataclass(frozen=True, slots=True)
class _Look:
    """A link at one moment: in which window, who commits, with what around, and what applies."""

    instant: int
    book: Book | None
    commitment: Commitment
    around: Around
    choice: Choice
    verdict: Verdict
    headroom: Decimal | None

    @property
    def weight(self) -> tuple[int, Decimal]:
        return (_RANK[self.verdict], Decimal(0) if self.headroom is None else self.headroom)


@dataclass(frozen=True, slots=True)
class _Reign:
    """A stretch of time in which a commitment stays the same."""

    start: int
    end: int
    commitment: Commitment
    around: Around
    course: Course | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a row is explained from: its supplier, its worst look, and what the promise is if it is a gap now."""

    supplier: int
    look: _Look
    now: _Reign | None
    horizon: Horizon


class Coverage:
    """The coverage of a view's commitments over time.

    Args:
        view: the contracted view.
        allowances: windows and terms, shared with whoever else asks about them.
        keep: works something out once, under a key, while nobody else is at work.
        check: called every few thousand steps.
    """

    def __init__(self, view: View, allowances: Allowances, *, keep: Keep, check: Check = unhurried) -> None:
        self._view = view
        self._keep = keep
        self._allowances = allowances
        self._check = check
        self._links = Links(view, allowances, check=check)
        self._over_time = OverTime(view, self._links, allowances, check=check)
        self._may_be_links = self._over_time.ever_links()
        self._needing: dict[int, tuple[str, ...]] = {}

    def rows(self, commitments: Iterable[Commitment], days: int) -> tuple[CoverageGap, ...]:
        """Every link of the business date's commitments over so many days, the worst first; with none, at that date.

        What begins to be promised in these days has rows as well, from then on. Equal ones stand by the keys of
        commitment and supplier.
        """
        now = {commitment.key: commitment for commitment in commitments}
        beginning = self._beginning(now, days)
        found = [row for commitment in (*now.values(), *beginning) for row in self._of(commitment, days, now)]
        return tuple(sorted(found, key=lambda r: (*r.weight, r.commitment.key, r.supplier)))

    def _beginning(self, now: Container[str], days: int) -> Iterator[Commitment]:
        """What is not promised at the business date, and is within so many days: each as it is when it begins."""
        found: dict[str, Commitment] = {}
        held = self._view.snapshot.agreements
        for versions in paced(held.values(), self._check):
            starting = [v for v in versions if v.type in PROMISES and v.start is not None and v.start > self._view.at]
            for version in sorted(starting, key=_first_day):
                horizon = Horizon(self._view.at, days, zone(version.timezone))
                begins = midnight(_first_day(version), horizon.where)
                if horizon.start < begins < horizon.end:
                    for key, begun in self._over_time.commitments(version.key, begins, horizon).items():
                        if key not in now:
                            found.setdefault(key, begun)
        yield from found.values()

    def _of(self, commitment: Commitment, days: int, now: Container[str]) -> Iterator[CoverageGap]:
        horizon = Horizon(self._view.at, days, zone(commitment.agreement.timezone))
        reigns = self._reigns(commitment, horizon, holds_now=commitment.key in now)
        for supplier in sorted(reigns[0].around.within & self._may_be_links - {reigns[0].around.root}):
            self._check()
            worst: _Look | None = None
            gap: _Look | None = None
            for look in self._looks(supplier, reigns, horizon):
                if gap is None and look.verdict in GAPS:
                    gap = look
                if worst is None or look.weight < worst.weight:
                    worst = look
            if worst is not None:
                is_gap_now = gap is not None and gap.instant == horizon.start
                about = _Asked(supplier, worst, reigns[0] if is_gap_now else None, horizon)
                yield CoverageGap(
                    commitment=commitment,
                    supplier=self._view.system.keys[supplier],
                    verdict=worst.verdict,
                    headroom=worst.headroom,
                    first_gap_at=None if gap is None else _moment(gap.instant),
                    explain=partial(self._explained, (commitment.key, supplier, days), about),
                )

    def _explained(self, key: tuple[str, int, int], about: _Asked) -> GapDetails:
        return self._keep(("gap", *key), lambda: self._details(about))

    def _reigns(self, about: Commitment, horizon: Horizon, *, holds_now: bool) -> list[_Reign]:
        """What a commitment is over a horizon; what is not promised yet, or no longer, leaves no stretch."""
        own = frozenset({about.agreement.key})
        cuts = self._over_time.changes(own, horizon.start, horizon.end)
        found: list[_Reign] = []
        for start, end in stretches(cuts, horizon.start, horizon.end):
            is_now = holds_now and start == horizon.start
            now = about if is_now else self._over_time.commitment(about, start, horizon)
            if now is None:
                continue
            is_same = bool(found) and found[-1].commitment.agreement == now.agreement
            around = found[-1].around if is_same else self._links.around(now)
            found.append(_Reign(start, end, now, around, self._over_time.course(now, horizon)))
        return found

    def _looks(self, supplier: int, reigns: Iterable[_Reign], horizon: Horizon) -> Iterator[_Look]:
        """A link at every moment of a horizon from which something about it may differ, in order."""
        covering = self._over_time.ever_covering(supplier)
        cuts = self._over_time.changes(covering, horizon.start, horizon.end)
        for reign in reigns:
            sought = self._links.sought(reign.around, supplier)
            within = tuple(cut for cut in cuts if reign.start < cut < reign.end)
            for start, end in stretches(within, reign.start, reign.end):
                self._check()
                choice = self._over_time.choice(sought, start, horizon)
                if choice is None:
                    continue
                course = reign.course
                together = None if course is None else course.rolling(start, end)
                if together is not None:
                    yield self._look_at_all(supplier, reign, together, choice)
                elif course is None:
                    yield self._look(supplier, reign, start, None, choice)
                else:
                    yield from self._worst_looks(supplier, reign, course.windows(start, end), choice)

    def _worst_looks(
        self, supplier: int, reign: _Reign, windows: Sequence[tuple[int, Book]], choice: Choice
    ) -> Iterator[_Look]:
        """Of all looks at some windows, in order: the first, the first without headroom, and the one with the least."""
        minutes = self._links.allowed_minutes((book for _, book in windows), supplier, choice)
        asked = 1 - reign.commitment.target.value
        found: list[Decimal] = []
        for (_, book), allowed in zip(windows, minutes, strict=True):
            if allowed is None:
                break  # and so for all of them
            found.append(asked * book.committed.service_minutes - allowed)
        places = {0}
        if found:
            least = min(found)
            places.add(found.index(least))
            if least < 0:
                places.add(next(place for place, headroom in enumerate(found) if headroom < 0))
        for place in sorted(places):
            yield self._seen(supplier, reign, windows[place], choice, found[place] if found else None)

    def _look_at_all(self, supplier: int, reign: _Reign, days: Rolling, choice: Choice) -> _Look:
        """A link on all days of a rolling window at once: the worst of them; a gap begins with its first day."""
        worst = self._look(supplier, reign, days.instants[0], days.whole, choice)
        if worst.verdict is not Verdict.SHORTFALL:
            return worst
        gap = days.first(lambda book: self._look(supplier, reign, 0, book, choice).verdict is Verdict.SHORTFALL)
        return replace(worst, instant=gap)

    def _look(self, supplier: int, reign: _Reign, instant: int, book: Book | None, choice: Choice) -> _Look:
        if book is None:
            day = datetime.fromtimestamp(instant, zone(reign.commitment.agreement.timezone)).date()
            minutes, budget = self._links.incident_minutes(reign.around, choice, day), reign.around.limit
        else:
            minutes = next(self._links.allowed_minutes((book,), supplier, choice))
            budget = _budget(reign.commitment, book)
        headroom = None if minutes is None or budget is None else budget - minutes
        return self._seen(supplier, reign, (instant, book), choice, headroom)

    def _seen(
        self, supplier: int, reign: _Reign, at: tuple[int, Book | None], choice: Choice, headroom: Decimal | None
    ) -> _Look:
        verdict = link_verdict(
            headroom,
            is_required=supplier in reign.around.counted,
            is_agreed=bool(choice.candidates) or choice.incomparable is not None,
            applies=bool(choice.candidates),
        )
        return _Look(*at, reign.commitment, reign.around, choice, verdict, headroom)

    def _details(self, about: _Asked) -> GapDetails:
        """The whole of what a look saw."""
        look, horizon = about.look, about.horizon
        day = horizon.day(look.instant, zone(look.commitment.agreement.timezone))
        standing = self._over_time.standing_reasons(about.supplier, look.instant, horizon)
        link = self._links.link(look.around, look.book, about.supplier, look.choice, at=day, standing=standing)
        budget = look.around.limit if look.book is None else _budget(look.commitment, look.book)
        key = self._view.system.keys[about.supplier]
        seen = link_headroom(replace(look.commitment, budget=budget), link, key)
        return GapDetails(
            reasons=seen.reasons,
            since=None if about.now is None else _moment(self._since(about.supplier, about.now, horizon)),
            transactions=self._transactions(look.around, about.supplier),
            agreement=seen.agreement,
            window=None if look.book is None else window_shown(look.book.committed),
        )

    def _since(self, supplier: int, now: _Reign, horizon: Horizon) -> int | None:
        """Since when the agreements leave the gap that there is at the business date."""
        floor = horizon.start - LONGEST_HORIZON * _SECONDS_A_DAY
        own = frozenset({now.commitment.agreement.key})
        cuts = self._over_time.changes(own | self._over_time.ever_covering(supplier), floor, horizon.start)
        first = stretches(cuts, floor, horizon.start)[-1][0]
        since = first if first > floor else None
        for start, end in reversed(stretches(cuts, floor, horizon.start)[:-1]):
            self._check()
            before = self._over_time.commitment(now.commitment, start, horizon)
            if before is None:
                return since
            is_same = before.agreement == now.commitment.agreement
            course = self._over_time.course(before, horizon)
            reign = _Reign(start, end, before, now.around if is_same else self._links.around(before), course)
            last = end - 1
            choice = self._over_time.choice(self._links.sought(reign.around, supplier), start, horizon)
            if choice is None:
                return since
            book = None if course is None else course.windows(last, end)[0][1]
            if self._look(supplier, reign, last, book, choice).verdict not in GAPS:
                return since
            since = start if start > floor else None
        return since

    def _transactions(self, around: Around, supplier: int) -> tuple[str, ...]:
        if supplier not in around.hard:
            return ()
        root, system = around.root, self._view.system
        if root not in self._needing:
            reached = closure_of(system, root, Direction.REQUIRED_BY, check=self._check)
            numbers = [root, *(r.entity for r in reached if r.hard)]
            entities, at = self._view.snapshot.entities, self._view.at
            found = (key for key in map(system.keys.__getitem__, numbers) if is_transaction(entities[key], at))
            self._needing[root] = tuple(sorted(found))
        return self._needing[root]


def _first_day(version: Agreement) -> date:
    return version.start or date.min


def _budget(commitment: Commitment, book: Book) -> Decimal:
    return (1 - commitment.target.value) * book.committed.service_minutes


def _moment(instant: int | None) -> datetime | None:
    return None if instant is None else datetime.fromtimestamp(instant, UTC)
