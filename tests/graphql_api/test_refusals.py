"""What submitChanges and importSource refuse: names, reasons, what is there already, negatives, open questions."""

from pathlib import Path
from typing import Any

import pytest

from tests.graphql_api.serving import Client, serving
from tests.graphql_api.test_changes import SUBMIT, Change, applied, needs, rejected, target
from tests.graphql_api.test_imports import IMPORT, many, send
from topology.sqlite_store import SqliteStore


@pytest.fixture
def empty_api(tmp_path: Path) -> Any:
    with serving(SqliteStore(tmp_path / "store.db")) as client:
        yield client


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"addEntity": {"key": "Bad Key!", "kind": "SERVICE"}}, "UP-KEY"),
        ({"addEntity": {"key": "a\x00b", "kind": "SERVICE"}}, "UP-KEY"),
        ({"addEntity": {"key": "x:y", "kind": "SERVICE"}}, "UP-ID"),
        ({"addEntity": {"key": "a" * 201, "kind": "SERVICE"}}, "UP-KEY-LONG"),
        ({"putParty": {"key": "x:y", "kind": "TEAM"}}, "UP-ID"),
        ({"putParty": {"key": "p", "kind": "TEAM", "name": "\x1b[31m"}}, "UP-TEXT"),
        ({"putParty": {"key": "team-data", "kind": "CUSTOMER"}}, "UP-REF"),
        ({"setGroup": {"consumer": "cart", "name": "g1", "required": 1, "members": ["az-a"]}}, "UP-GROUP-NAME"),
        ({"setGroup": {"consumer": "cart", "name": "", "required": 1, "members": ["az-a"]}}, "UP-GROUP-NAME"),
        ({"addRequirement": {"consumer": "checkout", "supplier": "orders"}}, "UP-NEED-TWICE"),
        ({"addMember": {"consumer": "storefront", "group": "edge", "supplier": "gw-1"}}, "UP-GROUP-REPEAT"),
        (target(metric="latency_p95", comparator="AT_MOST", unit="bananas"), "UP-DURATION"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_one_issue(api: Client, change: Change, code: str) -> None:
    assert [issue["code"] for issue in rejected(api, change)] == [code]


@pytest.mark.parametrize("reason", ["", "   ", "a\x00b", "\x1b[31mred"])
def test_a_reason_is_given_and_can_be_shown(api: Client, reason: str) -> None:
    [issue] = rejected(api, {"addEntity": {"key": "x", "kind": "SERVICE"}}, reason=reason)
    assert (issue["path"], issue["code"]) == (["reason"], "UP-TEXT" if reason.strip() else "UP-REASON")


def test_ones_own_need_is_not_stated_twice_and_keeps_its_tolerance(own_api: Client) -> None:
    need = {"consumer": "cart", "supplier": "az-b"}
    applied(own_api, {"addRequirement": need | {"toleranceMinutes": "5"}})
    [issue] = rejected(own_api, {"addRequirement": need})
    assert (issue["code"], issue["message"]) == ("UP-NEED-TWICE", '"cart" needs "az-b" already')
    [issue] = rejected(own_api, {"addEntity": {"key": "n", "kind": "SERVICE"}}, *[{"addRequirement": need}])
    assert issue["path"] == ["changes", "1"]
    applied(own_api, {"removeRequirement": need}, {"addRequirement": need | {"toleranceMinutes": "1"}})


def test_a_supplier_may_be_needed_plainly_and_in_groups(own_api: Client) -> None:
    group = {"consumer": "cart", "required": 1, "members": ["az-a", "az-b"]}
    applied(own_api, {"setGroup": group | {"name": "one"}}, {"setGroup": group | {"name": "two"}})
    applied(own_api, {"addRequirement": {"consumer": "cart", "supplier": "az-a"}})
    assert needs(own_api, "cart") >= {("one", 1, ("az-a", "az-b")), ("two", 1, ("az-a", "az-b")), (None, 1, ("az-a",))}
    found = own_api.view("findings(codes: [DUPLICATE_DEPENDENCY]) { totalCount }")["findings"]
    assert found["totalCount"] > 0


def test_what_fails_only_with_an_earlier_change_is_not_told_again(api: Client) -> None:
    issues = rejected(
        api,
        {"addEntity": {"key": "Bad!", "kind": "SERVICE"}},
        {"setOwnAvailability": {"entity": "Bad!", "percent": "99"}},
    )
    assert [(issue["path"], issue["code"]) for issue in issues] == [(["changes", "0"], "UP-KEY")]


def test_a_key_that_another_source_defines_refuses_the_whole_import(own_api: Client) -> None:
    content = b"underpin: 1\nsource: second\nentities:\n - {id: checkout, kind: service}\n - {id: new, kind: service}\n"
    found = send(own_api, content)
    assert (found["__typename"], [issue["code"] for issue in found["issues"]]) == ("ChangesRejected", ["UP-KEY-TWICE"])


def test_an_argument_that_contradicts_the_file_refuses_the_import(empty_api: Client) -> None:
    found = send(empty_api, many(2), source="other")
    assert (found["__typename"], found["issues"][0]["code"]) == ("ChangesRejected", "UP-SOURCE-QUESTION")
    assert send(empty_api, many(2), source="s")["__typename"] == "ImportPlan"


@pytest.mark.parametrize("more", [{"source": "Bad Src"}, {"scope": " x"}, {"scope": "a\nb"}])
def test_an_argument_that_is_no_name_refuses_the_import(empty_api: Client, more: dict[str, str]) -> None:
    found = send(empty_api, many(2).replace(b"source: s\n", b""), **more)
    assert (found["__typename"], found["issues"][0]["path"]) == ("ChangesRejected", list(more))


def test_a_source_is_emptied_by_an_import_only_where_all_removals_are_allowed(empty_api: Client) -> None:
    send(empty_api, many(10), digest=send(empty_api, many(10))["digest"])
    nothing = b"underpin: 1\nsource: s\nentities: []\n"
    plan = send(empty_api, nothing)
    assert (plan["removalsWithheld"], plan["issues"]) == (True, [{"code": "UP-NO-ENTITIES"}])
    meant = send(empty_api, nothing, allowRemovals=10)
    assert (meant["removalsWithheld"], meant["summary"]["removed"], meant["issues"]) == (False, 10, [])
    assert send(empty_api, nothing, allowRemovals=10, digest=meant["digest"])["summary"]["removed"] == 10


def test_negative_arguments_are_bad_input_with_their_path(api: Client) -> None:
    def path(query: str, **variables: object) -> list[str]:
        [error] = api.errors(query, **variables)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        found: list[str] = error["extensions"]["issues"][0]["path"]
        return found

    imported = {"fileName": "a.yaml", "base64": "", "allowRemovals": -1}
    assert path(IMPORT, input=imported) == ["input", "allowRemovals"]
    asked = {"changes": [], "reason": "x", "expectedRevision": -1}
    assert path(SUBMIT, input=asked) == ["input", "expectedRevision"]
    days = "{ topology { agreements(filter: { endsWithinDays: -5 }) { totalCount } } }"
    assert path(days) == ["filter", "endsWithinDays"]
    assert path("{ topology { singlePointsOfFailure(minTransactions: -1) { totalCount } } }") == ["minTransactions"]
    margin = '{ topology { commitments(first: 1) { nodes { headroom(margin: "-1") { verdict } } } } }'
    assert path(margin) == ["margin"]
