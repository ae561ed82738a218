"""Cascades over the API, as an incident commander asks for them: the worked figures of `analyses.md` section 5."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.graphql_api.serving import Client, seeded, serving

EXAMPLE = ROOT / "examples" / "checkout" / "checkout.underpin.yaml"
CHANGES = {
    "provider: psp-b-inc, needs: [cloud-x]}": "provider: psp-b-inc, needs: [{entity: cloud-x, tolerates: 10 min}]}",
    "criticality: critical, needs:": "criticality: critical, revenue_per_hour: 12000 EUR, needs:",
    "{id: team-shop, name: Shop team, kind: team}": (
        "{id: team-shop, name: Shop team, kind: team, contacts: [{role: on call, name: Ada}]}"
    ),
    "{id: psp-a-inc, name: PSP A, kind: vendor}": (
        "{id: psp-a-inc, name: PSP A, kind: vendor, contacts: "
        "[{role: sales, name: Bob}, {role: escalation, name: Duty desk, phone: '+47 5550 0101'}]}"
    ),
    "{id: cloud-x-inc, name: Cloud X, kind: vendor}": (
        "{id: cloud-x-inc, name: Cloud X, kind: vendor, contacts: [{role: escalation, name: NOC, response: 15 min}]}"
    ),
    "targets: [{covers: psp-a, metric: availability, min: 99.95%}]": (
        "targets: [{covers: psp-a, metric: availability, min: 99.95%}, "
        "{covers: psp-a, metric: response_time, max: 1 h, window: per_incident}]"
    ),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The worked model; psp-b survives 10 minutes without cloud-x, checkout brings in 12 000 EUR an hour."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for before, after in CHANGES.items():
        assert before in text
        text = text.replace(before, after)
    folder = tmp_path_factory.mktemp("cascade")
    (folder / "checkout.underpin.yaml").write_text(text, encoding="utf-8")
    with serving(seeded(folder / "store.db", folder / "checkout.underpin.yaml")) as client:
        yield client


def cascade(client: Client, arguments: str, selection: str) -> dict[str, Any]:
    found: dict[str, Any] = client.view(f"cascade({arguments}) {{ {selection} }}")["cascade"]
    return found


CLOUD_X = '{ entity: "cloud-x" }'


def test_an_outage_of_cloud_x_is_told_minute_by_minute(shop: Client) -> None:
    selection = """failed { key } counts { down degraded atRisk spared hidden }
      impacts { nodes { entity { key } state onsetMinutes minutesDown loss margin distance witness { key } } }
      spared { totalCount }"""
    found = cascade(shop, f"failed: [{CLOUD_X}], minutes: 60", selection)
    assert found["failed"] == [{"key": "cloud-x"}]
    assert found["counts"] == {"down": 6, "degraded": 0, "atRisk": 0, "spared": 0, "hidden": 0}
    rows = [(row["entity"]["key"], row["onsetMinutes"], row["minutesDown"]) for row in found["impacts"]["nodes"]]
    assert rows == [
        ("cloud-x", "0", "60"),
        ("psp-a", "0", "60"),
        ("api", "10", "50"),
        ("checkout", "10", "50"),
        ("payments", "10", "50"),
        ("psp-b", "10", "50"),
    ]
    checkout = found["impacts"]["nodes"][3]
    assert (checkout["state"], checkout["loss"], checkout["margin"], checkout["distance"]) == ("DOWN", None, None, 4)
    assert [step["key"] for step in checkout["witness"]] == ["cloud-x", "psp-a", "payments", "api", "checkout"]


def test_checkout_loses_10_000_eur_and_the_promise_breaks_after_53_2_minutes(shop: Client) -> None:
    """50 of 60 minutes at 12 000 EUR an hour; the whole budget of 43.2 minutes from minute 10 on."""
    selection = """transactions { transaction { key } state onsetMinutes minutesDown isMasked
        revenueLost { amount currency } }
      breaches { commitment { key } remainingMinutes remainingIsAssumed minutesToBreach breachesAt isMasked }
      newSinglePointsOfFailure { entity { key } }"""
    found = cascade(shop, f'failed: [{CLOUD_X}], minutes: 60, startedAt: "2026-06-10T14:00:00+02:00"', selection)
    assert found["transactions"] == [
        {
            "transaction": {"key": "checkout"},
            "state": "DOWN",
            "onsetMinutes": "10",
            "minutesDown": "50",
            "isMasked": False,
            "revenueLost": {"amount": "10000", "currency": "EUR"},
        }
    ]
    assert found["breaches"] == [
        {
            "commitment": {"key": "sla-gold/checkout/availability/calendar_month"},
            "remainingMinutes": "43.2",
            "remainingIsAssumed": True,
            "minutesToBreach": "53.2",
            "breachesAt": "2026-06-10T12:53:12+00:00",
            "isMasked": False,
        }
    ]
    assert found["newSinglePointsOfFailure"] == []


def test_an_outage_without_an_end_or_a_start_says_what_it_cannot_know(shop: Client) -> None:
    selection = """transactions { minutesDown revenueLost { amount } }
      breaches { minutesToBreach breachesAt }"""
    found = cascade(shop, f"failed: [{CLOUD_X}]", selection)
    assert found["transactions"] == [{"minutesDown": None, "revenueLost": None}]
    assert found["breaches"] == [{"minutesToBreach": "53.2", "breachesAt": None}]


def test_without_psp_a_the_payments_are_at_risk_and_hang_on_psp_b(shop: Client) -> None:
    selection = """counts { down degraded atRisk } transactions { state } breaches { minutesToBreach }
      impacts(states: [AT_RISK]) { nodes { entity { key } margin minutesDown witness { key } } }
      newSinglePointsOfFailure { entity { key } transactions { key } }"""
    found = cascade(shop, 'failed: [{ vendor: "psp-a-inc" }]', selection)
    assert found["counts"] == {"down": 1, "degraded": 0, "atRisk": 1}
    assert found["impacts"]["nodes"] == [
        {
            "entity": {"key": "payments"},
            "margin": 0,
            "minutesDown": "0",
            "witness": [{"key": "psp-a"}, {"key": "payments"}],
        }
    ]
    assert found["newSinglePointsOfFailure"] == [{"entity": {"key": "psp-b"}, "transactions": [{"key": "checkout"}]}]
    assert (found["transactions"], found["breaches"]) == ([], [])


def test_a_short_outage_spares_psp_b_by_its_tolerance(shop: Client) -> None:
    selection = "spared { nodes { entity { key } margin savedBy { name required members { toleranceMinutes } } } }"
    found = cascade(shop, f"failed: [{CLOUD_X}], minutes: 10", selection)
    saved_by = {"name": None, "required": 1, "members": [{"toleranceMinutes": "10"}]}
    assert found["spared"]["nodes"] == [{"entity": {"key": "psp-b"}, "margin": -1, "savedBy": saved_by}]


def test_losing_email_degrades_checkout_by_two_percent(shop: Client) -> None:
    selection = (
        "counts { down degraded } transactions { state revenueLost { amount } } impacts { nodes { state loss } }"
    )
    found = cascade(shop, 'failed: [{ agreement: "uc-email" }], minutes: 30', selection)
    assert found["counts"] == {"down": 1, "degraded": 2}
    assert found["transactions"] == [{"state": "DEGRADED", "revenueLost": {"amount": "120"}}]
    assert [(row["state"], row["loss"]) for row in found["impacts"]["nodes"]] == [
        ("DOWN", None),
        ("DEGRADED", "0.02"),
        ("DEGRADED", "0.02"),
    ]


def test_whom_to_call(shop: Client) -> None:
    selection = "impacts { nodes { entity { key } owner { key } contacts { role name phone responseMinutes } } }"
    rows = cascade(shop, f"failed: [{CLOUD_X}]", selection)["impacts"]["nodes"]
    by_key = {row["entity"]["key"]: row for row in rows}
    assert by_key["cloud-x"]["contacts"] == [
        {"role": "escalation", "name": "NOC", "phone": None, "responseMinutes": "15"}
    ]
    assert by_key["psp-a"]["contacts"] == [
        {"role": "escalation", "name": "Duty desk", "phone": "+47 5550 0101", "responseMinutes": "60"}
    ]
    assert by_key["api"]["owner"] == {"key": "team-shop"}
    assert [contact["name"] for contact in by_key["api"]["contacts"]] == ["Ada"]
    assert by_key["psp-b"]["contacts"] == []


@pytest.mark.parametrize(
    ("failed", "keys"),
    [
        ("", []),
        ('{ vendor: "cdn-inc" }', ["cdn"]),
        ('{ owner: "team-data" }', ["orders-db"]),
        ('{ owner: "shop" }', []),
        ('{ vendorGroup: "cdn-inc" }, { entity: "checkout:web" }', ["cdn", "web"]),
    ],
)
def test_what_fails_is_shown_by_key_and_nothing_fails_where_nothing_is_named(
    shop: Client, failed: str, keys: list[str]
) -> None:
    found = cascade(shop, f"failed: [{failed}]", "failed { key } impacts { totalCount }")
    assert [entity["key"] for entity in found["failed"]] == keys
    assert (found["impacts"]["totalCount"] == 0) == (not keys)


KINDS = {
    "entity": "entity",
    "vendor": "vendor",
    "vendorGroup": "vendor group",
    "failureDomain": "failure domain",
    "agreement": "agreement",
    "owner": "owner",
}


@pytest.mark.parametrize("field", list(KINDS))
def test_an_unknown_key_is_named_and_the_sibling_is_answered(shop: Client, field: str) -> None:
    bad = f'bad: cascade(failed: [{CLOUD_X}, {{ {field}: "nobody" }}]) {{ counts {{ down }} }}'
    good = f"good: cascade(failed: [{CLOUD_X}]) {{ counts {{ down }} }}"
    found = shop.answer(f"{{ topology {{ {bad} {good} }} }}")
    assert found["data"]["topology"] == {"bad": None, "good": {"counts": {"down": 6}}}
    ((error),) = found["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["issues"] == [
        {"path": ["failed", "1"], "code": "UNKNOWN_KEY", "message": f'there is no {KINDS[field]} "nobody" in this view'}
    ]


def test_an_entity_s_key_is_no_vendor_s(shop: Client) -> None:
    (error,) = shop.errors('{ topology { cascade(failed: [{ vendor: "psp-a" }]) { counts { down } } } }')
    assert error["message"] == 'there is no vendor "psp-a" in this view'


def test_a_moment_may_have_nine_digits_of_a_second_of_which_six_count(shop: Client) -> None:
    asked = f'failed: [{CLOUD_X}], minutes: 60, startedAt: "2026-06-10T12:00:00.123456789Z"'
    (clock,) = cascade(shop, asked, "breaches { breachesAt }")["breaches"]
    assert clock == {"breachesAt": "2026-06-10T12:53:12.123456+00:00"}
    query = f"{{ topology {{ cascade({asked.replace('789Z', '7890Z')}) {{ counts {{ down }} }} }} }}"
    assert shop.codes(query) == ["GRAPHQL_VALIDATION_FAILED"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (f"failed: [{CLOUD_X}], minutes: -1", "OUT_OF_RANGE"),
        (f'failed: [{CLOUD_X}], startedAt: "2026-06-10T14:00:00"', "NO_OFFSET"),
        (f'failed: [{CLOUD_X}], startedAt: "1899-06-10T14:00:00Z"', "OUT_OF_RANGE"),
        (f'failed: [{CLOUD_X}], startedAt: "9999-12-31T23:59:59Z"', "OUT_OF_RANGE"),
        ('failed: [{ vendor: "team-shop" }]', "WRONG_KIND"),
        ('failed: [{ owner: "customers" }]', "WRONG_KIND"),
        ('failed: [{ owner: "cdn-inc" }]', "WRONG_KIND"),
        ('failed: [{ failureDomain: "web" }]', "WRONG_KIND"),
    ],
)
def test_what_cannot_be_asked_is_bad_input(shop: Client, arguments: str, code: str) -> None:
    (error,) = shop.errors(f"{{ topology {{ cascade({arguments}) {{ counts {{ down }} }} }} }}")
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert [issue["code"] for issue in error["extensions"]["issues"]] == [code]


@pytest.mark.parametrize("failed", ["{}", '{ entity: "web", vendor: "cdn-inc" }', "{ entity: null }"])
def test_exactly_one_subject_is_named_in_each_input(shop: Client, failed: str) -> None:
    query = f"{{ topology {{ cascade(failed: [{failed}]) {{ counts {{ down }} }} }} }}"
    assert shop.codes(query) == ["GRAPHQL_VALIDATION_FAILED"]


VARIABLE = "query ($failed: [FailureInput!]!) { topology { cascade(failed: $failed) { failed { key } } } }"


@pytest.mark.parametrize("failed", [{}, {"entity": "web", "vendor": "cdn-inc"}, {"entity": None}])
def test_variables_name_exactly_one_as_well(shop: Client, failed: dict[str, str | None]) -> None:
    assert shop.codes(VARIABLE, failed=[failed]) == ["BAD_USER_INPUT"]
    assert shop.data(VARIABLE, failed=[{"entity": "web"}])["topology"]["cascade"] == {"failed": [{"key": "web"}]}


def test_a_thousand_may_fail_at_once_and_no_more(shop: Client) -> None:
    named = [{"entity": "web"}] * 1000
    assert shop.data(VARIABLE, failed=named)["topology"]["cascade"] == {"failed": [{"key": "web"}]}
    (error,) = shop.errors(VARIABLE, failed=[*named, {"entity": "api"}])
    assert error["extensions"]["issues"][0]["code"] == "TOO_MANY"


def test_the_impact_of_an_entity_is_the_cascade_of_its_failure(shop: Client) -> None:
    selection = "failed { key } impacts { nodes { entity { key } state onsetMinutes minutesDown } }"
    impact = shop.view(f'entity(key: "cloud-x") {{ impact(minutes: 60) {{ {selection} }} }}')["entity"]["impact"]
    assert impact == cascade(shop, f"failed: [{CLOUD_X}], minutes: 60", selection)
    (error,) = shop.errors('{ topology { entity(key: "cloud-x") { impact(minutes: -5) { counts { down } } } } }')
    assert error["extensions"]["issues"][0]["code"] == "OUT_OF_RANGE"


def test_a_scenario_s_failures_are_where_every_cascade_begins(shop: Client) -> None:
    """With psp-a down already psp-b takes the payments with it; beside a third member it is spared."""
    asked = 'cascade(failed: [{ entity: "psp-b" }]) { failed { key } counts { down atRisk spared } }'
    stricken = shop.view(asked, '(scenario: { operations: [{ failEntity: "psp-a" }] })')["cascade"]
    assert stricken == {
        "failed": [{"key": "psp-a"}, {"key": "psp-b"}],
        "counts": {"down": 5, "atRisk": 0, "spared": 0},
    }
    third = (
        '(scenario: { operations: [{ addMember: { consumer: "payments", group: "acquirers", supplier: "email" } }] })'
    )
    assert shop.view(asked, third)["cascade"]["counts"] == {"down": 1, "atRisk": 0, "spared": 1}


@pytest.mark.parametrize("minutes", [5, 60])
def test_what_is_down_in_a_view_is_down_in_its_cascades_from_the_first_minute(shop: Client, minutes: int) -> None:
    """psp-b survives 10 minutes without cloud-x; in a view without cloud-x these are over, and nothing is new."""
    asked = f"""cascade(failed: [], minutes: {minutes}) {{
      failed {{ key }} counts {{ down spared }} transactions {{ state onsetMinutes minutesDown }}
      newSinglePointsOfFailure {{ entity {{ key }} }} }}"""
    found = shop.view(asked, '(scenario: { operations: [{ failEntity: "cloud-x" }] })')["cascade"]
    assert found == {
        "failed": [{"key": "cloud-x"}],
        "counts": {"down": 6, "spared": 0},
        "transactions": [{"state": "DOWN", "onsetMinutes": "0", "minutesDown": str(minutes)}],
        "newSinglePointsOfFailure": [],
    }


def test_a_transaction_that_is_not_sold_any_more_is_none_that_an_outage_hits(shop: Client) -> None:
    asked = """cascade(failed: [{ vendor: "psp-a-inc" }], minutes: 5) { counts { down }
        newSinglePointsOfFailure { entity { key } } }
      without: cascade(failed: [{ entity: "web" }], minutes: 60) { transactions { state } counts { down } }
      singlePointsOfFailure { totalCount }"""
    found = shop.view(asked, '(scenario: { operations: [{ retireEntity: "checkout" }] })')
    assert found == {
        "cascade": {"counts": {"down": 1}, "newSinglePointsOfFailure": []},
        "without": {"transactions": [], "counts": {"down": 2}},
        "singlePointsOfFailure": {"totalCount": 0},
    }


def test_losing_email_in_a_view_without_checkout_makes_nothing_new_and_nothing_degraded_above_it(shop: Client) -> None:
    asked = """cascade(failed: [{ entity: "email" }], minutes: 5) {
      transactions { state } newSinglePointsOfFailure { entity { key } } counts { down degraded } }"""
    found = shop.view(asked, '(scenario: { operations: [{ failEntity: "cloud-x" }] })')["cascade"]
    assert found == {
        "transactions": [{"state": "DOWN"}],
        "newSinglePointsOfFailure": [],
        "counts": {"down": 7, "degraded": 0},
    }


def test_a_single_point_of_the_view_is_none_of_the_outage(shop: Client) -> None:
    """Without psp-a in the view psp-b stops checkout already; in the plain view it does so only once psp-a is down."""
    asked = """cascade(failed: [{ entity: "email" }]) { newSinglePointsOfFailure { entity { key } } }"""
    found = shop.view(asked, '(scenario: { operations: [{ failEntity: "psp-a" }] })')["cascade"]
    assert found == {"newSinglePointsOfFailure": []}


@pytest.fixture(scope="module")
def tightened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The worked model, in which the SLA promises 99.99 % from July on."""
    text = EXAMPLE.read_text(encoding="utf-8")
    start = text.index("  - id: sla-gold")
    held = text[start : text.index("  - {id: ola-data")]
    held = held.replace("id: sla-gold", "id: sla-gold\n    version: 2\n    start: 2026-07-01")
    assert "99.9%" in held
    later = held.replace("99.9%", "99.99%")
    folder = tmp_path_factory.mktemp("tightened")
    (folder / "checkout.underpin.yaml").write_text(text[:start] + later + text[start:], encoding="utf-8")
    with serving(seeded(folder / "store.db", folder / "checkout.underpin.yaml")) as client:
        yield client


def test_the_clock_of_a_later_outage_shows_the_promise_of_its_day(tightened: Client) -> None:
    """Version 2 allows 4.464 of July's 44 640 minutes; what the view's own date promises is another matter."""
    promise = "id agreement { version } target { value } budgetMinutes headroom { expectedMinutes } entity { key }"
    asked = f"""{{ topology(at: "2026-06-30") {{
      cascade(failed: [{{ entity: "web" }}], startedAt: "2026-07-02T00:00:00Z") {{
        breaches {{ minutesToBreach commitment {{ {promise} }} }} }} }} }}"""
    found = tightened.answer(asked)
    ((clock,),) = [found["data"]["topology"]["cascade"]["breaches"]]
    assert clock["minutesToBreach"] == "4.464"
    identity = clock["commitment"].pop("id")
    assert clock["commitment"] == {
        "agreement": {"version": 2},
        "target": {"value": "99.99"},
        "budgetMinutes": "4.464",
        "headroom": None,
        "entity": {"key": "checkout"},
    }
    ((error,),) = [found["errors"]]
    assert error["path"][-1] == "headroom"
    assert [issue["code"] for issue in error["extensions"]["issues"]] == ["NOT_IN_FORCE"]
    node = tightened.data(f'{{ node(id: "{identity}") {{ ... on Commitment {{ target {{ value }} }} }} }}')["node"]
    assert node == {"target": {"value": "99.99"}}


def test_impacts_are_paged_and_a_cursor_belongs_to_its_question(shop: Client) -> None:
    page = "impacts(first: 4) { nodes { entity { key } } pageInfo { hasNextPage endCursor } }"
    first = cascade(shop, f"failed: [{CLOUD_X}], minutes: 60", page)["impacts"]
    assert (len(first["nodes"]), first["pageInfo"]["hasNextPage"]) == (4, True)
    after = f'impacts(after: "{first["pageInfo"]["endCursor"]}") {{ nodes {{ entity {{ key }} }} }}'
    rest = cascade(shop, f"failed: [{CLOUD_X}], minutes: 60", after)["impacts"]["nodes"]
    assert [row["entity"]["key"] for row in rest] == ["payments", "psp-b"]
    other = f"{{ topology {{ cascade(failed: [{CLOUD_X}], minutes: 61) {{ {after} }} }} }}"
    (error,) = shop.errors(other)
    assert error["extensions"]["issues"][0]["code"] == "BAD_CURSOR"
