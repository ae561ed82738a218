"""Cycles through groups: formulas of being down by rounds, where taking them apart would not end in time.

Formula: the least fixpoint from beneath, `D_1(v) = something of N(v) has failed`, `D_i+1(v) = D_1(v), or a group of
N(v) has lost more than it can spare by D_i`. With n blocks on the cycle whose groups lead back into it `D_n+1` is exact
in every state: each round before the last takes at least one more of them down, or nothing any more. Rounds share their
formulas, so that there are n for each of n blocks, whatever leads where; contexts (`reductions.py`) would grow along
every way through the cycle.
Cost: the square of the blocks on a cycle.
Source: Knaster and Tarski (1955); the engine's design, "least fixpoint inside cyclic blocks".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from risk.bitsets import bits
from risk.condensation import Condensed
from risk.diagrams.formulas import Formulas
from risk.limits import Check, Limits
from risk.structure import Necessity

_STRIDE = 64


@dataclass(frozen=True, slots=True)
class Knot:
    """Blocks that all lead to one another, and their gates with a target among them."""

    blocks: tuple[int, ...]
    gates: frozenset[int] = field(repr=False)


class Knots:
    """Which cycles are worked out in rounds: a matter of each cycle alone, not of what was asked before."""

    def __init__(
        self, condensed: Condensed, layers: Sequence[Sequence[int]], necessity: Necessity, limits: Limits
    ) -> None:
        self._condensed = condensed
        self._necessity = necessity
        self._limits = limits
        self._layer_of = {block: tuple(layer) for layer in layers if len(layer) > 1 for block in layer}
        self._known: dict[tuple[int, ...], Knot | None] = {}

    def holding(self, gate: int, check: Check) -> Knot | None:
        """The knot that a gate is part of; None where there is none, or taking it apart is little work."""
        layer = self._layer_of.get(self._condensed.gates[gate].owner)
        if layer is None:
            return None
        if layer not in self._known:
            knot = Knot(layer, self._returning(layer))
            small = len(layer) ** 2 <= self._limits.rounds
            self._known[layer] = knot if small and self._unfolds_far(knot, check) else None
        found = self._known[layer]
        return found if found is not None and gate in found.gates else None

    def _returning(self, layer: tuple[int, ...]) -> frozenset[int]:
        """The gates of some blocks that have a target among them."""
        within, gates = set(layer), self._condensed.gates
        return frozenset(
            gate
            for block in layer
            for gate in self._condensed.gates_of[block]
            if any(target in within for target, _ in gates[gate].targets)
        )

    def _unfolds_far(self, knot: Knot, check: Check) -> bool:
        """Whether its gates come up under more contexts than the limit, what lies outside of it aside."""
        needs = {block: self._necessity.needs(block) for block in knot.blocks}
        within = 0
        for block in knot.blocks:
            within |= ((1 << len(self._condensed.gates_of[block]) + 1) - 1) << self._necessity.bit_of[block]
        seen = {(gate, needs[self._condensed.gates[gate].owner] & within) for gate in knot.gates}
        pending = list(seen)
        while pending:
            if len(seen) > self._limits.unfoldings:
                return True
            if len(pending) % _STRIDE == 0:
                check()
            gate, context = pending.pop()
            for target, _ in self._condensed.gates[gate].targets:
                grown = context | needs.get(target, 0) & within
                for bit in bits(grown & ~context):
                    task = (self._necessity.gate_at[bit], grown)
                    if task[0] in knot.gates and task not in seen:
                        seen.add(task)
                        pending.append(task)
        return False


def in_rounds(
    condensed: Condensed,
    formulas: Formulas,
    knot: Knot,
    fixed: Mapping[int, int],
    open_gates: Mapping[int, Sequence[int]],
    *,
    check: Check,
) -> Mapping[int, int]:
    """The formula of being down of each block of a knot, and of each target of its gates.

    Args:
        condensed: the blocks.
        formulas: the table of formulas.
        knot: the knot.
        fixed: for each of them the formula of being down while all gates of the knot hold.
        open_gates: for each block of the knot the gates of the knot whose failing takes it down.
        check: called in every round.
    """
    changing = [block for block in knot.blocks if open_gates[block]]
    found = dict(fixed)
    for _ in changing:
        check()
        lost = {gate: failing(condensed, formulas, gate, found) for block in changing for gate in open_gates[block]}
        after = {
            block: formulas.any_of((fixed[block], *(lost[gate] for gate in open_gates[block]))) for block in changing
        }
        if all(found[block] == formula for block, formula in after.items()):
            break
        found.update(after)
    return found


def failing(condensed: Condensed, formulas: Formulas, gate: int, down: Mapping[int, int]) -> int:
    """The formula of a gate having lost more than it can spare, by those of its targets being down."""
    held = condensed.gates[gate]
    return formulas.at_least(held.spare + 1, ((down[target], weight) for target, weight in held.targets))
