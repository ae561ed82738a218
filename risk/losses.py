"""What entities that are up lose by soft suppliers that are down, in one state.

Formula: `loss = 1 - prod (1 - d_u)` over the distinct soft suppliers u of the live closure that are DOWN, each once,
with the largest d among its live edges. The live closure is what an entity reaches through UP members; but a group with
at least k members that lose nothing themselves is passed through these only. So an entity loses something when a soft
supplier of its own is lost, or fewer than k members of a group (than all that are up, if these are fewer) lose nothing:
once more a greatest fixpoint.
Source: section 2, "Soft"; `success.py` takes the expectation of the same over all states.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from risk.components import components
from risk.graph import Group, System, assembled
from risk.limits import Check, unhurried
from risk.structure import down

_STRIDE = 4096


@dataclass(frozen=True, slots=True)
class Lost:
    """A soft supplier that a consumer has lost: its fraction (None: not stated), since when, and its distance."""

    supplier: int
    loss: Decimal | None
    since: Decimal
    distance: int


@dataclass(frozen=True, slots=True)
class Losing:
    """What an entity that is up loses.

    Attributes:
        loss: the fraction, above 0; None where a part of it is not stated.
        since: the first minute at which any of it is lost.
        distance: the steps of the shortest chain from what failed, by way of a lost soft supplier.
        cause: what stands before the entity on that chain; ties go to the first key.
    """

    loss: Decimal | None
    since: Decimal
    distance: int
    cause: int


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a live closure has lost: the worst known fraction of each supplier, those without one, and since when."""

    worst: Mapping[int, Decimal]
    unstated: frozenset[int]
    since: Decimal

    @property
    def loss(self) -> Decimal | None:
        if self.unstated:
            return None
        kept = Decimal(1)
        for supplier in sorted(self.worst):
            kept *= 1 - self.worst[supplier]
        return 1 - kept


def losing(
    system: System, fallen: Collection[int], lost: Mapping[int, Sequence[Lost]], check: Check = unhurried
) -> dict[int, Losing]:
    """Every entity that is up and loses something.

    Args:
        system: the requirement graph.
        fallen: what is down.
        lost: from each entity that is up to its own soft suppliers that it has lost, if any; each costs something.
        check: called every few thousand steps.

    Cost: linear in the edges of all that requires the keys of `lost` at any depth, times the suppliers lost at most.
    """
    near = _requiring(system, lost, fallen, check)
    place = {entity: position for position, entity in enumerate(near)}
    groups = {entity: [_passed(group, fallen, place) for group in system.groups[entity]] for entity in near}
    numbered = tuple(
        tuple(Group(g.required, tuple(place[m] for m in g.members)) for g in groups[entity] if g.members)
        for entity in near
    )
    whole = assembled(tuple(system.keys[entity] for entity in near), numbered)
    hurt = frozenset(near[position] for position in down(whole, (place[entity] for entity in lost), check))
    leads = {entity: _through(groups[entity], hurt) for entity in sorted(hurt)}
    heard = _heard(leads, lost, check)
    chains = _chains(leads, lost, check)
    return {entity: Losing(heard[entity].loss, heard[entity].since, *chains[entity]) for entity in leads}


def _requiring(system: System, entities: Iterable[int], fallen: Collection[int], check: Check) -> list[int]:
    """The entities and all that requires them through what is up, in order."""
    seen = set(entities)
    pending = list(seen)
    steps = 0
    while pending:
        steps += 1
        if steps % _STRIDE == 0:
            check()
        for consumer in system.consumers[pending.pop()]:
            if consumer not in seen and consumer not in fallen:
                seen.add(consumer)
                pending.append(consumer)
    return sorted(seen)


def _passed(group: Group, fallen: Collection[int], near: Collection[int]) -> Group:
    """The members of a group that could lose something, so many of which must not for it to be passed by others.

    A consumer that tolerates a loss may be up with fewer members than it needs: then all that are up are passed.
    """
    up = [member for member in group.members if member not in fallen]
    could = tuple(member for member in up if member in near)
    enough = max(1, len(up) - group.required + 1)
    return Group(len(could) - enough + 1, could)


def _through(groups: Iterable[Group], hurt: Collection[int]) -> tuple[int, ...]:
    """The members that lose something and are passed through all the same."""
    found: set[int] = set()
    for group in groups:
        losers = [member for member in group.members if member in hurt]
        if losers and len(group.members) - len(losers) < group.required:
            found.update(losers)
    return tuple(sorted(found))


def _heard(leads: Mapping[int, tuple[int, ...]], lost: Mapping[int, Sequence[Lost]], check: Check) -> dict[int, _Heard]:
    """What the live closure of each entity has lost; the members of a cycle have one in common."""
    entities = tuple(leads)
    place = {entity: position for position, entity in enumerate(entities)}
    found: dict[int, _Heard] = {}
    order = components(len(entities), lambda position: [place[m] for m in leads[entities[position]]])
    for step, component in enumerate(order, start=1):
        if step % _STRIDE == 0:
            check()
        members = [entities[position] for position in component]
        own = [one for entity in members for one in lost.get(entity, ())]
        beneath = {id(found[m]): found[m] for entity in members for m in leads[entity] if m in found}
        together = _together(own, tuple(beneath.values()))
        found.update(dict.fromkeys(members, together))
    return found


def _together(own: Sequence[Lost], beneath: Sequence[_Heard]) -> _Heard:
    if not own and len(beneath) == 1:
        return beneath[0]
    worst: dict[int, Decimal] = {}
    for supplier, loss in [
        *((one.supplier, one.loss) for one in own if one.loss is not None),
        *(pair for heard in beneath for pair in heard.worst.items()),
    ]:
        worst[supplier] = max(worst.get(supplier, loss), loss)
    unstated = frozenset(one.supplier for one in own if one.loss is None)
    since = min([*(one.since for one in own), *(heard.since for heard in beneath)])
    return _Heard(worst, unstated.union(*(heard.unstated for heard in beneath)), since)


def _chains(
    leads: Mapping[int, tuple[int, ...]], lost: Mapping[int, Sequence[Lost]], check: Check
) -> dict[int, tuple[int, int]]:
    """The distance of each entity and what stands before it: nearest first (Dijkstra), ties by number."""
    consumers: dict[int, list[int]] = {}
    for entity, members in leads.items():
        for member in members:
            consumers.setdefault(member, []).append(entity)
    pending = [(one.distance + 1, one.supplier, entity) for entity, own in lost.items() for one in own]
    heapq.heapify(pending)
    found: dict[int, tuple[int, int]] = {}
    steps = 0
    while pending:
        steps += 1
        if steps % _STRIDE == 0:
            check()
        distance, cause, entity = heapq.heappop(pending)
        if entity in found:
            continue
        found[entity] = (distance, cause)
        for consumer in consumers.get(entity, ()):
            heapq.heappush(pending, (distance + 1, entity, consumer))
    return found
