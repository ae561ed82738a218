"""`kill -9` of the writing process: what is there afterwards is the old revision or the new one, whole."""

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.neo4j_server.server import Neo4jAddress
from tests.topology.store_contract import StorePlace, neo4j_place, sqlite_place


def states_after_kills(place: StorePlace, times: int) -> list[str]:
    """The state found after each kill; the reader has compared it, and written on top of it."""
    command = [sys.executable, "-m", "tests.topology.store_crash", str(times), *place.arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    states = [json.loads(line)["state"] for line in done.stdout.splitlines()]
    assert len(states) == times
    assert "wrong" not in states, done.stderr
    assert "old" in states
    return states


def test_a_file_whose_writer_was_killed_twenty_times_holds_one_whole_revision(tmp_path: Path) -> None:
    states_after_kills(sqlite_place(tmp_path), 20)


def test_a_server_whose_writer_was_killed_five_times_holds_one_whole_revision(clean_neo4j: Neo4jAddress) -> None:
    """Log and graph alike: what a killed writer has not projected is projected by whoever opens the store next."""
    assert "new" in states_after_kills(neo4j_place(clean_neo4j), 5)
