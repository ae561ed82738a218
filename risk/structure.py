"""The structure function: what is down when something has failed, and what each entity cannot do without.

Formula: `UP(v) = own(v) and, for every group g of v, #{u in g : UP(u)} >= k_g`, as the greatest fixpoint (start with
everything up, mark down until nothing changes). It is monotone, so unique, order-independent and safe in cycles.
This is the only module that computes it; every other asks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from risk.condensation import Condensed
from risk.graph import System
from risk.limits import Check, unhurried

_STRIDE = 4096
"""Steps between two looks at the clock."""


def down(system: System, failed: Iterable[int], check: Check = unhurried) -> frozenset[int]:
    """Everything that is down when `failed` have failed themselves and nothing else has.

    Cost: linear in the edges into what goes down.
    """
    return frozenset(entity for entity, _, _ in falling(system, failed, check))


def falling(
    system: System, failed: Iterable[int], check: Check = unhurried
) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """What goes down, in rounds: the entity, its round (0 for what failed itself), and the members that took it down.

    An entity falls in the first round after which one of its groups has too few members up; its causes are the fallen
    members of the first such group, as it lists them.
    """
    fallen: set[int] = set()
    wave = sorted(set(failed))
    fallen.update(wave)
    for entity in wave:
        yield entity, 0, ()
    rounds, steps = 0, 0
    while wave:
        rounds += 1
        touched = {consumer for entity in wave for consumer in system.consumers[entity]} - fallen
        wave = []
        causes: list[tuple[int, ...]] = []
        for consumer in sorted(touched):
            steps += 1
            if steps % _STRIDE == 0:
                check()
            for group in system.groups[consumer]:
                lost = tuple(member for member in group.members if member in fallen)
                if len(group.members) - len(lost) < group.required:
                    wave.append(consumer)
                    causes.append(lost)
                    break
        fallen.update(wave)
        for consumer, lost in zip(wave, causes, strict=True):
            yield consumer, rounds, lost


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

    Attributes:
        needs: for each block the bits of all whose failure alone stops it: itself, its gates, and what they and its
            hard suppliers cannot do without. The blocks among them are exactly the single points.
        reach: for each block the bits of all that its state can depend on.
        bit_of: the bit of each block.
        block_at: the block of each bit, or -1.
        gate_at: the gate of each bit, or -1.
    """

    needs: dict[int, int] = field(repr=False)
    reach: dict[int, int] = field(repr=False)
    bit_of: dict[int, int] = field(repr=False)
    block_at: tuple[int, ...] = field(repr=False)
    gate_at: tuple[int, ...] = field(repr=False)


def necessary(condensed: Condensed, layers: Iterable[Sequence[int]], check: Check = unhurried) -> Necessity:
    """The single points of every block of some layers at once; the layers hold all that their blocks need.

    Formula: the least solution of `N(v) = {v} + its gates + N(t) of its hard suppliers t + thr(g) of its gates g`,
    where thr(g) are the bits contained in more than `spare` (by weight) of the targets' N.
    Cost: one pass of set unions; inside a cycle through groups until nothing changes.
    """
    needs: dict[int, int] = {}
    reach: dict[int, int] = {}
    bit_of: dict[int, int] = {}
    block_at: list[int] = []
    gate_at: list[int] = []
    for step, layer in enumerate(layers):
        if step % _STRIDE == 0:
            check()
        own: dict[int, int] = {}
        for block in layer:
            bit_of[block] = len(block_at)
            own[block] = 1 << len(block_at)
            block_at.append(block)
            gate_at.append(-1)
            for gate in condensed.gates_of[block]:
                own[block] |= 1 << len(block_at)
                block_at.append(-1)
                gate_at.append(gate)
        beneath = 0
        for block in layer:
            beneath |= own[block]
            for supplier in condensed.suppliers(block):
                beneath |= reach.get(supplier, 0)
        reach.update(dict.fromkeys(layer, beneath))
        needs.update(own)
        while True:
            changed = False
            for block in layer:
                grown = own[block] | _implied(condensed, block, needs)
                if grown != needs[block]:
                    needs[block] = grown
                    changed = True
            if not changed or len(layer) == 1:
                break
    return Necessity(needs, reach, bit_of, tuple(block_at), tuple(gate_at))


def _implied(condensed: Condensed, block: int, needs: dict[int, int]) -> int:
    """What a block cannot do without because of what its suppliers cannot."""
    found = 0
    for supplier in condensed.hard[block]:
        found |= needs[supplier]
    for number in condensed.gates_of[block]:
        gate = condensed.gates[number]
        losing = [0] * (gate.spare + 1)  # losing[j]: bits whose failure takes more than j of the weight seen so far
        for target, weight in gate.targets:
            bits = needs[target]
            for lost in range(gate.spare, -1, -1):
                losing[lost] |= bits if lost < weight else losing[lost - weight] & bits
        found |= losing[gate.spare]
    return found


def bits(number: int) -> Iterator[int]:
    """The positions of the ones, ascending."""
    text = bin(number)[:1:-1]
    position = text.find("1")
    while position >= 0:
        yield position
        position = text.find("1", position + 1)
