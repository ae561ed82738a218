"""The last rung: worlds are drawn as the figures say, and the interval holds as often as it says."""

from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Final

import pytest
from scipy.stats import beta

from risk.availability import Availability
from risk.condensation import condense
from risk.limits import Limits, Sampling, unhurried
from risk.sampling import Worlds, confidence_interval, likely_width, worlds
from risk.success import expected_success
from risk.terms import Method
from risk.unavailability import are_wide
from tests import oracles
from tests.strategies import Sample, engine_system, sample
from topology.errors import AnalysisTooLarge, DeadlinePassed

SMALL: Final = Sampling(samples=1 << 14, seed=7)
LAST: Final = Limits(
    diagram_nodes=1, large_diagram_nodes=0, conditionings=0, bounding_nodes=1, expansions=0, sampling=SMALL
)
"""Nothing is within these limits: whatever is redundant is sampled."""


@pytest.mark.parametrize("samples", [100, 1 << 12, 1 << 20])
def test_the_interval_is_that_of_clopper_and_pearson(samples: int) -> None:
    """Scipy's quantiles of the beta distribution are the oracle."""
    sampling = Sampling(samples=samples)
    for hits in (0, 1, 2, 7, samples // 50, samples // 3, samples // 2, samples - 3, samples):
        lower, upper = confidence_interval(hits, sampling)
        expected = 0.0 if hits == 0 else float(beta.ppf(0.0005, hits, samples - hits + 1))
        assert lower == pytest.approx(expected, rel=1e-9, abs=1e-12)
        assert lower <= expected + 1e-14
        assert upper == pytest.approx(1.0 if hits == samples else float(beta.ppf(0.9995, hits + 1, samples - hits)))
        assert upper - lower <= likely_width(sampling, lower, upper)


@pytest.mark.parametrize("q", [1e-7, 0.001, 1 / 256, 0.004, 0.3, 0.5, 0.777, 0.9995])
def test_entities_fail_as_often_as_their_figure_says(q: float) -> None:
    drawn = list(worlds(condense(engine_system([()])), [0], [q], Sampling(), unhurried))
    assert sum(some.size for some in drawn) == 1 << 20
    lower, upper = confidence_interval(sum(some.down[0].bit_count() for some in drawn), Sampling())
    assert lower <= q <= upper


def test_entities_fail_independently_of_one_another() -> None:
    """Three of three fail together as often as the product says, for figures that are drawn in different ways."""
    q = [0.0, 0.05, 0.3, 0.9]
    condensed = condense(engine_system([((1, (1, 2, 3)),), (), (), ()]))
    block = condensed.block_of
    figures = [q[condensed.members[b][0]] for b in range(4)]
    hits = sum(w.down[block[0]].bit_count() for w in worlds(condensed, [block[0]], figures, Sampling(), unhurried))
    lower, upper = confidence_interval(hits, Sampling())
    assert lower <= 0.05 * 0.3 * 0.9 <= upper


def test_what_never_or_always_fails_does_so_in_every_world() -> None:
    (some,) = worlds(condense(engine_system([()])), [0], [1.0], Sampling(samples=100), unhurried)
    assert some.down[0] == (1 << 100) - 1
    (some,) = worlds(condense(engine_system([()])), [0], [0.0], Sampling(samples=100), unhurried)
    assert some.down[0] == 0
    (some,) = worlds(condense(engine_system([()])), [0], [1.0], Sampling(samples=100), unhurried, standing=(0,))
    assert some.down[0] == 0


def test_worlds_speak_the_language_of_formulas() -> None:
    some = Worlds(4, {}, {})
    assert some.any_of([0b0011, 0b0101]) == 0b0111
    assert some.all_of([0b0011, 0b0101]) == 0b0001
    assert some.all_of([]) == 0b1111
    assert some.negation(0b0101) == 0b1010
    assert some.at_least(3, [(0b0011, 2), (0b0101, 1), (0b1000, 3)]) == 0b1001


def missed(case: Sample, limits: Limits) -> list[bool]:
    """For each entity whose figure is sampled, whether the exact one lies outside of the interval."""
    engine = Availability(case.system, [float(q) for q in case.q], limits=limits)
    found = []
    for v, exact in enumerate(oracles.unavailabilities(case.groups, case.q)):
        composite = engine.composite(v)
        if composite.method is Method.SAMPLED:
            assert composite.lower <= composite.unavailability <= composite.upper
            assert composite.sampling == SMALL
            found.append(not composite.lower * (1 - 1e-12) <= exact <= composite.upper * (1 + 1e-12))
        else:
            assert composite.lower <= float(exact) * (1 + 1e-12)
            assert float(exact) <= composite.upper * (1 + 1e-12)
    return found


def test_sampled_intervals_hold_the_exact_figure_in_cycles_and_groups_too() -> None:
    """With a confidence of .999 one of a thousand may miss: of these few hundred, two at the most."""
    outcomes = [
        miss for seed in range(150) for miss in missed(sample(seed, entities=9, cyclic=seed % 2 == 1, scale=1), LAST)
    ]
    assert len(outcomes) > 200
    assert sum(outcomes) <= 2


def entangled() -> Sample:
    """0 needs 1 of 2, of every pair of neighbours on a ring of ten; q = .2."""
    pairs = tuple((1, tuple(sorted((1 + v, 1 + (v + 1) % 10)))) for v in range(10))
    groups = (pairs, *((),) * 10)
    return Sample(engine_system(groups), groups, ((),) * 11, (Fraction(1, 100), *(Fraction(1, 5),) * 10))


def test_equal_models_and_settings_give_equal_samples_and_another_seed_another() -> None:
    case = entangled()
    first, second = (Availability(case.system, case.q, limits=LAST).composite(0) for _ in range(2))
    assert first.method is Method.SAMPLED
    assert first == second
    # Asked after others, and in cones of another size, it is the same one.
    engine = Availability(case.system, case.q, limits=replace(LAST, cone_blocks=1))
    assert [engine.composite(v) for v in reversed(range(len(case.q)))][-1] == first
    other = replace(LAST, sampling=Sampling(SMALL.samples, seed=8))
    assert Availability(case.system, case.q, limits=other).composite(0).unavailability != first.unavailability


def test_certain_bounds_are_kept_unless_a_sampled_interval_is_far_narrower() -> None:
    """Ten times narrower, that is; and what the root cannot do without is exact in both."""
    case = entangled()
    exact = oracles.unavailabilities(case.groups, case.q)[0]
    blind = Limits(1, 0, 0, 1, sampling=Sampling())
    seeing = Limits(1, 0, 0, 400, sampling=Sampling(samples=1 << 10))
    sampled = Availability(case.system, case.q, limits=blind).composite(0)
    assert sampled.method is Method.SAMPLED
    assert sampled.lower < exact < sampled.upper
    assert sampled.upper - sampled.lower < Fraction(1, 100)
    kept = Availability(case.system, case.q, limits=Limits(1, 0, 0, 1, sampling=Sampling(samples=1 << 4))).composite(0)
    assert kept.method is Method.INTERVAL
    assert kept.lower < exact < kept.upper
    assert Availability(case.system, case.q, limits=seeing).composite(0).unavailability == exact
    rare = Availability(case.system, [q / 10_000 for q in case.q], limits=blind).composite(0)
    assert rare.method is Method.INTERVAL


@pytest.mark.parametrize(
    ("least", "most", "standing", "expected"),
    [(0.0, 1.0, 0.0, True), (0.5, 1.0, 0.5, True), (0.5, 0.502, 0.5, False), (1.0, 1.0, 1.0, False)],
)
def test_bounds_are_wide_against_what_a_sample_would_tell(
    least: float, most: float, standing: float, *, expected: bool
) -> None:
    assert are_wide(least, most, standing, Sampling()) is expected


def test_what_is_only_sampled_is_refused_where_an_exact_figure_is_needed() -> None:
    case = entangled()
    engine = Availability(case.system, [float(q) for q in case.q], limits=LAST)
    with pytest.raises(AnalysisTooLarge, match=r'"e000000" is needed here, and only its bounds are known \(SAMPLED\)'):
        engine.exactly(0)
    with pytest.raises(AnalysisTooLarge):
        engine.exactly(0, failed=[1])
    assert engine.exactly(1) == 0.2
    with pytest.raises(AnalysisTooLarge):
        engine.birnbaum(0)
    with pytest.raises(AnalysisTooLarge):
        engine.supplied(0)


def test_a_chain_on_top_of_a_sampled_entity_is_sampled_too_and_says_so() -> None:
    case = entangled()
    groups = (*case.groups, ((1, (0,)),), ((1, (11,)),))
    q = [*case.q, Fraction(1, 10), Fraction(1, 10)]
    engine = Availability(engine_system(groups), q, limits=LAST)
    found, beneath = engine.composite(12), engine.composite(0)
    assert (found.method, found.sampling) == (Method.SAMPLED, SMALL)
    assert found.lower == 1 - Fraction(81, 100) * (1 - beneath.lower)


def test_sampling_asks_the_clock() -> None:
    case = entangled()
    asked = Random(1)

    def late() -> None:
        if asked.random() < 0.05:
            raise DeadlinePassed("late")

    with pytest.raises(DeadlinePassed):
        Availability(case.system, case.q, limits=Limits(1, 0, 0, 1, expansions=0)).composite(0, late)


def test_expected_success_is_sampled_on_the_joint_state() -> None:
    """Against enumeration of the live closure, in cycles too; one of a thousand may miss."""
    used = missed = 0
    for seed in range(200):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1, softness=0.25)
        found = expected_success(Availability(case.system, [float(q) for q in case.q], limits=LAST), 0)
        exact = float(1 - oracles.expected_success(case.groups, case.soft, case.q, 0))
        if found.method is Method.SAMPLED:
            used += 1
            missed += not found.lower * (1 - 1e-12) <= exact <= found.upper * (1 + 1e-12)
    assert used > 60
    assert missed <= 1


def test_a_sampled_interval_is_no_certain_bound() -> None:
    case = entangled()
    sampled = Availability(case.system, case.q, limits=LAST).composite(0)
    assert sampled.upper < sampled.certainly_at_most == 1
    certain = Availability(case.system, case.q, limits=replace(LAST, sampling=Sampling(samples=1), expansions=1000))
    bounded = certain.composite(0)
    assert bounded.method is Method.INTERVAL
    assert bounded.certainly_at_most == bounded.upper
