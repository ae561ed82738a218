"""Redundancy illusions and what they cost: section 3, against the definition and against every state of the copies."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest

from risk.availability import Availability
from risk.graph import Group, assembled
from risk.limits import DEFAULT_LIMITS
from risk.reduced.prepared import Prepared
from risk.redundancy import separation
from risk.redundancy.illusions import Illusion, illusions
from risk.redundancy.separation import copied, minutes_lost, priced_illusions
from risk.structure import closure
from tests import oracles
from tests.risk.models import Model, Part, checkout, model
from tests.strategies import Sample, sample
from topology.errors import DeadlinePassed


def costs(found: Model, root: str, *unknown: str) -> list[tuple[str, str, str | None]]:
    """Consumer, shared entity and minutes to four digits, in the order given."""
    numbers = [found.number(key) for key in unknown]
    keys = found.system.keys
    return [
        (keys[i.illusion.consumer], keys[i.illusion.shared], None if i.minutes is None else f"{i.minutes:.4f}")
        for i in priced_illusions(found.engine(), found.number(root), unknown=numbers)
    ]


def test_the_cloud_beneath_both_acquirers_costs_checkout_4_309_minutes() -> None:
    """Section 3: "On checkout 4.309"; payments by itself 43 200 x .9999 x (.00010049995 - .00059995 x .0010999)."""
    assert costs(checkout(), "checkout") == [("payments", "cloud-x", "4.3088")]
    assert costs(checkout(), "payments") == [("payments", "cloud-x", "4.3127")]
    (row,) = priced_illusions(checkout().engine(), checkout().number("checkout"))
    assert checkout().keys(row.illusion.lost) == ["psp-a", "psp-b"]


def test_with_clouds_of_their_own_there_is_no_illusion() -> None:
    assert costs(checkout("cloud-y"), "checkout") == []


def test_what_does_not_require_the_group_has_no_part_in_it() -> None:
    assert costs(checkout(), "web") == []


SHARED = {
    "t": Part("100", ["pool"]),
    "pool": Part("100", [(1, ["a", "b"])]),
    "a": Part("99", ["mid"]),
    "b": Part("99", ["mid"]),
    "mid": Part("99.9", ["low"]),
    "low": Part("99.8"),
}


def test_all_shared_entities_are_found_at_every_depth_the_costliest_first() -> None:
    """low: today 1 - .999 x .998 x (1 - .01^2); with two copies 1 - .999 x (1 - (1 - .99 x .998)^2).

    mid takes low along, which nothing else needs: 1 - (1 - .99 x .999 x .998)^2.
    """
    both = 1 - 0.01**2
    today = 1 - 0.999 * 0.998 * both
    low = today - (1 - 0.999 * (1 - (1 - 0.99 * 0.998) ** 2))
    mid = today - (1 - 0.99 * 0.999 * 0.998) ** 2
    assert costs(model(SHARED), "t") == [
        ("pool", "mid", f"{mid * 43_200:.4f}"),
        ("pool", "low", f"{low * 43_200:.4f}"),
    ]


def test_what_something_else_needs_as_well_is_not_copied() -> None:
    parts = {**SHARED, "other": Part("99", ["low"])}
    found = model(parts)
    (mid,) = [
        i for i in illusions(found.engine().prepared, [found.number("pool")]) if found.keys([i.shared]) == ["mid"]
    ]
    assert found.keys(copied(found.system, mid)) == ["mid"]
    without = model(SHARED)
    (mid,) = [
        i for i in illusions(without.engine().prepared, [without.number("pool")]) if without.keys([i.shared]) == ["mid"]
    ]
    assert without.keys(copied(without.system, mid)) == ["low", "mid"]


def test_a_member_that_another_member_needs_is_shared() -> None:
    parts = {"pool": Part("100", [(1, ["a", "b"])]), "a": Part("99"), "b": Part("99", ["a"])}
    # Today the group stands with a: .01; with a copy of a beneath b: .01 x (1 - .99^2).
    assert costs(model(parts), "pool") == [("pool", "a", f"{(0.01 - 0.01 * (1 - 0.99**2)) * 43_200:.4f}")]


def test_two_of_three_are_lost_with_what_two_of_them_share() -> None:
    """Larkspur's search nodes: two of three in one zone leave fewer than the two that are needed."""
    parts = {
        "search": Part("100", [(2, ["n1", "n2", "n3"])]),
        "n1": Part("99", ["az-a"]),
        "n2": Part("99", ["az-b"]),
        "n3": Part("99", ["az-b"]),
        "az-a": Part("99.9"),
        "az-b": Part("99.9"),
    }
    found = model(parts)
    (row,) = priced_illusions(found.engine(), found.number("search"))
    assert (found.keys([row.illusion.shared]), found.keys(row.illusion.lost)) == (["az-b"], ["n2", "n3"])


def test_where_one_of_three_is_enough_two_may_share() -> None:
    parts = {
        "search": Part("100", [(1, ["n1", "n2", "n3"])]),
        "n1": Part("99"),
        "n2": Part("99", ["az-b"]),
        "n3": Part("99", ["az-b"]),
        "az-b": Part("99.9"),
    }
    assert costs(model(parts), "search") == []


def test_a_cause_that_the_root_cannot_do_without_anyway_costs_it_nothing_through_the_group() -> None:
    """Today .001; with copies one of which must stand as well, .999 x .001^2 more: a little less than nothing."""
    parts = {
        "t": Part("100", ["power", (1, ["a", "b"])]),
        "a": Part("100", ["power"]),
        "b": Part("100", ["power"]),
        "power": Part("99.9"),
    }
    assert costs(model(parts), "t") == [("t", "power", f"{-0.999 * 0.001**2 * 43_200:.4f}")]


@pytest.mark.parametrize("missing", ["a", "mid", "low"])
def test_a_missing_figure_beneath_the_group_leaves_no_minutes(missing: str) -> None:
    assert costs(model(SHARED), "t", missing) == [("pool", "low", None), ("pool", "mid", None)]


def test_a_missing_figure_elsewhere_leaves_the_minutes_as_they_are() -> None:
    assert costs(checkout(), "checkout", "cdn") == [("payments", "cloud-x", "4.3088")]


def test_a_common_cause_that_the_group_states_stays_one_for_all_copies() -> None:
    """Beta .5: q_c = .5 x .01; each member keeps q' = 1 - .99 / .995. Both share mid, which fails in .001."""
    groups = ((Group(1, (1, 2), beta=Decimal("0.5")),), (Group(1, (3,)),), (Group(1, (3,)),), ())
    system = assembled(("pool", "a", "b", "mid"), groups)
    engine = Availability(system, [0.0, 0.01, 0.01, 0.001])
    cause, rest = 0.005, 1 - 0.99 / 0.995
    today = 1 - (1 - cause) * 0.999 * (1 - rest**2)
    apart = 1 - (1 - cause) * (1 - (1 - (1 - rest) * 0.999) ** 2)
    (row,) = priced_illusions(engine, 0)
    assert row.minutes == pytest.approx((today - apart) * 43_200, rel=1e-9)


def test_illusions_follow_their_definition_on_random_systems() -> None:
    seen = 0
    for seed in range(600):
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        size = len(case.q)
        expected = {
            (v, place, s): tuple(m for m in members if m in oracles.down(case.groups, {s}))
            for v in range(size)
            for place, (k, members) in enumerate(case.groups[v])
            for s in range(size)
            if s != v
            and k < len(members)
            and sum(m in oracles.down(case.groups, {s}) for m in members) > len(members) - k
        }
        found = list(illusions(Prepared(case.system, DEFAULT_LIMITS), range(size)))
        assert {(i.consumer, i.group, i.shared): i.lost for i in found} == expected, seed
        assert len(found) == len(expected)
        seen += len(found)
    assert seen > 300


def test_beneath_a_scenario_only_what_still_stands_is_redundant() -> None:
    """With the third node down the other two are all that two of three can be: no redundancy, and no illusion of it."""
    parts = {
        "search": Part("100", [(1, ["n1", "n2", "n3"])]),
        "n1": Part("99"),
        "n2": Part("99", ["az-b"]),
        "n3": Part("99", ["az-b"]),
        "az-b": Part("99.9"),
    }
    found = model(parts)
    assert shared_by(found) == []
    assert shared_by(found, "n1") == [("az-b", ["n2", "n3"])]
    assert shared_by(found, "n1", "n2") == []
    assert shared_by(found, "az-b") == []


def shared_by(found: Model, *failed: str) -> list[tuple[str, list[str]]]:
    numbers = frozenset(found.number(key) for key in failed)
    prepared = Prepared(replace(found.system, failed=numbers), DEFAULT_LIMITS)
    keys = found.system.keys
    return [(keys[i.shared], found.keys(i.lost)) for i in illusions(prepared, range(len(keys)))]


def test_minutes_equal_the_enumeration_of_every_state_of_the_copies() -> None:
    seen = differing = 0
    for seed in range(500):
        case = sample(seed, entities=6, cyclic=seed % 2 == 1)
        found = list(illusions(Prepared(case.system, DEFAULT_LIMITS), range(len(case.q))))
        for illusion in found[:2]:
            own = as_shared(case.groups, illusion)
            members = case.groups[illusion.consumer][illusion.group][1]
            if len(case.q) + len(members) * len(own) > 10:
                continue
            assert copied(case.system, illusion) == own
            roots = [v for v in range(len(case.q)) if illusion.consumer in closure(case.system, v)]
            engine = Availability(case.system, [float(q) for q in case.q])
            lost = minutes_lost(engine, {illusion: roots})[illusion]
            now = oracles.unavailabilities(case.groups, case.q)
            then = with_copies(case, illusion, own)
            for root, minutes in zip(roots, lost, strict=True):
                expected = float((now[root] - then[root]) * 43_200)
                assert minutes == pytest.approx(expected, rel=1e-9, abs=1e-8), (seed, illusion, root)
                differing += expected != 0
            seen += 1
    assert seen > 25
    assert differing > 25


def as_shared(groups: oracles.Groups, illusion: Illusion) -> frozenset[int]:
    """The largest set around the shared entity, beneath it, that nothing outside of it needs; not the consumer."""
    reached = {illusion.shared}
    while more := {m for v in reached for _, members in groups[v] for m in members} - reached:
        reached |= more
    others = sorted(reached - {illusion.shared, illusion.consumer})
    needing = {v: {u for u in range(len(groups)) if any(v in members for _, members in groups[u])} for v in others}
    for size in range(len(others), -1, -1):
        for chosen in combinations(others, size):
            kept = {illusion.shared, *chosen}
            if all(needing[v] <= kept for v in chosen):
                return frozenset(kept)
    raise AssertionError


def with_copies(case: Sample, illusion: Illusion, own: Collection[int]) -> list[Fraction]:
    """P[v is down] where each member is seen in a view of its own, in which only the copies' faults are others.

    Every entity stands once in the plain view and once in the view of each member; whoever looks at the consumer looks
    at the plain one. What is no copy fails in all views at once.
    """
    size = len(case.q)
    members = case.groups[illusion.consumer][illusion.group][1]
    views = range(len(members) + 1)

    def seen(view: int, entity: int) -> int:
        return entity if entity == illusion.consumer else view * size + entity

    groups: list[list[tuple[int, list[int]]]] = []
    for view in views:
        for v in range(size):
            needs = []
            for place, (k, group) in enumerate(case.groups[v]):
                if (v, place) == (illusion.consumer, illusion.group):
                    needs.append((k, [seen(number, m) for number, m in enumerate(group, start=1)]))
                else:
                    needs.append((k, [seen(view, m) for m in group]))
            groups.append(needs)
    found = [Fraction(0)] * size
    for failed, weight in states(case.q, own, views):
        fallen = oracles.down(groups, failed)
        for v in range(size):
            if v in fallen:
                found[v] += weight
    return found


def states(q: tuple[Fraction, ...], own: Collection[int], views: range) -> Iterator[tuple[frozenset[int], Fraction]]:
    """Every set of failures in all views, with its probability: what is no copy is one variable, a copy one a view."""
    size = len(q)
    variables = [[view * size + v for view in views] for v in range(size) if v not in own]
    variables += [[view * size + v] for v in sorted(own) for view in views]
    chances = [q[places[0] % size] for places in variables]
    for state, weight in oracles.states(chances):
        yield frozenset(place for number in state for place in variables[number]), weight


def test_illusions_of_one_root_cost_the_same_however_many_share_a_system(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = 0
    for seed in range(80):
        case = sample(seed, entities=9, cyclic=seed % 2 == 1)
        engine = Availability(case.system, [float(q) for q in case.q])
        together = priced_illusions(engine, 0)
        monkeypatch.setattr(separation, "_MOST_ADDED", 0)
        alone = priced_illusions(engine, 0)
        monkeypatch.undo()
        assert {row.illusion for row in alone} == {row.illusion for row in together}
        minutes = {row.illusion: row.minutes for row in alone}
        for row in together:
            assert row.minutes == pytest.approx(minutes[row.illusion], rel=1e-9, abs=1e-8), (seed, row)
        seen += len(together) > 1
    assert seen > 10


def test_a_deadline_is_heard() -> None:
    def late() -> None:
        raise DeadlinePassed

    found = checkout()
    with pytest.raises(DeadlinePassed):
        priced_illusions(found.engine(), found.number("checkout"), late)
