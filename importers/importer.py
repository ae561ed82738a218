"""What an importer is: a pure function from the bytes of files to what their sources state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Protocol

from topology.changes import ChangeSet, Extent
from topology.errors import Issue
from topology.facts import Fact


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's name, as problems and provenance show it, and its bytes.

    `named` tells that somebody asked for this very file; one that was met on a walk through a folder may turn out to be
    something else, and is then passed over with a warning.
    """

    name: str
    data: bytes = field(repr=False)
    named: bool = True


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the command line says where a file does not: its source, its scope, and the date that it describes."""

    source: str | None = None
    scope: str | None = None
    as_of: date | None = None


NO_DEFAULTS = Defaults()


@dataclass(frozen=True, slots=True)
class Reading:
    """What the files of one (source, scope) state.

    `complete` is false where a problem kept something out, so that nothing may be removed for its absence. `absent`
    names, in sentences, what the files do not contain; `counts` how many there are of each thing; `files` are
    those that say so. A reading without a source is of files that could not be told apart from their problems.
    """

    source: str
    scope: str = ""
    as_of: date | None = None
    facts: tuple[Fact, ...] = field(default=(), repr=False)
    problems: tuple[Issue, ...] = ()
    complete: bool = True
    absent: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    files: tuple[str, ...] = ()


class Importer(Protocol):
    """One format. An importer opens no file, no store and no connection."""

    @property
    def name(self) -> str:
        """The name of the format, as the command line and problems show it."""

    def recognises(self, file: SourceFile) -> bool:
        """Whether the file looks like this format, by its name and its first bytes; cheap, and never raises."""

    def read(self, files: Sequence[SourceFile], defaults: Defaults = NO_DEFAULTS) -> tuple[Reading, ...]:
        """What the files state, one reading for each (source, scope), whatever the order of the files."""


def change_set(reading: Reading) -> ChangeSet:
    """Everything that the source says in this scope, as one change."""
    return ChangeSet(reading.source, reading.scope, Extent.FULL, reading.facts, complete=reading.complete)
