"""One Neo4j server as a child process: started, killed, restarted and stopped by its process id."""

import atexit
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from neo4j import Driver, GraphDatabase
from neo4j.exceptions import AuthError, Neo4jError, ServiceUnavailable

from tests.neo4j_server.jars import HERE, ServerUnavailableError, fetch_jars, java_command, neo4j_version

__all__ = ["Neo4jAddress", "Neo4jServer", "ServerFailedError", "ServerUnavailableError", "fetch_jars", "neo4j_version"]

USER: Final = "neo4j"
FIRST_PASSWORD: Final = "neo4j"  # noqa: S105  what every new Neo4j has until the first login changes it
READY_SECONDS: Final = 180.0
STOP_SECONDS: Final = 60.0
BATCH: Final = 10_000
DELETE_ALL: Final = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF $batch ROWS"
# The two lookup indexes are the server's own; everything planned on labels needs them.
SCHEMA_QUERIES: Final = (
    ("SHOW CONSTRAINTS YIELD name RETURN name", "DROP CONSTRAINT $name IF EXISTS"),
    ("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name", "DROP INDEX $name IF EXISTS"),
)
JAVA_FLAGS: Final = (
    "-XX:+UseG1GC",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


class ServerFailedError(Exception):
    """The server has all that it needs and did not come up; the message ends with what it printed last."""


@dataclass(frozen=True, slots=True)
class Neo4jAddress:
    """Where a server answers and with which credentials."""

    uri: str
    user: str
    password: str

    @contextmanager
    def driver(self) -> Iterator[Driver]:
        """A driver that gives up within seconds."""
        with GraphDatabase.driver(
            self.uri,
            auth=(self.user, self.password),
            connection_timeout=5.0,
            max_transaction_retry_time=5.0,
        ) as driver:
            yield driver

    def count_nodes(self) -> int:
        """How many nodes the default database holds."""
        with self.driver() as driver:
            records, _, _ = driver.execute_query("MATCH (n) RETURN count(n) AS nodes", database_="neo4j")
        return int(records[0]["nodes"])

    def clear(self) -> None:
        """Leave the default database without nodes, relationships, constraints and indexes."""
        with self.driver() as driver, driver.session(database="neo4j") as session:
            session.run(DELETE_ALL, batch=BATCH).consume()
            for show, drop in SCHEMA_QUERIES:
                for name in [record["name"] for record in session.run(show)]:
                    session.run(drop, name=name).consume()


def free_port() -> int:
    """A port of 127.0.0.1 that is free now."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Neo4jServer:
    """A Neo4j Community server on 127.0.0.1, with authentication on.

    The process has its own group, so that a Ctrl-C meant for the tests does not reach it first, and halts when its
    standard input ends, so that it never outlives the one that started it.
    """

    def __init__(self, data: Path, *, port: int | None = None, password: str | None = None, heap: str = "2g") -> None:
        """Prepare a server; `start` starts it.

        Args:
            data: The folder of its data, empty or left by a server with the same password.
            port: The Bolt port; a free one by default.
            password: The password to set at the first login, or the one set then; a random one by default.
            heap: Java's heap, such as ``2g``.
        """
        self._data = data
        self._port = free_port() if port is None else port
        self._password = secrets.token_urlsafe(18) if password is None else password
        self._heap = heap
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """The Bolt address."""
        return f"bolt://127.0.0.1:{self._port}"

    @property
    def user(self) -> str:
        """The only user of a new server."""
        return USER

    @property
    def password(self) -> str:
        """The user's password."""
        return self._password

    @property
    def address(self) -> Neo4jAddress:
        """Address and credentials as one value."""
        return Neo4jAddress(self.uri, self.user, self.password)

    @property
    def pid(self) -> int | None:
        """The process id while the server runs."""
        return None if self._process is None else self._process.pid

    @property
    def log(self) -> Path:
        """What the process printed since its last start."""
        return self._data / "launcher.log"

    def start(self) -> Self:
        """Start the server and wait until it answers, its password set.

        Raises:
            ServerUnavailableError: Java or Maven is missing, or the jars cannot be fetched.
            ServerFailedError: The server did not come up.
        """
        if self._process is not None:
            raise RuntimeError("the server runs already")
        classpath = f"{fetch_jars()}/*"
        self._data.mkdir(parents=True, exist_ok=True)
        java = [java_command(), "-Xms256m", f"-Xmx{self._heap}", *JAVA_FLAGS, "-cp", classpath]
        with self.log.open("wb") as log:
            self._process = self._launch(
                [*java, str(HERE / "Neo4jServer.java"), str(self._data), str(self._port), "512m"], log
            )
        atexit.register(self.kill)
        try:
            self._wait_until_ready()
            self._log_in()
        except BaseException:
            self.kill()
            raise
        return self

    @staticmethod
    def _launch(command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_SECONDS
        while b"ready" not in self.log.read_bytes().splitlines():
            if self._process.poll() is not None or time.monotonic() > deadline:
                last = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
                raise ServerFailedError("Neo4j did not start: " + " | ".join(last))
            time.sleep(0.05)

    def _log_in(self) -> None:
        """Check the password; at the first login of a new server set it."""
        try:
            with self.address.driver() as driver:
                driver.verify_connectivity()
        except AuthError:
            with Neo4jAddress(self.uri, USER, FIRST_PASSWORD).driver() as driver:
                driver.execute_query(
                    "ALTER CURRENT USER SET PASSWORD FROM $old TO $new",
                    old=FIRST_PASSWORD,
                    new=self._password,
                    database_="system",
                )

    def kill(self) -> None:
        """End the server as a power cut would (SIGKILL); what it committed stays on disk."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the server in good order."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Start again on the same data and the same port, after `kill`, `stop` or while it runs."""
        self.kill()
        self.start()

    def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        atexit.unregister(self.kill)
        if process.poll() is None:
            process.send_signal(with_signal)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            if process.stdin is not None:
                process.stdin.close()

    def remove(self) -> None:
        """Kill the server and delete its data."""
        self.kill()
        shutil.rmtree(self._data, ignore_errors=True)

    def __enter__(self) -> Self:
        """Start the server."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill the server: nobody wants its data afterwards."""
        self.kill()


def can_reach(address: Neo4jAddress) -> str | None:
    """Why a server cannot be used, or None when it can."""
    try:
        with address.driver() as driver:
            driver.verify_connectivity()
    except (Neo4jError, ServiceUnavailable, ValueError) as error:
        return str(error)
    return None
