"""What every analysis of one view stands on: its system, agreements and engine, each worked out once and on demand."""

from collections.abc import Callable, Hashable
from datetime import date
from typing import TypeVar

from risk.agreement_choice import AgreementIndex
from risk.availability import Availability
from risk.graph import System, system_of
from risk.limits import DEFAULT_LIMITS, Check, unhurried
from risk.once import Once
from risk.prepared import Prepared
from risk.structure import closure
from risk.terms import Basis
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

    Attributes:
        asking: the clock of whoever asks through this object, for what is not kept and needs no turn.

    Raises:
        UnknownKey: (all methods that take keys) the snapshot holds no such entity.
        DeadlinePassed: (all methods) the check said so.
    """

    def __init__(self, snapshot: Snapshot, at: date, check: Check = unhurried, once: Once | None = None) -> None:
        self.snapshot = snapshot
        self.at = at
        self.asking = check
        self._once = once or Once()

    def within(self, check: Check) -> "Ground":
        """The same ground under another clock; both share what has been and will be worked out."""
        return Ground(self.snapshot, self.at, check, self._once)

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
        return self.get(("system",), lambda: system_of(self.snapshot))

    def number(self, key: str) -> int:
        """The number of an entity, whose key may be given in any form that the snapshot resolves."""
        return self.system.number(self.snapshot.canonical(key))

    def key_of(self, number: int) -> str:
        """The key of the entity that the engine calls by this number."""
        return self.system.keys[number]

    def index(self) -> AgreementIndex:
        """The agreements by what they cover."""
        return self.get(("index",), lambda: AgreementIndex(self.snapshot, self.at))

    def prepared(self) -> Prepared:
        """What is known of the system whatever its figures are."""
        return self.get(("prepared",), lambda: Prepared(self.system, DEFAULT_LIMITS))

    def view(self, basis: Basis = Basis.CONTRACTED) -> View:
        """Own figures, in the engine."""
        return self.get(("view", basis), lambda: view_of(self.prepared(), self.index(), basis, self.check))

    def settled(self, root: int, view: View) -> Availability[float]:
        """A view's engine, to ask about a root whose suppliers' own figures are all known.

        Raises:
            AnalysisTooLarge: one of them could not be backed out within the limits.
        """
        if view.backed_out.unsettled:
            view.backed_out.ensure_settled(closure(view.system, root))
        return view.backed_out.availability
