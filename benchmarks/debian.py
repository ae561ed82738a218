"""Debian's package dependencies in the native format: a graph of real shape, with cycles and any-of groups."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path


def write_native(table: Path, target: Path) -> tuple[int, int]:
    """Turn `requires.csv.gz` (package, group, alternatives separated by spaces) into one native YAML file.

    Returns:
        How many entities and requirement groups were written.
    """
    needs = dict(sorted(requirements(table).items()))
    with target.open("w", encoding="utf-8") as out:
        out.write("underpin: 1\nsource: debian\nas_of: 2026-06-30\nentities:\n")
        for package, groups in needs.items():
            out.write(f"  - id: {_quoted(package)}\n    kind: component\n")
            if groups:
                out.write("    needs:\n")
                out.writelines(f"      - {_need(group)}\n" for group in groups)
    return len(needs), sum(map(len, needs.values()))


def requirements(table: Path) -> dict[str, list[list[str]]]:
    """The groups of every package: of each group any alternative will do."""
    needs: dict[str, list[list[str]]] = {}
    for package, alternatives in _rows(table):
        needs.setdefault(package, []).append(alternatives)
        for name in alternatives:
            needs.setdefault(name, [])
    return needs


def _rows(table: Path) -> Iterator[tuple[str, list[str]]]:
    with gzip.open(table, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row["package"], row["alternatives"].split()


def _need(group: list[str]) -> str:
    return _quoted(group[0]) if len(group) == 1 else f"{{any: [{', '.join(map(_quoted, group))}]}}"


def _quoted(name: str) -> str:
    return f'"{name}"'
