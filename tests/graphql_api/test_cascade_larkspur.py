"""Cascades of the example company over HTTP."""

import json
from pathlib import Path

from tests.graphql_api.serving import Client
from tests.graphql_api.test_cascade import cascade


def test_what_stops_a_larkspur_transaction_alone_takes_it_down_in_a_cascade(api: Client, larkspur: Path) -> None:
    """The example's expected single points: each is failed in turn, and takes down exactly those it is listed for."""
    expected = json.loads((larkspur / "expected.json").read_text(encoding="utf-8"))["spof"]
    transactions = ("browse", "checkout", "sign-in", "refund", "track-parcel")
    for point in sorted({key for transaction in transactions for key in expected[transaction]}):
        asked = f'failed: [{{ entity: "{point}" }}]'
        rows = cascade(api, asked, "transactions { transaction { key } state }")["transactions"]
        down = {row["transaction"]["key"] for row in rows if row["state"] == "DOWN"}
        assert down == {key for key in transactions if point in expected[key]}, point


def test_larkspurs_checkout_is_degraded_without_notifications_and_nobody_says_by_how_much(api: Client) -> None:
    """The file states no loss, and says "its loss is a degradation, not an outage": it is not taken for none."""
    selection = (
        "impacts(first: 100) { nodes { entity { key } state loss } } transactions { state revenueLost { amount } }"
    )
    found = cascade(api, 'failed: [{ entity: "notifications" }], minutes: 60', selection)
    rows = {row["entity"]["key"]: (row["state"], row["loss"]) for row in found["impacts"]["nodes"]}
    assert rows == {"notifications": ("DOWN", None), "checkout": ("DEGRADED", None)}
    assert found["transactions"] == [{"state": "DEGRADED", "revenueLost": None}]
