"""The benchmark of blast radii on estates small enough for a test: what it measures is checked as it goes."""

import networkx as nx
import pytest

from benchmarks.blast_radius import Measured, drawn, layered, lines, measure
from risk.graph import System, to_networkx
from tests import oracles


@pytest.mark.parametrize("system", [layered(60), drawn(60, nearby=None), drawn(60, nearby=6)])
def test_both_sides_count_what_they_say(system: System) -> None:
    found = measure(system)
    graph = to_networkx(system)
    assert found.reached == sum(len(nx.ancestors(graph, key)) for key in graph)
    groups = [[(group.required, group.members) for group in own] for own in system.groups]
    assert found.fallen == sum(len(oracles.down(groups, {entity})) - 1 for entity in range(len(system)))
    assert 0 < found.fallen <= found.reached


def test_what_is_told_says_whether_both_aims_are_met() -> None:
    _, seconds, times = lines("an estate", Measured(ours=0.5, again=0.1, peer=10.0, reached=9, fallen=5))
    assert seconds.strip() == "at most 3 s: met"
    assert times.strip() == "20.0 times faster, at least 20: met"
    _, seconds, times = lines("an estate", Measured(ours=3.1, again=0.1, peer=10.0, reached=9, fallen=5))
    assert (seconds.strip(), times.strip()) == ("at most 3 s: MISSED", "3.2 times faster, at least 20: MISSED")
