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
from risk.floor import ceiling, guaranteed
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
