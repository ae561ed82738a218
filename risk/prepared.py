"""What is known of a system whatever its figures are: blocks, cones of them at work, and common causes."""

from collections import OrderedDict
from collections.abc import Iterator
from functools import cached_property
from threading import RLock

from risk.bitsets import bits
from risk.common_cause import CommonCauses, common_causes
from risk.components import components
from risk.condensation import Condensed, condense
from risk.cones import Cone, Cones, cones
from risk.graph import System
from risk.limits import Check, Limits, unhurried
from risk.structure import closure

_AT_WORK = 24
"""Cones whose tables are kept; the one that was asked longest ago goes first."""


class Prepared:
    """Tables that grow as they are asked, shared by all figures of one system.

    One lock guards them.
    """

    def __init__(self, system: System, limits: Limits) -> None:
        self.system = system
        self.limits = limits
        self.lock = RLock()
        self._cones: Cones | None = None
        self._at_work: OrderedDict[int, Cone] = OrderedDict()
        self._serial = 0

    @cached_property
    def condensed(self) -> Condensed:
        """The system's blocks."""
        return condense(self.system)

    @cached_property
    def caused(self) -> "tuple[CommonCauses, Prepared] | None":
        """The system with the common causes that its groups state, and what is known of it; None without any."""
        causes = common_causes(self.system)
        return None if causes is None else (causes, Prepared(causes.system, self.limits))

    def components(self) -> Iterator[tuple[int, ...]]:
        """The strongly connected components of the requirement graph, suppliers first."""
        yield from map(tuple, components(len(self.system), self.system.suppliers))

    def cone_of(self, block: int, check: Check = unhurried) -> Cone:
        """The cone that a block belongs to, at work."""
        with self.lock:
            if self._cones is None:
                self._cones = cones(self.condensed, self.limits.cone_blocks, check)
            number = self._cones.cone_of[block]
            found = self._at_work.get(number)
            if found is None:
                self._serial += 1
                found = Cone(self.condensed, self._cones.layers[number], self._serial, self.limits, check)
                self._at_work[number] = found
                if len(self._at_work) > _AT_WORK:
                    self._at_work.popitem(last=False)
            self._at_work.move_to_end(number)
            return found

    def by_cone(self, check: Check = unhurried) -> Iterator[int]:
        """All entities, those of one cone after another: the order in which to ask about all of them."""
        condensed = self.condensed
        with self.lock:
            self._cones = self._cones or cones(condensed, self.limits.cone_blocks, check)
        cone_of = self._cones.cone_of
        for block in sorted(range(len(cone_of)), key=cone_of.__getitem__):
            yield from condensed.members[block]

    def needs(self, entity: int, check: Check = unhurried) -> frozenset[int]:
        """Z: the entity and its single points."""
        block = self.condensed.block_of[entity]
        necessity = self.cone_of(block, check).reduction.necessity
        found: list[int] = []
        for bit in bits(necessity.needs(block)):
            other = necessity.block_at[bit]
            if other >= 0:
                found += self.condensed.members[other]
        return frozenset(found)

    def closure(self, entity: int) -> frozenset[int]:
        """The hard closure: the entity and all that it reaches through groups."""
        return closure(self.system, entity)
