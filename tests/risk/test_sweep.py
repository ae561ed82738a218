"""All composites at once, and after a change only what the change reaches."""

import dataclasses
from random import Random

import pytest

from benchmarks.estate import estate
from risk.availability import Availability
from risk.graph import System, system_of
from risk.limits import Limits
from risk.structure import closure
from risk.sweep import sweep, sweep_again
from risk.terms import Method
from tests.strategies import engine_system, sample
from topology.errors import DeadlinePassed
from topology.snapshot import EMPTY, apply


@pytest.fixture(scope="module")
def system() -> System:
    return system_of(apply(EMPTY, estate(600, 0.3, 7), (), revision=1, recorded_at=None))


def test_a_sweep_is_the_composite_of_every_entity(system: System) -> None:
    own = [0.0001 * (1 + entity % 7) for entity in range(len(system))]
    found = sweep(system, own, limits=Limits(cone_blocks=100))
    engine = Availability(system, own)
    for entity in range(len(system)):
        assert found.composites[entity].unavailability == pytest.approx(
            engine.composite(entity).unavailability, rel=1e-12
        )
    assert found.computed == len(system)
    assert sum(found.by_method().values()) == len(system)
    assert found.by_method()[Method.DIAGRAM] > 0


def test_what_was_asked_before_changes_no_bit_of_an_answer(system: System) -> None:
    own = [0.0001 * (1 + entity % 7) for entity in range(len(system))]
    in_order = Availability(system, own)
    answers = [in_order.composite(entity) for entity in range(len(system))]
    others = list(range(len(system)))
    Random(5).shuffle(others)
    shuffled = Availability(system, own)
    assert [shuffled.composite(entity) for entity in others] == [answers[entity] for entity in others]


def test_a_change_costs_what_it_reaches_and_gives_the_same_answers() -> None:
    reused = 0
    for seed in range(80):
        random = Random(seed)
        case = sample(seed, entities=14, cyclic=seed % 4 == 1)
        own = [float(q) for q in case.q]
        before = sweep(case.system, own)
        groups = [list(needs) for needs in case.groups]
        changed = random.randrange(len(groups))
        if seed % 3 == 0:
            own[changed] /= 2
        elif groups[changed]:
            groups[changed].pop()
        else:
            groups[changed].append((1, (random.choice([v for v in range(len(groups)) if v != changed]),)))
        after = engine_system([tuple(needs) for needs in groups])
        again, whole = sweep_again(before, after, own), sweep(after, own)
        for mine, other in zip(again.composites, whole.composites, strict=True):
            assert mine.unavailability == pytest.approx(other.unavailability, rel=1e-12), seed
        reached = [v for v in range(len(own)) if changed in closure(after, v)]
        assert again.computed == len(reached)
        reused += len(own) - again.computed
    assert reused > 200


def test_a_new_entity_changes_every_number_and_no_answer(system: System) -> None:
    """The first key of all is new, so every entity has another number."""
    old = engine_system([((1, (1, 2)),), (), (), ((1, (0,)),)])
    before = sweep(old, [0.1, 0.2, 0.3, 0.4])
    keys = ("a-new-one", *old.keys)
    groups = [(), ((1, (2, 3)),), (), (), ((1, (1,)), (1, (0,)))]
    new = dataclasses.replace(engine_system(groups), keys=keys, index={key: n for n, key in enumerate(keys)})
    again = sweep_again(before, new, [0.5, 0.1, 0.2, 0.3, 0.4])
    assert again.computed == 2
    assert again.composites[1] == before.composites[0]
    supplied = 1 - before.composites[0].unavailability
    assert again.composites[4].unavailability == pytest.approx(1 - 0.6 * 0.5 * supplied)


def test_nothing_changed_is_nothing_computed(system: System) -> None:
    own = [0.001] * len(system)
    before = sweep(system, own)
    again = sweep_again(before, system, own)
    assert again.computed == 0
    assert again.composites == before.composites


def test_a_sweep_tells_how_far_it_is_and_stops_at_the_deadline(system: System) -> None:
    told: list[tuple[int, int]] = []
    sweep(system, [0.001] * len(system), progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (len(system), len(system))
    assert len(told) > 2

    def late() -> None:
        raise DeadlinePassed("too late")

    with pytest.raises(DeadlinePassed):
        sweep(system, [0.001] * len(system), check=late)


def test_estates_are_the_same_for_the_same_seed_and_hold_what_was_asked_for() -> None:
    facts = estate(1000, 0.2, 3)
    assert facts == estate(1000, 0.2, 3)
    assert facts != estate(1000, 0.2, 4)
    snapshot = apply(EMPTY, facts, (), revision=1, recorded_at=None)
    assert len(snapshot.entities) == 1000
    groups = [group for needs in snapshot.groups.values() for group in needs]
    assert 3_000 < sum(len(group.members) for group in groups) < 5_000
    dense = apply(EMPTY, estate(1000, 0.2, 3, edges=5_000), (), revision=1, recorded_at=None)
    edges = sum(len(group.members) for needs in dense.groups.values() for group in needs)
    assert edges == pytest.approx(5_000, rel=0.06)
    redundant = sum(group.required < len(group.members) for group in groups)
    assert 0.05 * len(groups) < redundant < 0.2 * len(groups)
