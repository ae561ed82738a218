"""The options and arguments that several commands have, each with its line of help."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Job = Callable[[], int]
"""What a command does once it is understood; it gives the exit code."""


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f'"{text}" is no date; write it as 2026-06-30') from None


class Format(StrEnum):
    """The forms of the native format."""

    YAML = "yaml"
    CSV = "csv"
    XLSX = "xlsx"


Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="STORE",
        help="Where the graph is: sqlite:PATH, or neo4j://HOST:7687 (also bolt://, neo4j+s://, bolt+s://); by default "
        "UNDERPIN_STORE, else a file in your data folder.",
        show_default=False,
    ),
]
At = Annotated[
    date | None,
    typer.Option("--at", metavar="DATE", parser=_date, help="The business date to look at, as 2026-06-30."),
]
Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH...", help="Files, or folders of files.", show_default=False),
]
MaybePaths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH...]", help="Files to look at; without any, the store.", show_default=False),
]
Source = Annotated[str | None, typer.Option("--source", metavar="NAME", help="The source, where the file names none.")]
Scope = Annotated[
    str | None, typer.Option("--scope", metavar="NAME", help="The part of the source, where the file names none.")
]
AsOf = Annotated[
    date | None,
    typer.Option("--as-of", metavar="DATE", parser=_date, help="The date described, where the file says none."),
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]
Host = Annotated[str | None, typer.Option("--host", metavar="HOST", help="Where to listen; by default 127.0.0.1.")]
Port = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="The port, by default 8000; 0 takes a free one.")
]
