"""`underpin compare`: its verdict is its exit code, and its summary never grows past what a board reads."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.underpin.commands import Underpin, in_process
from tests.underpin.companies import SHOP, said, written

CHECKOUT = ROOT / "examples" / "checkout" / "checkout.underpin.yaml"
GOLDEN = ROOT / "tests" / "golden" / "compare.md"
GOLD = "sla-gold/checkout/availability/calendar_month"


def on_cloud_y(folder: Path) -> Path:
    """The telling example with psp-b on a cloud of its own."""
    text = CHECKOUT.read_text(encoding="utf-8")
    moved = text.replace("provider: psp-b-inc, needs: [cloud-x]", "provider: psp-b-inc, needs: [cloud-y]")
    moved = moved.replace("  - {id: email,", "  - {id: cloud-y, kind: external, availability: 99.99%}\n  - {id: email,")
    assert moved.count("cloud-y") == 2
    return written(folder, "moved.yaml", moved)


def shop(folder: Path, name: str, old: str = "", new: str = "") -> Path:
    assert old in SHOP
    return written(folder, name, SHOP.replace(old, new, 1))


def test_a_change_that_makes_nothing_worse_passes_with_0(here: Path) -> None:
    done = in_process("compare", CHECKOUT, on_cloud_y(here))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "# PASS: no promise is worse off"
    assert f"| {GOLD} | -4.33 min | -0.02 min | +4.30 min | SHORTFALL |" in lines
    assert "- cloud-x of checkout, behind redundancy" in lines


def test_a_change_that_breaks_a_promise_fails_with_2_and_says_what_the_golden_file_says(here: Path) -> None:
    # The way back: 4.309 minutes are lost while in SHORTFALL, and cloud-x stops checkout alone once more.
    (here / "checkout.yaml").symlink_to(CHECKOUT)
    on_cloud_y(here)
    done = in_process("compare", "moved.yaml", "checkout.yaml")
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout == GOLDEN.read_text(encoding="utf-8")


def test_a_change_to_look_at_warns_with_1(here: Path) -> None:
    # The promise of 99.5 % still holds on one service more, which stops a transaction of high criticality alone.
    more = "  - {id: till, kind: service, owner: shop, availability: 99.99%}\n  - {id: host,"
    text = SHOP.replace("owner: shop, needs: [web]", "owner: shop, criticality: high, needs: [web]")
    before = written(here, "before.yaml", text)
    after = written(
        here, "after.yaml", text.replace("needs: [web]", "needs: [web, till]").replace("  - {id: host,", more)
    )
    done = in_process("compare", before, after)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "# WARN: no promise breaks by this change, but look at it"
    assert '- **WARN** "till" is a new single point of failure of "buy" (high).' in lines


def test_a_file_or_folder_of_any_native_form_can_stand_on_either_side(here: Path) -> None:
    larkspur = ROOT / "examples" / "larkspur"
    folder = here / "folder"
    folder.mkdir()
    for sheet in larkspur.glob("*.csv"):
        (folder / sheet.name).write_bytes(sheet.read_bytes())
    for after in (larkspur / "larkspur.underpin.xlsx", folder):
        done = in_process("compare", larkspur / "larkspur.underpin.yaml", after)
        assert (done.returncode, done.stdout.splitlines()[0]) == (0, "# PASS: no promise is worse off")
        assert "No composite availability differs." in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("before.yaml",),
        ("before.yaml", "before.yaml", "before.yaml"),
        ("before.yaml", "before.yaml", "--format", "csv"),
        ("before.yaml", "before.yaml", "--at", "yesterday"),
        ("before.yaml", "missing.yaml"),
        ("broken.yaml", "before.yaml"),
        ("before.yaml", "empty"),
        ("before.yaml", "before.yaml", "--at", "1000-01-01"),
    ],
)
def test_what_cannot_be_compared_ends_with_3_and_never_with_a_verdict(here: Path, arguments: tuple[str, ...]) -> None:
    shop(here, "before.yaml")
    shop(here, "broken.yaml", "kind: service", "kind: gadget")
    (here / "empty").mkdir()
    done = in_process("compare", *arguments)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.splitlines()[-1].startswith("error: ")


def test_other_commands_keep_their_code_for_wrong_usage(here: Path) -> None:
    assert in_process("check", "missing.yaml").returncode == 2
    assert in_process("check", "--nonsense").returncode == 2


@pytest.mark.parametrize("output", ["/dev/full", "&-"])
def test_an_output_that_takes_nothing_is_no_failed_change(underpin: Underpin, output: str) -> None:
    shop(underpin.folder, "a.yaml")
    command = ["sh", "-c", f'exec "$0" "$@" >{output}', *underpin.command("compare", "a.yaml", "a.yaml")]
    done = subprocess.run(command, cwd=underpin.folder, env=underpin.environment, capture_output=True, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith(b"error: standard output ")


def test_both_sides_are_looked_at_on_one_date_the_latest_that_they_describe(here: Path) -> None:
    before, after = shop(here, "before.yaml"), shop(here, "after.yaml", "as_of: 2026-06-30", "as_of: 2026-07-31")
    answer = said(in_process("compare", before, after, "--format", "json").stdout)
    assert (answer["at"], answer["commitments"], answer["verdict"]) == ("2026-07-31", [], "PASS")
    answer = said(in_process("compare", before, after, "--format", "json", "--at", "2026-01-01").stdout)
    assert answer["at"] == "2026-01-01"


def test_machines_get_every_part_with_its_figures(here: Path) -> None:
    answer = said(in_process("compare", CHECKOUT, on_cloud_y(here), "--format", "json").stdout)
    assert answer["verdict"] == "PASS"
    (gold,) = answer["commitments"]
    assert gold["commitment"] == GOLD
    # analyses.md: -4.3221 before; moving psp_b to cloud_y gains 4.309 min in 30 days.
    assert gold["before"]["expectedMinutes"].startswith("-4.3221")
    assert gold["minutes"].startswith("4.308")
    assert gold["after"]["suppliers"]["cloud-y"] == "UNCOVERED"
    assert answer["singlePointsLost"] == [{"entity": "cloud-x", "hidden": True, "transactions": ["checkout"]}]
    assert [row["entity"] for row in answer["entities"]] == ["payments", "api", "checkout", "cloud-y"]
    assert answer["entities"][2]["minutesPer30Days"].startswith("-4.308")
    assert {"SUPPLIER_UNCOVERED"} <= {finding["code"] for finding in answer["findingsOpened"]}
    # What both acquirers had in common, as an entity and as a vendor.
    assert [(finding["code"], finding["subject"]) for finding in answer["findingsClosed"]] == [
        ("HIDDEN_COMMON_CAUSE", "payments"),
        ("SAME_VENDOR_GROUP", "payments"),
    ]


def large(services: int, percent: str, needed: str) -> str:
    """Fifty critical transactions with a promise each, on some services: every one of them a single point."""
    head = "underpin: 1\nsource: big\nas_of: 2026-06-30\nparties: [{id: acme, kind: self}]\nentities:\n"
    keys = [f"service-{number}" for number in range(services)]
    own = "".join(f"  - {{id: {key}, kind: service, owner: acme, availability: {percent}}}\n" for key in keys)
    needs = ", ".join(keys) if needed == "all" else keys[0]
    sold = "".join(
        f"  - {{id: sale-{n}, kind: transaction, owner: acme, criticality: critical, needs: [{needs}]}}\n"
        for n in range(50)
    )
    target = "covers: sale-{}, metric: availability, min: 99%"
    slas = "".join(
        f"  - {{id: sla-{n}, type: sla, provider: acme, targets: [{{{target.format(n)}}}]}}\n" for n in range(50)
    )
    return f"{head}{own}{sold}agreements:\n{slas}"


def test_the_summary_has_at_most_60_lines_whatever_the_change(here: Path) -> None:
    before = written(here, "before.yaml", large(40, "99.99%", "one"))
    after = written(here, "after.yaml", large(40, "99.9%", "all"))
    done = in_process("compare", before, after)
    lines = done.stdout.splitlines()
    assert done.returncode == 2
    assert len(lines) <= 60
    assert "... and 40 more" in lines  # of 50 commitments
    assert "... and 33 more" in lines  # of 39 new single points, the first service being one already
    assert lines[0].startswith("# FAIL")
    # Back: as many are lost.
    back = in_process("compare", after, before).stdout.splitlines()
    assert len(back) <= 60
    assert "... and 33 more" in back
    full = in_process("compare", before, after, "--format", "table").stdout.splitlines()
    assert sum("SHORTFALL" in line and line.startswith("  sla-") for line in full) == 50
