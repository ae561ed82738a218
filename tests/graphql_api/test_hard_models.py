"""Structures that no diagram holds, over HTTP: an answer that says what it is, or TIMEOUT; health all the while."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from graphql_api.settings import ApiSettings, Limits
from risk import ground
from risk.limits import Limits as Sizes
from risk.limits import Sampling
from tests.graphql_api.serving import AT, Client, Json, serving
from tests.risk.estates import entity
from tests.statements import full, needs
from topology.changes import Provenance
from topology.facts import Statement
from topology.model import EntityKind
from topology.sqlite_store import SqliteStore
from topology.submission import Submission, submit

WIDE = 45


def lattice(size: int) -> Iterator[Statement]:
    """Rows on rows: each entity needs one of two in the next row, the top one of any in the first; 95 % each."""
    yield entity("lattice", EntityKind.TRANSACTION)
    yield needs("lattice", *(f"lattice-00-{x:02}" for x in range(size)), k=size // 2, name="top")
    for y in range(size):
        for x in range(size):
            yield entity(f"lattice-{y:02}-{x:02}", percent="95")
            if y + 1 < size:
                below = (f"lattice-{y + 1:02}-{x:02}", f"lattice-{y + 1:02}-{(x + 1) % size:02}")
                yield needs(f"lattice-{y:02}-{x:02}", *below, k=1, name="below")


def quorums(groups: int, members: int) -> Iterator[Statement]:
    """One transaction on many quorums of four out of six, all drawn from the same members."""
    random = Random(3)
    names = [f"member-{n:03}" for n in range(members)]
    yield entity("quorums", EntityKind.TRANSACTION)
    yield from (entity(name, percent="99") for name in names)
    yield from (needs("quorums", *random.sample(names, 6), k=4, name=f"q{n:03}") for n in range(groups))


def mutual(size: int) -> Iterator[Statement]:
    """Everybody needs two of three others: one cycle through groups."""
    random = Random(4)
    names = [f"mutual-{n:03}" for n in range(size)]
    for name in names:
        yield entity(name, percent="97")
        yield needs(name, *random.sample([other for other in names if other != name], 3), k=2, name="peers")
    yield entity("mutual", EntityKind.TRANSACTION)
    yield needs("mutual", names[0])


async def written(store: SqliteStore) -> SqliteStore:
    await store.open()
    try:
        change = full(*lattice(WIDE), *quorums(200, 120), *mutual(120))
        await submit(store, Submission(lambda _base: change, Provenance("tests", "hard models")))
    finally:
        await store.close()
    return store


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hard") / "store.db"
    asyncio.run(written(SqliteStore(path)))
    return path


@pytest.fixture
def hasty(stored: Path) -> Iterator[Client]:
    with serving(SqliteStore(stored), ApiSettings(at=AT, limits=Limits(query_seconds=2))) as client:
        client.view("revision { number }")
        yield client


ANSWER = """composite {
  expected { ratio } expectedSuccess { ratio } method diagramNodes
  interval { lower { ratio } upper { ratio } confidence samples seed } }"""


@pytest.mark.parametrize("key", ["lattice", "quorums", "mutual"])
def test_the_hardest_are_answered_with_bounds_or_timeout_and_health_answers_meanwhile(hasty: Client, key: str) -> None:
    query = f'{{ topology {{ at transaction(key: "{key}") {{ key {ANSWER} }} }} }}'
    with ThreadPoolExecutor(1) as pool:
        slow: Future[Json] = pool.submit(hasty.answer, query)
        healthy = 0
        while not slow.done():
            assert hasty.http.get("/healthz").status_code == 200
            healthy += 1
        found = slow.result()
    assert healthy > 1
    assert found["data"]["topology"]["transaction"]["key"] == key
    composite = found["data"]["topology"]["transaction"]["composite"]
    if composite is None:
        (error,) = found["errors"]
        assert error["extensions"]["code"] == "TIMEOUT"
        assert error["path"] == ["topology", "transaction", "composite"]
        return
    assert composite["method"] in {"CONDITIONED", "INTERVAL", "SAMPLED"}
    if composite["method"] != "CONDITIONED":
        interval = composite["interval"]
        assert interval["lower"]["ratio"] <= composite["expected"]["ratio"] <= interval["upper"]["ratio"]
        assert (interval["confidence"] is not None) == (composite["method"] == "SAMPLED")


def test_over_the_api_what_is_sampled_is_labelled_and_what_has_no_label_is_refused_in_place(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = Sizes(1, 0, 0, 1, expansions=0, sampling=Sampling(samples=1 << 12, seed=9))
    monkeypatch.setattr(ground, "DEFAULT_LIMITS", sizes)
    query = """{ topology { transaction(key: "quorums") {
      composite { method diagramNodes interval { confidence samples seed lower { nines } }
        successInterval { samples }
        conditional(failed: ["member-000"]) { ratio }
        sensitivityToCommonCause { ratio }
        formula }
      singlePointsOfFailure { minutesPer30Days } }
      transactions(orderBy: MINUTES_PER_30_DAYS) { nodes { key } } } }"""
    with serving(SqliteStore(stored), ApiSettings(at=AT)) as client:
        found = client.answer(query)
    composite = found["data"]["topology"]["transaction"]["composite"]
    assert composite["method"] == "SAMPLED"
    assert {"confidence": "0.999", "samples": 4096, "seed": 9}.items() <= composite["interval"].items()
    assert composite["successInterval"] == {"samples": 4096}
    assert composite["conditional"] is composite["sensitivityToCommonCause"] is None
    assert composite["diagramNodes"] is None
    assert composite["formula"].startswith("4 of (")
    assert found["data"]["topology"]["transaction"]["singlePointsOfFailure"] == []
    ordered = [node["key"] for node in found["data"]["topology"]["transactions"]["nodes"]]
    assert sorted(ordered) == ["lattice", "mutual", "quorums"]
    assert {error["extensions"]["code"] for error in found["errors"]} == {"ANALYSIS_TOO_LARGE"}
    assert sorted(error["path"][-1] for error in found["errors"]) == ["conditional", "sensitivityToCommonCause"]
    assert 'the exact availability of "quorums"' in found["errors"][0]["message"]


def test_contributions_of_what_is_sampled_are_refused(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`contributions` is never null in the contract, so that its error takes the composite with it; nothing else."""
    sizes = Sizes(1, 0, 0, 1, expansions=0, sampling=Sampling(samples=1 << 12))
    monkeypatch.setattr(ground, "DEFAULT_LIMITS", sizes)
    query = """{ topology { transaction(key: "quorums") { key composite { contributions { birnbaum } } } } }"""
    with serving(SqliteStore(stored), ApiSettings(at=AT)) as client:
        found = client.answer(query)
    assert found["data"]["topology"]["transaction"] == {"key": "quorums", "composite": None}
    (error,) = found["errors"]
    assert error["extensions"]["code"] == "ANALYSIS_TOO_LARGE"
    assert 'the exact availability of "quorums" is needed here' in error["message"]
    assert "(SAMPLED)" in error["message"]
