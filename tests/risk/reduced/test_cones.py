"""Cones hold all that their blocks need, and hold little twice."""

from itertools import chain
from random import Random

from risk.blast_radius import blast_radii
from risk.condensation import Condensed, condense
from risk.graph import System
from risk.limits import Limits, unhurried
from risk.reduced.cones import Cones, cones
from risk.reduced.prepared import Prepared
from tests.strategies import engine_system, sample

Needs = tuple[tuple[int, tuple[int, ...]], ...]


def in_cones(system: System, most: int) -> tuple[Condensed, Cones, list[list[int]]]:
    """The blocks, their cones, and the blocks of each cone."""
    condensed = condense(system)
    found = cones(condensed, system.consumers, most, unhurried)
    held = [[block for layer in layers for block in condensed.layers[layer]] for layers in found.layers]
    return condensed, found, held


def named_at_random(groups: list[Needs], seed: int) -> System:
    """A system of which the order of the keys tells nothing."""
    number = list(range(len(groups)))
    Random(seed).shuffle(number)
    found: list[Needs] = [()] * len(groups)
    for entity, own in enumerate(groups):
        found[number[entity]] = tuple((need, tuple(sorted(number[m] for m in members))) for need, members in own)
    return engine_system(found)


def street(length: int, depth: int, seed: int) -> list[Needs]:
    """Each front needs some of the nearest ten backs, each back some of the nearest ten cellars, and so on."""
    random = Random(seed)
    groups: list[Needs] = []
    for layer in range(depth):
        for place in range(length):
            near = range(max(0, place - 5), min(length, place + 5))
            several, one = sorted(random.sample(near, 2)), random.choice(near)
            beneath = (layer + 1) * length
            own = ((1, tuple(beneath + member for member in several)), (1, (beneath + one,)))
            groups.append(own if layer < depth - 1 else ())
    return groups


def test_a_cone_holds_its_blocks_and_all_that_they_need_each_once() -> None:
    several = 0
    for seed in range(300):
        system = (
            sample(seed, entities=14, cyclic=True).system if seed % 2 else named_at_random(street(6, 3, seed), seed)
        )
        for most in (1, 4, 50):
            condensed, found, held = in_cones(system, most)
            for blocks in held:
                assert len(set(blocks)) == len(blocks)
                assert set(blocks).issuperset(chain.from_iterable(condensed.suppliers[block] for block in blocks)), seed
            assert all(block in held[cone] for block, cone in enumerate(found.cone_of)), seed
            assert all(list(layers) == sorted(layers) for layers in found.layers)
            several += len(held) > 1
    assert several > 100


def test_what_falls_with_an_entity_is_the_same_of_whatever_cones() -> None:
    """Of more than eight at once each is asked alone."""
    for seed in range(5):
        system = named_at_random(street(60, 4, seed), seed)
        everything = range(len(system))
        whole = blast_radii(Prepared(system, Limits()), everything)
        prepared = Prepared(system, Limits(cone_blocks=10))
        small = blast_radii(prepared, everything)
        assert len(prepared.in_cones(everything)) > 8
        assert [small.down(entity) for entity in everything] == [whole.down(entity) for entity in everything]
        watched = [entity for entity in everything if entity % 7 == 0]
        some = blast_radii(prepared, watched)
        assert [some.down(entity) for entity in everything] == [
            tuple(one for one in whole.down(entity) if one % 7 == 0) for entity in everything
        ]


def test_parts_have_cones_of_what_they_hold() -> None:
    """Consumers outside of the part are nobody's."""
    system = engine_system([((1, (2,)),), ((1, (2,)), (1, (3,))), ((1, (3,)),), ()])
    condensed = condense(system, [0, 2, 3])
    found = cones(condensed, system.consumers, 1, unhurried)
    assert len(found.layers) == 1
    assert sorted(found.layers[0]) == [0, 1, 2]


def test_whole_families_come_together_whatever_they_are_called() -> None:
    """Forty families of twenty, and all of them need one more."""
    groups: list[Needs] = [()]
    for family in range(40):
        first, random = 20 * family + 1, Random(family)
        for place in range(20):
            below = range(first + place + 1, first + 20)
            own = {place + first + 1, *random.sample(below, min(2, len(below)))} & {*below}
            groups.append(((1, (0,)), *((1, (member,)) for member in sorted(own))))
    for seed in range(5):
        condensed, _, held = in_cones(named_at_random(groups, seed), 100)
        # Nothing is held twice but what all need; cones are no larger than the family that fills them.
        assert sum(map(len, held)) == len(condensed.members) - 1 + len(held)
        assert len(held) == 8


def test_along_a_long_street_neighbours_come_together_whatever_they_are_called() -> None:
    for seed in range(5):
        condensed, _, held = in_cones(named_at_random(street(400, 4, seed), seed), 200)
        assert len(held) > 4
        assert sum(map(len, held)) < 1.8 * len(condensed.members)
