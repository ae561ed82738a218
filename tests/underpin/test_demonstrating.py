"""`underpin demo`: the tour against its golden file, and a start that can be repeated anywhere."""

import os
import signal
from datetime import date
from pathlib import Path

from rich.cells import cell_len

from risk.assessment import Assessment
from tests.underpin.commands import Underpin
from tests.underpin.serving import running
from underpin.demonstrating import read_example, tour_of
from underpin.tour import lay_out

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "tour.txt"
ADDRESS = "http://127.0.0.1:8000/graphql"


def tour() -> tuple[str, ...]:
    return lay_out(tour_of(Assessment(read_example().plan.after, date(2026, 6, 30)), ADDRESS))


def test_the_tour_is_that_of_the_golden_file() -> None:
    """`UNDERPIN_UPDATE_GOLDEN=1` writes it anew; look at the difference before you commit it."""
    shown = "\n".join(tour()) + "\n"
    if os.environ.get("UNDERPIN_UPDATE_GOLDEN") == "1":
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


def test_the_tour_fits_40_lines_of_100_columns() -> None:
    lines = tour()
    assert len(lines) <= 40
    assert max(map(cell_len, lines)) <= 100


def test_the_tour_says_what_the_example_is_known_to_say() -> None:
    # expected.json: composite_all_in_percent 99.230988, 99.291227, 99.96913; 17 single points of failure of checkout,
    # secrets-vault hidden behind redundancy; three externals without a figure in force.
    text = "\n".join(tour())
    worst, second, third = (line.split() for line in text.splitlines()[4:7])
    assert worst[:6] == ["sla-marketplace", "checkout", "99.95", "%", "99.2309", "%"]
    assert worst[-1] == "SHORTFALL"
    # (0.99230988 - 0.9995) x 43 200 min of June = -310.61, to the careful side.
    assert worst[6] == "-310.62"
    assert second[:2] == ["sla-retail", "checkout"]
    assert third[:2] == ["sla-marketplace", "refund"]
    assert "any one of these 17 stops checkout" in text
    (vault,) = [line for line in text.splitlines() if line.startswith("  secrets-vault")]
    assert vault.endswith("behind redundancy")
    for key, reason in (("checkoutcom-gateway", "NO_TARGET"), ("fraud-scoring", "EXPIRED"), ("parcel-api", "NO_")):
        assert any(line.split()[0] == key and reason in line for line in text.splitlines() if line.startswith("  "))


def test_the_demo_shows_the_tour_then_serves_and_starts_a_second_time(underpin: Underpin) -> None:
    for _ in range(2):
        with running(underpin, "demo") as server:
            assert server.out == GOLDEN.read_text(encoding="utf-8").replace(":8000/", f":{server.port}/")
            assert server.get("/readyz")[1]["revision"] == 1
            assert server.ask("{ topology { at } }") == {"data": {"topology": {"at": "2026-06-30"}}}
            assert server.stop(signal.SIGINT) == 0
            assert "Traceback" not in server.err
    assert [path.name for path in underpin.home.rglob("*.db")] == ["demo.db"]


def test_the_demo_never_touches_the_companys_own_store(underpin: Underpin) -> None:
    with running(underpin, "demo", UNDERPIN_STORE="sqlite:company.db") as server:
        assert server.get("/readyz")[0] == 200
    assert not (underpin.folder / "company.db").exists()
