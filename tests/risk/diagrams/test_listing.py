"""Listed bottom-up: the same as by trying every set, at the clock's pace, and refused before all the work is done."""

from itertools import combinations, product
from random import Random

import pytest

from risk.diagrams.formulas import ALWAYS, NEVER, Formulas
from risk.diagrams.listing import Lister
from risk.limits import unhurried
from topology.errors import AnalysisTooLarge, DeadlinePassed

SIZE = 6


def test_they_are_those_that_trying_every_set_gives_and_never_said_to_be_all_where_they_are_not() -> None:
    """Groups of groups that share variables, of several weights; every set of variables is tried."""
    seen = []
    for seed in range(600):
        random = Random(seed)
        formulas = Formulas()
        every = [formulas.literal(variable, variable) for variable in range(SIZE)]
        worlds = list(product((False, True), repeat=SIZE))
        failing = {formula: {world for world in worlds if world[v]} for v, formula in enumerate(every)}
        failing |= {NEVER: set(), ALWAYS: set(worlds)}
        root = every[0]
        for _ in range(random.randint(1, 6)):
            some = random.sample(every, random.randint(2, min(4, len(every))))
            items = [(formula, random.choice((1, 1, 1, 2))) for formula in some]
            need = random.randint(1, sum(weight for _, weight in items))
            root = formulas.at_least(need, items)
            failing[root] = {
                world for world in worlds if sum(w for formula, w in items if world in failing[formula]) >= need
            }
            every.append(root)
        expected: list[frozenset[int]] = []
        for size in range(1, SIZE + 1):
            for cut in map(frozenset, combinations(range(SIZE), size)):
                fails = tuple(variable in cut for variable in range(SIZE)) in failing[root]
                if fails and not any(other < cut for other in expected):
                    expected.append(cut)
        for order in (1, 2, 3):
            lister = Lister(formulas, order)
            found = lister.cuts(root, unhurried)
            assert len(found) == len(set(found))
            assert set(found) == {cut for cut in expected if len(cut) <= order}, seed
            has_larger = any(len(cut) > order for cut in expected)
            assert lister.may_have_larger(root) or not has_larger, seed
            seen.append((has_larger, lister.may_have_larger(root)))
    assert min(seen.count((False, False)), seen.count((True, True))) > 200


def test_too_many_are_refused_once_there_are_too_many_not_after_all_the_work() -> None:
    """Three of 2 000 have 1.3 thousand million sets of three."""
    formulas = Formulas()
    root = formulas.at_least(3, [(formulas.literal(variable, variable), 1) for variable in range(2_000)])
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1

    with pytest.raises(AnalysisTooLarge, match="more than 200000 cut sets of order 3 or less"):
        Lister(formulas, 3).cuts(root, look)
    assert 200 < looks < 1_000_000


def test_what_takes_more_than_the_order_whatever_fails_has_none_and_costs_nothing() -> None:
    formulas = Formulas()
    root = formulas.at_least(250, [(formulas.literal(variable, variable), 1) for variable in range(500)])
    lister = Lister(formulas, 3)
    assert (lister.cuts(root, unhurried), lister.may_have_larger(root)) == ((), True)


def test_the_clock_ends_a_join_that_nothing_else_would_end() -> None:
    """Of two groups of 1 000 pairs each every pair of one is taken with every pair of the other."""
    formulas = Formulas()
    literals = [formulas.literal(variable, variable) for variable in range(4_000)]
    pairs = [formulas.all_of(literals[first : first + 2]) for first in range(0, 4_000, 2)]
    root = formulas.all_of((formulas.any_of(pairs[:1_000]), formulas.any_of(pairs[1_000:])))
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1
        if looks > 7_000:
            raise DeadlinePassed("late")

    with pytest.raises(DeadlinePassed):
        Lister(formulas, 3).cuts(root, look)
