"""The test server itself: it starts, refuses, survives a power cut, and leaves nothing behind."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import neo4j
import pytest
from neo4j.exceptions import AuthError

from tests.conftest import ROOT, given_server, without_neo4j
from tests.neo4j_server import jars
from tests.neo4j_server.server import Neo4jAddress, Neo4jServer, ServerUnavailableError


def test_committed_data_are_back_after_a_power_cut(own_neo4j: Neo4jServer) -> None:
    with own_neo4j.address.driver() as driver:
        driver.execute_query("UNWIND range(1, 500) AS i CREATE (:Kept {i: i})", database_="neo4j")
    killed = own_neo4j.pid
    own_neo4j.kill()
    assert killed is not None
    assert not is_alive(killed)
    own_neo4j.restart()
    assert own_neo4j.pid != killed
    assert own_neo4j.address.count_nodes() == 500


def test_a_wrong_password_is_refused(neo4j_server: Neo4jAddress) -> None:
    wrong = Neo4jAddress(neo4j_server.uri, neo4j_server.user, "not the password")
    with wrong.driver() as driver, pytest.raises(AuthError):
        driver.verify_connectivity()


def test_the_server_has_the_version_that_is_pinned(neo4j_server: Neo4jAddress) -> None:
    if os.environ.get("UNDERPIN_TEST_NEO4J_URL"):
        pytest.skip("another server is used")
    with neo4j_server.driver() as driver:
        agent = driver.get_server_info().agent
    assert agent == f"Neo4j/{jars.neo4j_version()}"


def test_a_clean_database_has_no_node_constraint_or_index(neo4j_server: Neo4jAddress) -> None:
    with neo4j_server.driver() as driver, driver.session(database="neo4j") as session:
        session.run("CREATE CONSTRAINT kept IF NOT EXISTS FOR (n:Kept) REQUIRE n.uid IS UNIQUE").consume()
        session.run("CREATE INDEX sought IF NOT EXISTS FOR (n:Kept) ON (n.name)").consume()
        session.run("CREATE (:Kept {uid: 1})-[:REQUIRES]->(:Kept {uid: 2})").consume()
    neo4j_server.clear()
    with neo4j_server.driver() as driver:
        show = "SHOW INDEXES YIELD type WHERE type <> 'LOOKUP' RETURN count(*) AS left"
        assert driver.execute_query(show, database_="neo4j", result_transformer_=neo4j.Result.value) == [0]
    assert neo4j_server.count_nodes() == 0


def test_a_database_that_is_not_empty_is_refused(clean_neo4j: Neo4jAddress, monkeypatch: pytest.MonkeyPatch) -> None:
    with clean_neo4j.driver() as driver:
        driver.execute_query("CREATE (:SomebodysData)", database_="neo4j")
    monkeypatch.setenv("UNDERPIN_TEST_NEO4J_USER", clean_neo4j.user)
    monkeypatch.setenv("UNDERPIN_TEST_NEO4J_PASSWORD", clean_neo4j.password)
    with pytest.raises(pytest.fail.Exception, match="a database of 1 nodes"):
        given_server(clean_neo4j.uri)
    assert clean_neo4j.count_nodes() == 1


def test_the_server_does_not_outlive_a_starter_that_was_killed(neo4j_server: Neo4jAddress, tmp_path: Path) -> None:
    starter = (
        "import sys, time; from pathlib import Path; from tests.neo4j_server.server import Neo4jServer\n"
        "server = Neo4jServer(Path(sys.argv[1]), heap='512m').start(); print(server.pid, flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", starter, tmp_path / "data"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        server = int(process.stdout.readline())
        assert is_alive(server)
        process.send_signal(signal.SIGKILL)
        process.wait()
    deadline = time.monotonic() + 20
    while is_alive(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(server)


def test_without_java_the_tests_skip_and_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServerUnavailableError, match="install a JDK 17 or later") as error:
        jars.java_command()
    monkeypatch.delenv("UNDERPIN_REQUIRE_NEO4J", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install a JDK 17 or later"):
        without_neo4j(str(error.value))


def test_where_neo4j_is_required_a_skip_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERPIN_REQUIRE_NEO4J", "1")
    with pytest.raises(pytest.fail.Exception, match="there is no server"):
        without_neo4j("there is no server")


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setattr(jars, "cache_folder", lambda: tmp_path / "cache" / "version")
    return tmp_path / "cache" / "version"


def fake_maven(folder: Path, monkeypatch: pytest.MonkeyPatch, then: str) -> Path:
    """A Maven that counts its runs, writes one jar where it was told, and then does as the test says."""
    folder.mkdir(exist_ok=True)
    count = folder / "count"
    maven = folder / "mvn"
    maven.write_text(
        f'#!/bin/sh\necho x >> "{count}"\n'
        'for word; do case "$word" in -DoutputDirectory=*) out="${word#*=}";; esac; done\n'
        f'mkdir -p "$out"; echo jar > "$out/a.jar"\n{then}\n',
        encoding="ascii",
    )
    maven.chmod(maven.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return count


def test_jars_are_fetched_once(cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    count = fake_maven(tmp_path / "bin", monkeypatch, "exit 0")
    assert jars.fetch_jars() == cache
    assert jars.fetch_jars() == cache
    assert [path.name for path in cache.iterdir()] == ["a.jar"]
    assert count.read_text(encoding="ascii") == "x\n"


def test_a_download_that_broke_off_never_counts_as_done(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake_maven(tmp_path / "bin", monkeypatch, "echo '[ERROR] connection lost'; exit 1")
    with pytest.raises(ServerUnavailableError, match="connection lost"):
        jars.fetch_jars()
    assert not cache.exists()
    assert [path.name for path in cache.parent.iterdir()] == ["version.lock"]
    fake_maven(tmp_path / "bin", monkeypatch, "exit 0")
    assert jars.fetch_jars().is_dir()


def test_without_maven_the_jars_say_what_to_install(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServerUnavailableError, match="needs Maven: install it"):
        jars.fetch_jars()


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(told.strip()) and not told.strip().startswith("Z")
