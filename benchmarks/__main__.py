"""`python -m benchmarks`: everything that is promised of speed, measured now and printed as one table."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import engine, estate_rows, import_rows, query_rows, scenario
from benchmarks.processes import ROOT, RunFailedError
from benchmarks.stores import places
from benchmarks.table import Row, lines, machine
from tests.neo4j_server.server import ServerFailedError, ServerUnavailableError

PARTS = ("engine", "scenario", "estate", "import", "queries")
DATA = "debian-bookworm-deps/requires.csv.gz"


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the estate, each run once")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part (may be repeated)")
    parser.add_argument("--data", type=Path, default=_data(), help=f"the file {DATA} (UNDERPIN_BENCH_DATA)")
    arguments = parser.parse_args()
    print(machine(), flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="underpin-bench-", ignore_cleanup_errors=True) as folder:
            rows = list(_rows(Path(folder), arguments))
    except (RunFailedError, ServerFailedError, ServerUnavailableError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(*lines(rows), sep="\n")
    return 0


def _data() -> Path:
    named = os.environ.get("UNDERPIN_BENCH_DATA")
    return Path(named) if named else ROOT.parent / "shared" / "data" / DATA


def _rows(folder: Path, arguments: argparse.Namespace) -> Iterator[Row]:
    parts = arguments.only or PARTS
    entities, edges, repeats = (1_000, 5_000, 1) if arguments.quick else (10_000, 50_000, 5)
    if "engine" in parts:
        quick = ("one_transaction", "small_sweep", "sweep_and_change")
        yield from _told(engine.rows(quick if arguments.quick else (), arguments.data))
    if "scenario" in parts:
        yield from _told(scenario.rows(entities, quick=arguments.quick))
    if not {"estate", "import", "queries"}.intersection(parts):
        return
    with places(folder) as (sqlite, neo4j):
        if "estate" in parts or "queries" in parts:
            embedded, environment = estate_rows.measure(sqlite, entities, edges, repeats if "estate" in parts else 1)
            if "estate" in parts:
                server, _ = estate_rows.measure(neo4j, entities, edges, repeats)
                yield from _told(estate_rows.rows(embedded, server, f"{entities} entities and {edges} edges"))
            if "queries" in parts:
                yield from _told(query_rows.rows(environment, quick=arguments.quick))
        if "import" in parts:
            yield from _told(import_rows.rows(arguments.data, folder, (sqlite, neo4j), 1 if arguments.quick else 3))


def _told(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, each told on stderr as soon as it is known: the whole takes minutes."""
    for row in rows:
        print(f"{row.what}: {row.sqlite}; {row.neo4j}; {row.mark}", file=sys.stderr, flush=True)
        yield row


if __name__ == "__main__":
    sys.exit(main())
