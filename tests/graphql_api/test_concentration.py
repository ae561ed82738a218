"""Concentration over the API, as it is and beneath a scenario: `analyses.md` section 5 on the worked model."""

from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.graphql_api.serving import Client, seeded, serving

SUBJECT = "subject { __typename ... on Vendor { key } ... on Team { key } ... on Service { key } }"
SHOWN = (
    f"herfindahl exposureBasis rows {{ {SUBJECT} revenueShare criticalShare isMasked transactions {{ key }} "
    "externals { key substitutability exitPlan { reviewedOn document } } }"
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    example = ROOT / "examples" / "checkout" / "checkout.underpin.yaml"
    with serving(seeded(tmp_path_factory.mktemp("checkout") / "store.db", example)) as client:
        yield client


@pytest.mark.parametrize(
    ("level", "subjects"),
    [
        ("VENDOR", [("Vendor", "cdn-inc"), ("Vendor", "cloud-x-inc"), ("Vendor", "identity-inc")]),
        ("VENDOR_GROUP", []),
        ("FOURTH_PARTY", [("Vendor", "cloud-x-inc")]),
        ("FAILURE_DOMAIN", []),
        ("OWNER", [("Team", "team-data"), ("Team", "team-shop")]),
    ],
)
def test_what_checkout_hangs_on_at_each_level(checkout: Client, level: str, subjects: list[tuple[str, str]]) -> None:
    found = checkout.view(f"concentration(by: {level}) {{ {SHOWN} }}")["concentration"]
    rows = found["rows"]
    assert [(row["subject"]["__typename"], row["subject"]["key"]) for row in rows] == subjects
    # The one transaction is critical, and states no revenue.
    assert [(row["revenueShare"], row["criticalShare"]) for row in rows] == [(None, "1")] * len(rows)
    assert all(row["transactions"] == [{"key": "checkout"}] and row["isMasked"] is False for row in rows)
    assert found["exposureBasis"] == "CRITICAL_TRANSACTIONS"


def test_three_vendors_that_each_stop_all_there_is_share_the_exposure(checkout: Client) -> None:
    found = checkout.view("concentration(by: VENDOR) { herfindahl }")["concentration"]
    assert found["herfindahl"] == "3333.33333333333"  # 10 000 x 3 x (1/3)^2, to 15 digits


def test_a_row_names_the_products_that_would_have_to_be_replaced(checkout: Client) -> None:
    found = checkout.view(f"concentration(by: FOURTH_PARTY) {{ {SHOWN} }}")["concentration"]
    assert found["rows"][0]["externals"] == [{"key": "cloud-x", "substitutability": None, "exitPlan": None}]


def test_before_and_after_a_scenario(checkout: Client) -> None:
    """On a second cloud, cloud-x stops nothing any more; with one acquirer gone, the other one does."""
    vendors = "concentration(by: VENDOR) { rows { subject { ... on Vendor { key } } } }"
    second = '{ addEntity: { key: "cloud-y", kind: EXTERNAL, availabilityPercent: "99.99" } }'
    moved = '{ replaceSupplier: { consumer: "psp-b", from: "cloud-x", to: "cloud-y" } }'
    found = checkout.data(
        f"{{ before: topology {{ {vendors} }} "
        f"after: topology(scenario: {{ operations: [{second}, {moved}] }}) {{ {vendors} }} "
        f'without: topology(scenario: {{ operations: [{{ failEntity: "psp-a" }}] }}) {{ {vendors} }} }}'
    )
    keys = {name: [row["subject"]["key"] for row in view["concentration"]["rows"]] for name, view in found.items()}
    assert keys == {
        "before": ["cdn-inc", "cloud-x-inc", "identity-inc"],
        "after": ["cdn-inc", "identity-inc"],
        "without": ["cdn-inc", "cloud-x-inc", "identity-inc", "psp-b-inc"],
    }
