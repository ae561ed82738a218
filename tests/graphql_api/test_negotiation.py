"""Negotiation over HTTP: the worked model of the design, whose file ships with the product."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.graphql_api.serving import Client, seeded, serving

GOLD = "sla-gold/checkout/availability/calendar_month"
ROW = """supplier { key } extent current { percent } required { percent } reachable best { percent } reasons
    missing { entity { key } reason } commitment { key }
    alternatives { supplier { key } required { percent } result { percent } headroomMinutes }
    linkRequired { window { kind days } required { percent } }"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    file = Path(__file__).parents[2] / "examples" / "checkout" / "checkout.underpin.yaml"
    with serving(seeded(tmp_path_factory.mktemp("checkout") / "store.db", file)) as client:
        yield client


def negotiation(supplier: str, commitment: str = GOLD) -> str:
    return f'negotiation(commitment: "{commitment}", supplier: "{supplier}") {{ {ROW} }}'


def test_orders_db_must_promise_the_worked_figure(checkout: Client) -> None:
    found = checkout.view(negotiation("orders-db"))["negotiation"]
    assert found["required"] == {"percent": "99.96001096461"}
    assert found["current"] == {"percent": "99.95"}
    assert (found["reachable"], found["reasons"], found["extent"], found["missing"]) == (True, [], "INTRINSIC", [])
    assert found["commitment"] == {"key": GOLD}
    assert found["supplier"] == {"key": "orders-db"}
    kinds = [(row["window"]["kind"], row["window"]["days"]) for row in found["linkRequired"]]
    assert kinds == [("CALENDAR_MONTH", None), ("CALENDAR_QUARTER", None), ("CALENDAR_YEAR", None)]
    assert found["linkRequired"][0]["required"] == {"percent": "99.9"}
    assert found["linkRequired"][2]["required"] == {"percent": "99.99178082192"}  # 1 - 43.2 / 525 600, rounded up


def test_cloud_x_alone_cannot_mend_it_and_orders_db_is_named_instead(checkout: Client) -> None:
    found = checkout.view(negotiation("cloud-x"))["negotiation"]
    assert (found["required"], found["reachable"]) == (None, False)
    assert found["reasons"] == ["UNREACHABLE_BY_THIS_SUPPLIER"]
    assert Decimal(found["best"]["percent"]).quantize(Decimal("1e-9")) == Decimal("99.899985044")
    first, second = found["alternatives"][:2]
    assert (first["supplier"]["key"], first["required"]["percent"]) == ("orders-db", "99.96001096461")
    assert (second["supplier"]["key"], second["required"]["percent"]) == ("api", "100")
    assert Decimal(second["headroomMinutes"]).quantize(Decimal("1e-6")) == Decimal("-0.006461")


@pytest.mark.parametrize(
    ("supplier", "commitment", "path", "name"),
    [
        ("nobody", GOLD, "supplier", "nobody"),
        ("orders-db", "sla-lead/checkout/availability/calendar_month", "commitment", "sla-lead"),
        ("checkout", GOLD, "supplier", "checkout"),
    ],
)
def test_what_is_not_there_is_named_and_siblings_are_answered(
    checkout: Client, supplier: str, commitment: str, path: str, name: str
) -> None:
    asked = f"{{ topology {{ bad: {negotiation(supplier, commitment)} good: {negotiation('web')} }} }}"
    answer = checkout.answer(asked)
    assert answer["data"]["topology"]["bad"] is None
    assert answer["data"]["topology"]["good"]["supplier"] == {"key": "web"}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    (issue,) = error["extensions"]["issues"]
    assert issue["path"] == [path]
    assert name in issue["message"]
