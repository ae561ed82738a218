"""What applies to whom as time goes by: choices, commitments and windows, from each moment at which they change.

Assumes: what is required stays as it is; only agreements change. Instants are seconds, in UTC.
Cost: for each supplier the turns of the agreements that may cover it; what is asked alike is worked out once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from risk.agreements.choice import AgreementIndex, Choice, is_comparable
from risk.agreements.commitments import commitments_of
from risk.agreements.horizon import Horizon
from risk.agreements.lifecycle import changes, turns
from risk.allowances import Allowances, Book
from risk.backing_out import Figure, back_out
from risk.figures import own_figures
from risk.graph import restricted
from risk.limits import Check, paced, unhurried
from risk.links import Links, Sought
from risk.results import Commitment
from risk.structure import closure
from risk.terms import ReasonCode
from risk.view import View
from topology.calendars import Span, midnight, zone
from topology.model import Agreement, AgreementType, EntityKind, Extent, Target, WindowKind
from topology.windows import windows_touching

Keys = frozenset[str]


class Rolling:
    """Days that lie in a rolling window, all positions of which count alike: its budget is the same on each of them.

    What a supplier may be down in the window on some day, from the first to any, only grows with that day.

    Attributes:
        instants: from when on each of the days is looked at.
        latest: where the window begins at the latest that contains the day of an instant.
        whole: the window on any of the days.
    """

    def __init__(self, instants: Sequence[int], latest: Callable[[int], int], whole: Book) -> None:
        self.instants = instants
        self.latest = latest
        self.whole = whole
        self._until: dict[int, Book] = {}

    def first(self, holds: Callable[[Book], bool]) -> int:
        """The first instant by which something holds that holds by the last, and from then on."""
        if holds(self.until(0)):
            return self.instants[0]
        later = range(1, len(self.instants) - 1)
        return self.instants[1 + bisect_left(later, True, key=lambda place: holds(self.until(place)))]

    def until(self, place: int) -> Book:
        """The window on any of the days up to a place."""
        if place not in self._until:
            self._until[place] = self.whole.until(self.latest(self.instants[place]))
        return self._until[place]


class Course:
    """The windows of a target as time goes by, each worked out once.

    Args:
        agreement: whose time counts.
        target: whose window it is.
        horizon: the time.
        allowances: the books of the windows.
    """

    def __init__(self, agreement: Agreement, target: Target, horizon: Horizon, allowances: Allowances) -> None:
        self._agreement = agreement
        self._target = target
        self._horizon = horizon
        self._where = zone(agreement.timezone)
        self._allowances = allowances
        self._begins: list[int] | None = None
        self._books: dict[int, Book] = {}
        self._windows: dict[tuple[int, int], tuple[tuple[int, Book], ...]] = {}
        self._rolling: dict[tuple[int, int], Rolling | None] = {}

    def windows(self, start: int, end: int) -> tuple[tuple[int, Book], ...]:
        """The windows that can be met from one instant to another, each from when on.

        Those of a calendar follow each other; a rolling one is another with every day.
        """
        if (start, end) not in self._windows:
            cuts = (start, *self._between(start, end))
            self._windows[start, end] = tuple((cut, self._book(cut)) for cut in cuts)
        return self._windows[start, end]

    def rolling(self, start: int, end: int) -> Rolling | None:
        """The days of a rolling window from one instant to another, where they can be looked at together."""
        if self._target.window.kind is not WindowKind.ROLLING:
            return None
        if (start, end) not in self._rolling:
            instants = (start, *self._between(start, end))
            first, last = (self._day(instant) for instant in (start, instants[-1]))
            whole = self._allowances.book_over(self._agreement, self._target, first, last)
            self._rolling[start, end] = None if whole is None else Rolling(instants, self._latest, whole)
        return self._rolling[start, end]

    def _between(self, start: int, end: int) -> list[int]:
        """Where windows begin strictly between two instants."""
        if start < self._horizon.start:
            return self._beginnings(start, end)
        if self._begins is None:
            self._begins = self._beginnings(self._horizon.start, self._horizon.end)
        return self._begins[bisect_right(self._begins, start) : bisect_left(self._begins, end)]

    def _beginnings(self, start: int, end: int) -> list[int]:
        window = self._target.window
        if window.kind is WindowKind.ROLLING:
            return Horizon(self._horizon.at, self._horizon.days, self._where).midnights(start, end)
        spans = windows_touching(window, Span(start, max(end, start + 1)), self._where, self._agreement.start)
        return [int(span.start) for span in spans if span.start > start]

    def _latest(self, instant: int) -> int:
        return midnight(self._day(instant), self._where)

    def _day(self, instant: int) -> date:
        return self._horizon.day(instant, self._where)

    def _book(self, instant: int) -> Book:
        if instant not in self._books:
            around = Span(self._horizon.start, self._horizon.end)
            self._books[instant] = self._allowances.book(self._agreement, self._target, self._day(instant), around)
        return self._books[instant]


class OverTime:
    """The agreements of a view at any moment.

    Args:
        view: the view.
        links: how it chooses among agreements.
        allowances: the windows of its commitments.
        check: called every few thousand steps.
    """

    def __init__(self, view: View, links: Links, allowances: Allowances, *, check: Check = unhurried) -> None:
        self._view = view
        self._check = check
        self._links = links
        self._allowances = allowances
        self._ever: dict[int, Keys] = {}
        self._indexes: dict[tuple[Keys, int, Horizon], AgreementIndex] = {}
        self._changes: dict[tuple[Keys, int, int], tuple[int, ...]] = {}
        self._choices: dict[tuple[Sought, Hashable], Choice | None] = {}
        self._commitments: dict[tuple[str, int, Horizon], Mapping[str, Commitment]] = {}
        self._courses: dict[Hashable, Course] = {}

    def ever_covering(self, supplier: int) -> Keys:
        """The agreements that may cover a supplier, at whatever time."""
        if supplier not in self._ever:
            entity = self._view.snapshot.entities[self._view.system.keys[supplier]]
            self._ever[supplier] = self._view.index.ever_covering(entity)
        return self._ever[supplier]

    def ever_links(self) -> frozenset[int]:
        """What needs an agreement at some time: every external, and every entity that an OLA may cover."""
        system, held = self._view.system, self._view.snapshot.agreements
        olas = {key for key, versions in held.items() if any(v.type is AgreementType.OLA for v in versions)}
        return frozenset(
            entity
            for entity, kind in enumerate(system.kinds)
            if kind is EntityKind.EXTERNAL or not olas.isdisjoint(self.ever_covering(entity))
        )

    def changes(self, agreements: Keys, after: int, before: int) -> tuple[int, ...]:
        """The instants between two others at which how any of some agreements stands changes, ascending."""
        about = (agreements, after, before)
        if about not in self._changes:
            held = self._view.snapshot.agreements
            found = {change for key in paced(agreements, self._check) for change in changes(held[key], after, before)}
            self._changes[about] = tuple(sorted(found))
        return self._changes[about]

    def turns(self, agreements: Keys, after: int, before: int) -> tuple[int, ...]:
        """The same, with every renewal: a term ends there, and another notice is due."""
        held = self._view.snapshot.agreements
        found = (turn for key in agreements for turn in turns(held[key], after, before))
        return tuple(sorted(set(paced(found, self._check))))

    def index(self, agreements: Keys, instant: int, horizon: Horizon) -> AgreementIndex:
        """Some agreements as they stand at an instant."""
        about = (agreements, instant, horizon)
        if about not in self._indexes:
            day = horizon.day(instant, horizon.where)
            self._indexes[about] = self._view.index.seen(day, horizon.days_at(instant), agreements)
        return self._indexes[about]

    def choice(self, sought: Sought, instant: int, horizon: Horizon) -> Choice | None:
        """What applies to a supplier at an instant; None where it needs no agreement then."""
        about = (sought, horizon.moment(instant))
        if about not in self._choices:
            index = self.index(self.ever_covering(sought.supplier), instant, horizon)
            self._choices[about] = self._links.choose(sought, index) if self._is_link(sought, index) else None
        return self._choices[about]

    def commitment(self, about: Commitment, instant: int, horizon: Horizon) -> Commitment | None:
        """What a commitment is at an instant; None where its agreement does not promise it then."""
        return self.commitments(about.agreement.key, instant, horizon).get(about.key)

    def commitments(self, agreement: str, instant: int, horizon: Horizon) -> Mapping[str, Commitment]:
        """What an agreement promises at an instant, by the keys of the commitments."""
        key = (agreement, instant, horizon)
        if key not in self._commitments:
            self._commitments[key] = commitments_of(self.index(frozenset({agreement}), instant, horizon))
        return self._commitments[key]

    def course(self, commitment: Commitment, horizon: Horizon) -> Course | None:
        """The windows of a commitment as time goes by; None where it is not held against availabilities."""
        agreement, target = commitment.agreement, commitment.target
        if not is_comparable(target):
            return None
        about = (self._allowances.clock(agreement, target), target.window, horizon)
        if about not in self._courses:
            # Other commitments with the same time have other figures: nothing in a course depends on these.
            self._courses[about] = Course(agreement, target, horizon, self._allowances)
        return self._courses[about]

    def windows(self, commitment: Commitment, start: int, end: int, horizon: Horizon) -> tuple[tuple[int, Book], ...]:
        """The windows of a commitment from one instant to another; none where it is not held against availabilities."""
        course = self.course(commitment, horizon)
        return () if course is None else course.windows(start, end)

    def standing_reasons(self, supplier: int, instant: int, horizon: Horizon) -> frozenset[ReasonCode]:
        """The reasons that come from how a supplier stands at an instant.

        Cost: the supplier's closure, where a promise in it has changed by then.
        """
        found: set[ReasonCode] = set()
        entity = self._view.snapshot.entities[self._view.system.keys[supplier]]
        if entity.valid is not None and not entity.valid.holds(horizon.day(instant, horizon.where)):
            found.add(ReasonCode.RETIRED)
        below = closure(self._view.system, supplier)
        covering = frozenset().union(*map(self.ever_covering, below))
        if not self.changes(covering, horizon.start, instant + 1):
            found |= self._links.standing_reasons(supplier) - {ReasonCode.RETIRED}
        elif self._exceeds(supplier, below, self.index(covering, instant, horizon)):
            found.add(ReasonCode.PROMISE_EXCEEDS_SUPPLY)
        return frozenset(found)

    def _exceeds(self, supplier: int, below: Collection[int], index: AgreementIndex) -> bool:
        """Whether a supplier is promised above what lies beneath it, by the agreements of an index."""
        system = restricted(self._view.system, sorted(below), ())
        figures = own_figures(index, system.keys, self._view.basis).values()
        promises = [Figure(figure.value, figure.extent or Extent.INTRINSIC) for figure in figures]
        found = back_out(system, promises, check=self._check).exceeded
        return system.index[self._view.system.keys[supplier]] in {exceeded.entity for exceeded in found}

    def _is_link(self, sought: Sought, index: AgreementIndex) -> bool:
        system = self._view.system
        if system.kinds[sought.supplier] is EntityKind.EXTERNAL:
            return True
        key = system.keys[sought.supplier]
        return key in index.covered((AgreementType.OLA,), (key,))


def stretches(cuts: tuple[int, ...], start: int, end: int) -> list[tuple[int, int]]:
    """The stretches from a start to an end between cuts."""
    return list(pairwise((start, *cuts, max(end, start))))
