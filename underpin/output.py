"""What the command says: results on stdout, everything else on stderr, and nothing that could steer a terminal."""

import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum, StrEnum

from risk.collector import COLLECTOR_HELD_BACK

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}


class ExitCode(IntEnum):
    """What a command ends with."""

    DONE = 0
    PROBLEMS = 1
    UNUSABLE = 2
    GUARDED = 3
    CONFLICT = 4
    BUG = 70
    STOPPED = 130
    PIPE_CLOSED = 141


class ChangeCode(IntEnum):
    """What `compare` ends with: codes of its own, since a pipeline asks it one question."""

    PASS = 0
    WARN = 1
    FAIL = 2
    UNUSABLE = 3


class ReportForm(StrEnum):
    """The forms of a report."""

    TABLE = "table"
    CSV = "csv"
    MARKDOWN = "markdown"
    JSON = "json"


class ComparisonForm(StrEnum):
    """The forms of a comparison: a summary for a board, all of it for a terminal, all of it for machines."""

    MARKDOWN = "markdown"
    TABLE = "table"
    JSON = "json"


def say(*lines: str) -> None:
    """Write lines to stdout."""
    sys.stdout.writelines(f"{clean(line)}\n" for line in lines)


def tell(*lines: str) -> None:
    """Write lines to stderr, after what stands on stdout so far.

    Where stderr takes nothing there is nobody to tell, and what stdout does not take is told of at the end.
    """
    with suppress(OSError):
        sys.stdout.flush()
    with suppress(OSError):
        sys.stderr.writelines(f"{clean(line)}\n" for line in lines)


def say_json(value: object) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def drop_output() -> None:
    """Close stdout with what it could not write, which must not raise again when Python ends."""
    with suppress(OSError):
        sys.stdout.close()


def clean(text: str) -> str:
    """The text with its control characters spelled out: what stands in a file must not steer a terminal."""
    return text.translate(_CONTROLS)


def shortened(items: Iterable[str], limit: int, total: int) -> Iterator[str]:
    """The first items, and how many more there are."""
    for _, item in zip(range(limit), items, strict=False):
        yield item
    if total > limit:
        yield f"... and {total - limit} more"


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Show on stderr what goes on, if somebody watches: only on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


@contextmanager
def counting(text: str) -> Iterator[Callable[[int, int], None]]:
    """Show on stderr how far something has come, if somebody watches; it is told how many are done, and of how many."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console

    with Console(stderr=True).status(text) as status:
        yield lambda done, of: status.update(f"{text}: {done} of {of}")


@contextmanager
def uncollected() -> Iterator[None]:
    """Read and plan without the collector of cycles: a million frozen values have none, and it would walk them often.

    What was made meanwhile stays out of its sight: the command is about to end. Measured on 324 000 facts: 10 s of CPU
    instead of 26.
    """
    with COLLECTOR_HELD_BACK:
        try:
            yield
        finally:
            gc.freeze()
