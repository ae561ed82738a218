"""The API over a real Neo4j that is killed and started again beneath it."""

import asyncio
import time
from decimal import Decimal
from pathlib import Path

import pytest

from tests.graphql_api.serving import Client, Json, fill, serving
from tests.neo4j_server.server import Neo4jServer
from topology.neo4j_store import Neo4jStore

SECONDS = 15
ASK = (
    '{ topology { revision { number } freshness { storeReachable ageSeconds } transaction(key: "checkout") { key } } }'
)
WRITE = """mutation { submitChanges(input: { reason: "a test", changes: [
  { setOwnAvailability: { entity: "cart", percent: "99.9" } }] }) {
  __typename ... on ChangesApplied { revision { number } } } }"""


def store_of(server: Neo4jServer) -> Neo4jStore:
    return Neo4jStore(server.uri, user=server.user, password=server.password)


def view(client: Client) -> Json:
    found: Json = client.data(ASK)["topology"]
    return found


def until_reachable(client: Client, reachable: bool) -> Json:
    """The first view that says so; a follower asks every twentieth of a second here."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = view(client)
        if found["freshness"]["storeReachable"] is reachable:
            return found
        time.sleep(0.1)
    return pytest.fail(f"storeReachable did not become {reachable} in 60 s")


def test_reads_go_on_with_their_age_writes_fail_in_time_and_all_recovers_by_itself(
    own_neo4j: Neo4jServer, example: Path
) -> None:
    asyncio.run(fill(store_of(own_neo4j), example))
    with serving(store_of(own_neo4j)) as client:
        assert view(client)["revision"] == {"number": 1}

        own_neo4j.kill()
        away = until_reachable(client, False)
        assert away["revision"] == {"number": 1}
        assert away["transaction"] == {"key": "checkout"}
        assert Decimal(view(client)["freshness"]["ageSeconds"]) > Decimal(away["freshness"]["ageSeconds"])
        began = time.monotonic()
        assert client.codes(WRITE) == ["STORE_UNAVAILABLE"]
        assert time.monotonic() - began < SECONDS
        assert client.http.get("/healthz").status_code == 200
        assert client.http.get("/readyz").status_code == 200

        own_neo4j.restart()
        until_reachable(client, True)
        assert client.data(WRITE)["submitChanges"] == {"__typename": "ChangesApplied", "revision": {"number": 2}}
        assert view(client)["revision"] == {"number": 2}
