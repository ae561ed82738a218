"""One table in several forms: whatever stands in a cell stays in its cell, and is text."""

import csv

import pytest

from underpin.layout import csv_lines, markdown, markdown_lines, text_lines

HEAD = ("name", "minutes")


def test_a_table_is_aligned_with_figures_at_the_right() -> None:
    assert list(text_lines(HEAD, [("a", "4.32"), ("longer", "-38.88")], right=(1,))) == [
        "  name    minutes",
        "  a          4.32",
        "  longer   -38.88",
    ]


def test_a_table_of_markdown_has_a_column_for_each_cell_whatever_it_holds() -> None:
    assert list(markdown_lines(HEAD, [("a|b", "1")], right=(1,))) == [
        "| name | minutes |",
        "|---|--:|",
        r"| a\|b | 1 |",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("orders-db", "orders-db"),
        ("calendar_month", "calendar_month"),
        ("_x_", r"\_x\_"),
        ("a*b*c", r"a\*b\*c"),
        ("`code`", r"\`code\`"),
        ("[x](y)", r"\[x\](y)"),
        (r"a\b", r"a\\b"),
        ("<script>", "&lt;script>"),
        ("<= 800 ms", "<= 800 ms"),
        ("R&D", "R&D"),
        ("&lt;b>", "&amp;lt;b>"),
        ("two\nlines\r\nhere", "two lines here"),
    ],
)
def test_what_markdown_would_read_as_its_own_is_shown_as_it_is_written(text: str, shown: str) -> None:
    assert markdown(text) == shown


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-cmd", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_csv_cell_is_never_a_formula(text: str) -> None:
    (_, (cell, figure)) = csv.reader(csv_lines(HEAD, [(text, "-4.32")]))
    assert cell[0] not in "=+-@\t\r"
    assert figure == "-4.32"


def test_csv_keeps_commas_and_quotes_in_their_cells_and_a_row_on_its_line() -> None:
    rows = [('a,"b"', "x"), ("two\nlines", "y")]
    lines = list(csv_lines(HEAD, rows))
    assert len(lines) == 3
    assert list(csv.reader(lines)) == [[*HEAD], ['a,"b"', "x"], ["two lines", "y"]]
