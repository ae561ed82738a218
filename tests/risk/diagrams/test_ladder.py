"""The ladder of limits: conditioning is exact, bounds hold for certain, and every answer says which it is."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import prod
from random import Random

import pytest

from risk.availability import Availability
from risk.diagrams.compilation import Functions, Way, ways_within
from risk.diagrams.diagram import threshold
from risk.diagrams.factors import more_fail
from risk.limits import Check, Limits, Sampling, unhurried
from risk.success import expected_success
from risk.terms import Method
from risk.unavailability import Composite
from tests import oracles
from tests.strategies import Sample, engine_system, sample
from topology.errors import AnalysisTooLarge, DeadlinePassed

SMALL = Limits(diagram_nodes=8, large_diagram_nodes=0, conditionings=100)
UNSAMPLED = Sampling(samples=1)
"""One world says nothing, so that certain bounds are always kept."""
BOUNDED = Limits(diagram_nodes=8, large_diagram_nodes=0, conditionings=0, bounding_nodes=30, sampling=UNSAMPLED)


def entangled(seed: int) -> Sample:
    """A root with many pairs and triples over few members, which share a supplier or two."""
    random = Random(seed)
    members = tuple(range(1, 9))
    needs = []
    for _ in range(random.randint(8, 12)):
        chosen = tuple(sorted(random.sample(members, random.choice((2, 2, 3)))))
        needs.append((random.randint(1, len(chosen) - 1), chosen))
    needs = list(dict.fromkeys(needs))
    groups = [tuple(needs), *[((1, (random.choice((9, 10)),)),) for _ in members], (), ()]
    q = [Fraction(0), *(Fraction(random.randint(1, 9), 50) for _ in range(10))]
    return Sample(engine_system(groups), tuple(groups), ((),) * 11, tuple(q))


def composites(limits: Limits) -> Iterator[tuple[Composite[Fraction], Fraction]]:
    for seed in range(40):
        case = entangled(seed)
        found = Availability(case.system, case.q, limits=limits).composite(0)
        yield found, oracles.unavailabilities(case.groups, case.q)[0]


def test_conditioning_is_exact_and_says_that_it_was_used() -> None:
    used = 0
    for found, exact in composites(SMALL):
        assert found.unavailability == found.lower == found.upper == exact
        used += found.method is Method.CONDITIONED
    assert used > 20


def test_importances_by_way_of_conditioning_are_exact() -> None:
    for seed in range(25):
        case = entangled(seed)
        assert Availability(case.system, case.q, limits=SMALL).birnbaum(0) == Availability(
            case.system, case.q
        ).birnbaum(0)


def test_bounds_hold_for_certain_and_are_called_an_interval() -> None:
    used = 0
    for found, exact in composites(BOUNDED):
        assert found.lower <= exact <= found.upper
        assert found.lower <= found.unavailability <= found.upper
        if found.lower < found.upper:
            used += 1
            assert found.method is Method.INTERVAL
    assert used > 20


def test_bounds_are_narrow_where_failures_are_rare() -> None:
    case = entangled(3)
    rare = [q / 1000 for q in case.q]
    limits = Limits(diagram_nodes=8, large_diagram_nodes=0, conditionings=0, bounding_nodes=50)
    found = Availability(case.system, rare, limits=limits).composite(0)
    assert found.method is Method.INTERVAL
    assert found.upper - found.lower <= found.upper / 100


def test_importances_are_exact_or_refused() -> None:
    case = entangled(3)
    engine = Availability(case.system, case.q, limits=BOUNDED)
    assert engine.composite(0).method is Method.INTERVAL
    with pytest.raises(AnalysisTooLarge):
        engine.birnbaum(0)
    with pytest.raises(AnalysisTooLarge):
        engine.supplied(0)


def test_without_any_nodes_bounds_are_wide_and_still_hold() -> None:
    case = entangled(3)
    none = Limits(diagram_nodes=1, large_diagram_nodes=0, conditionings=0, bounding_nodes=1, sampling=UNSAMPLED)
    found = Availability(case.system, case.q, limits=none).composite(0)
    assert found.method is Method.INTERVAL
    assert found.lower < oracles.unavailabilities(case.groups, case.q)[0] < found.upper


def test_more_than_k_of_n_is_the_upper_tail() -> None:
    q = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 5)]
    assert more_fail(q, 0) == 1 - Fraction(1, 2) * Fraction(2, 3) * Fraction(4, 5)
    assert more_fail(q, 2) == Fraction(1, 30)
    assert more_fail(q, 3) == 0


def test_expected_success_falls_back_on_bounds_too() -> None:
    none = replace(BOUNDED, diagram_nodes=6)
    used = 0
    for seed in range(200):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1, softness=0.2)
        found = expected_success(Availability(case.system, case.q, limits=none), 0)
        exact = 1 - oracles.expected_success(case.groups, case.soft, case.q, 0)
        assert found.lower <= exact <= found.upper, seed
        used += found.method is Method.INTERVAL
    assert used > 5


def test_too_many_expansions_are_sampled() -> None:
    """A thousand contexts are needed for the first looks at the limit; the limit is the caller's."""
    groups: list[tuple[tuple[int, tuple[int, ...]], ...]] = []
    steps = 600
    for step in range(steps):
        below = 3 * (step + 1)
        groups += [((1, (3 * step + 1, 3 * step + 2)),), ((1, (below,)),), ((1, (below,)),)]
    groups += [()]
    # The last step must not be a single point of the first, or nothing is left to expand one in the other.
    own = [0.0, 0.01, 0.01] * steps + [0.0]
    found = Availability(engine_system(groups), own, limits=Limits(expansions=100)).composite(0)
    assert found.method is Method.SAMPLED
    assert found.lower <= 1 - (1 - 1e-4) ** steps <= found.upper


def test_after_a_deadline_the_way_up_goes_on_where_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ways that are known to fail cost nothing again, so that asking again ends in an answer."""
    case = entangled(3)
    tried: list[Way] = []
    build = Way.builder

    def noted(way: Way, levels: int, check: Check) -> Functions:
        tried.append(way)
        return build(way, levels, check)

    def late() -> None:
        if len(tried) == 2:
            raise DeadlinePassed("late")

    monkeypatch.setattr(Way, "builder", noted)
    limits = Limits(diagram_nodes=5, large_diagram_nodes=16, conditionings=0, bounding_nodes=30, sampling=UNSAMPLED)
    own, *larger = ways_within(limits)
    engine = Availability(case.system, case.q, limits=limits)
    with pytest.raises(DeadlinePassed):
        engine.composite(0, late)
    assert tried == [own, larger[0]]
    tried.clear()
    assert engine.composite(0).method is Method.INTERVAL
    assert tried[0] == larger[0]
    assert own not in tried
    fresh = Availability(case.system, case.q, limits=limits)
    assert engine.composite(0) == fresh.composite(0)


def test_beyond_diagrams_in_python_the_library_is_exact() -> None:
    large = replace(BOUNDED, large_diagram_nodes=10_000)
    for found, exact in composites(large):
        assert found.unavailability == found.lower == found.upper == exact
        assert found.method is Method.DIAGRAM
    for seed in range(10):
        case = entangled(seed)
        by_library = Availability(case.system, case.q, limits=large)
        assert by_library.birnbaum(0) == Availability(case.system, case.q).birnbaum(0)


def test_k_of_n_over_independent_members_is_exact_far_beyond_the_limit_of_a_diagram() -> None:
    """300 of 700 unequal members, 120 701 nodes, against the tail of the Poisson-binomial distribution."""
    size, need = 700, 300
    own = [0.0, *(0.3 + 0.4 * (n % 97) / 97 for n in range(size))]
    system = engine_system([((need, tuple(range(1, size + 1))),), *[()] * size])
    engine = Availability(system, own)
    found = engine.composite(0)
    assert (found.method, found.diagram_nodes) == (Method.DIAGRAM, (size - need + 1) * need)
    assert found.unavailability == pytest.approx(more_fail(own[1:], size - need), rel=1e-12)
    # The importance of a member: what it adds to the others just falling short.
    slope = more_fail(own[2:], size - need - 1) - more_fail(own[2:], size - need)
    assert engine.birnbaum(0)[1] == pytest.approx(slope, rel=1e-12)


def test_a_plain_threshold_is_the_sum_over_its_states() -> None:
    for size in range(1, 8):
        q = [Fraction(n + 1, size + 5) for n in range(size)]
        for need in range(1, size + 1):
            diagram = threshold(need, size, unhurried)
            assert len(diagram.level) == need * (size - need + 1)
            expected = sum(
                prod(x if fails else 1 - x for x, fails in zip(q, state, strict=True))
                for state in product((False, True), repeat=size)
                if sum(state) >= need
            )
            assert diagram.values(q)[diagram.root] == expected
