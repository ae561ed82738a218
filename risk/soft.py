"""A system in which losing something is a state of its own, by twins and coins.

An entity is fully up when it is UP, its soft suppliers with a loss are UP, and each of its groups has enough members
that are fully up. Every entity that can lose something gets a twin that needs just that, so that the one greatest
fixpoint answers both questions. A loss d is a coin that comes up with probability d; of several losses of one supplier
the largest counts, so the i-th smallest turns up coins 1..i, with `1 - d_i = prod over j <= i of (1 - coin_j)`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from risk.graph import Group, System, assembled


@dataclass(frozen=True, slots=True)
class Loss:
    """A soft edge that costs something: the supplier, and the coins of which any makes its loss felt."""

    supplier: int
    coins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Softened:
    """A system with its twins and coins after the last number.

    Attributes:
        system: the extended system.
        twins: from each entity that can lose something to its twin.
        losses: from each entity with soft edges that cost something to these.
        coins: the probability of each coin, in the order of their numbers, which follow those of the twins.
    """

    system: System = field(repr=False)
    twins: Mapping[int, int] = field(repr=False)
    losses: Mapping[int, tuple[Loss, ...]] = field(repr=False)
    coins: tuple[Fraction, ...] = field(repr=False)


def softened(system: System) -> Softened:
    """The system with twins and coins. A soft edge without a stated loss, or with none, costs nothing.

    Cost: linear in the edges.
    """
    costly = {
        consumer: [(edge.supplier, edge.loss) for edge in edges if edge.loss]
        for consumer, edges in enumerate(system.soft)
        if any(edge.loss for edge in edges)
    }
    size = len(system)
    twins = {entity: size + position for position, entity in enumerate(sorted(_can_lose(system, costly)))}
    levels: dict[int, set[Decimal]] = {}
    for edges in costly.values():
        for supplier, loss in edges:
            levels.setdefault(supplier, set()).add(loss)
    coins: list[Fraction] = []
    coins_of: dict[tuple[int, Decimal], tuple[int, ...]] = {}
    for supplier in sorted(levels):
        kept = Fraction(1)
        numbers: tuple[int, ...] = ()
        for loss in sorted(levels[supplier]):
            numbers = (*numbers, size + len(twins) + len(coins))
            coins.append(1 - (1 - Fraction(loss)) / kept)
            coins_of[supplier, loss] = numbers
            kept = 1 - Fraction(loss)
    groups = [*system.groups]
    for entity, twin in twins.items():
        assert twin == len(groups)
        needs = [Group(1, (supplier,)) for supplier in sorted({entity, *(s for s, _ in costly.get(entity, ()))})]
        needs += [Group(g.required, tuple(twins.get(m, m) for m in g.members)) for g in system.groups[entity]]
        groups.append(tuple(needs))
    groups += [()] * len(coins)
    return Softened(
        assembled(tuple(map(str, range(len(groups)))), tuple(groups)),
        twins,
        {c: tuple(Loss(s, coins_of[s, loss]) for s, loss in edges) for c, edges in costly.items()},
        tuple(coins),
    )


def _can_lose(system: System, costly: Mapping[int, object]) -> set[int]:
    seen = set(costly)
    pending = list(costly)
    while pending:
        for consumer in system.consumers[pending.pop()]:
            if consumer not in seen:
                seen.add(consumer)
                pending.append(consumer)
    return seen
