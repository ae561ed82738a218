"""A Neo4j server for people and benchmarks.

Commands:
    python -m tests.neo4j_server fetch: fetch the jars (once).
    python -m tests.neo4j_server run: start a server, print how to reach it, run until Ctrl-C.
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

from tests.neo4j_server.jars import ServerUnavailableError, fetch_jars, java_command, neo4j_version
from tests.neo4j_server.server import Neo4jServer, ServerFailedError


def fetch() -> int:
    """Fetch the jars; where that cannot be done the tests that need them say so and skip."""
    required = os.environ.get("UNDERPIN_REQUIRE_NEO4J") == "1"
    if os.environ.get("UNDERPIN_TEST_NEO4J_URL"):
        return 0
    try:
        java_command()
        fetch_jars()
    except ServerUnavailableError as error:
        print(f"{'error' if required else 'note'}: {error}", file=sys.stderr)
        return 1 if required else 0
    return 0


def run(data: Path | None, port: int | None, heap: str) -> int:
    """Run a server until Ctrl-C or SIGTERM."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory(prefix="underpin-neo4j-", ignore_cleanup_errors=True) as scratch:
        server = Neo4jServer(
            data or Path(scratch), port=port, heap=heap, password=os.environ.get("UNDERPIN_TEST_NEO4J_PASSWORD")
        )
        try:
            with server:
                print(f"Neo4j {neo4j_version()} answers until Ctrl-C:")
                print(f"export UNDERPIN_TEST_NEO4J_URL={server.uri}")
                print(f"export UNDERPIN_TEST_NEO4J_USER={server.user}")
                print(f"export UNDERPIN_TEST_NEO4J_PASSWORD={server.password}", flush=True)
                stopped.wait()
        except (ServerUnavailableError, ServerFailedError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    return 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.neo4j_server", description="A Neo4j server for tests and benchmarks."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="fetch the server's jars (once)")
    runner = commands.add_parser("run", help="start a server, print how to reach it, run until Ctrl-C")
    runner.add_argument("--data", type=Path, help="folder of the data; by default a temporary one, deleted at the end")
    runner.add_argument("--port", type=int, help="Bolt port; by default a free one")
    runner.add_argument("--heap", default="2g", help="Java's heap (default: 2g)")
    arguments = parser.parse_args()
    if arguments.command == "fetch":
        return fetch()
    return run(arguments.data, arguments.port, arguments.heap)


if __name__ == "__main__":
    sys.exit(main())
