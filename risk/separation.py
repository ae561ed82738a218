"""What a shared entity costs a redundant group: minutes against members that each have their own copy of it.

Formula: `U(root) - U'(root)`; in U' each member of the group is seen with a copy of its own of the shared entity and of
what only that entity needs, which fails independently of every other copy. All else stays one and the same, what stands
between a member and the shared entity too: such an entity has its own faults once, for the members and for whoever else
needs it. So do the own availabilities: a copy promises what the shared entity promises.
Units: minutes of downtime in 30 days. A cause that the root meets elsewhere as well may cost it nothing here, or a
little less than nothing: further copies are further things to fail.
Assumes: own faults are independent of one another.
Cost: one system of the size of the roots' closures, and one composite of it for each root.
Source: section 3, "minutes lost against separated members".
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from risk.availability import Availability
from risk.graph import Group, System, assembled
from risk.illusions import Illusion, illusions
from risk.limits import Check, unhurried
from risk.structure import closure
from topology.errors import AnalysisTooLarge
from topology.units import MINUTES_PER_30_DAYS, minutes

_Needs = tuple[int, tuple[int, ...]]


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
    rows: list[PricedIllusion] = []
    for illusion in illusions(prepared, sorted(closure(prepared.system, root)), check):
        check()
        lost = None
        if rests_on(prepared.system, illusion).isdisjoint(unknown):
            (lost,) = minutes_lost(availability, illusion, (root,), check)
        rows.append(PricedIllusion(illusion, lost))
    return tuple(sorted(rows, key=_costliest_first))


def _costliest_first(row: PricedIllusion) -> tuple[bool, Decimal, int, int, int]:
    """By the minutes that are shown, then by consumer, group and shared entity."""
    illusion = row.illusion
    return row.minutes is None, -minutes(row.minutes or 0.0), illusion.consumer, illusion.group, illusion.shared


def minutes_lost(
    availability: Availability[float], illusion: Illusion, roots: Sequence[int], check: Check = unhurried
) -> list[float | None]:
    """What an illusion costs each root, which must require its consumer or be it; None where no exact figure is known.

    Args:
        availability: the system with its figures.
        illusion: the group and the shared entity.
        roots: whose minutes are meant.
        check: called every few thousand steps.
    """
    engine = availability.with_causes
    apart, place = _separated(engine, illusion, roots, check)
    found: list[float | None] = []
    for root in roots:
        try:
            lost = engine.exactly(root, check) - apart.exactly(place[root], check)
            found.append(lost * MINUTES_PER_30_DAYS)
        except AnalysisTooLarge:
            found.append(None)
    return found


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


@dataclass(slots=True)
class _Growing:
    """A system under construction: what each entity needs, and its own unavailability."""

    needs: list[list[_Needs]] = field(default_factory=list)
    own: list[float] = field(default_factory=list)

    def add(self, needs: Iterable[_Needs], own: float) -> int:
        self.needs.append(list(needs))
        self.own.append(own)
        return len(self.own) - 1

    def engine(self, like: Availability[float]) -> Availability[float]:
        keys = tuple(map(str, range(len(self.own))))
        groups = tuple(tuple(Group(k, members) for k, members in needs) for needs in self.needs)
        return Availability(assembled(keys, groups), self.own, limits=like.prepared.limits)


def _separated(
    engine: Availability[float], illusion: Illusion, roots: Sequence[int], check: Check
) -> tuple[Availability[float], Mapping[int, int]]:
    """The system with copies, as far as the roots reach, and the place of each entity in it."""
    system = engine.system
    within = sorted(frozenset().union(*(closure(system, root) for root in roots)))
    place = {entity: position for position, entity in enumerate(within)}
    grown = _Growing()
    for entity in within:
        grown.add(_mapped(system, entity, place), engine.own[entity])
    check()
    copies = sorted(copied(system, illusion))
    faults: dict[int, int] = {}
    group = system.groups[illusion.consumer][illusion.group]
    members: list[int] = []
    for member in group.members:
        way = _way(system, member, illusion, copies)
        if not way and member != illusion.shared:
            members.append(place[member])
            continue
        mine = dict(place)
        mine.update((entity, number) for number, entity in enumerate((*copies, *way), start=len(grown.own)))
        for entity in copies:
            grown.add(_mapped(system, entity, mine), engine.own[entity])
        for entity in way:
            grown.add(_mapped(system, entity, mine), 0.0)
        for entity in way:
            if entity not in faults:
                faults[entity] = grown.add((), engine.own[entity])
                grown.needs[place[entity]].append((1, (faults[entity],)))
                grown.own[place[entity]] = 0.0
            grown.needs[mine[entity]].append((1, (faults[entity],)))
        members.append(mine[member])
    grown.needs[place[illusion.consumer]][illusion.group] = (group.required, tuple(members))
    return grown.engine(engine), place


def _mapped(system: System, entity: int, place: Mapping[int, int]) -> Iterable[_Needs]:
    return ((group.required, tuple(place[member] for member in group.members)) for group in system.groups[entity])


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
