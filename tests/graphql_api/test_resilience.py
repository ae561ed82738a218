"""When things go wrong: bugs, slow analyses, a store that is away, many at once."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graphql_api.settings import ApiSettings, Limits
from risk.assessment import Assessment
from risk.failures import Failures
from tests.graphql_api.serving import AT, Client, Moody, seeded, serving
from topology.changes import ValidatedChangeSet
from topology.sqlite_store import SqliteStore

SET = """mutation ($percent: Decimal!) { submitChanges(input: {
  reason: "a test", changes: [{ setOwnAvailability: { entity: "cart", percent: $percent } }] }) {
  __typename ... on ChangesApplied { revision { number } } } }"""
DETAIL = "secret detail in /opt/underpin"


def broken(*_args: object, **_more: object) -> str:
    raise ValueError(DETAIL)


def endless(self: Failures, *_args: object, **_more: object) -> str:
    while True:
        self._ground.asking()
        time.sleep(0.001)


def until(holds: object) -> None:
    """Wait for something that has to become true."""
    assert callable(holds)
    for _ in range(600):
        if holds():
            return
        time.sleep(0.02)
    pytest.fail("it did not become true in 12 s")


def test_a_bug_blanks_its_field_and_says_nothing_but_internal_error(
    own_api: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Assessment, "composite", broken)
    query = '{ topology { at entity(key: "cart") { key composite { formula } } } }'
    with caplog.at_level(logging.ERROR):
        found = own_api.http.post("/graphql", json={"query": query}, headers={"x-request-id": "the-request-7"})
    assert DETAIL not in found.text
    assert found.json() == {
        "errors": [
            {
                "message": "Internal error.",
                "extensions": {"code": "INTERNAL_SERVER_ERROR"},
                "locations": [{"line": 1, "column": 43}],
                "path": ["topology", "entity", "composite"],
            }
        ],
        "data": {"topology": {"at": "2026-06-30", "entity": {"key": "cart", "composite": None}}},
    }
    [record] = [record for record in caplog.records if record.name == "graphql_api"]
    assert "the-request-7" in record.getMessage()
    assert getattr(record, "request_id", None) == "the-request-7"
    assert record.exc_info is not None
    assert DETAIL in str(record.exc_info[1])


def test_a_bug_outside_any_field_is_500_and_says_no_more(
    own_api: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("graphql_api.documents.Documents.get", broken)
    with caplog.at_level(logging.ERROR):
        found = own_api.post("{ __typename }")
    assert found.status_code == 500
    assert found.json() == {"errors": [{"message": "Internal error.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}
    assert any(record.exc_info and DETAIL in str(record.exc_info[1]) for record in caplog.records)


def test_a_value_that_a_field_cannot_have_is_a_bug_too(own_api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Assessment, "formula", lambda *_: {"no": "string"})
    [error] = own_api.errors('{ topology { entity(key: "cart") { composite { formula } } } }')
    assert error["message"] == "Internal error."


@pytest.fixture
def hasty_api(example: Path, tmp_path: Path) -> Iterator[Client]:
    settings = ApiSettings(at=AT, limits=Limits(query_seconds=0.3))
    with serving(seeded(tmp_path / "store.db", example), settings) as client:
        yield client


def test_a_slow_analysis_times_out_in_place_while_health_answers(
    hasty_api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Failures, "single_points", endless)
    query = """{ topology { at entity(key: "cart") {
      key singlePointsOfFailure { level } requirements { required } composite { method } } } }"""
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(hasty_api.answer, query)
        assert hasty_api.http.get("/healthz").status_code == 200
        found = slow.result()
    entity = found["data"]["topology"]["entity"]
    assert (entity["key"], entity["singlePointsOfFailure"]) == ("cart", None)
    assert entity["requirements"] == [{"required": 1}]
    error = next(error for error in found["errors"] if error["path"][-1] == "singlePointsOfFailure")
    assert error["extensions"]["code"] == "TIMEOUT"
    assert error["message"] == "The answer took longer than 0.3 s."


def test_more_slow_queries_than_threads_leave_health_alone(hasty_api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Failures, "single_points", endless)
    query = '{ topology { entity(key: "cart") { singlePointsOfFailure { level } } } }'
    with ThreadPoolExecutor(12) as pool:
        slow = [pool.submit(hasty_api.answer, query) for _ in range(12)]
        assert hasty_api.http.get("/healthz").status_code == 200
        assert hasty_api.http.get("/readyz").status_code == 200
        codes = {error["extensions"]["code"] for item in slow for error in item.result()["errors"]}
    assert codes == {"TIMEOUT"}


@pytest.fixture
def moody(example: Path, tmp_path: Path) -> Moody:
    return Moody(seeded(tmp_path / "store.db", example))


def settings(**more: float) -> ApiSettings:
    return ApiSettings(at=AT, poll_seconds=0.05, **more)  # type: ignore[arg-type]


def test_with_the_store_away_reads_go_on_with_their_age_and_writes_say_so(moody: Moody) -> None:
    fresh = "revision { number } freshness { storeReachable ageSeconds loadedAt }"
    with serving(moody, settings()) as api:
        before = api.view(fresh)
        assert before["freshness"]["storeReachable"] is True
        moody.away = True
        until(lambda: api.http.get("/readyz").json()["store"] == "unreachable")
        time.sleep(0.2)
        found = api.view(fresh)
        assert found["revision"] == {"number": 1}
        assert found["freshness"]["storeReachable"] is False
        assert float(found["freshness"]["ageSeconds"]) >= 0.2
        assert found["freshness"]["loadedAt"] == before["freshness"]["loadedAt"]
        ready = api.http.get("/readyz")
        assert (ready.status_code, ready.json()["revision"]) == (200, 1)
        assert ready.json()["snapshotAgeSeconds"] >= 0.2
        assert api.codes(SET, percent="99") == ["STORE_UNAVAILABLE"]
        moody.away = False
        until(lambda: api.http.get("/readyz").json()["store"] == "reachable")
        assert api.data(SET, percent="99")["submitChanges"]["revision"] == {"number": 2}


def test_a_store_that_hangs_is_given_up_after_the_set_time(moody: Moody) -> None:
    with serving(moody, settings(store_seconds=0.2)) as api:
        moody.hang, moody.away = 60.0, True
        assert api.codes(SET, percent="99") == ["STORE_UNAVAILABLE"]
        assert api.view("revision { number }") == {"revision": {"number": 1}}


def test_older_states_need_the_store_and_say_so_in_place(moody: Moody) -> None:
    with serving(moody, settings()) as api:
        moody.away = True
        shown = "{ revision { number } }"
        query = f"""{{ old: topology(asOf: "2001-01-01T00:00:00Z") {shown} new: topology {shown}
          later: topology(asOf: "2999-01-01T00:00:00Z", at: "2026-01-01") {shown} }}"""
        found = api.answer(query)
        newest = {"revision": {"number": 1}}
        assert found["data"] == {"old": None, "new": newest, "later": newest}
        [error] = found["errors"]
        assert error["extensions"]["code"] == "STORE_UNAVAILABLE"


def test_a_moment_of_the_past_that_was_asked_before_is_answered_with_the_store_away(moody: Moody) -> None:
    with serving(moody, settings()) as api:
        query = '{ topology(asOf: "2001-01-01T00:00:00Z") { revision { number } } }'
        before = api.data(query)
        moody.away = True
        assert api.data(query) == before == {"topology": {"revision": {"number": 0}}}


def test_the_server_starts_without_its_store_and_recovers_by_itself(moody: Moody) -> None:
    moody.away = True
    with serving(moody, settings()) as api:
        assert api.http.get("/healthz").status_code == 200
        ready = api.http.get("/readyz")
        assert (ready.status_code, ready.json()) == (
            503,
            {"store": "unreachable", "revision": None, "snapshotAgeSeconds": None},
        )
        assert api.codes("{ topology { at } }") == ["STORE_UNAVAILABLE"]
        assert api.codes(SET, percent="99") == ["STORE_UNAVAILABLE"]
        moody.away = False
        until(lambda: api.http.get("/readyz").status_code == 200)
        assert api.view("entities { totalCount }") == {"entities": {"totalCount": 54}}


def test_a_bug_in_the_store_does_not_end_the_following(
    moody: Moody, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(moody, settings()) as api, caplog.at_level(logging.ERROR):
        with monkeypatch.context() as patched:
            patched.setattr(Moody, "revision", broken)
            until(lambda: api.http.get("/readyz").json()["store"] == "unreachable")
        until(lambda: api.http.get("/readyz").json()["store"] == "reachable")
    assert any(record.exc_info for record in caplog.records)


def test_what_another_process_writes_is_followed(example: Path, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with serving(seeded(path, example), settings()) as reader, serving(SqliteStore(path), settings()) as writer:
        assert writer.data(SET, percent="99.5")["submitChanges"]["revision"] == {"number": 2}
        shown = 'entity(key: "cart") { ownAvailability { probability { percent } } } revision { number }'
        assert writer.view(shown)["revision"] == {"number": 2}
        until(lambda: reader.view("revision { number }")["revision"] == {"number": 2})
        assert reader.view(shown) == writer.view(shown)


PAIR = """mutation ($percent: Decimal!) { submitChanges(input: { reason: "a pair", changes: [
  { setOwnAvailability: { entity: "gw-1", percent: $percent } }
  { setOwnAvailability: { entity: "gw-2", percent: $percent } } ] }) { __typename } }"""


def test_every_query_sees_one_revision_while_another_is_written(own_api: Client) -> None:
    shown = " ".join(
        f'{name}: entity(key: "{key}") {{ ownAvailability {{ probability {{ percent }} }} }}'
        for name, key in (("a", "gw-1"), ("b", "gw-2"))
    )
    query = f"{{ topology {{ {shown} revision {{ number }} }} }}"
    own_api.data(PAIR, percent="50")
    done = threading.Event()
    torn: list[object] = []
    seen: set[int] = set()

    def read() -> None:
        while not done.is_set():
            found = own_api.data(query)["topology"]
            seen.add(found["revision"]["number"])
            if found["a"] != found["b"]:
                torn.append(found)

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        for number in range(40):
            own_api.data(PAIR, percent=str(51 + number))
        done.set()
        for reader in readers:
            reader.result()
    assert torn == []
    assert len(seen) > 5


def test_twenty_writers_at_once_make_twenty_revisions_and_each_sees_its_own(own_api: Client) -> None:
    add = """mutation ($key: String!) { submitChanges(input: { reason: "one of many",
      changes: [{ addEntity: { key: $key, kind: SERVICE } }] }) { ... on ChangesApplied { revision { number } } } }"""

    def write(number: int) -> int:
        revision: int = own_api.data(add, key=f"new-{number}")["submitChanges"]["revision"]["number"]
        assert own_api.view(f'entity(key: "new-{number}") {{ key }}')["entity"] == {"key": f"new-{number}"}
        return revision

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(write, range(20))) == list(range(2, 22))


def test_a_client_that_goes_away_in_the_middle_of_its_body_leaves_no_trace(
    own_api: Client, caplog: pytest.LogCaptureFixture
) -> None:
    async def leave() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", own_api.http.base_url.port)
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        del reader

    with caplog.at_level(logging.ERROR):
        asyncio.run(leave())
        assert own_api.view("at") == {"at": "2026-06-30"}
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_write_whose_reading_back_fails_is_told_as_written(moody: Moody, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(moody, settings()) as api:
        write = Moody.apply

        async def and_go(self: Moody, change: ValidatedChangeSet, *, expect: int | None = None) -> int:
            number = await write(self, change, expect=expect)
            monkeypatch.setattr(Moody, "revision", Moody.gone)
            return number

        with monkeypatch.context() as patched:
            patched.setattr(Moody, "apply", and_go)
            found = api.data(SET, percent="99")["submitChanges"]
            assert found == {"__typename": "ChangesApplied", "revision": {"number": 2}}
        assert api.view("revision { number }") == {"revision": {"number": 1}}
        monkeypatch.undo()
        until(lambda: api.view("revision { number }") == {"revision": {"number": 2}})
