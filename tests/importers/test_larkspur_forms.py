"""The example company in its three forms: one content, with the counts that are told beside it."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from importers.importer import Reading, SourceFile, change_set
from tests.importers.sources import read_one, shown, statements
from topology.canonical import model_hash
from topology.facts import EntityStatement
from topology.model import Agreement, Degradation, Extent, Party, RequirementGroup, Target
from topology.planning import plan
from topology.snapshot import EMPTY

FORMS = {"yaml": "*.yaml", "xlsx": "*.xlsx", "csv": "*.csv"}


def read_form(larkspur: Path, form: str) -> Reading:
    return read_one([SourceFile(path.name, path.read_bytes()) for path in sorted(larkspur.glob(FORMS[form]))])


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_read_without_a_problem(larkspur: Path, form: str) -> None:
    reading = read_form(larkspur, form)
    assert shown(reading) == []
    assert reading.complete
    assert (reading.source, reading.scope, str(reading.as_of)) == ("larkspur-native", "", "2026-06-30")


def test_the_three_forms_state_the_same_facts(larkspur: Path) -> None:
    yaml, xlsx, csv = (statements(read_form(larkspur, form)) for form in FORMS)
    assert xlsx == yaml
    assert csv == yaml


def test_the_three_forms_have_one_model_hash(larkspur: Path) -> None:
    hashes = {model_hash(plan(EMPTY, change_set(read_form(larkspur, form))).after) for form in FORMS}
    assert len(hashes) == 1


@pytest.mark.parametrize("form", FORMS)
def test_the_counts_are_those_of_expected_json(larkspur: Path, form: str) -> None:
    expected = json.loads((larkspur / "expected.json").read_text(encoding="utf-8"))["counts"]
    said = [fact.statement for fact in read_form(larkspur, form).facts]
    groups = [s for s in said if isinstance(s, RequirementGroup)]
    agreements = [s for s in said if isinstance(s, Agreement)]
    entities = [s for s in said if isinstance(s, EntityStatement)]
    targets = [s for s in said if isinstance(s, Target)]
    assert sum(isinstance(s, Party) for s in said) == expected["parties"]
    assert len(entities) == expected["entities"]
    assert Counter(str(e.kind) for e in entities) == expected["by_kind"]
    assert len(groups) == expected["requirement_groups"]
    assert sum(len(g.members) for g in groups) == expected["requirement_edges"]
    shapes = Counter("single" if len(g.members) == 1 else f"{g.required} of {len(g.members)}" for g in groups)
    assert shapes == expected["group_kinds"]
    assert sum(isinstance(s, Degradation) for s in said) == expected["degrade_edges"]
    assert len(agreements) == expected["agreements"]
    assert Counter(str(a.type) for a in agreements) == expected["by_type"]
    assert len(targets) == expected["targets"]
    assert sum(len(t.credits) for t in targets) == expected["credit_tiers"]


@pytest.mark.parametrize("form", FORMS)
def test_the_summary_tells_what_is_absent(larkspur: Path, form: str) -> None:
    reading = read_form(larkspur, form)
    assert (reading.counts["entities"], reading.counts["dependencies"]) == (54, 71)
    # checkoutcom-gateway and parcel-api have no figure; the contract about fraud-scoring ended on 2026-03-31.
    assert reading.absent == ("3 externals without any figure", "4 entities without an owner")


def test_defaults_are_resolved_on_reading(larkspur: Path) -> None:
    said = statements(read_form(larkspur, "yaml"))
    agreement = said["agreement", "uc-auth0", "1"]
    assert isinstance(agreement, Agreement)
    assert (agreement.timezone, agreement.service_hours, agreement.claim_within) == (
        "Europe/Oslo",
        "24x7",
        Decimal(14400),
    )
    own = said["target", "ola-data", "1", "orders", "availability", "calendar_month"]
    bought = said["target", "uc-auth0", "1", "auth0-core", "availability", "calendar_month"]
    assert isinstance(own, Target)
    assert isinstance(bought, Target)
    assert (own.extent, bought.extent) == (Extent.INTRINSIC, Extent.END_TO_END)
    assert [(t.below, t.share_of_fee) for t in bought.credits][:2] == [
        (Decimal("0.9999"), Decimal("0.05")),
        (Decimal("0.999"), Decimal("0.1")),
    ]


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ("yaml", "larkspur.underpin.yaml:58:103"),
        ("xlsx", "larkspur.underpin.xlsx:requirements!D31"),
        ("csv", "requirements.csv:D31"),
    ],
)
def test_every_fact_tells_its_place(larkspur: Path, form: str, place: str) -> None:
    facts = {fact.id: fact for fact in read_form(larkspur, form).facts}
    assert str(facts["group", "payments", "", "payment-router"].place) == place
