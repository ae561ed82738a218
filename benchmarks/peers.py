"""What others do with the same graphs: one decision diagram a cone without reductions, and reachability one by one."""

import signal
from collections.abc import Sequence
from random import Random
from types import FrameType

import networkx as nx
from dd.autoref import BDD, Function

from benchmarks.clock import cpu
from risk.condensation import Condensed
from risk.graph import System, to_networkx


class TooLongError(Exception):
    """A peer had its time."""


def one_diagram(condensed: Condensed, own: Sequence[float], root: int, most: float) -> float:
    """CPU seconds that the composite of a block takes by a single diagram over all blocks of its cone.

    At most `most`: who is not done by then counts with that. Hard cycles are drawn together for it; cones with other
    cycles are not for it. `own` are unavailabilities of blocks.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, most)
    try:
        return cpu(lambda: _one_diagram(condensed, own, root))
    except TooLongError:
        return most
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def descendants(system: System, sampled: int, seed: int) -> float:
    """CPU seconds of `networkx.descendants` of every entity, reckoned from a sample."""
    graph = to_networkx(system)
    some = Random(seed).sample(system.keys, sampled)
    return cpu(lambda: [nx.descendants(graph, key) for key in some]) * len(system) / len(some)


def cone_of(condensed: Condensed, root: int) -> list[int]:
    """A block and all that it requires, suppliers first as far as cycles through groups allow."""
    seen = {root}
    pending = [root]
    while pending:
        for supplier in condensed.suppliers[pending.pop()]:
            if supplier not in seen:
                seen.add(supplier)
                pending.append(supplier)
    return sorted(seen)


def _one_diagram(condensed: Condensed, own: Sequence[float], root: int) -> float:
    """The composite by a single diagram over the blocks of the cone, suppliers first; its unavailability."""
    order = cone_of(condensed, root)
    manager = BDD()
    manager.declare(*(f"x{block}" for block in reversed(order)))
    up: dict[int, Function] = {}
    for block in order:
        function = manager.var(f"x{block}")
        for supplier in condensed.hard[block]:
            function &= up[supplier]
        for number in condensed.gates_of[block]:
            gate = condensed.gates[number]
            short = [manager.true, *[manager.false] * (sum(weight for _, weight in gate.targets) - gate.spare)]
            for target, weight in gate.targets:
                for _ in range(weight):
                    for count in range(len(short) - 1, 0, -1):
                        short[count] = short[count] | (short[count - 1] & up[target])
            function &= short[-1]
        up[block] = function
    return 1 - _probability(up[root], own, {})


def _probability(function: Function, own: Sequence[float], known: dict[int, float]) -> float:
    """P of a function with complemented edges; as deep as the cone has entities."""
    regular = ~function if function.negated else function
    if regular.var is None:
        value = 1.0
    elif int(regular) in known:
        value = known[int(regular)]
    else:
        q = own[int(regular.var[1:])]
        low, high = (_probability(child, own, known) for child in (regular.low, regular.high) if child is not None)
        value = known[int(regular)] = q * low + (1 - q) * high
    return 1 - value if function.negated else value
