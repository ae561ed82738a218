"""Large decision diagrams, made by the library OxiDD: ten times quicker than in plain Python, read back when finished.

Whether a diagram is held must not depend on when the library collects garbage. So all functions on the way are kept:
what combining two functions makes is part of its result, hence nothing is ever collected, and the nodes that there are
after each call say whether the limit was met. The library's own capacity is larger, so that it is met in no other case.
Cost: one call combines two functions and cannot be stopped, about a second for each million nodes of the limit; other
threads run meanwhile. Reading back takes half a microsecond a node.
Source: Husung, Dubslaff, Hermanns and Köhl, OxiDD (TACAS 2024).
"""

from array import array
from collections.abc import Callable, Sequence
from operator import and_, or_, xor
from typing import Final

from oxidd.bdd import BDDFunction, BDDManager
from oxidd.util import DDMemoryError

from risk.diagrams.diagram import END, HIGH, LOW, Diagram, TooManyNodes
from risk.limits import Check

_CHUNK: Final = 1 << 16
"""Places for nodes that a thread of the library takes at once, whether it fills them or not."""
_REMEMBERED: Final = 4
"""Pairs of functions whose combination the library remembers, for each node of the limit.

It forgets them as others take their place, and works them out again: with one for each node a single call took over
half a minute, with four one second.
"""


class LargeBuilder:
    """Makes diagrams over one order of variables as `Builder` does, of far more nodes.

    Args:
        levels: how many variables there are.
        limit: decision nodes of all functions on the way together.
        check: called before two functions are combined, and for every level that is read back.
    """

    def __init__(self, levels: int, limit: int, check: Check) -> None:
        self._manager = BDDManager(limit + limit // 8 + 4 * _CHUNK, _REMEMBERED * limit, 1)
        self._manager.add_vars(levels)
        self._limit = limit
        self._check = check
        variables = map(self._manager.var, range(levels))
        self._functions: list[BDDFunction] = [self._manager.false(), self._manager.true(), *variables]

    def variable(self, level: int) -> int:
        """The function that holds when the variable does."""
        return HIGH + 1 + level

    def top(self, function: int) -> int:
        """The first level that a function depends on."""
        level = self._functions[function].node_level()
        return END if level is None else level

    def either(self, f: int, g: int) -> int:
        """F or g."""
        return self._combined(or_, f, g)

    def both(self, f: int, g: int) -> int:
        """F and g."""
        return self._combined(and_, f, g)

    def opposite(self, function: int) -> int:
        """Not f."""
        return self._combined(xor, function, HIGH)

    @property
    def is_cluttered(self) -> bool:
        """Never: nothing is let go."""
        return False

    def only(self, functions: Sequence[int]) -> list[int]:
        """All functions are kept; their numbers stay."""
        return list(functions)

    def finished(self, function: int) -> Diagram:
        """The nodes that a function consists of, children first; read level by level, from the root down.

        Raises:
            TooManyNodes: all functions together have more than the limit.
        """
        self._ensure_within()
        root = self._functions[function]
        top = root.node_level()
        if top is None:
            return Diagram((), (), (), HIGH if root.valid() else LOW)
        # Nodes are numbered as they are met; beneath, those that were met and not yet read, by their levels.
        met: list[dict[BDDFunction, int]] = [{} for _ in range(self._manager.num_vars())]
        met[top][root] = size = HIGH + 1
        size += 1
        ends = {self._functions[LOW]: LOW, self._functions[HIGH]: HIGH}
        level_of = BDDFunction.node_level
        order, levels, children = array("i"), array("i"), array("i")
        for level, nodes in enumerate(met):
            self._check()
            order.extend(nodes.values())
            levels.extend([level] * len(nodes))
            for cofactors in map(BDDFunction.cofactors, nodes):
                assert cofactors is not None
                for child in cofactors:
                    beneath = level_of(child)
                    if beneath is None:
                        children.append(ends[child])
                        continue
                    number = met[beneath].setdefault(child, size)
                    if number == size:
                        size += 1
                    children.append(number)
            nodes.clear()
        place = array("i", (LOW, HIGH)) + array("i", bytes(4 * len(order)))
        for position, number in enumerate(reversed(order), start=HIGH + 1):
            place[number] = position
        high = array("i", map(place.__getitem__, children[-2::-2]))
        low = array("i", map(place.__getitem__, children[-1::-2]))
        return Diagram(levels[::-1], high, low, HIGH + len(order))

    def _combined(self, operation: Callable[[BDDFunction, BDDFunction], BDDFunction], f: int, g: int) -> int:
        self._check()
        try:
            self._functions.append(operation(self._functions[f], self._functions[g]))
        except DDMemoryError:
            raise TooManyNodes from None
        self._ensure_within()
        return len(self._functions) - 1

    def _ensure_within(self) -> None:
        """Nothing is let go, so that what is beyond the limit now stays beyond it."""
        if self._manager.num_inner_nodes() > self._limit:
            raise TooManyNodes
