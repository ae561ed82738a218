"""Every query in docs/neo4j.md, run against Larkspur; the answers stand in the document below each query."""

import asyncio
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j import Driver

from importers.importer import SourceFile
from importers.native.native_importer import NativeImporter
from tests.conftest import ROOT
from tests.neo4j_server.server import Neo4jAddress
from topology.changes import ChangeSet, Extent, Provenance
from topology.neo4j_projection import NODES, RELATIONSHIPS
from topology.neo4j_store import Neo4jStore
from topology.planning import plan
from topology.snapshot import EMPTY

DOCUMENT = ROOT / "docs" / "neo4j.md"
EXAMPLE = re.compile(r"```cypher\n(.*?)```\n\n```csv\n(.*?)```", re.DOTALL)
EXAMPLES = EXAMPLE.findall(DOCUMENT.read_text(encoding="utf-8"))


async def load_larkspur(address: Neo4jAddress, larkspur: Path) -> None:
    file = larkspur / "larkspur.underpin.yaml"
    [reading] = NativeImporter().read([SourceFile(file.name, file.read_bytes())])
    change = ChangeSet(reading.source, reading.scope, Extent.FULL, reading.facts)
    planned = plan(EMPTY, change, actor="ada")
    store = Neo4jStore(address.uri, user=address.user, password=address.password)
    await store.open()
    await store.apply(planned.validated(Provenance("ada", "first import"), strict=True))
    await store.close()


@pytest.fixture
def driver(clean_neo4j: Neo4jAddress, larkspur: Path) -> Iterator[Driver]:
    asyncio.run(load_larkspur(clean_neo4j, larkspur))
    with clean_neo4j.driver() as opened:
        yield opened


def answer(driver: Driver, query: str) -> str:
    """The answer as a table of CSV."""
    records, _, keys = driver.execute_query(query, database_="neo4j")
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(keys)
    table.writerows([cell(value) for value in record.values()] for record in records)
    return text.getvalue()


def cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_every_query_of_the_document_gives_the_answer_below_it(driver: Driver) -> None:
    assert len(EXAMPLES) == DOCUMENT.read_text(encoding="utf-8").count("```cypher") == 10
    for query, expected in EXAMPLES:
        assert answer(driver, query) == expected, query


def test_the_answers_agree_with_what_larkspur_is_known_for(driver: Driver, larkspur: Path) -> None:
    """`expected.json`, reckoned independently: vendors that stop a transaction, gaps, what ends soon."""
    known = json.loads((larkspur / "expected.json").read_text(encoding="utf-8"))
    answers = [list(csv.DictReader(io.StringIO(answer(driver, query)))) for query, _ in EXAMPLES]
    [_, _, vendors, ending, uncovered, *_] = answers
    by_vendor = {row["transaction"]: row["vendors"].split(", ") for row in vendors}
    hidden = {"track-parcel": ["aws"]}
    assert {key: sorted([*found, *hidden.get(key, ())]) for key, found in by_vendor.items()} == {
        key: known["vendor_level_spof"][key] for key in ("browse", "checkout", "refund", "sign-in", "track-parcel")
    }
    assert [row["agreement"] for row in ending] == known["ending_within_60_days"]
    assert [row["external"] for row in uncovered] == known["gaps"]["external_without_in_force_availability_target"]
    on_the_path = [row["external"] for row in uncovered if row["on_the_path_of_a_transaction"] == "true"]
    assert on_the_path == known["gaps"]["on_path_of_a_transaction"]


def test_the_graph_holds_as_much_as_larkspur_does(driver: Driver, larkspur: Path) -> None:
    counts = json.loads((larkspur / "expected.json").read_text(encoding="utf-8"))["counts"]
    queries = {
        "MATCH (n:Entity) RETURN count(n)": counts["entities"],
        "MATCH (n:BusinessTransaction) RETURN count(n)": counts["by_kind"]["transaction"],
        "MATCH (n:External) RETURN count(n)": counts["by_kind"]["external"],
        "MATCH (n:Party) RETURN count(n)": counts["parties"],
        "MATCH (n:Agreement) RETURN count(n)": counts["agreements"],
        "MATCH (n:UC) RETURN count(n)": counts["by_type"]["uc"],
        "MATCH ()-[r:REQUIRES]->() RETURN count(r)": counts["requirement_edges"],
        "MATCH ()-[r:DEGRADED_BY]->() RETURN count(r)": counts["degrade_edges"],
        "MATCH ()-[r:COVERS]->() WHERE r.metric IS NOT NULL RETURN count(r)": counts["targets"],
    }
    for query, count in queries.items():
        records, _, _ = driver.execute_query(query, database_="neo4j")
        assert records[0].value() == count, query


def test_the_document_names_every_label_relationship_and_property(driver: Driver) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for label, (unique, kinds) in NODES.items():
        assert all(f"`:{name}`" in text for name in (label, *kinds))
        assert f"`{unique}`" in text
    for name in RELATIONSHIPS:
        assert f"[:{name}]" in text
    for query in (
        "MATCH (n) WHERE n:Entity OR n:Party OR n:Agreement UNWIND keys(n) AS key RETURN DISTINCT key",
        "MATCH ()-[r]->() UNWIND keys(r) AS key RETURN DISTINCT key",
    ):
        for record in driver.execute_query(query, database_="neo4j").records:
            assert f"`{record['key']}`" in text, record["key"]
