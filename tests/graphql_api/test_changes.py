"""submitChanges: every kind of change, all or nothing, who owns what, repetition and conflict."""

from pathlib import Path
from typing import Any

import pytest

from tests.graphql_api.serving import Client, seeded, serving

SUBMIT = """mutation ($input: SubmitChangesInput!) { submitChanges(input: $input) {
  __typename
  ... on ChangesApplied { revision { number reason actor source } summary { added changed removed unchanged }
    dryRun replayed }
  ... on ChangesRejected { issues { path code message hint } }
  ... on RevisionConflict { expected actual issues { path code } }
} }"""
Change = dict[str, Any]


def submit(api: Client, *changes: Change, **more: object) -> dict[str, Any]:
    found: dict[str, Any] = api.data(SUBMIT, input={"changes": list(changes), "reason": "a test", **more})[
        "submitChanges"
    ]
    return found


def applied(api: Client, *changes: Change, **more: object) -> dict[str, Any]:
    found = submit(api, *changes, **more)
    assert found["__typename"] == "ChangesApplied", found
    return found


def rejected(api: Client, *changes: Change, **more: object) -> list[dict[str, Any]]:
    found = submit(api, *changes, **more)
    assert found["__typename"] == "ChangesRejected", found
    issues: list[dict[str, Any]] = found["issues"]
    return issues


def needs(api: Client, key: str) -> set[tuple[str | None, int, tuple[str, ...]]]:
    shown = "requirements { name required members { entity { key } } }"
    groups = api.view(f'entity(key: "{key}") {{ {shown} }}')["entity"]["requirements"]
    return {(g["name"], g["required"], tuple(m["entity"]["key"] for m in g["members"])) for g in groups}


def soft(api: Client, key: str) -> list[tuple[str, str | None]]:
    shown = "degradations { entity { key } loss }"
    found = api.view(f'entity(key: "{key}") {{ {shown} }}')["entity"]["degradations"]
    return [(edge["entity"]["key"], edge["loss"]) for edge in found]


def test_a_whole_new_piece_is_added_in_one_revision_each_change_seeing_those_before_it(own_api: Client) -> None:
    promise = {"entity": "newco-db", "metric": "availability", "comparator": "AT_LEAST", "value": "99.95"}
    contract: Change = {"key": "uc-newco", "version": 1, "type": "UC", "provider": "newco", "consumer": "larkspur"}
    contract |= {"start": "2026-01-01", "targets": [promise | {"unit": "%", "window": "rolling_30d"}]}
    found = applied(
        own_api,
        {"putParty": {"key": "newco", "kind": "VENDOR", "name": "Newco"}},
        {"addEntity": {"key": "ledger", "kind": "SERVICE", "owner": "team-data", "availabilityPercent": "99.9"}},
        {"addEntity": {"key": "newco-db", "kind": "EXTERNAL", "provider": "newco"}},
        {"addRequirement": {"consumer": "ledger", "supplier": "newco-db", "toleranceMinutes": "5"}},
        {"setGroup": {"consumer": "ledger", "name": "zones", "required": 1, "members": ["az-b", "az-a"]}},
        {"addMember": {"consumer": "ledger", "group": "zones", "supplier": "az-c"}},
        {"putDegradation": {"consumer": "ledger", "supplier": "search", "lossPercent": "2.5"}},
        {"addAgreementVersion": contract},
    )
    assert found["revision"] == {"number": 2, "reason": "a test", "actor": "anonymous", "source": "manual"}
    assert (found["dryRun"], found["replayed"]) == (False, False)
    assert found["summary"] == {"added": 8, "changed": 0, "removed": 0, "unchanged": 0}
    assert needs(own_api, "ledger") == {(None, 1, ("newco-db",)), ("zones", 1, ("az-a", "az-b", "az-c"))}
    assert soft(own_api, "ledger") == [("search", "0.025")]
    shown = "ownAvailability { probability { percent } target { window { kind days } } extent }"
    figure = own_api.view(f'entity(key: "newco-db") {{ {shown} }}')["entity"]["ownAvailability"]
    assert figure["probability"] == {"percent": "99.95"}
    assert figure["target"] == {"window": {"kind": "ROLLING", "days": 30}}
    assert figure["extent"] == "END_TO_END"
    source = own_api.view('entity(key: "ledger") { provenance { source actor revision basis } }')["entity"][
        "provenance"
    ]
    assert source == [{"source": "manual", "actor": "anonymous", "revision": 2, "basis": "DECLARED"}]


def test_one_bad_change_refuses_all_and_every_bad_one_is_named_by_its_place(own_api: Client) -> None:
    issues = rejected(
        own_api,
        {"addEntity": {"key": "fine", "kind": "SERVICE"}},
        {"setOwnAvailability": {"entity": "nope", "percent": "99"}},
        {"addMember": {"consumer": "storefront", "group": "no such group", "supplier": "az-a"}},
        {"removeRequirement": {"consumer": "cart", "supplier": "az-a"}},
    )
    assert [(issue["path"], issue["code"]) for issue in issues] == [
        (["changes", "1"], "UP-UNKNOWN"),
        (["changes", "2"], "UP-NO-GROUP"),
        (["changes", "3"], "UP-NO-EDGE"),
    ]
    assert own_api.view('entity(key: "fine") { key } revision { number }') == {
        "entity": None,
        "revision": {"number": 1},
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"addEntity": {"key": "cart", "kind": "SERVICE"}}, "UP-EXISTS"),
        ({"addEntity": {"key": "x", "kind": "SERVICE", "owner": "nobody"}}, "UP-UNKNOWN"),
        ({"addEntity": {"key": "x", "kind": "SERVICE", "availabilityPercent": "100.1"}}, "UP-RATIO"),
        ({"addRequirement": {"consumer": "cart", "supplier": "cart"}}, "UP-NEED-SELF"),
        ({"addRequirement": {"consumer": "cart", "supplier": "nope"}}, "UP-UNKNOWN"),
        ({"addRequirement": {"consumer": "nope", "supplier": "cart"}}, "UP-UNKNOWN"),
        ({"setGroup": {"consumer": "cart", "name": "g", "required": 3, "members": ["az-a", "az-b"]}}, "UP-GROUP-K"),
        ({"setGroup": {"consumer": "cart", "name": "g", "required": 0, "members": ["az-a"]}}, "UP-GROUP-K"),
        (
            {"setGroup": {"consumer": "cart", "name": "g", "required": 1, "members": ["az-a", "az-a"]}},
            "UP-GROUP-REPEAT",
        ),
        ({"setOwnAvailability": {"entity": "cart", "percent": "-1"}}, "UP-RATIO"),
        ({"putDegradation": {"consumer": "cart", "supplier": "az-a", "lossPercent": "0"}}, "UP-RATIO"),
        ({"removeDegradation": {"consumer": "cart", "supplier": "az-a"}}, "UP-NO-EDGE"),
        ({"removeEntity": "cart"}, "UP-NOT-HELD"),
        ({"removeEntity": "nope"}, "UP-UNKNOWN"),
        ({"removeParty": "aws"}, "UP-NOT-HELD"),
        ({"removeParty": "nope"}, "UP-UNKNOWN"),
        ({"retireEntity": "nope"}, "UP-UNKNOWN"),
        ({"replaceSupplier": {"from": "az-a", "to": "nope"}}, "UP-UNKNOWN"),
        ({"replaceSupplier": {"consumer": "search", "from": "cart", "to": "az-a"}}, "UP-NO-EDGE"),
        ({"replaceSupplier": {"from": "checkout", "to": "az-a"}}, "UP-NO-EDGE"),
    ],
)
def test_an_impossible_change_is_refused_with_its_code(api: Client, change: Change, code: str) -> None:
    [issue] = rejected(api, change)
    assert issue["code"] == code
    assert issue["path"][:2] == ["changes", "0"]
    assert issue["message"]


def agreement(**said: object) -> Change:
    target = {"entity": "cart", "metric": "availability", "comparator": "AT_LEAST", "value": "99", "unit": "%"}
    targets = [target | {"window": "calendar_month"}]
    base = {"key": "ola-new", "version": 1, "type": "OLA", "provider": "team-data", "consumer": "team-commerce"}
    return {"addAgreementVersion": base | {"targets": targets} | said}


def target(**said: object) -> Change:
    base = {"entity": "cart", "metric": "availability", "comparator": "AT_LEAST", "value": "99", "unit": "%"}
    return agreement(targets=[base | {"window": "calendar_month"} | said])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (agreement(key="ola-data", version=1), "UP-VERSION-EXISTS"),
        (agreement(key="larkspur-native:ola-data", version=1), "UP-VERSION-EXISTS"),
        (agreement(start="2026-02-01", end="2026-01-01"), "UP-DATES"),
        (agreement(provider="nobody"), "UP-UNKNOWN"),
        (agreement(version=0), "UP-VERSION"),
        (target(window="fortnight"), "UP-WINDOW"),
        (target(window="rolling_0d"), "UP-WINDOW"),
        (target(unit="ms"), "UP-UNIT"),
        (target(value="101"), "UP-RATIO"),
        (target(entity="nope"), "UP-UNKNOWN"),
    ],
)
def test_an_impossible_agreement_is_refused_with_its_code(api: Client, change: Change, code: str) -> None:
    issues = rejected(api, change)
    assert code in {issue["code"] for issue in issues}
    assert all(issue["path"][:2] == ["changes", "0"] for issue in issues)


def test_a_new_version_supersedes_and_the_old_one_stays(own_api: Client) -> None:
    applied(own_api, agreement(key="ola-data", version=2, start="2026-06-01"))
    found = own_api.view(
        'agreement(key: "ola-data") { version name } old: agreement(key: "ola-data", version: 1) { version }'
    )
    assert (found["agreement"]["version"], found["old"]["version"]) == (2, 1)
    assert rejected(own_api, agreement(key="ola-data", version=2))[0]["hint"] == "versions never change; add version 3"


def test_what_another_source_states_is_outranked_and_never_edited(own_api: Client) -> None:
    applied(own_api, {"setOwnAvailability": {"entity": "cart", "percent": "99.5"}})
    shown = "ownAvailability { probability { percent } provenance { source } }"
    assert own_api.view(f'entity(key: "cart") {{ {shown} }}')["entity"]["ownAvailability"] == {
        "probability": {"percent": "99.5"},
        "provenance": [{"source": "larkspur-native"}, {"source": "manual"}],
    }
    conflicts = own_api.view("findings(codes: [CONFLICTING_FACTS]) { totalCount }")["findings"]
    assert conflicts["totalCount"] == 1


def test_another_sources_need_is_overruled_and_comes_back_when_stated_again(own_api: Client) -> None:
    assert needs(own_api, "cart") == {(None, 1, ("cart-redis",))}
    applied(own_api, {"removeRequirement": {"consumer": "cart", "supplier": "cart-redis"}})
    assert needs(own_api, "cart") == set()
    applied(own_api, {"addRequirement": {"consumer": "cart", "supplier": "cart-redis"}})
    assert needs(own_api, "cart") == {(None, 1, ("cart-redis",))}
    applied(own_api, {"removeRequirement": {"consumer": "cart", "supplier": "cart-redis"}})
    assert needs(own_api, "cart") == set()


def test_another_sources_soft_need_is_overruled(own_api: Client) -> None:
    applied(own_api, {"removeDegradation": {"consumer": "checkout", "supplier": "notifications"}})
    assert soft(own_api, "checkout") == []
    assert len(needs(own_api, "checkout")) == 5


def test_ones_own_edges_come_and_go(own_api: Client) -> None:
    applied(own_api, {"addRequirement": {"consumer": "cart", "supplier": "az-b"}})
    applied(own_api, {"putDegradation": {"consumer": "cart", "supplier": "search"}})
    assert (None, 1, ("az-b",)) in needs(own_api, "cart")
    assert soft(own_api, "cart") == [("search", None)]
    applied(own_api, {"removeRequirement": {"consumer": "cart", "supplier": "az-b"}})
    applied(own_api, {"removeDegradation": {"consumer": "cart", "supplier": "search"}})
    assert needs(own_api, "cart") == {(None, 1, ("cart-redis",))}
    assert soft(own_api, "cart") == []


def test_a_group_of_another_source_gets_a_member(own_api: Client) -> None:
    applied(own_api, {"addMember": {"consumer": "storefront", "group": "edge", "supplier": "web-c"}})
    assert ("edge", 1, ("gw-1", "gw-2", "web-c")) in needs(own_api, "storefront")
    applied(
        own_api, {"setGroup": {"consumer": "storefront", "name": "edge", "required": 2, "members": ["gw-1", "gw-2"]}}
    )
    assert ("edge", 2, ("gw-1", "gw-2")) in needs(own_api, "storefront")


def test_a_supplier_is_replaced_everywhere_with_groups_kept(own_api: Client) -> None:
    shown = 'entity(key: "az-a") { requiredBy { nodes { key } } }'
    consumers = [node["key"] for node in own_api.view(shown)["entity"]["requiredBy"]["nodes"]]
    assert consumers == ["cart-redis", "gw-1", "payment-router", "search-1", "secrets-vault", "web-a"]
    applied(own_api, {"replaceSupplier": {"from": "az-a", "to": "az-c"}})
    assert own_api.view(shown)["entity"]["requiredBy"]["nodes"] == []
    assert needs(own_api, "payment-router") == {(None, 1, ("az-b", "az-c"))}
    assert needs(own_api, "cart-redis") == {(None, 1, ("az-c",))}
    applied(own_api, {"replaceSupplier": {"consumer": "cart-redis", "from": "az-c", "to": "az-a"}})
    assert needs(own_api, "cart-redis") == {(None, 1, ("az-a",))}
    assert needs(own_api, "web-a") == {(None, 1, ("az-c",))}
    applied(own_api, {"replaceSupplier": {"consumer": "payment-router", "from": "az-c", "to": "az-a"}})
    assert needs(own_api, "payment-router") == {(None, 1, ("az-a", "az-b"))}


def test_a_supplier_is_replaced_in_a_named_group_of_another_source_and_in_soft_needs(own_api: Client) -> None:
    applied(own_api, {"replaceSupplier": {"consumer": "storefront", "from": "gw-1", "to": "web-c"}})
    assert ("edge", 1, ("gw-2", "web-c")) in needs(own_api, "storefront")
    applied(own_api, {"replaceSupplier": {"from": "notifications", "to": "search"}})
    assert soft(own_api, "checkout") == [("search", None)]


def test_a_retired_entity_is_gone_at_the_servers_date_and_there_before_it(own_api: Client) -> None:
    applied(own_api, {"retireEntity": "aws-rds"})
    shown = 'entity(key: "orders") { composite { missing { entity { key } reason } } }'
    now = own_api.view(shown)["entity"]["composite"]["missing"]
    assert {"entity": {"key": "aws-rds"}, "reason": "RETIRED"} in now
    before = own_api.view(shown, '(at: "2026-06-29")')["entity"]["composite"]["missing"]
    assert {"entity": {"key": "aws-rds"}, "reason": "RETIRED"} not in before


def test_ones_own_entities_and_parties_can_be_taken_back(own_api: Client) -> None:
    applied(
        own_api,
        {"putParty": {"key": "p", "kind": "TEAM"}},
        {"addEntity": {"key": "e", "kind": "SERVICE", "owner": "p"}},
        {"addRequirement": {"consumer": "e", "supplier": "az-a"}},
    )
    [issue] = rejected(own_api, {"removeParty": "p"})
    assert issue["code"] == "UP-UNKNOWN"
    applied(own_api, {"addRequirement": {"consumer": "cart", "supplier": "e"}})
    assert rejected(own_api, {"removeEntity": "e"})[0]["code"] == "UP-UNKNOWN"
    found = applied(
        own_api,
        {"removeRequirement": {"consumer": "cart", "supplier": "e"}},
        {"removeEntity": "e"},
        {"removeParty": "p"},
    )
    assert found["summary"]["removed"] == 4
    assert own_api.view('entity(key: "e") { key }') == {"entity": None}


def test_a_dry_run_counts_and_writes_nothing(own_api: Client) -> None:
    change = {"setOwnAvailability": {"entity": "cart", "percent": "99.5"}}
    found = applied(own_api, change, dryRun=True)
    assert (found["dryRun"], found["summary"]["added"], found["revision"]["number"]) == (True, 1, 1)
    assert own_api.view("revision { number }")["revision"] == {"number": 1}
    assert rejected(own_api, {"setOwnAvailability": {"entity": "cart", "percent": "200"}}, dryRun=True)


def test_a_change_that_changes_nothing_makes_no_revision(own_api: Client) -> None:
    change = {"setOwnAvailability": {"entity": "cart", "percent": "99.5"}}
    assert applied(own_api, change)["revision"]["number"] == 2
    again = applied(own_api, change)
    assert (again["revision"]["number"], again["summary"]["unchanged"]) == (2, 1)
    assert applied(own_api)["revision"]["number"] == 2


def test_a_stale_expectation_is_a_conflict(own_api: Client) -> None:
    change = {"setOwnAvailability": {"entity": "cart", "percent": "99.5"}}
    assert applied(own_api, change, expectedRevision=1)["revision"]["number"] == 2
    found = submit(own_api, {"setOwnAvailability": {"entity": "cart", "percent": "99"}}, expectedRevision=1)
    assert found == {
        "__typename": "RevisionConflict",
        "expected": 1,
        "actual": 2,
        "issues": [{"path": ["expectedRevision"], "code": "STALE_REVISION"}],
    }


def test_the_same_key_replays_and_another_change_under_it_is_a_conflict(own_api: Client) -> None:
    change = {"setOwnAvailability": {"entity": "cart", "percent": "99.5"}}
    first = applied(own_api, change, idempotencyKey="k-1")
    applied(own_api, {"setOwnAvailability": {"entity": "cart", "percent": "98"}})
    again = applied(own_api, change, idempotencyKey="k-1")
    assert again == first | {"replayed": True}
    assert own_api.view("revision { number }")["revision"] == {"number": 3}
    other = {"changes": [], "reason": "a test", "idempotencyKey": "k-1"}
    assert own_api.codes(SUBMIT, input=other) == ["CONFLICT"]


@pytest.mark.parametrize("more", [{"source": ""}, {"source": "a:b"}, {"source": " x"}, {"idempotencyKey": ""}])
def test_a_source_or_key_that_cannot_be_one_is_refused(api: Client, more: dict[str, str]) -> None:
    [issue] = rejected(api, **more)
    assert issue["path"] == list(more)


def test_changes_may_be_another_sources(own_api: Client) -> None:
    applied(own_api, {"addEntity": {"key": "e", "kind": "SERVICE"}}, source="cmdb")
    assert rejected(own_api, {"removeEntity": "e"})[0]["code"] == "UP-NOT-HELD"
    assert applied(own_api, {"removeEntity": "e"}, source="cmdb")["revision"]["source"] == "cmdb"


@pytest.mark.parametrize("change", [{}, {"removeParty": "a", "removeEntity": "b"}, {"removeParty": None}])
def test_a_change_has_exactly_one_member(api: Client, change: Change) -> None:
    assert api.codes(SUBMIT, input={"changes": [change], "reason": "x"}) == ["BAD_USER_INPUT"]


def test_a_document_with_two_writes_makes_two_revisions_in_order(own_api: Client) -> None:
    one = 'submitChanges(input: {reason: "x", changes: [{setOwnAvailability: {entity: "cart", percent: "%s"}}]})'
    shown = "{ ... on ChangesApplied { revision { number } } }"
    found = own_api.data(f"mutation {{ a: {one % '99'} {shown} b: {one % '98'} {shown} }}")
    assert [found[name]["revision"]["number"] for name in "ab"] == [2, 3]


def test_an_agreement_may_cover_all_of_a_vendor_or_a_family(tmp_path: Path) -> None:
    text = """underpin: 1
source: s
parties: [{id: us, kind: self}, {id: v, kind: vendor}]
entities:
  - {id: a, kind: external, provider: v}
  - {id: b, kind: external, provider: v, family: databases}
  - {id: c, kind: service, family: databases}
  - {id: d, kind: service}
agreements:
  - {id: all, type: uc, provider: v, consumer: us, covers: ["*"], targets: [{metric: availability, min: 99%}]}
  - {id: some, type: slo, provider: us, covers: ["family:databases", d], targets: [{metric: availability, min: 99%}]}
"""
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    with serving(seeded(tmp_path / "store.db", tmp_path / "s.yaml")) as api:
        nodes = api.view("agreements { nodes { key covers { key } targets { entity { key } } } }")["agreements"][
            "nodes"
        ]
        assert [(node["key"], [entity["key"] for entity in node["covers"]]) for node in nodes] == [
            ("all", ["a", "b"]),
            ("some", ["b", "c", "d"]),
        ]
        assert {target["entity"] for node in nodes for target in node["targets"]} == {None}
        both = api.view('entity(key: "b") { agreements { nodes { key } } }')["entity"]["agreements"]["nodes"]
        assert both == [{"key": "all"}, {"key": "some"}]
