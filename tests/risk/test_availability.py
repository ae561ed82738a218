"""The engine against brute force: composites, importance, cut sets, single points; the pitfalls of engine.md."""

from fractions import Fraction
from math import expm1, log1p, prod

import pytest

from risk.availability import Availability
from risk.cut_sets import CutSetCap, cut_sets
from risk.graph import Group, assembled
from risk.importance import fussell_vesely, importances, needed
from risk.limits import Limits
from risk.structure import closure, down
from risk.terms import Method
from tests import oracles
from tests.risk.models import Part, model
from tests.strategies import Sample, engine_system, sample
from topology.errors import DeadlinePassed

SEEDS = range(1_100)
"""Half of these systems have cycles; a fifth have entities that never or always fail."""


def made(seed: int, scale: int = 1) -> Sample:
    return sample(seed, entities=8, cyclic=seed % 2 == 1, certain=seed % 5 == 0, scale=scale)


def test_composites_equal_enumeration_with_exact_rationals() -> None:
    for seed in SEEDS:
        case = made(seed)
        engine = Availability(case.system, case.q)
        found = [engine.composite(v).unavailability for v in range(len(case.q))]
        assert found == oracles.unavailabilities(case.groups, case.q), seed


def test_cones_of_any_size_give_the_same_answers_in_any_order() -> None:
    """With cones of one block tables are dropped and made again all the time."""
    for seed in range(60):
        case = sample(seed, entities=14, cyclic=seed % 2 == 1)
        size = len(case.q)
        whole = Availability(case.system, case.q)
        small = Availability(case.system, case.q, limits=Limits(cone_blocks=1))
        assert sorted(small.prepared.by_cone()) == list(range(size))
        for v in (*range(size), *reversed(range(size))):
            assert small.composite(v) == whole.composite(v), seed


def test_floats_keep_twelve_digits_even_at_1e_13() -> None:
    smallest = 1.0
    for seed in range(150):
        case = made(seed, scale=100_000)
        redundant = [any(len(members) > 1 for _, members in own) for own in case.groups]
        q = [Fraction(0) if spare else one for spare, one in zip(redundant, case.q, strict=True)]
        engine = Availability(case.system, [float(one) for one in q])
        for v, exact in enumerate(oracles.unavailabilities(case.groups, q)):
            found = engine.composite(v).unavailability
            assert found == pytest.approx(float(exact), rel=1e-12, abs=0), (seed, v)
            if exact > 0:
                smallest = min(smallest, found)
    assert 0 < smallest < 1e-12


def test_three_redundant_members_fail_together_once_in_1e_13() -> None:
    case = engine_system([((1, (1, 2, 3)),), (), (), ()])
    q = [0.0, 3e-5, 5e-5, 7e-5]
    assert Availability(case, q).composite(0).unavailability == pytest.approx(1.05e-13, rel=1e-12, abs=0)


def test_one_backward_pass_gives_every_birnbaum_importance() -> None:
    for seed in range(200):
        case = made(seed)
        engine = Availability(case.system, case.q)
        root = seed % len(case.q)
        slopes = engine.birnbaum(root)
        assert set(slopes) == closure(case.system, root)
        for entity, slope in slopes.items():
            q = list(case.q)
            q[entity] = Fraction(1)
            failed = oracles.unavailabilities(case.groups, q)[root]
            q[entity] = Fraction(0)
            assert slope == failed - oracles.unavailabilities(case.groups, q)[root], (seed, entity)


def test_a_conditional_is_the_system_with_that_entity_failed_or_working() -> None:
    for seed in range(60):
        case = made(seed)
        engine = Availability(case.system, case.q)
        q = list(case.q)
        q[0], q[-1] = Fraction(0), Fraction(1)
        expected = oracles.unavailabilities(case.groups, q)
        for root in range(len(q)):
            assert engine.conditional(root, [len(q) - 1], [0]).unavailability == expected[root], seed


def test_importance_figures_follow_their_definitions() -> None:
    for seed in range(80):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1)
        engine = Availability(case.system, [float(q) for q in case.q])
        unavailable = engine.composite(0).unavailability
        for row in importances(engine, 0):
            working = engine.conditional(0, (), [row.entity]).unavailability
            failed = engine.conditional(0, [row.entity]).unavailability
            assert row.birnbaum == pytest.approx(failed - working, rel=1e-9, abs=1e-15)
            assert row.minutes == pytest.approx(engine.own[row.entity] * row.birnbaum * 43_200)
            assert row.raw == pytest.approx(failed / unavailable)
            assert row.criticality == pytest.approx((unavailable - working) / unavailable, abs=1e-12)
            if working == 0:
                assert row.rrw is None
            else:
                assert row.rrw == pytest.approx(unavailable / working)


def test_fussell_vesely_is_the_share_of_states_in_which_a_cut_set_of_the_entity_has_failed() -> None:
    known = 0
    for seed in range(60):
        case = sample(seed, entities=7, cyclic=seed % 2 == 1)
        engine = Availability(case.system, [float(q) for q in case.q])
        cuts = [*oracles.minimal_cut_sets(case.groups, 0, len(case.q)), frozenset({0})]
        for entity in range(len(case.q)):
            found = fussell_vesely(engine, 0, entity)
            if max(map(len, cuts)) > 3:
                assert found is None
                continue
            mine = [cut for cut in cuts if entity in cut]
            failed = sum(weight for state, weight in oracles.states(case.q) if any(cut <= state for cut in mine))
            assert found == pytest.approx(float(failed / oracles.unavailabilities(case.groups, case.q)[0]))
            known += 1
    assert known > 100
    assert fussell_vesely(Availability(engine_system([()]), [0.0]), 0, 0) is None


def test_order_one_cut_sets_are_the_single_points() -> None:
    for seed in range(300):
        case = made(seed)
        engine = Availability(case.system, [float(q) for q in case.q])
        for root in range(len(case.q)):
            points = oracles.single_points(case.groups, root)
            assert engine.prepared.needs(root, lambda: None) - {root} == points, seed
            cuts = cut_sets(engine, root, max_order=1, first=100)
            assert {cut.entities for cut in cuts.found} == {(point,) for point in points}


def test_cut_sets_to_order_three_are_minimal_and_complete() -> None:
    for seed in range(120):
        case = made(seed)
        own = [float(q) for q in case.q]
        engine = Availability(case.system, own)
        for root in range(min(4, len(own))):
            found = cut_sets(engine, root, max_order=3, first=1000)
            expected = oracles.minimal_cut_sets(case.groups, root, 3)
            assert {frozenset(cut.entities) for cut in found.found} == expected, seed
            assert found.total == len(expected)
            for cut in found.found:
                assert cut.probability == pytest.approx(prod(own[entity] for entity in cut.entities))
                assert cut.structural == any(own[entity] == 0 for entity in cut.entities)
            if found.capped_by is None:
                assert expected == oracles.minimal_cut_sets(case.groups, root, len(own))


def test_cut_sets_that_are_equally_likely_to_the_digits_shown_stand_by_key() -> None:
    """.1 x .3 x .7 and .3 x .7 x .1 differ in their last bit."""
    assert 0.1 * 0.3 * 0.7 < 0.3 * 0.7 * 0.1
    system = engine_system([((1, (1, 2, 3)), (1, (4, 5, 6))), (), (), (), (), (), ()])
    engine = Availability(system, [0.0, 0.1, 0.3, 0.7, 0.3, 0.7, 0.1])
    assert [cut.entities for cut in cut_sets(engine, 0, max_order=3).found] == [(1, 2, 3), (4, 5, 6)]


def test_a_capped_list_of_cut_sets_says_what_capped_it() -> None:
    case = engine_system([((1, (1, 2, 3)), (1, (4,)), (1, (5,))), (), (), (), (), ()])
    engine = Availability(case, [0.1] * 6)
    assert cut_sets(engine, 0, max_order=2).capped_by is CutSetCap.ORDER
    assert cut_sets(engine, 0, max_order=3).capped_by is None
    short = cut_sets(engine, 0, max_order=3, first=1)
    assert (short.capped_by, short.total, len(short.found)) == (CutSetCap.FIRST, 3, 1)


def test_the_composite_of_an_independent_part_is_in_closed_form() -> None:
    case = engine_system([((1, (1, 2)), (1, (3,))), (), (), ()])
    found = Availability(case, [0.1, 0.2, 0.3, 0.4]).composite(0)
    assert (found.method, found.diagram_nodes) == (Method.CLOSED_FORM, 0)


def test_sharing_between_groups_takes_a_diagram_and_says_so() -> None:
    case = engine_system([((1, (1, 2)), (1, (2, 3))), (), (), ()])
    found = Availability(case, [0.1, 0.2, 0.3, 0.4]).composite(0)
    assert found.method is Method.DIAGRAM
    assert found.diagram_nodes > 0
    assert found.unavailability == pytest.approx(0.1 + 0.9 * 0.3 * (1 - 0.8 * 0.6))


# ------------------------------------------------------------------------------------- the pitfalls of engine.md


def test_undirected_links_written_as_mutual_groups_hold_each_other_up() -> None:
    """Pitfall 1: the greatest fixpoint is not reachability."""
    groups: list[tuple[tuple[int, tuple[int, ...]], ...]] = [((1, (1, 2)),), ((1, (0, 2)),), ((1, (0, 1)),)]
    q = [Fraction(1, 10)] * 3
    assert down(engine_system(groups), {0}) == {0}
    found = Availability(engine_system(groups), q).composite(0).unavailability
    assert found == Fraction(1, 10) + Fraction(9, 10) * Fraction(1, 100)
    assert found == oracles.unavailabilities(groups, q)[0]


def test_members_of_one_hard_cycle_count_with_their_number_in_a_quorum() -> None:
    """Pitfall 2: entities 1 and 2 need each other, so 2 of (1, 2, 3) stands or falls with them."""
    case = engine_system([((2, (1, 2, 3)),), ((1, (2,)),), ((1, (1,)),), ()])
    q = [Fraction(0), Fraction(1, 10), Fraction(1, 5), Fraction(1, 2)]
    assert Availability(case, q).composite(0).unavailability == 1 - Fraction(9, 10) * Fraction(4, 5)


def test_an_entity_that_never_fails_is_a_structural_cut_set_of_probability_zero() -> None:
    """Pitfall 3."""
    case = engine_system([((1, (1,)),), ()])
    engine = Availability(case, [0.1, 0.0])
    (cut,) = cut_sets(engine, 0).found
    assert (cut.entities, cut.probability, cut.structural) == ((1,), 0.0, True)
    assert [row.structural for row in importances(engine, 0)] == [False, True]


def test_what_can_stop_nothing_is_no_structural_contribution() -> None:
    """0 needs 1, and any of (1, 2): 2 stands beside what 0 needs anyway; 3 and 4 stop 0 together."""
    system = engine_system([((1, (1,)), (1, (1, 2)), (1, (3, 4))), (), (), (), ()])
    rows = importances(Availability(system, [0.01, 0.01, 0.0, 0.0, 0.0]), 0)
    assert {row.entity for row in rows if row.structural} == {3, 4}


def test_absorbed_redundancy_has_no_importance_and_no_inverse() -> None:
    """Pitfall 4: 1 of (1, 2) where 1 is needed anyway; RRW may be infinite, RAW undefined at U = 0."""
    case = engine_system([((1, (1, 2)), (1, (1,))), (), ()])
    engine = Availability(case, [0.0, 0.1, 0.2])
    rows = {row.entity: row for row in importances(engine, 0)}
    assert rows[2].birnbaum == 0
    assert needed(engine, 0, 2, 0.05).unavailability is None
    assert not needed(engine, 0, 2, 0.05).reachable
    assert rows[1].rrw is None
    assert rows[1].criticality == pytest.approx(1)
    perfect = importances(Availability(case, [0.0, 0.0, 0.2]), 0)
    assert {(row.raw, row.rrw, row.criticality, row.share) for row in perfect} == {(None, None, None, None)}


def test_contributions_that_are_told_alike_stand_by_number() -> None:
    """They are told to a billionth of a minute; entity 2 costs a little more than 1, which nobody is shown."""
    case = engine_system([((1, (1,)), (1, (2,)), (1, (3,))), (), (), ()])
    rows = importances(Availability(case, [0.0, 1e-6, 1e-6 + 1e-16, 2e-6]), 0)
    assert [row.entity for row in rows] == [3, 1, 2, 0]
    assert rows[1].minutes < rows[2].minutes


def test_the_inverse_is_unreachable_above_one_and_met_already_below() -> None:
    """Pitfall 6, in unavailability."""
    case = engine_system([((1, (1,)),), ()])
    engine = Availability(case, [0.1, 0.2])
    hopeless, met, exact = (needed(engine, 0, 1, target) for target in (0.05, 1.0, 0.19))
    assert not hopeless.reachable
    assert hopeless.best == pytest.approx(0.1)
    assert hopeless.unavailability is not None
    assert hopeless.unavailability < 0
    assert met.unavailability == pytest.approx(1)
    assert exact.unavailability == pytest.approx(0.1)


def test_two_dead_single_points_are_not_divided_by() -> None:
    """Pitfall 7: with one of two single points down for certain, only that one still matters."""
    case = engine_system([((1, (1,)), (1, (2,))), (), ()])
    slopes = Availability(case, [0.0, 1.0, 0.25]).birnbaum(0)
    assert slopes == {0: 0.0, 1: 0.75, 2: 0.0}


def test_chains_of_100_000_are_walked_without_recursion() -> None:
    """Pitfall 8: hard chain, its closed form, its closure, and what its end takes down."""
    size = 100_000
    groups = tuple(((Group(1, (v + 1,)),) if v + 1 < size else ()) for v in range(size))
    system = assembled(tuple(f"{v:06}" for v in range(size)), groups)
    assert len(closure(system, 0)) == size
    assert len(down(system, {size - 1})) == size
    engine = Availability(system, [1e-9] * size)
    assert engine.composite(0).unavailability == pytest.approx(-expm1(size * log1p(-1e-9)), rel=1e-12)


def test_where_half_of_a_system_lies_beneath_an_entity_it_is_one_cone() -> None:
    """Many entities that nobody needs, on one deep chain of pairs: cones of their own would repeat it for each."""
    depth, tops = 600, 200
    groups: list[tuple[tuple[int, tuple[int, ...]], ...]] = [((1, (tops + top,)),) for top in range(tops)]
    groups += [
        ((1, (tops + v + 1,)), (1, (tops + min(depth, v + 2),))) if v + 2 <= depth else () for v in range(depth + 1)
    ]
    engine = Availability(engine_system(groups), [1e-6] * len(groups), limits=Limits(cone_blocks=50))
    serials = {engine.prepared.cone_of(engine.prepared.condensed.block_of[v]).serial for v in range(len(groups))}
    assert len(serials) <= 2


def test_large_cones_are_let_go_before_small_ones_would_be() -> None:
    """Two cones of twelve blocks, asked in turn: kept where there is room for twice 4 x 3 blocks, not for 2 x 2."""
    groups: list[tuple[tuple[int, tuple[int, ...]], ...]] = [((1, (v + 1,)),) if v % 6 < 5 else () for v in range(24)]

    def serials(limits: Limits) -> list[int]:
        prepared = Availability(engine_system(groups), [1e-6] * len(groups), limits=limits).prepared
        first, *_, last = prepared.in_cones(range(len(groups)))
        return [prepared.cone_of(prepared.condensed.block_of[cone[0]]).serial for cone in (first, first, last, first)]

    assert serials(Limits(cone_blocks=3, cones_at_work=4)) == [1, 1, 2, 1]
    assert serials(Limits(cone_blocks=2, cones_at_work=2)) == [1, 1, 2, 3]


def test_a_ladder_of_2_000_redundant_steps_is_built_without_recursion() -> None:
    """Each step needs one of two members, each of which needs the next step."""
    steps = 2_000
    groups: list[tuple[tuple[int, tuple[int, ...]], ...]] = []
    for step in range(steps):
        below = 3 * (step + 1)
        groups += [((1, (3 * step + 1, 3 * step + 2)),), ((1, (below,)),), ((1, (below,)),)]
    groups.append(())
    own = [Fraction(0), Fraction(1, 10), Fraction(1, 10)] * steps + [Fraction(1, 100)]
    found = Availability(engine_system(groups), [float(q) for q in own]).composite(0).unavailability
    assert found == pytest.approx(1 - 0.99 * (1 - 0.01) ** steps)


def test_the_clock_is_asked_while_working() -> None:
    def late() -> None:
        raise DeadlinePassed("too late")

    with pytest.raises(DeadlinePassed):
        Availability(engine_system([((1, (1,)),), ()]), [0.1, 0.1]).composite(0, late)


def test_the_order_of_edges_and_the_names_of_entities_change_nothing() -> None:
    """Section 6: invariant under renaming and edge order."""
    for seed in range(40):
        case = made(seed)
        size = len(case.q)
        turned = [size - 1 - v for v in range(size)]
        groups = [
            tuple((k, tuple(sorted(turned[m] for m in members))) for k, members in reversed(case.groups[turned[v]]))
            for v in range(size)
        ]
        other = Availability(engine_system(groups), list(reversed(case.q)))
        engine = Availability(case.system, case.q)
        for v in range(size):
            assert other.composite(turned[v]).unavailability == engine.composite(v).unavailability


def test_availability_rises_with_every_own_figure_and_every_spare_and_falls_with_every_need() -> None:
    """Section 6: monotone in each own availability, in adding a member with k fixed; a new hard edge never raises A."""
    for seed in range(60):
        case = sample(seed, entities=8)
        base = Availability(case.system, case.q).composite(0).unavailability
        better = [*case.q]
        better[seed % len(better)] /= 2
        assert Availability(case.system, better).composite(0).unavailability <= base
        new = len(case.groups)
        spared = [tuple((k, (*members, new)) for k, members in own) for own in case.groups]
        assert Availability(engine_system([*spared, ()]), [*case.q, Fraction(1, 2)]).composite(0).unavailability <= base
        needy = [(*case.groups[0], (1, (new,))), *case.groups[1:], ()]
        assert Availability(engine_system(needy), [*case.q, Fraction(1, 2)]).composite(0).unavailability >= base


def test_a_single_point_is_what_leaves_no_availability_when_it_fails() -> None:
    """Section 6: s in SPOF(v) iff A(v) | s = 0 is 0."""
    for seed in range(60):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1)
        engine = Availability(case.system, case.q)
        for entity in closure(case.system, 0) - {0}:
            dead = engine.conditional(0, [entity]).unavailability == 1
            assert dead == (entity in oracles.single_points(case.groups, 0))


def test_equal_models_give_bit_equal_answers() -> None:
    first, second = (model({"a": Part("99.9", [(1, ["b", "c"])]), "b": Part("99"), "c": Part("98")}) for _ in range(2))
    assert first.engine().composite(0) == second.engine().composite(0)
