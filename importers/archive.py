"""Zip archives that strangers made: opened once, within bounds, and packed anew from what was seen.

What is parsed afterwards is the clean copy, so that no second reader of the same bytes can see anything else in them.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from topology.errors import Issue, Place

MAX_ENTRIES: Final = 2000
MAX_UNPACKED: Final = 128 * 1024 * 1024
MAX_RATIO: Final = 200
_SMALL: Final = 4 * 1024 * 1024
"""Below this a high ratio harms nobody: an empty sheet packs very well."""
_CHUNK: Final = 1 << 20
_ENCRYPTED: Final = 0x1
_WINDOWS_DRIVE: Final = re.compile(r"[A-Za-z]:")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError, OSError)


class ArchiveError(Exception):
    """An archive that is refused, and why."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.message)
        self.issue = issue


def unpack(data: bytes, file: str) -> dict[str, bytes]:
    """The entries of an archive by name.

    Raises:
        ArchiveError: it is no archive, is encrypted, names a path outside of itself, or unpacks to too much.

    Cost: at most `MAX_UNPACKED` bytes, whatever the archive claims.
    """
    if data.startswith(_OLE):
        raise _error(file, "UP-ARCHIVE", "the workbook has a password, or is in the old .xls form", "save it as .xlsx")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries, file)
            left = MAX_UNPACKED
            parts: dict[str, bytes] = {}
            for entry in entries:
                if not entry.is_dir():
                    parts[entry.filename] = _read(archive, entry, left, file)
                    left -= len(parts[entry.filename])
    except _DAMAGED as error:
        hint = "save it anew from the spreadsheet program"
        raise _error(file, "UP-ARCHIVE", f"the archive is damaged: {error}", hint) from None
    return parts


def pack(parts: Mapping[str, bytes]) -> bytes:
    """An archive of these entries, stored as they are."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def _check_entries(entries: list[zipfile.ZipInfo], file: str) -> None:
    if len(entries) > MAX_ENTRIES:
        raise _error(file, "UP-ARCHIVE", f"the archive has more than {MAX_ENTRIES} entries")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        shown = name[:80]
        if name.startswith("/") or "\\" in name or ".." in name.split("/") or _WINDOWS_DRIVE.match(name):
            raise _error(file, "UP-ARCHIVE", f'the archive names a path outside of itself: "{shown}"')
        if name.lower() in seen:
            raise _error(file, "UP-ARCHIVE", f'the archive holds "{shown}" twice')
        if entry.flag_bits & _ENCRYPTED:
            raise _error(file, "UP-ARCHIVE", "the archive is encrypted", "save it without a password")
        if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise _error(file, "UP-ARCHIVE", f'"{shown}" unpacks to more than {MAX_RATIO} times its size')
        seen.add(name.lower())
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise _error(file, "UP-ARCHIVE", f"the archive unpacks to more than {MAX_UNPACKED >> 20} MiB")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, file: str) -> bytes:
    content = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            content += chunk
            if len(content) > left:
                raise _error(file, "UP-ARCHIVE", f"the archive unpacks to more than {MAX_UNPACKED >> 20} MiB")
    return bytes(content)


def _error(file: str, code: str, message: str, hint: str | None = None) -> ArchiveError:
    return ArchiveError(Issue(code, message, hint=hint, place=Place(file)))
