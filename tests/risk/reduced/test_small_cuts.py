"""The cut sets of one and two: of every entity those of brute force, and never said to be all where they are not."""

from random import Random

import pytest

from risk.availability import Availability
from risk.cut_sets import cut_sets, minimal_cuts
from risk.limits import Limits
from risk.reduced.prepared import Prepared
from tests import oracles
from tests.strategies import engine_system, sample
from topology.errors import AnalysisTooLarge

Needs = tuple[tuple[int, tuple[int, ...]], ...]


def redundant(seed: int) -> list[Needs]:
    """A system of mostly redundant groups, on cycles too if the seed is odd."""
    random = Random(seed)
    size = random.randint(6, 9)
    found: list[Needs] = []
    for entity in range(size):
        others = [other for other in range(size) if other != entity and (seed % 2 or other > entity)]
        own: dict[tuple[int, ...], int] = {}
        for _ in range(random.choice((0, 1, 1, 2)) if others else 0):
            count = min(random.choice((1, 2, 2, 2, 3, 3, 4)), len(others))
            own[tuple(sorted(random.sample(others, count)))] = random.randint(1, max(1, count - 1))
        found.append(tuple((need, members) for members, need in own.items()))
    return found


def test_they_are_those_of_brute_force_in_whatever_order_one_asks() -> None:
    """With cones of one block tables are dropped and made again all the time."""
    seen = []
    for seed in range(200):
        groups = redundant(seed)
        roots = list(range(len(groups)))
        Random(seed).shuffle(roots)
        prepared = Prepared(engine_system(groups), Limits(cone_blocks=1 if seed % 3 else 4_000))
        for root in roots:
            expected = oracles.minimal_cut_sets(groups, root, len(groups))
            for order in (1, 2):
                cuts, complete = minimal_cuts(prepared, root, order)
                assert all(list(cut) == sorted(cut) for cut in cuts)
                assert len(cuts) == len(set(cuts))
                assert set(map(frozenset, cuts)) == {cut for cut in expected if len(cut) <= order}, (seed, root)
                has_larger = any(len(cut) > order for cut in expected)
                assert complete is not has_larger if order == 1 else not (complete and has_larger), (seed, root)
                seen.append((order, complete))
    assert min(seen.count((order, complete)) for order in (1, 2) for complete in (True, False)) > 200


def test_the_first_of_a_list_are_those_that_the_whole_list_begins_with() -> None:
    """Many are equally likely but for the last bit of a product, some never fail."""
    for seed in range(100):
        groups = redundant(seed)
        engine = Availability(engine_system(groups), Random(seed).choices((0.0, 0.1, 0.3, 0.7), k=len(groups)))
        for root in range(len(groups)):
            whole = cut_sets(engine, root, max_order=3, first=1_000)
            for first in (0, 1, 2, 5):
                some = cut_sets(engine, root, max_order=3, first=first)
                assert (some.found, some.total) == (whole.found[:first], whole.total), seed


def test_lists_that_hold_all_say_so_unless_groups_are_too_entangled() -> None:
    """Among random systems fewer than one list in fifty is said to lack something that it does not lack."""
    doubtful = known = 0
    for seed in range(200):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1)
        prepared = Prepared(case.system, Limits())
        for root in range(len(case.q)):
            if all(len(cut) <= 2 for cut in oracles.minimal_cut_sets(case.groups, root, len(case.q))):
                known += 1
                doubtful += not minimal_cuts(prepared, root, 2)[1]
    assert doubtful * 50 < known
    hurried = Prepared(engine_system([((1, (1, 2)),), (), ()]), Limits(expansions=0))
    assert minimal_cuts(hurried, 0, 2) == ([(1, 2)], False)


def test_more_pairs_than_anybody_can_read_are_refused() -> None:
    """Two chains beneath one redundant group: every entity of the one with every entity of the other."""
    length = 1_001
    chains: list[Needs] = [((1, (place + 1,)),) if place % length else () for place in range(1, 2 * length + 1)]
    prepared = Prepared(engine_system([((1, (1, length + 1)),), *chains]), Limits())
    with pytest.raises(AnalysisTooLarge, match="more than 1000000 cut sets"):
        minimal_cuts(prepared, 0, 2)
    cuts, complete = minimal_cuts(prepared, 1, 2)
    assert (len(cuts), complete) == (length - 1, True)
