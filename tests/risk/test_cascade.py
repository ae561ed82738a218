"""Cascades against an outage simulated by the clock, and the worked figures of section 5."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random

from risk.cascade import Cascade, cascade
from risk.graph import Group, SoftEdge, System, assembled
from risk.limits import DEFAULT_LIMITS
from risk.new_single_points import new_single_points
from risk.onset import waiting
from risk.reduced.prepared import Prepared
from risk.terms import ImpactState
from tests import oracles
from tests.risk import simulation
from tests.risk.simulation import Estate, Fate, random_estate
from tests.strategies import as_decimal


def engine_system(estate: Estate) -> System:
    """The engine's form of an estate."""
    return assembled(
        tuple(f"e{v:03}" for v in range(len(estate.groups))),
        tuple(
            tuple(Group(k, tuple(u for u, _ in ms), tuple(Decimal(t) for _, t in ms)) for k, ms in own)
            for own in estate.groups
        ),
        tuple(
            tuple(SoftEdge(u, None if d is None else as_decimal(d), Decimal(t)) for u, d, t in own)
            for own in estate.soft
        ),
    )


def outage(system: System, failed: list[int], minutes: int | None = None) -> Cascade:
    return cascade(system, waiting(system), failed, None if minutes is None else Decimal(minutes))


def fates(found: Cascade) -> dict[int, Fate]:
    """What a cascade says, in the simulation's words."""
    said = {
        row.entity: Fate(row.state.name, int(row.onset), None if row.loss is None else Fraction(row.loss), row.margin)
        for row in found.impacts
    }
    return said | {row.entity: Fate("UP", None, None, row.margin) for row in found.spared}


def test_states_onsets_losses_and_margins_are_those_of_an_outage_by_the_clock() -> None:
    seen: dict[str, int] = {}
    for seed in range(1500):
        estate = random_estate(seed, unstated=0.2 if seed % 3 == 0 else 0.0)
        random = Random(seed)
        failed = [v for v in range(len(estate.groups)) if random.random() < 0.25]
        minutes = random.choice((None, 0, 1, 3, 5, 8, 12, 20))
        expected = simulation.fates(estate, failed, minutes)
        assert fates(outage(engine_system(estate), failed, minutes)) == expected, seed
        for fate in expected.values():
            seen[fate.state] = seen.get(fate.state, 0) + (fate.onset != 0)
    assert min(seen.values()) > 50, seen
    assert seen.keys() == {"UP", "AT_RISK", "DEGRADED", "DOWN"}


def test_every_witness_is_a_shortest_chain_of_causes() -> None:
    for seed in range(700):
        estate = random_estate(seed, unstated=0.1)
        random = Random(seed)
        failed = [v for v in range(len(estate.groups)) if random.random() < 0.3]
        minutes = random.choice((None, 5, 12))
        system = engine_system(estate)
        found = outage(system, failed, minutes)
        assert {row.entity: row.distance for row in found.impacts} == simulation.distances(estate, failed, minutes)
        rows = {row.entity: row for row in found.impacts}
        for row in found.impacts:
            chain = row.witness
            assert chain[0] in failed
            assert (chain[-1], len(chain)) == (row.entity, row.distance + 1)
            for supplier, consumer in pairwise(chain):
                is_hard = supplier in system.suppliers(consumer)
                assert is_hard or supplier in {edge.supplier for edge in system.soft[consumer]}
                assert rows[supplier].state is ImpactState.DOWN or rows[consumer].state is ImpactState.DEGRADED


def test_what_a_scenario_has_failed_is_how_things_stand_when_the_outage_begins() -> None:
    """What is down in the view is as good as failed, and whoever needs it has long stopped tolerating its loss."""
    seen, waited = 0, 0
    for seed in range(1000):
        estate = random_estate(seed, unstated=0.1)
        random = Random(seed)
        size = len(estate.groups)
        scenario = {v for v in range(size) if random.random() < 0.15}
        failed = [v for v in range(size) if random.random() < 0.15]
        minutes = random.choice((None, 0, 1, 3, 5, 8, 12))
        before = oracles.down([[(k, [u for u, _ in ms]) for k, ms in own] for own in estate.groups], scenario)
        standing = Estate(
            tuple(
                tuple((k, tuple((u, 0 if u in before else t) for u, t in ms)) for k, ms in own) for own in estate.groups
            ),
            tuple(tuple((u, d, 0 if u in before else t) for u, d, t in own) for own in estate.soft),
        )
        system = replace(engine_system(estate), failed=frozenset(scenario))
        found = outage(system, failed, minutes)
        assert fates(found) == simulation.fates(standing, before.union(failed), minutes), seed
        assert set(found.failed) == scenario.union(failed)
        all_failed = scenario.union(failed)
        if minutes != 0:
            distances = simulation.distances(standing, all_failed, minutes)
            assert {row.entity: row.distance for row in found.impacts} == distances, seed
        for row in found.impacts:
            assert row.witness[0] in all_failed
            assert (row.witness[-1], len(row.witness)) == (row.entity, row.distance + 1)
            seen += row.entity in before - scenario
        waited += fates(found) != fates(outage(engine_system(estate), [*scenario, *failed], minutes))
    assert seen > 100
    assert waited > 50


def test_new_single_points_are_those_of_what_is_left_while_the_outage_lasts() -> None:
    """Whoever is up needs as many of what is left as before, or all of it where only its tolerance keeps it up."""
    seen = 0
    for seed in range(600):
        estate = random_estate(seed)
        random = Random(seed)
        size = len(estate.groups)
        failed = [v for v in range(size) if random.random() < 0.2]
        sold = frozenset(v for v in range(size) if random.random() < 0.7)
        system = engine_system(estate)
        happened = outage(system, failed, random.choice((None, 4, 8)))
        found = new_single_points(Prepared(system, DEFAULT_LIMITS), happened.down, sold)
        plain = [[(k, [u for u, _ in ms]) for k, ms in own] for own in estate.groups]
        left = [[(k, [u for u in ms if u not in happened.down]) for k, ms in own] for own in plain]
        held = [
            [(min(k, len(ms)), ms) for k, ms in own] if v not in happened.down else [] for v, own in enumerate(left)
        ]
        expected = {
            s: tuple(sorted(stopped))
            for s in set(range(size)) - happened.down
            if (stopped := (oracles.down(held, {s}) - oracles.down(plain, {s}) - happened.down) & sold)
        }
        assert {row.entity: row.transactions for row in found} == expected, seed
        seen += len(expected)
    assert seen > 50
