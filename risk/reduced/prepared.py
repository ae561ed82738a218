"""What is known of a system whatever its figures are: blocks, cones of them at work, and common causes."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from threading import RLock

from risk.bitsets import bits
from risk.common_cause import CommonCauses, common_causes
from risk.components import components
from risk.condensation import Condensed, condense
from risk.graph import Group, Needs, System, changed
from risk.limits import Check, Limits, unhurried
from risk.reduced.cones import Cone, Cones, cones
from risk.structure import Necessity, closure, down

Caused = tuple[CommonCauses, "Prepared"]
"""A system with common causes, and what is known of it."""
_FEW = 32
"""Of so many entities one that is asked about: parts are enough."""


class Prepared:
    """Tables that grow as they are asked, shared by all figures of one system.

    One lock guards them. What is kept in parts answers about an entity from the tables of what that entity requires, so
    that one question of a system that differs a little from another does not cost the whole; when much of it has been
    asked for it goes over to tables of the whole.

    Args:
        system: the system.
        limits: sizes at which the engine goes to its next rung.
        part: the entities that are meant, with all that they require; absent: all.
        in_parts: whether to begin with parts.
        like: what is known of the same system without its failed entities: own faults change none of its tables.
    """

    def __init__(
        self,
        system: System,
        limits: Limits,
        *,
        part: frozenset[int] | None = None,
        in_parts: bool = False,
        like: "Prepared | None" = None,
    ) -> None:
        self.system = system
        self.limits = limits
        self.lock = RLock()
        self._cones: Cones | None = None
        self._at_work: OrderedDict[int, Cone] = OrderedDict()
        self._serial = 0
        self._part = part
        self._in_parts = in_parts
        self._parts: dict[int, Prepared] = {}
        self._asked = 0
        self._like = like
        self._condensed: Condensed | None = None
        self._caused: tuple[Caused | None, ...] = ()

    def about(self, entity: int) -> "Prepared":
        """What to ask about an entity: itself, or what is known of a part that holds all that the entity requires."""
        if self._like is not None:
            return self._like.about(entity)
        with self.lock:
            found = self._parts.get(entity) if self._in_parts else self
            if found is None:
                within = closure(self.system, entity)
                self._asked += len(within)
                if self._asked > len(self.system):
                    self._in_parts = False
                    return self
                found = Prepared(self.system, self.limits, part=within)
                for each in within:
                    self._parts.setdefault(each, found)
            return found

    @cached_property
    def fallen(self) -> frozenset[int]:
        """What is down with nothing else failed."""
        return down(self.system, ())

    @cached_property
    def standing(self) -> "Prepared":
        """What is known of the system once what is down is taken out of it; itself where nothing has failed."""
        if not self.system.failed:
            return self
        return Prepared(without(self.system, self.fallen), self.limits, in_parts=True)

    @property
    def condensed(self) -> Condensed:
        """The system's blocks."""
        return self.blocks(unhurried)

    def blocks(self, check: Check) -> Condensed:
        """The system's blocks; `check` is called every few thousand steps while they are drawn."""
        if self._like is not None:
            return self._like.blocks(check)
        if self._condensed is None:
            self._condensed = condense(self.system, None if self._part is None else sorted(self._part), check)
        return self._condensed

    @property
    def caused(self) -> "Caused | None":
        """The system with the common causes that its groups state, and what is known of it; None without any."""
        return self.causes(unhurried)

    def causes(self, check: Check) -> "Caused | None":
        """The same; `check` is called every few thousand steps while they are looked for."""
        if self._like is not None:
            return self._like.causes(check)
        if not self._caused:
            causes = common_causes(self.system, about=self._part, check=check)
            if causes is None:
                self._caused = (None,)
            else:
                part = None if self._part is None else self._part.union(range(len(self.system), len(causes.system)))
                extended = Prepared(causes.system, self.limits, part=part, in_parts=self._in_parts)
                self._caused = ((causes, extended),)
        return self._caused[0]

    def components(
        self, starts: Collection[int] | None = None, *, check: Check = unhurried
    ) -> Iterator[tuple[int, ...]]:
        """The strongly connected components of the requirement graph, or of what `starts` require; suppliers first."""
        entities = None if starts is None or len(starts) * 2 > len(self.system) else sorted(starts)
        yield from map(tuple, components(len(self.system), self.system.suppliers, entities, check))

    def cone_of(self, block: int, check: Check = unhurried) -> Cone:
        """The cone that a block belongs to, at work."""
        if self._like is not None:
            return self._like.cone_of(block, check)
        with self.lock:
            every = self._every_cone(check)
            number = every.cone_of[block]
            found = self._at_work.get(number)
            if found is None:
                self._make_room(len(every.layers[number]), every.layers)
                self._serial += 1
                found = Cone(self.condensed, every.layers[number], self._serial, self.limits, check)
                self._at_work[number] = found
            self._at_work.move_to_end(number)
            return found

    def _every_cone(self, check: Check) -> Cones:
        if self._cones is None:
            self._cones = cones(self.blocks(check), self.system.consumers, self.limits.cone_blocks, check)
        return self._cones

    def _make_room(self, size: int, layers: Sequence[Sequence[int]]) -> None:
        """Let go of cones, that asked longest ago first, for one of a size: large ones count for several."""
        most = self.limits.cones_at_work
        room = 2 * most * self.limits.cone_blocks - size - sum(len(layers[number]) for number in self._at_work)
        while self._at_work and (room < 0 or len(self._at_work) >= most):
            number, _ = self._at_work.popitem(last=False)
            room += len(layers[number])

    def by_cone(self, check: Check = unhurried) -> Iterator[int]:
        """All entities, those of one cone after another: the order in which to ask about all of them."""
        for cone in self.in_cones(range(len(self.system)), check):
            yield from cone

    def in_cones(self, entities: Collection[int], check: Check = unhurried) -> list[tuple[int, ...]]:
        """Some entities, those of one cone together, in the order in which to ask about them."""
        if self._like is not None:
            return self._like.in_cones(entities, check)
        if self._in_parts and len(entities) * _FEW < len(self.system):
            return [tuple(sorted(entities))]
        return self._in_cones(entities, check)

    def necessities(
        self, entities: Collection[int], check: Check = unhurried
    ) -> Iterator[tuple[Necessity, tuple[int, ...]]]:
        """Some entities, those of one cone together, each after those that it needs, with all their single points."""
        if self._like is not None:
            yield from self._like.necessities(entities, check)
            return
        for some in self._in_cones(entities, check):
            yield self.cone_of(self.blocks(check).block_of[some[0]], check).reduction.necessity, some

    def _in_cones(self, entities: Collection[int], check: Check) -> list[tuple[int, ...]]:
        self._in_parts = False
        with self.lock:
            block_of, cone_of = self.blocks(check).block_of, self._every_cone(check).cone_of
        found: dict[int, list[int]] = {}
        for entity in sorted(entities, key=block_of.__getitem__):
            block = block_of[entity]
            if block >= 0:
                found.setdefault(cone_of[block], []).append(entity)
        return [tuple(found[number]) for number in sorted(found)]

    def needs(self, entity: int, check: Check = unhurried) -> frozenset[int]:
        """Z: the entity and its single points, of what still stands; nothing can be said of what is down."""
        prepared = self.standing.about(entity)
        condensed = prepared.blocks(check)
        block = condensed.block_of[entity]
        necessity = prepared.cone_of(block, check).reduction.necessity
        found: list[int] = []
        for bit in bits(necessity.needs(block)):
            other = necessity.block_at[bit]
            if other >= 0:
                found += condensed.members[other]
        return frozenset(found)

    def closure(self, entity: int) -> frozenset[int]:
        """The hard closure: the entity and all that it reaches through groups."""
        return closure(self.system, entity)


def without(system: System, fallen: frozenset[int]) -> System:
    """The system once what is down is taken out: no group names it, nor does it need anything.

    Cost: what is down and those that need it.
    """
    touched = {consumer for entity in fallen for consumer in system.consumers[entity]} | fallen
    needs: dict[int, Needs] = {}
    for entity in touched:
        groups = () if entity in fallen else tuple(_left(group, fallen) for group in system.groups[entity])
        needs[entity] = (groups, system.soft[entity])
    return replace(changed(system, needs), failed=frozenset())


def _left(group: Group, fallen: frozenset[int]) -> Group:
    """A group that can still be met, without its members that are down."""
    members = tuple(member for member in group.members if member not in fallen)
    return group if len(members) == len(group.members) else replace(group, members=members, tolerances=())
