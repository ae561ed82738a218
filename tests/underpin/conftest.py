"""Fixtures of the command's tests."""

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
