"""Cycles through groups solved as a whole, where taking them apart would not end in time.

Formula: of the unknowns `D(v) = x(v), or any of F(g)`, x(v) all that takes v down while the gates of the cycle hold,
F(g) the failing of gate g by the D of its targets, the least solution: decision diagrams over x. The unknowns are
eliminated one after the other, as of linear equations: the least solution of `D = x or f(D)` is `D = x or f(0)` for a
monotone f, which then stands in for D in all that comes later; and backwards through all of them from the last. Until
an unknown is eliminated the variable of its x stands for it. What a root has of the cycle is composed of the solution
with formulas in place of the x; no x is looked into before that, so that one solution does for all roots and contexts.
This tells in which states a block is down, for all states at once; `structure.py` tells it of one state, or of single
failures, and is asked for nothing else.
Cost: the diagrams, within `Limits.knot_nodes`; each is replaced in at most once for each unknown.
Source: Bekić (1969), simultaneous least fixpoints one at a time; Rudeanu (1974), elimination in Boolean equations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from risk.bitsets import bits
from risk.condensation import Condensed
from risk.diagrams.compilation import at_least
from risk.diagrams.diagram import LOW, Builder, TooManyNodes
from risk.diagrams.formulas import ALWAYS, NEVER, Formulas
from risk.diagrams.ordering import close_together
from risk.limits import Check, Limits, paced
from risk.structure import Necessity
from topology.errors import AnalysisTooLarge

_STRIDE = 64


@dataclass(frozen=True, slots=True)
class Knot:
    """Blocks that all lead to one another, solved.

    Attributes:
        order: these blocks and all targets of their gates that lead back to them; the x of each is a variable.
        down: for each of these gates the function of its owner being down by any of them, its own x aside.
    """

    order: tuple[int, ...] = field(repr=False)
    down: Mapping[int, int] = field(repr=False)
    _builder: Builder = field(repr=False)

    def composed(self, formulas: Formulas, gate: int, fixed: Sequence[int], check: Check) -> int:
        """The formula of a gate failing while all stands that its owner cannot do without, but for its other gates.

        These may fail as well: whoever cannot do without this gate cannot do without them either.
        Formula: a monotone function that decides on x is `high and (x or low)`.

        Args:
            formulas: the table of formulas.
            gate: the gate.
            fixed: the formulas of all x, in their order.
            check: called every few hundred nodes.
        """
        diagram = self._builder.finished(self.down[gate])
        found = [NEVER, ALWAYS]
        for level, high, low in paced(zip(diagram.level, diagram.high, diagram.low, strict=True), check):
            found.append(formulas.all_of((found[high], formulas.any_of((fixed[level], found[low])))))
        return found[diagram.root]


class Knots:
    """Which cycles are solved as a whole: a matter of each cycle alone, not of what was asked before."""

    def __init__(
        self, condensed: Condensed, layers: Sequence[Sequence[int]], necessity: Necessity, limits: Limits
    ) -> None:
        self._condensed = condensed
        self._necessity = necessity
        self._limits = limits
        self._layer_of = {block: tuple(layer) for layer in layers if len(layer) > 1 for block in layer}
        self._known: dict[tuple[int, ...], Knot | None] = {}
        self._too_large: set[tuple[int, ...]] = set()

    def holding(self, gate: int, check: Check) -> Knot | None:
        """The knot that a gate is part of; None where there is none, or taking it apart is little work.

        Raises:
            AnalysisTooLarge: neither is within limits. That is not tried again.
        """
        layer = self._layer_of.get(self._condensed.gates[gate].owner)
        if layer is None:
            return None
        if layer not in self._known and layer not in self._too_large:
            gates = self._returning(layer)
            try:
                self._known[layer] = (
                    self._solved(layer, gates, check) if self._unfolds_far(layer, gates, check) else None
                )
            except TooManyNodes:
                self._too_large.add(layer)
        if layer in self._too_large:
            raise AnalysisTooLarge("a cycle through redundant groups beneath this entity is too entangled")
        found = self._known[layer]
        return found if found is not None and gate in found.down else None

    def _solved(self, layer: tuple[int, ...], gates: frozenset[int], check: Check) -> Knot:
        builder = Builder(self._limits.knot_nodes, check)
        return _Elimination(self._condensed, self._necessity, layer, gates, builder).solved()

    def _returning(self, layer: tuple[int, ...]) -> frozenset[int]:
        """The gates of some blocks that have a target among them."""
        within, gates = set(layer), self._condensed.gates
        return frozenset(
            gate
            for block in layer
            for gate in self._condensed.gates_of[block]
            if any(target in within for target, _ in gates[gate].targets)
        )

    def _unfolds_far(self, layer: tuple[int, ...], gates: frozenset[int], check: Check) -> bool:
        """Whether gates come up under more contexts than the limit, what lies outside of the layer aside."""
        needs = {block: self._necessity.needs(block) for block in layer}
        within = 0
        for block in layer:
            within |= ((1 << len(self._condensed.gates_of[block]) + 1) - 1) << self._necessity.bit_of[block]
        seen = {(gate, needs[self._condensed.gates[gate].owner] & within) for gate in gates}
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
                    if task[0] in gates and task not in seen:
                        seen.add(task)
                        pending.append(task)
        return False


class _Elimination:
    """The unknowns of a knot, solved one after the other, the last in the order first."""

    def __init__(
        self,
        condensed: Condensed,
        necessity: Necessity,
        layer: Sequence[int],
        gates: frozenset[int],
        builder: Builder,
    ) -> None:
        self._condensed = condensed
        self._builder = builder
        self._order = _order(condensed, layer, gates)
        self._level_of = {block: level for level, block in enumerate(self._order)}
        self._gates = sorted(gates)
        self._open = [
            [gate for bit in bits(necessity.needs(block)) if (gate := necessity.gate_at[bit]) in gates]
            for block in self._order
        ]
        self._found: dict[int, int] = {}

    def solved(self) -> Knot:
        """The solution.

        Raises:
            TooManyNodes: it does not fit into the limit.
        """
        unknown = [level for level in range(len(self._order) - 1, -1, -1) if self._open[level]]
        for level in unknown:
            self._eliminate(level)
        for level in reversed(unknown):
            self._put_in(level)
        down = [self._found[self._level_of[self._condensed.gates[gate].owner]] for gate in self._gates]
        return Knot(self._order, dict(zip(self._gates, self._builder.only(down), strict=True)), self._builder)

    def _eliminate(self, level: int) -> None:
        """Tell an unknown by those that come later: what it is by all, with the earlier ones put in."""
        builder = self._builder
        function = LOW
        for gate in self._open[level]:
            function = builder.either(function, self._failing(gate))
        # What is put in for one may hold others that were eliminated after it, none of those before.
        at = len(self._order)
        while held := [other for other in builder.levels(function) if level < other < at]:
            at = max(held)
            if at in self._found:
                function = self._tidied(builder.replaced(function, {at: self._down(at)}))
        self._found[level] = builder.replaced(function, {level: LOW})

    def _put_in(self, level: int) -> None:
        """Tell an unknown by no others, once all that come later are."""
        function = self._found[level]
        later = [other for other in self._builder.levels(function) if other < level and other in self._found]
        self._found[level] = self._builder.replaced(function, {other: self._down(other) for other in later})
        self._tidied(LOW)

    def _failing(self, gate: int) -> int:
        """A gate failing, by the variables that stand for its targets."""
        builder, held = self._builder, self._condensed.gates[gate]
        items = sorted((-self._level_of[target], weight) for target, weight in held.targets)
        return at_least(builder, held.spare + 1, [(builder.variable(-level), weight) for level, weight in items])

    def _down(self, level: int) -> int:
        """An unknown by what has been found of its gates."""
        return self._builder.either(self._builder.variable(level), self._found[level])

    def _tidied(self, function: int) -> int:
        """The same function, without what was made on the way to it where that is much."""
        if self._builder.is_cluttered:
            function, *found = self._builder.only([function, *self._found.values()])
            self._found = dict(zip(self._found, found, strict=True))
        return function


def _order(condensed: Condensed, layer: Sequence[int], gates: frozenset[int]) -> tuple[int, ...]:
    """The blocks of a knot and the targets of its gates, what is tied by a gate or a hard edge close together.

    It starts from a walk along these, and comes from the order of keys: the same in every system.
    """
    place = {block: condensed.members[block][0] for block in layer}
    place |= {target: condensed.members[target][0] for gate in gates for target, _ in condensed.gates[gate].targets}
    tied: list[list[int]] = []
    next_to: dict[int, list[int]] = {}
    for block in sorted(layer, key=place.__getitem__):
        rows = [
            sorted((target for target, _ in condensed.gates[gate].targets), key=place.__getitem__)
            for gate in condensed.gates_of[block]
            if gate in gates
        ]
        rows += [[supplier] for supplier in condensed.hard[block] if supplier in place]
        rows.sort(key=lambda row: [place[target] for target in row])
        tied.extend([block, *row] for row in rows)
        next_to[block] = [target for row in rows for target in row]
    walked: dict[int, None] = {}
    pending = list(reversed(next_to))
    while pending:
        block = pending.pop()
        if block not in walked:
            walked[block] = None
            pending.extend(reversed(next_to.get(block, ())))
    blocks = list(walked)
    number = {block: at for at, block in enumerate(blocks)}
    spanning = [tuple([number[block] for block in row]) for row in tied]
    return tuple([blocks[at] for at in close_together(list(range(len(blocks))), spanning)])
