"""The properties of section 6 that the engine answers for, and its digits where hardly anything ever fails."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

import pytest

from risk.availability import Availability
from risk.importance import importances, needed
from risk.structure import closure, down
from tests import oracles
from tests.risk.diagrams.test_ladder import entangled
from tests.strategies import Sample, engine_system, sample


def at(case: Sample, entity: int, q: Fraction) -> Fraction:
    """The unavailability of entity 0 with another own unavailability of one entity."""
    own = [*case.q[:entity], q, *case.q[entity + 1 :]]
    return Availability(case.system, own).composite(0).unavailability


def test_availability_is_affine_in_every_own_availability() -> None:
    """Through 0 and 1 goes a line on which lies what is between; its slope is the Birnbaum importance."""
    steep = 0
    for seed in range(100):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1)
        slopes = Availability(case.system, case.q).birnbaum(0)
        for entity in sorted(closure(case.system, 0)):
            best, worst = at(case, entity, Fraction(0)), at(case, entity, Fraction(1))
            assert worst - best == slopes[entity]
            for q in (Fraction(1, 7), case.q[entity], Fraction(5, 6)):
                assert at(case, entity, q) == best + q * (worst - best), (seed, entity)
            steep += worst > best
    assert steep > 200


def test_what_falls_grows_with_what_has_failed() -> None:
    for seed in range(200):
        case = sample(seed, entities=9, cyclic=seed % 2 == 1)
        random = Random(seed)
        failed: set[int] = set()
        fallen: frozenset[int] = frozenset()
        for entity in random.sample(range(len(case.q)), len(case.q)):
            failed.add(entity)
            now = down(case.system, failed)
            assert fallen | failed <= now
            assert now == oracles.down(case.groups, failed)
            fallen = now


def test_twelve_uncertain_entities_in_cycles_and_groups_equal_enumeration() -> None:
    seeds = [seed for seed in range(400) if len(sample(seed, entities=12, cyclic=seed % 2 == 1).q) == 12][:10]
    for seed in seeds:
        case = sample(seed, entities=12, cyclic=seed % 2 == 1)
        engine = Availability(case.system, case.q)
        found = [engine.composite(v).unavailability for v in range(12)]
        assert found == oracles.unavailabilities(case.groups, case.q), seed
    assert {seed % 2 for seed in seeds} == {0, 1}


def rare() -> Sample:
    """Entity 0 needs 1 of (1, 2, 3) and 2 of (2, 4, 5, 6); 1 and 4 need 7. Own q are some 1e-5, U is below 1e-9."""
    groups: Sequence[Sequence[tuple[int, tuple[int, ...]]]] = [
        ((1, (1, 2, 3)), (2, (2, 4, 5, 6))),
        ((1, (7,)),),
        (),
        (),
        ((1, (7,)),),
        (),
        (),
        (),
    ]
    q = [Fraction(0), *(Fraction(n, 100_000) for n in (3, 5, 7, 2, 4, 6, 1))]
    held = tuple(map(tuple, groups))
    return Sample(engine_system(held), held, ((),) * 8, tuple(q))


def test_digits_are_kept_through_importance_conditionals_and_the_inverse_at_1e_13() -> None:
    """All figures of a system that is down once in 1e13, to 1e-12 relative, against exact rationals."""
    case = rare()
    engine = Availability(case.system, [float(q) for q in case.q])
    exact = oracles.unavailabilities(case.groups, case.q)[0]
    assert 1e-14 < exact < 1e-12
    assert engine.composite(0).unavailability == pytest.approx(float(exact), rel=1e-12, abs=0)
    rows = {row.entity: row for row in importances(engine, 0)}
    for v in range(1, 8):
        low, high = (
            oracles.unavailabilities(case.groups, [*case.q[:v], Fraction(x), *case.q[v + 1 :]])[0] for x in (0, 1)
        )
        slope = high - low
        assert rows[v].birnbaum == pytest.approx(float(slope), rel=1e-12, abs=0)
        assert rows[v].minutes == pytest.approx(float(case.q[v] * slope * 43_200), rel=1e-12, abs=0)
        assert rows[v].criticality == pytest.approx(float(case.q[v] * slope / exact), rel=1e-12, abs=0)
        assert rows[v].raw == pytest.approx(float(high / exact), rel=1e-12, abs=0)
        assert engine.exactly(0, failed=[v]) == pytest.approx(float(high), rel=1e-12, abs=0)
        assert engine.exactly(0, working=[v]) == pytest.approx(float(low), rel=1e-12, abs=0)
        target = exact / 2 + low / 2
        inverse = needed(engine, 0, v, float(target)).unavailability
        assert inverse == pytest.approx(float((target - low) / slope), rel=1e-9, abs=0)


def test_the_inverse_holds_at_its_edges() -> None:
    """Met by anything, met by nothing, met exactly at best and at worst, and where the entity makes no difference."""
    system = engine_system([((1, (1,)), (1, (2, 3)), (1, (1, 4))), (), (), (), ()])
    engine = Availability(system, [0.0, 0.25, 0.5, 0.5, 0.125])
    best = 0.25  # with 1 faultless: both of 2 and 3 down
    at_best, at_worst = needed(engine, 0, 1, best), needed(engine, 0, 1, 1.0)
    assert (at_best.unavailability, at_best.reachable) == (0.0, True)
    assert (at_worst.unavailability, at_worst.reachable) == (1.0, True)
    hopeless = needed(engine, 0, 1, 0.1)
    assert hopeless.unavailability is not None
    assert hopeless.unavailability < 0
    assert (hopeless.best, hopeless.reachable) == (best, False)
    # With 2 failed for good the root is down as often as 1 or 3 is: 1 - .75 x .5.
    met = needed(engine, 0, 2, 0.9)
    assert met.unavailability is not None
    assert met.unavailability > 1
    assert met.reachable
    # Entity 4 is spare for 1, which is needed anyway; entity 0 is not beneath 1.
    for root, entity in ((0, 4), (1, 0)):
        idle = needed(engine, root, entity, 0.5)
        assert idle.unavailability is None
        assert idle.reachable
    assert not needed(engine, 0, 4, 0.3).reachable


def test_what_is_asked_for_leads_to_the_target() -> None:
    """Asked back: the root's unavailability under the figure is the target, in exact rationals."""
    asked = 0
    for seed in range(100):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1)
        engine = Availability(case.system, [float(q) for q in case.q])
        target = engine.composite(0).unavailability * (0.5 + seed % 7 / 4)
        for entity in sorted(closure(case.system, 0)):
            found = needed(engine, 0, entity, target)
            if found.unavailability is None or not 0 <= found.unavailability <= 1:
                assert found.reachable == (found.best <= target)
                continue
            asked += 1
            assert found.reachable
            reached = at(case, entity, Fraction(found.unavailability))
            assert float(reached) == pytest.approx(target, rel=1e-9)
    assert asked > 100


def test_what_hardly_matters_keeps_its_digits_too() -> None:
    """Pairs and triples over few members, whose figures lie between 1e-1 and 1e-8: a difference would lose them all."""
    tiny = 0
    for seed in (24, 32, 60, 78, 239, *range(25)):
        case = entangled(seed)
        random = Random(seed)
        q = [Fraction(0), *(Fraction(random.randint(1, 9), 10 ** random.randint(1, 8)) for _ in case.q[1:])]
        fatal = [(failed, weight) for failed, weight in oracles.states(q) if 0 in oracles.down(case.groups, failed)]
        found = Availability(case.system, [float(x) for x in q]).birnbaum(0)
        for entity in range(1, len(q)):
            worst = sum(weight for failed, weight in fatal if entity in failed) / q[entity]
            best = sum(weight for failed, weight in fatal if entity not in failed) / (1 - q[entity])
            slope = found.get(entity, 0.0)
            assert slope == pytest.approx(float(worst - best), rel=1e-12, abs=0), (seed, entity)
            tiny += 0 < worst - best < best / 1000
    assert tiny > 10


def test_where_telling_a_difference_takes_too_long_a_plain_one_has_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    case = entangled(24)
    own = [float(q) for q in case.q]
    told = Availability(case.system, own).birnbaum(0)
    monkeypatch.setattr("risk.diagrams.slopes._PAIRS", 0)
    monkeypatch.setattr("risk.diagrams.slopes._LOST", 2.0)
    assert Availability(case.system, own).birnbaum(0) == pytest.approx(told, rel=1e-9)
