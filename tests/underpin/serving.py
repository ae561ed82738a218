"""A server as a process: started on a free port, asked over HTTP, told to stop."""

import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.neo4j_server.server import free_port
from tests.underpin.commands import Underpin

PATIENCE = 60


@dataclass(slots=True)
class Server:
    """One running server; `out` and `err` are what it has printed so far."""

    process: "subprocess.Popen[bytes]"
    port: int
    stdout: IO[bytes]
    stderr: IO[bytes]

    @property
    def out(self) -> str:
        """What it printed to stdout."""
        return Path(self.stdout.name).read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        """What it printed to stderr."""
        return Path(self.stderr.name).read_text(encoding="utf-8")

    def get(self, path: str) -> tuple[int, Any]:
        """Status and JSON of a page; status 0 while nothing listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, None
        except OSError:
            return 0, None

    def ask(self, query: str) -> Any:
        """The answer to a query."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query}).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)

    def wait_until_ready(self) -> None:
        """Wait until it answers queries."""
        for _ in range(PATIENCE * 20):
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}: {self.err}")
            if self.get("/readyz")[0] == 200:
                return
            time.sleep(0.05)
        raise AssertionError(f"the server is not ready: {self.err}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop and give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def running(underpin: Underpin, *arguments: str | Path, **environment: str) -> Iterator[Server]:
    """`underpin serve` or `demo` on a free port, ready; killed at the end if it is still there."""
    port = free_port()
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        process = subprocess.Popen(
            underpin.command(*arguments, "--port", str(port)),
            cwd=underpin.folder,
            env={**underpin.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        server = Server(process, port, out, err)
        try:
            server.wait_until_ready()
            yield server
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
