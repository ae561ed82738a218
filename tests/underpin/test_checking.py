"""`underpin check`: promises and findings of files or of a store, for a person, a machine and a pipeline."""

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.underpin.commands import Underpin, in_process
from tests.underpin.companies import SHOP, components, said, written

CHECKOUT = ROOT / "examples" / "checkout" / "checkout.underpin.yaml"
LARKSPUR = ROOT / "examples" / "larkspur" / "larkspur.underpin.yaml"


def test_the_telling_example_is_in_shortfall_by_the_minutes_of_the_design() -> None:
    # analyses.md, section 4: expected -4.3221, guaranteed -25.92; section 2: A = 0.998899950455.
    done = in_process("check", "--json", CHECKOUT)
    answer = said(done.stdout)
    assert done.returncode == 1
    assert (answer["at"], answer["shortfalls"]) == ("2026-06-30", 1)
    gold = answer["promises"][0]
    assert gold["commitment"] == "sla-gold/checkout/availability/calendar_month"
    assert gold["verdict"] == "SHORTFALL"
    assert gold["expectedMinutes"].startswith("-4.3221403")
    assert float(gold["guaranteedMinutes"]) == -25.92
    assert gold["compositeRatio"].startswith("0.998899950454")
    assert "GUARANTEED_SHORTFALL" in gold["reasons"]


def test_a_company_whose_promises_hold_ends_with_0(here: Path) -> None:
    done = in_process("check", written(here, "shop.yaml", SHOP))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "As of 2026-06-30: 3 entities, 2 agreements."
    # 0.9999 x 0.999 = 0.9989001; 99.89001 % - 99.5 % of June's 43 200 minutes = +168.48 min, rounded down.
    assert lines[3].split() == ["SLA", "sla", "buy", "99.5", "%", "99.8900", "%", "+168.48", "min", "COVERED"]
    assert lines[-1] == "0 of 1 promise in SHORTFALL."


def test_a_shortfall_ends_with_1_from_files_and_from_the_store_alike(here: Path) -> None:
    short = written(here, "shop.yaml", SHOP.replace("min: 99.5%", "min: 99.95%"))
    assert in_process("import", "--store", "sqlite:x.db", short).returncode == 0
    of_file, of_store = in_process("check", short), in_process("check", "--store", "sqlite:x.db")
    assert (of_file.returncode, of_store.returncode) == (1, 1)
    assert of_file.stdout == of_store.stdout


def test_an_ola_is_a_promise_too(here: Path) -> None:
    text = (
        SHOP + "  - {id: ola, type: ola, provider: shop, targets: [{covers: buy, metric: availability, min: 99.99%}]}\n"
    )
    done = in_process("check", "--json", written(here, "shop.yaml", text))
    assert done.returncode == 1
    assert [promise["type"] for promise in said(done.stdout)["promises"]] == ["OLA", "SLA"]


def test_the_date_is_the_option_then_the_variable_then_what_the_files_describe(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(here, "shop.yaml", SHOP)
    later = written(here, "later.yaml", components("later", "x").replace("2026-06-30", "2026-07-31"))

    def date_of(*arguments: str | Path) -> object:
        return said(in_process("check", "--json", *arguments).stdout)["at"]

    assert date_of(path) == "2026-06-30"
    assert date_of(path, later) == "2026-07-31"
    monkeypatch.setenv("UNDERPIN_AT", "2026-01-01")
    assert date_of(path) == "2026-01-01"
    assert date_of(path, "--at", "2025-12-24") == "2025-12-24"


def test_findings_are_listed_worst_first() -> None:
    lines = in_process("check", LARKSPUR).stdout.splitlines()
    found = [line.split()[0] for line in lines if line.startswith(("  ERROR", "  WARNING", "  NOTICE"))]
    assert found == sorted(found, key=["ERROR", "WARNING", "NOTICE"].index)
    assert {"ERROR", "WARNING", "NOTICE"} == set(found)


def test_files_with_an_error_are_not_checked_at_all(here: Path) -> None:
    spoiled = written(here, "shop.yaml", SHOP.replace("kind: service", "kind: gadget"))
    done = in_process("check", spoiled)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0].startswith(f"{spoiled}:10:")
    assert done.stderr.splitlines()[-1].endswith("there is nothing sound to check")


def test_files_that_hold_nothing_are_not_checked(here: Path) -> None:
    (here / "empty").mkdir()
    assert in_process("check", "empty").returncode == 2


def test_a_store_that_is_not_there_is_not_made_by_checking_it(here: Path) -> None:
    done = in_process("check", "--store", "sqlite:typo.db")
    assert done.returncode == 2
    assert done.stderr == "error: there is no store at typo.db; `underpin import` makes one, --store names another\n"
    assert not (here / "typo.db").exists()


def test_a_company_without_promises_ends_with_0_and_says_so(here: Path) -> None:
    done = in_process("check", written(here, "a.yaml", components("acme", "one")))
    assert done.returncode == 0
    assert "No promise is stated, in an SLA or an OLA." in done.stdout.splitlines()


def test_a_date_beyond_the_calendars_is_one_sentence() -> None:
    done = in_process("check", "--at", "1000-01-01", CHECKOUT)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_who_stops_reading_stops_the_command_without_a_traceback(underpin: Underpin) -> None:
    # Ten thousand findings do not fit a pipe's buffer; `head` closes it after the first line.
    written(underpin.folder, "a.yaml", components("acme", *(f"c{number}" for number in range(10_000))))
    with underpin.start("check", "a.yaml") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("As of")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 141


def test_a_store_that_holds_nothing_is_not_taken_for_kept_promises(here: Path) -> None:
    written(here, "a.yaml", "underpin: 1\nsource: acme\nas_of: 2026-06-30\n")
    assert in_process("import", "--store", "sqlite:empty.db", "a.yaml").returncode == 0
    refused = in_process("check", "--store", "sqlite:empty.db")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "error: the store is empty; there is nothing to check\n"


def test_where_nothing_is_promised_no_promises_are_counted(here: Path) -> None:
    shown = in_process("check", written(here, "a.yaml", components("acme", "one")))
    assert shown.returncode == 0
    assert "No promise is stated" in shown.stdout
    assert "promises in SHORTFALL" not in shown.stdout


def test_processes_change_nothing_in_what_is_said() -> None:
    alone, several = (
        in_process("check", LARKSPUR, "--processes", "1"),
        in_process("check", LARKSPUR, "--processes", "2"),
    )
    assert (several.returncode, several.stdout) == (alone.returncode, alone.stdout)
    assert in_process("check", LARKSPUR, "--processes", "0").returncode == 2
