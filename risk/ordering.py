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

from risk.modules import Module

_LOCAL = 10
"""The most leaves beneath a gate that the order looks at; modules of no more are small in any order."""
_TRIES = 3
"""How often in a row a new order may be no better before it is left at that."""


def leaf_orders(module: Module) -> list[list[int]]:
    """The leaves of a module, the first to be decided first; in the most promising order, then in that of the walk."""
    walked = _walked(module)
    spanning = _small_gates(module)
    if len(walked) <= _LOCAL or not spanning:
        return [walked]
    close = _close_together(module, walked, spanning)
    return [close] if close == walked else [close, walked]


def _close_together(module: Module, walked: list[int], spanning: Sequence[Sequence[int]]) -> list[int]:
    beneath: list[list[int]] = [[] for _ in module.leaves]
    for gate, leaves in enumerate(spanning):
        for leaf in leaves:
            beneath[leaf].append(gate)
    order, best, least, failed = walked, walked, len(walked) * len(spanning), 0
    while True:
        place = [0] * len(order)
        for position, leaf in enumerate(order):
            place[leaf] = position
        spans, centres = _spans_and_centres(spanning, place)
        if spans < least:
            best, least, failed = order, spans, 0
        else:
            failed += 1
            if failed == _TRIES:
                return best[::-1]
        wanted = [
            sum([centres[gate] for gate in gates]) / len(gates) if gates else place[leaf]
            for leaf, gates in enumerate(beneath)
        ]
        # Where these are equal the order stays.
        order = sorted(order, key=wanted.__getitem__)


def _spans_and_centres(spanning: Sequence[Sequence[int]], place: Sequence[int]) -> tuple[int, list[float]]:
    """How far the gates reach over the order, summed, and the middle of each."""
    spans = 0
    centres: list[float] = []
    for leaves in spanning:
        places = [place[leaf] for leaf in leaves]
        spans += max(places) - min(places)
        centres.append(sum(places) / len(places))
    return spans, centres


def _small_gates(module: Module) -> list[tuple[int, ...]]:
    """The leaves beneath each gate that has a few of them, the same few once."""
    found: dict[tuple[int, ...], None] = {}
    held: list[frozenset[int] | None] = []
    for gate in module.gates:
        leaves: set[int] | None = set()
        for reference, _ in gate.items:
            inner = frozenset((~reference,)) if reference < 0 else held[reference]
            if leaves is None or inner is None or len(leaves | inner) > _LOCAL:
                leaves = None
                break
            leaves |= inner
        held.append(None if leaves is None else frozenset(leaves))
        if leaves is not None and len(leaves) > 1:
            found[tuple(sorted(leaves))] = None
    return list(found)


def _walked(module: Module) -> list[int]:
    """Leaves in the order of a walk from the top: gates before leaves, most shared first, then smaller ones first."""
    parents = [0] * len(module.gates)
    leaf_parents = [0] * len(module.leaves)
    size = [1] * len(module.gates)
    for number, gate in enumerate(module.gates):
        for reference, _ in gate.items:
            if reference < 0:
                leaf_parents[~reference] += 1
            else:
                parents[reference] += 1
                size[number] += size[reference]
        size[number] += len(gate.items)

    def rank(reference: int) -> tuple[bool, int, int, int]:
        if reference < 0:
            return (True, -leaf_parents[~reference], 0, ~reference)
        return (False, -parents[reference], size[reference], reference)

    order: dict[int, None] = {}
    seen: set[int] = set()
    pending = [len(module.gates) - 1]
    while pending:
        reference = pending.pop()
        if reference < 0:
            order[~reference] = None
        elif reference not in seen:
            seen.add(reference)
            pending.extend(sorted((ref for ref, _ in module.gates[reference].items), key=rank, reverse=True))
    return list(order)
