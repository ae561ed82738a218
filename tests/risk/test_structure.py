"""The structure function in many worlds at once, against one world at a time."""

from itertools import product

from risk.bitsets import bits, outweighing, tallied
from risk.condensation import condense
from risk.limits import unhurried
from risk.structure import down_in_worlds
from tests import oracles
from tests.strategies import sample


def test_worlds_that_are_worked_on_together_fare_as_each_alone() -> None:
    """256 sets of own failures at once, one a bit, on systems half of which have cycles."""
    fallen = 0
    for seed in range(200):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1)
        size = len(case.q)
        condensed = condense(case.system)
        worlds = list(product((False, True), repeat=size))
        own = [sum(1 << world for world, failed in enumerate(worlds) if failed[entity]) for entity in range(size)]
        failed = dict.fromkeys(range(len(condensed.members)), 0)
        for entity, block in enumerate(condensed.block_of):
            failed[block] |= own[entity]
        found = down_in_worlds(condensed, condensed.layers, failed, unhurried)
        for world, state in enumerate(worlds):
            expected = oracles.down(case.groups, {entity for entity, fails in enumerate(state) if fails})
            assert {v for v, block in enumerate(condensed.block_of) if found[block] >> world & 1} == expected, seed
            fallen += len(expected) - sum(state)
    assert fallen > 10_000


def test_bits_outweigh_what_is_spare_when_their_sets_weigh_more() -> None:
    sets = [(0b0111, 1), (0b0011, 2), (0b1001, 3), (0b0001, 5)]
    # Bit 0 weighs 11, bit 1 three, bit 2 one, bit 3 three.
    expected = {1: 0b1011, 2: 0b1011, 3: 0b0001, 7: 0b0001, 10: 0b0001, 11: 0}
    assert {spare: outweighing(sets, spare) for spare in expected} == expected


def test_the_ones_of_a_number_are_found_in_order() -> None:
    assert bits(0) == []
    assert bits(1 << 70 | 0b1011) == [0, 1, 3, 70]
    assert bits((1 << 300) - 1 ^ 1 << 7) == [*range(7), *range(8, 300)]


def test_a_tally_counts_in_how_many_sets_each_bit_stands() -> None:
    assert tallied([]) == []
    assert tallied([0b0111, 0b0110, 0b0100, 0b1100, 0b0100]) == [0b1101, 0b0010, 0b0100]
    assert tallied([0b0111, 0b0110, 0b0100, 0b1100]) == [0b1001, 0b0010, 0b0100]
