"""How much each variable of a diagram matters: derivatives of its probability, with all their digits.

Formula: a node of the share w adds `w (P(high) - P(low))` to the derivative by its variable's q. Where that variable
hardly matters the difference has lost its digits, and `P(high and not low)` is told instead, node by node.
Source: Birnbaum (1969); Rauzy (1993).
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, Generic

from risk.diagram import HIGH, LOW, Diagram
from risk.probability import P

_LOST: Final = 1e-3
"""The share of a probability beneath which a difference from it has lost more than three digits."""
_PAIRS: Final = 50_000


def derivatives(diagram: Diagram, q: Sequence[P], values: Sequence[P]) -> list[P]:
    """The derivative of a monotone function's probability by each level's q, in one backward pass.

    Args:
        diagram: the function.
        q: the probability of each level's variable.
        values: the probability of every node, from `Diagram.values`.
    """
    zero = q[0] * 0
    differences = _Differences(diagram, q, values)
    weight = [zero] * (len(diagram.level) + 2)
    weight[diagram.root] = zero + 1
    slope = [zero] * len(q)
    for node in range(len(diagram.level) - 1, -1, -1):
        share = weight[node + 2]
        level, high, low = diagram.level[node], diagram.high[node], diagram.low[node]
        difference = values[high] - values[low]
        if difference < _LOST * values[high]:
            difference = differences.between(high, low, difference)
        slope[level] += share * difference
        weight[high] += share * q[level]
        weight[low] += share * (1 - q[level])
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

    def between(self, f: int, g: int, plain: P) -> P:
        """`P(f and not g)`, or `plain` where that takes too long."""
        pending = [(f, g)]
        while pending:
            pair = pending[-1]
            if pair in self._known or self._at_an_end(pair):
                pending.pop()
                continue
            if len(self._known) >= _PAIRS:
                return plain
            level, failed, working = self._cofactors(pair)
            waiting = [p for p in (failed, working) if p not in self._known and not self._at_an_end(p)]
            if waiting:
                pending += waiting
                continue
            chance = self._q[level]
            self._known[pair] = chance * self._known[failed] + (1 - chance) * self._known[working]
            pending.pop()
        return self._known[f, g]

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

    def _cofactors(self, pair: tuple[int, int]) -> tuple[int, tuple[int, int], tuple[int, int]]:
        diagram, (f, g) = self._diagram, pair
        level = min(diagram.level[node - 2] for node in pair if node > HIGH)
        high = [diagram.high[n - 2] if n > HIGH and diagram.level[n - 2] == level else n for n in (f, g)]
        low = [diagram.low[n - 2] if n > HIGH and diagram.level[n - 2] == level else n for n in (f, g)]
        return level, (high[0], high[1]), (low[0], low[1])

    @cached_property
    def _standing(self) -> list[P]:
        """The probability of each node's not holding."""
        diagram, zero = self._diagram, self._q[0] * 0
        found = [zero + 1, zero]
        for level, high, low in zip(diagram.level, diagram.high, diagram.low, strict=True):
            p = self._q[level]
            found.append(p * found[high] + (1 - p) * found[low])
        return found
