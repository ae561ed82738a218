"""Strongly connected components, suppliers first."""

from collections.abc import Callable, Iterable


def components(
    size: int, successors: Callable[[int], Iterable[int]], starts: Iterable[int] | None = None
) -> list[list[int]]:
    """The strongly connected components of a graph over 0..size-1, each after all that it leads to.

    Args:
        size: how many nodes there are.
        successors: what a node leads to.
        starts: only what these reach, themselves included; absent: all nodes.

    Cost: linear in nodes and edges; iterative, so that chains of any length pass.
    Source: Tarjan (1972).
    """
    unseen, settled = 0, size + 1
    index = [unseen] * size
    low = [unseen] * size
    pending: list[int] = []
    found: list[list[int]] = []
    count = 0
    for start in range(size) if starts is None else starts:
        if index[start] != unseen:
            continue
        path = [start]
        rests = [iter(successors(start))]
        count += 1
        index[start] = low[start] = count
        pending.append(start)
        while path:
            node = path[-1]
            for successor in rests[-1]:
                seen = index[successor]
                if seen == unseen:
                    count += 1
                    index[successor] = low[successor] = count
                    pending.append(successor)
                    path.append(successor)
                    rests.append(iter(successors(successor)))
                    break
                # A settled node's index is above all others, so it changes nothing here.
                low[node] = min(low[node], seen)
            else:
                path.pop()
                rests.pop()
                if path and low[node] < low[path[-1]]:
                    low[path[-1]] = low[node]
                if low[node] == index[node]:
                    at = len(pending) - 1
                    while pending[at] != node:
                        at -= 1
                    found.append(pending[at:])
                    del pending[at:]
                    for member in found[-1]:
                        index[member] = settled
    return found
