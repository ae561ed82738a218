"""A system with its hard cycles drawn together: what is left to decide are redundant groups between blocks.

Entities on one hard cycle are up or down together (their own faults aside), so they become one block. A member inside
the consumer's own block counts as satisfied, several members inside one other block count with their number (a weight,
not a member each), and a member without which the group cannot be met is a hard supplier. Since that can close new hard
cycles, it is repeated until nothing changes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from risk.components import components
from risk.graph import System


@dataclass(frozen=True, slots=True)
class Gate:
    """A redundant group: its owner is down when blocks of a joint weight of `spare + 1` are down."""

    owner: int
    spare: int
    targets: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Condensed:
    """Blocks, each after the blocks that it needs as far as cycles through groups allow.

    Attributes:
        block_of: the block of each entity; -1 of those that were left out.
        members: the entities of each block.
        hard: the hard suppliers of each block; without cycles.
        gates: all redundant groups.
        gates_of: the numbers of each block's gates.
        layers: the strongly connected components of the blocks, suppliers first; more than one block only where a
            cycle leads through a redundant group.
        cyclic: the blocks on such cycles.
        names: a digest of the keys of each block's entities: it is called the same in every system.
    """

    block_of: tuple[int, ...] = field(repr=False)
    members: tuple[tuple[int, ...], ...] = field(repr=False)
    hard: tuple[tuple[int, ...], ...] = field(repr=False)
    gates: tuple[Gate, ...] = field(repr=False)
    gates_of: tuple[tuple[int, ...], ...] = field(repr=False)
    layers: tuple[tuple[int, ...], ...] = field(repr=False)
    cyclic: frozenset[int] = field(repr=False)
    names: tuple[int, ...] = field(repr=False)

    def is_link(self, block: int) -> bool:
        """Whether a block needs one other block and nothing else, which does not need it in turn."""
        return len(self.hard[block]) == 1 and not self.gates_of[block] and block not in self.cyclic

    def suppliers(self, block: int) -> set[int]:
        """The blocks that a block needs, through hard edges and gates."""
        found = set(self.hard[block])
        for gate in self.gates_of[block]:
            found.update(target for target, _ in self.gates[gate].targets)
        return found


_Gates = dict[tuple[int, int, tuple[tuple[int, int], ...]], None]


def condense(system: System, part: Sequence[int] | None = None) -> Condensed:
    """The blocks of a system.

    Args:
        system: the system.
        part: some of its entities, with all that they require; the others are left out. Absent: all.

    Cost: linear in the edges of what is not left out, a few times over.
    """
    entities = range(len(system)) if part is None else part
    label = [-1] * len(system)
    for place, entity in enumerate(entities):
        label[entity] = place
    while True:
        hard, gates = _relabelled(system, entities, label)
        found = components(len(hard), hard.__getitem__)
        if len(found) == len(hard):
            return _ordered(system, entities, label, hard, gates)
        merged = [0] * len(hard)
        for number, block in enumerate(found):
            for old in block:
                merged[old] = number
        for entity in entities:
            label[entity] = merged[label[entity]]


def _relabelled(system: System, entities: Sequence[int], label: list[int]) -> tuple[list[set[int]], _Gates]:
    """Hard suppliers of each block and the redundant groups that remain, for one assignment of blocks."""
    hard: list[set[int]] = [set() for _ in range(max(label, default=-1) + 1)]
    gates: _Gates = {}
    for consumer in entities:
        block = label[consumer]
        for group in system.groups[consumer]:
            members = group.members
            if group.required == len(members):
                if len(members) == 1:
                    hard[block].add(label[members[0]])
                else:
                    hard[block].update(label[member] for member in members)
                continue
            weights = Counter(label[member] for member in members)
            required = group.required - weights.pop(block, 0)
            total = weights.total()
            if required <= 0:
                continue
            needed = {target for target, weight in weights.items() if total - weight < required}
            hard[block] |= needed
            required -= sum(weights[target] for target in needed)
            rest = tuple(sorted((t, w) for t, w in weights.items() if t not in needed))
            if required > 0:
                gates[block, sum(w for _, w in rest) - required, rest] = None
    for block, suppliers in enumerate(hard):
        suppliers.discard(block)
    return hard, gates


def _ordered(
    system: System, entities: Sequence[int], label: list[int], hard: list[set[int]], gates: _Gates
) -> Condensed:
    """The blocks renumbered suppliers first, so that bitsets of what lies beneath stay short."""
    gates_of: list[list[int]] = [[] for _ in hard]
    for number, (owner, _, _) in enumerate(gates):
        gates_of[owner].append(number)
    rows = list(gates)

    def suppliers(block: int) -> set[int]:
        if not gates_of[block]:
            return hard[block]
        return hard[block].union(*({t for t, _ in rows[gate][2]} for gate in gates_of[block]))

    layers = components(len(hard), suppliers)
    new = [0] * len(hard)
    for number, block in enumerate(block for layer in layers for block in layer):
        new[block] = number
    members: list[list[int]] = [[] for _ in hard]
    block_of = [-1] * len(label)
    for entity in entities:
        block_of[entity] = new[label[entity]]
        members[block_of[entity]].append(entity)
    old = [block for layer in layers for block in layer]
    return Condensed(
        block_of=tuple(block_of),
        members=tuple(map(tuple, members)),
        hard=tuple(tuple(sorted(new[s] for s in hard[block])) for block in old),
        gates=tuple(Gate(new[o], spare, tuple((new[t], w) for t, w in targets)) for o, spare, targets in rows),
        gates_of=tuple(tuple(gates_of[block]) for block in old),
        layers=tuple(tuple(new[block] for block in layer) for layer in layers),
        cyclic=frozenset(new[block] for layer in layers if len(layer) > 1 for block in layer),
        names=tuple(_name([system.keys[entity] for entity in some]) for some in members),
    )


def _name(keys: Sequence[str]) -> int:
    return int.from_bytes(blake2b("\n".join(keys).encode(), digest_size=8).digest())
