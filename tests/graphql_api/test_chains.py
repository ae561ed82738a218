"""A chain of repairs over HTTP, as worked in section 4: 240 min, a handoff of 15, an OLA of 30, a UC of 180."""

from collections.abc import Iterator

import pytest

from tests.graphql_api.serving import Client, seeded, serving

DESK = """
underpin: 1
source: desk
as_of: 2026-06-30
parties:
  - {id: acme, kind: self}
  - {id: buyers, kind: customer}
  - {id: psp-inc, kind: vendor}
entities:
  - {id: sales, kind: transaction, needs: [{entity: gateway, handoff: 15 min}]}
  - {id: gateway, kind: service, owner: acme, needs: [psp]}
  - {id: psp, kind: external, provider: psp-inc}
agreements:
  - id: sla
    type: sla
    provider: acme
    consumer: buyers
    targets:
      - {covers: sales, metric: time_to_repair, max: 240 min, window: per_incident}
      - {covers: sales, metric: response_time, max: 20 min, window: per_incident}
      - {covers: sales, metric: latency_p95, max: 300 ms}
  - id: ola
    type: ola
    provider: acme
    consumer: acme
    targets: [{covers: gateway, metric: time_to_repair, max: 30 min, window: per_incident}]
  - id: uc
    type: uc
    provider: psp-inc
    consumer: acme
    targets:
      - {covers: psp, metric: time_to_repair, max: 3 h, window: per_incident}
      - {covers: psp, metric: response_time, max: 30 min, window: per_incident}
      - {covers: psp, metric: latency_p95, max: 100 ms}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("desk")
    file = folder / "desk.underpin.yaml"
    file.write_text(DESK, encoding="utf-8")
    with serving(seeded(folder / "store.db", file)) as client:
        yield client


def test_each_metric_is_held_against_its_own(desk: Client) -> None:
    shown = "expectedMinutes guaranteedMinutes verdict reasons bounded window { kind from to serviceMinutes }"
    nodes = desk.view(f"commitments {{ nodes {{ key budgetMinutes headroom {{ {shown} }} }} }}")["commitments"]["nodes"]
    assert [node["key"] for node in nodes] == [
        "sla/sales/response_time/per_incident",
        "sla/sales/time_to_repair/per_incident",
        "sla/sales/latency_p95/calendar_month",
    ]
    response, repair, latency = (node["headroom"] for node in nodes)
    assert repair == {
        "expectedMinutes": "15",
        "guaranteedMinutes": "15",
        "verdict": "COVERED",
        "reasons": [],
        "bounded": True,
        "window": {
            "kind": "PER_INCIDENT",
            "from": "2026-06-30T00:00:00+00:00",
            "to": "2026-07-07T00:00:00+00:00",
            "serviceMinutes": "10080",
        },
    }
    # A handoff of 15 and a response of 30, with nothing promised between: short of 20 whatever the gateway takes.
    assert (response["expectedMinutes"], response["verdict"]) == ("-25", "SHORTFALL")
    assert latency is None  # percentiles are never added


def test_a_shortfall_is_a_finding_in_the_words_of_its_promise(desk: Client) -> None:
    shown = "subject { ... on Commitment { key } } message minutesPer30Days money { amount } isMasked"
    (found,) = desk.view(f"findings(codes: [PROMISE_IN_SHORTFALL]) {{ nodes {{ {shown} }} }}")["findings"]["nodes"]
    assert found == {
        "subject": {"key": "sla/sales/response_time/per_incident"},
        "message": '"sla" promises 20 min for "sales"; what lies beneath it misses that by 25.00 min for one incident.',
        "minutesPer30Days": "25",
        "money": None,
        "isMasked": False,
    }
