"""A formula made ready to be evaluated: modules in closed form or as diagrams, each after those that it uses.

Formula: any: `1 - prod (1 - q)`; all: `prod q`; else a diagram. Derivatives by one backward pass over the modules.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from risk.diagram import Builder, Diagram
from risk.formulas import NEGATION, Formulas
from risk.limits import Check
from risk.modules import GateNode, Leaf, Module, modules_of
from risk.probability import P, either


@dataclass(frozen=True, slots=True)
class Part:
    """One module: its leaves, and a diagram over them unless it is any (else all) of them."""

    leaves: tuple[Leaf, ...]
    diagram: Diagram | None
    is_any: bool


@dataclass(frozen=True, slots=True)
class Factor:
    """A formula that is compiled: `nodes` counts the decision nodes of its diagrams, 0 in closed form."""

    parts: tuple[Part, ...]
    nodes: int

    def probability(self, q: Sequence[P]) -> P:
        """The probability of the formula under the probability q of each variable."""
        found: list[P] = []
        for part in self.parts:
            values = [_leaf_value(leaf, found, q) for leaf in part.leaves]
            found.append(_part_value(part, values))
        return found[-1]

    def slopes(self, q: Sequence[P]) -> dict[int, P]:
        """The derivative of the probability by each variable's q."""
        leaf_values: list[list[P]] = []
        found: list[P] = []
        for part in self.parts:
            values = [_leaf_value(leaf, found, q) for leaf in part.leaves]
            leaf_values.append(values)
            found.append(_part_value(part, values))
        share = [found[-1] * 0 for _ in found]
        share[-1] += 1
        slopes: dict[int, P] = {}
        for number in range(len(self.parts) - 1, -1, -1):
            part, weight = self.parts[number], share[number]
            for leaf, slope in zip(part.leaves, _part_slopes(part, leaf_values[number]), strict=True):
                if leaf.module is not None:
                    share[leaf.module] += weight * slope
                    continue
                inner = products_of_others([q[v] if not leaf.is_any else 1 - q[v] for v in leaf.variables])
                slopes.update((v, weight * slope * one) for v, one in zip(leaf.variables, inner, strict=True))
        return slopes


def compiled(formulas: Formulas, root: int, limit: int, check: Check) -> Factor:
    """A formula made ready.

    Raises:
        TooManyNodes: a module's diagram has more than `limit` nodes.
    """
    parts = tuple(_part(module, limit, check) for module in modules_of(formulas, root))
    return Factor(parts, sum(len(part.diagram.level) for part in parts if part.diagram is not None))


def products_of_others(values: Sequence[P]) -> list[P]:
    """For each value the product of all others, without dividing, since any may be 0."""
    if len(values) == 1:
        return [values[0] * 0 + 1]
    found = list(values)
    product = values[0] * 0 + 1
    for position, value in enumerate(values):
        found[position] = product
        product *= value
    product = values[0] * 0 + 1
    for position in range(len(values) - 1, -1, -1):
        found[position] *= product
        product *= values[position]
    return found


def _leaf_value(leaf: Leaf, modules: Sequence[P], q: Sequence[P]) -> P:
    if leaf.module is not None:
        return modules[leaf.module]
    return _combined([q[variable] for variable in leaf.variables], is_any=leaf.is_any)


def _combined(values: Sequence[P], *, is_any: bool) -> P:
    found = values[0]
    for value in values[1:]:
        found = either(found, value) if is_any else found * value
    return found


def _part_value(part: Part, values: Sequence[P]) -> P:
    if part.diagram is None:
        return _combined(values, is_any=part.is_any)
    return part.diagram.values(values)[part.diagram.root]


def _part_slopes(part: Part, values: Sequence[P]) -> list[P]:
    if part.diagram is None:
        return products_of_others([1 - value for value in values] if part.is_any else values)
    return part.diagram.slopes(values, part.diagram.values(values))


def _part(module: Module, limit: int, check: Check) -> Part:
    top = module.gates[-1]
    if len(module.gates) == 1 and (top.need == 1 or top.is_all):
        return Part(module.leaves, None, top.need == 1)
    order = _leaf_order(module)
    level_of = {leaf: level for level, leaf in enumerate(order)}
    builder = Builder(limit, check)
    functions: list[int] = []
    for gate in module.gates:
        items = [
            (builder.variable(level_of[~ref]) if ref < 0 else functions[ref], weight) for ref, weight in gate.items
        ]
        functions.append(_gate(builder, gate, items))
    return Part(tuple(module.leaves[leaf] for leaf in order), builder.finished(functions[-1]), is_any=False)


def _gate(builder: Builder, gate: GateNode, items: list[tuple[int, int]]) -> int:
    """A gate's function; what lies deepest in the order is combined first, which keeps intermediate results small."""
    if gate.need == NEGATION:
        return builder.opposite(items[0][0])
    items.sort(key=lambda item: -builder.top(item[0]))
    if gate.need != 1 and not gate.is_all:
        return builder.at_least(gate.need, items)
    function = items[0][0]
    for item, _ in items[1:]:
        function = builder.either(function, item) if gate.need == 1 else builder.both(function, item)
    return function


def _leaf_order(module: Module) -> list[int]:
    """Leaves in the order of a walk from the top: gates before leaves, most shared first, then smaller ones first."""
    parents = [0] * len(module.gates)
    leaf_parents = [0] * len(module.leaves)
    size = [1] * len(module.gates)
    for number, gate in enumerate(module.gates):
        for reference, _ in gate.items:
            if reference < 0:
                leaf_parents[~reference] += 1
            else:
                parents[reference] += 1
                size[number] += size[reference]
        size[number] += len(gate.items)

    def rank(reference: int) -> tuple[bool, int, int, int]:
        if reference < 0:
            return (True, -leaf_parents[~reference], 0, ~reference)
        return (False, -parents[reference], size[reference], reference)

    order: dict[int, None] = {}
    seen: set[int] = set()
    pending = [len(module.gates) - 1]
    while pending:
        reference = pending.pop()
        if reference < 0:
            order[~reference] = None
        elif reference not in seen:
            seen.add(reference)
            pending.extend(sorted((ref for ref, _ in module.gates[reference].items), key=rank, reverse=True))
    return list(order)
