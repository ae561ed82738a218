"""When things fall: the structure function in time, with the minutes that consumers survive without suppliers.

Formula: onset 0 for what failed itself; a supplier's onset plus the consumer's tolerance for it is when the consumer
has lost it; a group falls with the (n-k+1)-th loss of a member, an entity with the first of its groups. In a cycle an
onset is founded on what failed: members that only wait for one another stay up, as in the greatest fixpoint.
What is down with nothing else failed, in a system that has failures of its own (a scenario's), has been so for longer
than anybody tolerates: it is down from minute 0 on, and lost by all who need it.
Units: minutes after the failure.
Source: section 5. An outage of D minutes is the same, cut off at D: what falls before D falls through what fell before.
"""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType

from risk.graph import Group, System
from risk.limits import Check, unhurried
from risk.structure import down, falling

ZERO = Decimal(0)
Wait = tuple[int, Decimal]
"""The number of a tolerance, and its minutes."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A system in which each tolerance stands in its group for the supplier, and fails so many minutes after it.

    Attributes:
        plain: the system as it is, in which nobody waits.
        system: the groups and consumers, the tolerances numbered after the last entity; for `structure` alone to read.
        waits: from each supplier to the tolerances for it.
        awaited: from each tolerance to its supplier.
    """

    plain: System = field(repr=False)
    system: System = field(repr=False)
    waits: Mapping[int, tuple[Wait, ...]] = field(repr=False)
    awaited: Mapping[int, int] = field(repr=False)


def waiting(system: System) -> Waiting:
    """The system with its tolerances. Cost: linear in the edges; nothing is copied where there are none."""
    waits: dict[int, list[Wait]] = {}
    awaited: dict[int, int] = {}
    consumers: list[tuple[int, ...]] = []
    changed: dict[int, tuple[Group, ...]] = {}
    for consumer, groups in enumerate(system.groups):
        if not any(any(group.tolerances) for group in groups):
            continue
        own: list[Group] = []
        for group in groups:
            members = list(group.members)
            for place, minutes in enumerate(group.tolerances):
                if minutes > 0:
                    number = len(system) + len(awaited)
                    waits.setdefault(members[place], []).append((number, minutes))
                    awaited[number] = members[place]
                    consumers.append((consumer,))
                    members[place] = number
            own.append(Group(group.required, tuple(members)))
        changed[consumer] = tuple(own)
    if not changed:
        return Waiting(system, system, MappingProxyType({}), MappingProxyType({}))
    kept = tuple(changed.get(consumer, groups) for consumer, groups in enumerate(system.groups))
    extended = replace(system, groups=(*kept, *(() for _ in awaited)), consumers=(*system.consumers, *consumers))
    found = MappingProxyType({supplier: tuple(held) for supplier, held in waits.items()})
    return Waiting(system, extended, found, MappingProxyType(awaited))


@dataclass(frozen=True, slots=True)
class Falls:
    """What falls, in the order in which it does: by onset, then by round, then by number.

    Attributes:
        onsets: from each fallen entity to its onset, minutes.
        distances: the steps of the shortest chain of causes to it, 0 for what failed itself.
        causes: for each entity that did not fail itself the supplier before it on that chain; ties go to the first key.
        before: what of this was down before minute 0, and is tolerated no longer.
    """

    onsets: dict[int, Decimal] = field(default_factory=dict)
    distances: dict[int, int] = field(default_factory=dict)
    causes: dict[int, int] = field(default_factory=dict)
    before: frozenset[int] = frozenset()

    def lost(self, supplier: int, tolerance: Decimal) -> Decimal:
        """The minute from which on a consumer that tolerates it for so long has lost what is down."""
        return self.onsets[supplier] if supplier in self.before else self.onsets[supplier] + tolerance

    def add(self, entity: int, onset: Decimal, lost: Iterable[tuple[int, int]]) -> None:
        """An entity that falls through suppliers, of which the distances and numbers are given; or by itself."""
        self.onsets[entity], self.distances[entity] = onset, 0
        nearest = min(lost, default=None)
        if nearest is not None:
            self.distances[entity], self.causes[entity] = nearest[0] + 1, nearest[1]


def falls(system: Waiting, failed: Iterable[int], minutes: Decimal | None = None, check: Check = unhurried) -> Falls:
    """What goes down when `failed` fail at minute 0, for `minutes` or without an end; and when, and through what.

    Cost: linear in the edges into what goes down, and a heap of the tolerances among them.
    """
    failed = tuple(failed)
    found, fallen = _before(system, failed, minutes, check)
    due: dict[Decimal, list[int]] = {ZERO: list(failed)}
    times = [ZERO]
    while times and (minutes is None or times[0] < minutes):
        now = heapq.heappop(times)
        for number, _, lost in falling(system.system, due.pop(now), check, fallen):
            if number in system.awaited:
                found.distances[number] = found.distances[system.awaited[number]]
                continue
            found.add(number, now, [(found.distances[m], system.awaited.get(m, m)) for m in lost])
            for wait, tolerated in system.waits.get(number, ()):
                if now + tolerated not in due:
                    due[now + tolerated] = []
                    heapq.heappush(times, now + tolerated)
                due[now + tolerated].append(wait)
    return found


def _before(system: Waiting, failed: Iterable[int], minutes: Decimal | None, check: Check) -> tuple[Falls, set[int]]:
    """What was down before minute 0, and that with the tolerances for it: none of them is left."""
    before = down(system.plain, (), check) if minutes is None or minutes > 0 else frozenset[int]()
    found, fallen = Falls(before=before), set[int]()
    for number, _, lost in falling(system.plain, before.intersection(failed), check) if before else ():
        found.add(number, ZERO, [(found.distances[m], m) for m in lost])
        waits = [wait for wait, _ in system.waits.get(number, ())]
        found.distances.update(dict.fromkeys(waits, found.distances[number]))
        fallen.update((number, *waits))
    return found, fallen
