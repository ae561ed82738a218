"""A formula made ready to be evaluated: modules in closed form or as diagrams, each after those that it uses.

Formula: any: `1 - prod (1 - q)`; all: `prod q`; else a diagram. Derivatives by one backward pass over the modules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from risk.diagram import LOW, Builder, Diagram, TooManyNodes, threshold
from risk.formulas import NEGATION, Formulas
from risk.limits import Check, unhurried
from risk.modules import GateNode, Leaf, Module, modules_of
from risk.ordering import leaf_orders
from risk.probability import P, either
from risk.slopes import derivatives

_PLAIN: Final = 25
"""How many times larger the diagram of a plain k of n may be: nothing arises on the way to it."""

_FEW: Final = 4
"""Failures that a diagram of bounds should look at: with fewer, bounds are wide."""
_FEW_MORE: Final = 4
"""How many times larger than others a diagram may be that looks at no more than so few."""


@dataclass(frozen=True, slots=True)
class Part:
    """One module: its leaves, and a diagram over them unless it is any (else all) of them.

    Where `failures` is a number the diagram is right in states with at most so many leaves failing, and errs to the
    lower side in others.
    """

    leaves: tuple[Leaf, ...]
    diagram: Diagram | None
    is_any: bool
    failures: int | None = None


@dataclass(frozen=True, slots=True)
class Factor:
    """A formula that is compiled: `nodes` counts the decision nodes of its diagrams, 0 in closed form."""

    parts: tuple[Part, ...]
    nodes: int

    @property
    def is_exact(self) -> bool:
        """Whether its probability is known, and not only bounds."""
        return all(part.failures is None for part in self.parts)

    def bounds(self, q: Sequence[P], check: Check = unhurried) -> tuple[P, P]:
        """A lower and an upper bound of the probability, equal where it is exact.

        Formula: a diagram that looks at no more than k failures misses at most `P[more than k leaves fail]`.
        """
        if self.is_exact:
            found = self.probability(q)
            return found, found
        lower: list[P] = []
        upper: list[P] = []
        for part in self.parts:
            check()
            lower.append(_part_value(part, [_leaf_value(leaf, lower, q) for leaf in part.leaves]))
            values = [_leaf_value(leaf, upper, q) for leaf in part.leaves]
            missed = values[0] * 0 if part.failures is None else more_fail(values, part.failures)
            upper.append(min(_part_value(part, values) + missed, values[0] * 0 + 1))
        return lower[-1], upper[-1]

    def probability(self, q: Sequence[P]) -> P:
        """The probability of the formula under the probability q of each variable."""
        found: list[P] = []
        for part in self.parts:
            values = [_leaf_value(leaf, found, q) for leaf in part.leaves]
            found.append(_part_value(part, values))
        return found[-1]

    def slopes(self, q: Sequence[P]) -> dict[int, P]:
        """The derivative of the probability by each variable's q."""
        found: list[P] = []
        inner: list[list[P]] = []
        for part in self.parts:
            value, by_leaf = _with_slopes(part, [_leaf_value(leaf, found, q) for leaf in part.leaves])
            found.append(value)
            inner.append(by_leaf)
        share = [found[-1] * 0 for _ in found]
        share[-1] += 1
        slopes: dict[int, P] = {}
        for part, by_leaf, weight in zip(reversed(self.parts), reversed(inner), reversed(share), strict=True):
            for leaf, slope in zip(part.leaves, by_leaf, strict=True):
                if leaf.module is not None:
                    share[leaf.module] += weight * slope
                    continue
                values = [q[v] if not leaf.is_any else 1 - q[v] for v in leaf.variables]
                for variable, others in zip(leaf.variables, products_of_others(values), strict=True):
                    slopes[variable] = weight * slope * others
        return slopes


def compiled(formulas: Formulas, root: int, limit: int, check: Check, *, bounded: bool = False) -> Factor:
    """A formula made ready.

    Args:
        formulas: the table.
        root: the formula.
        limit: decision nodes of one module's diagram.
        check: called every few thousand steps.
        bounded: whether a module beyond the limit is answered by bounds instead of refused; the formula must be
            monotone then.

    Raises:
        TooManyNodes: a module's diagram has more than `limit` nodes.
    """
    check()
    parts = tuple(_part(module, limit, check, bounded=bounded) for module in modules_of(formulas, root))
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


def _with_slopes(part: Part, values: Sequence[P]) -> tuple[P, list[P]]:
    """A part's probability, and its derivative by each leaf's."""
    if part.diagram is None:
        slopes = products_of_others([1 - value for value in values] if part.is_any else values)
        return _combined(values, is_any=part.is_any), slopes
    nodes = part.diagram.values(values)
    return nodes[part.diagram.root], derivatives(part.diagram, values, nodes)


def more_fail(q: Sequence[P], most: int) -> P:
    """The probability that more than `most` of some independent variables hold; all terms positive.

    Cost: their number times `most`.
    """
    zero: P = q[0] * 0
    exactly: list[P] = [zero + 1]
    exactly += [zero] * most
    more = zero
    for one in q:
        more += one * exactly[most]
        for count in range(most, 0, -1):
            exactly[count] = (1 - one) * exactly[count] + one * exactly[count - 1]
        exactly[0] *= 1 - one
    return more


def _part(module: Module, limit: int, check: Check, *, bounded: bool) -> Part:
    top = module.gates[-1]
    if len(module.gates) == 1 and (top.need == 1 or top.is_all):
        return Part(module.leaves, None, top.need == 1)
    size = len(module.leaves)
    is_plain = len(module.gates) == 1 and top.need > 0 and size == sum(top.weights)
    if is_plain and top.need * (size - top.need + 1) <= _PLAIN * limit:
        return Part(module.leaves, threshold(top.need, size, check), is_any=False)
    # Another order is tried before bounds are all there is; before that it costs more than it helps.
    orders = leaf_orders(module)
    for order in orders if bounded else orders[:1]:
        try:
            return Part(_in_order(module, order), _diagram(module, order, Builder(limit, check)), is_any=False)
        except TooManyNodes:
            continue
    if not bounded:
        raise TooManyNodes
    order = orders[0]
    failures, diagram = 0, Diagram((), (), (), LOW)
    try:
        while failures < len(order):
            most = _FEW_MORE * limit if failures < _FEW else limit
            diagram = _diagram(module, order, Builder(most, check, failures + 1))
            failures += 1
    except TooManyNodes:
        pass
    return Part(_in_order(module, order), diagram, is_any=False, failures=failures)


def _in_order(module: Module, order: Sequence[int]) -> tuple[Leaf, ...]:
    return tuple(module.leaves[leaf] for leaf in order)


def _diagram(module: Module, order: Sequence[int], builder: Builder) -> Diagram:
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
    return builder.finished(functions[-1])


def _gate(builder: Builder, gate: GateNode, over: list[int]) -> int:
    """A gate's function; what lies deepest in the order is combined first, which keeps intermediate results small."""
    if gate.need == NEGATION:
        return builder.opposite(over[0])
    if gate.weights:
        items = sorted(zip(over, gate.weights, strict=True), key=lambda item: -builder.top(item[0]))
        return builder.at_least(gate.need, items)
    over.sort(key=builder.top, reverse=True)
    function = over[0]
    for other in over[1:]:
        function = builder.either(function, other) if gate.need == 1 else builder.both(function, other)
    return function
