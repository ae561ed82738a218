"""The cut sets of one and two: of every entity those of brute force, and never said to be all where they are not."""

from random import Random

import pytest

from risk.availability import Availability
from risk.cut_sets import cut_sets, minimal_cuts
from risk.graph import Group, assembled
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


def test_only_groups_met_again_under_other_contexts_can_be_too_many_to_tell_whether_there_are_more() -> None:
    ring: list[Needs] = [((1, ((v + 1) % 8, (v + 2) % 8)),) for v in range(8)]
    pairs = [(v, v + 1) for v in range(1, 7)]
    for most, complete in ((0, False), (2_000, True)):
        found, known = minimal_cuts(Prepared(engine_system(ring), Limits(unfoldings=most)), 0, 2)
        assert (sorted(found), known) == (pairs, complete)
    row: list[Needs] = [((1, (v + 1, v + 2)),) for v in range(50)]
    found, known = minimal_cuts(Prepared(engine_system([*row, (), ()]), Limits(unfoldings=0)), 0, 2)
    assert (sorted(found), known) == ([(v, v + 1) for v in range(1, 51)], True)


def test_what_else_a_system_holds_makes_no_list_less_certain_and_a_higher_order_neither() -> None:
    """Alone, and beside others with their keys in between that need some of it: blocks and bits get other numbers."""
    seen = []
    for seed in range(400):
        random = Random(seed)
        case, other = redundant(2 * seed + 1), sample(seed, entities=60, cyclic=seed % 2 > 0).groups
        system, size = engine_system(case), len(case)
        numbers = list(range(size + len(other)))
        random.shuffle(numbers)
        numbers = [*sorted(numbers[:size]), *numbers[size:]]
        moved: dict[int, tuple[Group, ...]] = {}
        for first, groups in ((0, case), (size, other)):
            for place, own in enumerate(groups, start=first):
                moved[numbers[place]] = tuple(
                    Group(need, tuple(sorted(numbers[first + member] for member in members))) for need, members in own
                )
        for consumer in numbers[size:]:
            moved[consumer] += (Group(1, (random.choice(numbers[:size]),)),)
        own_keys, keys = iter(system.keys), [""]
        for number in range(len(numbers)):
            # A key between two others begins with the lower one.
            keys.append(next(own_keys) if number in numbers[:size] else keys[-1] + "+")
        alone = Prepared(system, Limits(), in_parts=seed % 2 > 0)
        beside = Prepared(assembled(tuple(keys[1:]), tuple(moved[v] for v in range(len(numbers)))), Limits())
        for root in range(size):
            known = [minimal_cuts(alone, root, order)[1] for order in (1, 2, 3)]
            assert known == [minimal_cuts(beside, numbers[root], order)[1] for order in (1, 2, 3)], (seed, root)
            assert known == sorted(known), (seed, root)
            seen.append(tuple(known))
    assert min(seen.count((False,) * (3 - held) + (True,) * held) for held in range(4)) > 4


def test_more_pairs_than_anybody_can_read_are_refused() -> None:
    """Two chains beneath one redundant group: every entity of the one with every entity of the other."""
    length = 1_001
    chains: list[Needs] = [((1, (place + 1,)),) if place % length else () for place in range(1, 2 * length + 1)]
    prepared = Prepared(engine_system([((1, (1, length + 1)),), *chains]), Limits())
    with pytest.raises(AnalysisTooLarge, match="more than 1000000 cut sets"):
        minimal_cuts(prepared, 0, 2)
    cuts, complete = minimal_cuts(prepared, 1, 2)
    assert (len(cuts), complete) == (length - 1, True)
