"""The order of a module's leaves in its diagram: those that belong to small gates stand close together.

Formula: a walk from the top gives a first order; then each leaf goes to the mean of the centres of the gates beneath
which it lies, as long as that shortens the sum of the gates' spans now and then. Gates over many leaves are left out:
they span everything in any order. The order is read from its end, since the walk leads from the largest parts to
the smallest.
Cost: a few passes over the leaves of small gates. On estates of the benchmark the diagrams have a third of the nodes
that the walk alone leaves, and those that outgrow their limit become few.
Source: Aloul, Markov and Sakallah (2003), FORCE.
"""

from collections.abc import Sequence
from operator import itemgetter

from risk.bitsets import bits
from risk.diagrams.modules import Module
from risk.limits import Check, paced_if_many, unhurried

_LOCAL = 10
"""The most leaves beneath a gate that the order looks at; modules of no more are small in any order."""
_TRIES = 3
"""How often in a row a new order may be no better before it is left at that."""
_STRIDE = 4096
"""Gates between two looks at the clock."""


def leaf_orders(module: Module, check: Check = unhurried) -> list[list[int]]:
    """The leaves of a module, the first to be decided first; in the most promising order, then in that of the walk.

    `check` is called every few thousand steps.
    """
    walked = _walked(module, check)
    spanning = _small_gates(module, check)
    if len(walked) <= _LOCAL or not spanning:
        return [walked]
    close = close_together(walked, spanning, check)
    return [close] if close == walked else [close, walked]


def close_together(walked: list[int], spanning: Sequence[tuple[int, ...]], check: Check = unhurried) -> list[int]:
    """An order of leaves, numbered from 0, in which those of each of some gates stand close together.

    Args:
        walked: the order to begin with.
        spanning: the leaves of each gate, two at least.
        check: called in every pass.
    """
    gates = _Gates(spanning, len(walked))
    order, best, least, failed = walked, walked, len(walked) * len(spanning), 0
    place = [0] * len(order)
    while True:
        check()
        for position, leaf in enumerate(order):
            place[leaf] = position
        spans, centres = gates.spans_and_centres(place)
        if spans < least:
            best, least, failed = order, spans, 0
        else:
            failed += 1
            if failed == _TRIES:
                return best[::-1]
        # Where these are equal the order stays.
        order = sorted(order, key=gates.wanted(place, centres).__getitem__)


class _Gates:
    """Gates over leaves. Most have two, and most leaves lie beneath one gate or two: these are told without a sum."""

    def __init__(self, spanning: Sequence[tuple[int, ...]], size: int) -> None:
        self._pairs = [leaves for leaves in spanning if len(leaves) == 2]
        wider = [leaves for leaves in spanning if len(leaves) > 2]
        self._wider = [(itemgetter(*leaves), len(leaves)) for leaves in wider]
        above: list[list[int]] = [[] for _ in range(size)]
        for gate, leaves in enumerate((*self._pairs, *wider)):
            for leaf in leaves:
                above[leaf].append(gate)
        rows = list(enumerate(above))
        self._beneath_one = [(leaf, gates[0]) for leaf, gates in rows if len(gates) == 1]
        self._beneath_two = [(leaf, gates[0], gates[1]) for leaf, gates in rows if len(gates) == 2]
        self._beneath_more = [(leaf, itemgetter(*gates), len(gates)) for leaf, gates in rows if len(gates) > 2]

    def spans_and_centres(self, place: Sequence[int]) -> tuple[int, list[float]]:
        """How far the gates reach over the order, summed, and the middle of each."""
        spans = 0
        centres: list[float] = []
        for one, other in self._pairs:
            begin, end = place[one], place[other]
            spans += end - begin if begin < end else begin - end
            centres.append((begin + end) / 2)
        for at, count in self._wider:
            places = at(place)
            spans += max(places) - min(places)
            centres.append(sum(places) / count)
        return spans, centres

    def wanted(self, place: Sequence[int], centres: Sequence[float]) -> list[float]:
        """The mean of the centres of the gates above each leaf; its own place beneath none."""
        found: list[float] = [*place]
        for leaf, gate in self._beneath_one:
            found[leaf] = centres[gate]
        for leaf, gate, other in self._beneath_two:
            found[leaf] = (centres[gate] + centres[other]) / 2
        for leaf, at, count in self._beneath_more:
            found[leaf] = sum(at(centres)) / count
        return found


def _small_gates(module: Module, check: Check) -> list[tuple[int, ...]]:
    """The leaves beneath each gate that has a few of them, the same few once."""
    found: dict[int, None] = {}
    held: list[int | None] = []
    for gate in paced_if_many(module.gates, check):
        leaves: int | None = 0
        for reference in gate.over:
            inner = 1 << ~reference if reference < 0 else held[reference]
            if leaves is None or inner is None:
                leaves = None
                break
            leaves |= inner
        if leaves is not None and leaves.bit_count() > _LOCAL:
            leaves = None
        held.append(leaves)
        if leaves is not None and leaves & (leaves - 1):
            found[leaves] = None
    return [tuple(bits(leaves)) for leaves in found]


def _walked(module: Module, check: Check) -> list[int]:
    """Leaves in the order of a walk from the top: gates before leaves, most shared first, then smaller ones first."""
    # By reference: that of a leaf is negative, and so counts from the end.
    parents = [0] * (len(module.gates) + len(module.leaves))
    size = [*parents]
    for number, gate in enumerate(paced_if_many(module.gates, check)):
        for reference in gate.over:
            parents[reference] += 1
        size[number] = 1 + len(gate.over) + sum(map(size.__getitem__, gate.over))
    rank = [(False, -parents[gate], size[gate], gate) for gate in range(len(module.gates))]
    rank += [(True, -parents[~leaf], 0, leaf) for leaf in range(len(module.leaves) - 1, -1, -1)]
    order: dict[int, None] = {}
    seen: set[int] = set()
    pending = [len(module.gates) - 1]
    while pending:
        reference = pending.pop()
        if reference < 0:
            order[~reference] = None
        elif reference not in seen:
            seen.add(reference)
            if len(seen) % _STRIDE == 0:
                check()
            pending.extend(sorted(module.gates[reference].over, key=rank.__getitem__, reverse=True))
    return list(order)
