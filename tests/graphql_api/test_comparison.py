"""`comparison`: two views over HTTP, worked figures of the design, and errors on the side that they belong to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.graphql_api.serving import Client, seeded, serving

GOLD = "sla-gold/checkout/availability/calendar_month"
DATA = "ola-data/orders-db/availability/calendar_month"
PARTS = """
  verdict reasons
  entities { totalCount nodes { entity { key } before { percent } after { percent } minutesPer30Days } }
  singlePointsGained { subject { ... on Entity { key } } transactions { key } hidden }
  singlePointsLost { subject { ... on Entity { key } } transactions { key } hidden }
  commitments { commitment { key } before { expectedMinutes verdict } after { expectedMinutes verdict } }
  findingsOpened { code severity subject { ... on Entity { key } } } findingsClosed { code }
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The telling example, for reading."""
    path = tmp_path_factory.mktemp("checkout") / "store.db"
    with serving(seeded(path, ROOT / "examples" / "checkout" / "checkout.underpin.yaml")) as client:
        yield client


def test_the_present_against_itself_passes_without_a_word(checkout: Client) -> None:
    found = checkout.data(f"{{ comparison(after: {{}}) {{ {PARTS} }} }}")["comparison"]
    assert found == {
        "verdict": "PASS",
        "reasons": [],
        "entities": {"totalCount": 0, "nodes": []},
        "singlePointsGained": [],
        "singlePointsLost": [],
        "commitments": [],
        "findingsOpened": [],
        "findingsClosed": [],
    }


def test_two_dates_are_two_views(checkout: Client) -> None:
    # The same shortfall of 0.000100049545 in June's 43 200 and in July's 44 640 minutes.
    asked = 'comparison(before: { at: "2026-06-30" }, after: { at: "2026-07-15" })'
    found = checkout.data(f"{{ {asked} {{ {PARTS} }} }}")["comparison"]
    assert found["verdict"] == "FAIL"
    (gold,) = found["commitments"]
    assert gold["commitment"]["key"] == GOLD
    assert gold["before"]["expectedMinutes"].startswith("-4.3221")
    assert gold["after"]["expectedMinutes"].startswith("-4.4662")
    (reason,) = found["reasons"]
    assert "44640 min instead of 43200" in reason
    assert found["entities"]["totalCount"] == 0


def test_the_empty_graph_before_the_first_revision_can_stand_on_either_side(checkout: Client) -> None:
    early = 'asOf: "2000-01-01T00:00:00Z", at: "2026-06-30"'
    found = checkout.data(f"{{ comparison(before: {{ {early} }}, after: {{}}) {{ {PARTS} }} }}")["comparison"]
    # The promise is new and in SHORTFALL from its first day.
    assert found["verdict"] == "FAIL"
    assert [(d["commitment"]["key"], d["before"]) for d in found["commitments"]] == [(DATA, None), (GOLD, None)]
    assert found["entities"]["totalCount"] == 11
    assert {node["before"] for node in found["entities"]["nodes"]} == {None}
    assert {node["minutesPer30Days"] for node in found["entities"]["nodes"]} == {None}
    back = checkout.data(f"{{ comparison(before: {{}}, after: {{ {early} }}) {{ {PARTS} }} }}")["comparison"]
    assert back["verdict"] == "PASS"
    assert [(d["commitment"]["key"], d["after"]) for d in back["commitments"]] == [(DATA, None), (GOLD, None)]
    assert back["commitments"][1]["before"]["expectedMinutes"].startswith("-4.3221")
    assert [node["entity"]["key"] for node in back["entities"]["nodes"]][:2] == ["api", "cdn"]


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ('before: { at: "1000-01-01" }, after: {}', ["before", "at"]),
        ('after: { at: "1000-01-01" }', ["after", "at"]),
        ('after: { asOf: "2026-06-30T00:00:00" }', ["after", "asOf"]),
    ],
)
def test_what_is_wrong_with_a_view_is_told_under_its_side_and_siblings_are_answered(
    checkout: Client, arguments: str, path: list[str]
) -> None:
    good = "good: comparison(after: {}) { verdict }"
    answer = checkout.answer(f"{{ bad: comparison({arguments}) {{ verdict }} {good} }}")
    assert answer["data"] == {"bad": None, "good": {"verdict": "PASS"}}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert [issue["path"] for issue in error["extensions"]["issues"]] == [path]


def test_without_an_after_there_is_nothing_to_compare(checkout: Client) -> None:
    assert checkout.codes("{ comparison { verdict } }") == ["GRAPHQL_VALIDATION_FAILED"]


def test_the_entities_that_differ_are_paged(checkout: Client) -> None:
    early = 'before: { asOf: "2000-01-01T00:00:00Z", at: "2026-06-30" }, after: {}'
    keys: list[str] = []
    cursor = "null"
    for _ in range(4):
        shown = "nodes { entity { key } } pageInfo { endCursor hasNextPage }"
        page = f"entities(first: 4, after: {cursor}) {{ {shown} }}"
        found = checkout.data(f"{{ comparison({early}) {{ {page} }} }}")["comparison"]["entities"]
        keys += [node["entity"]["key"] for node in found["nodes"]]
        cursor = f'"{found["pageInfo"]["endCursor"]}"'
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert keys == sorted(keys)
    assert len(keys) == 11
    # A cursor belongs to its two views: with another on either side it is none of this list's.
    other = f'comparison(before: {{ at: "2026-01-01" }}, after: {{}}) {{ entities(after: {cursor}) {{ totalCount }} }}'
    assert checkout.codes(f"{{ {other} }}") == ["BAD_USER_INPUT"]


def test_a_cursor_goes_on_in_the_revision_that_it_was_given_in(tmp_path: Path) -> None:
    example = ROOT / "examples" / "checkout" / "checkout.underpin.yaml"
    asked = 'comparison(before: { asOf: "2000-01-01T00:00:00Z" }, after: {})'
    page = "totalCount nodes { entity { key } } pageInfo { endCursor }"
    with serving(seeded(tmp_path / "store.db", example)) as client:
        first = client.data(f"{{ {asked} {{ entities(first: 1) {{ {page} }} }} }}")["comparison"]["entities"]
        change = '{ changes: [{ addEntity: { key: "aaa", kind: SERVICE } }], reason: "the test" }'
        client.data(f"mutation {{ submitChanges(input: {change}) {{ ... on ChangesApplied {{ replayed }} }} }}")
        after = f'after: "{first["pageInfo"]["endCursor"]}"'
        rest = client.data(f"{{ {asked} {{ entities({after}) {{ {page} }} }} }}")["comparison"]["entities"]
        assert (first["totalCount"], rest["totalCount"]) == (11, 11)
        assert [node["entity"]["key"] for node in (*first["nodes"], *rest["nodes"])][:3] == ["api", "cdn", "checkout"]
        anew = client.data(f"{{ {asked} {{ entities {{ {page} }} }} }}")["comparison"]["entities"]
        assert anew["totalCount"] == 12
