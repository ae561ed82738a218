"""Strongly connected components, suppliers first."""

from collections.abc import Callable, Collection, Iterable, Iterator

Successors = Callable[[int], Collection[int]]


def components(nodes: Iterable[int], successors: Successors) -> list[list[int]]:
    """The strongly connected components of what `nodes` reach, each after all that it leads to.

    Cost: linear in nodes and edges; iterative, so that chains of any length pass.
    Source: Tarjan (1972).
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    pending: list[int] = []
    found: list[list[int]] = []
    done: set[int] = set()
    for start in nodes:
        if start in index:
            continue
        index[start] = low[start] = len(index)
        pending.append(start)
        path: list[tuple[int, Iterator[int]]] = [(start, iter(successors(start)))]
        while path:
            node, rest = path[-1]
            for successor in rest:
                if successor not in index:
                    index[successor] = low[successor] = len(index)
                    pending.append(successor)
                    path.append((successor, iter(successors(successor))))
                    break
                if successor not in done:
                    low[node] = min(low[node], index[successor])
            else:
                path.pop()
                if path:
                    parent = path[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    found.append(_popped(pending, node))
                    done.update(found[-1])
    return found


def _popped(pending: list[int], last: int) -> list[int]:
    block = []
    while True:
        block.append(pending.pop())
        if block[-1] == last:
            return block
