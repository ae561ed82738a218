"""From the paths that somebody names to what the files state."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from importers.importer import Defaults, Reading
from importers.reading import collect
from importers.registry import read
from topology.counting import counted
from topology.errors import Issue, IssueSeverity
from topology.facts import About
from underpin.output import progress


@dataclass(frozen=True, slots=True)
class Files:
    """What the files state; `problems` are of none of the readings, `unusable` tells that a named path is of no use."""

    readings: tuple[Reading, ...]
    problems: tuple[Issue, ...]
    unusable: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to plan: no source, or nothing but errors in all of them."""
        if any(not isinstance(fact.statement, About) for reading in self.readings for fact in reading.facts):
            return False
        found = [*self.problems, *(issue for reading in self.readings for issue in reading.problems)]
        return not self.readings or bool(errors_of(found))


def read_files(paths: Sequence[Path], defaults: Defaults) -> Files:
    """Open and read the files at some paths. A file of no known source tells of its problems only."""
    with progress(f"reading {counted(len(paths), 'path')}"):
        files, problems = collect(paths)
        readings = read(files, defaults) if files else ()
    named = {path.as_posix() for path in paths if not path.is_dir()}
    unusable = any(issue.place is not None and issue.place.file in named for issue in problems)
    nameless = [issue for reading in readings if not reading.source for issue in reading.problems]
    known = tuple(reading for reading in readings if reading.source)
    return Files(known, (*problems, *nameless), unusable)


def errors_of(issues: Sequence[Issue]) -> list[Issue]:
    """Those of the issues that keep something out."""
    return [issue for issue in issues if issue.severity is IssueSeverity.ERROR]
