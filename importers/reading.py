"""The only door to the file system, and the decoding of texts: bounded, and with a place for every problem."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from importers.importer import SourceFile
from topology.errors import Issue, Place

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
MAX_FILES: Final = 10_000
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""How texts in UTF-16 begin."""
SUFFIXES: Final = (".yaml", ".yml", ".csv", ".xlsx")
"""What a walk through a folder picks up; a file that is named itself may be called anything."""


def collect(paths: Sequence[Path], max_bytes: int = MAX_FILE_BYTES) -> tuple[tuple[SourceFile, ...], tuple[Issue, ...]]:
    """The files at `paths` and beneath them, by name, with what could not be read.

    A folder's hidden files are passed over; a link that leads out of the folder is refused, and so is what is no file.

    Args:
        paths: files and folders, as somebody named them.
        max_bytes: how much all files together may hold.
    """
    files: dict[str, SourceFile] = {}
    issues: list[Issue] = []
    left = max_bytes
    for path in paths:
        for found, named in _walk(path, issues):
            name = found.as_posix()
            if name in files:
                continue
            data = _read(found, left, issues)
            if data is not None:
                left -= len(data)
                files[name] = SourceFile(name, data, named)
            if len(files) > MAX_FILES:
                issues.append(_issue("UP-FILE-SIZE", f"there are more than {MAX_FILES} files", path))
                return (), tuple(issues)
    return tuple(files[name] for name in sorted(files)), tuple(issues)


def decode(file: SourceFile) -> str | Issue:
    """The text of a file in UTF-8, with or without its mark; or what it is instead."""
    data = file.data
    place = Place(file.name, 1, 1)
    if not data.strip():
        return Issue("UP-EMPTY", "the file is empty", hint="see `underpin template`", place=place)
    if data.startswith(UTF_16):
        return Issue("UP-ENCODING", "the file is in UTF-16", hint="save it as UTF-8", place=place)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; the file may be in Windows-1252"
        return Issue("UP-ENCODING", message, hint="save it as UTF-8", place=Place(file.name, line, column))
    if "\0" in text:
        return Issue("UP-ENCODING", "the file is not a text", hint="give YAML, CSV or XLSX", place=place)
    return text


def _walk(path: Path, issues: list[Issue]) -> Iterator[tuple[Path, bool]]:
    if not path.is_dir():
        yield path, True
        return
    root = path.resolve()
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted([*names, *(f for f in folders if (Path(folder) / f).is_symlink())]):
            found = Path(folder) / name
            if name.startswith("."):
                continue
            if found.is_symlink() and not found.resolve().is_relative_to(root):
                issues.append(_issue("UP-FILE-LINK", "the link leads out of the folder that was named", found))
            elif found.suffix.lower() in SUFFIXES and not found.is_dir():
                yield found, False


def _read(path: Path, left: int, issues: list[Issue]) -> bytes | None:
    try:
        if path.exists() and not path.is_file():
            issues.append(_issue("UP-FILE", "this is not a file", path))
            return None
        with path.open("rb") as stream:
            data = stream.read(left + 1)
    except OSError as error:
        issues.append(_issue("UP-FILE", f"it cannot be read: {error.strerror or 'the system refuses'}", path))
        return None
    if len(data) > left:
        issues.append(_issue("UP-FILE-SIZE", "the files are too large to be read at once", path))
        return None
    return data


def _issue(code: str, message: str, path: Path) -> Issue:
    return Issue(code, message, place=Place(path.as_posix()))
