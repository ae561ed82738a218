"""A system with its hard cycles drawn together: what is left to decide are redundant groups between blocks.

Entities on one hard cycle are up or down together (their own faults aside), so they become one block. A member inside
the consumer's own block counts as satisfied, several members inside one other block count with their number (a weight,
not a member each), and a member without which the group cannot be met is a hard supplier. Since that can close new hard
cycles, it is repeated until nothing changes.

All of that happens within strongly connected components of the whole requirement graph: it is gone through once,
suppliers first, and only its cycles are looked at again and again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain

from risk.components import components
from risk.graph import Group, System
from risk.limits import Check, unhurried


@dataclass(frozen=True, slots=True)
class Gate:
    """A redundant group: its owner is down when blocks of a joint weight of `spare + 1` are down."""

    owner: int
    spare: int
    targets: tuple[tuple[int, int], ...]


class Names:
    """A digest of the keys of each block's entities, worked out when it is asked for.

    Args:
        keys: the key of each entity.
        members: the entities of each block.
    """

    def __init__(self, keys: Sequence[str], members: Sequence[Sequence[int]]) -> None:
        self._keys = keys
        self._members = members
        self._known: dict[int, int] = {}

    def __getitem__(self, block: int) -> int:
        found = self._known.get(block)
        if found is None:
            keys = "\n".join([self._keys[entity] for entity in self._members[block]])
            found = self._known[block] = int.from_bytes(blake2b(keys.encode(), digest_size=8).digest())
        return found


@dataclass(frozen=True, slots=True)
class Condensed:
    """Blocks, each after the blocks that it needs as far as cycles through groups allow.

    Attributes:
        block_of: the block of each entity; -1 of those that were left out.
        members: the entities of each block.
        hard: the hard suppliers of each block; without cycles.
        gates: all redundant groups.
        gates_of: the numbers of each block's gates.
        suppliers: the blocks that each block needs, through hard edges and gates, ascending.
        layers: the strongly connected components of the blocks, suppliers first; more than one block only where a
            cycle leads through a redundant group.
        cyclic: the blocks on such cycles.
        links: blocks inside a chain: each needs one other and nothing else, and at most one needs it, not in a gate.
        names: a digest of the keys of each block's entities: it is called the same in every system.
    """

    block_of: tuple[int, ...] = field(repr=False)
    members: tuple[tuple[int, ...], ...] = field(repr=False)
    hard: tuple[tuple[int, ...], ...] = field(repr=False)
    gates: tuple[Gate, ...] = field(repr=False)
    gates_of: tuple[range, ...] = field(repr=False)
    suppliers: tuple[tuple[int, ...], ...] = field(repr=False)
    layers: tuple[tuple[int, ...], ...] = field(repr=False)
    cyclic: frozenset[int] = field(repr=False)
    links: frozenset[int] = field(repr=False)
    names: Names = field(repr=False)

    def is_link(self, block: int) -> bool:
        """Whether a block needs one other block and nothing else, which does not need it in turn."""
        return len(self.hard[block]) == 1 and not self.gates_of[block] and block not in self.cyclic


_Needs = dict[tuple[int, tuple[tuple[int, int], ...]], None]
"""What is left of a block's redundant groups: how much of each is spare, and its targets with their weights."""
_NO_GATES = range(0)
_STRIDE = 4096
"""Entities between two looks at the clock."""


def condense(system: System, part: Sequence[int] | None = None, check: Check = unhurried) -> Condensed:
    """The blocks of a system.

    Args:
        system: the system.
        part: some of its entities, with all that they require; the others are left out. Absent: all.
        check: called every few thousand steps.

    Cost: linear in the edges of what is not left out; in those of cycles a few times over.
    """
    groups = system.groups
    knots = components(len(system), lambda v: [m for group in groups[v] for m in group.members], part, check)
    drawing = _Drawing(system, check)
    for knot in knots:
        if len(knot) == 1:
            drawing.add(knot[0])
        else:
            drawing.untie(sorted(knot))
    return drawing.condensed()


class _Drawing:
    """Blocks as they are drawn, each after those that it needs as far as cycles allow."""

    def __init__(self, system: System, check: Check) -> None:
        self._keys = system.keys
        self._groups = system.groups
        self._check = check
        self._block_of = [-1] * len(system)
        self._members: list[tuple[int, ...]] = []
        self._hard: list[tuple[int, ...]] = []
        self._gates: list[Gate] = []
        self._gates_of: list[range] = []
        self._suppliers: list[tuple[int, ...]] = []
        self._layers: list[tuple[int, ...]] = []

    def add(self, entity: int) -> None:
        """A block of one entity that is on no cycle, or on that of needing itself only."""
        block = len(self._members)
        self._block_of[entity] = block
        hard: set[int] = set()
        gates: _Needs = {}
        _take_in(self._groups[entity], block, self._block_of, hard, gates)
        self._append((entity,), hard, gates)
        self._layers.append((block,))

    def untie(self, knot: Sequence[int]) -> None:
        """The blocks of several entities that all lead to one another, in whatever way."""
        first, count = len(self._members), len(knot)
        for place, entity in enumerate(knot):
            self._block_of[entity] = first + place
        while True:
            hard, gates = self._needs(knot, first, count)
            if count == 1:
                self._layers.append((first,))
                self._append(tuple(knot), hard[0], gates[0])
                return
            found = self._in_layers(first, hard)
            if len(found) == count:
                break
            self._renumber(knot, first, found)
            count = len(found)
        targets = [{target for _, targets in needs for target, _ in targets} for needs in gates]
        layers = self._in_layers(first, list(map(set.union, hard, targets)))
        self._renumber(knot, first, [[old] for layer in layers for old in layer])
        hard, gates = self._needs(knot, first, count)
        members: list[list[int]] = [[] for _ in range(count)]
        for entity in knot:
            members[self._block_of[entity] - first].append(entity)
        for layer in layers:
            self._layers.append(tuple(range(len(self._members), len(self._members) + len(layer))))
            for block in self._layers[-1]:
                self._step(block)
                self._append(tuple(members[block - first]), hard[block - first], gates[block - first])

    def condensed(self) -> Condensed:
        """All blocks that were drawn."""
        cyclic = frozenset(block for layer in self._layers if len(layer) > 1 for block in layer)
        members = tuple(self._members)
        return Condensed(
            block_of=tuple(self._block_of),
            members=members,
            hard=tuple(self._hard),
            gates=tuple(self._gates),
            gates_of=tuple(self._gates_of),
            suppliers=tuple(self._suppliers),
            layers=tuple(self._layers),
            cyclic=cyclic,
            links=self._links(cyclic),
            names=Names(self._keys, members),
        )

    def _append(self, members: tuple[int, ...], hard: set[int], gates: _Needs) -> None:
        block = len(self._members)
        hard.discard(block)
        suppliers = tuple(sorted(hard)) if len(hard) > 1 else tuple(hard)
        self._members.append(members)
        self._hard.append(suppliers)
        if gates:
            self._gates_of.append(range(len(self._gates), len(self._gates) + len(gates)))
            for spare, targets in gates:
                self._gates.append(Gate(block, spare, targets))
                hard.update([target for target, _ in targets])
            suppliers = tuple(sorted(hard))
        else:
            self._gates_of.append(_NO_GATES)
        self._suppliers.append(suppliers)

    def _needs(self, knot: Sequence[int], first: int, count: int) -> tuple[list[set[int]], list[_Needs]]:
        """What each of some blocks needs, for one assignment of entities to blocks."""
        hard: list[set[int]] = [set() for _ in range(count)]
        gates: list[_Needs] = [{} for _ in range(count)]
        for step, entity in enumerate(knot, start=1):
            self._step(step)
            block = self._block_of[entity]
            _take_in(self._groups[entity], block, self._block_of, hard[block - first], gates[block - first])
        for place, suppliers in enumerate(hard):
            suppliers.discard(first + place)
        return hard, gates

    def _in_layers(self, first: int, suppliers: Sequence[Iterable[int]]) -> list[list[int]]:
        """The strongly connected components of the blocks from the first on, each by how far it is from that."""
        within = components(
            len(suppliers), lambda old: [s - first for s in suppliers[old] if s >= first], check=self._check
        )
        return list(within)

    def _renumber(self, knot: Sequence[int], first: int, found: Iterable[Iterable[int]]) -> None:
        """Assign entities to other blocks: those of each of some sets to one."""
        now = {first + old: first + number for number, some in enumerate(found) for old in some}
        for entity in knot:
            self._block_of[entity] = now[self._block_of[entity]]

    def _links(self, cyclic: frozenset[int]) -> frozenset[int]:
        consumers = [0] * len(self._members)
        for supplier in chain.from_iterable(self._hard):
            consumers[supplier] += 1
        for gate in self._gates:
            for target, _ in gate.targets:
                consumers[target] += 2
        return frozenset(
            block
            for block, count in enumerate(consumers)
            if count < 2 and len(self._hard[block]) == 1 and not self._gates_of[block] and block not in cyclic
        )

    def _step(self, step: int) -> None:
        if step % _STRIDE == 0:
            self._check()


def _take_in(groups: Iterable[Group], block: int, block_of: Sequence[int], hard: set[int], gates: _Needs) -> None:
    """Add to a block's hard suppliers and redundant groups what the groups of one of its entities come to."""
    for group in groups:
        members, required = group.members, group.required
        if required == len(members):
            for member in members:
                hard.add(block_of[member])
            continue
        targets = {block_of[member] for member in members}
        if len(targets) == len(members) and block not in targets:
            gates[len(members) - required, tuple([(target, 1) for target in sorted(targets)])] = None
            continue
        weights: dict[int, int] = {}
        for member in members:
            target = block_of[member]
            weights[target] = weights.get(target, 0) + 1
        required -= weights.pop(block, 0)
        if required <= 0:
            continue
        total = sum(weights.values())
        needed = [target for target, weight in weights.items() if total - weight < required]
        if needed:
            hard.update(needed)
            joint = sum(map(weights.pop, needed))
            required, total = required - joint, total - joint
        if required > 0:
            gates[total - required, tuple(sorted(weights.items()))] = None
