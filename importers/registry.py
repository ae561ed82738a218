"""The formats that are read, and which of them a file is."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from importers.importer import NO_DEFAULTS, Defaults, Importer, Reading, SourceFile
from importers.native.native_importer import NativeImporter
from topology.errors import Issue, IssueSeverity, Place

IMPORTERS: Final[Mapping[str, Importer]] = MappingProxyType({"native": NativeImporter()})
"""Every importer by its name; a file belongs to the first that recognises it."""
READABLE: Final = "native YAML (underpin: 1), native workbooks (.xlsx), native CSV files (entities.csv and the others)"


def read(files: Sequence[SourceFile], defaults: Defaults = NO_DEFAULTS) -> tuple[Reading, ...]:
    """What the files state, whatever their formats and their order: one reading for each (source, scope).

    A reading without a source holds the problems of files that belong to none. A file that somebody named and no
    importer recognises is an error; one that was met on a walk is passed over with a warning.
    """
    mine: dict[str, list[SourceFile]] = {}
    strange: list[Issue] = []
    for file in sorted(files, key=lambda f: f.name):
        name = next((name for name, importer in IMPORTERS.items() if importer.recognises(file)), None)
        if name is None:
            strange.append(_strange(file))
        else:
            mine.setdefault(name, []).append(file)
    readings = [reading for name, held in mine.items() for reading in IMPORTERS[name].read(held, defaults)]
    if strange:
        complete = all(issue.severity is not IssueSeverity.ERROR for issue in strange)
        readings.append(Reading("", problems=tuple(strange), complete=complete))
    return tuple(readings)


def _strange(file: SourceFile) -> Issue:
    severity = IssueSeverity.ERROR if file.named else IssueSeverity.WARNING
    message = "this is in no format that is known here" if file.data.strip() else "the file is empty"
    code = "UP-FORMAT" if file.data.strip() else "UP-EMPTY"
    return Issue(code, message, (), f"what is read: {READABLE}", Place(file.name), severity)
