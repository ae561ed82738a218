"""From a formula to a factor: module by module, in closed form or by the first way that a diagram is held by.

Where none holds one, a diagram of the states with few failures gives bounds (`Part.failures`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from risk.diagrams.diagram import HIGH, LOW, Builder, Diagram, TooManyNodes, threshold
from risk.diagrams.factors import Factor, Part
from risk.diagrams.formulas import NEGATION, Formulas
from risk.diagrams.large_diagram import LargeBuilder
from risk.diagrams.modules import GateNode, Leaf, Module, modules_of
from risk.diagrams.ordering import leaf_orders
from risk.limits import Check, Limits

_PLAIN: Final = 25
"""How many times larger the diagram of a plain k of n may be: nothing arises on the way to it."""
_SMALLER: Final = 8
"""The share of the largest size that is tried first, in either order: what outgrows it mostly does so at once."""

_FEW: Final = 4
"""Failures that a diagram of bounds should look at: with fewer, bounds are wide."""
_FEW_MORE: Final = 4
"""How many times larger than others a diagram may be that looks at no more than so few."""


class Functions(Protocol):
    """What makes a diagram: functions over one order of variables, by number; LOW never holds, HIGH always does."""

    def variable(self, level: int) -> int:
        """The function that holds when the variable does."""

    def top(self, function: int) -> int:
        """The first level that a function depends on."""

    def either(self, f: int, g: int) -> int:
        """F or g."""

    def both(self, f: int, g: int) -> int:
        """F and g."""

    def opposite(self, function: int) -> int:
        """Not f."""

    @property
    def is_cluttered(self) -> bool:
        """Whether it is time to let go of what is of no use any more."""

    def only(self, functions: Sequence[int]) -> list[int]:
        """Keep some functions and let all others go; their numbers from here on."""

    def finished(self, function: int) -> Diagram:
        """The nodes that a function consists of."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a module's diagram: how many nodes it may have, in which order of leaves, and by which builder."""

    nodes: int
    order: int = 0
    is_large: bool = False

    def builder(self, levels: int, check: Check) -> Functions:
        """The builder, over so many variables."""
        return LargeBuilder(levels, self.nodes, check) if self.is_large else Builder(self.nodes, check)


def ways_within(limits: Limits) -> tuple[Way, ...]:
    """The ways to a diagram, the quickest first."""
    most = limits.large_diagram_nodes
    if most <= limits.diagram_nodes:
        return (Way(limits.diagram_nodes),)
    # Either order may be a hundred times better; where few nodes do not tell, most often that of the walk is.
    larger = ((most // _SMALLER, 0), (most // _SMALLER, 1), (most, 1), (most, 0))
    return (Way(limits.diagram_nodes), *(Way(nodes, order, is_large=True) for nodes, order in larger))


class Compilation:
    """A formula on its way to a factor.

    Modules that are made stay made, and a way that did not hold one is not tried again, also after a deadline.
    """

    def __init__(self, formulas: Formulas, root: int, ways: Sequence[Way]) -> None:
        self._formulas = formulas
        self._root = root
        self._ways = ways
        self._modules: tuple[Module, ...] | None = None
        self._parts: list[Part] = []
        self._failed = 0

    def exact(self, check: Check) -> Factor:
        """The factor.

        Raises:
            TooManyNodes: no way holds the diagram of a module.
        """
        return self._made(None, check)

    def bounded(self, nodes: int, check: Check) -> Factor:
        """The factor of a monotone formula, of which only bounds are known where no way holds a module.

        Args:
            nodes: decision nodes of a diagram of bounds; one of very few failures may have some times more.
            check: called every few thousand steps.
        """
        return self._made(nodes, check)

    def _made(self, bounding: int | None, check: Check) -> Factor:
        check()
        if self._modules is None:
            self._modules = modules_of(self._formulas, self._root, check)
        for module in self._modules[len(self._parts) :]:
            part = _in_closed_form(module) or self._plain(module, check) or self._in_diagram(module, check)
            if part is None:
                if bounding is None:
                    raise TooManyNodes
                part = _of_few_failures(module, bounding, check)
            self._parts.append(part)
            self._failed = 0
        return Factor(tuple(self._parts), sum(len(p.diagram.level) for p in self._parts if p.diagram is not None))

    def _plain(self, module: Module, check: Check) -> Part | None:
        """A single k of n."""
        top, size = module.gates[-1], len(module.leaves)
        if len(module.gates) > 1 or top.need <= 0 or size != sum(top.weights):
            return None
        if top.need * (size - top.need + 1) > _PLAIN * self._ways[0].nodes:
            return None
        return Part(module.leaves, threshold(top.need, size, check), is_any=False)

    def _in_diagram(self, module: Module, check: Check) -> Part | None:
        orders = leaf_orders(module, check)
        for way in self._ways[self._failed :]:
            if way.order < len(orders):
                order = orders[way.order]
                try:
                    return _part(module, order, way.builder(len(order), check))
                except TooManyNodes:
                    pass
            self._failed += 1
        return None


def compiled(formulas: Formulas, root: int, nodes: int, check: Check) -> Factor:
    """A formula made ready, each module's diagram of so many nodes at most.

    Raises:
        TooManyNodes: a module's diagram has more.
    """
    return Compilation(formulas, root, (Way(nodes),)).exact(check)


def _in_closed_form(module: Module) -> Part | None:
    top = module.gates[-1]
    is_closed = len(module.gates) == 1 and (top.need == 1 or top.is_all)
    return Part(module.leaves, None, top.need == 1) if is_closed else None


def _of_few_failures(module: Module, nodes: int, check: Check) -> Part:
    """The diagram of as many failures as `nodes` hold."""
    order = leaf_orders(module, check)[0]
    part = Part(_in_order(module, order), Diagram((), (), (), LOW), is_any=False, failures=0)
    try:
        for failures in range(1, len(order) + 1):
            most = _FEW_MORE * nodes if failures <= _FEW else nodes
            part = _part(module, order, Builder(most, check, failures), failures)
    except TooManyNodes:
        pass
    return part


def _in_order(module: Module, order: Sequence[int]) -> tuple[Leaf, ...]:
    return tuple(module.leaves[leaf] for leaf in order)


def _part(module: Module, order: Sequence[int], builder: Functions, failures: int | None = None) -> Part:
    level_of = {leaf: level for level, leaf in enumerate(order)}
    last_use = {ref: number for number, gate in enumerate(module.gates) for ref in gate.over}
    functions: list[int] = []
    for number, gate in enumerate(module.gates):
        over = [builder.variable(level_of[~ref]) if ref < 0 else functions[ref] for ref in gate.over]
        functions.append(_gate(builder, gate, over))
        if builder.is_cluttered:
            held = [ref for ref in range(number) if last_use[ref] > number] + [number]
            for ref, function in zip(held, builder.only([functions[ref] for ref in held]), strict=True):
                functions[ref] = function
    return Part(_in_order(module, order), builder.finished(functions[-1]), is_any=False, failures=failures)


def _gate(builder: Functions, gate: GateNode, over: list[int]) -> int:
    """A gate's function; what lies deepest in the order is combined first, which keeps intermediate results small."""
    if gate.need == NEGATION:
        return builder.opposite(over[0])
    if gate.weights:
        items = sorted(zip(over, gate.weights, strict=True), key=lambda item: -builder.top(item[0]))
        return at_least(builder, gate.need, items)
    over.sort(key=builder.top, reverse=True)
    function = over[0]
    for other in over[1:]:
        function = builder.either(function, other) if gate.need == 1 else builder.both(function, other)
    return function


def at_least(builder: Functions, need: int, items: Sequence[tuple[int, int]]) -> int:
    """Holds when functions of a joint weight of `need` do."""
    reached = [HIGH] + [LOW] * need
    for function, weight in items:
        reached = [
            builder.either(reached[short], builder.both(function, reached[max(short - weight, 0)]))
            for short in range(need + 1)
        ]
    return reached[need]
