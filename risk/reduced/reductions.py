"""What is left to decide about a root once its single points are taken out: small formulas, shared between roots.

Formula: `D(v) = any of N(v) has failed, or any redundant group among N(v) fails while all of N(v) stand`. Within a
group what is known to stand (the context) is left out: an entity of the context cannot fail, and a group of the context
is settled elsewhere. A target t fails when something of N(t) outside the context does, or a group among it fails in the
context grown by N(t). Contexts grow with every step, so cycles end; the first failure of any derivation of the least
fixpoint is found this way, which makes it exact. Cycles that come up under too many contexts are solved as a whole
(`knots.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from risk.bitsets import bits
from risk.condensation import Condensed
from risk.diagrams.formulas import Formulas, factored
from risk.limits import Check, Limits
from risk.reduced.beneath import beneath_gates
from risk.reduced.knots import Knot, Knots
from risk.structure import Necessity, necessary
from topology.errors import AnalysisTooLarge

_STRIDE = 32


@dataclass(frozen=True, slots=True)
class Residual:
    """A root taken apart: the blocks it cannot do without, and formulas that share no variable with one another."""

    blocks: tuple[int, ...]
    factors: tuple[tuple[int, ...], ...]


class Reduction:
    """The reduced structure of some layers of a condensed system, worked out as it is asked for.

    Attributes:
        condensed: the blocks.
        necessity: their single points.
        formulas: the table of formulas; their variables are blocks.
    """

    def __init__(self, condensed: Condensed, layers: Sequence[Sequence[int]], limits: Limits, check: Check) -> None:
        self.condensed = condensed
        self.necessity: Necessity = necessary(condensed, layers, check)
        self.formulas = Formulas()
        self._limits = limits
        self._layers = layers
        self._knots = Knots(condensed, layers, self.necessity, limits)
        self._failing: dict[tuple[int, int], int] = {}
        self._literals: dict[int, int] = {}
        self._residuals: dict[int, Residual] = {}
        self._split_before: dict[int, tuple[list[int], list[int]]] = {}

    @cached_property
    def _place(self) -> dict[int, int]:
        """For each block its place by first entities: an order that stays the same whatever else a system holds."""
        members = self.condensed.members
        blocks = sorted((block for layer in self._layers for block in layer), key=lambda block: members[block][0])
        return {block: place for place, block in enumerate(blocks)}

    @cached_property
    def beneath(self) -> dict[int, int]:
        """For each gate the bits that its state can depend on."""
        return beneath_gates(self.condensed, self._layers, self.necessity)

    def needs(self, root: int) -> list[int]:
        """The blocks that a root's block cannot do without, itself among them."""
        return sorted(self._split(self.necessity.needs(root))[0], key=self._place.__getitem__)

    def residual(self, root: int, check: Check, besides: Sequence[int] = ()) -> Residual:
        """A root's block taken apart, with further formulas that count as its failing."""
        found = self._residuals.get(root)
        if found is None:
            needs = self.necessity.needs(root)
            blocks, gates = self._split(needs)
            formulas = self.gates_failing(gates, needs, check)
            ordered = tuple(sorted(blocks, key=self._place.__getitem__))
            found = self._residuals[root] = Residual(ordered, factored(self.formulas, formulas, check))
        if not besides:
            return found
        return Residual(found.blocks, factored(self.formulas, chain(besides, *found.factors), check))

    def failing(self, block: int, context: int, check: Check) -> int:
        """The formula of a block being down while the context stands."""
        needs = self.necessity.needs(block)
        own, gates = self._split(needs & ~context)
        formulas = self.gates_failing(gates, context | needs, check)
        return self.formulas.any_of((*map(self.literal, own), *formulas))

    def literal(self, block: int) -> int:
        """The formula of a block's own failure."""
        found = self._literals.get(block)
        if found is None:
            found = self.formulas.literal(block, self._place[block], self.condensed.names[block])
            self._literals[block] = found
        return found

    def gates_failing(self, gates: Sequence[int], context: int, check: Check) -> list[int]:
        """The formulas of some gates failing while the context, which holds them, stands."""
        wanted = [(gate, context & self.beneath[gate]) for gate in gates]
        pending = list(wanted)
        steps = 0
        while pending:
            task = pending[-1]
            if task in self._failing:
                pending.pop()
                continue
            steps += 1
            if steps > self._limits.expansions:
                raise AnalysisTooLarge("the redundant groups beneath this entity are too entangled")
            if steps % _STRIDE == 0:
                check()
            knot = self._knots.holding(task[0], check)
            pending.extend(self._expanded(*task) if knot is None else self._composed(knot, *task, check))
        return [self._failing[task] for task in wanted]

    def _expanded(self, gate: int, context: int) -> list[tuple[int, int]]:
        """Store the formula of a gate, or return the gates whose formulas it waits for."""
        waiting: list[tuple[int, int]] = []
        items: list[tuple[list[int], int]] = []
        for target, weight in self.condensed.gates[gate].targets:
            needs = self.necessity.needs(target)
            literals, gates = self._parts(needs & ~context)
            parts = [*literals]
            for inner in gates:
                task = (inner, (context | needs) & self.beneath[inner])
                formula = self._failing.get(task)
                if formula is None:
                    waiting.append(task)
                else:
                    parts.append(formula)
            items.append((parts, weight))
        if not waiting:
            failing = [(self.formulas.any_of(parts), weight) for parts, weight in items]
            self._failing[gate, context] = self.formulas.at_least(self.condensed.gates[gate].spare + 1, failing)
        return waiting

    def _composed(self, knot: Knot, gate: int, context: int, check: Check) -> list[tuple[int, int]]:
        """Store the formula of a gate of a knot, or return the gates beneath it whose formulas it waits for."""
        waiting: list[tuple[int, int]] = []
        fixed: list[int] = []
        for block in knot.order:
            needs = self.necessity.needs(block)
            literals, gates = self._parts(needs & ~context)
            parts = [*literals]
            for inner in gates:
                if inner in knot.down:
                    continue
                task = (inner, (context | needs) & self.beneath[inner])
                formula = self._failing.get(task)
                if formula is None:
                    waiting.append(task)
                else:
                    parts.append(formula)
            fixed.append(self.formulas.any_of(parts))
        if not waiting:
            # Gates of the context may fail in it: of them any takes the root down, so that it makes no difference.
            self._failing[gate, context] = knot.composed(self.formulas, gate, fixed, check)
        return waiting

    def _parts(self, some: int) -> tuple[list[int], list[int]]:
        """The literals of the blocks and the gates in a bitset; what remains of a target is met again and again."""
        found = self._split_before.get(some)
        if found is None:
            blocks, gates = self._split(some)
            found = self._split_before[some] = (list(map(self.literal, blocks)), gates)
        return found

    def _split(self, some: int) -> tuple[list[int], list[int]]:
        """The blocks and the gates in a bitset."""
        blocks: list[int] = []
        gates: list[int] = []
        for bit in bits(some):
            block = self.necessity.block_at[bit]
            if block < 0:
                gates.append(self.necessity.gate_at[bit])
            else:
                blocks.append(block)
        return blocks, gates
