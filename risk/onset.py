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
        before: what is down with nothing else failed; nobody tolerates that.
        system: the groups and consumers, the tolerances numbered after the last entity; for `structure` alone to read.
        waits: from each supplier to the tolerances for it.
        awaited: from each tolerance to its supplier.
    """

    before: frozenset[int] = field(repr=False)
    system: System = field(repr=False)
    waits: Mapping[int, tuple[Wait, ...]] = field(repr=False)
    awaited: Mapping[int, int] = field(repr=False)


def waiting(system: System) -> Waiting:
    """The system with its tolerances. Cost: linear in the edges; nothing is copied where there are none."""
    before = down(system, ())
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
                if minutes > 0 and members[place] not in before:
                    number = len(system) + len(awaited)
                    waits.setdefault(members[place], []).append((number, minutes))
                    awaited[number] = members[place]
                    consumers.append((consumer,))
                    members[place] = number
            own.append(Group(group.required, tuple(members)))
        changed[consumer] = tuple(own)
    if not changed:
        return Waiting(before, system, MappingProxyType({}), MappingProxyType({}))
    kept = tuple(changed.get(consumer, groups) for consumer, groups in enumerate(system.groups))
    extended = replace(system, groups=(*kept, *(() for _ in awaited)), consumers=(*system.consumers, *consumers))
    found = MappingProxyType({supplier: tuple(held) for supplier, held in waits.items()})
    return Waiting(before, extended, found, MappingProxyType(awaited))


@dataclass(frozen=True, slots=True)
class Falls:
    """What falls, in the order in which it does: by onset, then by round, then by number.

    Attributes:
        onsets: from each fallen entity to its onset, minutes.
        distances: the steps of the shortest chain of causes to it, 0 for what failed itself.
        causes: for each entity that did not fail itself the supplier before it on that chain; ties go to the first key.
        before: what was down before minute 0, and is tolerated no longer.
    """

    onsets: dict[int, Decimal] = field(default_factory=dict)
    distances: dict[int, int] = field(default_factory=dict)
    causes: dict[int, int] = field(default_factory=dict)
    before: frozenset[int] = frozenset()

    def lost(self, supplier: int, tolerance: Decimal) -> Decimal:
        """The minute from which on a consumer that tolerates it for so long has lost what is down."""
        return self.onsets[supplier] if supplier in self.before else self.onsets[supplier] + tolerance


def falls(system: Waiting, failed: Iterable[int], minutes: Decimal | None = None, check: Check = unhurried) -> Falls:
    """What goes down when `failed` fail at minute 0, for `minutes` or without an end; and when, and through what.

    Cost: linear in the edges into what goes down, and a heap of the tolerances among them.
    """
    found, fallen = Falls(before=system.before), set[int]()
    due: dict[Decimal, list[int]] = {ZERO: list(failed)}
    times = [ZERO]
    while times and (minutes is None or times[0] < minutes):
        now = heapq.heappop(times)
        for number, _, lost in falling(system.system, due.pop(now), check, fallen):
            if number in system.awaited:
                found.distances[number] = found.distances[system.awaited[number]]
                continue
            found.onsets[number] = now
            found.distances[number] = 0
            if lost:
                steps, cause = min((found.distances[m], system.awaited.get(m, m)) for m in lost)
                found.distances[number], found.causes[number] = steps + 1, cause
            for wait, tolerated in system.waits.get(number, ()):
                if now + tolerated not in due:
                    due[now + tolerated] = []
                    heapq.heappush(times, now + tolerated)
                due[now + tolerated].append(wait)
    return found
