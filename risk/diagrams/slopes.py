"""How much each variable of a diagram matters: derivatives of its probability, with all their digits.

Formula: a node of the share w adds `w (P(high) - P(low))` to the derivative by its variable's q. Where a variable
hardly matters these differences have lost their digits, and `P(high and not low)` is told instead, node by node.
Source: Birnbaum (1969); Rauzy (1993).
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, Generic

from risk.diagrams.diagram import HIGH, LOW, Diagram
from risk.limits import Check, unhurried
from risk.probability import P

_LOST: Final = 1e-3
"""The share of a probability beneath which a difference from it has lost more than three digits."""
_PAIRS: Final = 200_000
_STRIDE: Final = 1 << 15


def derivatives(diagram: Diagram, q: Sequence[P], values: Sequence[P], check: Check = unhurried) -> list[P]:
    """The derivative of a monotone function's probability by each level's q, in one backward pass.

    Args:
        diagram: the function.
        q: the probability of each level's variable.
        values: the probability of every node, from `Diagram.values`.
        check: called every few thousand nodes.
    """
    zero = q[0] * 0
    levels, highs, lows = diagram.level, diagram.high, diagram.low
    weight = [zero] * len(values)
    weight[diagram.root] = zero + 1
    slope = [zero] * len(q)
    taken_from = [zero] * len(q)
    for node in range(len(levels) - 1, -1, -1):
        if not node % _STRIDE:
            check()
        share = weight[node + 2]
        level, high, low = levels[node], highs[node], lows[node]
        value, chance = values[high], q[level]
        slope[level] += share * (value - values[low])
        taken_from[level] += share * value
        weight[high] += share * chance
        weight[low] += share * (1 - chance)
    # A node's difference may well be lost where the variable's others tell its slope to more digits than it has.
    lost = {level for level, whole in enumerate(taken_from) if slope[level] < _LOST * whole}
    if lost:
        for level in lost:
            slope[level] = zero
        differences = _Differences(diagram, q, values)
        for node in range(len(levels) - 1, -1, -1):
            if not node % _STRIDE:
                check()
            if levels[node] in lost:
                slope[levels[node]] += weight[node + 2] * differences.between(highs[node], lows[node])
    return slope


class _Differences(Generic[P]):
    """How much likelier one node of a diagram holds than another that implies it: `P(f and not g)`, all terms positive.

    Formula: `P(f and not g) = q P(f|x and not g|x) + (1 - q) P(f|not x and not g|not x)`.
    Cost: each pair of nodes once, as many as `_PAIRS`; beyond, a plain difference has to do.
    """

    def __init__(self, diagram: Diagram, q: Sequence[P], values: Sequence[P]) -> None:
        self._diagram = diagram
        self._q: Sequence[P] = q
        self._values: Sequence[P] = values
        self._known: dict[tuple[int, int], P] = {}

    def between(self, f: int, g: int) -> P:
        """`P(f and not g)`: the plain difference where it keeps its digits, or where it would take too long."""
        known, plain = self._known, self._values[f] - self._values[g]
        if plain >= _LOST * self._values[f]:
            return plain
        wanted: dict[tuple[int, int], tuple[int, tuple[int, int], tuple[int, int]]] = {}
        pending = [(f, g)]
        while pending:
            pair = pending.pop()
            if pair in known or pair in wanted or self._at_an_end(pair):
                continue
            if len(known) + len(wanted) >= _PAIRS:
                return plain
            wanted[pair] = level, failed, working = self._cofactors(*pair)
            pending += failed, working
        for pair, (level, failed, working) in sorted(wanted.items(), key=lambda item: item[1][0], reverse=True):
            chance = self._q[level]
            known[pair] = chance * known[failed] + (1 - chance) * known[working]
        return known[f, g]

    def _at_an_end(self, pair: tuple[int, int]) -> bool:
        """Whether a pair is told at once."""
        f, g = pair
        if f == g:
            self._known[pair] = self._q[0] * 0
        elif g == LOW:
            self._known[pair] = self._values[f]
        elif f == HIGH:
            self._known[pair] = self._standing[g]
        else:
            return False
        return True

    def _cofactors(self, f: int, g: int) -> tuple[int, tuple[int, int], tuple[int, int]]:
        """The first level that either depends on, and the pair with its variable failed and working."""
        diagram = self._diagram
        level, other = diagram.level[f - 2], diagram.level[g - 2]
        f_high = f_low = f
        g_high = g_low = g
        if level <= other:
            f_high, f_low = diagram.high[f - 2], diagram.low[f - 2]
        if other <= level:
            level, g_high, g_low = other, diagram.high[g - 2], diagram.low[g - 2]
        return level, (f_high, g_high), (f_low, g_low)

    @cached_property
    def _standing(self) -> list[P]:
        """The probability of each node's not holding."""
        diagram, zero = self._diagram, self._q[0] * 0
        found = [zero + 1, zero]
        for level, high, low in zip(diagram.level, diagram.high, diagram.low, strict=True):
            p = self._q[level]
            found.append(p * found[high] + (1 - p) * found[low])
        return found
