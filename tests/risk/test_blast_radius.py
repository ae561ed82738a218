"""The blast radius of every entity in one sweep, against the greatest fixpoint of the definition, section 3."""

from dataclasses import replace
from random import Random

import pytest

from risk.blast_radius import blast_radii, stopped_by
from risk.limits import DEFAULT_LIMITS, Limits
from risk.reduced.prepared import Prepared
from tests import oracles
from tests.risk.models import Model, checkout
from tests.strategies import engine_system, sample
from topology.errors import DeadlinePassed

SEEDS = range(400)


def fallen(found: Model, key: str) -> list[str]:
    prepared = Prepared(found.system, DEFAULT_LIMITS)
    return found.keys(blast_radii(prepared, range(len(found.system))).down(found.number(key)))


def test_the_cloud_takes_both_acquirers_and_all_that_needs_one_of_them() -> None:
    assert fallen(checkout(), "cloud-x") == ["api", "checkout", "cloud-x", "payments", "psp-a", "psp-b"]
    assert fallen(checkout(), "psp-a") == ["psp-a"]
    assert fallen(checkout(), "email") == ["email"]
    assert fallen(checkout(), "identity") == ["api", "checkout", "identity", "web"]


def test_the_sweep_equals_the_definition_for_every_entity_with_and_without_cycles() -> None:
    for seed in SEEDS:
        case = sample(seed, entities=12, cyclic=seed % 2 == 1)
        radii = blast_radii(Prepared(case.system, DEFAULT_LIMITS), range(len(case.q)))
        for entity in range(len(case.q)):
            expected = tuple(sorted(oracles.down(case.groups, {entity})))
            assert radii.down(entity) == expected, (seed, entity)
            assert radii.count(entity) == len(expected)


def test_cones_of_one_block_give_the_same_radii() -> None:
    for seed in SEEDS:
        case = sample(seed, entities=12, cyclic=seed % 2 == 1)
        everything = range(len(case.q))
        whole = blast_radii(Prepared(case.system, DEFAULT_LIMITS), everything)
        small = blast_radii(Prepared(case.system, Limits(cone_blocks=1)), everything)
        assert sorted(small.watched) == sorted(whole.watched) == list(everything)
        assert [small.down(entity) for entity in everything] == [whole.down(entity) for entity in everything], seed


def test_only_what_is_watched_is_listed() -> None:
    for seed in SEEDS:
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        watched = [entity for entity in range(len(case.q)) if (seed + entity) % 3 == 0]
        radii = blast_radii(Prepared(case.system, DEFAULT_LIMITS), watched)
        for entity in range(len(case.q)):
            expected = oracles.down(case.groups, {entity}).intersection(watched)
            assert radii.down(entity) == tuple(sorted(expected)), (seed, entity)


def test_sets_of_any_size_take_down_what_the_definition_says() -> None:
    for seed in SEEDS:
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        random = Random(seed)
        size = len(case.q)
        sets = [frozenset(random.sample(range(size), random.randint(1, min(4, size)))) for _ in range(6)]
        watched = sorted(random.sample(range(size), random.randint(0, size)))
        found = stopped_by(Prepared(case.system, DEFAULT_LIMITS), sets, watched)
        expected = [tuple(v for v in watched if v in oracles.down(case.groups, some - {v})) for some in sets]
        assert list(found) == expected, seed


def test_beneath_a_scenario_only_what_still_stands_is_stopped() -> None:
    for seed in SEEDS:
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        random = Random(seed)
        size = len(case.q)
        failed = frozenset(random.sample(range(size), 1))
        already = oracles.down(case.groups, failed)
        prepared = Prepared(replace(case.system, failed=failed), DEFAULT_LIMITS)
        radii = blast_radii(prepared, range(size))
        pairs = [frozenset(random.sample(range(size), 2)) for _ in range(4)]
        together = stopped_by(prepared, pairs, range(size))
        for entity in range(size):
            if entity not in already:
                expected = oracles.down(case.groups, failed | {entity}) - already
                assert radii.down(entity) == tuple(sorted(expected)), (seed, entity)
        for pair, stopped in zip(pairs, together, strict=True):
            fallen = {v for v in range(size) if v in oracles.down(case.groups, failed | pair - {v}) - already}
            assert stopped == tuple(sorted(fallen)), seed


def test_more_sets_than_are_looked_at_together_are_taken_one_batch_after_another() -> None:
    """0 needs one of 1 and 2, so a pair stops it where it is these two."""
    system = engine_system([((1, (1, 2)),), (), (), ()])
    pairs = [frozenset(((1, 2), (2, 3))[place % 2]) for place in range(9_001)]
    found = stopped_by(Prepared(system, DEFAULT_LIMITS), pairs, [0])
    assert list(found) == [((0,), ())[place % 2] for place in range(9_001)]


def test_two_that_fall_with_each_other_through_groups_share_their_radius() -> None:
    """0 and 1 each need one of two members that both need the other: no hard cycle, and yet neither stands alone.

    2 needs 0 alone; 7 and 8 lie beneath 0 and 1.
    """
    groups = [
        ((1, (3, 4)), (1, (7,))),
        ((1, (5, 6)), (1, (8,))),
        ((1, (0,)),),
        *[((1, (1,)),)] * 2,
        *[((1, (0,)),)] * 2,
    ]
    system = engine_system([*groups, (), ()])
    radii = blast_radii(Prepared(system, DEFAULT_LIMITS), range(9))
    for entity in (0, 1):
        assert radii.down(entity) == (0, 1, 2, 3, 4, 5, 6)
    assert radii.down(7) == (0, 1, 2, 3, 4, 5, 6, 7)
    assert radii.down(8) == (0, 1, 2, 3, 4, 5, 6, 8)
    assert radii.down(3) == (3,)
    assert radii.down(2) == (2,)


def test_a_chain_of_ten_thousand_is_no_trouble() -> None:
    size = 10_000
    chain = engine_system([*(((1, (v + 1,)),) for v in range(size - 1)), ()])
    radii = blast_radii(Prepared(chain, DEFAULT_LIMITS), range(size))
    assert [radii.count(entity) for entity in (0, 1, 5_000, size - 1)] == [1, 2, 5_001, size]


def test_a_deadline_is_heard() -> None:
    def late() -> None:
        raise DeadlinePassed

    prepared = Prepared(checkout().system, DEFAULT_LIMITS)
    with pytest.raises(DeadlinePassed):
        blast_radii(prepared, [0], late)
    with pytest.raises(DeadlinePassed):
        stopped_by(prepared, [frozenset((0, 1))], [0], late)
