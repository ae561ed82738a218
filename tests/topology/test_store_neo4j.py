"""The store on Neo4j: its addresses and refusals, the graph beside the log, and what mends it."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
from neo4j import Driver

from tests.neo4j_server.server import Neo4jAddress, free_port
from tests.statements import company, contract, degrades, entity, external, full, needs, promise, vendor
from tests.topology.projected import projected_graph, shown
from tests.topology.random_estates import Estate
from tests.topology.store_contract import neo4j_place, unchecked, validated, write
from topology import neo4j_projection, neo4j_store
from topology.errors import StoreIncompatible, StoreUnavailable
from topology.facts import EntityStatement
from topology.model import AgreementType, EntityKind, Party, PartyKind
from topology.neo4j_store import Neo4jStore
from topology.snapshot import EMPTY

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(clean_neo4j: Neo4jAddress) -> AsyncIterator[Neo4jStore]:
    opened = Neo4jStore(clean_neo4j.uri, user=clean_neo4j.user, password=clean_neo4j.password)
    await opened.open()
    yield opened
    await opened.close()


async def refusal(uri: str, user: str, password: str, database: str = "neo4j") -> str:
    """What opening is answered with, in how ever few seconds."""
    store = Neo4jStore(uri, user=user, password=password, database=database)
    began = time.monotonic()
    with pytest.raises((StoreUnavailable, StoreIncompatible)) as refused:
        await store.open()
    assert time.monotonic() - began < 15
    await store.close()
    return str(refused.value)


@pytest.mark.parametrize("scheme", ["neo4j", "bolt"])
async def test_every_scheme_leads_to_the_server(clean_neo4j: Neo4jAddress, scheme: str) -> None:
    uri = f"{scheme}://{clean_neo4j.uri.partition('://')[2]}"
    store = Neo4jStore(uri, user=clean_neo4j.user, password=clean_neo4j.password)
    await store.open()
    await write(store, full(entity("a")))
    info = await store.info()
    assert info.backend == "neo4j"
    assert info.server_version.startswith("Neo4j/")
    await store.close()


async def test_an_encrypted_address_of_a_plain_server_is_refused(clean_neo4j: Neo4jAddress) -> None:
    host = clean_neo4j.uri.partition("://")[2]
    assert await refusal(f"neo4j+s://{host}", clean_neo4j.user, clean_neo4j.password) == "Neo4j does not answer"


async def test_a_wrong_password_is_refused_naming_the_settings(clean_neo4j: Neo4jAddress) -> None:
    said = await refusal(clean_neo4j.uri, clean_neo4j.user, "wrong")
    assert said.startswith("Neo4j refuses the user name or the password: set UNDERPIN_NEO4J_USER")
    assert "wrong" not in said.removeprefix("Neo4j refuses")


@pytest.mark.parametrize("uri", ["http://localhost:1", "sqlite:x", "", "localhost:7687"])
async def test_an_address_of_another_kind_is_refused(uri: str) -> None:
    assert (await refusal(uri, "neo4j", "x")).startswith("the address of a Neo4j server begins with one of neo4j://,")


@pytest.mark.parametrize("uri", ["neo4j://[::1", "bolt://localhost:7687?region=north"])
async def test_an_address_that_cannot_be_read_is_refused(uri: str) -> None:
    said = await refusal(uri, "neo4j", "x")
    assert said.startswith("this is not the address of a Neo4j server: ")


@pytest.mark.parametrize("scheme", ["neo4j", "bolt"])
async def test_a_name_that_cannot_be_resolved_is_told(scheme: str) -> None:
    said = await refusal(f"{scheme}://nowhere.invalid:7687", "neo4j", "x")
    assert said in ("the name of the Neo4j server cannot be resolved", "Neo4j does not answer")


async def test_a_server_that_is_not_there_is_refused_within_seconds() -> None:
    assert await refusal(f"neo4j://127.0.0.1:{free_port()}", "neo4j", "x") == "Neo4j does not answer"


async def test_a_database_that_is_not_there_is_refused(clean_neo4j: Neo4jAddress) -> None:
    said = await refusal(clean_neo4j.uri, clean_neo4j.user, clean_neo4j.password, "nowhere")
    assert said == "Neo4j has no database of that name"


async def test_somebody_else_s_graph_is_refused_and_left_alone(clean_neo4j: Neo4jAddress, driver: Driver) -> None:
    driver.execute_query("CREATE (:Person {name: 'Ada'}), (:Person {name: 'Bob'})", database_="neo4j")
    said = await refusal(clean_neo4j.uri, clean_neo4j.user, clean_neo4j.password)
    assert said == "the Neo4j database holds 2 nodes that are not Underpin's; give it an empty one"
    assert clean_neo4j.count_nodes() == 2


async def test_an_open_store_refuses_to_write_for_a_newer_program(store: Neo4jStore, driver: Driver) -> None:
    """A rolling upgrade: the newer program has migrated the database under the older one's feet."""
    driver.execute_query("MATCH (h:LogHead) SET h.schema = 2", database_="neo4j")
    with pytest.raises(StoreIncompatible, match=r"schema 2.*up to 1"):
        await store.apply(validated(EMPTY, full(entity("a"))))
    assert await store.revision() == 0


async def test_a_head_that_is_gone_is_told(store: Neo4jStore, driver: Driver) -> None:
    driver.execute_query("MATCH (h:LogHead) DELETE h", database_="neo4j")
    with pytest.raises(StoreIncompatible, match="its head is gone"):
        await store.load()


async def test_payloads_that_are_gone_are_told(store: Neo4jStore, clean_neo4j: Neo4jAddress, driver: Driver) -> None:
    await write(store, full(entity("a")))
    driver.execute_query("MATCH (p:LogPayload) DELETE p", database_="neo4j")
    again = neo4j_place(clean_neo4j).new()
    await again.open()
    with pytest.raises(StoreIncompatible, match="payloads of its log are gone"):
        await again.load()
    await again.close()


async def test_the_longest_key_that_there_is_fits_its_index(store: Neo4jStore) -> None:
    key = "x:" + "𝄞" * 198
    assert await store.apply(validated(EMPTY, full(entity(key)))) == 1
    assert list((await store.load()).entities) == [key]


@pytest.mark.parametrize(
    ("seed", "at_once"),
    [(0, 50_000), (1, 50_000), (2, 10), (3, -1)],
    ids=["in one transaction", "in one transaction too", "now and then staged", "staged"],
)
async def test_the_graph_is_that_of_the_model_after_every_change(
    store: Neo4jStore, clean_neo4j: Neo4jAddress, seed: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neo4j_store, "AT_ONCE", at_once)
    monkeypatch.setattr(neo4j_projection, "BATCH_ROWS", 4)
    monkeypatch.setattr("topology.log.PAYLOAD_FACTS", 3)
    estate = Estate(1000 + seed)
    for _ in range(12):
        change = validated(await store.load(), estate.change())
        await store.apply(change)
        assert projected_graph(clean_neo4j) == shown(await store.load())
    with clean_neo4j.driver() as driver:
        [staged] = driver.execute_query("MATCH (s:LogStaging) RETURN count(s)", database_="neo4j").records
    assert staged.value() == 0


async def test_numbers_beyond_neo4j_s_keep_no_revision_out(store: Neo4jStore, clean_neo4j: Neo4jAddress) -> None:
    """An integer of Neo4j has 64 bits and its floats end at 1e308; the log keeps what was stated."""
    odd = EntityStatement("a", EntityKind.SERVICE, tier=2**70, rto=Decimal("1E+400"), rpo=Decimal("1E-400"))
    await store.apply(unchecked(EMPTY, odd))
    assert (await store.load()).entities["a"].tier == 2**70
    assert projected_graph(clean_neo4j) == shown(await store.load())


async def test_labels_and_directions_are_as_documented(store: Neo4jStore, driver: Driver) -> None:
    statements = (
        company(),
        Party("shoppers", PartyKind.CUSTOMER, "Shoppers"),
        Party("team", PartyKind.TEAM, "Team"),
        vendor("group"),
        vendor("v", "group"),
        EntityStatement("shop", EntityKind.TRANSACTION, owner="team"),
        entity("api"),
        entity("host", kind=EntityKind.COMPONENT),
        entity("zone", kind=EntityKind.INFRASTRUCTURE),
        external("x", "v"),
        needs("shop", "api", "host", k=1, name="either"),
        degrades("shop", "x", "0.1"),
        contract("uc", "v", "x"),
        promise("uc", None, "0.999"),
        contract("uc", "v", "x", version=2),
        replace(contract("sla", "acme-corp"), type=AgreementType.SLA, consumer="shoppers"),
        promise("sla", "shop", "0.99", kind=AgreementType.SLA),
    )
    await store.apply(validated(EMPTY, full(*statements)))
    for pattern in (
        "(:Entity:BusinessTransaction {key: 'shop'})-[:REQUIRES {group: 'either', required: 1, size: 2}]->(:Service)",
        "(:BusinessTransaction)-[:REQUIRES {group: 'either'}]->(:Component {key: 'host'})",
        "(:BusinessTransaction)-[:DEGRADED_BY {loss: 0.1}]->(:External)",
        "(:Infrastructure {key: 'zone'})",
        "(:Party:Vendor {key: 'v'})-[:PROVIDES]->(:External {key: 'x'})",
        "(:Vendor {key: 'v'})-[:PART_OF]->(:Vendor {key: 'group'})",
        "(:Team)-[:OWNS]->(:BusinessTransaction)",
        "(:Company)-[:PROMISES]->(:Agreement:SLA {key: 'sla'})-[:TO]->(:Customer)",
        "(:SLA {id: 'sla/1'})-[:COVERS {metric: 'availability', value: 0.99, unit: 'ratio'}]->(:BusinessTransaction)",
        "(:UC {id: 'uc/2', version: 2})-[:SUPERSEDES]->(:UC {id: 'uc/1', version: 1})",
    ):
        found = driver.execute_query(f"MATCH p = {pattern} RETURN count(p) AS n", database_="neo4j").records
        assert found[0]["n"] == 1, pattern
    bare = "MATCH (:UC {id: 'uc/2'})-[c:COVERS]->(:External) WHERE c.metric IS NULL RETURN count(c) AS n"
    assert driver.execute_query(bare, database_="neo4j").records[0]["n"] == 1


async def test_an_entity_that_changes_its_kind_keeps_one_label(store: Neo4jStore, driver: Driver) -> None:
    await write(store, full(entity("a", "0.9"), entity("b"), needs("b", "a")))
    await write(store, full(entity("a", kind=EntityKind.COMPONENT), entity("b"), needs("b", "a")))
    query = "MATCH (n:Entity {key: 'a'})<-[:REQUIRES]-() RETURN labels(n) AS labels, n.availability AS figure"
    [record] = driver.execute_query(query, database_="neo4j").records
    assert (sorted(record["labels"]), record["figure"]) == (["Component", "Entity"], None)


async def test_every_writing_query_seeks_its_nodes_in_an_index(store: Neo4jStore, driver: Driver) -> None:
    """Asked of an empty database, whose statistics would make any plan look good."""
    assert await store.revision() == 0
    queries = (
        *neo4j_projection.PUT_NODES.values(),
        *neo4j_projection.DELETE_NODES.values(),
        *neo4j_projection.PUT_RELATIONSHIPS.values(),
        *neo4j_projection.DELETE_RELATIONSHIPS.values(),
    )
    assert len(queries) == 13 + 3 + 9 + 9
    for query in queries:
        with driver.session(database="neo4j") as session:
            plan = session.run(f"EXPLAIN {query}", rows=[]).consume().plan
        assert plan is not None
        names = operators(plan)
        assert any(name.startswith("NodeUniqueIndexSeek") for name in names), (query, names)
        assert not [name for name in names if "Scan" in name], (query, names)


def operators(plan: dict[str, object]) -> list[str]:
    children = plan.get("children", [])
    assert isinstance(children, list)
    own = str(plan["operatorType"])
    return [own.partition("@")[0], *(name for child in children for name in operators(child))]
