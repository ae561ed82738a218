"""What the fields say of the example company; figures are those of examples/larkspur/expected.json."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.graphql_api.serving import Client


@pytest.fixture(scope="session")
def expected(larkspur: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((larkspur / "expected.json").read_text(encoding="utf-8"))
    return found


def test_composite_availability_is_the_published_one(api: Client, expected: dict[str, Any]) -> None:
    nodes = api.view("entities(first: 100) { nodes { key composite { expected { percent } } } }")["entities"]["nodes"]
    found = {node["key"]: Decimal(node["composite"]["expected"]["percent"]) for node in nodes}
    for key, percent in expected["composite_all_in_percent"].items():
        assert round(found[key], 6) == Decimal(str(percent)), key


def test_ratio_percent_and_minutes_are_strings_of_one_figure_in_plain_notation(api: Client) -> None:
    shown = "ratio percent minutesPer30Days nines"
    found = api.view(f'entity(key: "checkout") {{ composite {{ expected {{ {shown} }} ceiling {{ {shown} }} }} }}')
    for figure in found["entity"]["composite"].values():
        ratio = Decimal(figure["ratio"])
        assert Decimal(figure["percent"]) == ratio * 100
        assert abs(Decimal(figure["minutesPer30Days"]) - (1 - ratio) * 43_200) < Decimal("1e-8")
        assert isinstance(figure["nines"], float)
        assert "E" not in figure["ratio"] + figure["percent"] + figure["minutesPer30Days"]


def test_single_points_and_hidden_ones_are_the_published_ones(api: Client, expected: dict[str, Any]) -> None:
    for key, points in expected["spof"].items():
        shown = "singlePointsOfFailure { level hidden entity { key } subject { ... on Entity { key } } }"
        found = api.view(f'entity(key: "{key}") {{ {shown} }}')["entity"]["singlePointsOfFailure"]
        assert sorted(point["subject"]["key"] for point in found) == sorted(points), key
        assert all(point["entity"] == point["subject"] and point["level"] == "ENTITY" for point in found)
        hidden = sorted(point["subject"]["key"] for point in found if point["hidden"])
        assert hidden == sorted(expected["hidden_spof_behind_redundancy"][key]), key


def test_vendors_that_stop_a_transaction_are_the_published_ones(api: Client, expected: dict[str, Any]) -> None:
    for key, vendors in expected["vendor_level_spof"].items():
        shown = "singlePointsOfFailure(level: VENDOR) { entity { key } subject { __typename ... on Vendor { key } } }"
        found = api.view(f'entity(key: "{key}") {{ {shown} }}')["entity"]["singlePointsOfFailure"]
        assert sorted(point["subject"]["key"] for point in found) == sorted(vendors), key
        assert all(point["entity"] is None and point["subject"]["__typename"] == "Vendor" for point in found)


def test_headroom_is_the_promise_held_against_the_composite_in_minutes(api: Client, expected: dict[str, Any]) -> None:
    shown = "agreement { key } entity { key } headroom { expectedMinutes window { serviceMinutes } }"
    nodes = api.view(f"commitments(first: 100, filter: {{ types: [SLA, OLA] }}) {{ nodes {{ {shown} }} }}")
    found = {
        (node["agreement"]["key"], node["entity"]["key"]): node["headroom"]
        for node in nodes["commitments"]["nodes"]
        if node["headroom"] is not None
    }
    assert len(found) == len(expected["headroom_all_in"])
    for row in expected["headroom_all_in"]:
        headroom = found[row["agreement"], row["covers"]]
        points = Decimal(headroom["expectedMinutes"]) / Decimal(headroom["window"]["serviceMinutes"]) * 100
        assert round(points, 6) == Decimal(str(row["headroom_pp"])), row


def test_commitments_are_slas_worst_first_unless_asked_otherwise(api: Client) -> None:
    nodes = api.view("commitments { nodes { key headroom { expectedMinutes } } }")["commitments"]["nodes"]
    assert nodes[0]["key"] == "sla-marketplace/checkout/availability/calendar_month"
    assert nodes[-1] == {"key": "sla-marketplace/checkout/latency_p95/calendar_month", "headroom": None}
    minutes = [Decimal(node["headroom"]["expectedMinutes"]) for node in nodes[:-1]]
    assert minutes == sorted(minutes)
    assert all(node["key"].startswith("sla-") for node in nodes)


def test_commitments_can_be_narrowed(api: Client) -> None:
    def keys(filter_: str) -> list[str]:
        nodes = api.view(f"commitments(filter: {{ {filter_} }}) {{ nodes {{ key }} }}")["commitments"]["nodes"]
        return [node["key"] for node in nodes]

    assert keys('entity: "refund"') == ["sla-marketplace/refund/availability/calendar_month"]
    assert keys('agreement: "ola-platform", types: [OLA]') == [
        "ola-platform/storefront/availability/calendar_month",
        "ola-platform/identity/availability/calendar_month",
    ]
    assert keys("types: [UC]") == []
    shortfalls = keys("verdicts: [SHORTFALL]")
    assert "sla-retail/checkout/availability/calendar_month" in shortfalls
    assert len(shortfalls) < 7


def test_types_of_entities_follow_their_kinds(api: Client) -> None:
    nodes = api.view("entities(first: 100) { nodes { __typename kind key } }")["entities"]["nodes"]
    types = {node["kind"]: node["__typename"] for node in nodes}
    assert types == {
        "TRANSACTION": "BusinessTransaction",
        "SERVICE": "Service",
        "COMPONENT": "Service",
        "INFRASTRUCTURE": "Service",
        "EXTERNAL": "External",
    }


def test_lookups_of_what_does_not_exist_are_null_and_no_error(api: Client) -> None:
    names = ("entity", "transaction", "service", "external", "vendor", "agreement")
    found = api.view(" ".join(f'{name}(key: "nope") {{ key }}' for name in names))
    assert found == dict.fromkeys(names)
    wrong = 'transaction(key: "cart") { key } service(key: "checkout") { key } external(key: "az-a") { key }'
    assert api.view(wrong) == {"transaction": None, "service": None, "external": None}
    assert api.view('vendor(key: "team-data") { key }') == {"vendor": None}


def test_a_key_may_be_given_with_its_source(api: Client) -> None:
    shown = 'entity(key: "larkspur-native:checkout") { key } vendor(key: "larkspur-native:aws") { key }'
    assert api.view(shown) == {"entity": {"key": "checkout"}, "vendor": {"key": "aws"}}
    sub = api.view('subgraph(roots: ["larkspur-native:checkout"], depth: 0) { nodes { key } }')["subgraph"]
    assert sub == {"nodes": [{"key": "checkout"}]}
    assert api.view('agreement(key: "larkspur-native:uc-aws") { key }') == {"agreement": {"key": "uc-aws"}}


def test_unknown_keys_as_arguments_are_errors_in_place_and_siblings_are_answered(api: Client) -> None:
    query = """{ topology {
      bad: subgraph(roots: ["checkout", "nope", "no:thing"]) { truncated }
      good: subgraph(roots: ["checkout"]) { truncated }
      entity(key: "checkout") { composite { bad: conditional(failed: ["nope"]) { ratio } formula } }
    } }"""
    found = api.answer(query)
    assert found["data"]["topology"]["bad"] is None
    assert found["data"]["topology"]["good"] == {"truncated": False}
    composite = found["data"]["topology"]["entity"]["composite"]
    assert composite == {"bad": None, "formula": "cart and identity and orders and payments and storefront"}
    by_path = {tuple(error["path"]): error["extensions"] for error in found["errors"]}
    assert by_path["topology", "bad"]["code"] == "BAD_USER_INPUT"
    assert by_path["topology", "bad"]["issues"] == [
        {"path": ["roots", "1"], "code": "UNKNOWN_KEY", "message": 'There is no entity "nope" in this view.'},
        {"path": ["roots", "2"], "code": "UNKNOWN_KEY", "message": 'There is no entity "no:thing" in this view.'},
    ]
    assert by_path["topology", "entity", "composite", "bad"]["issues"][0]["path"] == ["failed", "0"]


@pytest.mark.parametrize(
    "field",
    [
        'subgraph(roots: ["checkout"], limit: 2001) { truncated }',
        'subgraph(roots: ["checkout"], limit: 0) { truncated }',
        'subgraph(roots: ["checkout"], depth: -1) { truncated }',
        'entity(key: "checkout") { composite { contributions(first: 201) { share } } }',
        'entity(key: "checkout") { composite { contributions(first: -1) { share } } }',
    ],
)
def test_arguments_out_of_range_are_errors_in_place(api: Client, field: str) -> None:
    [error] = api.errors(f"{{ topology {{ {field} }} }}")
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_missing_figure_fails_the_field_where_that_is_asked_and_nothing_else(api: Client) -> None:
    found = api.answer('{ topology { entity(key: "checkout") { key composite(missing: FAIL) { formula } } } }')
    assert found["data"]["topology"]["entity"] == {"key": "checkout", "composite": None}
    assert {issue["code"] for issue in found["errors"][0]["extensions"]["issues"]} == {"MISSING_FIGURE"}


def test_own_availability_says_where_it_is_from(api: Client) -> None:
    shown = """{ probability { percent } basis origin extent agreement { key version } target { metric value unit }
      provenance { source file line basis revision actor } }"""
    found = api.view(f'entity(key: "aws-rds") {{ ownAvailability {shown} }}')["entity"]["ownAvailability"]
    assert found["probability"] == {"percent": "99.95"}
    assert (found["basis"], found["origin"], found["extent"]) == ("CONTRACTED", "TARGET", "END_TO_END")
    assert found["agreement"] == {"key": "uc-aws", "version": 1}
    assert found["target"] == {"metric": "availability", "value": "99.95", "unit": "%"}
    [source] = found["provenance"]
    assert source["file"] == "larkspur.underpin.yaml"
    assert source["line"] > 100
    assert (source["source"], source["basis"], source["revision"]) == ("larkspur-native", "DECLARED", 1)
    stated = api.view(f'entity(key: "web-a") {{ ownAvailability {shown} }}')["entity"]["ownAvailability"]
    assert (stated["origin"], stated["agreement"], stated["target"]) == ("STATED", None, None)
    missing = api.view('entity(key: "parcel-api") { ownAvailability { basis } }')["entity"]
    assert missing == {"ownAvailability": None}
    needless = api.view('entity(key: "checkout") { ownAvailability { origin } }')["entity"]
    assert needless == {"ownAvailability": {"origin": "NONE_NEEDED"}}


def test_requirements_and_degradations_are_as_the_file_has_them(api: Client) -> None:
    shown = "requirements { name required members { entity { key } } } degradations { entity { key } loss }"
    found = api.view(f'entity(key: "storefront") {{ {shown} }}')["entity"]
    groups = {
        (group["name"], group["required"], tuple(member["entity"]["key"] for member in group["members"]))
        for group in found["requirements"]
    }
    assert groups == {
        (None, 1, ("cloudflare-cdn",)),
        ("edge", 1, ("gw-1", "gw-2")),
        ("web tier", 2, ("web-a", "web-b", "web-c")),
    }
    soft = api.view(f'entity(key: "checkout") {{ {shown} }}')["entity"]["degradations"]
    assert soft == [{"entity": {"key": "notifications"}, "loss": None}]


def test_a_subgraph_gives_each_need_between_its_nodes_once(api: Client) -> None:
    shown = "truncated depthReached nodes { key } edges { consumer { key } supplier { key } group required size loss }"
    found = api.view(f'subgraph(roots: ["storefront"], depth: 1) {{ {shown} }}')["subgraph"]
    assert found["nodes"][0] == {"key": "storefront"}
    assert (found["truncated"], found["depthReached"]) == (False, 1)
    edges = {
        (edge["consumer"]["key"], edge["supplier"]["key"], edge["group"], edge["required"], edge["size"])
        for edge in found["edges"]
    }
    assert len(found["edges"]) == len(edges) == 6
    assert ("storefront", "web-b", "web tier", 2, 3) in edges
    assert ("storefront", "gw-1", "edge", 1, 2) in edges
    small = api.view(f'subgraph(roots: ["storefront"], depth: 9, limit: 3) {{ {shown} }}')["subgraph"]
    assert (len(small["nodes"]), small["truncated"]) == (3, True)


def test_a_closure_is_flat_with_distances(api: Client) -> None:
    shown = "totalCount nodes { entity { key } distance hard }"
    found = api.view(f'entity(key: "catalog") {{ closure(first: 100) {{ {shown} }} }}')["entity"]["closure"]
    assert {(n["entity"]["key"], n["distance"], n["hard"]) for n in found["nodes"]} == {
        ("atlas-cluster", 1, True),
        ("aws-s3", 1, False),
        ("aws-region", 2, True),
    }
    near = api.view(f'entity(key: "catalog") {{ closure(maxDepth: 1) {{ {shown} }} }}')["entity"]["closure"]
    assert near["totalCount"] == 2
    none = api.view(f'entity(key: "catalog") {{ closure(maxDepth: 0) {{ {shown} }} }}')["entity"]["closure"]
    assert none["totalCount"] == 0
    up = api.view(f'entity(key: "catalog") {{ closure(direction: REQUIRED_BY) {{ {shown} }} }}')["entity"]["closure"]
    assert [node["entity"]["key"] for node in up["nodes"]] == ["browse"]


def test_a_failure_says_what_falls_and_through_what(api: Client) -> None:
    shown = """failed { key } counts { down } transactions { transaction { key } state }
      impacts(first: 100) { totalCount nodes { entity { key } state distance witness { key } owner { key } } }"""
    found = api.view(f'entity(key: "secrets-vault") {{ impact {{ {shown} }} }}')["entity"]["impact"]
    assert found["failed"] == [{"key": "secrets-vault"}]
    assert {item["transaction"]["key"] for item in found["transactions"]} == {"checkout", "refund"}
    assert {item["state"] for item in found["transactions"]} == {"DOWN"}
    nodes = found["impacts"]["nodes"]
    assert found["counts"]["down"] == found["impacts"]["totalCount"] == len(nodes)
    assert [node["entity"]["key"] for node in nodes] == sorted(node["entity"]["key"] for node in nodes)
    assert [node["entity"]["key"] for node in nodes if node["distance"] == 0] == ["secrets-vault"]
    for node in nodes:
        assert node["witness"][0] == {"key": "secrets-vault"}
        assert node["witness"][-1] == node["entity"]
        assert len(node["witness"]) == node["distance"] + 1
    by_state = "impact { up: impacts(states: [UP]) { totalCount } down: impacts(states: [DOWN]) { totalCount } }"
    found = api.view(f'entity(key: "secrets-vault") {{ {by_state} }}')["entity"]["impact"]
    assert found == {"up": {"totalCount": 0}, "down": {"totalCount": len(nodes)}}


def test_agreements_show_their_terms_and_what_they_cover(api: Client) -> None:
    shown = """key version type status start end provider { __typename key } consumer { __typename key } covers { key }
      timeZone serviceHours level precedence isMasked
      targets { entity { key } value unit creditTiers { below percentOfFee } }"""
    found = api.view(f'agreement(key: "uc-fraud") {{ {shown} }}')["agreement"]
    assert found["provider"] == {"__typename": "Vendor", "key": "sentrify"}
    assert found["consumer"] == {"__typename": "Company", "key": "larkspur"}
    assert (found["start"], found["end"]) == ("2024-04-01", "2026-03-31")
    assert (found["timeZone"], found["serviceHours"]) == ("Europe/Oslo", "Mon-Fri 08:00-18:00")
    assert found["covers"] == [{"key": "fraud-scoring"}]
    tiers = api.view(f'agreement(key: "uc-twilio") {{ {shown} }}')["agreement"]["targets"][0]["creditTiers"]
    assert tiers == [{"below": "99.95", "percentOfFee": "10"}]
    assert api.view('agreement(key: "uc-aws", version: 2) { key }') == {"agreement": None}


def test_agreements_can_be_narrowed(api: Client) -> None:
    def keys(filter_: str) -> list[str]:
        nodes = api.view(f"agreements(first: 100, filter: {{ {filter_} }}) {{ nodes {{ key }} }}")["agreements"][
            "nodes"
        ]
        return [node["key"] for node in nodes]

    assert keys("types: [SLA]") == ["sla-marketplace", "sla-retail"]
    assert keys('provider: "aws"') == ["uc-aws"]
    assert keys('consumer: "team-commerce"') == ["ola-data", "ola-platform"]
    assert keys("inForce: false") == ["uc-fraud"]
    assert len(keys("inForce: true")) == 17
    assert keys("endsWithinDays: 60") == ["uc-nordlink"]
    assert keys("endsWithinDays: 0") == []
    entity = api.view('entity(key: "checkout") { agreements { nodes { key version } } }')["entity"]["agreements"]
    assert entity["nodes"] == [{"key": "sla-marketplace", "version": 1}, {"key": "sla-retail", "version": 1}]


def test_entities_can_be_narrowed(api: Client) -> None:
    def keys(filter_: str) -> list[str]:
        nodes = api.view(f"entities(first: 100, filter: {{ {filter_} }}) {{ nodes {{ key }} }}")["entities"]["nodes"]
        return [node["key"] for node in nodes]

    assert keys("criticalities: [CRITICAL]") == ["checkout", "sign-in"]
    assert keys('provider: "larkspur-native:twilio"') == ["sendgrid-mail", "twilio-sms"]
    assert keys('owner: "team-data", kinds: [SERVICE]') == ["catalog", "orders", "search"]
    assert keys('search: "ÁÉ"') == []
    assert keys('search: "AVAILABILITY ZONE"') == ["az-a", "az-b", "az-c"]
    assert keys('owner: "nobody"') == []
    assert keys("kinds: []") == []
    assert len(keys("kinds: null")) == 54


def test_vendors_show_what_they_provide(api: Client) -> None:
    shown = (
        "__typename kind name contacts { name } parent { key } externals { nodes { key } } agreements { nodes { key } }"
    )
    found = api.view(f'vendor(key: "aws") {{ {shown} }}')["vendor"]
    assert [node["key"] for node in found["externals"]["nodes"]] == ["aws-rds", "aws-region", "aws-s3"]
    assert found["agreements"]["nodes"] == [{"key": "uc-aws"}]
    assert (found["__typename"], found["kind"], found["contacts"], found["parent"]) == ("Vendor", "VENDOR", [], None)
    external = api.view('external(key: "aws-rds") { provider { key name } }')["external"]
    assert external["provider"] == {"key": "aws", "name": "Amazon Web Services"}


def test_findings_name_their_subjects_and_can_be_narrowed(api: Client) -> None:
    subject = "... on Entity { entity: key } ... on Party { party: key } ... on Agreement { agreement: key } "
    subject += "... on Commitment { commitment: key }"
    shown = f"code severity message subject {{ __typename {subject} }} witness {{ key }} agreements {{ key }} isMasked"
    found = api.view(f"findings(first: 100) {{ totalCount nodes {{ {shown} }} }}")["findings"]
    assert found["totalCount"] == len(found["nodes"])
    ranks = [["ERROR", "WARNING", "NOTICE"].index(node["severity"]) for node in found["nodes"]]
    assert ranks == sorted(ranks)
    perfect = api.view(f"findings(codes: [PERFECT_PROMISE]) {{ nodes {{ {shown} }} }}")["findings"]["nodes"]
    assert {node["code"] for node in perfect} == {"PERFECT_PROMISE"}
    assert api.view("findings(codes: []) { totalCount }") == {"findings": {"totalCount": 0}}
    everywhere = {node["message"] for node in found["nodes"]}
    mine = api.view('entity(key: "github-cloud") { findings { code message } }')["entity"]["findings"]
    assert {finding["message"] for finding in mine} <= everywhere


def test_the_model_hash_does_not_depend_on_the_date(api: Client) -> None:
    now, then = api.view("modelHash"), api.view("modelHash", '(at: "2025-01-01")')
    assert now == then
    assert len(now["modelHash"]) == 64
