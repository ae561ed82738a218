"""All composites at once, and after a change only what the change reaches."""

import dataclasses
import multiprocessing
from collections.abc import Sequence
from decimal import Decimal
from random import Random

import pytest

from benchmarks.estate import estate
from risk.availability import Availability
from risk.graph import Group, System, assembled, system_of
from risk.limits import DEFAULT_LIMITS, Limits
from risk.structure import closure
from risk.sweep import composites, past_of, take_over
from risk.terms import Method
from risk.unavailability import Composite
from tests.strategies import engine_system, sample
from topology.errors import DeadlinePassed
from topology.snapshot import EMPTY, apply


def made(system: System, own: Sequence[float], limits: Limits = DEFAULT_LIMITS) -> Availability[float]:
    return Availability(system, tuple(own), limits=limits, failed=system.failed)


def everything(engine: Availability[float]) -> tuple[Composite[float], ...]:
    found = composites(engine, range(len(engine.system)))
    return tuple(found[entity] for entity in range(len(engine.system)))


def after_change(
    before: Availability[float], system: System, own: Sequence[float]
) -> tuple[tuple[Composite[float], ...], int]:
    """All composites of a changed system, and how many of them were worked out for it."""
    engine = made(system, own)
    kept = take_over(engine, past_of(before))
    return everything(engine), len(system) - kept


@pytest.fixture(scope="module")
def system() -> System:
    return system_of(apply(EMPTY, estate(600, 0.3, 7), (), revision=1, recorded_at=None))


def test_a_sweep_is_the_composite_of_every_entity(system: System) -> None:
    own = [0.0001 * (1 + entity % 7) for entity in range(len(system))]
    found = everything(made(system, own, Limits(cone_blocks=100)))
    engine = Availability(system, own)
    for entity in range(len(system)):
        assert found[entity].unavailability == pytest.approx(engine.composite(entity).unavailability, rel=1e-12)
    assert Method.DIAGRAM in {composite.method for composite in found}


def test_what_was_asked_before_changes_no_bit_of_an_answer(system: System) -> None:
    own = [0.0001 * (1 + entity % 7) for entity in range(len(system))]
    in_order = Availability(system, own)
    answers = [in_order.composite(entity) for entity in range(len(system))]
    others = list(range(len(system)))
    Random(5).shuffle(others)
    shuffled = Availability(system, own)
    assert [shuffled.composite(entity) for entity in others] == [answers[entity] for entity in others]


def test_processes_change_no_bit_of_a_sweep_and_are_gone_afterwards(system: System) -> None:
    own = [0.0001 * (1 + entity % 7) for entity in range(len(system))]
    limits, told = Limits(cone_blocks=60), []
    alone = composites(made(system, own, limits), range(len(system)))
    engine, every = made(system, own, limits), range(len(system))
    both = composites(engine, every, processes=2, progress=lambda done, of: told.append((done, of)))
    assert both == alone
    assert told[-1] == (len(system), len(system))
    assert len(told) > 3
    assert multiprocessing.active_children() == []


def test_what_processes_found_is_known_to_the_engine_that_asked(system: System) -> None:
    engine = Availability(system, [0.001] * len(system), limits=Limits(cone_blocks=60))
    wanted = range(0, len(system), 3)
    found = composites(engine, wanted, processes=2)
    assert sorted(found) == list(wanted)
    assert all(engine.knows(entity) for entity in wanted)
    assert all(engine.composite(entity) is found[entity] for entity in wanted)


def test_the_deadline_stops_processes_too(system: System) -> None:
    calls = 0

    def late() -> None:
        nonlocal calls
        calls += 1
        if calls > 2_000 or multiprocessing.active_children():
            raise DeadlinePassed("too late")

    engine = made(system, [0.001] * len(system), Limits(cone_blocks=60))
    with pytest.raises(DeadlinePassed):
        composites(engine, range(len(system)), processes=2, check=late)
    assert multiprocessing.active_children() == []


def test_a_sweep_that_was_stopped_is_taken_up_where_it_was(system: System) -> None:
    engine = Availability(system, [0.001] * len(system))

    def late() -> None:
        if engine._known:
            raise DeadlinePassed("too late")

    with pytest.raises(DeadlinePassed):
        composites(engine, range(len(system)), check=late)
    known = [entity for entity in range(len(system)) if engine.knows(entity)]
    assert 0 < len(known) < len(system)
    assert everything(engine) == everything(Availability(system, engine.own))


def test_a_common_cause_reaches_those_who_do_not_need_its_group() -> None:
    """The reader needs two members of a writer's group, and not the writer: what the third promises is felt."""
    needs = [((2, (1, 2, 3)),), (), (), (), ((1, (1, 2)),)]
    plain = engine_system(needs)
    stated = (dataclasses.replace(plain.groups[0][0], beta=Decimal("0.5")),)
    shared = dataclasses.replace(plain, groups=(stated, *plain.groups[1:]))
    own = [0.0, 0.1, 0.1, 0.1, 0.0]
    before = made(shared, own)
    # q_c = .5 x .1 = .05; each member keeps 1 - .9/.95; both down or the cause: .05 + .95 x (1 - .9/.95)^2
    assert everything(before)[4].unavailability == pytest.approx(0.05 + 0.95 * (1 - 0.9 / 0.95) ** 2)
    again, _ = after_change(before, shared, [0.0, 0.1, 0.1, 0.02, 0.0])
    # q_c = .5 x .02
    assert again[4].unavailability == pytest.approx(0.01 + 0.99 * (1 - 0.9 / 0.99) ** 2)
    gone, _ = after_change(before, plain, own)
    assert gone[4].unavailability == pytest.approx(0.01)


def test_what_leaves_or_fails_is_felt_by_those_who_needed_it() -> None:
    """One needs a and b, another b or c; then b is gone, and in another change it has failed."""
    was = engine_system([(), (), (), ((1, (0,)), (1, (1,))), ((1, (1, 2)),)])
    own = [0.1, 0.2, 0.3, 0.0, 0.0]
    before = made(was, own)
    everything(before)
    after = engine_system([(), (), ((1, (0,)),), ((1, (1,)),)])
    keys = tuple(key for number, key in enumerate(was.keys) if number != 1)
    left = dataclasses.replace(after, keys=keys, index={key: n for n, key in enumerate(keys)})
    again, computed = after_change(before, left, [0.1, 0.3, 0.0, 0.0])
    assert [c.unavailability for c in again] == pytest.approx([0.1, 0.3, 0.1, 0.3])
    assert computed == 2
    failed, computed = after_change(before, dataclasses.replace(was, failed=frozenset((1,))), own)
    assert [c.unavailability for c in failed] == pytest.approx([0.1, 1.0, 0.3, 1.0, 0.3])
    assert computed == 3


def test_what_else_a_system_holds_changes_no_bit_of_an_answer(system: System) -> None:
    """Entities come in between that need what is there: every number is another, and no closure is."""
    random = Random(3)
    own = [0.0001 * (1 + entity % 7) for entity in range(len(system))]
    keys = sorted([*system.keys, *(f"{key}x" for key in random.sample(system.keys, 100))])
    number = {key: place for place, key in enumerate(keys)}
    groups: list[tuple[Group, ...]] = []
    for key in keys:
        if key in system.index:
            kept = system.groups[system.index[key]]
            groups.append(tuple(Group(g.required, tuple(number[system.keys[m]] for m in g.members)) for g in kept))
        else:
            groups.append((Group(1, tuple(sorted(number[one] for one in random.sample(system.keys, 3)))),))
    larger = assembled(tuple(keys), tuple(groups))
    figures = [own[system.index[key]] if key in system.index else 0.01 for key in keys]
    before = everything(made(system, own))
    after = everything(made(larger, figures, dataclasses.replace(DEFAULT_LIMITS, cone_blocks=100)))
    for was, key in zip(before, system.keys, strict=True):
        found = after[number[key]]
        assert (found.unavailability, found.method) == (was.unavailability, was.method)


def test_a_change_costs_what_it_reaches_and_gives_the_same_answers() -> None:
    reused = 0
    for seed in range(80):
        random = Random(seed)
        case = sample(seed, entities=14, cyclic=seed % 4 == 1)
        own = [float(q) for q in case.q]
        before = made(case.system, own)
        everything(before)
        groups = [list(needs) for needs in case.groups]
        changed = random.randrange(len(groups))
        if seed % 3 == 0:
            own[changed] /= 2
        elif groups[changed]:
            groups[changed].pop()
        else:
            groups[changed].append((1, (random.choice([v for v in range(len(groups)) if v != changed]),)))
        after = engine_system([tuple(needs) for needs in groups])
        again, computed = after_change(before, after, own)
        for mine, other in zip(again, everything(made(after, own)), strict=True):
            assert mine.unavailability == pytest.approx(other.unavailability, rel=1e-12), seed
        reached = [v for v in range(len(own)) if changed in closure(after, v)]
        assert computed == len(reached)
        reused += len(own) - computed
    assert reused > 200


def test_a_new_entity_changes_every_number_and_no_answer(system: System) -> None:
    """The first key of all is new, so every entity has another number."""
    old = engine_system([((1, (1, 2)),), (), (), ((1, (0,)),)])
    engine = made(old, [0.1, 0.2, 0.3, 0.4])
    before = everything(engine)
    keys = ("a-new-one", *old.keys)
    groups = [(), ((1, (2, 3)),), (), (), ((1, (1,)), (1, (0,)))]
    new = dataclasses.replace(engine_system(groups), keys=keys, index={key: n for n, key in enumerate(keys)})
    again, computed = after_change(engine, new, [0.5, 0.1, 0.2, 0.3, 0.4])
    assert computed == 2
    assert again[1] == before[0]
    supplied = 1 - before[0].unavailability
    assert again[4].unavailability == pytest.approx(1 - 0.6 * 0.5 * supplied)


def test_nothing_changed_is_nothing_computed(system: System) -> None:
    own = [0.001] * len(system)
    engine = made(system, own)
    before = everything(engine)
    assert after_change(engine, system, own) == (before, 0)


def test_a_sweep_tells_how_far_it_is_and_stops_at_the_deadline(system: System) -> None:
    told: list[tuple[int, int]] = []
    engine, every = made(system, [0.001] * len(system)), range(len(system))
    composites(engine, every, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (len(system), len(system))
    assert len(told) > 2

    def late() -> None:
        raise DeadlinePassed("too late")

    with pytest.raises(DeadlinePassed):
        composites(made(system, [0.001] * len(system)), every, check=late)


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
