"""The example company's promises against the figures that ship with it (`expected.json`)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from importers.importer import SourceFile, change_set
from importers.native.native_importer import NativeImporter
from risk.assessment import Assessment
from risk.results import Finding
from risk.terms import FindingCode, ReasonCode, Verdict
from tests.risk.estates import OLA, SLA
from topology.changes import ChangeSet
from topology.facts import Fact
from topology.model import AgreementType, EntityKind, Extent, Target
from topology.planning import plan
from topology.snapshot import EMPTY

AS_OF = date(2026, 6, 30)
# The data round to four digits of a percent where promises count as own faults, and to six where they cover suppliers.
INTRINSIC_DIGITS, ALL_IN_DIGITS = Decimal("0.00001"), Decimal("0.000001")


@pytest.fixture(scope="module")
def expected(larkspur: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((larkspur / "expected.json").read_text())
    return found


@pytest.fixture(scope="module")
def change(larkspur: Path) -> ChangeSet:
    name = "larkspur.underpin.yaml"
    (reading,) = NativeImporter().read([SourceFile(name, (larkspur / name).read_bytes())])
    assert reading.problems == ()
    return change_set(reading)


@pytest.fixture(scope="module")
def all_in(change: ChangeSet) -> Assessment:
    return Assessment(plan(EMPTY, change).after, AS_OF)


@pytest.fixture(scope="module")
def intrinsic(change: ChangeSet) -> Assessment:
    """The same company with every contract's promise read as the vendor's own faults only."""

    def own_faults(fact: Fact) -> Fact:
        said = fact.statement
        return replace(fact, statement=replace(said, extent=Extent.INTRINSIC)) if isinstance(said, Target) else fact

    facts = tuple(own_faults(fact) for fact in change.facts)
    return Assessment(plan(EMPTY, replace(change, facts=facts)).after, AS_OF)


def headrooms(found: Assessment, digits: Decimal) -> list[dict[str, object]]:
    """Commitments of availability, worst first, as the data give them: percents, headroom in percentage points."""
    rows: list[tuple[Decimal, dict[str, object]]] = []
    for commitment in found.promises.commitments((SLA, OLA)):
        minutes = found.promises.headroom(commitment.key).expected_minutes
        if minutes is None:
            continue
        window = found.promises.headroom(commitment.key).window
        assert window is not None
        points = 100 * minutes / window.service_minutes
        promised = 100 * commitment.target.value
        row: dict[str, object] = {
            "agreement": commitment.agreement.key,
            "covers": commitment.entity,
            "promised": float(promised),
            "composite": float((promised + points).quantize(digits)),
            "headroom_pp": float(points.quantize(digits)),
        }
        rows.append((points, row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def test_headroom_with_promises_that_cover_their_suppliers(all_in: Assessment, expected: Mapping[str, Any]) -> None:
    assert headrooms(all_in, ALL_IN_DIGITS) == expected["headroom_all_in"]


def test_headroom_with_promises_read_as_own_faults(intrinsic: Assessment, expected: Mapping[str, Any]) -> None:
    assert headrooms(intrinsic, INTRINSIC_DIGITS) == expected["headroom"]


@pytest.mark.parametrize("reading", ["composite_all_in_percent", "composite_exact_percent"])
def test_composites_of_transactions_and_services(
    all_in: Assessment, intrinsic: Assessment, expected: Mapping[str, Any], reading: str
) -> None:
    found = all_in if reading == "composite_all_in_percent" else intrinsic
    percents = {key: float(found.composite(key).expected.percent.quantize(ALL_IN_DIGITS)) for key in expected[reading]}
    assert percents == expected[reading]


def findings(found: Assessment, code: FindingCode) -> list[Finding]:
    return [finding for finding in found.findings() if finding.code is code]


def subjects(found: Assessment, code: FindingCode) -> list[str]:
    return [finding.subject for finding in findings(found, code)]


def test_gaps(all_in: Assessment, expected: Mapping[str, Any]) -> None:
    gaps = expected["gaps"]
    assert subjects(all_in, FindingCode.SUPPLIER_UNCOVERED) == gaps["external_without_in_force_availability_target"]
    assert subjects(all_in, FindingCode.SUPPLIER_UNCOVERED) == gaps["on_path_of_a_transaction"]
    assert subjects(all_in, FindingCode.SERVICE_WITHOUT_OLA) == gaps["services_without_ola"]
    promised = {commitment.entity for commitment in all_in.promises.commitments((SLA,))}
    transactions = {k for k, e in all_in.snapshot.entities.items() if e.kind is EntityKind.TRANSACTION}
    assert sorted(transactions - promised) == gaps["transactions_without_sla"]


def test_own_figures_that_nobody_states(all_in: Assessment, expected: Mapping[str, Any]) -> None:
    unknown = expected["own_availability_unknown_assumed_100"]
    assert subjects(all_in, FindingCode.MISSING_FIGURE) == unknown
    reasons = {key: all_in.own_figure(key).missing for key in unknown}
    assert reasons == {
        "checkoutcom-gateway": ReasonCode.NO_TARGET,
        "fraud-scoring": ReasonCode.EXPIRED,
        "parcel-api": ReasonCode.NO_FIGURE,
    }
    assert {m.entity for m in all_in.composite("checkout").missing} == {
        "checkoutcom-gateway",
        "fraud-scoring",
        "notifications",  # the loss of a degradation that the file does not state
    }


def test_the_expired_contract(all_in: Assessment, expected: Mapping[str, Any]) -> None:
    standings = all_in._ground.index().standings
    expired = [key for key, held in standings.items() if ReasonCode.EXPIRED in held.reasons]
    assert expired == expected["expired"]
    link = next(link for link in all_in.promises.links(MARKETPLACE) if link.supplier == "fraud-scoring")
    assert (link.verdict, link.reasons) == (Verdict.UNCOVERED, (ReasonCode.EXPIRED,))


MARKETPLACE = "sla-marketplace/checkout/availability/calendar_month"


def test_promises_that_exceed_what_their_needs_allow(all_in: Assessment, expected: Mapping[str, Any]) -> None:
    exceeding = expected["promise_exceeds_what_its_needs_allow"]
    found = findings(all_in, FindingCode.PROMISE_EXCEEDS_SUPPLY)
    assert [finding.subject for finding in found] == list(exceeding)
    for finding in found:
        figures = exceeding[finding.subject]
        points = figures["promised_percent"] - figures["needs_deliver_at_most_percent"]
        assert float(finding.minutes or 0) == pytest.approx(points / 100 * 43_200, abs=1e-6)
        assert f"at most {figures['needs_deliver_at_most_percent']:g} %" in finding.message


def test_what_nothing_refers_to(all_in: Assessment, expected: Mapping[str, Any]) -> None:
    assert subjects(all_in, FindingCode.ORPHAN) == expected["unreferenced_external"]


def test_counts(all_in: Assessment, expected: Mapping[str, Any]) -> None:
    snapshot, counts = all_in.snapshot, expected["counts"]
    groups = [group for held in snapshot.groups.values() for group in held]
    versions = [version for held in snapshot.agreements.values() for version in held]
    targets = [target for held in snapshot.targets.values() for target in held]
    kinds = [entity.kind for entity in snapshot.entities.values()]
    shapes = [f"{g.required} of {len(g.members)}" if len(g.members) > 1 else "single" for g in groups]
    assert {
        "parties": len(snapshot.parties),
        "entities": len(snapshot.entities),
        "by_kind": {str(kind): kinds.count(kind) for kind in EntityKind},
        "requirement_groups": len(groups),
        "requirement_edges": sum(len(group.members) for group in groups),
        "group_kinds": {shape: shapes.count(shape) for shape in ("single", "1 of 2", "2 of 3")},
        "degrade_edges": sum(map(len, snapshot.degradations.values())),
        "agreements": len(versions),
        "by_type": {str(t): sum(v.type is t for v in versions) for t in (SLA, OLA, AgreementType.UC)},
        "targets": len(targets),
        "credit_tiers": sum(len(target.credits) for target in targets),
    } == counts


def test_the_hours_of_the_expired_contract_would_leave_a_gap(change: ChangeSet) -> None:
    """On 31 March 2026 it is in force, Monday to Friday 8 to 18 in Oslo, whose March has 44 580 minutes."""
    march = Assessment(plan(EMPTY, change).after, date(2026, 3, 31))
    link = next(link for link in march.promises.links(MARKETPLACE) if link.supplier == "fraud-scoring")
    # 22 weekdays of 600 minutes; 0.1 % of those, and every other minute of the month.
    assert link.allowance == Decimal("13.2") + 44_580 - 13_200
    assert ReasonCode.HOURS_GAP in link.reasons
    assert link.verdict is Verdict.SHORTFALL
    assert march.promises.commitment(MARKETPLACE).budget == Decimal("22.29")


def test_contracts_that_end_are_told_before_they_do(all_in: Assessment, expected: Mapping[str, Any]) -> None:
    parcel = "sla-retail/track-parcel/availability/calendar_month"
    links = {link.supplier: link for link in all_in.promises.links(parcel)}
    ending = {
        link.agreement.key
        for link in links.values()
        if ReasonCode.EXPIRES_BEFORE_COMMITMENT in link.reasons and link.agreement is not None
    }
    assert ending == {*expected["ending_within_60_days"], "uc-grubehall"}


def test_the_worst_promise_comes_first(all_in: Assessment) -> None:
    assert [c.key for c in all_in.promises.commitments()][:3] == [
        MARKETPLACE,
        "sla-retail/checkout/availability/calendar_month",
        "sla-marketplace/refund/availability/calendar_month",
    ]
    assert all_in.promises.commitments()[-1].key == "sla-marketplace/checkout/latency_p95/calendar_month"


def test_verdicts_tell_what_is_short_from_what_is_not_known(all_in: Assessment) -> None:
    verdicts = {c.key: all_in.promises.headroom(c.key).verdict for c in all_in.promises.commitments((SLA, OLA))}
    short = [key for key, verdict in verdicts.items() if verdict is Verdict.SHORTFALL]
    assert short == subjects_by_headroom(all_in, FindingCode.PROMISE_IN_SHORTFALL)
    assert verdicts["sla-retail/track-parcel/availability/calendar_month"] is Verdict.UNKNOWN
    assert verdicts["sla-retail/sign-in/availability/calendar_month"] is Verdict.THIN
    assert verdicts["ola-data/catalog/availability/calendar_month"] is Verdict.COVERED


def subjects_by_headroom(found: Assessment, code: FindingCode) -> list[str]:
    return [f.subject for f in sorted(findings(found, code), key=lambda f: -(f.minutes or 0))]
