"""`python -m benchmarks.engine`: what the exact engine takes for one transaction and for whole estates, beside peers.

Every part is measured in a process of its own: CPU seconds, and the most memory that the process held. Estates come
from `benchmarks.estate`; their figures are made up, their shape is what counts.
"""

import argparse
import multiprocessing
import resource
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks import engine_rows
from benchmarks.engine_rows import Part
from benchmarks.table import Row, lines, machine

PARTS: Mapping[str, Part] = {
    part.__name__: part
    for part in (
        engine_rows.shape,
        engine_rows.one_transaction,
        engine_rows.small_sweep,
        engine_rows.sweep_and_change,
        engine_rows.large_sweep,
        engine_rows.entangled_sweep,
        engine_rows.cut_sets,
        engine_rows.large_cut_sets,
        engine_rows.single_points_shallow,
        engine_rows.single_points_deep,
    )
}


def rows(chosen: Sequence[str], packages: Path | None) -> Iterator[Row]:
    """The rows of some parts, or of all; with Debian's packages where their table is there."""
    parts = {name: part for name, part in PARTS.items() if not chosen or name in chosen}
    if packages is not None and packages.is_file() and (not chosen or "debian" in chosen):
        parts["debian"] = partial(engine_rows.debian, packages)
    for part in parts.values():
        yield from _measured(part)


def _measured(part: Part) -> Iterator[Row]:
    context = multiprocessing.get_context("spawn")
    channel: multiprocessing.SimpleQueue[Row | None] = context.SimpleQueue()
    worker = context.Process(target=_measure, args=(part, channel))
    worker.start()
    while (row := channel.get()) is not None:
        yield row
    worker.join()


def _measure(part: Part, channel: "multiprocessing.SimpleQueue[Row | None]") -> None:
    try:
        for row in part():
            held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            channel.put(replace(row, sqlite=f"{row.sqlite}; {held:.0f} MB"))
    finally:
        channel.put(None)


def main() -> int:
    """Measure all parts, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}, debian; absent: all")
    parser.add_argument("--debian", type=Path, help="the file debian-bookworm-deps/requires.csv.gz")
    asked = parser.parse_args()
    unknown = set(asked.parts) - {*PARTS, "debian"}
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    print(machine(), flush=True)
    found = []
    for row in rows(asked.parts, asked.debian):
        print(f"{row.what}: {row.sqlite}; {row.mark}", file=sys.stderr, flush=True)
        found.append(row)
    print(*lines(found), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
