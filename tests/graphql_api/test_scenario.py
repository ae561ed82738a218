"""`topology(scenario: ...)`: every analysis under it, nothing stored, and refusals that name the operation."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.graphql_api.serving import Client, seeded, serving

EXAMPLE = ROOT / "examples" / "checkout" / "checkout.underpin.yaml"
ADD = """mutation { submitChanges(input: {
  reason: "a test", changes: [{ addEntity: { key: "aaa", kind: SERVICE } }] }) { __typename } }"""
HEAD = "query ($operations: [OperationInput!]!) { topology(scenario: { operations: $operations })"
EVERYTHING = """{
  revision { number } modelHash at
  transaction(key: "checkout") {
    formula: composite { formula }
    composite { expected { ratio minutesPer30Days } guaranteedFloor { ratio } ceiling { ratio }
      expectedSuccess { ratio } method completeness missing { entity { key } reason }
      contributions(first: 200) { entity { key } minutesPer30Days birnbaum raw rrw fussellVesely }
      conditional(failed: ["psp-a"]) { ratio } }
    singlePointsOfFailure { subject { ... on Entity { key } } minutesPer30Days hidden }
    cutSets(maxOrder: 3) { nodes { entities { key } probability } totalCount cappedBy }
    impact { counts { down atRisk } }
    findings { code }
    requirements { name required members { entity { key } toleranceMinutes } }
  }
  commitments { nodes { key headroom { expectedMinutes guaranteedMinutes verdict reasons }
    links { nodes { supplier { key } allowanceMinutes headroomMinutes verdict reasons } } } }
  singlePointsOfFailure { nodes { subject { ... on Entity { key } } transactions { key } } }
  cascade(failed: [{ entity: "cloud-x" }]) { counts { down } transactions { transaction { key } state } }
  findings(first: 100) { nodes { code severity message } totalCount }
  entities(first: 100) { nodes { key ownAvailability { probability { percent } } } }
}"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The telling example, for reading."""
    with serving(seeded(tmp_path_factory.mktemp("checkout") / "store.db", EXAMPLE)) as client:
        yield client


def supposed(api: Client, selection: str, *operations: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = api.data(f"{HEAD} {selection} }}", operations=list(operations))["topology"]
    return found


def refused(api: Client, *operations: dict[str, Any]) -> list[tuple[list[str], str, str]]:
    """The issues of a scenario that cannot be; a sibling is answered all the same."""
    found = api.answer(f"{HEAD} {{ modelHash }} other: topology {{ modelHash }} }}", operations=list(operations))
    assert found["data"]["topology"] is None
    assert found["data"]["other"]["modelHash"]
    (error,) = found["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["topology"], "BAD_USER_INPUT")
    return [(issue["path"], issue["code"], issue["message"]) for issue in error["extensions"]["issues"]]


def test_a_scenario_without_operations_is_the_baseline_in_every_answer(checkout: Client) -> None:
    assert supposed(checkout, EVERYTHING) == checkout.data(f"{{ topology {EVERYTHING} }}")["topology"]


def test_psp_a_down_as_the_design_says(checkout: Client) -> None:
    found = supposed(checkout, EVERYTHING, {"failEntity": "psp-a"})
    transaction = found["transaction"]
    assert transaction["composite"]["expected"]["ratio"].startswith("0.997901549455")
    assert "psp-b" in {point["subject"]["key"] for point in transaction["singlePointsOfFailure"]}
    plain = checkout.view('transaction(key: "checkout") { composite { conditional(failed: ["psp-a"]) { ratio } } }')
    assert transaction["composite"]["expected"]["ratio"] == plain["transaction"]["composite"]["conditional"]["ratio"]
    (gold,) = found["commitments"]["nodes"]
    assert gold["headroom"]["verdict"] == "SHORTFALL"
    assert gold["headroom"]["expectedMinutes"].startswith("-47.453")


def test_cloud_x_down_leaves_nothing_to_stop(checkout: Client) -> None:
    found = supposed(checkout, EVERYTHING, {"failEntity": "cloud-x"})
    transaction = found["transaction"]
    assert (transaction["singlePointsOfFailure"], transaction["cutSets"]) == (None, None)
    composite = transaction["composite"]
    assert [composite[name]["ratio"] for name in ("expected", "guaranteedFloor", "ceiling")] == ["0", "0", "0"]
    assert found["singlePointsOfFailure"]["nodes"] == []
    assert found["cascade"]["transactions"] == [{"transaction": {"key": "checkout"}, "state": "DOWN"}]
    assert found["commitments"]["nodes"][0]["headroom"]["expectedMinutes"] == "-43156.8"


def test_moving_psp_b_to_another_cloud_gains_what_the_design_says(checkout: Client) -> None:
    operations = [
        {"addEntity": {"key": "cloud-y", "kind": "EXTERNAL", "provider": "cdn-inc", "availabilityPercent": "99.99"}},
        {"replaceSupplier": {"consumer": "psp-b", "from": "cloud-x", "to": "cloud-y"}},
    ]
    selection = '{ transaction(key: "checkout") { composite { expected { minutesPer30Days } } } }'
    plain = checkout.data(f"{{ topology {selection} }}")["topology"]
    moved = supposed(checkout, selection, *operations)
    before, after = (
        float(x["transaction"]["composite"]["expected"]["minutesPer30Days"]) for x in (plain, moved)
    )  # fmt: skip
    assert f"{before - after:.3f}" == "4.309"


def test_every_kind_of_operation_is_taken(checkout: Client) -> None:
    found = supposed(
        checkout,
        EVERYTHING,
        {"failVendor": "email-inc"},
        {"failVendorGroup": "email-inc"},
        {"failOwner": "team-data"},
        {"addEntity": {"key": "zone", "kind": "INFRASTRUCTURE"}},
        {"failDomain": "zone"},
        {"lapseAgreement": "uc-cdn"},
        {"retireEntity": "identity"},
        {"setOwnAvailability": {"entity": "web", "percent": "99"}},
        {"setTarget": {"agreement": "sla-gold", "entity": "checkout", "percent": "99.5"}},
        {"addRequirement": {"consumer": "web", "supplier": "zone", "toleranceMinutes": "5"}},
        {"removeRequirement": {"consumer": "web", "supplier": "zone"}},
        {"setGroup": {"consumer": "web", "name": "edge", "required": 1, "members": ["cdn", "email"]}},
        {"addMember": {"consumer": "web", "group": "edge", "supplier": "zone"}},
        {"replaceSupplier": {"from": "cloud-x", "to": "cdn"}},
    )
    keys = {node["key"]: node["ownAvailability"] for node in found["entities"]["nodes"]}
    assert keys["web"] == {"probability": {"percent": "99"}}
    assert (keys["cdn"], keys["identity"]) == (None, None)
    reasons = {m["entity"]["key"]: m["reason"] for m in found["transaction"]["composite"]["missing"]}
    assert reasons["identity"] == "RETIRED"
    assert found["transaction"]["composite"]["expected"]["ratio"] == "0"  # team-data owns what checkout needs


def test_two_scenarios_in_one_request_do_not_see_each_other(checkout: Client) -> None:
    ask = 'transaction(key: "checkout") { id composite { expected { ratio } } }'
    one, two = (f'topology(scenario: {{ operations: [{{ failEntity: "{key}" }}] }})' for key in ("psp-a", "psp-b"))
    part = f"{{ modelHash {ask} }}"
    found = checkout.data(f"{{ one: {one} {part} two: {two} {part} none: topology {part} }}")
    shown = {name: part["transaction"]["composite"]["expected"]["ratio"] for name, part in found.items()}
    assert shown["one"].startswith("0.997901549455")
    assert shown["none"].startswith("0.998899950454")
    assert len(set(shown.values())) == 3
    assert len({part["modelHash"] for part in found.values()}) == 3
    assert len({part["transaction"]["id"] for part in found.values()}) == 3


def test_a_node_of_a_scenario_is_not_found_again_by_its_id(checkout: Client) -> None:
    found = supposed(checkout, '{ transaction(key: "checkout") { id } }', {"failEntity": "psp-a"})
    asked = "query ($id: ID!) { node(id: $id) { id } }"
    assert checkout.data(asked, id=found["transaction"]["id"])["node"] is None
    plain = checkout.view('transaction(key: "checkout") { id }')["transaction"]["id"]
    assert checkout.data(asked, id=plain)["node"] == {"id": plain}


def test_unknown_keys_and_impossible_operations_are_named_by_their_place(checkout: Client) -> None:
    path = ["scenario", "operations"]
    assert refused(checkout, {"failEntity": "web"}, {"removeRequirement": {"consumer": "web", "supplier": "nope"}}) == [
        ([*path, "1", "removeRequirement", "supplier"], "UNKNOWN_KEY", 'there is no "nope" in this view')
    ]
    ((where, code, message),) = refused(
        checkout, {"setGroup": {"consumer": "web", "name": "edge", "required": 3, "members": ["cdn", "email"]}}
    )
    assert (where, code) == ([*path, "0", "setGroup"], "UP-GROUP-K")
    assert "3 of 2" in message
    assert [issue[:2] for issue in refused(checkout, {"failVendor": "nope"}, {"retireEntity": "nada"})] == [
        ([*path, "0", "failVendor"], "UNKNOWN_KEY"),
        ([*path, "1", "retireEntity"], "UNKNOWN_KEY"),
    ]


def test_two_hundred_operations_are_taken_and_one_more_is_too_complex(checkout: Client) -> None:
    one = {"setOwnAvailability": {"entity": "web", "percent": "99"}}
    document = f"{HEAD} {{ modelHash }} other: topology {{ modelHash }} }}"
    assert "errors" not in checkout.answer(document, operations=[one] * 200)
    found = checkout.answer(document, operations=[one] * 201)
    assert found["data"]["topology"] is None
    assert found["data"]["other"]["modelHash"]
    (error,) = found["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert "200" in error["message"]
    assert "201" in error["message"]


def test_exactly_one_field_of_an_operation_is_given(checkout: Client) -> None:
    both = {"failEntity": "web", "failVendor": "cdn-inc"}
    assert checkout.codes(f"{HEAD} {{ modelHash }} }}", operations=[both]) == ["BAD_USER_INPUT"]
    assert checkout.codes(f"{HEAD} {{ modelHash }} }}", operations=[{}]) == ["BAD_USER_INPUT"]
    literal = "{ topology(scenario: { operations: [{}] }) { modelHash } }"
    assert checkout.codes(literal) == ["GRAPHQL_VALIDATION_FAILED"]


def test_a_cursor_belongs_to_its_scenario(checkout: Client) -> None:
    page = "query ($operations: [OperationInput!]!, $after: String) { topology(scenario: { operations: $operations })"
    page += " { entities(first: 4, after: $after) { nodes { key } pageInfo { endCursor hasNextPage } totalCount } } }"
    more = {"addEntity": {"key": "aaa", "kind": "SERVICE"}}
    walked, after, total = [], None, 0
    while True:
        found = checkout.data(page, operations=[more], after=after)["topology"]["entities"]
        walked += [node["key"] for node in found["nodes"]]
        after, total = found["pageInfo"]["endCursor"], found["totalCount"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert len(walked) == total == len(set(walked))
    assert walked == sorted(walked)
    assert walked[0] == "aaa"
    (error,) = checkout.errors(page, operations=[{"failEntity": "web"}], after=after)
    assert error["extensions"]["issues"][0]["code"] == "BAD_CURSOR"


def test_nothing_is_stored_and_a_cursor_leads_to_its_own_revision_under_the_scenario(tmp_path: Path) -> None:
    page = 'query ($after: String) { topology(scenario: { operations: [{ failEntity: "web" }] })'
    page += " { revision { number } entities(first: 4, after: $after) { totalCount pageInfo { endCursor } } } }"
    with serving(seeded(tmp_path / "store.db", EXAMPLE)) as api:
        before = api.data("{ topology { modelHash revision { number } } revisions { totalCount } }")
        first = api.data(page)["topology"]
        assert api.data("{ topology { modelHash revision { number } } revisions { totalCount } }") == before
        api.data(ADD)
        later = api.data(page)["topology"]
        assert later["entities"]["totalCount"] == first["entities"]["totalCount"] + 1
        again = api.data(page, after=first["entities"]["pageInfo"]["endCursor"])["topology"]
        assert again["entities"]["totalCount"] == first["entities"]["totalCount"]
        assert again["revision"]["number"] == first["revision"]["number"] + 1


def test_a_scenario_is_laid_over_what_was_known_then(tmp_path: Path) -> None:
    with serving(seeded(tmp_path / "store.db", EXAMPLE)) as api:
        (first,) = api.data("{ revisions { nodes { recordedAt } } }")["revisions"]["nodes"]
        api.data(ADD)
        ask = 'topology(asOf: "%s", at: "2026-06-30", scenario: { operations: [{ failEntity: "aaa" }] }) { modelHash }'
        (error,) = api.errors(f"{{ {ask % first['recordedAt']} }}")
        assert error["extensions"]["issues"][0]["message"] == 'there is no "aaa" in this view'
        assert api.view("modelHash", '(scenario: { operations: [{ failEntity: "aaa" }] })')["modelHash"]


def test_scenarios_asked_at_once_are_answered_each_for_itself(checkout: Client) -> None:
    selection = '{ transaction(key: "checkout") { composite { expected { ratio } } } }'
    keys = ["web", "api", "psp-a", "psp-b", "email", "cdn"] * 4
    one_by_one = [supposed(checkout, selection, {"failEntity": key}) for key in keys]
    with ThreadPoolExecutor(8) as pool:
        at_once = list(pool.map(lambda key: supposed(checkout, selection, {"failEntity": key}), keys))
    assert at_once == one_by_one
