"""importSource: plan, agree, write; what is refused and what is said about it."""

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.graphql_api.serving import Client, serving
from topology.sqlite_store import SqliteStore

IMPORT = """mutation ($input: ImportSourceInput!) { importSource(input: $input) {
  __typename
  ... on ImportPlan { digest summary { added changed removed unchanged } removalsWithheld absent issues { code } }
  ... on ImportApplied { revision { number source reason } summary { added changed removed } issues { code line } }
  ... on ImportRefused { removals issues { path code message } }
  ... on ChangesRejected { issues { path code message file line column } }
} }"""


def send(api: Client, content: bytes, name: str = "company.yaml", **more: object) -> dict[str, Any]:
    asked = {"fileName": name, "base64": base64.b64encode(content).decode(), **more}
    found: dict[str, Any] = api.data(IMPORT, input=asked)["importSource"]
    return found


@pytest.fixture
def empty_api(tmp_path: Path) -> Any:
    with serving(SqliteStore(tmp_path / "store.db")) as client:
        yield client


def many(count: int) -> bytes:
    rows = "".join(f"  - {{id: e{number}, kind: service}}\n" for number in range(count))
    return f"underpin: 1\nsource: s\nentities:\n{rows}".encode()


def test_without_a_digest_an_import_is_planned_and_with_it_written(empty_api: Client, example: Path) -> None:
    plan = send(empty_api, example.read_bytes())
    assert plan["__typename"] == "ImportPlan"
    assert plan["summary"]["added"] > 100
    assert plan["removalsWithheld"] is False
    assert empty_api.view("revision { number }") == {"revision": {"number": 0}}
    done = send(empty_api, example.read_bytes(), digest=plan["digest"])
    assert done["__typename"] == "ImportApplied"
    assert done["revision"] == {"number": 1, "source": "larkspur-native", "reason": "import of company.yaml"}
    assert done["summary"]["added"] == plan["summary"]["added"]
    assert empty_api.view("entities { totalCount }") == {"entities": {"totalCount": 54}}


def test_the_same_file_again_is_an_empty_plan(own_api: Client, example: Path) -> None:
    plan = send(own_api, example.read_bytes())
    assert plan["summary"]["added"] == plan["summary"]["changed"] == plan["summary"]["removed"] == 0
    done = send(own_api, example.read_bytes(), digest=plan["digest"])
    assert done["revision"]["number"] == 1


def test_the_workbook_says_what_the_text_says(own_api: Client, larkspur: Path) -> None:
    content = (larkspur / "larkspur.underpin.xlsx").read_bytes()
    plan = send(own_api, content, "larkspur.underpin.xlsx", source="larkspur-native")
    assert plan["__typename"] == "ImportPlan", plan
    assert plan["summary"]["added"] == plan["summary"]["removed"] == 0


def test_a_plan_that_has_moved_is_not_written(empty_api: Client) -> None:
    digest = send(empty_api, many(3))["digest"]
    found = send(empty_api, many(4), digest=digest)
    assert found["__typename"] == "ChangesRejected"
    assert found["issues"][0]["code"] == "PLAN_MOVED"


def test_many_removals_have_to_be_meant(empty_api: Client) -> None:
    assert send(empty_api, many(100), digest=send(empty_api, many(100))["digest"])["revision"]["number"] == 1
    plan = send(empty_api, many(10))
    assert plan["summary"]["removed"] == 90
    found = send(empty_api, many(10), digest=plan["digest"])
    assert (found["__typename"], found["removals"]) == ("ImportRefused", 90)
    assert found["issues"][0]["code"] == "TOO_MANY_REMOVALS"
    done = send(empty_api, many(10), digest=plan["digest"], allowRemovals=90)
    assert done["summary"]["removed"] == 90


BROKEN = b"""underpin: 1
source: s
entities:
  - {id: good, kind: service}
  - {id: bad, kind: nonsense}
"""


def test_good_rows_go_in_beside_bad_ones_unless_it_is_strict(empty_api: Client) -> None:
    plan = send(empty_api, BROKEN)
    assert plan["summary"]["added"] == 1
    assert len(plan["issues"]) == 1
    refused = send(empty_api, BROKEN, strict=True, digest=plan["digest"])
    assert refused["__typename"] == "ChangesRejected"
    assert (refused["issues"][0]["file"], refused["issues"][0]["line"]) == ("company.yaml", 5)
    done = send(empty_api, BROKEN, digest=plan["digest"])
    assert done["issues"][0]["line"] == 5
    assert empty_api.view("entities { nodes { key } }") == {"entities": {"nodes": [{"key": "good"}]}}


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"just words", b"PK\x03\x04broken", b"- " * 10_000])
def test_a_file_in_no_known_form_is_refused_with_issues(api: Client, content: bytes) -> None:
    found = send(api, content)
    assert found["__typename"] == "ChangesRejected"
    assert found["issues"]


def test_text_that_is_not_base64_is_refused(api: Client) -> None:
    found = api.data(IMPORT, input={"fileName": "a.yaml", "base64": "not base64!"})["importSource"]
    assert found["issues"][0]["path"] == ["base64"]


def test_the_same_key_replays_an_import(empty_api: Client) -> None:
    digest = send(empty_api, many(3))["digest"]
    first = send(empty_api, many(3), digest=digest, idempotencyKey="k")
    assert send(empty_api, many(3), digest=digest, idempotencyKey="k")["revision"] == first["revision"]
    other = {
        "fileName": "a.yaml",
        "base64": base64.b64encode(many(4)).decode(),
        "digest": digest,
        "idempotencyKey": "k",
    }
    assert empty_api.codes(IMPORT, input=other) == ["CONFLICT"]


def test_a_path_in_the_files_name_is_only_a_name(empty_api: Client) -> None:
    for name in ("../../etc/passwd.yaml", "C:\\company\\passwd.yaml"):
        found = send(empty_api, BROKEN, name, strict=True)
        assert found["issues"][0]["file"] == "passwd.yaml"


def test_a_file_of_several_mebibytes_goes_in(empty_api: Client) -> None:
    content = many(60_000)
    assert len(base64.b64encode(content)) > 2_000_000
    plan = send(empty_api, content)
    assert plan["summary"]["added"] == 60_000
