"""The command as people run it: a program of its own, with its own folder for data and no settings but those given."""

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from underpin.cli import main

Done = subprocess.CompletedProcess[str]
"""Exit code, stdout and stderr."""


@dataclass(frozen=True, slots=True)
class Underpin:
    """Runs `underpin` in a folder; `home` is where its default stores lie."""

    folder: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the program sees: nothing of ours that begins with UNDERPIN_."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("UNDERPIN_")}
        return {**kept, "HOME": str(self.home), "XDG_DATA_HOME": str(self.home / "data"), "PYTHONPATH": str(ROOT)}

    def command(self, *arguments: str | Path) -> list[str]:
        """The command line."""
        return [sys.executable, "-W", "error", "-m", "underpin", *map(str, arguments)]

    def __call__(self, *arguments: str | Path, **environment: str) -> Done:
        """Run it to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def start(self, *arguments: str | Path, **environment: str) -> "subprocess.Popen[str]":
        """Start it and let it run."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def in_process(*arguments: str | Path) -> Done:
    """Run the command in this process, in the current folder: quicker, where a process of its own proves no more."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([*map(str, arguments)])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
