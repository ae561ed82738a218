"""The command line as such: help everywhere, one sentence for what goes wrong, exit codes, quick to start."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
import typer.main

from tests.underpin.commands import Underpin, in_process
from tests.underpin.companies import SHOP, written
from underpin import cli
from underpin.output import ExitCode

COMMANDS = {"serve", "import", "export", "demo", "check", "compare", "report", "template", "schema"}


def parameters() -> Iterator[tuple[str, object]]:
    group = typer.main.get_group(cli.app)
    for name, command in group.commands.items():
        for parameter in command.params:
            yield f"{name} {parameter.name}", getattr(parameter, "help", None)
    for parameter in group.params:
        yield f"underpin {parameter.name}", getattr(parameter, "help", None)


def test_the_commands_are_those_that_are_promised() -> None:
    assert set(typer.main.get_group(cli.app).commands) == COMMANDS


def test_every_command_option_and_argument_has_a_line_of_help() -> None:
    group = typer.main.get_group(cli.app)
    assert [name for name, command in group.commands.items() if not command.help] == []
    assert [name for name, told in parameters() if not told] == []


def test_the_commands_summaries_are_not_cut_off(underpin: Underpin) -> None:
    shown = underpin("--help", COLUMNS="80").stdout
    listed = shown.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert {line.split()[0] for line in listed} == COMMANDS
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_of_each_command_is_shown_on_stdout(name: str) -> None:
    shown = in_process(name, "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"Usage: underpin {name} ")


def test_the_version_is_shown(underpin: Underpin) -> None:
    assert underpin("--version").stdout == "underpin 0.1.0\n"


def test_no_command_at_all_shows_the_help(underpin: Underpin) -> None:
    assert underpin().stdout == underpin("--help").stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["impotr"], "No such command 'impotr'"),
        (["import"], "Missing argument 'PATH...'"),
        (["import", "x", "--bogus"], "No such option: --bogus"),
        (["import", "x", "--allow-removals", "-1"], "Invalid value for '--allow-removals'"),
        (["serve", "--at", "3/1/2025"], '"3/1/2025" is no date; write it as 2026-06-30'),
        (["serve", "--at", "2025-02-30"], '"2025-02-30" is no date'),
        (["serve", "--port", "99999"], "'--port': the most is 65535"),
        (["serve", "--port", "x"], "'--port': it is no whole number"),
        (["export", "x", "--format", "pdf"], "'--format': 'pdf' is not one of 'yaml', 'csv', 'xlsx' (see"),
        (["export", "x"], "Missing option '--format'; choose from yaml, csv, xlsx (see"),
        (["demo", "x"], "Got more arguments than are understood (x)"),
        (["template", "x"], "choose one of --yaml, --csv and --xlsx"),
        (["template", "x", "--yaml", "--csv"], "choose one of --yaml, --csv and --xlsx"),
    ],
)
@pytest.mark.usefixtures("here")
def test_wrong_usage_is_one_line_on_stderr_and_code_2(arguments: list[str], expected: str) -> None:
    refused = in_process(*arguments)
    assert refused.returncode == ExitCode.UNUSABLE
    assert refused.stdout == ""
    (line,) = refused.stderr.splitlines()
    assert line.startswith("error: ")
    assert expected in line


def test_wrong_settings_are_told_one_a_line(underpin: Underpin) -> None:
    refused = underpin("check", UNDERPIN_PORT="abc", UNDERPIN_TIMEZONE="Mars")
    assert refused.returncode == ExitCode.UNUSABLE
    assert [line.partition(":")[2].split(":")[0] for line in refused.stderr.splitlines()] == [
        " UNDERPIN_PORT",
        " UNDERPIN_TIMEZONE",
    ]


def broken() -> int:
    raise RuntimeError("a detail")


def test_a_bug_is_one_sentence_unless_more_is_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("UNDERPIN_DEBUG", raising=False)
    monkeypatch.setattr(cli, "app", lambda **_: broken)
    assert cli.main(["schema"]) == ExitCode.BUG
    told = capsys.readouterr().err
    assert told == "error: this is a bug in Underpin (RuntimeError); UNDERPIN_DEBUG=1 shows where it is\n"
    monkeypatch.setenv("UNDERPIN_DEBUG", "1")
    assert cli.main(["schema"]) == ExitCode.BUG
    assert "RuntimeError: a detail" in capsys.readouterr().err


def test_ctrl_c_is_one_line_and_code_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stopped() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", lambda **_: stopped)
    assert cli.main(["schema"]) == ExitCode.STOPPED
    assert capsys.readouterr().err == "stopped\n"


def test_ctrl_c_ends_a_command_that_waits_for_a_server(underpin: Underpin) -> None:
    # A server that accepts and never says a word: the command is in the middle of connecting.
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        store = f"bolt://127.0.0.1:{mute.getsockname()[1]}"
        with underpin.start("check", "--store", store, UNDERPIN_NEO4J_PASSWORD="x") as process:  # noqa: S106
            accepted, _ = mute.accept()
            with accepted:
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=60)
    # Stopped in the middle, the driver may leave its socket to the collector, which says so under -W error only.
    assert (process.returncode, out, err.partition("\n")[0]) == (130, "", "stopped")


def test_help_needs_none_of_the_heavy_libraries(underpin: Underpin) -> None:
    heavy = {"pydantic", "strawberry", "graphql", "starlette", "uvicorn", "networkx", "neo4j", "yaml", "rich"}
    code = f"import sys; from underpin.cli import main; main(['--help']); print(sorted({heavy} & set(sys.modules)))"
    shown = __import__("subprocess").run(
        [sys.executable, "-c", code], env=underpin.environment, capture_output=True, text=True, check=True
    )
    assert shown.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("arguments", [["schema"], ["--help"], ["import", "--help"], ["check", "shop.yaml", "--json"]])
def test_a_full_disk_is_one_sentence_and_no_bug(underpin: Underpin, arguments: list[str]) -> None:
    written(underpin.folder, "shop.yaml", SHOP)
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        assert stat.S_ISCHR(os.fstat(full.fileno()).st_mode)
        done = run(underpin.command(*arguments), underpin, full)
    assert (done.returncode, done.stderr) == (
        ExitCode.UNUSABLE,
        "error: standard output cannot be used: No space left on device\n",
    )


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-"])
def test_a_closed_stdout_is_told_before_anything_is_done(underpin: Underpin, closed: str) -> None:
    written(underpin.folder, "shop.yaml", SHOP)
    command = underpin.command("import", "--store", "sqlite:shop.db", "--json", "shop.yaml")
    done = run(["sh", "-c", f'exec "$0" "$@" {closed}', *command], underpin, subprocess.DEVNULL)
    told = "" if "2>" in closed else "error: standard output is closed; nothing was done\n"
    assert (done.returncode, done.stderr) == (ExitCode.UNUSABLE, told)
    assert not (underpin.folder / "shop.db").exists()


def run(command: list[str], underpin: Underpin, stdout: IO[str] | int) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=underpin.folder,
        env=underpin.environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("command", [["import", "shop.yaml"], ["serve", "--port", "0"], ["demo", "--port", "0"]])
def test_a_data_folder_that_cannot_be_made_is_one_sentence(underpin: Underpin, command: list[str]) -> None:
    written(underpin.folder, "shop.yaml", SHOP)
    refused = underpin(*command, XDG_DATA_HOME="/dev/null/x")
    assert (refused.returncode, refused.stdout) == (ExitCode.UNUSABLE, "")
    assert refused.stderr == (
        "error: the folder /dev/null/x/underpin cannot be made: Not a directory; name another store with --store\n"
    )


def test_the_scope_of_an_export_is_said_to_be_written() -> None:
    assert "The part of the source to write" in " ".join(in_process("export", "--help").stdout.split())
