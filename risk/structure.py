"""The structure function: what is down when something has failed, and what each entity cannot do without.

Formula: `UP(v) = own(v) and, for every group g of v, #{u in g : UP(u)} >= k_g`, as the greatest fixpoint (start with
everything up, mark down until nothing changes). It is monotone, so unique, order-independent and safe in cycles.
This is the only module that computes it; every other asks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from risk.bitsets import outweighing
from risk.condensation import Condensed
from risk.graph import System
from risk.limits import Check, unhurried

_STRIDE = 4096
"""Steps between two looks at the clock."""


def down(system: System, failed: Iterable[int], check: Check = unhurried) -> frozenset[int]:
    """Everything that is down when `failed` have failed themselves, beside what the system has as failed.

    Cost: linear in the edges into what goes down.
    """
    return frozenset(entity for entity, _, _ in falling(system, failed, check))


def falling(
    system: System, failed: Iterable[int], check: Check = unhurried, fallen: set[int] | None = None
) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """What goes down, in rounds: the entity, its round (0 for what failed itself), and the members that took it down.

    An entity falls in the first round after which any of its groups has too few members up; its causes are the members
    of all such groups that had fallen by then. What was down before is in `fallen`, to which is added what falls.
    """
    fallen = set() if fallen is None else fallen
    wave: dict[int, tuple[int, ...]] = dict.fromkeys(sorted({*failed, *system.failed} - fallen), ())
    rounds, steps = 0, 0
    while wave:
        fallen.update(wave)
        for entity, causes in wave.items():
            yield entity, rounds, causes
        rounds += 1
        touched = {consumer for entity in wave for consumer in system.consumers[entity]} - fallen
        wave = {}
        for consumer in sorted(touched):
            steps += 1
            if steps % _STRIDE == 0:
                check()
            for group in system.groups[consumer]:
                lost = tuple(member for member in group.members if member in fallen)
                if len(group.members) - len(lost) < group.required:
                    wave[consumer] = (*wave.get(consumer, ()), *lost)


def closure(system: System, root: int) -> frozenset[int]:
    """The hard closure: the root and all that it reaches through its groups."""
    seen = {root}
    pending = [root]
    while pending:
        for group in system.groups[pending.pop()]:
            for member in group.members:
                if member not in seen:
                    seen.add(member)
                    pending.append(member)
    return frozenset(seen)


@dataclass(frozen=True, slots=True)
class Necessity:
    """What each block cannot do without, as bitsets: a bit for every block and one for every gate.

    A link of a chain (one hard supplier, at most one consumer) keeps no set of its own: it is its supplier's with one
    more, so that chains of any length take no more room than their length.

    Attributes:
        stored: for each block that is no link: itself, its gates, and all that these and its hard suppliers need.
        links: from each link to its supplier.
        bit_of: the bit of each block.
        block_at: the block of each bit, or -1.
        gate_at: the gate of each bit, or -1.
    """

    stored: dict[int, int] = field(repr=False)
    links: dict[int, int] = field(repr=False)
    bit_of: dict[int, int] = field(repr=False)
    block_at: list[int] = field(repr=False)
    gate_at: list[int] = field(repr=False)

    def needs(self, block: int) -> int:
        """The bits of all whose failure alone stops a block; the blocks among them are exactly the single points."""
        if block in self.stored:
            return self.stored[block]
        end, links = self.chain(block)
        return self.stored[end] | links

    def chain(self, block: int) -> tuple[int, int]:
        """The block at the end of a block's chain, itself if it is no link, and the bits of the links on the way."""
        if block not in self.links:
            return block, 0
        way = []
        while block in self.links:
            way.append(self.bit_of[block])
            block = self.links[block]
        flags = bytearray(max(way) // 8 + 1)
        for bit in way:
            flags[bit // 8] |= 1 << bit % 8
        return block, int.from_bytes(flags, "little")


def necessary(condensed: Condensed, layers: Sequence[Sequence[int]], check: Check = unhurried) -> Necessity:
    """The single points of every block of some layers at once; the layers hold all that their blocks need.

    Formula: the least solution of `N(v) = {v} + its gates + N(t) of its hard suppliers t + thr(g) of its gates g`,
    where thr(g) are the bits contained in more than `spare` (by weight) of the targets' N.
    Cost: one pass of set unions; inside a cycle through groups until nothing changes.
    """
    found = Necessity({}, {}, {}, [], [])
    stored, of = found.stored, found.needs
    for step, layer in enumerate(layers):
        if step % _STRIDE == 0:
            check()
        if len(layer) > 1:
            together = {block: _numbered(condensed, block, found) for block in layer}
            _settle(condensed, together, stored, of, check)
            continue
        (block,) = layer
        own = _numbered(condensed, block, found)
        if block in condensed.links:
            (found.links[block],) = condensed.hard[block]
        else:
            stored[block] = own | _implied(condensed, block, stored, of)
    return found


def down_in_worlds(
    condensed: Condensed, layers: Iterable[Sequence[int]], failed: Mapping[int, int], check: Check
) -> dict[int, int]:
    """The worlds in which each block of some layers is down; the layers hold all that their blocks need.

    `failed` are the worlds in which a block has failed itself, as a bitset: `necessary` has one failure in each.
    """
    found: dict[int, int] = {}
    for step, layer in enumerate(layers, start=1):
        if step % _STRIDE == 0:
            check()
        _settle(condensed, {block: failed.get(block, 0) for block in layer}, found, found.__getitem__, check)
    return found


def _settle(
    condensed: Condensed, own: Mapping[int, int], found: dict[int, int], of: Callable[[int], int], check: Check
) -> None:
    """The least solution for the blocks of one layer, on top of what `own` says of each; `of` reads what is found."""
    found.update(own)
    changed = True
    while changed:
        changed = False
        for step, block in enumerate(own, start=1):
            if step % _STRIDE == 0:
                check()
            grown = found[block] | _implied(condensed, block, found, of)
            if grown != found[block]:
                found[block], changed = grown, len(own) > 1


def _numbered(condensed: Condensed, block: int, found: Necessity) -> int:
    """New bits for a block and its gates."""
    block_at, gate_at = found.block_at, found.gate_at
    found.bit_of[block] = first = len(block_at)
    block_at.append(block)
    gate_at.append(-1)
    gates = condensed.gates_of[block]
    if not gates:
        return 1 << first
    block_at.extend([-1] * len(gates))
    gate_at.extend(gates)
    return ((1 << len(gates) + 1) - 1) << first


def _implied(condensed: Condensed, block: int, known: Mapping[int, int], of: Callable[[int], int]) -> int:
    """What takes a block down by way of its suppliers: as known, else `of` tells."""
    found, get = 0, known.get  # a call for every edge would take longer than all the rest
    for supplier in condensed.hard[block]:
        found |= get(supplier) or of(supplier)
    for number in condensed.gates_of[block]:
        gate = condensed.gates[number]
        found |= outweighing([(get(target) or of(target), weight) for target, weight in gate.targets], gate.spare)
    return found
