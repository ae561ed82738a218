"""`underpin serve`: what it refuses before anything is loaded, what it serves, and how it stops."""

import json
import signal
import socket

import pytest

from tests.conftest import ROOT
from tests.neo4j_server.server import Neo4jAddress
from tests.underpin.commands import Underpin, in_process
from tests.underpin.companies import SHOP, written
from tests.underpin.serving import running
from underpin.serving import address_of, listening
from underpin.settings import Settings

STORE = "sqlite:company.db"
WRONG = {"UNDERPIN_NEO4J_PASSWORD": "hunter2"}
QUERY = "{ topology { revision { number } at transactions { nodes { key composite { expected { percent } } } } } }"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])  # noqa: S104  that these are refused is the point
def test_a_host_that_others_reach_is_refused_unless_that_is_said(host: str) -> None:
    refused = in_process("serve", "--host", host)
    assert refused.returncode == 2
    assert refused.stderr == (
        f"error: anybody who reaches {host} could read and write, because nobody is authenticated; "
        "serve on 127.0.0.1, or say --no-authentication if that is meant\n"
    )


def test_a_host_that_others_reach_is_served_when_that_is_said() -> None:
    with listening(Settings(host="0.0.0.0", port=0), no_authentication=True) as listener:  # noqa: S104
        assert address_of(listener).startswith("http://127.0.0.1:")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.5.5.5", "localhost"])
def test_this_machine_needs_no_authentication(host: str) -> None:
    with listening(Settings(host=host, port=0)) as listener:
        assert address_of(listener).endswith("/graphql")


def test_a_taken_port_is_one_sentence_and_nothing_is_loaded(underpin: Underpin) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in ("serve", "demo"):
            refused = underpin(command, "--port", str(port))
            assert (refused.returncode, refused.stdout) == (2, "")
            assert refused.stderr == (
                f"error: port {port} of 127.0.0.1 is taken by another program; "
                "choose one with --port, or 0 for any that is free\n"
            )
    assert list(underpin.home.rglob("*.db")) == []


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--host", "no-such-host.invalid"], 'there is no host "no-such-host.invalid" to listen on'),
        (["--store", "postgres://db"], "names no store that Underpin knows"),
        (["--store", "sqlite:nowhere/x.db"], "there is no folder nowhere"),
        (["--store", "neo4j://127.0.0.1:1"], "UNDERPIN_NEO4J_PASSWORD"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(arguments: list[str], expected: str) -> None:
    refused = in_process("serve", "--port", "0", *arguments)
    assert refused.returncode == 2
    (line,) = [line for line in refused.stderr.splitlines() if line.startswith("error: ")]
    assert expected in line


def test_a_store_is_served_at_a_date_with_its_log_on_stderr_and_stops_in_good_order(underpin: Underpin) -> None:
    underpin("import", "--store", STORE, written(underpin.folder, "shop.yaml", SHOP))
    with running(underpin, "serve", "--store", STORE, "--at", "2026-06-30") as server:
        answer = server.ask(QUERY)
        assert server.get("/readyz")[1]["revision"] == 1
        assert server.stop() == 0
        assert server.out == ""
        assert "Traceback" not in server.err
        lines = [json.loads(line) for line in server.err.splitlines()]
    assert lines[0]["message"].startswith(f"serving {STORE} at http://127.0.0.1:")
    # The UC's 99.9 % covers the host's own suppliers, of which it has none: 0.9999 x 0.999.
    assert answer == {
        "data": {
            "topology": {
                "revision": {"number": 1},
                "at": "2026-06-30",
                "transactions": {"nodes": [{"key": "buy", "composite": {"expected": {"percent": "99.89001"}}}]},
            }
        }
    }


def test_serving_never_puts_anything_into_a_store(underpin: Underpin) -> None:
    with running(underpin, "serve") as server:
        assert server.get("/readyz")[1]["revision"] == 0
        assert server.stop(signal.SIGINT) == 0
    assert [path.name for path in underpin.home.rglob("*.db")] == ["underpin.db"]


def test_what_is_imported_while_it_serves_is_seen(underpin: Underpin) -> None:
    with running(underpin, "serve", "--store", STORE, UNDERPIN_POLL_SECONDS="0.05") as server:
        assert server.ask(QUERY)["data"]["topology"]["revision"]["number"] == 0
        underpin("import", "--store", STORE, written(underpin.folder, "shop.yaml", SHOP))
        seen = 0
        while seen == 0:
            seen = server.get("/readyz")[1]["revision"]
        assert server.ask(QUERY)["data"]["topology"]["revision"]["number"] == 1


def test_the_settings_of_the_environment_reach_the_api(underpin: Underpin) -> None:
    with running(underpin, "serve", UNDERPIN_AT="2026-01-31", UNDERPIN_LIMITS__ROOT_FIELDS="1") as server:
        assert server.ask("{ topology { at } }")["data"]["topology"]["at"] == "2026-01-31"
        (refusal,) = server.ask("{ topology { at } viewer: __typename }")["errors"]
        assert refusal["extensions"]["code"] == "QUERY_TOO_COMPLEX"


def test_the_same_company_on_neo4j_gives_the_same_answers(underpin: Underpin, clean_neo4j: Neo4jAddress) -> None:
    credentials = {"UNDERPIN_NEO4J_USER": clean_neo4j.user, "UNDERPIN_NEO4J_PASSWORD": clean_neo4j.password}
    larkspur = ROOT / "examples" / "larkspur" / "larkspur.underpin.yaml"
    for store in (STORE, clean_neo4j.uri):
        done = underpin("import", "--store", store, larkspur, **credentials)
        assert (done.returncode, done.stderr) == (0, "")
    embedded, server = (underpin("check", "--store", store, **credentials) for store in (STORE, clean_neo4j.uri))
    assert embedded.stdout == server.stdout
    assert embedded.returncode == server.returncode == 1
    with running(underpin, "serve", "--store", clean_neo4j.uri, **credentials) as served:
        assert served.get("/readyz")[1]["revision"] == 1
        assert served.stop() == 0


def test_a_server_that_is_not_there_is_one_sentence_to_an_import(underpin: Underpin) -> None:
    path = written(underpin.folder, "shop.yaml", SHOP)
    refused = underpin("import", "--store", "bolt://127.0.0.1:1", path, **WRONG)
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert line.startswith("error: ")
    assert "Traceback" not in refused.stderr


def test_a_wrong_password_is_one_sentence_that_does_not_repeat_it(
    underpin: Underpin, clean_neo4j: Neo4jAddress
) -> None:
    refused = underpin("check", "--store", clean_neo4j.uri, **WRONG)
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert line.startswith("error: ")
    assert "hunter2" not in line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_is_half_there_does_not_end_in_a_traceback(underpin: Underpin, number: signal.Signals) -> None:
    with (
        running(underpin, "serve", "--store", STORE, UNDERPIN_SHUTDOWN_SECONDS="1") as server,
        socket.create_connection(("127.0.0.1", server.port)) as half,
    ):
        head = (
            "POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"
        )
        half.sendall(f'{head}{{"query":'.encode())
        assert server.get("/healthz")[0] == 200, "what was sent before has been read"
        assert server.stop(number) == 0
        assert half.recv(100).startswith(b"HTTP/1.1 503 ")
        assert "Traceback" not in server.err
        assert "CancelledError" not in server.err
