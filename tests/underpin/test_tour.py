"""The tour's layout: rows in their columns, rounded the careful way, and never more than a screen."""

from datetime import date
from decimal import Decimal

from rich.cells import cell_len

from underpin.tour import MissingLine, PointLine, PromiseLine, TourView, fitted, lay_out, table

ADDRESS = "http://127.0.0.1:8000/graphql"


def view(promises: int = 1, points: int = 1, missing: int = 1, key: str = "checkout") -> TourView:
    return TourView(
        "Larkspur",
        date(2026, 6, 30),
        ("5 transactions", "54 entities"),
        tuple(
            PromiseLine("sla", key, "availability", "99.9 %", Decimal("0.00110004954"), Decimal("-4.3221"), "SHORTFALL")
            for _ in range(promises)
        ),
        key if promises else None,
        tuple(PointLine(key, "A name", Decimal("21.587001"), hidden=True) for _ in range(points)),
        tuple(MissingLine(key, "EXPIRED", ("checkout", "refund")) for _ in range(missing)),
        ADDRESS,
    )


def test_a_view_is_laid_out_to_the_letter() -> None:
    # 1 - 0.00110004954 = 0.99889995046 is rounded down; 21.587001 minutes of downtime are rounded up; headroom of
    # -4.3221 is rounded away from zero, so that no figure looks better than it is.
    assert lay_out(view()) == (
        "Larkspur on 2026-06-30: 5 transactions, 54 entities.",
        "",
        "What is promised to customers, and what the promises beneath it come to, worst first:",
        "  agreement  promises of  promised  composite   headroom  verdict",
        "  sla        checkout       99.9 %  99.8899 %  -4.33 min  SHORTFALL",
        "",
        "Behind the worst one, this one alone stops checkout; downtime in 30 days that each adds:",
        "  checkout  A name  21.59 min  behind redundancy",
        "",
        "What is missing, and counts as if it never failed: results on it are upper bounds.",
        "  checkout  EXPIRED  behind checkout, refund",
        "",
        f"Served as of 2026-06-30 (--at). Open {ADDRESS} in a browser; Ctrl-C stops.",
    )


def test_any_view_fits_40_lines_of_100_columns() -> None:
    lines = lay_out(view(500, 500, 500, key="k" * 300))
    assert len(lines) <= 40
    assert max(map(cell_len, lines)) <= 100


def test_what_was_cut_off_is_counted() -> None:
    lines = lay_out(view(12, 13, 9))
    assert "  ... and 2 more promises" in lines
    assert "  ... and 3 more single points of failure" in lines
    assert "  ... and 3 more figures" in lines


def test_a_view_in_which_nothing_is_promised_or_missing_says_so() -> None:
    lines = lay_out(view(0, 0, 0))
    assert "No promise to a customer is stated: there is nothing to hold the graph against." in lines
    assert "No figure is missing." in lines


def test_a_promise_without_a_single_point_of_failure_says_so() -> None:
    assert "Nothing alone stops checkout: it has no single point of failure." in lay_out(view(points=0))


def test_wide_characters_count_as_two_columns() -> None:
    assert fitted("支払い", 8) == "支払い  "
    assert cell_len(fitted("支払いサービス", 8)) == 8
    assert list(table([("支払い", "x"), ("abcdef", "y")], (10, 1))) == ["  支払い  x", "  abcdef  y"]
