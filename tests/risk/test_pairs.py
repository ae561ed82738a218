"""Cut sets of one and two as bitsets: the same as one by one, and as by trying every pair."""

from itertools import combinations
from random import Random

from risk.formulas import Formulas
from risk.limits import unhurried
from risk.pairs import PairLister

SIZE = 7


def holds(formulas: Formulas, formula: int, failed: frozenset[int]) -> bool:
    need, items = formulas.need[formula], formulas.items(formula)
    if formula < 2:
        return formula == 1
    if need == 0:
        return formulas.variable_of[formula] in failed
    return sum(weight for item, weight in items if holds(formulas, item, failed)) >= need


def random_formula(formulas: Formulas, random: Random) -> int:
    made = [formulas.literal(variable, 3 * (SIZE - variable)) for variable in range(SIZE)]
    for _ in range(random.randint(2, 7)):
        chosen = random.sample(made, random.randint(2, 4))
        items = [(formula, random.choice((1, 1, 2))) for formula in chosen]
        made.append(formulas.at_least(random.randint(1, sum(weight for _, weight in items)), items))
    return made[-1]


def test_they_are_those_that_trying_every_set_of_up_to_three_gives() -> None:
    seen_larger = seen_pairs = 0
    for seed in range(600):
        formulas = Formulas()
        formula = random_formula(formulas, Random(seed))
        if formula < 2:
            continue
        every = [frozenset(some) for size in range(1, SIZE + 1) for some in combinations(range(SIZE), size)]
        cutting = [some for some in every if holds(formulas, formula, some)]
        minimal = [some for some in cutting if not any(other < some for other in cutting)]
        lister = PairLister(formulas)
        # A variable of two members is cut in two ways.
        members = [(variable,) if variable % 3 else (variable, 100 + variable) for variable in range(SIZE)]
        found = lister.spelled(formula, members, unhurried)
        assert len(found) == len(set(found)), seed
        assert {frozenset(one % 100 for one in cut) for cut in found} == {s for s in minimal if len(s) < 3}, seed
        doubled = sum(2 ** sum(variable % 3 == 0 for variable in some) for some in minimal if len(some) < 3)
        assert len(found) == doubled, seed
        if any(len(some) > 2 for some in minimal):
            assert lister.may_have_larger(formula), seed
            seen_larger += 1
        seen_pairs += any(len(some) == 2 for some in minimal)
    assert seen_larger > 50
    assert seen_pairs > 100
