"""Programs run as fresh processes: how long from their start, how much CPU, how much memory at most."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
_PEAK_UNIT = 1024 if sys.platform != "darwin" else 1


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program: wall seconds from its start, CPU seconds, peak resident MiB, what it printed."""

    wall: float
    cpu: float
    peak_mib: float
    stdout: str
    code: int


class RunFailedError(Exception):
    """A program under measurement failed; the message ends with what it said last."""


def run(command: Sequence[str], environment: Mapping[str, str], *, codes: frozenset[int] = frozenset({0})) -> Run:
    """Run a program to its end and measure it.

    Raises:
        RunFailedError: its exit code is none of `codes`.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        out, err = _drained(process)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        last = " | ".join((err or out).decode(errors="replace").strip().splitlines()[-3:])
        raise RunFailedError(f"{' '.join(command[-4:])} ended with {process.returncode}: {last}")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(wall, cpu, usage.ru_maxrss * _PEAK_UNIT / 1024**2, out.decode(), process.returncode)


def _drained(process: "subprocess.Popen[bytes]") -> tuple[bytes, bytes]:
    """Both streams to their ends, without waiting for the process: `wait4` does that and tells what it used."""
    assert process.stdout is not None
    assert process.stderr is not None
    with ThreadPoolExecutor(2) as threads:
        out, err = threads.submit(process.stdout.read), threads.submit(process.stderr.read)
        return out.result(), err.result()


def python(*arguments: str) -> list[str]:
    """A command that runs a module of this checkout in this Python."""
    return [sys.executable, "-m", *arguments]


def middle(runs: Sequence[Run]) -> Run:
    """The median of each figure."""
    return Run(
        median(r.wall for r in runs), median(r.cpu for r in runs), max(r.peak_mib for r in runs), runs[-1].stdout, 0
    )
