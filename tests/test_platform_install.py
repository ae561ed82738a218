"""Installing: what is missing is told in one sentence, never by a traceback."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import fetch_graphiql, install

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in the checkout, as a person would and not as a part of the make that may have started the tests."""
    environment = {key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_make_alone_lists_the_targets() -> None:
    listed = make()
    assert listed.returncode == 0
    names = [line.split()[1] for line in listed.stdout.splitlines()]
    assert {
        "help",
        "install",
        "install-dev",
        "run",
        "test",
        "check",
        "format",
        "lock",
        "schema",
        "neo4j",
        "bench",
        "clean",
    } <= set(names)


def test_a_python_that_is_too_old_is_refused_in_one_sentence(tmp_path: Path) -> None:
    old = script(tmp_path / "python3.9", "exit 1")
    refused = make(f"PYTHON={old}", "python")
    assert refused.returncode != 0
    assert refused.stderr.splitlines()[0].startswith("error: Underpin needs Python 3.11 or newer")


def test_a_python_that_does_not_exist_is_refused_in_one_sentence() -> None:
    refused = make("PYTHON=python-of-nowhere", "python")
    assert refused.returncode != 0
    assert (
        refused.stderr.splitlines()[0] == "error: there is no python-of-nowhere on PATH; install Python 3.11 or newer."
    )


def test_a_python_without_venv_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert install.main(["run"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: This Python cannot make virtual environments; install them first (python3.")
    assert len(told.splitlines()) == 1


def test_a_second_installation_does_nothing() -> None:
    if sys.prefix != str(install.VENV):
        pytest.skip("these tests do not run in .venv")
    assert make("install").returncode == 0
    again = make("install")
    assert (again.returncode, again.stdout) == (0, "")


@pytest.fixture
def no_assets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder for the assets, and no argument on the command line."""
    monkeypatch.setattr(fetch_graphiql, "ASSETS", tmp_path / "static" / "graphiql")
    monkeypatch.setattr(fetch_graphiql, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["fetch_graphiql.py"])
    return tmp_path


def fake_npm(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    script(folder / "npm", text)
    script(folder / "node", "exit 0")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")


def test_assets_that_cannot_be_fetched_do_not_stop_the_installation(
    no_assets: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_npm(no_assets / "bin", "echo 'npm error network down' >&2; exit 1", monkeypatch)
    assert fetch_graphiql.main() == 0
    told = capsys.readouterr().err
    assert told == (
        "GraphiQL was not fetched (npm ci failed: npm error network down); "
        "everything else works, and 'make graphiql' tries again.\n"
    )
    assert not fetch_graphiql.ASSETS.exists()


def test_assets_are_fetched_once_and_again_when_the_lock_changed(
    no_assets: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = " ".join(f"node_modules/{path}" for path in fetch_graphiql.FILES.values())
    count = no_assets / "count"
    fake_npm(
        no_assets / "bin",
        f'echo x >> "{count}"; for f in {made}; do mkdir -p "$(dirname $f)"; echo "$f" > $f; done',
        monkeypatch,
    )
    assert fetch_graphiql.main() == 0
    assert fetch_graphiql.main() == 0
    assert count.read_text(encoding="ascii") == "x\n"
    assert {path.name for path in fetch_graphiql.ASSETS.iterdir()} == {*fetch_graphiql.FILES, fetch_graphiql.STAMP}
    (fetch_graphiql.ASSETS / fetch_graphiql.STAMP).write_text("of another lock", encoding="ascii")
    assert fetch_graphiql.main() == 0
    assert count.read_text(encoding="ascii") == "x\nx\n"
    assert capsys.readouterr().err == ""
