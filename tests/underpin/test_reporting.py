"""`underpin report`: the same facts in every form, nothing left out, and an empty report that says so."""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.underpin.commands import in_process
from tests.underpin.companies import SHOP, components, said, written

CHECKOUT = ROOT / "examples" / "checkout" / "checkout.underpin.yaml"
LARKSPUR = ROOT / "examples" / "larkspur" / "larkspur.underpin.yaml"
GOLDEN = ROOT / "tests" / "golden"
GOLD = "sla-gold/checkout/availability/calendar_month"
KINDS = ("commitments", "gaps", "renewals")


def document(kind: str, *arguments: str | Path) -> Any:
    done = in_process("report", kind, *arguments, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    return said(done.stdout)


def spreadsheet(kind: str, *arguments: str | Path) -> list[dict[str, str]]:
    done = in_process("report", kind, *arguments, "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    return list(csv.DictReader(done.stdout.splitlines()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["table", "csv", "markdown", "json"])
def test_every_report_comes_in_every_form(kind: str, form: str) -> None:
    done = in_process("report", kind, LARKSPUR, "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) > 4


def test_the_promises_of_the_telling_example_with_the_figures_of_the_design() -> None:
    # analyses.md, section 4: budget 43.2; expected -4.3221, guaranteed -25.92.
    gold, data = spreadsheet("commitments", CHECKOUT)
    assert (gold["commitment"], gold["version"], gold["verdict"]) == (GOLD, "1", "SHORTFALL")
    assert (gold["promised"], gold["unit"], gold["window"]) == ("0.999", "ratio", "calendar_month")
    assert (gold["service_minutes"], gold["budget_minutes"], gold["guaranteed_minutes"]) == ("43200", "43.2", "-25.92")
    assert gold["expected_minutes"].startswith("-4.322140")
    assert gold["composite_ratio"].startswith("0.998899950454")
    assert (data["type"], data["verdict"], data["expected_minutes"]) == ("OLA", "COVERED", "0")


def test_the_gap_matrix_of_the_telling_example() -> None:
    # analyses.md, section 4: every contract is green, cloud-x has none, email is only soft.
    (row,) = spreadsheet("gaps", CHECKOUT)
    assert row == {
        "transaction": "checkout",
        "cdn": "COVERED",
        "cloud-x": "UNCOVERED",
        "email": "NOT_REQUIRED",
        "identity": "COVERED",
        "orders-db": "COVERED",
        "psp-a": "COVERED",
        "psp-b": "COVERED",
    }


@pytest.mark.parametrize(("form", "name"), [("csv", "gaps.csv"), ("markdown", "gaps.md")])
def test_the_gap_matrix_of_the_example_company_is_the_golden_one(form: str, name: str) -> None:
    done = in_process("report", "gaps", LARKSPUR, "--horizon", "365", "--format", form)
    assert done.stdout == (GOLDEN / name).read_text(encoding="utf-8")


def test_the_gap_matrix_has_every_link_of_every_commitment() -> None:
    found = document("gaps", LARKSPUR)
    cells = {(row, supplier): cell for row, line in found["matrix"].items() for supplier, cell in line.items()}
    for gap in found["gaps"]:
        beside = "" if "/availability/" in gap["commitment"] else " (latency_p95)"
        for row in gap["transactions"] or [gap["commitment"].split("/")[1]]:
            assert (f"{row}{beside}", gap["supplier"]) in cells
    # The example's expected answers: externals without a target in force, all on the path of a transaction.
    uncovered = {supplier for (_, supplier), cell in cells.items() if cell == "UNCOVERED"}
    assert {"checkoutcom-gateway", "fraud-scoring", "parcel-api"} <= uncovered | {
        supplier for (_, supplier), cell in cells.items() if cell == "UNKNOWN"
    }


def test_a_promise_of_another_metric_hides_none_of_availability() -> None:
    matrix = document("gaps", LARKSPUR)["matrix"]
    assert matrix["checkout"]["auth0-core"] == "COVERED"
    assert matrix["checkout (latency_p95)"]["auth0-core"] == "UNKNOWN"


def test_a_gap_that_lies_ahead_says_from_when() -> None:
    # uc-auth0 ends on 2027-01-31 and does not renew; the day after it is uncovered.
    assert document("gaps", LARKSPUR)["matrix"]["sign-in"]["auth0-core"] == "COVERED"
    ahead = document("gaps", LARKSPUR, "--horizon", "365")
    assert ahead["matrix"]["sign-in"]["auth0-core"] == "UNCOVERED from 2027-02-01"
    assert ahead["horizonDays"] == 365


def test_verdicts_narrow_a_report_in_whatever_case_they_are_written() -> None:
    found = document("gaps", LARKSPUR, "--verdict", "uncovered", "--verdict", "SHORTFALL")
    assert {gap["verdict"] for gap in found["gaps"]} == {"UNCOVERED", "SHORTFALL"}
    assert {cell for line in found["matrix"].values() for cell in line.values()} == {"UNCOVERED", "SHORTFALL"}
    thin = document("commitments", LARKSPUR, "--verdict", "thin")
    assert {row["verdict"] for row in thin["commitments"]} == {"THIN"}


def test_renewals_come_in_the_order_in_which_somebody_has_to_act() -> None:
    # The terms of Larkspur's contracts that end within a year of 2026-06-30, read from its file.
    rows = spreadsheet("renewals", LARKSPUR)
    assert [(row["agreement"], row["last_day"], row["state"]) for row in rows] == [
        ("uc-nordlink version 1", "2026-08-15", "ENDS"),
        ("uc-grubehall version 1", "2026-12-31", "ENDS"),
        ("uc-auth0 version 1", "2027-01-31", "ENDS"),
        ("sla-marketplace version 1", "2027-06-30", "ENDS"),
    ]
    assert rows[0]["commitments"] == "sla-retail/track-parcel/availability/calendar_month"
    assert spreadsheet("renewals", LARKSPUR, "--horizon", "46")[0]["agreement"] == "uc-nordlink version 1"
    assert spreadsheet("renewals", LARKSPUR, "--horizon", "45") == []


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("commitments", "No promise is stated, in an SLA or an OLA."),
        ("gaps", "No promise rests on a supplier."),
        ("renewals", "No agreement ends or has its notice due in that time."),
    ],
)
@pytest.mark.parametrize("form", ["table", "markdown"])
def test_an_empty_report_says_so(here: Path, kind: str, sentence: str, form: str) -> None:
    path = written(here, "a.yaml", components("acme", "one"))
    done = in_process("report", kind, path, "--format", form)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == sentence


def test_a_report_without_what_was_asked_for_names_it(here: Path) -> None:
    done = in_process("report", "gaps", written(here, "shop.yaml", SHOP), "--verdict", "uncovered")
    assert done.stdout.splitlines()[-1] == "No promise rests on a supplier with verdict UNCOVERED."


def test_a_report_of_the_store_is_that_of_its_files(here: Path) -> None:
    path = written(here, "shop.yaml", SHOP)
    assert in_process("import", "--store", "sqlite:x.db", path).returncode == 0
    for kind in KINDS:
        of_file, of_store = in_process("report", kind, path), in_process("report", kind, "--store", "sqlite:x.db")
        assert (of_file.stdout, of_file.returncode) == (of_store.stdout, 0)


def test_the_date_decides_which_contracts_apply() -> None:
    assert document("gaps", LARKSPUR, "--at", "2027-02-01")["matrix"]["sign-in"]["auth0-core"] == "UNCOVERED"
    assert document("gaps", LARKSPUR, "--at", "2027-01-31")["at"] == "2027-01-31"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("gaps", "x.yaml"), "error: 1 error; there is nothing sound to report"),
        (("gaps", "shop.yaml", "--horizon", "-1"), "error: Invalid value for '--horizon'"),
        (("gaps", "shop.yaml", "--horizon", "99999"), "error: "),
        (("gaps", "shop.yaml", "--verdict", "bad"), "error: Invalid value for '--verdict'"),
        (("commitments", "shop.yaml", "--format", "pdf"), "error: Invalid value for '--format'"),
        (("commitments", "shop.yaml", "--explain", "--format", "csv"), "error: "),
        (("prices",), "error: No such command 'prices'"),
        ((), "error: Missing command"),
    ],
)
def test_wrong_usage_is_one_sentence_and_code_2(here: Path, arguments: tuple[str, ...], expected: str) -> None:
    written(here, "shop.yaml", SHOP)
    done = in_process("report", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(expected)
