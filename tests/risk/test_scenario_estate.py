"""Scenarios over a made-up estate, beside the same model worked out anew and the structure function itself."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from benchmarks.estate import estate
from risk.assessment import Assessment
from risk.structure import down
from risk.supposed.operations import (
    AddEntity,
    AddRequirement,
    Fail,
    Operation,
    RemoveRequirement,
    ReplaceSupplier,
    Scenario,
)
from risk.terms import FailureLevel
from topology.facts import Fact
from topology.model import EntityKind, Extent, Target
from topology.snapshot import EMPTY, apply

AT = date(2026, 6, 30)


def own_faults(fact: Fact) -> Fact:
    said = fact.statement
    return replace(fact, statement=replace(said, extent=Extent.INTRINSIC)) if isinstance(said, Target) else fact


@pytest.fixture(scope="module")
def before() -> Assessment:
    """An estate of 300 entities whose contracts cover own faults: there is nothing to back out."""
    return Assessment(apply(EMPTY, map(own_faults, estate(300, 0.3, 5)), (), revision=1), AT)


def some(before: Assessment, count: int) -> list[tuple[Operation, ...]]:
    random, system = Random(3), before.system
    found: list[tuple[Operation, ...]] = []
    while len(found) < count:
        consumer, supplier = random.sample(range(len(system)), 2)
        one, other = system.keys[consumer], system.keys[supplier]
        plain = [system.keys[g.members[0]] for g in system.groups[consumer] if len(g.members) == 1]
        if other in plain or system.kinds[supplier] is EntityKind.TRANSACTION:
            continue
        found.append((AddRequirement(one, other),))
        if plain:
            found.append((RemoveRequirement(one, plain[0]),))
            found.append((AddEntity("mid", EntityKind.SERVICE), ReplaceSupplier(one, plain[0], "mid")))
    return found[:count]


def test_every_answer_is_that_of_the_changed_model_worked_out_anew(before: Assessment) -> None:
    for operations in some(before, 6):
        view = before.under(Scenario(operations))
        anew = Assessment(view.snapshot, AT)
        assert view.system == anew.system
        for key in view.snapshot.entities:
            one, other = view.composite(key), anew.composite(key)
            assert one.expected.q == pytest.approx(other.expected.q, rel=1e-12)
            assert one.guaranteed_floor.q == pytest.approx(other.guaranteed_floor.q, rel=1e-12)
            assert one.expected_success.q == pytest.approx(other.expected_success.q, rel=1e-12)
            assert (one.ceiling, one.missing, one.completeness) == (other.ceiling, other.missing, other.completeness)
        assert view.failures.single_points_of_estate() == anew.failures.single_points_of_estate()
        for commitment in view.promises.commitments()[:5]:
            assert view.promises.headroom(commitment.key).verdict is anew.promises.headroom(commitment.key).verdict
            assert view.promises.links(commitment.key) == anew.promises.links(commitment.key)


def test_what_falls_with_one_more_is_what_the_structure_function_says(before: Assessment) -> None:
    random, system = Random(4), before.system
    transactions = {n for n, kind in enumerate(system.kinds) if kind is EntityKind.TRANSACTION}
    for _ in range(4):
        failed = random.sample(range(len(system)), 3)
        view = before.under(Scenario(tuple(Fail(FailureLevel.ENTITY, system.keys[n]) for n in failed)))
        fallen = down(system, failed)
        expected = {}
        for entity in range(len(system)):
            stops = (down(system, [*failed, entity]) - fallen - {entity}) & transactions
            if stops:
                expected[entity] = tuple(sorted(stops))
        assert {point.entity: point.stops for point in view.failures.single_points_of_estate()} == expected


def test_a_common_cause_stays_as_its_unfailed_members_make_it(before: Assessment) -> None:
    """The least own q of a group makes its cause; that its holder has failed does not make the cause likelier."""
    beta = Decimal("0.1")
    groups = {
        consumer: tuple(replace(group, beta=beta) if len(group.members) > 1 else group for group in held)
        for consumer, held in before.snapshot.groups.items()
    }
    caused = Assessment(replace(before.snapshot, groups=groups), AT)
    system, random = caused.system, Random(6)
    for _ in range(10):
        key = system.keys[random.randrange(len(system))]
        view = caused.under(Scenario((Fail(FailureLevel.ENTITY, key),)))
        for number in view.system.consumers[system.index[key]][:2]:
            root = system.keys[number]
            assert view.composite(root).expected == caused.conditional(root, [key])
