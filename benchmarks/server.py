"""`underpin serve` as a fresh process, asked over HTTP: the seconds to its first answer, and its CPU time a query."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT, RunFailedError
from tests.neo4j_server.server import free_port

START_SECONDS = 120
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A server under measurement, and when it was started (of `time.perf_counter`)."""

    process: "subprocess.Popen[bytes]"
    url: str
    started: float

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def ask(self, query: str) -> dict[str, object]:
        """The data that a query gives.

        Raises:
            RunFailedError: it gives errors.
        """
        body = json.dumps({"query": query}).encode()
        headers = {"content-type": "application/json", "accept": "application/json"}
        request = urllib.request.Request(self.url, body, headers)  # noqa: S310  our own address
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            said = json.load(answer)
        if "errors" in said:
            raise RunFailedError(f"the server answered {said['errors'][0]['message']}")
        data: dict[str, object] = said["data"]
        return data

    def cpu(self) -> float:
        """CPU seconds that the process has used so far."""
        stat = Path(f"/proc/{self.pid}/stat")
        if stat.is_file():
            fields = stat.read_text(encoding="ascii").rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / TICKS
        shown = subprocess.run(["ps", "-o", "time=", "-p", str(self.pid)], capture_output=True, text=True, check=True)
        seconds = 0.0
        for part in re.split("[:-]", shown.stdout.strip()):
            seconds = seconds * 60 + float(part)
        return seconds

    def cpu_milliseconds(self, query: str, repeats: int) -> float:
        """CPU milliseconds of the server for one answer, the mean of many after a few to warm up."""
        for _ in range(max(3, repeats // 10)):
            self.ask(query)
        before = self.cpu()
        for _ in range(repeats):
            self.ask(query)
        return (self.cpu() - before) * 1000 / repeats


@contextmanager
def served(environment: Mapping[str, str], at: str = "2026-06-30") -> Iterator[Server]:
    """Start a server on the environment's store; it may not answer yet. It is stopped at the end."""
    port = free_port()
    command = [sys.executable, "-m", "underpin", "serve", "--port", str(port), "--at", at]
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield Server(process, f"http://127.0.0.1:{port}/graphql", started)
        finally:
            process.terminate()
            process.wait(30)


def seconds_to_answer(server: Server, query: str) -> float:
    """Seconds from the start of the process to the first answer to a query."""
    while time.perf_counter() - server.started < START_SECONDS:
        try:
            server.ask(query)
        except OSError:
            if server.process.poll() is not None:
                raise RunFailedError(f"the server ended with {server.process.returncode}") from None
            time.sleep(0.005)
        else:
            return time.perf_counter() - server.started
    raise RunFailedError(f"the server gave no answer in {START_SECONDS} s")
