"""How cut sets of one and two combine: the same as by trying every set, whatever the items weigh."""

from itertools import combinations
from random import Random

from risk.limits import unhurried
from risk.reduced.pairs import Cuts, enough_of, may_have_larger

SIZE = 6
EVERY = [frozenset(some) for size in range(1, SIZE + 1) for some in combinations(range(SIZE), size)]
Some = list[frozenset[int]]


def minimal(cutting: Some) -> Some:
    return [some for some in cutting if not any(other < some for other in cutting)]


def as_bits(cuts: Some) -> Cuts:
    partners: dict[int, int] = {}
    for low, high in (sorted(cut) for cut in cuts if len(cut) == 2):
        partners[low] = partners.get(low, 0) | 1 << high
    return Cuts(sum(1 << one for cut in cuts if len(cut) == 1 for one in cut), partners)


def test_they_are_those_of_up_to_two_that_trying_every_set_gives() -> None:
    seen_pairs = seen_larger = seen_none_larger = 0
    for seed in range(2_000):
        random = Random(seed)
        drawn = [
            (minimal(random.sample([some for some in EVERY if len(some) < 3], random.randint(1, 4))), weight)
            for weight in random.choices((1, 1, 1, 2), k=random.randint(1, 4))
        ]
        need = random.randint(1, sum(weight for _, weight in drawn))
        cutting = [some for some in EVERY if need <= sum(w for cuts, w in drawn if any(cut <= some for cut in cuts))]
        expected = minimal(cutting)
        items = [(as_bits(cuts), weight) for cuts, weight in drawn]
        assert enough_of(need, items, unhurried) == as_bits([cut for cut in expected if len(cut) < 3]), seed
        has_larger = any(len(cut) > 2 for cut in expected)
        assert not has_larger or may_have_larger(need, items, unhurried), seed
        seen_pairs += any(len(cut) == 2 for cut in expected)
        seen_larger += has_larger
        seen_none_larger += not may_have_larger(need, items, unhurried)
    assert min(seen_pairs, seen_larger, seen_none_larger) > 400
