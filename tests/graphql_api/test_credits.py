"""Credit exposure over HTTP, of a small shop whose figures are worked out by hand in tests/risk/test_credits.py."""

from collections.abc import Iterator

import pytest

from tests.graphql_api.serving import Client, seeded, serving

SHOP = """
underpin: 1
source: shop
as_of: 2026-06-30
defaults: {window: calendar_month, currency: EUR}
parties:
  - {id: acme, kind: self}
  - {id: buyers, kind: customer}
  - {id: psp-inc, kind: vendor}
  - {id: sms-inc, kind: vendor}
  - {id: idle-inc, kind: vendor}
entities:
  - {id: sales, kind: transaction, needs: [psp, sms]}
  - {id: psp, kind: external, provider: psp-inc}
  - {id: sms, kind: external, provider: sms-inc}
agreements:
  - id: sla
    type: sla
    provider: acme
    consumer: buyers
    fee: 10000 EUR per month
    targets: [{covers: sales, metric: availability, min: 99.9%, credits: {99.9: 10, 99.0: 25}}]
  - id: uc-psp
    type: uc
    provider: psp-inc
    consumer: acme
    fee: 2000 EUR per month
    claim_within: 30 d
    targets: [{covers: psp, metric: availability, min: 99.95%, credits: {99.95: 10, 99.0: 30}}]
  - id: uc-sms
    type: uc
    provider: sms-inc
    consumer: acme
    fee: 100 USD per month
    targets: [{covers: sms, metric: availability, min: 99.95%, credit_kind: proportional}]
"""
MONEY = "{ amount currency }"
ASKED = f"payable {MONEY} receivable {MONEY} net {MONEY} recoveryRatio isComplete isMasked"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("credits")
    file = folder / "shop.underpin.yaml"
    file.write_text(SHOP, encoding="utf-8")
    with serving(seeded(folder / "store.db", file)) as client:
        yield client


def exposure(arguments: str, selection: str = ASKED) -> str:
    return f"creditExposure({arguments}) {{ {selection} }}"


def test_an_hour_costs_1000_of_which_200_come_back(shop: Client) -> None:
    found = shop.view(exposure('failed: [{ vendor: "psp-inc" }], minutes: 60'))["creditExposure"]
    assert found == {
        "payable": [{"amount": "1000", "currency": "EUR"}],
        "receivable": [{"amount": "200", "currency": "EUR"}],
        "net": [{"amount": "800", "currency": "EUR"}],
        "recoveryRatio": "0.2",
        "isComplete": True,
        "isMasked": False,
    }


def test_every_amount_names_its_promise(shop: Client) -> None:
    rows = f"credits {{ agreement {{ key }} entity {{ key }} minutesDown amount {MONEY} target {{ metric }} isMasked }}"
    found = shop.view(exposure('failed: [{ entity: "psp" }], minutes: 60', rows))["creditExposure"]["credits"]
    assert [(row["agreement"]["key"], row["entity"]["key"], row["minutesDown"]) for row in found] == [
        ("sla", "sales", "60"),
        ("uc-psp", "psp", "60"),
    ]
    assert [row["amount"]["amount"] for row in found] == ["1000", "200"]


def test_two_currencies_stay_apart(shop: Client) -> None:
    """100 USD x 60 / 43 200 of the month: 0.1388..., shown to four decimals."""
    found = shop.view(exposure('failed: [{ entity: "sms" }], minutes: 60'))["creditExposure"]
    assert found["payable"] == [{"amount": "1000", "currency": "EUR"}]
    assert found["receivable"] == [{"amount": "0.1389", "currency": "USD"}]
    assert found["net"] == [{"amount": "1000", "currency": "EUR"}, {"amount": "-0.1389", "currency": "USD"}]
    assert found["recoveryRatio"] is None


def test_a_late_claim_gives_nothing(shop: Client) -> None:
    late = 'failed: [{ entity: "psp" }], minutes: 60, claimedAfterMinutes: 43201'
    found = shop.view(exposure(late, f"receivable {MONEY} recoveryRatio credits {{ reasons }}"))["creditExposure"]
    assert (found["receivable"], found["recoveryRatio"]) == ([], "0")
    assert found["credits"][1]["reasons"] == ["CLAIM_EXPIRED"]


@pytest.mark.parametrize("failed", ["", '{ vendor: "idle-inc" }'])
def test_nothing_fails_and_nothing_is_owed(shop: Client, failed: str) -> None:
    found = shop.view(exposure(f"failed: [{failed}], minutes: 60"))["creditExposure"]
    assert (found["payable"], found["receivable"], found["net"], found["recoveryRatio"]) == ([], [], [], None)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ('failed: [{ entity: "nobody" }], minutes: 60', "nobody"),
        ('failed: [{ entity: "psp" }], minutes: -1', "minutes is -1"),
        ('failed: [{ entity: "psp" }], minutes: 1, claimedAfterMinutes: -2', "claimedAfterMinutes is -2"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_siblings_are_answered(shop: Client, arguments: str, named: str) -> None:
    good = exposure('failed: [{ owner: "acme" }], minutes: 1', "isComplete")
    answer = shop.answer(f"{{ topology {{ bad: {exposure(arguments)} good: {good} }} }}")
    assert answer["data"]["topology"]["bad"] is None
    assert answer["data"]["topology"]["good"] == {"isComplete": True}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert named in error["extensions"]["issues"][0]["message"]
