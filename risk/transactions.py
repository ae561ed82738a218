"""What counts as a transaction: something that the business sells on the day that is asked about.

A transaction that does not exist on that day, not yet or no longer, earns nothing and stops nothing: it counts nowhere,
neither as one that hangs on something nor as one that an outage hits. It stays an entity like any other.
"""

from datetime import date

from risk.graph import System
from topology.model import Entity, EntityKind
from topology.snapshot import Snapshot


def is_transaction(entity: Entity, at: date) -> bool:
    """Whether an entity counts as a transaction on a day."""
    return entity.kind is EntityKind.TRANSACTION and (entity.valid is None or entity.valid.holds(at))


def transactions(snapshot: Snapshot, system: System, at: date) -> tuple[int, ...]:
    """The numbers of all transactions of a day, ascending. Cost: linear in the entities."""
    entities = snapshot.entities
    return tuple(number for number, key in enumerate(system.keys) if is_transaction(entities[key], at))
