"""What is known of a system whatever its figures are: blocks, single points, residual factors made ready."""

from collections.abc import Iterator, Sequence
from threading import RLock

from risk.common_cause import CommonCauses, common_causes
from risk.components import components
from risk.condensation import Condensed, condense
from risk.graph import System
from risk.ladder import Solution, solved
from risk.limits import Check, Limits
from risk.reductions import Reduction, Residual
from risk.soft import Softened, softened
from risk.structure import bits, closure


class Prepared:
    """Tables that grow as they are asked, shared by all figures of one system.

    One lock guards them.
    """

    def __init__(self, system: System, limits: Limits) -> None:
        self.system = system
        self.limits = limits
        self.lock = RLock()
        self._condensed: Condensed | None = None
        self._reduction: Reduction | None = None
        self._factors: dict[tuple[int, ...], Solution] = {}
        self._looked_for_causes = False
        self._caused: tuple[CommonCauses, Prepared] | None = None
        self._softened: Softened | None = None
        self._with_losses: Prepared | None = None

    def condensed(self) -> Condensed:
        """The system's blocks."""
        if self._condensed is None:
            self._condensed = condense(self.system)
        return self._condensed

    def components(self) -> Iterator[tuple[int, ...]]:
        """The strongly connected components of the requirement graph, suppliers first."""
        yield from map(tuple, components(range(len(self.system)), self.system.suppliers))

    def reduction(self, check: Check) -> Reduction:
        """The reduced structure of all blocks."""
        if self._reduction is None:
            condensed = self.condensed()
            self._reduction = Reduction(condensed, condensed.layers, self.limits, check)
        return self._reduction

    def caused(self) -> "tuple[CommonCauses, Prepared] | None":
        """The system with the common causes that its groups state, and what is known of it; None without any."""
        with self.lock:
            if not self._looked_for_causes:
                self._looked_for_causes = True
                causes = common_causes(self.system)
                if causes is not None:
                    self._caused = (causes, Prepared(causes.system, self.limits))
            return self._caused

    def softened(self) -> Softened:
        """The system with what can be lost in it."""
        with self.lock:
            if self._softened is None:
                self._softened = softened(self.system)
            return self._softened

    def with_losses(self) -> "Prepared":
        """What is known of the softened system."""
        with self.lock:
            if self._with_losses is None:
                self._with_losses = Prepared(self.softened().system, self.limits)
                self._with_losses.lock = self.lock
            return self._with_losses

    def residual(self, root: int, check: Check, besides: Sequence[int] = ()) -> Residual:
        """An entity taken apart, with further formulas that count as its being down."""
        reduction = self.reduction(check)
        return reduction.residual(reduction.condensed.block_of[root], check, besides)

    def factor(self, key: tuple[int, ...], check: Check) -> Solution:
        """A factor made ready to be evaluated."""
        found = self._factors.get(key)
        if found is None:
            formulas = self.reduction(check).formulas
            found = self._factors[key] = solved(formulas, formulas.any_of(key), self.limits, check)
        return found

    def needs(self, entity: int, check: Check) -> frozenset[int]:
        """Z: the entity and its single points."""
        with self.lock:
            reduction = self.reduction(check)
            found: list[int] = []
            for bit in bits(reduction.necessity.needs[reduction.condensed.block_of[entity]]):
                block = reduction.necessity.block_at[bit]
                if block >= 0:
                    found += reduction.condensed.members[block]
            return frozenset(found)

    def closure(self, entity: int) -> frozenset[int]:
        """The hard closure: the entity and all that it reaches through groups."""
        return closure(self.system, entity)
