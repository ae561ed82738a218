"""Which graph a query is about: dates, moments, ids, cursors of older revisions, the log."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from graphql_api.identifiers import NodeId, node_id, pack
from graphql_api.settings import ApiSettings
from tests.graphql_api.serving import Client, seeded, serving
from topology.sqlite_store import SqliteStore

SET = """mutation ($percent: Decimal!) { submitChanges(input: {
  reason: "a test", changes: [{ setOwnAvailability: { entity: "cart", percent: $percent } }] }) {
  ... on ChangesApplied { revision { number recordedAt } } } }"""
CART = 'entity(key: "cart") { id ownAvailability { probability { percent } } }'


def set_cart(api: Client, percent: str) -> dict[str, Any]:
    """State the cart's availability; the revision that was made."""
    found: dict[str, Any] = api.data(SET, percent=percent)["submitChanges"]["revision"]
    return found


def cart_of(api: Client, arguments: str = "") -> str:
    found = api.view(CART, arguments)["entity"]["ownAvailability"]
    return str(found["probability"]["percent"])


def test_without_a_date_a_view_is_about_the_servers(api: Client) -> None:
    assert api.view("at") == {"at": "2026-06-30"}
    assert api.view("at", '(at: "2025-02-28")') == {"at": "2025-02-28"}


def test_without_a_date_the_date_of_the_moment_in_the_servers_zone_counts(example: Path, tmp_path: Path) -> None:
    settings = ApiSettings(timezone=ZoneInfo("Europe/Oslo"))
    with serving(seeded(tmp_path / "store.db", example), settings) as api:
        assert api.view("at", '(asOf: "2026-03-31T22:30:00Z")') == {"at": "2026-04-01"}
        assert api.view("at", '(asOf: "2026-03-31T21:30:00Z")') == {"at": "2026-03-31"}
        assert api.view("at", '(at: "2020-01-01", asOf: "2026-03-31T22:30:00Z")') == {"at": "2020-01-01"}
        today = api.view("at")["at"]
        assert abs(date.fromisoformat(today) - datetime.now(UTC).date()) <= timedelta(days=1)


@pytest.mark.parametrize("moment", ["2026-03-31T22:30:00", "2026-03-31T22:30"])
def test_a_moment_without_an_offset_is_refused_as_a_literal_and_as_a_variable(api: Client, moment: str) -> None:
    for found in (
        api.answer(f'{{ topology(asOf: "{moment}") {{ at }} }}'),
        api.answer("query ($m: DateTime) { topology(asOf: $m) { at } }", m=moment),
    ):
        assert found["data"] == {"topology": None}
        assert found["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_beyond_the_calendar_is_refused(api: Client, moment: str) -> None:
    assert api.codes(f'{{ topology(asOf: "{moment}") {{ at }} }}') == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_date_that_no_calendar_reaches_is_refused(api: Client, day: str) -> None:
    assert api.codes(f'{{ topology(at: "{day}") {{ at }} }}') == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "literal", ['"2026-02-30"', '"20260630"', '"2026-W01-1"', '"30.06.2026"', "20260630", "true", '""']
)
def test_a_literal_that_is_no_date_is_invalid_and_such_a_variable_is_bad_input(api: Client, literal: str) -> None:
    assert api.codes(f"{{ topology(at: {literal}) {{ at }} }}") == ["GRAPHQL_VALIDATION_FAILED"]
    if literal.startswith('"'):
        query = "query ($at: Date) { topology(at: $at) { at } }"
        assert api.codes(query, at=literal.strip('"')) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1E400", "1e-3", " 1", "1.", ".5", "+1", "99,95", "٩٩", "0x1", ""])
def test_a_decimal_is_a_string_in_plain_notation(api: Client, bad: str) -> None:
    query = "query ($m: Decimal) { topology { commitments { nodes { headroom(margin: $m) { verdict } } } } }"
    assert api.codes(query, m=bad) == ["BAD_USER_INPUT"]
    literal = f'{{ topology {{ commitments {{ nodes {{ headroom(margin: "{bad}") {{ verdict }} }} }} }} }}'
    assert api.codes(literal) == ["GRAPHQL_VALIDATION_FAILED"]


def test_a_decimal_is_no_number(api: Client) -> None:
    query = "{ topology { commitments { nodes { headroom(margin: 1) { verdict } } } } }"
    assert api.codes(query) == ["GRAPHQL_VALIDATION_FAILED"]
    query = "query ($m: Decimal) { topology { commitments { nodes { headroom(margin: $m) { verdict } } } } }"
    assert api.codes(query, m=1) == ["BAD_USER_INPUT"]
    assert api.codes(query, m=0.5) == ["BAD_USER_INPUT"]


def test_as_of_answers_with_what_was_known_then_whatever_is_written_later(own_api: Client) -> None:
    first = set_cart(own_api, "99.5")
    second = set_cart(own_api, "99.1")
    assert (first["number"], second["number"]) == (2, 3)
    at_first = f'(asOf: "{first["recordedAt"]}")'
    assert cart_of(own_api, at_first) == "99.5"
    just_before = datetime.fromisoformat(first["recordedAt"]) - timedelta(microseconds=1)
    assert cart_of(own_api, f'(asOf: "{just_before.isoformat()}")') == "99.99"
    set_cart(own_api, "98")
    assert cart_of(own_api, at_first) == "99.5"
    assert cart_of(own_api) == "98"


def test_the_offset_of_a_moment_counts(own_api: Client) -> None:
    first = set_cart(own_api, "99.5")
    elsewhere = datetime.fromisoformat(first["recordedAt"]).astimezone(ZoneInfo("Asia/Kolkata")).isoformat()
    assert cart_of(own_api, f'(asOf: "{elsewhere}")') == "99.5"


def test_before_the_first_revision_the_graph_is_empty(api: Client) -> None:
    shown = "revision { number recordedAt summary { added } } entities { totalCount } findings { totalCount } "
    shown += "commitments { totalCount } singlePointsOfFailure { totalCount } modelHash"
    found = api.view(shown, '(asOf: "2000-01-01T00:00:00Z")')
    assert found["revision"] == {"number": 0, "recordedAt": None, "summary": {"added": 0}}
    assert found["entities"] == found["commitments"] == found["singlePointsOfFailure"] == {"totalCount": 0}
    assert found["findings"] == {"totalCount": 0}
    assert api.view("at", '(asOf: "2000-01-01T00:00:00Z")') == {"at": "2000-01-01"}


def test_a_moment_in_the_future_is_about_the_newest_revision(api: Client) -> None:
    found = api.view("revision { number } at", '(asOf: "2999-01-01T00:00:00Z", at: "2026-06-30")')
    assert found == {"revision": {"number": 1}, "at": "2026-06-30"}


NODES = {
    "transaction": ('transaction(key: "checkout") { id }', "transaction"),
    "service": ('service(key: "cart") { id }', "service"),
    "external": ('external(key: "aws-rds") { id }', "external"),
    "vendor": ('vendor(key: "aws") { id }', "vendor"),
    "agreement": ('agreement(key: "uc-aws") { id }', "agreement"),
    "revision": ("revision { id }", "revision"),
}
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


@pytest.mark.parametrize(("shown", "name"), NODES.values(), ids=NODES.keys())
def test_a_node_is_found_again_by_its_id(api: Client, shown: str, name: str) -> None:
    asked = api.view(shown)[name]["id"]
    assert api.data(NODE, id=asked)["node"]["id"] == asked


def test_commitments_and_owners_are_found_again_by_their_ids(api: Client) -> None:
    found = api.view('entity(key: "checkout") { owner { id } } commitments(first: 1) { nodes { id } }')
    for asked, kind in (
        (found["entity"]["owner"]["id"], "Team"),
        (found["commitments"]["nodes"][0]["id"], "Commitment"),
    ):
        assert api.data(NODE, id=asked)["node"] == {"__typename": kind, "id": asked}


def test_an_id_holds_the_view_and_node_answers_in_it(own_api: Client) -> None:
    first = set_cart(own_api, "99.5")
    set_cart(own_api, "99.1")
    views = {
        "": "99.1",
        '(at: "2026-01-01")': "99.1",
        f'(asOf: "{first["recordedAt"]}")': "99.5",
        f'(at: "2026-01-01", asOf: "{first["recordedAt"]}")': "99.5",
    }
    ids = {arguments: own_api.view(CART, arguments)["entity"]["id"] for arguments in views}
    assert len(set(ids.values())) == len(views)
    query = "query ($id: ID!) { node(id: $id) { id ... on Entity { ownAvailability { probability { percent } } } } }"
    for arguments, percent in views.items():
        node = own_api.data(query, id=ids[arguments])["node"]
        assert node["id"] == ids[arguments]
        assert node["ownAvailability"]["probability"]["percent"] == percent


def test_an_id_never_holds_the_revision(own_api: Client) -> None:
    before = own_api.view(CART)["entity"]["id"]
    set_cart(own_api, "99.5")
    assert own_api.view(CART)["entity"]["id"] == before


def test_the_same_moment_in_another_zone_gives_the_same_id(api: Client) -> None:
    one = api.view('entity(key: "cart") { id }', '(asOf: "2999-01-01T00:00:00Z", at: "2026-01-01")')
    other = api.view('entity(key: "cart") { id }', '(asOf: "2999-01-01T05:30:00+05:30", at: "2026-01-01")')
    assert one == other


def test_an_id_through_an_alias_is_that_of_the_thing(api: Client) -> None:
    bare = api.view('entity(key: "cart") { id }')
    assert api.view('entity(key: "larkspur-native:cart") { id }') == bare


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "x",
        "Service:cart",
        "äöü",
        "A" * 9000,
        pack(["Service", ["nope"], None, None, None]),
        pack(["External", ["cart"], None, None, None]),
        pack(["Nothing", ["cart"], None, None, None]),
        pack(["Service", [], None, None, None]),
        pack(["Service", "cart", None, None, None]),
        pack(["Service", ["cart"], "not a day", None, None]),
        pack(["Service", ["cart"], None, "2026-01-01T00:00:00", None]),
        pack(["Service", ["cart"], None, None, "a scenario"]),
        pack(["Service", [{}], 1, 2, 3]),
        pack(["Agreement", ["uc-aws", "7"], None, None, None]),
        pack(["Agreement", ["uc-aws"], None, None, None]),
        pack(["Revision", ["-1"], None, None, None]),
        pack(["Revision", ["99"], None, None, None]),
        pack(["Revision", ["9" * 400], None, None, None]),
        pack(["Commitment", ["a/b/c/d"], None, None, None]),
        pack({"a": 1}),
    ],
)
def test_an_id_of_nothing_is_null(api: Client, asked: str) -> None:
    assert api.data(NODE, id=asked) == {"node": None}


def test_nodes_answer_in_the_order_of_their_ids_with_null_for_nothing(api: Client) -> None:
    asked = [api.view(shown)[name]["id"] for shown, name in NODES.values()]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    found = api.data(query, ids=[*asked, "x", asked[0]])["nodes"]
    assert found == [*({"id": item} for item in asked), None, {"id": asked[0]}]
    assert api.codes(query, ids=["x"] * 101) == ["BAD_USER_INPUT"]


def test_ids_read_back_as_they_were_made() -> None:
    made = NodeId("Agreement", ("a/b:c", "7"))
    assert node_id(str(made)) == made
    assert "=" not in str(made)


def test_a_cursor_is_served_from_its_own_revision_while_that_is_in_memory(own_api: Client) -> None:
    query = "services(first: 5%s, orderBy: MINUTES_PER_30_DAYS) { totalCount nodes { key } pageInfo { endCursor } }"
    whole = own_api.view("services(first: 100, orderBy: MINUTES_PER_30_DAYS) { nodes { key } }")["services"]["nodes"]
    first = own_api.view(query % "")["services"]
    add = 'mutation { submitChanges(input: { reason: "x", changes: [{ addEntity: { key: "aaa", kind: SERVICE } }] }) '
    own_api.data(add + "{ __typename } }")
    set_cart(own_api, "50")
    after = f', after: "{first["pageInfo"]["endCursor"]}"'
    second = own_api.view(query % after)["services"]
    assert second["nodes"] == whole[5:10]
    assert (first["totalCount"], second["totalCount"]) == (31, 31)
    assert own_api.view(query % "")["services"]["totalCount"] == 32


def test_a_cursor_whose_revision_is_forgotten_has_expired(own_api: Client) -> None:
    cursor = own_api.view("services(first: 1) { pageInfo { endCursor } }")["services"]["pageInfo"]["endCursor"]
    for percent in range(90, 100):
        set_cart(own_api, str(percent))
        own_api.view("at")
    query = f'{{ topology {{ services(after: "{cursor}") {{ totalCount }} }} }}'
    [error] = own_api.errors(query)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["issues"][0]["code"] == "CURSOR_EXPIRED"


LOG = (
    "revisions(%s) { totalCount nodes { number actor reason source summary { added changed } } pageInfo { hasNextPage "
)
LOG += "hasPreviousPage endCursor startCursor } }"


def test_the_log_is_walked_oldest_first_and_its_cursors_lead_on_to_later_revisions(own_api: Client) -> None:
    for percent in ("99", "98", "97"):
        set_cart(own_api, percent)
    whole = own_api.data("{" + LOG % "first: 100" + "}")["revisions"]
    assert [node["number"] for node in whole["nodes"]] == [1, 2, 3, 4]
    assert whole["nodes"][0]["source"] == "larkspur-native"
    assert whole["nodes"][3] == {
        "number": 4,
        "actor": "anonymous",
        "reason": "a test",
        "source": "manual",
        "summary": {"added": 0, "changed": 1},
    }
    last = own_api.data("{" + LOG % "last: 1" + "}")["revisions"]
    assert [node["number"] for node in last["nodes"]] == [4]
    assert (last["pageInfo"]["hasPreviousPage"], last["pageInfo"]["hasNextPage"]) == (True, False)
    set_cart(own_api, "96")
    later = own_api.data("{" + LOG % f'after: "{last["pageInfo"]["endCursor"]}"' + "}")["revisions"]
    assert [node["number"] for node in later["nodes"]] == [5]
    before = own_api.data("{" + LOG % f'last: 2, before: "{last["pageInfo"]["startCursor"]}"' + "}")["revisions"]
    assert [node["number"] for node in before["nodes"]] == [2, 3]


def test_an_empty_store_is_served(tmp_path: Path) -> None:
    with serving(SqliteStore(tmp_path / "new.db")) as api:
        assert api.view("revision { number } entities { totalCount }") == {
            "revision": {"number": 0},
            "entities": {"totalCount": 0},
        }
        assert api.data("{" + LOG % "first: 5" + "}")["revisions"]["nodes"] == []
        assert api.http.get("/readyz").json()["revision"] == 0
