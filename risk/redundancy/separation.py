"""What a shared entity costs a redundant group: minutes against members that each have their own copy of it.

Formula: `U(root) - U'(root)`; in U' each member of the group is seen with a copy of its own of the shared entity and of
what only that entity needs, which fails independently of every other copy. All else stays one and the same, what stands
between a member and the shared entity too: such an entity has its own faults once, for the members and for whoever else
needs it. So do the own availabilities: a copy promises what the shared entity promises.
Units: minutes of downtime in 30 days. A cause that the root meets elsewhere as well may cost it nothing here, or a
little less than nothing: further copies are further things to fail.
Assumes: own faults are independent of one another.
Cost: a system of the size of the roots' closures and of what illusions add to it, and one composite for each root.
Source: section 3, "minutes lost against separated members".
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from risk.availability import Availability
from risk.graph import Group, System, assembled
from risk.limits import Check, unhurried
from risk.redundancy.illusions import Illusion, illusions
from risk.structure import closure
from topology.errors import AnalysisTooLarge
from topology.units import MINUTES_PER_30_DAYS, minutes

_Needs = tuple[int, tuple[int, ...]]
_MOST_ADDED = 20_000
"""Entities that are added to one system before it is worked out."""


@dataclass(frozen=True, slots=True)
class PricedIllusion:
    """An illusion and what it costs somebody, in minutes per 30 days.

    `minutes` is None where a figure is missing of what decides whether the group holds, or no exact figure is in reach.
    """

    illusion: Illusion
    minutes: float | None


def priced_illusions(
    availability: Availability[float], root: int, check: Check = unhurried, *, unknown: Collection[int] = ()
) -> tuple[PricedIllusion, ...]:
    """The illusions of all groups in the root's hard closure by what they cost the root, those without minutes last.

    `unknown` are the entities whose own availability is missing: counted as up, and never taken for perfect.
    """
    prepared = availability.prepared
    found = list(illusions(prepared, sorted(closure(prepared.system, root)), check))
    known = [illusion for illusion in found if rests_on(prepared.system, illusion).isdisjoint(unknown)]
    lost = minutes_lost(availability, dict.fromkeys(known, (root,)), check)
    rows = (PricedIllusion(illusion, lost[illusion][0] if illusion in lost else None) for illusion in found)
    return tuple(sorted(rows, key=_costliest_first))


def _costliest_first(row: PricedIllusion) -> tuple[bool, Decimal, int, int, int]:
    """By the minutes that are shown, then by consumer, group and shared entity."""
    illusion = row.illusion
    return row.minutes is None, -minutes(row.minutes or 0.0), illusion.consumer, illusion.group, illusion.shared


def minutes_lost(
    availability: Availability[float], asked: Mapping[Illusion, Sequence[int]], check: Check = unhurried
) -> dict[Illusion, list[float | None]]:
    """What illusions cost their roots, which must require their consumers or be them.

    None is for a root of which no exact figure is in reach.

    Args:
        availability: the system with its figures.
        asked: for each illusion the roots whose minutes are meant.
        check: called every few thousand steps.
    """
    engine = availability.with_causes
    found: dict[Illusion, list[float | None]] = {}
    pending = list(asked)
    while pending:
        apart, places = _Apart(engine, asked.values()), dict[Illusion, Mapping[int, int]]()
        while pending and not apart.is_full:
            check()
            illusion = pending.pop()
            places[illusion] = apart.add(illusion)
        grown = apart.engine()
        for illusion, place in places.items():
            found[illusion] = [_difference(engine, root, grown, place[root], check) for root in asked[illusion]]
    return found


def _difference(
    now: Availability[float], root: int, then: Availability[float], place: int, check: Check
) -> float | None:
    try:
        return (now.exactly(root, check) - then.exactly(place, check)) * MINUTES_PER_30_DAYS
    except AnalysisTooLarge:
        return None


def rests_on(system: System, illusion: Illusion) -> frozenset[int]:
    """All that decides whether the group holds: its members and their hard closures."""
    members = system.groups[illusion.consumer][illusion.group].members
    return frozenset().union(*(closure(system, member) for member in members))


def copied(system: System, illusion: Illusion) -> frozenset[int]:
    """The shared entity and what only that entity needs, at any depth; never the consumer."""
    beneath = set(closure(system, illusion.shared))
    pending = [entity for entity in beneath if _is_needed_elsewhere(system, entity, illusion, beneath)]
    while pending:
        entity = pending.pop()
        if entity in beneath:
            beneath.discard(entity)
            pending += (
                supplier
                for supplier in system.suppliers(entity)
                if supplier in beneath and _is_needed_elsewhere(system, supplier, illusion, beneath)
            )
    return frozenset(beneath)


def _is_needed_elsewhere(system: System, entity: int, illusion: Illusion, beneath: Collection[int]) -> bool:
    if entity == illusion.shared:
        return False
    return entity == illusion.consumer or any(consumer not in beneath for consumer in system.consumers[entity])


class _Apart:
    """A system under construction: what some roots require, and for each illusion what separation makes of it.

    An illusion adds its consumer, what stands between that and the roots, and for each member that meets the shared
    entity the way there and the copies. Whatever else is meant is the one that was there before; an entity that stands
    in several of these places has its own faults from one and the same entity without needs.
    """

    def __init__(self, engine: Availability[float], roots: Iterable[Iterable[int]]) -> None:
        self._like = engine
        self._system = engine.system
        self._needs: list[list[_Needs]] = []
        self._own: list[float] = []
        within = sorted(frozenset().union(*(closure(self._system, root) for root in set(chain.from_iterable(roots)))))
        self._place = {entity: position for position, entity in enumerate(within)}
        for entity in within:
            self._add(self._mapped(entity, self._place), engine.own[entity])
        self._faults: dict[int, int] = {}

    @property
    def is_full(self) -> bool:
        """Whether it had better be worked out before more is added."""
        return len(self._own) > len(self._place) + _MOST_ADDED

    def add(self, illusion: Illusion) -> Mapping[int, int]:
        """Separate the members; the place of everything that requires the consumer, as it is then."""
        group = self._system.groups[illusion.consumer][illusion.group]
        above = self._copied(sorted(self._above(illusion.consumer)), {})
        copies = sorted(copied(self._system, illusion))
        members: list[int] = []
        for member in group.members:
            way = _way(self._system, member, illusion, copies)
            mine: Mapping[int, int] = above
            if way or member == illusion.shared:
                mine = self._copied(way, above, independent=copies)
            members.append(mine.get(member, self._place[member]))
        self._needs[above[illusion.consumer]][illusion.group] = (group.required, tuple(members))
        return above

    def engine(self) -> Availability[float]:
        """All that was added, to be asked about places."""
        keys = tuple(map(str, range(len(self._own))))
        groups = tuple(tuple(Group(k, members) for k, members in needs) for needs in self._needs)
        return Availability(assembled(keys, groups), self._own, limits=self._like.prepared.limits)

    def _copied(
        self, entities: Sequence[int], seen: Mapping[int, int], independent: Sequence[int] = ()
    ) -> Mapping[int, int]:
        """Copies that fail with what they are copies of, and independent ones; they mean one another, then `seen`."""
        both = (*independent, *entities)
        copies = {entity: number for number, entity in enumerate(both, start=len(self._own))}
        meant = {**self._place, **seen, **copies}
        for entity in both:
            self._add(self._mapped(entity, meant), self._like.own[entity])
        for entity in entities:
            self._own[copies[entity]] = 0.0
            self._needs[copies[entity]].append((1, (self._fault(entity),)))
        return {**seen, **copies}

    def _fault(self, entity: int) -> int:
        """What stands for an entity's own faults, wherever it is."""
        if entity not in self._faults:
            self._faults[entity] = self._add((), self._like.own[entity])
            self._own[self._place[entity]] = 0.0
            self._needs[self._place[entity]].append((1, (self._faults[entity],)))
        return self._faults[entity]

    def _above(self, consumer: int) -> set[int]:
        """The consumer and what requires it, as far as the roots reach."""
        found = {consumer}
        pending = [consumer]
        while pending:
            for other in self._system.consumers[pending.pop()]:
                if other in self._place and other not in found:
                    found.add(other)
                    pending.append(other)
        return found

    def _mapped(self, entity: int, meant: Mapping[int, int]) -> Iterable[_Needs]:
        return ((g.required, tuple(meant[member] for member in g.members)) for g in self._system.groups[entity])

    def _add(self, needs: Iterable[_Needs], own: float) -> int:
        self._needs.append(list(needs))
        self._own.append(own)
        return len(self._own) - 1


def _way(system: System, member: int, illusion: Illusion, copies: Collection[int]) -> list[int]:
    """What stands between a member, itself included, and the shared entity, in other ways than through the consumer."""
    beneath = {member}
    pending = [member]
    while pending:
        for supplier in system.suppliers(pending.pop()):
            if supplier not in beneath and supplier != illusion.consumer:
                beneath.add(supplier)
                pending.append(supplier)
    beneath.difference_update(copies)
    found: set[int] = set()
    pending = [illusion.shared]
    while pending:
        for consumer in system.consumers[pending.pop()]:
            if consumer in beneath and consumer not in found:
                found.add(consumer)
                pending.append(consumer)
    return sorted(found)
