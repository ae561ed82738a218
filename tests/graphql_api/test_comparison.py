"""`comparison`: two views over HTTP, worked figures of the design, and errors on the side that they belong to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graphql_api.settings import ApiSettings, Limits
from tests.conftest import ROOT
from tests.graphql_api.serving import AT, Client, seeded, serving

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


def under(*operations: str, parts: str = PARTS) -> str:
    """The present held against itself under some operations."""
    return f"{{ comparison(after: {{ scenario: {{ operations: [{' '.join(operations)}] }} }}) {{ {parts} }} }}"


ON_CLOUD_Y = (
    '{ addEntity: { key: "cloud-y", kind: EXTERNAL, availabilityPercent: "99.99" } }',
    '{ replaceSupplier: { consumer: "psp-b", from: "cloud-x", to: "cloud-y" } }',
)


def test_moving_psp_b_to_another_cloud_gains_4_309_minutes_and_loses_a_single_point(checkout: Client) -> None:
    # analyses.md, section 3: "Moving psp_b to cloud_y (99.99) removes cloud_x and gains 4.309 min/30 d."
    found = checkout.data(under(*ON_CLOUD_Y))["comparison"]
    assert (found["verdict"], found["reasons"]) == ("PASS", [])
    deltas = {node["entity"]["key"]: node for node in found["entities"]["nodes"]}
    assert list(deltas) == ["payments", "api", "checkout", "cloud-y"]
    assert deltas["checkout"]["minutesPer30Days"].startswith("-4.3087")
    assert deltas["checkout"]["before"]["percent"].startswith("99.8899950454")
    # .9999^5 x .9995 x (1 - (1 - .9995 x .9999)(1 - .999 x .9999)) = 0.998999690715
    assert deltas["checkout"]["after"]["percent"].startswith("99.8999690714")
    assert deltas["cloud-y"]["before"] is None
    (lost,) = found["singlePointsLost"]
    assert lost == {"subject": {"key": "cloud-x"}, "transactions": [{"key": "checkout"}], "hidden": True}
    assert found["singlePointsGained"] == []
    (gold,) = found["commitments"]
    assert gold["before"]["expectedMinutes"].startswith("-4.3221")
    assert gold["after"]["expectedMinutes"].startswith("-0.0133")
    opened = {(finding["code"], finding["subject"].get("key")) for finding in found["findingsOpened"]}
    assert ("SUPPLIER_UNCOVERED", "cloud-y") in opened
    assert "HIDDEN_COMMON_CAUSE" in {finding["code"] for finding in found["findingsClosed"]}


@pytest.mark.parametrize(
    ("operation", "verdict", "sentence"),
    [
        (
            '{ lapseAgreement: "uc-psp-a" }',
            "FAIL",
            f'"psp-a" becomes UNCOVERED (no agreement) beneath "{GOLD}".',
        ),
        (
            '{ failEntity: "psp-a" }',
            "FAIL",
            '"psp-b" is a new single point of failure of "checkout" (critical).',
        ),
        (
            '{ failEntity: "cloud-x" }',
            "FAIL",
            '"checkout" (critical) is down before anything else fails.',
        ),
        (
            '{ addRequirement: { consumer: "checkout", supplier: "email" } }',
            "FAIL",
            '"email" is a new single point of failure of "checkout" (critical).',
        ),
        ('{ setTarget: { agreement: "sla-gold", entity: "checkout", percent: "99.5" } }', "PASS", None),
        ('{ setTarget: { agreement: "uc-psp-b", entity: "psp-b", percent: "99.99" } }', "PASS", None),
    ],
)
def test_each_operation_has_its_verdict_and_its_reason(
    checkout: Client, operation: str, verdict: str, sentence: str | None
) -> None:
    found = checkout.data(under(operation, parts="verdict reasons"))["comparison"]
    assert found["verdict"] == verdict
    assert sentence is None or sentence in found["reasons"]
    assert bool(found["reasons"]) == (verdict != "PASS")


def test_a_weaker_promise_that_still_holds_only_wants_a_look_at_its_new_single_point(checkout: Client) -> None:
    # Silver 99.5 % has +168.478 min; with email hard (99.9 %) 43 minutes less: it holds, on one more single point.
    silver = '{ setTarget: { agreement: "sla-gold", entity: "checkout", percent: "99.5" } }'
    need = '{ addRequirement: { consumer: "checkout", supplier: "email" } }'
    before = f"before: {{ scenario: {{ operations: [{silver}] }} }}"
    after = f"after: {{ scenario: {{ operations: [{silver} {need}] }} }}"
    found = checkout.data(f"{{ comparison({before}, {after}) {{ {PARTS} }} }}")["comparison"]
    assert found["verdict"] == "WARN"
    assert '"email" is a new single point of failure of "checkout" (critical).' in found["reasons"]
    (gold,) = found["commitments"]
    assert gold["before"]["expectedMinutes"].startswith("168.47")
    assert {gold["before"]["verdict"], gold["after"]["verdict"]} <= {"COVERED", "THIN"}
    assert [point["subject"]["key"] for point in found["singlePointsGained"]] == ["email"]


def test_an_operation_that_cannot_be_is_told_under_its_side_and_number(checkout: Client) -> None:
    (error,) = checkout.errors(under('{ failEntity: "psp-a" }', '{ failVendor: "nobody" }'))
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    (issue,) = error["extensions"]["issues"]
    assert issue["path"] == ["after", "scenario", "operations", "1", "failVendor"]
    assert "nobody" in issue["message"]


def test_too_many_operations_name_the_limit_and_what_was_asked(checkout: Client) -> None:
    operations = ['{ failEntity: "psp-a" }'] * 201
    answer = checkout.answer(under(*operations, parts="verdict"))
    (error,) = answer["errors"]
    assert answer["data"] == {"comparison": None}
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert "200" in error["message"]
    assert "201" in error["message"]


def test_nodes_of_a_gone_entity_and_of_a_new_one_are_seen_in_the_view_that_holds_them(checkout: Client) -> None:
    shown = "entities { nodes { entity { key kind requiredBy { nodes { key } } } } }"
    there = f"scenario: {{ operations: [{' '.join(ON_CLOUD_Y)}] }}"
    for sides in (f"before: {{}}, after: {{ {there} }}", f"before: {{ {there} }}, after: {{}}"):
        found = checkout.data(f"{{ comparison({sides}) {{ {shown} }} }}")["comparison"]["entities"]["nodes"]
        cloud = next(node["entity"] for node in found if node["entity"]["key"] == "cloud-y")
        assert cloud["requiredBy"]["nodes"] == [{"key": "psp-b"}]


def test_a_comparison_that_takes_too_long_is_a_timeout_and_leaves_its_siblings_answered(tmp_path: Path) -> None:
    example = ROOT / "examples" / "checkout" / "checkout.underpin.yaml"
    settings = ApiSettings(at=AT, limits=Limits(query_seconds=1e-6))
    with serving(seeded(tmp_path / "store.db", example), settings) as client:
        answer = client.answer("{ topology { at } comparison(after: {}) { verdict } }")
    assert answer["data"] == {"topology": {"at": "2026-06-30"}, "comparison": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["TIMEOUT"]
