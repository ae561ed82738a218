"""The command `underpin`: what it understands. Each command is read here and done in a module that is loaded for it."""

import sys
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from io import StringIO
from os import environ
from pathlib import Path
from traceback import format_exc
from typing import Annotated, TextIO

import typer

from topology.errors import UnderpinError
from underpin.options import AsOf, At, Format, Host, Job, Json, MaybePaths, Paths, Port, Scope, Source, Store
from underpin.output import ChangeCode, ComparisonForm, ExitCode, drop_output, tell
from underpin.report_commands import report

app = typer.Typer(
    name="underpin",
    help="Business transactions, the services and vendors beneath them, and whether the promises about them can hold.",
    epilog="docs/command.md says which variables stand for options. UNDERPIN_DEBUG=1 shows where a bug is.",
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(report, name="report")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"underpin {version('underpin')}")
        raise typer.Exit


WORDS = {
    "Value error, ": "",
    "Input should be a valid integer, unable to parse string as an integer": "it is no whole number",
    "Input should be greater than or equal to": "the least is",
    "Input should be less than or equal to": "the most is",
    ". Choose from:": "; choose from",
    "unexpected extra argument(s)": "more arguments than are understood",
}
"""What the library says, and how we say it."""


@app.callback()
def common(
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command()
def serve(
    *,
    store: Store = None,
    host: Host = None,
    port: Port = None,
    at: At = None,
    no_authentication: Annotated[
        bool, typer.Option("--no-authentication", help="Let everyone in who can reach the host; say so to open it.")
    ] = False,
) -> Job:
    """Serve the graph: GraphQL and GraphiQL at /graphql."""
    from underpin.serving import Serving, serve_store

    return partial(serve_store, Serving(store, host, port, at, no_authentication))


@app.command(name="import")
def import_files(
    *,
    paths: Paths,
    store: Store = None,
    source: Source = None,
    scope: Scope = None,
    as_of: AsOf = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show what would change, and write nothing.")] = False,
    digest: Annotated[
        str | None, typer.Option("--digest", metavar="DIGEST", help="Write only if the plan still has this digest.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Write nothing if anything is wrong.")] = False,
    allow_removals: Annotated[
        int | None,
        typer.Option("--allow-removals", metavar="N", min=0, help="Let the import remove up to N facts of a source."),
    ] = None,
    json: Json = False,
) -> Job:
    """Read files and write what they change.

    Each source is one revision, written whole or not at all.

    Ends with 0 done, 1 written but rows had errors, 2 unreadable or wrong usage, 3 too many removals, 4 a conflict
    that needs your answer.
    """
    from underpin.importing import Importing, import_paths

    asked = Importing(tuple(paths), store, source, scope, as_of, plan, digest, strict, allow_removals, json)
    return partial(import_paths, asked)


@app.command()
def export(
    *,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The file to write; for csv a folder.")],
    form: Annotated[Format, typer.Option("--format", help="The form to write.", show_default=False)],
    store: Store = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="NAME", help="The source to write; the only one by default."),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option("--scope", metavar="NAME", help="The part of the source to write; the only one by default."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> Job:
    """Write one source as a native file.

    It imports again without a change.
    """
    from underpin.exporting import Exporting, export_source

    return partial(export_source, Exporting(path, form.value, store, source, scope, force))


@app.command()
def demo(
    *,
    store: Store = None,
    host: Host = None,
    port: Port = None,
    at: At = None,
) -> Job:
    """Show and serve an example company.

    It is loaded once, into a store of its own.
    """
    from underpin.demonstrating import demonstrate
    from underpin.serving import Serving

    return partial(demonstrate, Serving(store, host, port, at))


@app.command()
def check(
    *,
    paths: MaybePaths = None,
    store: Store = None,
    source: Source = None,
    scope: Scope = None,
    as_of: AsOf = None,
    at: At = None,
    links: Annotated[bool, typer.Option("--links", help="Hold each supplier's contract against each promise.")] = False,
    processes: Annotated[
        int | None,
        typer.Option(
            "--processes",
            metavar="N",
            min=1,
            help="How many work on the availabilities; by default as many as there are processors, where there is much "
            "to do.",
        ),
    ] = None,
    json: Json = False,
) -> Job:
    """Run the analyses and show promises and findings.

    Ends with 1 when a promise is in SHORTFALL, else with 0; with 2 when there is nothing sound to check.
    """
    from underpin.checking import Checking, check_promises

    return partial(
        check_promises, Checking(tuple(paths or ()), store, source, scope, as_of, at, links, json, processes)
    )


@app.command()
def compare(
    *,
    before: Annotated[
        Path, typer.Argument(metavar="BEFORE", help="What there is: a file, or a folder of files.", show_default=False)
    ],
    after: Annotated[
        Path, typer.Argument(metavar="AFTER", help="What there would be, in the same way.", show_default=False)
    ],
    form: Annotated[
        ComparisonForm, typer.Option("--format", help="A summary for a board, or all of it for a terminal or machines.")
    ] = ComparisonForm.MARKDOWN,
    at: At = None,
    source: Source = None,
    scope: Scope = None,
) -> Job:
    """Tell whether a change of files breaks a promise.

    Ends with 0 PASS, 1 WARN, 2 FAIL; with 3 when the command or a file is wrong, or nothing could be compared.
    """
    from underpin.comparing import Comparing, compare_files

    return partial(compare_files, Comparing(before, after, form, at, source, scope))


@app.command()
def template(
    *,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The file to write; for --csv a folder.")],
    yaml: Annotated[bool, typer.Option("--yaml", help="One YAML file.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="A folder of CSV files.")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="A workbook with validation lists.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> Job:
    """Write an empty start in the native format."""
    chosen = [form for form, wanted in ((Format.YAML, yaml), (Format.CSV, csv), (Format.XLSX, xlsx)) if wanted]
    if len(chosen) != 1:
        raise typer.BadParameter("choose one of --yaml, --csv and --xlsx")
    from underpin.exporting import write_template

    return partial(write_template, path, chosen[0].value, force=force)


@app.command()
def schema() -> Job:
    """Print the JSON Schema of the native format."""
    from underpin.exporting import print_schema

    return print_schema


def main(arguments: Sequence[str] | None = None) -> int:
    """Understand the command line, do what it says, and give the exit code. No traceback unless UNDERPIN_DEBUG=1."""
    # Python has None for a stream that was closed before it began.
    is_closed = sys.stdout is None
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    given = sys.argv[1:] if arguments is None else arguments
    if is_closed:
        tell("error: standard output is closed; nothing was done")
        return _error_code(ExitCode.UNUSABLE, given)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(given)
    except KeyboardInterrupt:
        tell("stopped")
        return ExitCode.STOPPED
    except BrokenPipeError:
        # Who reads has gone, as `head` does.
        drop_output()
        return ExitCode.PIPE_CLOSED


def _nowhere() -> TextIO:
    return StringIO()


def _run(given: Sequence[str]) -> int:
    try:
        job = app(args=given or ["--help"], prog_name="underpin", standalone_mode=False)
        code = job() if callable(job) else job or ExitCode.DONE
        sys.stdout.flush()
        return int(code)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        help_of = context.command_path if context is not None else "underpin"
        tell(f"error: {_plainly(error.format_message())} (see `{help_of} --help`)")
        return _error_code(error.exit_code, given)
    except UnderpinError as error:
        tell(*_sentences(error))
        return _error_code(ExitCode.CONFLICT if error.code == "CONFLICT" else ExitCode.UNUSABLE, given)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except OSError as error:
        return _error_code(_failed(error), given)
    except Exception as error:  # noqa: BLE001  the last resort: a bug is one sentence, and how to see more
        return _bug(error)


def _error_code(code: int, given: Sequence[str]) -> int:
    """What an error ends with; of `compare`, whose 2 says FAIL, with 3."""
    return ChangeCode.UNUSABLE if given[:1] == ["compare"] else code


def _sentences(error: UnderpinError) -> list[str]:
    return [f"error: {issue.message}" for issue in error.issues] or [f"error: {error}"]


def _plainly(message: str) -> str:
    """What the library says of wrong usage, in one line and in our words."""
    for theirs, ours in WORDS.items():
        message = message.replace(theirs, ours)
    return " ".join(message.split()).rstrip(".")


def _failed(error: OSError) -> int:
    """The system refuses: a full disk or a folder that nobody may write to is no bug."""
    if _is_debugging():
        tell(*format_exc().splitlines())
    # What has no name is stdout: files are opened by name, and stores and sockets tell of themselves.
    where = "standard output" if error.filename is None else error.filename
    tell(f"error: {where} cannot be used: {error.strerror or type(error).__name__}")
    drop_output()
    return ExitCode.UNUSABLE


def _is_debugging() -> bool:
    return environ.get("UNDERPIN_DEBUG", "0") not in {"", "0"}


def _bug(error: Exception) -> int:
    if _is_debugging():
        tell(*format_exc().splitlines())
    else:
        tell(f"error: this is a bug in Underpin ({type(error).__name__}); UNDERPIN_DEBUG=1 shows where it is")
    return ExitCode.BUG
