"""What a failure does: who is DOWN, DEGRADED or AT_RISK, when, and through what; and who is spared.

Formula: DOWN if it failed itself, or a group has fewer than k members that are not DOWN, with an onset before the
outage's end; else DEGRADED if its loss is above 0; else AT_RISK if a group lost a member and has no more members up
than it needs. The onset of these two is the least onset of a cause plus the tolerance for it, and lies before the end
too. Members that are DEGRADED or AT_RISK count as up. Whoever lost a member and is still UP is spared. What a scenario
has failed is how things stand when the outage begins: all that is down by it, tolerances over, is DOWN from 0 to D.
Units: minutes after the failure; losses in 0..1.
Assumes: a loss that is not stated is above 0 and otherwise unknown: DEGRADED, and no figure.
Source: section 5.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from risk.graph import Group, System
from risk.limits import Check, unhurried
from risk.losses import Losing, Lost, losing
from risk.onset import Falls, Waiting, falls
from risk.terms import ImpactState
from topology.model import Money
from topology.units import normal

ZERO = Decimal(0)
_STRIDE = 4096
_WORST_FIRST = {state: -rank for rank, state in enumerate(ImpactState)}


@dataclass(frozen=True, slots=True)
class Impact:
    """One entity that is worse off.

    Attributes:
        entity: its number.
        state: how it fares.
        onset: the minute at which it begins to.
        minutes_down: how long it is DOWN, 0 in every other state; None while no end is given.
        loss: the fraction of its service that is lost where it is DEGRADED; None in every other state, and where a part
            of it is not stated.
        margin: of its groups that lost a member the fewest members up above those needed; None where none lost any, and
            where it is DOWN. Below 0 only its tolerance keeps it up.
        distance: the steps of the shortest chain of causes from the failed set, 0 for its members.
        causes: what stands before each entity on its chain; shared by all impacts of one cascade.
    """

    entity: int
    state: ImpactState
    onset: Decimal
    minutes_down: Decimal | None
    loss: Decimal | None
    margin: int | None
    distance: int
    causes: Mapping[int, int] = field(repr=False, compare=False)

    @property
    def witness(self) -> tuple[int, ...]:
        """The shortest chain of causes, as long as the distance, from a failed entity to this one."""
        chain = [self.entity]
        while chain[-1] in self.causes:
            chain.append(self.causes[chain[-1]])
        return tuple(reversed(chain))


@dataclass(frozen=True, slots=True)
class Spared:
    """An entity that lost a member and is UP: the place of the group that came closest, and its margin (`Impact`)."""

    entity: int
    group: int
    margin: int


@dataclass(frozen=True, slots=True)
class Cascade:
    """What a failed set does.

    Attributes:
        failed: the numbers of what failed itself, ascending.
        minutes: how long the outage lasts; None without an end.
        impacts: who is worse off: the worst state first, then the earliest onset, then by number.
        spared: who lost a member and is UP, by number.
    """

    failed: tuple[int, ...]
    minutes: Decimal | None
    impacts: tuple[Impact, ...]
    spared: tuple[Spared, ...]

    def count(self, state: ImpactState) -> int:
        """How many entities are in a state that is worse than UP."""
        return sum(impact.state is state for impact in self.impacts)

    @property
    def down(self) -> frozenset[int]:
        """The numbers of what is DOWN."""
        return frozenset(impact.entity for impact in self.impacts if impact.state is ImpactState.DOWN)


def cascade(
    system: System, waiting: Waiting, failed: Iterable[int], minutes: Decimal | None = None, check: Check = unhurried
) -> Cascade:
    """What happens when `failed` fail at minute 0, for `minutes` or without an end.

    Args:
        system: the requirement graph.
        waiting: the same with its tolerances (`onset.waiting`).
        failed: the numbers of what fails, beside what the system has as failed and what is down by that.
        minutes: how long it lasts; at 0 it hits nobody.
        check: called every few thousand steps.

    Cost: linear in the edges into what goes down and, where a soft supplier goes down, of all that requires its
    consumers.
    """
    start = sorted({*failed, *system.failed})
    return _Outage(system, falls(waiting, start, minutes, check), minutes, check).cascade(tuple(start))


def revenue_lost(impact: Impact, per_hour: Money | None, minutes: Decimal | None) -> Money | None:
    """What a transaction does not earn: all of its revenue while it is DOWN, its loss of it while it is DEGRADED.

    Formula: `per_hour x minutes down / 60` where it is DOWN, also where it was DEGRADED before that: the worst state
    tells; `per_hour x loss x (D - onset) / 60` where it is DEGRADED; 0 where it is AT_RISK.

    Args:
        impact: how the transaction fares.
        per_hour: its revenue an hour.
        minutes: how long the outage lasts; None without an end.

    Returns:
        Money to 9 decimals; None where the revenue, the loss or the end is not known.
    """
    if per_hour is None:
        return None
    if impact.state is ImpactState.AT_RISK:
        return Money(ZERO, per_hour.currency)
    share = Decimal(1) if impact.state is ImpactState.DOWN else impact.loss
    if share is None or minutes is None:
        return None
    return Money(normal(round(per_hour.amount * share * (minutes - impact.onset) / 60, 9)), per_hour.currency)


@dataclass(frozen=True, slots=True)
class _Shaken:
    """An entity that is up and lost members: its group with the least margin, and its risk, if it is at any."""

    group: int
    margin: int
    at_risk: "_Risk | None"


@dataclass(frozen=True, slots=True, order=True)
class _Risk:
    """The nearest lost member of groups that can lose no more: the entity's distance by way of it, and its number."""

    distance: int
    cause: int
    since: Decimal = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Outage:
    """One failed set at work."""

    system: System
    fallen: Falls
    minutes: Decimal | None
    check: Check

    def cascade(self, failed: tuple[int, ...]) -> Cascade:
        """All that it does."""
        fallen = self.fallen
        degraded = losing(self.system, fallen.onsets, self._lost(), self.check)
        shaken = self._shaken()
        at_risk = {v: found.at_risk for v, found in shaken.items() if found.at_risk and v not in degraded}
        causes = {
            **fallen.causes,
            **{entity: found.cause for entity, found in degraded.items()},
            **{entity: found.cause for entity, found in at_risk.items()},
        }
        shared = MappingProxyType(causes)
        impacts = [
            *(self._down(entity, shared) for entity in fallen.onsets),
            *(_degraded(entity, found, shaken.get(entity), shared) for entity, found in degraded.items()),
            *(_at_risk(entity, found, shaken[entity].margin, shared) for entity, found in at_risk.items()),
        ]
        impacts.sort(key=lambda impact: (_WORST_FIRST[impact.state], impact.onset, impact.entity))
        up = sorted(shaken.keys() - degraded.keys() - at_risk.keys())
        spared = (Spared(entity, shaken[entity].group, shaken[entity].margin) for entity in up)
        return Cascade(failed, self.minutes, tuple(impacts), tuple(spared))

    def _lost(self) -> dict[int, list[Lost]]:
        """From each entity that is up to its soft suppliers that are down and no longer tolerated."""
        found: dict[int, list[Lost]] = {}
        onsets = self.fallen.onsets
        consumers = {c for supplier in onsets for c in self.system.soft_consumers[supplier]}
        for step, consumer in enumerate(sorted(consumers - onsets.keys()), start=1):
            if step % _STRIDE == 0:
                self.check()
            for edge in self.system.soft[consumer]:
                if edge.supplier not in onsets or edge.loss == 0:
                    continue
                since = self.fallen.lost(edge.supplier, edge.tolerance)
                if self._begins(since):
                    distance = self.fallen.distances[edge.supplier]
                    found.setdefault(consumer, []).append(Lost(edge.supplier, edge.loss, since, distance))
        return found

    def _shaken(self) -> dict[int, _Shaken]:
        """The entities that are up and lost a member of a group."""
        onsets = self.fallen.onsets
        consumers = {c for supplier in onsets for c in self.system.consumers[supplier]}
        found: dict[int, _Shaken] = {}
        for step, consumer in enumerate(sorted(consumers - onsets.keys()), start=1):
            if step % _STRIDE == 0:
                self.check()
            groups = self.system.groups[consumer]
            lost = {place: members for place, group in enumerate(groups) if (members := self._lost_of(group))}
            margins = {place: len(groups[place].members) - len(lost[place]) - groups[place].required for place in lost}
            risks = [risk for place in lost if margins[place] <= 0 for risk in lost[place] if self._begins(risk.since)]
            closest = min(lost, key=lambda place: (margins[place], place))
            worst = None
            if risks:
                nearest = min(risks)
                worst = _Risk(nearest.distance, nearest.cause, min(risk.since for risk in risks))
            found[consumer] = _Shaken(closest, margins[closest], worst)
        return found

    def _lost_of(self, group: Group) -> list[_Risk]:
        """The members of a group that are down, and since when the consumer has lost each."""
        onsets = self.fallen.onsets
        tolerances = group.tolerances or (ZERO,) * len(group.members)
        return [
            _Risk(self.fallen.distances[member] + 1, member, self.fallen.lost(member, tolerance))
            for member, tolerance in zip(group.members, tolerances, strict=True)
            if member in onsets
        ]

    def _begins(self, since: Decimal) -> bool:
        return self.minutes is None or since < self.minutes

    def _down(self, entity: int, causes: Mapping[int, int]) -> Impact:
        onset = self.fallen.onsets[entity]
        lasting = None if self.minutes is None else self.minutes - onset
        return Impact(entity, ImpactState.DOWN, onset, lasting, None, None, self.fallen.distances[entity], causes)


def _degraded(entity: int, found: Losing, shaken: _Shaken | None, causes: Mapping[int, int]) -> Impact:
    margin = None if shaken is None else shaken.margin
    return Impact(entity, ImpactState.DEGRADED, found.since, ZERO, found.loss, margin, found.distance, causes)


def _at_risk(entity: int, found: _Risk, margin: int, causes: Mapping[int, int]) -> Impact:
    return Impact(entity, ImpactState.AT_RISK, found.since, ZERO, None, margin, found.distance, causes)
