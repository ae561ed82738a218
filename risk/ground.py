"""What every analysis of one view stands on: its system, agreements and engine, each worked out once and on demand."""

from collections.abc import Callable, Hashable
from datetime import date
from typing import TypeVar

from risk.agreements.choice import AgreementIndex
from risk.availability import Availability
from risk.composite import composite_availability
from risk.graph import System, system_of
from risk.limits import DEFAULT_LIMITS, Check, unhurried
from risk.once import Once
from risk.past import PastView, past_view, taken_over
from risk.reduced.prepared import Prepared
from risk.results import CompositeAvailability
from risk.scenario import Laid, laid
from risk.structure import closure
from risk.supposed.operations import Scenario
from risk.terms import Basis
from risk.under_scenario import index_under, prepared_under, system_under, view_under
from risk.view import View, view_of
from topology.snapshot import Snapshot

T = TypeVar("T")


class Ground:
    """A snapshot at a date, and what has been worked out of it; safe to ask from several threads.

    Args:
        snapshot: the model, after any scenario.
        at: the business date.
        check: the clock of whoever asks through this object; raises `DeadlinePassed` to stop.
        once: where results are kept; shared by the same ground under other clocks.
        beneath: where a scenario is laid over another ground, that and the model after it.
        past: what was worked out of another revision, by basis; it is let go once a view has taken over what stays.

    Attributes:
        asking: the clock of whoever asks through this object, for what is not kept and needs no turn.

    Raises:
        UnknownKey: (all methods that take keys) the snapshot holds no such entity.
        DeadlinePassed: (all methods) the check said so.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        at: date,
        check: Check = unhurried,
        once: Once | None = None,
        *,
        beneath: "tuple[Ground, Laid] | None" = None,
        past: dict[Basis, PastView] | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.at = at
        self.asking = check
        self._once = once or Once()
        self._beneath = beneath
        self._past: dict[Basis, PastView] = {} if past is None else past

    def within(self, check: Check) -> "Ground":
        """The same ground under another clock; both share what has been and will be worked out."""
        return Ground(self.snapshot, self.at, check, self._once, beneath=self._beneath, past=self._past)

    def under(self, scenario: Scenario) -> "Ground":
        """This ground with a scenario laid over it; what the scenario does not touch is shared.

        Raises:
            BadInput: an operation names what is not there, or cannot be.
            DeadlinePassed: the clock of whoever asks said so.
        """
        assert self._beneath is None, "one scenario holds all operations"
        after = laid(self.snapshot, self.at, scenario, self.asking)
        return Ground(after.snapshot, self.at, self.asking, beneath=(self, after))

    def at_work(self) -> "Ground":
        """The same ground under the clock of whoever is at work: for what is kept and asks for more later."""
        return self.within(self._once.check)

    @property
    def is_supposed(self) -> bool:
        """Whether a scenario is laid over it."""
        return self._beneath is not None

    @property
    def beneath(self) -> "Ground | None":
        """The ground that a scenario is laid over, under the clock of whoever is at work; None where there is none."""
        return None if self._beneath is None else self._before()[0]

    @property
    def failed(self) -> frozenset[str]:
        """The keys of the entities that a scenario has failed."""
        return frozenset() if self._beneath is None else self._beneath[1].failed

    def past(self) -> dict[Basis, PastView]:
        """What has been worked out by now, for a ground of another revision to take over what stays."""
        found: dict[Basis, PastView] = {}
        for basis in Basis:
            view: View | None = self._once.kept(("view", basis, None))
            if view is not None:
                rows = ((root, self._once.kept(("composite", root, basis))) for root in range(len(view.system)))
                found[basis] = past_view(view, {root: answer for root, answer in rows if answer is not None})
        return found

    def check(self) -> None:
        """Ask the clock of whoever is at work: what results are computed with, for they outlive who asked first."""
        self._once.check()

    def get(self, about: Hashable, compute: Callable[[], T]) -> T:
        """The result about something: as kept, else computed now, whole or not at all, and kept."""
        return self._once.get(about, compute, self.asking)

    def ask(self, compute: Callable[[], T]) -> T:
        """A result that is not kept."""
        return self._once.ask(compute, self.asking)

    @property
    def system(self) -> System:
        """The requirement graph by number."""
        return self.get(("system",), self._system)

    def number(self, key: str) -> int:
        """The number of an entity, whose key may be given in any form that the snapshot resolves."""
        return self.system.number(self.snapshot.canonical(key))

    def key_of(self, number: int) -> str:
        """The key of the entity that the engine calls by this number."""
        return self.system.keys[number]

    def index(self) -> AgreementIndex:
        """The agreements by what they cover."""
        return self.get(("index",), self._index)

    def prepared(self) -> Prepared:
        """What is known of the system whatever its figures are."""
        return self.get(("prepared",), self._prepared)

    def view(self, basis: Basis = Basis.CONTRACTED, tier: str | None = None) -> View:
        """Own figures, in the engine; with a service tier, those that hold for it."""
        return self.get(("view", basis, tier), lambda: self._view(basis, tier))

    def composite(self, root: int, basis: Basis) -> CompositeAvailability:
        """What the promises beneath an entity come to."""
        # First, since a view that takes over what stays of another revision knows most answers.
        view = self.view(basis)
        return self.get(("composite", root, basis), lambda: composite_availability(view, root, self.check))

    def settled(self, root: int, view: View) -> Availability[float]:
        """A view's engine, to ask about a root whose suppliers' own figures are all known.

        Raises:
            AnalysisTooLarge: one of them could not be backed out within the limits.
        """
        if view.backed_out.unsettled:
            view.backed_out.ensure_settled(closure(view.system, root))
        return view.backed_out.availability

    def _system(self) -> System:
        if self._beneath is None:
            return system_of(self.snapshot, self.check)
        before, after = self._before()
        return system_under(before.system, after)

    def _index(self) -> AgreementIndex:
        if self._beneath is None:
            return AgreementIndex(self.snapshot, self.at, check=self.check)
        before, after = self._before()
        return index_under(before.index(), after)

    def _prepared(self) -> Prepared:
        if self._beneath is None:
            return Prepared(self.system, DEFAULT_LIMITS)
        before, after = self._before()
        return prepared_under(before.prepared(), self.system, after)

    def _view(self, basis: Basis, tier: str | None) -> View:
        if self._beneath is None:
            found = view_of(self.prepared(), self.index(), basis, self.check, tier=tier)
            if tier is None and basis in self._past:
                for root, answer in taken_over(found, self._past[basis], self.check).items():
                    self._once.keep(("composite", root, basis), answer)
                del self._past[basis]
            return found
        before, after = self._before()
        return view_under(before.view(basis, tier), after, self.prepared(), self.index(), self.check, tier=tier)

    def _before(self) -> "tuple[Ground, Laid]":
        """The ground that a scenario is laid over, under the clock of whoever is at work, and the model after it."""
        assert self._beneath is not None
        before, after = self._beneath
        return before.within(self.check), after
