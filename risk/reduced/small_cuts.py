"""The minimal cut sets of one and of two of all blocks of a cone, from what each cannot do without.

Formula: a group fails by two that make more than `spare` (by weight) of its targets fail; what makes a target fail is a
single point of it, or a pair of a group among what it cannot do without. The pairs of a block are those of all groups
that it cannot do without, but for what holds a single point of it. Two failures are a state like any other: inside a
cycle the least solution is reached from nothing, as that of the single points is (`structure.py`).
Cost: the rows of the groups that a block cannot do without; each group once, inside a cycle until nothing changes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from risk.bitsets import bits
from risk.condensation import Condensed, Gate
from risk.limits import Check
from risk.reduced.pairs import Cuts, Partners, enough_of, may_have_larger, together
from risk.structure import Necessity
from topology.errors import AnalysisTooLarge

Cut = tuple[int, ...]
"""Entities, ascending."""
_MOST: Final = 1_000_000
"""Pairs beyond which a list is of no use."""


class SmallCuts:
    """The minimal cut sets of up to two of the blocks of some layers, which hold all that their blocks need.

    Groups are worked out as they are asked for.

    Args:
        condensed: the blocks.
        layers: the layers.
        necessity: their single points.
        beneath: tells for each gate the bits that its state can depend on.
    """

    def __init__(
        self,
        condensed: Condensed,
        layers: Sequence[Sequence[int]],
        necessity: Necessity,
        beneath: Callable[[], Mapping[int, int]],
    ) -> None:
        self._condensed = condensed
        self._necessity = necessity
        self._beneath = beneath
        self._cycle_of = {block: layer for layer in layers if len(layer) > 1 for block in layer}
        gate_at = reversed(necessity.gate_at)
        self._gates = int("".join(["0" if gate < 0 else "1" for gate in gate_at]) or "0", 2)
        # By the bits of gates: the pairs of each, and of which gates they are known.
        self._pairs: dict[int, Partners] = {}
        self._known = 0
        self._targets: dict[int, Cuts] = {}
        self._entities: dict[int, list[int]] = {}
        self._spelled: dict[tuple[int, int], list[Cut]] = {}

    def singles(self, block: int) -> list[Cut]:
        """The entities whose failure alone stops a block, its own among them."""
        return [(entity,) for entity in self._entities_of(self._necessity.needs(block) & ~self._gates)]

    def pairs(self, block: int, check: Check) -> list[Cut]:
        """The pairs of entities whose failure stops a block, but neither of which does alone.

        Raises:
            AnalysisTooLarge: there are more than can be listed.
        """
        needs = self._necessity.needs(block)
        self._work_out(needs & self._gates, check)
        found: list[Cut] = []
        for row in self._cuts_of(needs).partners.items():
            # Most rows are met again and again.
            spelled = self._spelled.get(row)
            if spelled is None:
                spelled = self._spelled[row] = self._spelled_out(*row)
            found += spelled
            if len(found) > _MOST:
                raise AnalysisTooLarge(f"more than {_MOST} cut sets of order 2 or less")
        return found

    def has_others(self, block: int) -> bool:
        """Whether anything but single points stops a block."""
        needs = self._necessity.needs(block)
        return any(self._failing(self._gate(bit), needs) for bit in bits(needs & self._gates))

    def may_have_larger(self, block: int, again: int, check: Check) -> bool:
        """Whether there may be cut sets of more than two that hold no smaller one.

        Formula: groups in the context of what is known to stand, as in `reductions.py`. All that counts, and what is
        joined first, comes from what lies beneath and from keys, not from numbers: so does the answer.

        Args:
            block: the block.
            again: groups that are looked at under yet another context before the answer is that there may be.
            check: called every few groups.
        """
        of, gates, gate_at, beneath = self._necessity.needs, self._gates, self._necessity.gate_at, self._beneath()
        context = of(block)
        self._work_out(context & gates, check)
        pending = [(bit, context & beneath[gate_at[bit]]) for bit in bits(context & gates)]
        met: set[int] = set()
        seen: set[tuple[int, int]] = set()
        while pending:
            task = pending.pop()
            if task in seen:
                continue
            check()
            seen.add(task)
            bit, context = task
            met.add(bit)
            if len(seen) - len(met) > again:
                return True
            gate = self._gate(bit)
            failing = self._failing(gate, context)
            items = [(self._cuts_of(of(target), context), weight) for target, weight in failing]
            if items and may_have_larger(gate.spare + 1, items, check):
                return True
            for target, _ in failing:
                # Contexts grow, so that this ends in cycles too.
                needs = of(target)
                grown = context | needs
                pending += [(each, grown & beneath[gate_at[each]]) for each in bits(needs & ~context & gates)]
        return False

    def _work_out(self, gates: int, check: Check) -> None:
        """Come to know the pairs of some gates, by their bits, and of all that these depend on."""
        pending = list(bits(gates & ~self._known))
        while pending:
            bit = pending[-1]
            if self._known >> bit & 1:
                pending.pop()
                continue
            owner = self._gate(bit).owner
            own = self._own_gates(self._cycle_of.get(owner, (owner,)))
            mine = sum([1 << each for each in own])
            needed = {each: self._needed(gate) for each, gate in own.items()}
            waiting = 0
            for each in needed.values():
                waiting |= each
            waiting &= ~(self._known | mine)
            if waiting:
                pending += bits(waiting)
                continue
            self._settle(own, needed, mine, check)
            self._known |= mine

    def _settle(self, own: Mapping[int, Gate], needed: Mapping[int, int], mine: int, check: Check) -> None:
        """The least solution for the gates of one cycle, or of one block, on top of what is known of others."""
        self._pairs.update((bit, {}) for bit in own)
        waiting = list(own)
        while waiting:
            changed = 0
            for bit in waiting:
                check()
                gate = own[bit]
                items = [(self._target(target, mine), weight) for target, weight in gate.targets]
                found = together((enough_of(gate.spare + 1, items, check).partners,), self._necessity.needs(gate.owner))
                if found != self._pairs[bit]:
                    self._pairs[bit] = found
                    changed |= 1 << bit
            waiting = [bit for bit in own if needed[bit] & changed]

    def _own_gates(self, blocks: Sequence[int]) -> dict[int, Gate]:
        """The gates of some blocks, by their bits."""
        gates, gates_of, bit_of = self._condensed.gates, self._condensed.gates_of, self._necessity.bit_of
        return {bit: gates[number] for block in blocks for bit, number in enumerate(gates_of[block], bit_of[block] + 1)}

    def _needed(self, gate: Gate) -> int:
        """The gates that the targets of a gate cannot do without."""
        found = 0
        for target, _ in gate.targets:
            found |= self._necessity.needs(target)
        return found & self._gates

    def _target(self, block: int, unsettled: int = 0) -> Cuts:
        """The cut sets of a block, kept once the gates that it cannot do without are settled: several may ask."""
        found = self._targets.get(block)
        if found is None:
            needs = self._necessity.needs(block)
            found = self._cuts_of(needs)
            if not needs & unsettled:
                self._targets[block] = found
        return found

    def _cuts_of(self, needs: int, standing: int = 0) -> Cuts:
        """The cut sets of what cannot do without some bits, by what is known by now of the gates among them.

        Nothing of `standing` fails: what is a single point of it does not, and its groups do not.
        """
        gates = needs & self._gates & ~standing
        singles = needs & ~(self._gates | standing)
        return Cuts(singles, together(map(self._pairs.__getitem__, bits(gates)), needs | standing) if gates else {})

    def _spelled_out(self, low: int, row: int) -> list[Cut]:
        others = self._entities.get(row)
        if others is None:
            others = self._entities[row] = self._entities_of(row)
        return [
            (one, other) if one < other else (other, one) for one in self._entities_of(1 << low) for other in others
        ]

    def _entities_of(self, blocks: int) -> list[int]:
        members, block_at = self._condensed.members, self._necessity.block_at
        return [entity for bit in bits(blocks) for entity in members[block_at[bit]]]

    def _gate(self, bit: int) -> Gate:
        return self._condensed.gates[self._necessity.gate_at[bit]]

    def _failing(self, gate: Gate, context: int) -> list[tuple[int, int]]:
        """The targets of a group that can fail while the context stands, if they are enough for it to fail.

        Those that can do without most come first, which leaves least in doubt, then those of the lowest key: the
        numbers of blocks tell what else a system holds, the order of entities does not.
        """
        bit_of, members, of = self._necessity.bit_of, self._condensed.members, self._necessity.needs
        found = [(target, weight) for target, weight in gate.targets if not context >> bit_of[target] & 1]
        if sum([weight for _, weight in found]) <= gate.spare:
            return []
        return sorted(found, key=lambda item: ((of(item[0]) & ~context).bit_count(), members[item[0]][0]))
