"""What the redundancy illusions of an estate cost: of each, the transaction that loses most by it.

Assumes: where no transaction requires the group, its consumer's own minutes count.
Cost: of each illusion one system of the size of its transactions' closures (`separation.py`). Where these add up to
more than a bounded piece of work none is priced: what an illusion costs an entity is then asked of that entity.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from risk.limits import Check, unhurried
from risk.redundancy.illusions import Illusion
from risk.redundancy.separation import minutes_lost, rests_on
from risk.structure import closure
from risk.transactions import is_transaction
from risk.view import View
from topology.units import minutes

_MOST_WORK = 60_000
"""Entities of all closures together: two to four seconds."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Who loses most by an illusion, by number, and how many minutes in 30 days that are."""

    root: int
    minutes: Decimal


def worst_losses(view: View, found: Sequence[Illusion], check: Check = unhurried) -> Mapping[Illusion, Loss] | None:
    """The worst loss by each illusion, without those that a missing figure leaves unknown.

    None where pricing all of them is too much work.
    """
    unknown = view.unknown.union(view.backed_out.unsettled)
    asked: dict[int, tuple[int, ...]] = {}
    sizes: dict[int, int] = {}
    work = 0
    for illusion in found:
        consumer = illusion.consumer
        if consumer not in asked:
            check()
            asked[consumer] = _sold_on(view, consumer)
            sizes[consumer] = len(_closures(view, asked[consumer]))
        work += sizes[consumer]
        if work > _MOST_WORK:
            return None
    roots = {consumer: [root for root in held if not _is_unsettled(view, root)] for consumer, held in asked.items()}
    known = [i for i in found if roots[i.consumer] and rests_on(view.system, i).isdisjoint(unknown)]
    lost = minutes_lost(view.backed_out.availability, {i: roots[i.consumer] for i in known}, check)
    worst = {illusion: _worst(roots[illusion.consumer], lost[illusion]) for illusion in known}
    return {illusion: loss for illusion, loss in worst.items() if loss is not None}


def _worst(roots: Sequence[int], lost: Sequence[float | None]) -> Loss | None:
    known = [Loss(root, minutes(one)) for root, one in zip(roots, lost, strict=True) if one is not None]
    return min(known, key=lambda loss: (-loss.minutes, loss.root), default=None)


def _sold_on(view: View, consumer: int) -> tuple[int, ...]:
    """The transactions that require a consumer, itself if it is one; without any, the consumer."""
    system = view.system
    seen = {consumer}
    pending = [consumer]
    while pending:
        for other in system.consumers[pending.pop()]:
            if other not in seen:
                seen.add(other)
                pending.append(other)
    entities = view.snapshot.entities
    sold = tuple(entity for entity in sorted(seen) if is_transaction(entities[system.keys[entity]], view.at))
    return sold or (consumer,)


def _closures(view: View, roots: Iterable[int]) -> frozenset[int]:
    return frozenset().union(*(closure(view.system, root) for root in roots))


def _is_unsettled(view: View, root: int) -> bool:
    unsettled = view.backed_out.unsettled
    return bool(unsettled) and not closure(view.system, root).isdisjoint(unsettled)
