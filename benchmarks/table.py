"""One table of what was measured, and the machine that it was measured on."""

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement; what needs no store stands in the place of SQLite. `mark`: what to reach, and if it is."""

    what: str
    sqlite: str = ""
    neo4j: str = ""
    mark: str = ""


def within(figure: float, limit: float, text: str) -> str:
    """A mark and whether it is met."""
    return f"{text}: {'met' if figure <= limit else 'MISSED'}"


def lines(rows: Sequence[Row]) -> Iterator[str]:
    """The table, aligned, as Markdown."""
    cells = [
        ("measured", "alone or on SQLite", "on Neo4j", "mark"),
        *((row.what, row.sqlite, row.neo4j, row.mark) for row in rows),
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    for number, row in enumerate(cells):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        if number == 0:
            yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"


def machine() -> str:
    """What the figures were measured on."""
    load = ", ".join(f"{figure:.1f}" for figure in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {sys.version.split()[0]}; load at the start {load}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"
