"""What becomes a single point once something is down: "given X down, the new single points are ..." (N-1).

Formula: `s` is new for a transaction t when t is in `down(F + {s})`, and neither in `down(F)` nor in `down({s})`. Given
F a group goes on with the members that are left and needs as many as before, so the single points of what is left are
those asked for. What the system has as failed (a scenario's) has failed before as well as after.
Source: section 3.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from risk.graph import Group, System, assembled
from risk.limits import Check, unhurried
from risk.reach import requiring
from risk.reduced.prepared import Prepared

_STRIDE = 4096


@dataclass(frozen=True, slots=True)
class NewSinglePoint:
    """An entity that now stops transactions alone, by number, and did not before: these, by number."""

    entity: int
    transactions: tuple[int, ...]


def new_single_points(
    prepared: Prepared, fallen: frozenset[int], transactions: Collection[int], check: Check = unhurried
) -> tuple[NewSinglePoint, ...]:
    """The new single points of the transactions that still stand, most transactions first, then by number.

    Args:
        prepared: what is known of the system.
        fallen: the numbers of all that is down, beside what is down with nothing else failed. A consumer that is up
            with too few members left, because it tolerates their loss for as long as that lasts, needs all that are
            left.
        transactions: the numbers of what counts as a transaction.
        check: called every few thousand steps.

    Cost: the closures of the transactions that need something of what is down; nothing where none does.
    """
    system, all_fallen = prepared.system, fallen | prepared.fallen
    hit = requiring(system, fallen - prepared.fallen, check) - all_fallen
    shaken = sorted(hit.intersection(transactions))
    left, place = _what_is_left(system, shaken, all_fallen, check)
    remaining = Prepared(left, prepared.limits)
    entities = list(place)
    found: dict[int, list[int]] = {}
    for transaction in shaken:
        check()
        now = {entities[number] for number in remaining.needs(place[transaction], check)}
        for entity in now - prepared.needs(transaction, check):
            found.setdefault(entity, []).append(transaction)
    rows = (NewSinglePoint(entity, tuple(stopped)) for entity, stopped in found.items())
    return tuple(sorted(rows, key=lambda row: (-len(row.transactions), row.entity)))


def _what_is_left(
    system: System, roots: Iterable[int], fallen: frozenset[int], check: Check
) -> tuple[System, dict[int, int]]:
    """What the roots require without what has fallen, and the place of each entity in it."""
    place = {root: position for position, root in enumerate(roots)}
    pending = list(place)
    steps = 0
    while pending:
        steps += 1
        if steps % _STRIDE == 0:
            check()
        for supplier in system.suppliers(pending.pop()):
            if supplier not in fallen and supplier not in place:
                place[supplier] = len(place)
                pending.append(supplier)
    groups = tuple(
        tuple(
            Group(min(group.required, len(left)), left)
            for group in system.groups[entity]
            if (left := tuple(place[member] for member in group.members if member in place))
        )
        for entity in place
    )
    return assembled(tuple(system.keys[entity] for entity in place), groups), place
