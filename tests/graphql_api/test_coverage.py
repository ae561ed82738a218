"""Coverage over time as the API answers it, on the example company of 30 June 2026 (examples/larkspur)."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.graphql_api.serving import Client, seeded, serving

CHECKOUT = "sla-retail/checkout/availability/calendar_month"
ROW = "commitment { key } supplier { key } verdict reasons since firstGapAt headroomMinutes transactions { key }"
ALL = "[NOT_REQUIRED, ACCEPTED_RISK, UNCOVERED, UNKNOWN, SHORTFALL, THIN, COVERED]"
RENEWING = """
underpin: 1
source: acme
as_of: 2026-06-30
parties:
  - {id: acme, kind: self}
  - {id: cloud, kind: vendor}
entities:
  - {id: sales, kind: transaction, needs: [store]}
  - {id: store, kind: external, provider: cloud}
agreements:
  - id: sla
    type: sla
    provider: acme
    targets: [{covers: sales, metric: availability, min: 99.5%, window: calendar_month}]
  - id: uc
    type: uc
    provider: cloud
    consumer: acme
    end: 2026-08-31
    auto_renew: 12 months
    notice: 30 d
    timezone: Europe/Oslo
    targets: [{covers: store, metric: availability, min: 99.9%, window: calendar_month}]
"""


@pytest.fixture(scope="module")
def renewing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("renewing")
    (folder / "acme.underpin.yaml").write_text(RENEWING, encoding="utf-8")
    with serving(seeded(folder / "store.db", folder / "acme.underpin.yaml")) as client:
        yield client


def gaps(api: Client, arguments: str = "first: 100", at: str = '(at: "2026-06-30")') -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.view(f"coverageGaps({arguments}) {{ nodes {{ {ROW} }} }}", at)["coverageGaps"][
        "nodes"
    ]
    return found


def test_what_no_contract_in_force_covers_is_uncovered_now(api: Client) -> None:
    uncovered = {row["supplier"]["key"] for row in gaps(api) if row["verdict"] == "UNCOVERED"}
    # expected.json, gaps: checkoutcom-gateway has a contract without a comparable target, so that it is UNKNOWN.
    assert uncovered == {"fraud-scoring", "parcel-api"}
    unknown = {row["supplier"]["key"] for row in gaps(api, "first: 100, verdicts: [UNKNOWN]")}
    assert "checkoutcom-gateway" in unknown


def test_a_gap_tells_since_when_the_agreements_leave_it(api: Client) -> None:
    (row,) = [r for r in gaps(api) if (r["commitment"]["key"], r["supplier"]["key"]) == (CHECKOUT, "fraud-scoring")]
    assert row["reasons"][0] == "EXPIRED"
    # uc-fraud ended on 31 March 2026; before, it served in office hours only, which fell short of a promise round the
    # clock from the first day of that: 1 January 2025 in Oslo.
    assert row["since"] == "2024-12-31T23:00:00+00:00"
    assert row["firstGapAt"] == "2026-06-29T22:00:00+00:00"
    assert row["transactions"] == [{"key": "checkout"}]


def test_a_contract_that_ends_within_the_horizon_is_a_gap_from_the_day_after(api: Client) -> None:
    # uc-nordlink ends on 15 August 2026, 46 days on; midnight in Oslo is 22:00 UTC the day before.
    carriers = [r for r in gaps(api, "first: 100, horizonDays: 60") if r["supplier"]["key"] == "carrier-b-mpls"]
    assert {(r["verdict"], r["since"], r["firstGapAt"]) for r in carriers} == {
        ("UNCOVERED", None, "2026-08-15T22:00:00+00:00")
    }
    assert not [r for r in gaps(api, "first: 100, horizonDays: 46") if r["supplier"]["key"] == "carrier-b-mpls"]


def test_with_all_verdicts_every_link_of_every_commitment_stands_once(api: Client) -> None:
    links = api.view(
        "commitments(first: 100, filter: {types: [SLA, OLA]}) "
        "{ nodes { key links(first: 100) { nodes { supplier { key } verdict reasons headroomMinutes } } } }",
        '(at: "2026-06-30")',
    )["commitments"]["nodes"]
    expected = {
        (commitment["key"], link["supplier"]["key"]): (link["verdict"], link["reasons"], link["headroomMinutes"])
        for commitment in links
        for link in commitment["links"]["nodes"]
    }
    found: dict[tuple[str, str], object] = {}
    after = ""
    while True:
        page = api.view(
            f"coverageGaps(first: 40, verdicts: {ALL}{after}) "
            f"{{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {ROW} }} }}",
            '(at: "2026-06-30")',
        )["coverageGaps"]
        for r in page["nodes"]:
            found[r["commitment"]["key"], r["supplier"]["key"]] = (r["verdict"], r["reasons"], r["headroomMinutes"])
        assert page["totalCount"] == len(expected)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
    assert found == expected


def test_the_worst_stands_first(api: Client) -> None:
    order = ["UNCOVERED", "SHORTFALL", "UNKNOWN", "THIN", "COVERED", "ACCEPTED_RISK", "NOT_REQUIRED"]
    found = gaps(api, f"first: 100, verdicts: {ALL}")
    places = [
        (order.index(r["verdict"]), Decimal(r["headroomMinutes"] or 0), r["commitment"]["key"], r["supplier"]["key"])
        for r in found
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "selection",
    [
        "coverageGaps(horizonDays: DAYS) { totalCount }",
        "commitments(first: 1) { nodes { timeline(horizonDays: DAYS) { verdict } } }",
    ],
)
@pytest.mark.parametrize("days", ["-1", "3651"])
def test_a_horizon_out_of_bounds_is_refused_with_the_limit_and_siblings_are_answered(
    api: Client, selection: str, days: str
) -> None:
    body = api.answer("{ topology { at " + selection.replace("DAYS", days) + " } }")
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["issues"][0]["path"] == ["horizonDays"]
    assert f"horizonDays is {days}; it lies between 0 and 3650." in error["extensions"]["issues"][0]["message"]
    assert body["data"]["topology"]["at"]


def test_a_timeline_tiles_its_horizon_and_tells_windows_and_notices(renewing: Client) -> None:
    shown = (
        "from to verdict reasons headroomMinutes noticeDeadline agreement { key version } noticeAgreement { key } "
        "window { from to }"
    )
    found = renewing.view(
        f"commitments {{ nodes {{ timeline(horizonDays: 180) {{ {shown} }} }} }}", '(at: "2026-06-30")'
    )["commitments"]["nodes"][0]["timeline"]
    # The contract's days are those of Oslo: it renews for the first time at 22:00 UTC. Of the months from June to
    # December the shortest have 30 days: (.999 - .995) 43 200.
    assert [(s["from"], s["to"], s["headroomMinutes"]) for s in found] == [
        ("2026-06-30T00:00:00+00:00", "2026-08-31T22:00:00+00:00", "172.8"),
        ("2026-08-31T22:00:00+00:00", "2026-12-27T00:00:00+00:00", "172.8"),
    ]
    assert [("ASSUMED_RENEWAL" in s["reasons"]) for s in found] == [False, True]
    # 31 August less 30 days; the next term ends a year later.
    assert [(s["noticeDeadline"], s["noticeAgreement"]["key"]) for s in found] == [
        ("2026-08-01", "uc"),
        ("2027-08-01", "uc"),
    ]
    assert {s["agreement"]["key"] for s in found} == {"sla"}
    assert found[0]["window"] == {"from": "2026-06-01T00:00:00+00:00", "to": "2026-07-01T00:00:00+00:00"}


def test_a_timeline_is_a_year_when_nobody_says_and_nothing_over_no_days(renewing: Client) -> None:
    asked = "commitments { nodes { year: timeline { from to } none: timeline(horizonDays: 0) { from } } }"
    (node,) = renewing.view(asked, '(at: "2026-06-30")')["commitments"]["nodes"]
    assert (node["year"][0]["from"], node["year"][-1]["to"]) == (
        "2026-06-30T00:00:00+00:00",
        "2027-06-30T00:00:00+00:00",
    )
    assert node["none"] == []


def test_the_gaps_of_an_estate_with_their_evidence_are_within_the_default_limits(api: Client) -> None:
    shown = f"{ROW} agreement {{ key version }} window {{ from to serviceMinutes }}"
    body = api.answer(f"{{ topology {{ coverageGaps(horizonDays: 365, first: 100) {{ nodes {{ {shown} }} }} }} }}")
    assert "errors" not in body
    assert body["data"]["topology"]["coverageGaps"]["nodes"]


BEGINNING = """
underpin: 1
source: acme
parties: [{id: acme, kind: self}, {id: cloud, kind: vendor}, {id: shop, kind: customer}]
entities:
  - {id: sales, kind: transaction, owner: acme, needs: [store]}
  - {id: store, kind: external, provider: cloud}
agreements:
  - id: sla
    type: sla
    provider: acme
    consumer: shop
    start: 2026-09-01
    targets: [{covers: sales, metric: availability, min: 99.9%, window: calendar_month}]
"""


def test_what_begins_in_the_horizon_is_a_row_whose_promise_is_one_of_its_first_day(tmp_path: Path) -> None:
    (tmp_path / "acme.underpin.yaml").write_text(BEGINNING, encoding="utf-8")
    with serving(seeded(tmp_path / "store.db", tmp_path / "acme.underpin.yaml")) as client:
        (row,) = gaps(client, "horizonDays: 365, first: 100")
        assert (row["verdict"], row["firstGapAt"]) == ("UNCOVERED", "2026-09-01T00:00:00+00:00")
        shown = "coverageGaps(horizonDays: 365) { nodes { commitment { id key budgetMinutes headroom { verdict } } } }"
        body = client.answer(f'{{ topology(at: "2026-06-30") {{ {shown} }} }}')
    (node,) = body["data"]["topology"]["coverageGaps"]["nodes"]
    promise = node["commitment"]
    assert (promise["key"], promise["budgetMinutes"]) == ("sla/sales/availability/calendar_month", "43.2")
    assert promise["headroom"] is None
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]
