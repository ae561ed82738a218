"""What entities that are up lose by soft suppliers that are down, in one state.

Formula: `loss = 1 - prod (1 - d_u)` over the distinct soft suppliers u of the live closure that are DOWN, each once,
with the largest d among its live edges. The live closure is what an entity reaches through UP members; but a group with
at least k members that lose nothing themselves is passed through these only. So an entity loses something when a soft
supplier of its own is lost, or fewer than k members of a group (than all that are up, if these are fewer) lose nothing:
once more a greatest fixpoint.
Source: section 2, "Soft"; `success.py` takes the expectation of the same over all states.
"""

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from risk.components import components
from risk.graph import Group, System, assembled
from risk.limits import Check, unhurried
from risk.shares_lost import SharesLost
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
    """What a live closure has lost, as a set of shares, and since when."""

    shares: int = field(repr=False)
    since: Decimal


def losing(
    system: System, fallen: Collection[int], lost: Mapping[int, Sequence[Lost]], check: Check = unhurried
) -> dict[int, Losing]:
    """Every entity that is up and loses something.

    Args:
        system: the requirement graph.
        fallen: what is down.
        lost: from each entity that is up to its own soft suppliers that it has lost, if any; each costs something.
        check: called every few thousand steps.

    Cost: linear in the edges of all that requires the keys of `lost` at any depth, times the words of a set of all that
    is lost; of such sets only those are held that a consumer has still to hear of.
    """
    near = _requiring(system, lost, fallen, check)
    place = {entity: position for position, entity in enumerate(near)}
    check()
    groups = {entity: [_passed(group, fallen, place) for group in system.groups[entity]] for entity in near}
    check()
    numbered = tuple(
        tuple(Group(g.required, tuple(place[m] for m in g.members)) for g in groups[entity] if g.members)
        for entity in near
    )
    whole = assembled(tuple(system.keys[entity] for entity in near), numbered)
    check()
    hurt = frozenset(near[position] for position in down(whole, (place[entity] for entity in lost), check))
    leads = {entity: _through(groups[entity], hurt) for entity in sorted(hurt)}
    check()
    amounts = _amounts(leads, lost, check)
    chains = _chains(leads, lost, check)
    return {entity: Losing(*amounts[entity], *chains[entity]) for entity in leads}


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


def _amounts(
    leads: Mapping[int, tuple[int, ...]], lost: Mapping[int, Sequence[Lost]], check: Check
) -> dict[int, tuple[Decimal | None, Decimal]]:
    """The fraction that each entity loses, and since when; the members of a cycle have one in common."""
    entities = tuple(leads)
    place = {entity: position for position, entity in enumerate(entities)}
    shares = SharesLost((one.supplier, one.loss) for own in lost.values() for one in own)
    waiting = Counter(member for members in leads.values() for member in members)
    heard: dict[int, _Heard] = {}
    amounts: dict[int, tuple[Decimal | None, Decimal]] = {}
    worked = 0
    for component in components(len(entities), lambda position: [place[m] for m in leads[entities[position]]]):
        members = [entities[position] for position in component]
        beneath = [member for entity in members for member in leads[entity]]
        worked += 1 + (1 + len(beneath)) * len(shares)
        if worked >= _STRIDE:
            check()
            worked = 0
        own = [one for entity in members for one in lost.get(entity, ())]
        together = _together(own, [heard[m] for m in beneath if m in heard], shares)
        waiting.subtract(beneath)
        for member in beneath:
            if not waiting[member]:
                heard.pop(member, None)
        heard.update((entity, together) for entity in members if waiting[entity])
        amounts.update(dict.fromkeys(members, (shares.loss(together.shares), together.since)))
    return amounts


def _together(own: Sequence[Lost], beneath: Sequence[_Heard], shares: SharesLost) -> _Heard:
    """What is lost by an entity itself and by all that it reaches."""
    found = shares.bits((one.supplier, one.loss) for one in own)
    for heard in beneath:
        found |= heard.shares
    return _Heard(found, min([*(one.since for one in own), *(heard.since for heard in beneath)]))


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
