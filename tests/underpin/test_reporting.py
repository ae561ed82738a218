"""`underpin report`: the same facts in every form, nothing left out, and an empty report that says so."""

import ast
import csv
import operator
import re
from fractions import Fraction
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


@pytest.mark.parametrize(("form", "name"), [("table", "commitments.txt"), ("markdown", "commitments.md")])
def test_the_verdicts_of_the_telling_example_are_explained_as_in_the_golden_file(form: str, name: str) -> None:
    done = in_process("report", "commitments", CHECKOUT, "--explain", "--format", form)
    assert done.stdout == (GOLDEN / name).read_text(encoding="utf-8")


FORMULA = re.compile(r"= ([0-9. ()/x+-]+?) = ([+-]?[0-9.]+) min")


def reckoned(formula: str) -> Fraction:
    """What a formula of numbers, + - x and brackets comes to, reckoned by Python's own parser in exact fractions."""
    operations = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            found: Fraction = operations[type(node.op)](value(node.left), value(node.right))
            return found
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        text = ast.get_source_segment(source, node)
        assert text is not None
        return Fraction(text)

    source = formula.replace("x", "*").strip()
    return value(ast.parse(source, mode="eval").body)


@pytest.mark.parametrize("example", [CHECKOUT, LARKSPUR])
def test_every_formula_of_an_explanation_comes_to_the_figure_beside_it(example: Path) -> None:
    told = [line for row in document("commitments", example, "--explain")["commitments"] for line in row["explanation"]]
    formulas = [found for line in told for found in FORMULA.findall(line)]
    assert len(formulas) >= 15
    for formula, figure in formulas:
        # Availabilities have 15 digits, of at most 50 000 minutes; figures are shown to 9 decimals.
        assert abs(reckoned(formula) - Fraction(figure)) < Fraction(1, 10**8), formula


def test_an_explanation_names_both_agreement_versions_and_both_budgets() -> None:
    gold = document("commitments", CHECKOUT, "--explain")["commitments"][0]
    text = "\n".join(gold["explanation"])
    # analyses.md, section 4: budget 43.2; psp_b 99.9: allow 43.20, headroom 0.00; PSP group guaranteed 21.60.
    assert "sla-gold version 1 (SLA of shop) promises 99.9 % availability of checkout." in text
    assert "Budget B_C = (1 - t_C) S_C = (1 - 0.999) x 43200 = 43.2 min." in text
    assert "uc-psp-b version 1 (UC of psp-b-inc) promises 99.9 %, own faults only, window calendar_month." in text
    assert "allow = b = (1 - 0.999) x 43200 = 43.2 min" in text
    assert "h = B_C - allow = 43.2 - 43.2 = +0 min" in text
    assert "the least of (21.6 + 43.2) / 2 and (21.6) / 1 = 21.6 min" in text
    assert "H_g = B_C - that = 43.2 - 69.12 = -25.92 min" in text


def test_an_explanation_of_windows_that_differ_shows_each_window_of_the_supplier(here: Path) -> None:
    # analyses.md, section 4: 99.9 % in rolling 28 days (40.32) against 99.9 % a calendar month, on 2026-07-15: the
    # budgets of July and August, 44.64 + 44.64 = 89.28, leave -48.96.
    text = SHOP.replace("min: 99.5%", "min: 99.9%, window: rolling_28d").replace("2026-06-30", "2026-07-15")
    row = document("commitments", written(here, "shop.yaml", text), "--explain")["commitments"][0]
    lines = [line.strip() for line in row["explanation"]]
    assert "allow = min(S_C = 40320, 44.64 + 44.64 + 0) = 89.28 min" in lines
    assert "h = B_C - allow = 40.32 - 89.28 = -48.96 min" in lines
    assert sum("b = (1 - 0.999) x 44640 = 44.64 min" in line for line in lines) == 2


def test_what_is_free_of_a_suppliers_promise_is_shown_apart(here: Path) -> None:
    # analyses.md, section 4: 24x7 99.9 % in June against 99.9 % Mon-Fri 8-18 (13 200 min): 13.2 + 30 000 uncovered.
    hours = "consumer: shop, service_hours: 'Mon-Fri 08:00-18:00', timezone: UTC, targets: [{covers: host"
    text = SHOP.replace("min: 99.5%", "min: 99.9%").replace("consumer: shop, targets: [{covers: host", hours)
    row = document("commitments", written(here, "shop.yaml", text), "--explain")["commitments"][0]
    told = "\n".join(row["explanation"])
    assert "b = (1 - 0.999) x 13200 = 13.2 min" in told
    assert "free of its promise (outside its hours, in its maintenance): 30000 min" in told
    assert "allow = min(S_C = 43200, 13.2 + 30000) = 30013.2 min" in told


def test_what_the_minutes_of_both_sides_are_made_of_is_shown(here: Path) -> None:
    # June 2026: 22 weekdays of 10 h, one of them closed, an hour on each of five Mondays, and 4 h in the month.
    ours = (
        "provider: shop, service_hours: 'Mon-Fri 08:00-18:00', timezone: UTC, holidays: ['2026-06-05'], "
        "maintenance: [{weekly: 'Mon 08:00-09:00'}, {allowance: 4 h, per: calendar_month}], excludes: [maintenance], "
    )
    theirs = (
        "consumer: shop, service_hours: 'Mon-Fri 08:00-18:00', timezone: Europe/Oslo, holidays: ['2026-06-04'], "
        "maintenance: [{weekly: 'Tue 08:00-09:00'}], excludes: [maintenance], targets: [{covers: host"
    )
    text = SHOP.replace("provider: shop, ", ours)
    text = text.replace("consumer: shop, targets: [{covers: host", theirs)
    row = document("commitments", written(here, "shop.yaml", text), "--explain")["commitments"][0]
    told = "\n".join(row["explanation"])
    assert "S_C = 13200 - 600 - 300 - 240 = 12060 min: service hours less 600 on holidays (2026-06-05), " in told
    assert "300 of its maintenance (Mon 08:00-09:00), " in told
    assert "240 of maintenance that it allows itself (240 min in each calendar_month)." in told
    assert (
        "      counted in its service hours Mon-Fri 08:00-18:00 but 2026-06-04 (Europe/Oslo), "
        "without its maintenance (Tue 08:00-09:00)" in told
    )


def test_a_chain_of_repair_times_is_explained_by_its_length(here: Path) -> None:
    # analyses.md, section 4: resolution 240 min; handoff 15 + OLA 30 + UC 180 = 225 leave +15.
    text = SHOP.replace("needs: [web]", "needs: [{entity: web, handoff: 15 min}]")
    for agreement, covers, minutes in (("sla, type: sla", "buy", 240), ("uc, type: uc", "host", 180)):
        more = f"{{covers: {covers}, metric: time_to_repair, max: {minutes} min, extent: end_to_end}}"
        text = re.sub(rf"(id: {agreement}.*targets: \[)", rf"\g<1>{more}, ", text)
    ola = "targets: [{covers: web, metric: time_to_repair, max: 30 min, extent: intrinsic}]"
    text += f"  - {{id: ola, type: ola, provider: shop, consumer: shop, {ola}}}\n"
    rows = document("commitments", written(here, "shop.yaml", text), "--explain")["commitments"]
    (row,) = [row for row in rows if row["entity"] == "buy" and row["metric"] == "time_to_repair"]
    assert (row["verdict"], row["expectedMinutes"]) == ("COVERED", "15")
    assert "    H_e = 240 - 225 = +15 min" in row["explanation"]
    told = "\n".join(row["explanation"])
    assert (
        "    buy hands over to web in 15 min.\n      ola version 1 (OLA of shop) promises <= 30 min, own faults only"
        in told
    )
    assert "    web hands over to host.\n      uc version 1 (UC of " in told
    assert "    15 + 30 + 180 = 225 min" in told


def test_a_chain_over_business_hours_shows_whose_hours_make_66_h_of_four(here: Path) -> None:
    # analyses.md, section 4: "4 business hours", Mon-Fri 08-18, from Friday 18:00 is 66 h, 3960 min round the clock.
    text = SHOP.replace(
        "consumer: shop, targets", "consumer: shop, service_hours: 'Mon-Fri 08:00-18:00', timezone: UTC, targets"
    )
    for agreement, covers, limit in (("sla, type: sla", "buy", 72), ("uc, type: uc", "host", 4)):
        more = f"{{covers: {covers}, metric: time_to_repair, max: {limit} h, extent: end_to_end}}"
        text = re.sub(rf"(id: {agreement}.*targets: \[)", rf"\g<1>{more}, ", text)
    rows = document("commitments", written(here, "shop.yaml", text), "--explain")["commitments"]
    (row,) = [row for row in rows if row["entity"] == "buy" and row["metric"] == "time_to_repair"]
    told = "\n".join(row["explanation"])
    assert "in its service hours Mon-Fri 08:00-18:00 (UTC):" in told
    assert "at the worst beginning 3960 min of the time that counts" in told
    assert "nothing is promised of web (NO_AGREEMENT), counted as 0 min" in told
    assert "    0 + 3960 = 3960 min" in told


def test_with_a_horizon_a_promise_is_shown_at_its_worst_in_it() -> None:
    # Larkspur's sign-in is THIN until uc-auth0 ends on 2027-01-31; without it a figure is missing: UNKNOWN.
    rows = {row["commitment"]: row for row in document("commitments", LARKSPUR, "--horizon", "365")["commitments"]}
    sign_in = rows["sla-retail/sign-in/availability/calendar_month"]
    assert (sign_in["verdict"], sign_in["worst"]["verdict"]) == ("THIN", "UNKNOWN")
    assert sign_in["worst"]["from"] == "2027-01-31T23:00:00+00:00"
    (row,) = [r for r in spreadsheet("commitments", LARKSPUR, "--horizon", "365") if r["entity"] == "sign-in"]
    assert (row["worst_verdict"], row["worst_from"]) == ("UNKNOWN", "2027-01-31T23:00:00+00:00")
    shown = in_process("report", "commitments", LARKSPUR, "--horizon", "365").stdout
    assert "UNKNOWN +27.87 min from 2027-02-01" in shown
    # Chosen by the worst in the horizon; a day before the end nothing of it is seen.
    unknown = document("commitments", LARKSPUR, "--horizon", "365", "--verdict", "unknown")["commitments"]
    assert "sign-in" in {row["entity"] for row in unknown}
    near = document("commitments", LARKSPUR, "--horizon", "215", "--verdict", "unknown")["commitments"]
    assert "sign-in" not in {row["entity"] for row in near}
