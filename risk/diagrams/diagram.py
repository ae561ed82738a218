"""Binary decision diagrams in plain Python: a function of ordered variables, each subfunction once.

Formula: `P(f) = q P(f|x failed) + (1 - q) P(f|x works)`, one pass over the nodes, which are created after their
children; all terms are positive for monotone functions, so small probabilities keep their digits.
Cost: the number of nodes, which `limit` bounds; building stops with `TooManyNodes`.
Source: Bryant (1986), Rauzy (1993).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Final

from risk.limits import Check
from risk.probability import P

LOW: Final = 0
HIGH: Final = 1
END: Final = 1 << 60
"""The level of the two ends: deeper than that of any variable."""
_STRIDE: Final = 4096
_MADE: Final = 2
"""How many times the limit may be made in all, where most is of no use any more by then."""
_UNKNOWN: Final = -1
_Node = tuple[int, int, int]
"""The level that a node tests, and where it leads to when its variable holds and when not."""


class TooManyNodes(Exception):
    """A diagram outgrew its limit; the engine goes to its next rung."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """A finished function: node i + 2 tests `level[i]` and leads to `high[i]` or `low[i]`; 0 and 1 are the ends.

    The last node is the root; `root` tells it, for a function that is constant.
    """

    level: Sequence[int] = field(repr=False)
    high: Sequence[int] = field(repr=False)
    low: Sequence[int] = field(repr=False)
    root: int

    def values(self, q: Sequence[P]) -> list[P]:
        """The probability of the function at every node, under the probability q of each level's variable."""
        zero = q[0] * 0
        found = [zero, zero + 1]
        chances = [(p, 1 - p) for p in q]
        for level, high, low in zip(self.level, self.high, self.low, strict=True):
            fails, works = chances[level]
            found.append(fails * found[high] + works * found[low])
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
        self._at: list[_Node] = [(END, LOW, LOW), (END, HIGH, HIGH)]
        self._number_of: dict[_Node, int] = {}
        self._width = limit + 2
        self._limit = limit
        self._check = check
        self._steps = 0
        self._let_go = 0
        self._tidy_from = limit // 2
        self._failures = 0 if failures is None else failures
        self._spent = 0 if failures is None else 1
        # What is known of pairs, for both operations, by how many failures there are left to look at.
        self._known: tuple[list[dict[int, int]], ...] = tuple(
            [{} for _ in range(self._failures + 1)] for _ in (LOW, HIGH)
        )

    def variable(self, level: int) -> int:
        """The function that holds when the variable does."""
        return self._node((level, HIGH, LOW))

    def top(self, function: int) -> int:
        """The first level that a function depends on."""
        return self._at[function][0]

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
            level, high, low = self._at[node]
            turned[node] = self._node((level, turned[high], turned[low]))
        return turned[function]

    def levels(self, function: int) -> set[int]:
        """The levels that a function depends on."""
        return {self._at[node][0] for node in self._beneath(function)}

    def replaced(self, function: int, by: Mapping[int, int]) -> int:
        """A monotone function with functions in place of the variables of some levels."""
        found = {LOW: LOW, HIGH: HIGH}
        for node in self._beneath(function):
            level, high, low = self._at[node]
            high, low = found[high], found[low]
            if level in by:
                found[node] = self.either(low, self.both(by[level], high))
            elif level < self.top(high) and level < self.top(low):
                found[node] = self._node((level, high, low))
            else:
                found[node] = self.either(low, self.both(self.variable(level), high))
        return found[function]

    @property
    def is_cluttered(self) -> bool:
        """Whether it is time to let go of what is of no use any more (`only`)."""
        return len(self._at) > self._tidy_from

    def only(self, functions: Sequence[int]) -> list[int]:
        """Keep some functions and let all others go; their numbers from here on.

        Cost: the nodes there are. The next time is when half of what is free then has been used.
        """
        nodes = self._beneath(*functions)
        self._let_go += len(self._at) - 2 - len(nodes)
        if self._let_go > _MADE * self._limit:
            raise TooManyNodes
        number = {LOW: LOW, HIGH: HIGH} | {node: position + 2 for position, node in enumerate(nodes)}
        kept = [(level, number[high], number[low]) for level, high, low in [self._at[node] for node in nodes]]
        del self._at[2:]
        self._number_of.clear()
        for some in chain(*self._known):
            some.clear()
        for node in kept:
            self._node(node)
        self._tidy_from = (len(self._at) + self._limit) // 2
        return [number[function] for function in functions]

    def finished(self, function: int) -> Diagram:
        """The nodes that a function consists of, renumbered, children first."""
        nodes = self._beneath(function)
        if not nodes:
            return Diagram((), (), (), function)
        number = [LOW, HIGH, *repeat(LOW, function - HIGH)]
        for position, node in enumerate(nodes, start=2):
            number[node] = position
        level, high, low = zip(*map(self._at.__getitem__, nodes), strict=True)
        return Diagram(
            level, tuple(map(number.__getitem__, high)), tuple(map(number.__getitem__, low)), number[function]
        )

    def _beneath(self, *functions: int) -> list[int]:
        """The nodes that some functions lead to, children first, as they were created."""
        at = self._at
        last = max(functions, default=LOW)
        is_met = bytearray(last + 2)
        for function in functions:
            is_met[function] = True
        found: list[int] = []
        for node in range(last, HIGH, -1):
            if is_met[node]:
                found.append(node)
                _, high, low = at[node]
                is_met[high] = is_met[low] = True
        return found[::-1]

    def _node(self, node: _Node) -> int:
        _, high, low = node
        return low if high == low else self._number_of.get(node) or self._made(node)

    def _made(self, node: _Node) -> int:
        """The number of a node that there is not yet."""
        found = self._number_of[node] = len(self._at)
        if found > self._limit + 1:
            raise TooManyNodes
        self._at.append(node)
        return found

    def _combined(self, absorbing: int, f: int, g: int) -> int:  # noqa: C901, PLR0912, PLR0915  calls would double its time
        """F or g (absorbing HIGH), f and g (absorbing LOW), by the rule that their cofactors combine likewise."""
        if f > g:
            f, g = g, f
        if f <= HIGH:
            return absorbing if f == absorbing else g
        if f == g:
            return f
        # The innermost loop of an estate's composites: whatever can be read off at once is, without another call, and a
        # pair that had to wait for a cofactor goes on from there instead of being looked at again.
        at, number_of, tables, width = self._at, self._number_of, self._known[absorbing], self._width
        spent, left, steps = self._spent, self._failures, self._steps
        known = tables[left]
        waiting: list[tuple[int, int, int, int, int, int]] = []
        while True:
            steps += 1
            if steps % _STRIDE == 0:
                self._check()
            pair = f * width + g
            level, f_high, f_low = at[f]
            other, g_high, g_low = at[g]
            if level < other:
                g_high = g_low = g
            elif level > other:
                level, f_high, f_low = other, f, f
            if f_low > g_low:
                f_low, g_low = g_low, f_low
            if f_low <= HIGH:
                low = absorbing if f_low == absorbing else g_low
            elif f_low == g_low:
                low = f_low
            elif spent and not left:
                low = LOW
            else:
                low = known.get(f_low * width + g_low, _UNKNOWN)
                if low == _UNKNOWN:
                    waiting.append((pair, level, _UNKNOWN, f_high, g_high, left))
                    f, g = f_low, g_low
                    continue
            while True:
                if f_high > g_high:
                    f_high, g_high = g_high, f_high
                if f_high <= HIGH:
                    high = absorbing if f_high == absorbing else g_high
                elif f_high == g_high:
                    high = f_high
                elif spent and left == 1:
                    # With no failure left to look at only the state without more matters: no monotone function holds.
                    high = LOW
                else:
                    high = (tables[left - 1] if spent else known).get(f_high * width + g_high, _UNKNOWN)
                    if high == _UNKNOWN:
                        waiting.append((pair, level, low, LOW, LOW, left))
                        f, g, left = f_high, g_high, left - spent
                        known = tables[left]
                        break
                if high == low:
                    found = low
                else:
                    node = (level, high, low)
                    found = number_of.get(node) or self._made(node)
                known[pair] = found
                while waiting:
                    pair, level, low, f_high, g_high, left = waiting.pop()
                    known = tables[left]
                    if low == _UNKNOWN:
                        low = found
                        break
                    if found != low:
                        node = (level, found, low)
                        found = number_of.get(node) or self._made(node)
                    known[pair] = found
                else:
                    self._steps = steps
                    return found
