"""Fixtures that every test may use: the asyncio backend, the shipped example, a real Neo4j."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.neo4j_server.server import Neo4jAddress, Neo4jServer, ServerUnavailableError, can_reach

ROOT = Path(__file__).resolve().parent.parent

# No deadline: the machine may be busy. CI repeats the same examples, so that a red run is about the change under test.
settings.register_profile("underpin", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("underpin")

# A shell that starts the tests in the background has them ignore SIGINT, and so would every program under test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The only event loop that Underpin supports: the Neo4j driver and uvicorn speak asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def larkspur() -> Path:
    """The example estate as it is shipped."""
    return ROOT / "examples" / "larkspur"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Samples that lie beside the checkout on the makers' machines only; nothing that users need may depend on them."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the makers' shared samples are not beside this checkout")
    return folder


def without_neo4j(reason: str) -> None:
    """Skip, or fail where a test run without Neo4j proves too little."""
    if os.environ.get("UNDERPIN_REQUIRE_NEO4J") == "1":
        pytest.fail(f"UNDERPIN_REQUIRE_NEO4J is set. {reason}", pytrace=False)
    pytest.skip(f"{reason} Or name an empty server in UNDERPIN_TEST_NEO4J_URL.")


def given_server(uri: str) -> Neo4jAddress:
    """The server that the environment names; it must be empty, since the tests delete all that it holds."""
    user = os.environ.get("UNDERPIN_TEST_NEO4J_USER", "neo4j")
    address = Neo4jAddress(uri, user, os.environ.get("UNDERPIN_TEST_NEO4J_PASSWORD", ""))
    failure = can_reach(address)
    if failure is not None:
        pytest.fail(f"UNDERPIN_TEST_NEO4J_URL names a server that cannot be used: {failure}", pytrace=False)
    nodes = address.count_nodes()
    if nodes:
        pytest.fail(
            f"UNDERPIN_TEST_NEO4J_URL names a database of {nodes} nodes; tests want an empty one.",
            pytrace=False,
        )
    return address


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jAddress]:
    """One real Neo4j server for the session, authentication on; `clean_neo4j` is what most tests want."""
    given = os.environ.get("UNDERPIN_TEST_NEO4J_URL")
    if given:
        address = given_server(given)
        yield address
        address.clear()
        return
    server = Neo4jServer(tmp_path_factory.mktemp("neo4j"))
    try:
        server.start()
    except ServerUnavailableError as error:
        without_neo4j(str(error))
    yield server.address
    server.remove()


@pytest.fixture
def clean_neo4j(neo4j_server: Neo4jAddress) -> Neo4jAddress:
    """The session's server with nothing in its database: no node, no constraint, no index."""
    neo4j_server.clear()
    return neo4j_server


@pytest.fixture
def own_neo4j(tmp_path: Path) -> Iterator[Neo4jServer]:
    """A server of one test's own, which that test may kill and restart; never the one the environment names."""
    server = Neo4jServer(tmp_path / "neo4j", heap="1g")
    try:
        server.start()
    except ServerUnavailableError as error:
        without_neo4j(str(error))
    yield server
    server.remove()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests recorded: figures beside their verdict, such as the ratio to a peer that is installed."""
    passed: list[pytest.TestReport] = terminalreporter.stats.get("passed", [])
    for report in passed:
        for name, value in report.user_properties:
            shown = f"{value:.3g}" if isinstance(value, float) else str(value)
            terminalreporter.write_line(f"{report.nodeid}: {name}: {shown}")
