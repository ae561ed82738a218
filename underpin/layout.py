"""One table in the forms that people and programs read: aligned text, Markdown, CSV."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from importers.sheets import harmless
from underpin.tour import table

_SPECIAL = re.compile(r"[\\|`*\[\]]|(?<!\w)_|_(?!\w)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_CHARACTER = re.compile(r"&(?=#|\w+;)")
WIDEST = 200
"""Columns of a terminal that one cell may take."""


def text_lines(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> Iterator[str]:
    """Aligned columns for a terminal; those in `right` end at their right."""
    yield from table([head, *rows], [WIDEST] * len(head), right)


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Comma-separated values with a header; no cell that a spreadsheet would run as a formula."""
    for row in (head, *rows):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerow([harmless(_one_line(cell)) for cell in row])
        yield text.getvalue().removesuffix("\n")


def markdown_lines(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> Iterator[str]:
    """A table of Markdown; what is in a cell stays text, whatever it holds."""
    ends = set(right)
    yield f"| {' | '.join(map(markdown, head))} |"
    yield f"|{'|'.join('--:' if i in ends else '---' for i in range(len(head)))}|"
    for row in rows:
        yield f"| {' | '.join(map(markdown, row))} |"


def markdown(text: str) -> str:
    """A text as Markdown shows it and nothing else: no emphasis, code, link, tag or column of its own."""
    shown = _CHARACTER.sub("&amp;", _one_line(text))
    return _TAG.sub("&lt;", _SPECIAL.sub(lambda found: f"\\{found.group()}", shown))


def _one_line(text: str) -> str:
    return " ".join(text.split()) if any(mark in text for mark in "\r\n\t\v\f\x85\u2028\u2029") else text
