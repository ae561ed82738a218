"""Debian's dependencies as a native file: read and planned, then applied to both stores."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.debian import write_native
from benchmarks.processes import middle, python, run
from benchmarks.stores import Place, SqlitePlace
from benchmarks.table import Row, within

SECONDS, MIB = 15.0, 1024.0


def rows(table: Path, folder: Path, places: Sequence[Place], repeats: int) -> Iterator[Row]:
    """The rows of the table; without the data one row that says so."""
    if not table.is_file():
        yield Row("Debian bookworm read and planned", mark=f"no data at {table.name}; name it with --data")
        return
    native = folder / "debian.underpin.yaml"
    entities, groups = write_native(table, native)
    about = f"Debian bookworm, {entities} entities, {groups} groups"
    environment = SqlitePlace(folder).emptied()
    planned = middle([run(python("underpin", "import", "--plan", str(native)), environment) for _ in range(repeats)])
    yield Row(
        f"{about}: read and planned",
        f"{planned.wall:.1f} s ({planned.cpu:.1f} CPU), peak {planned.peak_mib:.0f} MiB",
        "",
        f"{within(planned.wall, SECONDS, '15 s')}, {within(planned.peak_mib, MIB, '1 GiB')}",
    )
    shown: dict[str, str] = {}
    for place in places:
        applied = run(python("underpin", "import", str(native)), place.emptied())
        shown[place.name] = f"{applied.wall:.1f} s, peak {applied.peak_mib:.0f} MiB"
    yield Row(f"{about}: imported", shown.get("SQLite", ""), shown.get("Neo4j", ""))
