"""Cycles through groups solved as a whole: exact like all others, however they are entangled."""

from fractions import Fraction
from random import Random

import pytest

from risk.availability import Availability
from risk.cut_sets import minimal_cuts
from risk.diagrams.diagram import HIGH, LOW, Builder
from risk.importance import importances
from risk.limits import Limits, unhurried
from risk.success import expected_success
from risk.terms import Method
from tests import oracles
from tests.strategies import engine_system, sample

SOLVED = Limits(unfoldings=0)
"""Every cycle through groups is solved as a whole."""
UNFOLDED = Limits(unfoldings=1_000_000)
"""None is."""
Needs = list[tuple[tuple[int, tuple[int, ...]], ...]]


def ring(random: Random, layers: int, width: int, required: int, of: int) -> Needs:
    """Layers whose members need some of the next, the last some of the first; the last number is the root's."""
    groups: Needs = []
    for layer in range(layers):
        first = (layer + 1) % layers * width
        for _ in range(width):
            members = tuple(sorted(first + place for place in random.sample(range(width), of)))
            groups.append(((required, members),))
    return [*groups, ((2, tuple(range(width))),)]


def figures(random: Random, size: int) -> list[Fraction]:
    return [Fraction(random.randint(1, 9), 40) for _ in range(size)] + [Fraction(0)]


def near_neighbours(random: Random, size: int, required: int, of: int, reach: int) -> Needs:
    """A cycle whose members each need some of those nearby, in both directions."""
    groups: Needs = []
    for place in range(size):
        near = sorted({(place + step) % size for step in range(-reach, reach + 1)} - {place})
        groups.append(((required, tuple(sorted(random.sample(near, of)))),))
    return groups


@pytest.mark.parametrize(
    ("layers", "width", "required", "of"), [(3, 3, 1, 2), (2, 4, 2, 3), (5, 2, 1, 2), (3, 3, 2, 3)]
)
def test_rings_solved_as_a_whole_are_those_of_every_state_enumerated(
    layers: int, width: int, required: int, of: int
) -> None:
    for seed in range(2):
        random = Random(seed)
        groups = ring(random, layers, width, required, of)
        q = figures(random, layers * width)
        engine = Availability(engine_system(groups), q, limits=SOLVED)
        expected = oracles.unavailabilities(groups, q)
        assert [engine.composite(root).unavailability for root in range(len(q))] == expected, seed


@pytest.mark.parametrize(("required", "of", "reach"), [(1, 2, 2), (2, 3, 3), (1, 2, 4), (2, 3, 2)])
def test_cycles_of_near_neighbours_are_those_of_every_state_enumerated(required: int, of: int, reach: int) -> None:
    for size, seed in ((9, 1), (12, 2)):
        random = Random(seed)
        groups = near_neighbours(random, size, required, of, reach)
        q = figures(random, size)[:size]
        engine = Availability(engine_system(groups), q, limits=SOLVED)
        expected = oracles.unavailabilities(groups, q)
        assert [engine.composite(root).unavailability for root in range(size)] == expected, size


def test_solutions_are_exact_in_whatever_a_cycle_is_tied_to() -> None:
    """Hard edges, groups and cycles at random; soft suppliers read the same formulas, negated too."""
    for seed in range(400):
        case = sample(seed, entities=8, cyclic=True, softness=0.2)
        engine = Availability(case.system, case.q, limits=SOLVED)
        expected = oracles.unavailabilities(case.groups, case.q)
        for root in range(len(case.q)):
            assert engine.composite(root).unavailability == expected[root], (seed, root)
        success = oracles.expected_success(case.groups, case.soft, case.q, 0)
        assert expected_success(engine, 0).unavailability == 1 - success, seed


def test_importance_conditions_and_cut_sets_are_those_of_every_state() -> None:
    for seed in range(4):
        random = Random(seed)
        groups = ring(random, 3, 3, 1, 2)
        q = figures(random, 9)
        root = len(q) - 1
        engine = Availability(engine_system(groups), q, limits=SOLVED)
        slopes = engine.birnbaum(root)
        for entity in range(9):
            down, up = (
                oracles.unavailabilities(groups, [*q[:entity], Fraction(x), *q[entity + 1 :]])[root] for x in (1, 0)
            )
            assert slopes[entity] == down - up, (seed, entity)
            assert engine.conditional(root, (entity,)).unavailability == down, (seed, entity)
        cuts, _ = minimal_cuts(engine.prepared, root, 3)
        assert set(map(frozenset, cuts)) == oracles.minimal_cut_sets(groups, root, 3), seed


REPORTED: Needs = [
    *(
        ((1, chosen),)
        for chosen in (
            (16, 19, 20),
            (17, 21, 23),
            (16, 20, 21),
            (21, 22, 23),
            (20, 21, 22),
            (18, 19, 22),
            (20, 22, 23),
            (16, 20, 22),
        )
    ),
    *(
        ((1, chosen),)
        for chosen in ((0, 2, 4), (0, 3, 4), (3, 5, 7), (1, 6, 7), (0, 1, 3), (3, 4, 6), (0, 3, 5), (1, 4, 5))
    ),
    *(
        ((1, chosen),)
        for chosen in (
            (8, 9, 10),
            (8, 13, 15),
            (8, 11, 13),
            (11, 13, 15),
            (8, 9, 12),
            (11, 12, 15),
            (9, 10, 11),
            (11, 14, 15),
        )
    ),
    ((2, (16, 17, 18, 19, 20, 21, 22, 23)),),
]
"""24 components in three layers closed to a ring, as a review reported them: each needs any of 3, the root 2 of 8."""


def test_a_ring_of_24_is_exact_and_known_to_twelve_digits() -> None:
    """REPORTED: 3.6564e-13 by enumeration of its 2^24 states; the last digits by exact rationals."""
    engine = Availability(engine_system(REPORTED), [0.01] * 24 + [0.0])
    found = engine.composite(24)
    assert found.method is Method.DIAGRAM
    assert found.unavailability == pytest.approx(3.6564e-13, rel=2e-5)
    exact = Availability(engine_system(REPORTED), [Fraction(1, 100)] * 24 + [Fraction(0)]).composite(24)
    assert found.unavailability == pytest.approx(float(exact.unavailability), rel=1e-12)
    assert len(importances(engine, 24)) == 25


def test_a_ring_of_40_in_ten_layers_is_exact() -> None:
    found = Availability(engine_system(ring(Random(0), 10, 4, 1, 3)), [0.01] * 40 + [0.0]).composite(40)
    assert found.method is Method.DIAGRAM


def test_solutions_and_contexts_come_to_the_same() -> None:
    for seed in range(6):
        groups = ring(Random(seed), 4, 3, 1, 2)
        own = [Fraction(1, 50)] * 12 + [Fraction(0)]
        solved, unfolded = (Availability(engine_system(groups), own, limits=some) for some in (SOLVED, UNFOLDED))
        assert solved.composite(12).unavailability == unfolded.composite(12).unavailability


def test_a_ring_of_300_is_exact() -> None:
    """Each needs 1 of the next 2: all are down when two neighbours have failed, else who has failed alone."""
    size, q = 300, 0.001
    system = engine_system([((1, tuple(sorted(((v + 1) % size, (v + 2) % size)))),) for v in range(size)])
    none, last_failed = 1.0, 0.0
    for _ in range(size - 1):
        none, last_failed = (1 - q) * (none + last_failed), q * none
    found = Availability(system, [q] * size).composite(17)
    assert found.method is Method.DIAGRAM
    assert found.unavailability == pytest.approx(1 - (1 - q) * (none + last_failed), rel=1e-12)


def test_what_else_a_system_holds_and_who_is_asked_first_change_no_bit_of_a_solution() -> None:
    random = Random(4)
    groups = near_neighbours(random, 40, 1, 2, 5)
    own = [0.001 * random.randint(1, 9) for _ in groups]
    alone = Availability(engine_system(groups), own, limits=SOLVED)
    answers = [alone.composite(root) for root in range(40)]
    # Some that need two or three of them come in between: all numbers are others.
    place = [number + number // 3 for number in range(40)]
    needed = [sorted(place[one] for one in random.sample(range(40), 3)) for _ in range(place[-1] + 1)]
    larger: Needs = [((1, tuple(some)),) for some in needed]
    figures_of = [0.02] * len(larger)
    for number, needs in enumerate(groups):
        larger[place[number]] = tuple((k, tuple(place[member] for member in members)) for k, members in needs)
        figures_of[place[number]] = own[number]
    among = Availability(engine_system(larger), figures_of, limits=SOLVED)
    among.composite(3)
    assert larger[3] not in groups
    for root in reversed(range(40)):
        found = among.composite(place[root])
        assert (found.unavailability, found.method) == (answers[root].unavailability, answers[root].method), root


def test_a_cycle_that_no_diagrams_hold_is_sampled_for_all_who_need_it() -> None:
    random = Random(5)
    groups = near_neighbours(random, 12, 1, 2, 4)
    q = figures(random, 12)[:12]
    engine = Availability(engine_system(groups), [float(one) for one in q], limits=Limits(unfoldings=0, knot_nodes=20))
    for root, expected in enumerate(oracles.unavailabilities(groups, q)):
        found = engine.composite(root)
        assert found.lower <= expected <= found.upper, root
        assert found.method is Method.SAMPLED, root


def test_a_diagram_lets_go_of_what_is_of_no_use_and_keeps_the_rest() -> None:
    builder = Builder(12, unhurried)
    variables = [builder.variable(level) for level in range(4)]
    pair = builder.both(variables[0], variables[1])
    builder.either(variables[2], variables[3])
    assert builder.is_cluttered
    pair, last = builder.only([pair, variables[3]])
    assert builder.both(builder.variable(0), builder.variable(1)) == pair
    assert builder.variable(3) == last
    found = builder.finished(builder.either(pair, last))
    assert found.values([0.5, 0.5, 0.5, 0.5])[found.root] == 1 - 0.75 * 0.5
    assert builder.only([LOW, HIGH]) == [LOW, HIGH]
