"""The requirement graph of a snapshot as compact arrays: every analysis works on these, by number instead of by key."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar

import networkx as nx

from risk.limits import Check, paced, unhurried
from topology.errors import UnknownKey
from topology.model import Degradation, Entity, EntityKind, RequirementGroup
from topology.snapshot import Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer needs at least `required` of `members` (numbers, ascending); `tolerances` in minutes, one a member."""

    required: int
    members: tuple[int, ...]
    tolerances: tuple[Decimal, ...] = ()
    name: str | None = None
    beta: Decimal | None = None

    @property
    def is_series(self) -> bool:
        """Whether every member is needed."""
        return self.required == len(self.members)


@dataclass(frozen=True, slots=True)
class SoftEdge:
    """A supplier whose loss costs the consumer the fraction `loss` (None: not stated), after `tolerance` minutes."""

    supplier: int
    loss: Decimal | None = None
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class System:
    """Entities 0..n-1 in the order of their keys, what each needs, and who needs it.

    `consumers[u]` are the entities with u in one of their groups, `soft_consumers[u]` those with only a soft edge to u;
    both ascending and without repetition. `providers` and `owners` are party keys. `failed` are the entities that have
    failed themselves whatever else is asked: a scenario's.
    """

    keys: tuple[str, ...]
    kinds: tuple[EntityKind, ...]
    providers: tuple[str | None, ...]
    owners: tuple[str | None, ...]
    groups: tuple[tuple[Group, ...], ...]
    soft: tuple[tuple[SoftEdge, ...], ...]
    consumers: tuple[tuple[int, ...], ...] = field(repr=False)
    soft_consumers: tuple[tuple[int, ...], ...] = field(repr=False)
    index: Mapping[str, int] = field(repr=False, compare=False)
    failed: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.keys)

    def number(self, key: str) -> int:
        """The number of an entity.

        Raises:
            UnknownKey: there is no such entity.
        """
        found = self.index.get(key)
        if found is None:
            raise UnknownKey(key)
        return found

    def suppliers(self, entity: int) -> tuple[int, ...]:
        """The hard suppliers of an entity, ascending, each once."""
        return tuple(sorted({member for group in self.groups[entity] for member in group.members}))


def system_of(snapshot: Snapshot, check: Check = unhurried) -> System:
    """The system of a snapshot. Where an entity has a hard and a soft edge to one supplier the hard one counts.

    `check` is called every few thousand steps.

    Cost: linear in entities and edges.
    """
    index = {key: number for number, key in enumerate(snapshot.entities)}
    needs, edges = snapshot.groups, snapshot.degradations
    groups = tuple(tuple(numbered_group(g, index) for g in needs.get(key, ())) for key in paced(index, check))
    soft = tuple(tuple(numbered_edge(d, index) for d in edges.get(key, ())) for key in paced(index, check))
    entities = snapshot.entities.values()
    return assembled(
        tuple(index),
        groups,
        soft,
        kinds=tuple(e.kind for e in entities),
        providers=tuple(e.provider for e in entities),
        owners=tuple(e.owner for e in entities),
        check=check,
    )


def assembled(
    keys: tuple[str, ...],
    groups: tuple[tuple[Group, ...], ...],
    soft: tuple[tuple[SoftEdge, ...], ...] | None = None,
    *,
    kinds: tuple[EntityKind, ...] | None = None,
    providers: tuple[str | None, ...] | None = None,
    owners: tuple[str | None, ...] | None = None,
    failed: frozenset[int] = frozenset(),
    check: Check = unhurried,
) -> System:
    """A system from its parts; the reversed edges are worked out, and soft edges beside hard ones are dropped.

    `check` is called every few thousand steps.
    """
    size = len(keys)
    nobody: tuple[str | None, ...] = (None,) * size
    lighter = enumerate(paced(soft or ((),) * size, check))
    kept = tuple(_only_soft(edges, groups[consumer]) for consumer, edges in lighter)
    return System(
        keys=keys,
        kinds=kinds or (EntityKind.SERVICE,) * size,
        providers=providers or nobody,
        owners=owners or nobody,
        groups=groups,
        soft=kept,
        consumers=_reversed(
            size, ((c, m) for c, own in enumerate(paced(groups, check)) for g in own for m in g.members)
        ),
        soft_consumers=_reversed(size, ((c, e.supplier) for c, edges in enumerate(paced(kept, check)) for e in edges)),
        index=MappingProxyType({key: number for number, key in enumerate(keys)}),
        failed=failed,
    )


Needs = tuple[tuple[Group, ...], tuple[SoftEdge, ...]]
"""What an entity needs: its groups, and its soft edges, those beside a hard one too."""


def changed(system: System, needs: Mapping[int, Needs]) -> System:
    """The system with other needs of some entities, by number.

    Cost: those entities and their suppliers, and a shallow copy.
    """
    groups = {consumer: hard for consumer, (hard, _) in needs.items()}
    soft = {consumer: _only_soft(edges, hard) for consumer, (hard, edges) in needs.items()}
    suppliers = {c: (system.suppliers(c), {m for g in hard for m in g.members}) for c, hard in groups.items()}
    light = {c: ({e.supplier for e in system.soft[c]}, {e.supplier for e in edges}) for c, edges in soft.items()}
    return replace(
        system,
        groups=_with(system.groups, groups),
        soft=_with(system.soft, soft),
        consumers=_rewired(system.consumers, suppliers),
        soft_consumers=_rewired(system.soft_consumers, light),
    )


def widened(system: System, entities: Iterable[Entity]) -> System:
    """The system with more entities, in the order of all keys; they need nothing and nothing needs them.

    Cost: one pass over what is numbered at or after the first of them.
    """
    added = {entity.key: entity for entity in entities}
    keys = tuple(sorted((*system.keys, *added)))
    index = {key: number for number, key in enumerate(keys)}
    now = [index[key] for key in system.keys]
    stay = min(index[key] for key in added)

    def spread(held: Sequence[T], of_added: Callable[[Entity], T]) -> tuple[T, ...]:
        moved = iter(held)
        return tuple(of_added(added[key]) if key in added else next(moved) for key in keys)

    def numbers(held: tuple[int, ...]) -> tuple[int, ...]:
        return tuple([now[entity] for entity in held]) if held and held[-1] >= stay else held

    def group(held: Group) -> Group:
        if held.members[-1] < stay:
            return held
        return Group(held.required, numbers(held.members), held.tolerances, held.name, held.beta)

    groups = [tuple(map(group, needs)) for needs in system.groups]
    soft = [tuple(replace(edge, supplier=now[edge.supplier]) for edge in edges) for edges in system.soft]
    return System(
        keys=keys,
        kinds=spread(system.kinds, lambda entity: entity.kind),
        providers=spread(system.providers, lambda entity: entity.provider),
        owners=spread(system.owners, lambda entity: entity.owner),
        groups=spread(groups, lambda _: ()),
        soft=spread(soft, lambda _: ()),
        consumers=spread([numbers(held) for held in system.consumers], lambda _: ()),
        soft_consumers=spread([numbers(held) for held in system.soft_consumers], lambda _: ()),
        index=MappingProxyType(index),
        failed=frozenset(now[entity] for entity in system.failed),
    )


def restricted(system: System, entities: Sequence[int], with_soft: Collection[int]) -> System:
    """A system of some entities only, numbered in the order given; they must hold all that their groups name.

    Soft edges are kept for the consumers in `with_soft`, to suppliers that are among the entities.
    """
    number = {entity: position for position, entity in enumerate(entities)}
    return assembled(
        tuple(system.keys[entity] for entity in entities),
        tuple(
            tuple(replace(group, members=tuple(number[m] for m in group.members)) for group in system.groups[entity])
            for entity in entities
        ),
        tuple(
            tuple(replace(e, supplier=number[e.supplier]) for e in system.soft[entity] if e.supplier in number)
            if entity in with_soft
            else ()
            for entity in entities
        ),
        kinds=tuple(system.kinds[entity] for entity in entities),
        providers=tuple(system.providers[entity] for entity in entities),
        owners=tuple(system.owners[entity] for entity in entities),
        failed=frozenset(number[entity] for entity in system.failed & number.keys()),
    )


def to_networkx(system: System) -> "nx.DiGraph[str]":
    """Consumer to supplier, by key; `hard` on every edge."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(system.keys)
    for consumer, key in enumerate(system.keys):
        graph.add_edges_from((key, system.keys[edge.supplier], {"hard": False}) for edge in system.soft[consumer])
        graph.add_edges_from((key, system.keys[supplier], {"hard": True}) for supplier in system.suppliers(consumer))
    return graph


def numbered_group(group: RequirementGroup, index: Mapping[str, int]) -> Group:
    """A requirement group by number."""
    members = sorted((index[m.entity], m.tolerance) for m in group.members)
    numbers, tolerances = tuple(m for m, _ in members), tuple(t for _, t in members)
    return Group(group.required, numbers, tolerances, group.name, group.beta)


def numbered_edge(degradation: Degradation, index: Mapping[str, int]) -> SoftEdge:
    """A degradation by number."""
    return SoftEdge(index[degradation.supplier], degradation.loss, degradation.tolerance)


def _only_soft(edges: tuple[SoftEdge, ...], groups: tuple[Group, ...]) -> tuple[SoftEdge, ...]:
    if not edges:
        return edges
    hard = {member for group in groups for member in group.members}
    return tuple(edge for edge in edges if edge.supplier not in hard)


def _with(held: tuple[T, ...], others: Mapping[int, T]) -> tuple[T, ...]:
    found = list(held)
    for number, item in others.items():
        found[number] = item
    return tuple(found)


def _rewired(
    consumers: tuple[tuple[int, ...], ...], suppliers: Mapping[int, tuple[Collection[int], Collection[int]]]
) -> tuple[tuple[int, ...], ...]:
    """Who needs whom, after some consumers have other suppliers: of each those before and those after."""
    found: dict[int, set[int]] = {}
    for consumer, (before, after) in suppliers.items():
        for supplier in set(before) ^ set(after):
            if supplier not in found:
                found[supplier] = set(consumers[supplier])
            (found[supplier].add if supplier in after else found[supplier].discard)(consumer)
    return _with(consumers, {supplier: tuple(sorted(needing)) for supplier, needing in found.items()})


def _reversed(size: int, edges: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    found: list[list[int]] = [[] for _ in range(size)]
    for consumer, supplier in edges:
        if not found[supplier] or found[supplier][-1] != consumer:
            found[supplier].append(consumer)
    return tuple(map(tuple, found))
