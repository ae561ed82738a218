"""The guaranteed floor against a linear programme over all joint distributions, and beside A and the ceiling."""

from collections.abc import Collection, Sequence
from fractions import Fraction
from itertools import product
from random import Random

import numpy as np
import pytest
from scipy.optimize import linprog

from risk.availability import Availability
from risk.backing_out import back_out
from risk.floor import ceiling, guaranteed, guaranteed_terms
from risk.limits import Limits
from risk.reduced.prepared import Prepared
from risk.structure import closure
from tests import oracles
from tests.risk.models import Part, figures_of, model
from tests.strategies import engine_system, sample


def worst_case(groups: oracles.Groups, u: Sequence[Fraction], root: int) -> float:
    """The largest P[root down] over all joint distributions in which each entity fails itself with at most its u."""
    size = len(groups)
    outcomes = [frozenset(v for v in range(size) if bits[v]) for bits in product((0, 1), repeat=size)]
    stops = [-1.0 if root in oracles.down(groups, failed) else 0.0 for failed in outcomes]
    fails = np.array([[float(v in failed) for failed in outcomes] for v in range(size)])
    found = linprog(
        stops, A_ub=fails, b_ub=[float(x) for x in u], A_eq=[[1.0] * len(outcomes)], b_eq=[1.0], bounds=(0, 1)
    )
    assert found.success
    assert found.fun is not None
    return -float(found.fun)


def test_the_floor_is_never_above_what_a_joint_distribution_reaches() -> None:
    for seed in range(60):
        case = sample(seed, entities=7, cyclic=seed % 2 == 1)
        prepared = Availability(case.system, [float(q) for q in case.q]).prepared
        bound = guaranteed(prepared, [float(q) for q in case.q], 0)
        assert bound >= worst_case(case.groups, case.q, 0) - 1e-9, seed


def test_the_floor_is_tight_where_members_share_nothing() -> None:
    """Closures disjoint apart from Z: k of n with suppliers of their own and one that all of them share."""
    random = Random(5)
    for _ in range(20):
        n = random.randint(2, 3)
        k = random.randint(1, n)
        members = tuple(range(1, n + 1))
        shared = 2 * n + 1
        own: list[tuple[tuple[int, tuple[int, ...]], ...]] = [((k, members),)]
        own += [((1, (m + n,)), (1, (shared,))) for m in members]
        own += [()] * (n + 1)
        u = [Fraction(random.randint(1, 30), 1000) for _ in own]
        prepared = Availability(engine_system(own), u).prepared
        bound = guaranteed(prepared, [float(x) for x in u], 0)
        assert bound == pytest.approx(worst_case(own, u, 0), abs=1e-9)


def test_the_floor_is_below_the_expected_and_that_is_below_the_ceiling() -> None:
    for seed in range(300):
        case = sample(seed, entities=9, cyclic=seed % 2 == 1, certain=seed % 5 == 0)
        own = [float(q) for q in case.q]
        engine = Availability(case.system, own)
        for root in range(len(own)):
            expected = engine.composite(root).unavailability
            assert guaranteed(engine.prepared, own, root) >= expected - 1e-12
            assert ceiling(engine.prepared, own, root) <= expected + 1e-12


def test_promises_that_cover_their_suppliers_still_bound_what_independence_expects() -> None:
    """Whatever is END_TO_END (outside cycles): the floor is never above what is expected after backing out."""
    for seed in range(150):
        case = sample(seed, entities=8)
        random = Random(seed)
        whole = {v: float(case.q[v]) for v in range(1, len(case.q)) if random.random() < 0.4}
        settled = back_out(case.system, figures_of(case.q, whole))
        contribution = [float(q) if v in whole else settled.own[v] for v, q in enumerate(case.q)]
        for root in range(len(case.q)):
            bound = guaranteed(settled.availability.prepared, contribution, root, whole=whole)
            assert bound >= settled.availability.composite(root).unavailability - 1e-12, (seed, root)


def kept_promises_at_worst(groups: oracles.Groups, u: Sequence[Fraction], whole: Collection[int], root: int) -> float:
    """The largest P[root down] over all joint distributions that keep every promise.

    Those in `whole` promise not to be down for longer than u, whatever the reason; the others not to fail themselves.
    """
    size = len(groups)
    outcomes = [frozenset(v for v in range(size) if bits[v]) for bits in product((0, 1), repeat=size)]
    fallen = [oracles.down(groups, failed) for failed in outcomes]
    lost = np.array(
        [[float(v in (fallen if v in whole else outcomes)[n]) for n in range(2**size)] for v in range(size)]
    )
    found = linprog(
        [-1.0 if root in falls else 0.0 for falls in fallen],
        A_ub=lost,
        b_ub=[float(x) for x in u],
        A_eq=[[1.0] * len(outcomes)],
        b_eq=[1.0],
        bounds=(0, 1),
    )
    assert found.success
    assert found.fun is not None
    return -float(found.fun)


def test_on_cycles_the_floor_is_guaranteed_and_never_above_what_is_expected() -> None:
    """docs/decisions.md: an END_TO_END promise on a cycle counts in the floor as one of own faults."""
    seen = 0
    for seed in range(80):
        case = sample(seed, entities=6, cyclic=True)
        random = Random(seed)
        whole = {v for v in range(1, len(case.q)) if random.random() < 0.5}
        settled = back_out(case.system, figures_of(case.q, whole))
        prepared = settled.availability.prepared
        on_cycles = {v for component in prepared.components() if len(component) > 1 for v in component}
        entered = {v: float(case.q[v]) for v in whole - on_cycles}
        contribution = [float(q) for q in case.q]
        seen += len(whole & on_cycles)
        for root in range(len(case.q)):
            bound = guaranteed(prepared, contribution, root, whole=entered)
            assert bound >= settled.availability.composite(root).unavailability - 1e-12, (seed, root)
            assert bound >= kept_promises_at_worst(case.groups, case.q, whole, root) - 1e-9, (seed, root)
    assert seen > 50


def test_a_promise_is_not_believed_beyond_what_its_suppliers_can_do() -> None:
    """max(1 - e, bound of its suppliers): two vendors promise more than the one cloud that both stand on."""
    found = model(
        {"v": Part("100", [(1, ["a", "b"])]), "a": Part("99.99", ["s"]), "b": Part("99.99", ["s"]), "s": Part("99")}
    )
    whole = {found.number(key): 0.0001 for key in ("a", "b")}
    bound = guaranteed(found.engine().prepared, found.own, found.number("v"), whole=whole)
    assert bound == pytest.approx(0.01)


def test_an_end_to_end_root_answers_for_itself() -> None:
    found = model({"a": Part("99.9", ["s"]), "s": Part("99.99")})
    prepared = found.engine().prepared
    assert guaranteed(prepared, found.own, found.number("a"), whole={found.number("a"): 0.001}) == pytest.approx(0.001)
    assert guaranteed(prepared, found.own, found.number("a")) == pytest.approx(0.0011)


def test_what_is_reached_beside_an_end_to_end_promise_still_counts() -> None:
    found = model({"v": Part("100", ["a", "s"]), "a": Part("99.9", ["s"]), "s": Part("99.99")})
    whole = {found.number("a"): 0.001}
    assert guaranteed(found.engine().prepared, found.own, found.number("v"), whole=whole) == pytest.approx(0.0011)


def test_the_floor_of_a_chain_of_100_000_is_the_sum() -> None:
    size = 100_000
    system = engine_system([((1, (v + 1,)),) if v + 1 < size else () for v in range(size)])
    prepared = Availability(system, [1e-9] * size).prepared
    assert guaranteed(prepared, [1e-9] * size, 0) == pytest.approx(1e-4)
    assert len(closure(system, 0)) == size


LIMITS = (0, 600, 1_500)
"""So small that the letter is not followed: one bound an entity, or cycles summed as a whole."""


def test_a_coarser_floor_is_guaranteed_too_and_never_above_what_is_expected() -> None:
    """Against the linear programme over all joint distributions, where the limit leaves the letter no room."""
    coarser = 0
    for seed in range(60):
        case = sample(seed, entities=7, cyclic=seed % 4 != 0)
        u = [float(q) for q in case.q]
        engine = Availability(case.system, u)
        worst, expected = worst_case(case.groups, case.q, 0), engine.composite(0).unavailability
        letter = guaranteed(engine.prepared, u, 0)
        for most in LIMITS:
            bound = guaranteed(Prepared(case.system, Limits(bounds=most)), u, 0)
            assert bound >= worst - 1e-9, (seed, most)
            assert bound >= expected - 1e-12, (seed, most)
            coarser += bound > letter + 1e-12
    assert coarser > 5


def test_promises_that_cover_their_suppliers_bound_what_is_expected_beyond_the_limit_too() -> None:
    """Those on cycles as own faults, as ever."""
    for seed in range(40):
        case = sample(seed, entities=6, cyclic=seed % 2 == 1)
        random = Random(seed)
        promised = {v for v in range(1, len(case.q)) if random.random() < 0.5}
        settled = back_out(case.system, figures_of(case.q, promised))
        on_cycles = {v for some in settled.availability.prepared.components() if len(some) > 1 for v in some}
        whole = {v: float(case.q[v]) for v in promised - on_cycles}
        for most in LIMITS:
            prepared = Prepared(case.system, Limits(bounds=most))
            for root in range(len(case.q)):
                bound = guaranteed(prepared, [float(q) for q in case.q], root, whole=whole)
                assert bound >= settled.availability.composite(root).unavailability - 1e-12, (seed, most, root)
                assert bound >= kept_promises_at_worst(case.groups, case.q, promised, root) - 1e-9, (seed, most, root)


def test_within_the_limit_the_floor_is_the_letters() -> None:
    for seed in range(60):
        case = sample(seed, entities=9, cyclic=True)
        u = [float(q) for q in case.q]
        unlimited, usual = (Prepared(case.system, Limits(bounds=most)) for most in (1 << 60, Limits().bounds))
        assert guaranteed(usual, u, 0) == guaranteed(unlimited, u, 0)


def test_a_cycle_through_groups_of_60_is_bounded_in_as_many_steps_as_the_limit_allows() -> None:
    """Five layers of twelve, each needs 2 of 4 and 1 of 3 of the next: to the letter it would take minutes and more."""
    random = Random(1)
    own: list[tuple[tuple[int, tuple[int, ...]], ...]] = []
    for layer in range(5):
        first = (layer + 1) % 5 * 12
        own += [
            tuple((k, tuple(sorted(first + x for x in random.sample(range(12), n)))) for k, n in ((2, 4), (1, 3)))
            for _ in range(12)
        ]
    own.append(((8, tuple(range(48, 60))),))
    u = [0.0001] * 60 + [0.0]
    steps = 0

    def counted() -> None:
        nonlocal steps
        steps += 1

    prepared = Availability(engine_system(own), u).prepared
    bound = guaranteed(prepared, u, 60, check=counted)
    # All own faults together: what the ring can come to at the most.
    assert bound == pytest.approx(60 * 0.0001)
    assert steps < 100_000
    terms = guaranteed_terms(prepared, u, 60)
    assert sum(term.amount for term in terms) == pytest.approx(bound)


def test_a_ring_beneath_a_group_costs_no_more_than_the_ring_and_leaves_the_rest_to_the_letter() -> None:
    """Root: a plain need at 1 %, and 1 of 2 of a ring of three at 0.1 % each, which alone is taken as a whole."""
    own: list[tuple[tuple[int, tuple[int, ...]], ...]] = [
        ((1, (1,)), (1, (2, 3))),
        (),
        ((1, (3, 4)),),
        ((1, (2, 4)),),
        ((1, (2, 3)),),
    ]
    u = [0.0, 0.01, 0.001, 0.001, 0.001]
    bound = guaranteed(Prepared(engine_system(own), Limits(bounds=0)), u, 0)
    # Both members are bounded by the ring, 0.003; of two with one needed, the ring once: min(0.006 / 2, 0.003 / 1).
    assert bound == pytest.approx(0.01 + 0.003)
