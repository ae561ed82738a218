"""Fixtures of the command's tests."""

import os
from pathlib import Path

import pytest

from tests.underpin.commands import Underpin


@pytest.fixture
def underpin(tmp_path: Path) -> Underpin:
    """The command in an empty folder, with an empty home."""
    folder, home = tmp_path / "here", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    return Underpin(folder, home)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, with an empty home and no settings."""
    for name in [name for name in os.environ if name.startswith("UNDERPIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home" / "data"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
