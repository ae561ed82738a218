"""From paths to bytes: the one place that walks folders and opens what people wrote."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from importers.importer import SourceFile
from topology.errors import Issue, Place

LARGEST = 256 * 1024 * 1024
SUFFIXES = frozenset({".yaml", ".yml", ".csv", ".xlsx", ".json", ".txt", ".prom", ".zip"})
"""What a walk through a folder takes up; a file that somebody names is read whatever its name."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found at some paths: the files, the problems, and whether a path that was named is of no use."""

    files: tuple[SourceFile, ...]
    problems: tuple[Issue, ...]
    unusable: bool


def gather(paths: Iterable[Path]) -> Gathered:
    """The files at `paths`, each once, in the order of their names whatever the order of the paths.

    Folders are walked, without hidden files and without links that lead out of them.
    """
    found: dict[str, SourceFile] = {}
    problems: list[Issue] = []
    unusable = False
    for path in dict.fromkeys(paths):
        for item in _walk(path) if path.is_dir() else [_read(path, named=True)]:
            if isinstance(item, SourceFile):
                found.setdefault(os.path.realpath(item.name), item)
            else:
                problems.append(item)
                unusable = unusable or not path.is_dir()
    files = sorted(found.values(), key=lambda file: file.name)
    return Gathered(tuple(files), tuple(dict.fromkeys(problems)), unusable)


def _walk(root: Path) -> Iterator[SourceFile | Issue]:
    inside = Path(os.path.realpath(root))
    failures: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=failures.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in sorted(n for n in names + links if not n.startswith(".")):
            path = Path(folder) / name
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(inside):
                yield _problem(path, "UP-LINK", "this link leads out of the folder and is not followed")
            elif path.suffix.lower() in SUFFIXES and path.is_file():
                yield _read(path, named=False)
    for failure in failures:
        yield _problem(Path(failure.filename), "UP-FILE", f"cannot be read: {failure.strerror}")


def _read(path: Path, *, named: bool) -> SourceFile | Issue:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
                return _problem(path, "UP-FILE", "is no file")
            data = file.read(LARGEST + 1)
    except OSError as error:
        return _problem(path, "UP-FILE", f"cannot be read: {error.strerror}")
    except ValueError as error:
        return _problem(path, "UP-FILE", f"cannot be read: {error}")
    if len(data) > LARGEST:
        return _problem(path, "UP-FILE", f"is larger than {LARGEST // 1024**2} MiB", "split it by source and scope")
    return SourceFile(str(path), data, named)


def _problem(path: Path, code: str, message: str, hint: str | None = None) -> Issue:
    return Issue(code, message, (), hint, Place(str(path)))
