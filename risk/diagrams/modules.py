"""A formula taken apart into modules: parts that share no variable with the rest, each small enough for a diagram.

Variables that stand side by side wherever they occur become one leaf, and so does a gate of nothing else. A gate is a
module when nothing beneath it is reached except through it; it then is a single variable of what lies above it.
Cost: linear in the formula. Source: Dutuit and Rauzy (1996), linear-time module detection.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from risk.diagrams.formulas import LITERAL, Formulas
from risk.limits import Check, paced_if_many, unhurried

_STRIDE: Final = 4096
"""Steps between two looks at the clock."""


class Leaf(NamedTuple):
    """A variable of a module: an earlier module, or variables of which any (else all) must hold."""

    module: int | None
    variables: tuple[int, ...]
    is_any: bool


class GateNode(NamedTuple):
    """A gate inside a module, `need` as in `Formulas`; what it is over are earlier gates, or leaves as `~leaf`.

    `weights` are those of a threshold in between; any and all weigh nothing.
    """

    need: int
    over: tuple[int, ...]
    weights: tuple[int, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether it holds only when all that it is over does."""
        return not self.weights and self.need == len(self.over)


class Module(NamedTuple):
    """Gates, children first, the last one the module's function, over its leaves."""

    gates: tuple[GateNode, ...]
    leaves: tuple[Leaf, ...]


_Together = Mapping[int, tuple[bool, Sequence[int]]]
"""For literals that are not alone in their leaf all that are in it, and whether any of them (else all) must hold."""


def modules_of(formulas: Formulas, root: int, check: Check = unhurried) -> tuple[Module, ...]:
    """The modules of a formula, each after those that it uses; the last one is the formula itself.

    `check` is called every few thousand steps.
    """
    if formulas.need[root] == LITERAL:
        return (Module((GateNode(1, (-1,)),), (Leaf(None, (formulas.variable_of[root],), is_any=True),)),)
    entered, tops = _gates_and_tops(formulas, root, check)
    together = _together(formulas, entered, check)
    leaf_of: dict[int, Leaf] = {}
    found: list[Module] = []
    left: list[tuple[int, int]] = []
    for place, (gate, first) in enumerate(paced_if_many(entered.items(), check)):
        over = formulas.over[gate]
        if gate in tops and gate != root and over[0] in together:
            is_any, literals = together[over[0]]
            if len(literals) == len(over):
                leaf_of[gate] = Leaf(None, tuple([formulas.variable_of[literal] for literal in literals]), is_any)
                continue
        left.append((place, gate))
        if gate in tops:
            begin = bisect_left(left, (first,))
            found.append(_module(formulas, [inner for _, inner in left[begin:]], leaf_of, together, check))
            del left[begin:]
            leaf_of[gate] = Leaf(len(found) - 1, (), is_any=True)
    return tuple(found)


def children_first(formulas: Formulas, root: int, check: Check = unhurried) -> list[int]:
    """The gates and literals of a formula, each after its items."""
    order: list[int] = []
    seen = {root}
    path: list[tuple[int, Iterator[int]]] = [(root, iter(formulas.over[root]))]
    while path:
        node, rest = path[-1]
        for item in rest:
            if item not in seen:
                seen.add(item)
                path.append((item, iter(formulas.over[item])))
                break
        else:
            order.append(node)
            path.pop()
            if len(order) % _STRIDE == 0:
                check()
    return order


def _gates_and_tops(formulas: Formulas, root: int, check: Check) -> tuple[dict[int, int], set[int]]:
    """The gates, each after those that it is over, and those beneath which nothing is reached from elsewhere.

    With each gate goes how many had been left when it was entered: what was left between is first met beneath it. A
    gate's part is its own when all beneath is visited first after the gate is entered, and last before it is left.
    """
    needs, over = formulas.need, formulas.over
    first, last, left = {root: 0}, {root: 0}, dict[int, int]()
    clock, next_look = 0, _STRIDE
    path: list[tuple[int, int, Iterator[int]]] = [(root, 0, iter(over[root]))]
    entered: dict[int, int] = {}
    while path:
        node, count, rest = path[-1]
        for item in rest:
            clock += 1
            last[item] = clock
            if item not in first:
                first[item] = clock
                if needs[item] != LITERAL:
                    path.append((item, len(entered), iter(over[item])))
                    break
        else:
            path.pop()
            entered[node] = count
            clock += 1
            left[node] = clock
            if clock > next_look:
                check()
                next_look = clock + _STRIDE
    tops = {root}
    # From here on of each gate the first and the last visit of it or anything beneath it.
    first_of, last_of = first.__getitem__, last.__getitem__
    for node in paced_if_many(entered, check):
        low, high = min(map(first_of, over[node])), max(map(last_of, over[node]))
        if low > first[node]:
            if high < left[node]:
                tops.add(node)
        else:
            first[node] = low
        last[node] = max(last[node], high)
    return entered, tops


def _together(formulas: Formulas, gates: Mapping[int, int], check: Check) -> _Together:
    """The literals that stand side by side: beneath the same gates, which all are any, or all all."""
    above: dict[int, list[int]] = {}
    for gate in paced_if_many(gates, check):
        for item in formulas.over[gate]:
            if item not in gates:
                if item in above:
                    above[item].append(gate)
                else:
                    above[item] = [gate]
    alike: dict[tuple[int, ...], list[int]] = {}
    for literal, its in paced_if_many(above.items(), check):
        parents = tuple(its)
        if parents in alike:
            alike[parents].append(literal)
        else:
            alike[parents] = [literal]
    found: dict[int, tuple[bool, list[int]]] = {}
    for parents, literals in alike.items():
        if len(literals) > 1:
            is_any = all(formulas.need[gate] == 1 for gate in parents)
            if is_any or all(map(formulas.is_all, parents)):
                found.update(dict.fromkeys(literals, (is_any, literals)))
    return found


def _module(
    formulas: Formulas, inside: Sequence[int], leaf_of: Mapping[int, Leaf], together: _Together, check: Check
) -> Module:
    """One module: its gates, children first, over literals and what is one leaf already."""
    variable_of = formulas.variable_of
    gates: list[GateNode] = []
    leaves: list[Leaf] = []
    reference: dict[int, int] = {}
    for gate in paced_if_many(inside, check):
        over = formulas.over[gate]
        for item in over:
            if item in reference:
                continue
            reference[item] = ~len(leaves)
            if item in leaf_of:
                leaves.append(leaf_of[item])
            elif item in together:
                is_any, literals = together[item]
                reference.update(dict.fromkeys(literals, ~len(leaves)))
                leaves.append(Leaf(None, tuple([variable_of[literal] for literal in literals]), is_any))
            else:
                leaves.append(Leaf(None, (variable_of[item],), is_any=True))
        references = tuple([reference[item] for item in over])
        need, weights = formulas.need[gate], formulas.weights[gate]
        if not weights and need > 0:
            references = tuple(dict.fromkeys(references))
            need = min(need, len(references))
        reference[gate] = len(gates)
        gates.append(GateNode(need, references, weights))
    return Module(tuple(gates), tuple(leaves))
