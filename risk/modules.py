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
    order = children_first(formulas, root)
    together = _together(formulas, order)
    tops = _module_tops(formulas, root, order)
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
    parents: dict[int, list[int]] = {}
    for node in order:
        for item, _ in _items(formulas, node):
            parents.setdefault(item, []).append(node)
    alike: dict[tuple[bool, tuple[int, ...]], list[int]] = {}
    alone: list[int] = []
    for node in order:
        if formulas.need[node] != LITERAL:
            continue
        above = parents[node]
        if all(formulas.need[gate] == 1 for gate in above):
            alike.setdefault((True, tuple(above)), []).append(node)
        elif all(formulas.is_all(gate) for gate in above):
            alike.setdefault((False, tuple(above)), []).append(node)
        else:
            alone.append(node)
    found: dict[int, tuple[int, Leaf]] = {}
    for (is_any, _), literals in (*alike.items(), *(((True, ()), [node]) for node in alone)):
        leaf = Leaf(None, tuple(formulas.items[node][0][0] for node in literals), is_any)
        found |= dict.fromkeys(literals, (literals[0], leaf))
    return found


def _module_tops(formulas: Formulas, root: int, order: list[int]) -> set[int]:
    """The gates beneath which nothing is reached from elsewhere, by the dates of first and last visits."""
    first: dict[int, int] = {root: 0}
    last: dict[int, int] = {root: 0}
    closed: dict[int, int] = {}
    clock = 0
    path: list[tuple[int, Iterator[tuple[int, int]]]] = [(root, iter(_items(formulas, root)))]
    while path:
        node, rest = path[-1]
        clock += 1
        for item, _ in rest:
            last[item] = clock
            if item not in first:
                first[item] = clock
                path.append((item, iter(_items(formulas, item))))
                break
            clock += 1
        else:
            closed[node] = clock
            path.pop()
    earliest: dict[int, int] = {}
    latest: dict[int, int] = {}
    tops: set[int] = {root}
    for node in order:
        items = _items(formulas, node)
        earliest[node] = min([first[node], *(earliest[item] for item, _ in items)])
        latest[node] = max([last[node], *(latest[item] for item, _ in items)])
        if items and all(earliest[i] > first[node] and latest[i] < closed[node] for i, _ in items):
            tops.add(node)
    return tops


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
