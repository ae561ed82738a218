"""Single points at every level, over the API: `analyses.md` section 3 on the worked model."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.graphql_api.serving import Client, seeded, serving

SUBJECT = (
    "subject { __typename ... on BusinessTransaction { key } ... on Service { key } ... on External { key } "
    "... on Vendor { key } ... on Team { key } ... on Agreement { key version } }"
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    example = ROOT / "examples" / "checkout" / "checkout.underpin.yaml"
    with serving(seeded(tmp_path_factory.mktemp("checkout") / "store.db", Path(example))) as client:
        yield client


def points(checkout: Client, root: str, level: str) -> list[dict[str, Any]]:
    shown = f"singlePointsOfFailure(level: {level}) {{ level hidden entity {{ key }} {SUBJECT} }}"
    found: list[dict[str, Any]] = checkout.view(f'entity(key: "{root}") {{ {shown} }}')["entity"][
        "singlePointsOfFailure"
    ]
    assert all(row["level"] == level and row["entity"] is None for row in found)
    return found


def test_agreements_whose_lapse_stops_checkout_are_shown_by_their_version_in_force(checkout: Client) -> None:
    found = points(checkout, "checkout", "AGREEMENT")
    # By minutes: orders-db 21.587, then cdn and identity with 4.315679 each, in the order of their keys.
    assert [row["subject"] for row in found] == [
        {"__typename": "Agreement", "key": key, "version": 1} for key in ("ola-data", "uc-cdn", "uc-identity")
    ]


def test_teams_that_stop_checkout(checkout: Client) -> None:
    found = points(checkout, "checkout", "OWNER")
    # team-data owns orders-db (21.587 min); team-shop owns web, api and payments (4.3157 each).
    assert [row["subject"] for row in found] == [
        {"__typename": "Team", "key": "team-data"},
        {"__typename": "Team", "key": "team-shop"},
    ]


@pytest.mark.parametrize(
    ("level", "subjects"),
    [
        ("AGREEMENT", [("Agreement", "ola-data"), ("Agreement", "uc-cdn"), ("Agreement", "uc-identity")]),
        ("OWNER", [("Team", "team-data"), ("Team", "team-shop")]),
        ("VENDOR", [("Vendor", "cdn-inc"), ("Vendor", "cloud-x-inc"), ("Vendor", "identity-inc")]),
        ("VENDOR_GROUP", []),
        ("FAILURE_DOMAIN", []),
    ],
)
def test_the_estate_lists_what_stops_a_transaction_at_each_level(
    checkout: Client, level: str, subjects: list[tuple[str, str]]
) -> None:
    shown = f"totalCount nodes {{ {SUBJECT} transactions {{ key }} }}"
    found = checkout.view(
        f"all: singlePointsOfFailure(level: {level}) {{ {shown} }} "
        f"many: singlePointsOfFailure(level: {level}, minTransactions: 2) {{ totalCount }}"
    )
    nodes = found["all"]["nodes"]
    assert [(node["subject"]["__typename"], node["subject"]["key"]) for node in nodes] == subjects
    assert all(node["transactions"] == [{"key": "checkout"}] for node in nodes)
    assert (found["all"]["totalCount"], found["many"]["totalCount"]) == (len(subjects), 0)


def test_the_cloud_beneath_both_acquirers_is_an_illusion_of_redundancy(checkout: Client) -> None:
    """Section 3: on checkout 4.309 minutes; a service that does not need the acquirers has no illusion."""
    shown = (
        "redundancyIllusions { consumer { key } group { name required members { entity { key } } } shared { key } "
        "membersLost { key } minutesLostPer30Days }"
    )
    found = checkout.view(
        f'transaction(key: "checkout") {{ {shown} }} web: entity(key: "web") {{ {shown} }} '
        f'payments: service(key: "payments") {{ {shown} }}'
    )
    (row,) = found["transaction"]["redundancyIllusions"]
    assert f"{Decimal(row.pop('minutesLostPer30Days')):.3f}" == "4.309"
    assert row == {
        "consumer": {"key": "payments"},
        "group": {
            "name": "acquirers",
            "required": 1,
            "members": [{"entity": {"key": "psp-a"}}, {"entity": {"key": "psp-b"}}],
        },
        "shared": {"key": "cloud-x"},
        "membersLost": [{"key": "psp-a"}, {"key": "psp-b"}],
    }
    (row,) = found["payments"]["redundancyIllusions"]
    # 43 200 x .9999 x (.00010049995 - .00059995 x .0010999)
    assert f"{Decimal(row['minutesLostPer30Days']):.4f}" == "4.3127"
    assert found["web"]["redundancyIllusions"] == []


def test_findings_of_redundancy_are_shown_with_their_minutes(checkout: Client) -> None:
    shown = f"code {SUBJECT} minutesPer30Days witness {{ key }}"
    codes = "HIDDEN_COMMON_CAUSE, SAME_VENDOR_GROUP, SAME_DOMAIN_GROUP, UNTESTED_STANDBY, TIER_INVERSION"
    found = checkout.view(f"findings(codes: [{codes}]) {{ nodes {{ {shown} }} }}")["findings"]["nodes"]
    assert [(node["code"], node["subject"]["key"]) for node in found] == [
        ("HIDDEN_COMMON_CAUSE", "payments"),
        ("SAME_VENDOR_GROUP", "payments"),
        ("UNTESTED_STANDBY", "payments"),
    ]
    assert [key["key"] for key in found[0]["witness"]] == ["payments", "psp-a", "psp-b", "cloud-x"]
    assert f"{Decimal(found[0]['minutesPer30Days']):.3f}" == "4.309"


def test_beneath_a_scenario_what_has_lost_its_spare_is_redundant_no_more(checkout: Client) -> None:
    shown = 'transaction(key: "checkout") { redundancyIllusions { shared { key } } }'
    for operation in ('{ failEntity: "psp-a" }', '{ failEntity: "cloud-x" }', '{ failEntity: "cdn" }'):
        scenario = f"(scenario: {{ operations: [{operation}] }})"
        found = checkout.view(shown, scenario)["transaction"]["redundancyIllusions"]
        assert [row["shared"]["key"] for row in found] == (["cloud-x"] if "cdn" in operation else []), operation


def test_findings_of_redundancy_follow_the_scenario(checkout: Client) -> None:
    second = '{ addEntity: { key: "cloud-y", kind: EXTERNAL, availabilityPercent: "99.99" } }'
    moved = '{ replaceSupplier: { consumer: "psp-b", from: "cloud-x", to: "cloud-y" } }'
    found = checkout.view(
        "findings(codes: [HIDDEN_COMMON_CAUSE, SAME_VENDOR_GROUP]) { totalCount }",
        f"(scenario: {{ operations: [{second}, {moved}] }})",
    )
    assert found["findings"]["totalCount"] == 0
