"""Closures with distances, both ways, and bounded neighbourhoods; against networkx."""

import networkx as nx
import pytest

from risk.graph import System, to_networkx
from risk.reach import Neighbourhood, closure_of, neighbourhood
from risk.terms import Direction
from tests.risk.models import Model, Part, checkout, model
from tests.strategies import sample
from topology.errors import UnknownKey


def rows(found: Model, root: str, direction: Direction, depth: int | None = None) -> list[tuple[str, int, bool]]:
    reached = closure_of(found.system, found.number(root), direction, depth)
    return [(found.system.keys[row.entity], row.distance, row.hard) for row in reached]


def test_a_closure_is_flat_with_fewest_steps_and_tells_hard_from_soft() -> None:
    assert rows(checkout(), "api", Direction.REQUIRES) == [
        ("email", 1, False),
        ("identity", 1, True),
        ("orders-db", 1, True),
        ("payments", 1, True),
        ("psp-a", 2, True),
        ("psp-b", 2, True),
        ("cloud-x", 3, True),
    ]


def test_a_closure_goes_the_other_way_too_and_stops_at_its_depth() -> None:
    assert rows(checkout(), "cloud-x", Direction.REQUIRED_BY, 2) == [
        ("psp-a", 1, True),
        ("psp-b", 1, True),
        ("payments", 2, True),
    ]
    assert rows(checkout(), "email", Direction.REQUIRED_BY) == [("api", 1, False), ("checkout", 2, False)]


def test_closures_equal_those_of_networkx() -> None:
    for seed in range(60):
        case = sample(seed, entities=12, cyclic=seed % 2 == 1, softness=0.1)
        graph = to_networkx(case.system)
        for direction, seen in ((Direction.REQUIRES, graph), (Direction.REQUIRED_BY, graph.reverse())):
            lengths = nx.single_source_shortest_path_length(seen, case.system.keys[0])
            reached = closure_of(case.system, 0, direction)
            assert {case.system.keys[row.entity]: row.distance for row in reached} | {case.system.keys[0]: 0} == lengths


def around(system: System, roots: list[int], depth: int, limit: int) -> Neighbourhood:
    return neighbourhood(system, roots, Direction.REQUIRES, depth, limit)


def test_a_neighbourhood_is_exact_within_its_depth_and_says_when_the_limit_cut_it() -> None:
    found = checkout()
    root = found.number("checkout")
    whole = around(found.system, [root], 99, 99)
    assert (len(whole.entities), whole.depth_reached, whole.truncated) == (11, 4, False)
    near = around(found.system, [root], 1, 99)
    assert (found.keys(near.entities), near.depth_reached, near.truncated) == (["api", "checkout", "web"], 1, False)
    cut = around(found.system, [root], 99, 4)
    assert (len(cut.entities), cut.depth_reached, cut.truncated) == (4, 2, True)
    assert cut.entities == whole.entities[:4]


def test_a_neighbourhood_of_several_roots_takes_the_nearest() -> None:
    found = checkout()
    both = around(found.system, [found.number("web"), found.number("psp-a"), found.number("web")], 1, 99)
    assert found.keys(both.entities) == ["cdn", "cloud-x", "identity", "psp-a", "web"]
    assert around(found.system, [], 3, 10) == Neighbourhood((), 0, False)


def test_hard_wins_over_soft_to_the_same_supplier() -> None:
    found = model({"v": Part("100", ["s"], {"s": "0.5"}), "s": Part("90")})
    assert rows(found, "v", Direction.REQUIRES) == [("s", 1, True)]
    assert found.system.soft == ((), ())
    assert found.system.soft_consumers == ((), ())


def test_an_unknown_key_is_a_typed_error() -> None:
    with pytest.raises(UnknownKey):
        checkout().system.number("nowhere")
