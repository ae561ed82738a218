"""`kill -9` of the writing process: what is there afterwards is the old revision or the new one, whole."""

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.neo4j_server.server import Neo4jAddress
from tests.topology.store_contract import StorePlace, neo4j_place, sqlite_place


def states_after_kills(place: StorePlace, times: int) -> list[str]:
    command = [sys.executable, "-m", "tests.topology.store_crash", str(times), *place.arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(results) == times
    assert "wrong" not in [each["state"] for each in results], (results, done.stderr)
    assert results[0] == {**results[0], "killed": True, "state": "old"}
    assert sum(each["killed"] for each in results) >= times * 3 // 5, results
    return [each["state"] for each in results]


def test_a_file_whose_writer_was_killed_twenty_times_holds_one_whole_revision(tmp_path: Path) -> None:
    states = states_after_kills(sqlite_place(tmp_path), 20)
    assert states == sorted(states, key=["old", "new"].index)


def test_a_server_whose_writer_was_killed_five_times_holds_one_whole_revision(clean_neo4j: Neo4jAddress) -> None:
    """Log and graph alike: what a killed writer has not projected is projected by whoever opens the store next."""
    assert set(states_after_kills(neo4j_place(clean_neo4j), 5)) == {"old", "new"}
