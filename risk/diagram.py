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
_MADE: Final = 2
"""How many times the limit may be made in all, where most is of no use any more by then."""
_UNKNOWN: Final = -1


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
        # Numbers for keys, since the collector of garbage walks over tuples again and again.
        self._width = limit + 2
        self._nodes: dict[int, int] = {}
        self._known: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._limit = limit
        self._check = check
        self._steps = 0
        self._let_go = 0
        self._tidy_from = limit // 2
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

    @property
    def is_cluttered(self) -> bool:
        """Whether it is time to let go of what is of no use any more (`only`)."""
        return len(self._level) > self._tidy_from

    def only(self, functions: Sequence[int]) -> list[int]:
        """Keep some functions and let all others go; their numbers from here on.

        Cost: the nodes there are. The next time is when half of what is free then has been used.
        """
        nodes = self._beneath(*functions)
        self._let_go += len(self._level) - 2 - len(nodes)
        if self._let_go > _MADE * self._limit:
            raise TooManyNodes
        number = {LOW: LOW, HIGH: HIGH} | {node: position + 2 for position, node in enumerate(nodes)}
        kept = [(self._level[node], number[self._high[node]], number[self._low[node]]) for node in nodes]
        del self._level[2:], self._high[2:], self._low[2:]
        self._nodes.clear()
        for some in self._known:
            some.clear()
        for level, high, low in kept:
            self._node(level, high, low)
        self._tidy_from = (len(self._level) + self._limit) // 2
        return [number[function] for function in functions]

    def finished(self, function: int) -> Diagram:
        """The nodes that a function consists of, renumbered, children first."""
        levels, highs, lows = self._level, self._high, self._low
        nodes = self._beneath(function)
        number = {node: position for position, node in enumerate((LOW, HIGH, *nodes))}
        return Diagram(
            tuple([levels[node] for node in nodes]),
            tuple([number[highs[node]] for node in nodes]),
            tuple([number[lows[node]] for node in nodes]),
            number[function],
        )

    def _beneath(self, *functions: int) -> list[int]:
        """The nodes that some functions lead to, children first, as they were created."""
        highs, lows = self._high, self._low
        last = max(functions, default=LOW)
        is_met = bytearray(last + 2)
        for function in functions:
            is_met[function] = True
        found: list[int] = []
        for node in range(last, HIGH, -1):
            if is_met[node]:
                found.append(node)
                is_met[highs[node]] = is_met[lows[node]] = True
        return found[::-1]

    def _node(self, level: int, high: int, low: int) -> int:
        if high == low:
            return low
        key = (level * self._width + high) * self._width + low
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = len(self._level)
            if found > self._limit + 1:
                raise TooManyNodes
            self._level.append(level)
            self._high.append(high)
            self._low.append(low)
        return found

    def _combined(self, absorbing: int, f: int, g: int) -> int:  # noqa: C901, PLR0912  calls would double its time
        """F or g (absorbing HIGH), f and g (absorbing LOW), by the rule that their cofactors combine likewise."""
        if f > g:
            f, g = g, f
        if f <= HIGH:
            return absorbing if f == absorbing else g
        if f == g:
            return f
        # The innermost loop of an estate's composites: whatever can be read off at once is, without another call.
        levels, highs, lows, known, width = self._level, self._high, self._low, self._known[absorbing], self._width
        spent, node = self._spent, self._node
        pending = [(f, g, self._failures)]
        found = LOW
        while pending:
            self._steps += 1
            if self._steps % _STRIDE == 0:
                self._check()
            f, g, left = pending[-1]
            level, other = levels[f], levels[g]
            f_high = f_low = f
            g_high = g_low = g
            if level <= other:
                f_high, f_low = highs[f], lows[f]
            if other <= level:
                level, g_high, g_low = other, highs[g], lows[g]
            if f_low > g_low:
                f_low, g_low = g_low, f_low
            if f_low <= HIGH:
                low = absorbing if f_low == absorbing else g_low
            elif f_low == g_low:
                low = f_low
            elif spent and not left:
                low = LOW
            else:
                low = known.get((left * width + f_low) * width + g_low, _UNKNOWN)
                if low == _UNKNOWN:
                    pending.append((f_low, g_low, left))
            if f_high > g_high:
                f_high, g_high = g_high, f_high
            if f_high <= HIGH:
                high = absorbing if f_high == absorbing else g_high
            elif f_high == g_high:
                high = f_high
            elif spent and left == 1:
                # With no failure left to look at only the state without more matters; no monotone function holds in it.
                high = LOW
            else:
                high = known.get(((left - spent) * width + f_high) * width + g_high, _UNKNOWN)
                if high == _UNKNOWN:
                    pending.append((f_high, g_high, left - spent))
                    continue
            if low != _UNKNOWN:
                pending.pop()
                found = known[(left * width + f) * width + g] = node(level, high, low)
        return found
