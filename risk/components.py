"""Strongly connected components, suppliers first."""

from collections.abc import Callable, Iterable, Iterator

from risk.limits import Check, unhurried

_STRIDE = 4096


def components(
    size: int,
    successors: Callable[[int], Iterable[int]],
    starts: Iterable[int] | None = None,
    check: Check = unhurried,
) -> Iterator[list[int]]:
    """The strongly connected components of a graph over 0..size-1, each after all that it leads to.

    Args:
        size: how many nodes there are.
        successors: what a node leads to; asked once for each node.
        starts: only what these reach, themselves included; absent: all nodes.
        check: called every few thousand nodes.

    Cost: linear in nodes and edges; iterative, so that chains of any length pass.
    Source: Tarjan (1972).
    """
    settled = size + 1
    index = [0] * size  # 0: not seen yet
    pending: list[int] = []
    count = 0
    # The way down: nodes, what is left of their successors, and the lowest index met so far. It begins above all nodes.
    path: list[tuple[int, Iterator[int], int]] = []
    node, low, rest = -1, settled, iter(range(size) if starts is None else starts)
    while True:
        for successor in rest:
            seen = index[successor]
            if not seen:
                path.append((node, rest, low))
                count += 1
                if count % _STRIDE == 0:
                    check()
                node = successor
                index[node] = low = count
                pending.append(node)
                rest = iter(successors(node))
                break
            # A settled node's index is above all others, so it changes nothing here.
            if seen < low:  # noqa: PLR1730 - a call for every edge would take longer than all the rest
                low = seen
        else:
            if not path:
                return
            beneath, closed = low, low == index[node]
            if closed and pending[-1] == node:
                index[node] = settled
                yield [pending.pop()]
            elif closed:
                found = _cut_off(pending, node)
                for member in found:
                    index[member] = settled
                yield found
            node, rest, low = path.pop()
            if not closed and beneath < low:
                low = beneath


def _cut_off(pending: list[int], node: int) -> list[int]:
    """Take a node and all after it off a list."""
    at = len(pending) - 1
    while pending[at] != node:
        at -= 1
    found = pending[at:]
    del pending[at:]
    return found
