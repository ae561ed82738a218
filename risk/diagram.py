"""Binary decision diagrams in plain Python: a function of ordered variables, each subfunction once.

Formula: `P(f) = q P(f|x failed) + (1 - q) P(f|x works)`, one pass over the nodes, which are created after their
children; all terms are positive for monotone functions, so small probabilities keep their digits.
Cost: the number of nodes, which `limit` bounds; building stops with `TooManyNodes`.
Source: Bryant (1986), Rauzy (1993).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from risk.limits import Check
from risk.probability import P

LOW: Final = 0
HIGH: Final = 1
_END: Final = 1 << 60
_STRIDE: Final = 4096
_Task = tuple[int, int, int, int]
"""Which operation (by the end that absorbs) on which two functions, and how many more failures are looked at."""


class TooManyNodes(Exception):
    """A diagram outgrew its limit; the engine goes to its next rung."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """A finished function: node i + 2 tests `level[i]` and leads to `high[i]` or `low[i]`; 0 and 1 are the ends.

    The last node is the root; `root` tells it, for a function that is constant.
    """

    level: tuple[int, ...] = field(repr=False)
    high: tuple[int, ...] = field(repr=False)
    low: tuple[int, ...] = field(repr=False)
    root: int

    def values(self, q: Sequence[P]) -> list[P]:
        """The probability of the function at every node, under the probability q of each level's variable."""
        zero = q[0] * 0
        found = [zero, zero + 1]
        for level, high, low in zip(self.level, self.high, self.low, strict=True):
            p = q[level]
            found.append(p * found[high] + (1 - p) * found[low])
        return found


def threshold(need: int, size: int, check: Check) -> Diagram:
    """Holds when `need` of `size` variables do, 1 or more: a node for each variable and each number still to come.

    Cost: `need (size - need + 1)` nodes, without any in between.
    """
    level: list[int] = []
    high: list[int] = []
    low: list[int] = []
    # Where the nodes of the level beneath begin, and the least number still to come that any of them stands for.
    begin, least = 2, 1
    for variable in range(size - 1, -1, -1):
        check()
        fewest, most = max(1, need - variable), min(need, size - variable)
        place = len(level) + 2
        for missing in range(fewest, most + 1):
            level.append(variable)
            high.append(HIGH if missing == 1 else begin + missing - 1 - least)
            low.append(LOW if missing == size - variable else begin + missing - least)
        begin, least = place, fewest
    return Diagram(tuple(level), tuple(high), tuple(low), len(level) + 1)


class Builder:
    """Makes diagrams over one order of variables: functions are node numbers, equal functions equal numbers.

    Args:
        limit: decision nodes before building stops.
        check: called every few thousand steps.
        failures: build functions that are right in every state with at most so many variables failing, and do not hold
            in others where the right one does not (monotone functions only); None: right in all states.
    """

    def __init__(self, limit: int, check: Check, failures: int | None = None) -> None:
        self._level: list[int] = [_END, _END]
        self._high: list[int] = [LOW, HIGH]
        self._low: list[int] = [LOW, HIGH]
        self._nodes: dict[tuple[int, int, int], int] = {}
        self._known: dict[_Task, int] = {}
        self._limit = limit
        self._check = check
        self._steps = 0
        self._failures = 0 if failures is None else failures
        self._spent = 0 if failures is None else 1

    def variable(self, level: int) -> int:
        """The function that holds when the variable does."""
        return self._node(level, HIGH, LOW)

    def top(self, function: int) -> int:
        """The first level that a function depends on."""
        return self._level[function]

    def either(self, f: int, g: int) -> int:
        """F or g."""
        return self._combined(HIGH, f, g)

    def both(self, f: int, g: int) -> int:
        """F and g."""
        return self._combined(LOW, f, g)

    def opposite(self, function: int) -> int:
        """Not f: every node again, with the ends exchanged."""
        turned = {LOW: HIGH, HIGH: LOW}
        for node in self._beneath(function):
            turned[node] = self._node(self._level[node], turned[self._high[node]], turned[self._low[node]])
        return turned[function]

    def at_least(self, need: int, items: Sequence[tuple[int, int]]) -> int:
        """Holds when functions of a joint weight of `need` do."""
        reached = [HIGH] + [LOW] * need
        for function, weight in items:
            reached = [
                self.either(reached[short], self.both(function, reached[max(short - weight, 0)]))
                for short in range(need + 1)
            ]
        return reached[need]

    def finished(self, function: int) -> Diagram:
        """The nodes that a function consists of, renumbered, children first."""
        nodes = self._beneath(function)
        number = {LOW: LOW, HIGH: HIGH} | {node: position + 2 for position, node in enumerate(nodes)}
        return Diagram(
            tuple(self._level[node] for node in nodes),
            tuple(number[self._high[node]] for node in nodes),
            tuple(number[self._low[node]] for node in nodes),
            number[function],
        )

    def _beneath(self, function: int) -> list[int]:
        seen = {LOW, HIGH, function}
        pending = [function]
        while pending:
            node = pending.pop()
            for child in (self._high[node], self._low[node]):
                if child not in seen:
                    seen.add(child)
                    pending.append(child)
        return sorted(seen - {LOW, HIGH})

    def _node(self, level: int, high: int, low: int) -> int:
        if high == low:
            return low
        key = (level, high, low)
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = len(self._level)
            if found > self._limit + 1:
                raise TooManyNodes
            self._level.append(level)
            self._high.append(high)
            self._low.append(low)
        return found

    def _combined(self, absorbing: int, f: int, g: int) -> int:
        """F or g (absorbing HIGH), f and g (absorbing LOW), by the rule that their cofactors combine likewise."""
        levels, highs, lows, known = self._level, self._high, self._low, self._known
        self._steps += 1
        if self._steps % _STRIDE == 0:
            self._check()
        if f > g:
            f, g = g, f
        if f <= HIGH:
            return absorbing if f == absorbing else g
        if f == g:
            return f
        asked = (absorbing, f, g, self._failures)
        pending = [asked]
        while pending:
            task = pending[-1]
            if task in known:
                pending.pop()
                continue
            self._steps += 1
            if self._steps % _STRIDE == 0:
                self._check()
            _, f, g, left = task
            level = min(levels[f], levels[g])
            f_high, f_low = (highs[f], lows[f]) if levels[f] == level else (f, f)
            g_high, g_low = (highs[g], lows[g]) if levels[g] == level else (g, g)
            low = self._settled((absorbing, f_low, g_low, left), pending)
            high = self._settled((absorbing, f_high, g_high, left - self._spent), pending)
            if high >= 0 and low >= 0:
                known[task] = self._node(level, high, low)
                pending.pop()
        return known[asked]

    def _settled(self, task: _Task, pending: list[_Task]) -> int:
        """The combination if it is plain or known; else -1, and it is put on the list."""
        absorbing, f, g, left = task
        if f > g:
            f, g = g, f
        if f <= HIGH:
            return absorbing if f == absorbing else g
        if f == g:
            return f
        if left == 0 and self._spent:
            # With no failure left to look at only the state without more matters; no monotone function holds in it.
            return LOW
        task = (absorbing, f, g, left)
        found = self._known.get(task)
        if found is None:
            pending.append(task)
            return -1
        return found
