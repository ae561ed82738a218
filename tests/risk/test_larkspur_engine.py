"""The example company: composites both ways, single points, hidden ones, vendors, promises that exceed their supply."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from risk.agreements.choice import AgreementIndex
from risk.availability import Availability
from risk.backing_out import back_out
from risk.graph import System
from risk.single_points import SinglePoint, estate_single_points, failure_sets, single_points
from risk.terms import FailureLevel
from tests.risk.models import Model, intrinsic
from tests.risk.models import larkspur as larkspur_model
from topology.snapshot import EMPTY

NO_AGREEMENTS = AgreementIndex(EMPTY, date(2026, 6, 30))


@pytest.fixture(scope="module")
def promised(larkspur: Path) -> Model:
    return larkspur_model(larkspur)


@pytest.fixture(scope="module")
def expected(larkspur: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((larkspur / "expected.json").read_text(encoding="utf-8"))
    return found


def composites(found: Model) -> dict[str, float]:
    engine = back_out(found.system, found.figures).availability
    return {key: round(100 * (1 - engine.composite(n).unavailability), 6) for n, key in enumerate(found.system.keys)}


def test_composites_with_promises_read_as_own_faults_only(promised: Model, expected: Mapping[str, Any]) -> None:
    found = composites(intrinsic(promised))
    figures = expected["composite_exact_percent"]
    assert {key: found[key] for key in figures} == figures


def test_composites_with_promises_that_cover_their_suppliers(promised: Model, expected: Mapping[str, Any]) -> None:
    found = composites(promised)
    figures = expected["composite_all_in_percent"]
    assert {key: found[key] for key in figures} == figures


def test_promises_that_exceed_what_their_needs_allow(promised: Model, expected: Mapping[str, Any]) -> None:
    found = {
        promised.system.keys[row.entity]: {
            "promised_percent": round(100 * (1 - row.promised), 6),
            "needs_deliver_at_most_percent": round(100 * (1 - row.supplied), 6),
        }
        for row in back_out(promised.system, promised.figures).exceeded
    }
    assert found == expected["promise_exceeds_what_its_needs_allow"]


def points(found: Model, root: str, level: FailureLevel = FailureLevel.ENTITY) -> tuple[SinglePoint, ...]:
    sets = failure_sets(NO_AGREEMENTS, found.system, level)
    return single_points(found.engine(), sets, found.number(root), found.transactions)


def test_single_points_and_those_hidden_behind_redundancy(promised: Model, expected: Mapping[str, Any]) -> None:
    for root, keys in expected["spof"].items():
        found = points(promised, root)
        assert sorted(point.subject for point in found) == keys
        assert sorted(p.subject for p in found if p.hidden) == expected["hidden_spof_behind_redundancy"][root]


def test_vendors_that_stop_an_entity_with_all_their_externals(promised: Model, expected: Mapping[str, Any]) -> None:
    for root, vendors in expected["vendor_level_spof"].items():
        assert sorted(p.subject for p in points(promised, root, FailureLevel.VENDOR)) == vendors


def test_the_estate_lists_what_each_point_stops(promised: Model, expected: Mapping[str, Any]) -> None:
    engine = promised.engine()
    sets = failure_sets(NO_AGREEMENTS, promised.system, FailureLevel.ENTITY)
    rows = estate_single_points(engine, sets, promised.transactions)
    transactions = ("browse", "checkout", "refund", "sign-in", "track-parcel")
    table: dict[str, list[str]] = {}
    for root in transactions:
        for key in expected["spof"][root]:
            table.setdefault(key, []).append(root)
    assert {row.subject: promised.keys(row.stops) for row in rows} == table
    assert rows[0].subject == "aws-region"
    assert [len(row.stops) for row in rows] == sorted((len(row.stops) for row in rows), reverse=True)


def test_a_failure_domain_is_an_entity_of_kind_infrastructure(promised: Model) -> None:
    found = points(promised, "checkout", FailureLevel.FAILURE_DOMAIN)
    assert [(point.subject, point.entity) for point in found] == [("az-a", promised.number("az-a"))]


def test_the_minutes_of_a_vendor_are_those_that_its_faultlessness_would_gain(promised: Model) -> None:
    engine = promised.engine()
    root = promised.number("notifications")
    (twilio,) = points(promised, "notifications", FailureLevel.VENDOR)
    without = without_vendor(promised.system, promised.own, "twilio")
    gained = (
        engine.composite(root).unavailability - Availability(promised.system, without).composite(root).unavailability
    )
    assert twilio.minutes == pytest.approx(gained * 43_200)
    assert not twilio.structural


def without_vendor(system: System, own: list[float], vendor: str) -> list[float]:
    return [0.0 if provider == vendor else q for q, provider in zip(own, system.providers, strict=True)]


def test_a_vendor_is_no_single_point_of_its_own_only_external(promised: Model) -> None:
    assert "newrelic" not in {p.subject for p in points(promised, "newrelic-apm", FailureLevel.VENDOR)}
