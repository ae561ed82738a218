"""A formula taken apart into modules: parts that share no variable with the rest, each small enough for a diagram.

Variables that stand side by side wherever they occur become one leaf. A gate is a module when nothing beneath it is
reached except through it; it then is a single variable of what lies above it.
Cost: linear in the formula. Source: Dutuit and Rauzy (1996), linear-time module detection.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from risk.formulas import LITERAL, Formulas


@dataclass(frozen=True, slots=True)
class Leaf:
    """A variable of a module: an earlier module, or variables of which any (else all) must hold."""

    module: int | None
    variables: tuple[int, ...]
    is_any: bool


@dataclass(frozen=True, slots=True)
class GateNode:
    """A gate inside a module, `need` as in `Formulas`; references are earlier gates, or leaves as `~leaf`."""

    need: int
    items: tuple[tuple[int, int], ...]

    @property
    def is_all(self) -> bool:
        """Whether it holds only when all of its items do."""
        return self.need == sum(weight for _, weight in self.items)


@dataclass(frozen=True, slots=True)
class Module:
    """Gates, children first, the last one the module's function, over its leaves."""

    gates: tuple[GateNode, ...]
    leaves: tuple[Leaf, ...]


def modules_of(formulas: Formulas, root: int) -> tuple[Module, ...]:
    """The modules of a formula, each after those that it uses; the last one is the formula itself."""
    if formulas.need[root] == LITERAL:
        variable = formulas.items[root][0][0]
        return (Module((GateNode(1, ((-1, 1),)),), (Leaf(None, (variable,), is_any=True),)),)
    order, tops = _order_and_tops(formulas, root)
    together = _together(formulas, order)
    number: dict[int, int] = {}
    found: list[Module] = []
    for top in order:
        if top in tops:
            found.append(_module(formulas, top, number, together))
            number[top] = len(found) - 1
    return tuple(found)


def children_first(formulas: Formulas, root: int) -> list[int]:
    """The gates and literals of a formula, each after its items."""
    order: list[int] = []
    seen = {root}
    path: list[tuple[int, Iterator[tuple[int, int]]]] = [(root, iter(_items(formulas, root)))]
    while path:
        node, rest = path[-1]
        for item, _ in rest:
            if item not in seen:
                seen.add(item)
                path.append((item, iter(_items(formulas, item))))
                break
        else:
            order.append(node)
            path.pop()
    return order


def _items(formulas: Formulas, node: int) -> tuple[tuple[int, int], ...]:
    return () if formulas.need[node] == LITERAL else formulas.items[node]


def _together(formulas: Formulas, order: list[int]) -> dict[int, tuple[int, Leaf]]:
    """For each literal the first literal of its leaf, and the leaf: those with the same parents, all any or all all."""
    needs, items_of = formulas.need, formulas.items
    literals: dict[int, list[int]] = {node: [] for node in order if needs[node] == LITERAL}
    is_any, is_all = set[int](), set[int]()
    for node in order:
        if node in literals:
            continue
        if needs[node] == 1:
            is_any.add(node)
        elif formulas.is_all(node):
            is_all.add(node)
        for item, _ in items_of[node]:
            if item in literals:
                literals[item].append(node)
    alike: dict[tuple[bool, tuple[int, ...]], list[int]] = {}
    alone: list[int] = []
    for node, above in literals.items():
        if is_any.issuperset(above):
            alike.setdefault((True, tuple(above)), []).append(node)
        elif is_all.issuperset(above):
            alike.setdefault((False, tuple(above)), []).append(node)
        else:
            alone.append(node)
    found: dict[int, tuple[int, Leaf]] = {}
    for (any_of, _), nodes in (*alike.items(), *(((True, ()), [node]) for node in alone)):
        held = (nodes[0], Leaf(None, tuple(items_of[node][0][0] for node in nodes), any_of))
        for node in nodes:
            found[node] = held
    return found


def _order_and_tops(formulas: Formulas, root: int) -> tuple[list[int], set[int]]:
    """The nodes, each after its items, and the gates beneath which nothing is reached from elsewhere.

    By the dates of visits: a gate's part is its own when all beneath is visited first after the gate is entered, and
    last before it is left.
    """
    needs, items_of = formulas.need, formulas.items
    first, last = {root: 0}, {root: 0}
    order: list[int] = []
    tops = {root}
    span: dict[int, tuple[int, int]] = {}
    clock = 0
    path: list[tuple[int, Iterator[tuple[int, int]]]] = [(root, iter(items_of[root]))]
    while path:
        node, rest = path[-1]
        for item, _ in rest:
            clock += 1
            last[item] = clock
            if item in first:
                continue
            first[item] = clock
            if needs[item] == LITERAL:
                order.append(item)
                continue
            path.append((item, iter(items_of[item])))
            break
        else:
            path.pop()
            order.append(node)
            clock += 1
            span[node] = (first[node], clock)
    earliest, latest = dict(first), dict(last)
    for node in order:
        if node not in span:
            continue
        inside = [item for item, _ in items_of[node]]
        low, high = min([earliest[item] for item in inside]), max([latest[item] for item in inside])
        entered, left = span[node]
        if low > entered and high < left:
            tops.add(node)
        earliest[node] = min(low, earliest[node])
        latest[node] = max(high, latest[node])
    return order, tops


def _module(formulas: Formulas, top: int, number: dict[int, int], together: dict[int, tuple[int, Leaf]]) -> Module:
    """One module: the gates from its top down to literals and to modules that have a number."""
    leaves: dict[int, int] = {}
    gates: list[GateNode] = []
    made: dict[int, int] = {}
    kinds: list[Leaf] = []

    def reference(node: int) -> int:
        if node in number:
            if node not in leaves:
                leaves[node] = len(kinds)
                kinds.append(Leaf(number[node], (), is_any=True))
            return ~leaves[node]
        if node in together:
            chosen, leaf = together[node]
            if chosen not in leaves:
                leaves[chosen] = len(kinds)
                kinds.append(leaf)
            return ~leaves[chosen]
        return made[node]

    pending = [top]
    while pending:
        node = pending[-1]
        waiting = [i for i, _ in formulas.items[node] if i not in number and i not in together and i not in made]
        if waiting:
            pending.extend(waiting)
            continue
        pending.pop()
        if node in made:
            continue
        items = {reference(item): weight for item, weight in formulas.items[node]}
        need = len(items) if formulas.is_all(node) else formulas.need[node]
        gates.append(GateNode(need, tuple(items.items())))
        made[node] = len(gates) - 1
    return Module(tuple(gates), tuple(kinds))
