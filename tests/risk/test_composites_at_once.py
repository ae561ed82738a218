"""Composites of all entities at once, and what another revision or a scenario takes over of them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from risk.assessment import Assessment
from risk.assessments import Assessments
from risk.supposed.operations import Fail, Scenario, SetGroup, SetOwnAvailability
from risk.terms import (
    FailureLevel,
)
from tests.risk.estates import JUNE, assess, checkout, entity, estate
from tests.statements import needs
from topology.errors import UnknownKey
from topology.model import Member, RequirementGroup


def test_composites_at_once_are_those_of_one_after_another_and_stay_known() -> None:
    found, alone = assess(*checkout()), assess(*checkout())
    at_once = found.composites()
    assert list(at_once) == sorted(found.snapshot.entities)
    for key, composite in at_once.items():
        assert Decimal(repr(composite.unavailability)) == pytest.approx(1 - alone.composite(key).expected.ratio)
        assert found.composite(key) == alone.composite(key)
    some = found.composites(["web", "api", "web"])
    assert list(some) == ["api", "web"]
    assert some["web"] is at_once["web"]
    with pytest.raises(UnknownKey):
        found.composites(["web", "nobody"])


def test_another_revision_takes_over_what_it_does_not_change_and_answers_as_if_it_had_not() -> None:
    before = assess(*checkout())
    before.composites()
    worse = (*checkout(), entity("aaa", percent="99"), needs("web", "aaa"))
    after, afresh = Assessment(estate(*worse), JUNE, before=before), assess(*worse)
    known = after._ground.view().backed_out.availability.known()
    kept = {after.key_of(number) for number in known}
    assert kept == set(before.snapshot.entities) - {"web", "checkout"}
    assert after.composites() == afresh.composites()
    assert after.composite("checkout") == afresh.composite("checkout") != before.composite("checkout")
    assert after.composite("payments") == before.composite("payments")


def test_the_assessments_of_a_store_take_over_from_one_another() -> None:
    kept, snapshot = Assessments(), estate(*checkout())
    first = kept.of(snapshot, JUNE)
    first.composites()
    # Another revision of the same model: nothing has changed.
    second = kept.of(replace(snapshot, revision=2), JUNE)
    assert len(second._ground.view().backed_out.availability.known()) == len(snapshot.entities)
    assert second.composite("checkout") == first.composite("checkout")


def test_composites_under_a_scenario_are_those_of_the_changed_graph() -> None:
    # analyses.md, section 3: with psp_a down A = 0.997901549455.
    under = assess(*checkout()).under(Scenario((Fail(FailureLevel.ENTITY, "psp-a"),)))
    found = under.composites()
    assert f"{1 - found['checkout'].unavailability:.12f}" == "0.997901549455"
    assert found["psp-a"].unavailability == 1
    assert f"{1 - found['web'].unavailability:.12f}" == "0.999700029999"


def test_a_scenario_is_felt_by_all_who_share_a_common_cause_with_what_it_changes() -> None:
    """The reader needs two members of the writer's group, and neither the writer nor the third member."""
    members = [entity(key, percent="90") for key in ("m1", "m2")]
    ends = [entity("writer", percent="100"), entity("reader", percent="100")]
    groups = (
        RequirementGroup("writer", 2, tuple(map(Member, ("m1", "m2", "m3"))), "three", beta=Decimal("0.5")),
        RequirementGroup("reader", 1, tuple(map(Member, ("m1", "m2"))), "two"),
    )
    before = assess(*members, entity("m3", percent="90"), *ends, *groups)
    # q_c = .5 x .1 = .05, each keeps 1 - .9/.95: .05 + .95 x (.05/.95)^2; with m3 at 98 %: q_c = .01, 1 - .9/.99.
    assert 1 - float(before.composite("reader").expected.ratio) == pytest.approx(0.05 + 0.05**2 / 0.95)
    under = before.under(Scenario((SetOwnAvailability("m3", Decimal("0.98")),)))
    assert 1 - float(under.composite("reader").expected.ratio) == pytest.approx(0.01 + 0.09**2 / 0.99)
    removed = before.under(Scenario((SetGroup("writer", "three", 2, ("m2", "m3")),)))
    # m1 shares the cause no longer: it and m2 fail independently, each as often as before.
    assert 1 - float(removed.composite("reader").expected.ratio) == pytest.approx(0.01)
