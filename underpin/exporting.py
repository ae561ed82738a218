"""`underpin export`, `template` and `schema`: what the native format looks like, on disk and to an editor."""

import asyncio
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from importers.native.columns import SHEETS
from importers.native.document import json_schema
from importers.native.outline import Outline, outline
from importers.native.sheet_writing import write_csv, write_xlsx
from importers.native.templates import csv_template, xlsx_template, yaml_template
from importers.native.yaml_writing import write_yaml
from topology.counting import counted
from topology.errors import BadInput, Issue
from topology.snapshot import Snapshot
from underpin.composition import opened
from underpin.output import ExitCode, say, say_json, tell
from underpin.settings import Settings, read_settings

Written = bytes | Mapping[str, bytes]
"""One file, or the files of a folder by their names."""


@dataclass(frozen=True, slots=True)
class Exporting:
    """What `underpin export` was asked; `form` is yaml, csv or xlsx."""

    path: Path
    form: str
    store: str | None = None
    source: str | None = None
    scope: str | None = None
    force: bool = False


def export_source(asked: Exporting) -> int:
    """Write one source of the store in a form of the native format; what that cannot say is told on stderr."""
    settings = read_settings({"store": asked.store})
    _refuse_what_is_there(asked.path, asked.form, force=asked.force)
    snapshot = asyncio.run(_loaded(settings))
    source, scope = chosen(snapshot, asked.source, asked.scope)
    whole = outline(snapshot, source, scope)
    _write(asked.path, _in_form(whole, asked.form))
    tell(*(f"not in the file: {what}" for what in whole.left_out))
    held = f"{counted(len(whole.entities), 'entity', 'entities')}, {counted(len(whole.agreements), 'agreement')}"
    say(f"{asked.path}: {source}{f'/{scope}' if scope else ''} at revision {snapshot.revision}: {held}")
    return ExitCode.DONE


def write_template(path: Path, form: str, *, force: bool) -> int:
    """Write an empty start."""
    _refuse_what_is_there(path, form, force=force)
    if form == "csv":
        _write(path, csv_template())
    else:
        _write(path, yaml_template() if form == "yaml" else xlsx_template())
    say(f"{path}: an empty start; `underpin import {path}` reads it when it is filled in")
    return ExitCode.DONE


def print_schema() -> int:
    """Print the JSON Schema of a native YAML file."""
    say_json(json_schema())
    return ExitCode.DONE


async def _loaded(settings: Settings) -> Snapshot:
    async with opened(settings, must_exist=True) as store:
        return await store.load()


def chosen(snapshot: Snapshot, source: str | None, scope: str | None) -> tuple[str, str]:
    """The source and scope to write: those that are named, or the only ones.

    Raises:
        BadInput: there are several, or what is named is not there; the sentence lists what is.
    """
    held = sorted({(fact.source, fact.scope) for fact in snapshot.statements() if not fact.is_stub})
    wanted = [about for about in held if about[0] == source or source is None]
    wanted = [about for about in wanted if about[1] == scope or scope is None]
    if len(wanted) == 1:
        return wanted[0]
    if not held:
        raise _refused("the store is empty")
    names = _listed({about[0] for about in wanted or held})
    if not wanted:
        raise _refused(f"there is no such source; there is {_listed(' scope '.join(filter(None, a)) for a in held)}")
    if len({about[0] for about in wanted}) > 1:
        raise _refused(f"there are several sources; say --source: {names}")
    scopes = _listed(repr(about[1]) for about in wanted)
    raise _refused(f"the source {names} has several scopes; say --scope: {scopes}")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _in_form(whole: Outline, form: str) -> Written:
    if form == "csv":
        return write_csv(whole)
    return write_yaml(whole) if form == "yaml" else write_xlsx(whole)


def _refuse_what_is_there(path: Path, form: str, *, force: bool) -> None:
    if form == "csv":
        if path.exists() and not path.is_dir():
            raise _refused(f"{path} is no folder; CSV files need one")
        there = sorted(name for name in map(_file, SHEETS) if os.path.lexists(path / name)) if path.is_dir() else []
    else:
        if path.is_dir():
            raise _refused(f"{path} is a folder; name a file")
        there = [path.name] if path.exists() else []
    if not path.absolute().parent.is_dir():
        raise _refused(f"there is no folder {path.parent}")
    for name in there:
        _refuse_what_is_no_file(path / name if form == "csv" else path)
    if there and not force:
        raise _refused(
            f"{path} holds {', '.join(there)} already; --force overwrites"
            if form == "csv"
            else f"{path} is there already; --force overwrites it"
        )


def _write(path: Path, content: Written) -> None:
    """Write whole files, each of them at once; a CSV file of an earlier export that is not in this one goes."""
    try:
        if isinstance(content, bytes):
            _replace(path, content)
            return
        path.mkdir(exist_ok=True)
        for name, data in content.items():
            _replace(path / name, data)
        for stale in {_file(sheet) for sheet in SHEETS} - content.keys():
            (path / stale).unlink(missing_ok=True)
    except OSError as error:
        raise _refused(f"{path} cannot be written: {error.strerror}") from None


def _refuse_what_is_no_file(path: Path) -> None:
    """Refuse a device, a pipe or a folder: whatever is there and is not replaced without a loss."""
    if not path.is_file():
        raise _refused(f"{path} is no regular file; name another")


def _replace(path: Path, data: bytes) -> None:
    """Write a file at once. A link stays and what it leads to is written; the mode stays as it was."""
    target = Path(os.path.realpath(path))
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _file(sheet: str) -> str:
    return f"{sheet}.csv"


def _refused(sentence: str) -> BadInput:
    return BadInput((Issue("EXPORT", sentence),))
