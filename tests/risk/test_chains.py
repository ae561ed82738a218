"""Chains of response and resolution: the worked row of section 4, every rule, and random graphs against all ways."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from risk.assessment import Assessment
from risk.results import Headroom, LinkHeadroom
from risk.terms import FindingCode, ReasonCode, Verdict
from tests.risk.estates import MONTH, OLA, SLA, UC, agreement, assess, entity, external, target
from tests.statements import company, degrades, needs
from topology.facts import Statement
from topology.model import (
    AgreementType,
    Comparator,
    EntityKind,
    Extent,
    Member,
    RequirementGroup,
    Target,
    Validity,
    Window,
    WindowKind,
    default_extent,
)

INCIDENT = Window(WindowKind.PER_INCIDENT)
REPAIR = "sla/sales/time_to_repair/per_incident"


def in_time(
    about: str, covers: str, value: str, unit: str = "min", *, metric: str = "time_to_repair", **more: Any
) -> Target:
    extent = more.pop("extent", Extent.END_TO_END)
    found = Target(about, 1, metric, Comparator.AT_MOST, Decimal(value), unit, INCIDENT, extent, covers)
    return replace(found, **more)


def repaired(
    key: str, kind: AgreementType, provider: str, covers: str, value: str, **more: Any
) -> tuple[Statement, ...]:
    """An agreement that promises to repair in time."""
    unit = more.pop("unit", "min")
    extent = more.pop("extent", default_extent(kind))
    metric = more.pop("metric", "time_to_repair")
    return (agreement(key, kind, provider, **more), in_time(key, covers, value, unit, metric=metric, extent=extent))


def after(consumer: str, supplier: str, handoff: str) -> RequirementGroup:
    return RequirementGroup(consumer, 1, (Member(supplier, handoff=Decimal(handoff)),))


def chain(*more: Statement, sla: str = "240", ola: tuple[Statement, ...] | None = None, **uc: Any) -> Assessment:
    """Sales (repaired in 240 min) hands over to service in 15 min (OLA, 30 min), which needs psp (UC, 180 min)."""
    contract = {"value": "180", "unit": "min"} | uc
    return assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        entity("service", owner="acme"),
        external("psp"),
        after("sales", "service", "15"),
        needs("service", "psp"),
        *repaired("sla", SLA, "acme", "sales", sla),
        *(repaired("ola", OLA, "acme", "service", "30") if ola is None else ola),
        *repaired("uc", UC, "psp-inc", "psp", **contract),
        *more,
    )


def headroom(found: Assessment, commitment: str = REPAIR) -> Headroom:
    return found.promises.headroom(commitment)


def left(found: Headroom) -> tuple[Decimal | None, Verdict, tuple[ReasonCode, ...]]:
    return found.expected_minutes, found.verdict, found.reasons


# ---- the worked row --------------------------------------------------------------------------------------------------


def test_of_240_minutes_15_are_left_after_a_handoff_of_15_an_ola_of_30_and_a_contract_of_180() -> None:
    found = headroom(chain())
    assert left(found) == (Decimal(15), Verdict.COVERED, ())
    assert found.guaranteed_minutes == Decimal(15)
    assert found.bounded
    assert found.window is not None
    # One incident has no window: shown are the seven days in which it may begin.
    assert found.window.kind is WindowKind.PER_INCIDENT
    assert found.window.start == datetime(2026, 6, 30, tzinfo=UTC)
    assert found.window.end == datetime(2026, 7, 7, tzinfo=UTC)
    assert found.window.service_minutes == 10_080


def test_a_chain_longer_than_the_promise_is_a_shortfall_and_a_finding() -> None:
    found = chain(sla="200")
    assert left(headroom(found)) == (Decimal(-25), Verdict.SHORTFALL, (ReasonCode.GUARANTEED_SHORTFALL,))
    (finding,) = [f for f in found.findings() if f.code is FindingCode.PROMISE_IN_SHORTFALL]
    assert (finding.subject, finding.minutes) == (REPAIR, Decimal(25))
    assert "200 min" in finding.message
    assert not [f for f in found.findings() if f.code is FindingCode.METRIC_MISMATCH and f.subject == REPAIR]


def test_it_stands_among_the_commitments_by_its_minutes() -> None:
    slow = chain(
        target("sla", "99.9", "sales", extent=Extent.END_TO_END),
        in_time("sla", "sales", "300", metric="latency_p95", window=MONTH),
        sla="200",
    )
    assert [c.key for c in slow.promises.commitments()] == [
        REPAIR,  # -25
        "sla/sales/availability/calendar_month",  # 43.2 at most, nothing beneath being known
        "sla/sales/latency_p95/calendar_month",
    ]


def test_a_margin_makes_it_thin() -> None:
    assert chain().promises.headroom(REPAIR, Decimal(20)).verdict is Verdict.THIN


def test_over_time_it_is_held_against_what_is_in_force_then() -> None:
    ending = chain(end=date(2026, 8, 31)).promises.timeline(REPAIR, 90)
    assert [(s.start, s.verdict, s.headroom) for s in ending] == [
        (datetime(2026, 6, 30, tzinfo=UTC), Verdict.COVERED, Decimal(15)),
        (datetime(2026, 9, 1, tzinfo=UTC), Verdict.UNKNOWN, Decimal(195)),
    ]
    assert ReasonCode.EXPIRED in ending[1].reasons


# ---- what adds up ----------------------------------------------------------------------------------------------------


def test_of_suppliers_side_by_side_the_slowest_counts() -> None:
    beside = (external("slow"), *repaired("uc-slow", UC, "slow-inc", "slow", "200"))
    assert headroom(chain(*beside, after("service", "slow", "5"))).expected_minutes == 240 - 15 - 30 - 205
    assert headroom(chain(*beside, after("sales", "slow", "5"))).expected_minutes == 240 - 225  # 205 beside 225
    pair = RequirementGroup("service", 1, (Member("psp"), Member("slow")), "either")
    assert headroom(chain(*beside, pair)).expected_minutes == 240 - 15 - 30 - 200


def test_what_is_needed_only_softly_does_not_count() -> None:
    beside = (external("mail"), degrades("service", "mail"), *repaired("uc-mail", UC, "mail-inc", "mail", "9000"))
    assert headroom(chain(*beside)).expected_minutes == 15


def test_a_vendor_that_answers_for_the_whole_answers_for_what_is_beneath() -> None:
    beneath = (external("cloud"), needs("psp", "cloud"), *repaired("uc-cloud", UC, "cloud-inc", "cloud", "100"))
    assert headroom(chain(*beneath)).expected_minutes == 15
    assert headroom(chain(*beneath, extent=Extent.INTRINSIC)).expected_minutes == 15 - 100


def test_all_targets_of_the_metric_bind_and_the_strictest_counts() -> None:
    assert headroom(chain(in_time("uc", "psp", "2", "h", window=MONTH))).expected_minutes == 240 - 15 - 30 - 120


def test_of_our_own_promises_the_stricter_is_the_commitment_whatever_its_unit() -> None:
    everything = replace(in_time("sla", "sales", "3.5", "h"), covers="*")
    found = chain(everything).promises.commitment(REPAIR)  # 210 min for everything, 240 min for sales by name
    assert (found.target.value, found.target.unit) == (Decimal("3.5"), "h")


def test_of_contracts_that_apply_alike_the_weakest_counts() -> None:
    other = repaired("uc-2", UC, "psp-inc", "psp", "190")
    assert left(headroom(chain(*other))) == (Decimal(5), Verdict.COVERED, (ReasonCode.AMBIGUOUS_AGREEMENT,))


@pytest.mark.parametrize(("value", "unit"), [("3", "h"), ("10800", "s"), ("0.125", "d"), ("180", "min")])
def test_units_of_time_are_one_thing(value: str, unit: str) -> None:
    assert headroom(chain(value=value, unit=unit)).expected_minutes == 15


@pytest.mark.parametrize(("value", "unit"), [("1800", "s"), ("1800000", "ms"), ("30", "min"), ("0.5", "h")])
@pytest.mark.parametrize("hours", ["24x7", "Mon-Fri 08:00-18:00"])
def test_what_is_promised_to_us_in_seconds_uses_up_a_promise_in_minutes_to_the_last_digit(
    value: str, unit: str, hours: str
) -> None:
    found = assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        external("psp"),
        needs("sales", "psp"),
        *repaired("sla", SLA, "acme", "sales", "30", service_hours=hours),
        *repaired("uc", UC, "psp-inc", "psp", value, unit=unit, service_hours=hours),
    )
    assert left(headroom(found)) == (Decimal(0), Verdict.COVERED, ())
    (link,) = found.promises.links(REPAIR)
    assert (link.allowance, link.headroom, link.verdict) == (Decimal(30), Decimal(0), Verdict.COVERED)


def test_seconds_that_are_no_whole_minutes_add_up_exactly() -> None:
    """100 s of handing over, and 100 s and 100 s of work: 300 s of 5 min, though 100 s are 1.666... min."""
    ola = repaired("ola", OLA, "acme", "service", "100", unit="s")
    found = assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        entity("service", owner="acme"),
        external("psp"),
        RequirementGroup("sales", 1, (Member("service", handoff=Decimal(100) / 60),)),
        needs("service", "psp"),
        *repaired("sla", SLA, "acme", "sales", "5"),
        *ola,
        *repaired("uc", UC, "psp-inc", "psp", "100", unit="s"),
    )
    assert left(headroom(found)) == (Decimal(0), Verdict.COVERED, ())


@pytest.mark.parametrize("metric", ["response_time", "recovery_time"])
def test_responses_and_recoveries_add_up_too(metric: str) -> None:
    found = assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        external("psp"),
        after("sales", "psp", "5"),
        *repaired("sla", SLA, "acme", "sales", "60", metric=metric),
        *repaired("uc", UC, "psp-inc", "psp", "30", metric=metric),
    )
    assert headroom(found, f"sla/sales/{metric}/per_incident").expected_minutes == 25


# ---- each supplier by itself -----------------------------------------------------------------------------------------


def links(found: Assessment, commitment: str = REPAIR) -> dict[str, LinkHeadroom]:
    return {link.supplier: link for link in found.promises.links(commitment)}


def test_each_contract_is_held_against_the_promise_by_itself() -> None:
    found = links(chain())
    assert {key: (k.allowance, k.headroom, k.verdict, k.extra_nine, k.reasons) for key, k in found.items()} == {
        "psp": (Decimal(180), Decimal(60), Verdict.COVERED, None, (ReasonCode.NO_PENALTY,)),
        "service": (Decimal(30), Decimal(210), Verdict.COVERED, None, ()),
    }
    assert {key: k.target.metric for key, k in found.items() if k.target} == dict.fromkeys(found, "time_to_repair")


def test_a_contract_that_takes_longer_than_the_promise_is_a_shortfall_of_its_own() -> None:
    late = links(chain(value="4", unit="h", service_hours="Mon-Fri 08:00-18:00"))["psp"]
    assert (late.headroom, late.verdict) == (Decimal(240 - 66 * 60), Verdict.SHORTFALL)
    assert ReasonCode.HOURS_GAP in late.reasons


def test_a_contract_for_something_else_leaves_the_link_unknown_and_none_leaves_it_uncovered() -> None:
    other = links(chain(metric="response_time"))["psp"]
    assert (other.verdict, other.allowance) == (Verdict.UNKNOWN, None)
    assert ReasonCode.METRIC_MISMATCH in other.reasons
    ended = links(chain(end=date(2026, 6, 29)))["psp"]
    assert (ended.verdict, ended.reasons) == (Verdict.UNCOVERED, (ReasonCode.EXPIRED,))
    never = links(chain(value="20000", service_hours="Mon 08:00-08:01"))["psp"]
    assert (never.verdict, never.allowance) == (Verdict.UNKNOWN, None)


def test_a_promise_of_own_work_requires_no_supplier() -> None:
    own = links(chain(), "ola/service/time_to_repair/per_incident")
    assert {key: link.verdict for key, link in own.items()} == {"psp": Verdict.NOT_REQUIRED}
    told = [f.subject for f in chain().findings() if f.code is FindingCode.METRIC_MISMATCH]
    assert "ola/service/time_to_repair/per_incident" not in told


def test_gaps_over_time_are_those_of_the_metric() -> None:
    found = chain(end=date(2026, 8, 31)).promises
    assert found.coverage_gaps(0) == ()
    (gap,) = found.coverage_gaps(90)
    assert (gap.commitment.key, gap.supplier, gap.verdict) == (REPAIR, "psp", Verdict.UNCOVERED)
    assert gap.first_gap_at == datetime(2026, 9, 1, tzinfo=UTC)
    (short,) = chain(value="300").promises.coverage_gaps(0)
    assert (short.verdict, short.headroom) == (Verdict.SHORTFALL, Decimal(-60))


def test_without_a_horizon_a_row_of_an_incident_is_the_link_with_its_reasons() -> None:
    found = chain(value="300").promises
    links = {
        (key, link.supplier): (link.verdict, link.reasons, link.headroom, link.agreement)
        for key in found.all_commitments()
        for link in found.links(key)
    }
    rows = found.coverage_gaps(0, list(Verdict))
    assert links == {
        (row.commitment.key, row.supplier): (row.verdict, row.reasons, row.headroom, row.agreement) for row in rows
    }


# ---- calendars -------------------------------------------------------------------------------------------------------


def test_business_hours_are_waited_for() -> None:
    """4 business hours, Mon-Fri 08-18, from Friday 18:00 are 66 h = 3 960 min: 3 720 too many for 285 less 45."""
    found = headroom(chain(value="4", unit="h", service_hours="Mon-Fri 08:00-18:00", sla="285"))
    assert found.expected_minutes == 285 - 45 - 66 * 60
    assert found.verdict is Verdict.SHORTFALL
    assert ReasonCode.HOURS_GAP in found.reasons


def test_hours_that_we_keep_ourselves_cost_nothing() -> None:
    office = {"service_hours": "Mon-Fri 08:00-18:00"}
    found = assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        external("psp"),
        needs("sales", "psp"),
        *repaired("sla", SLA, "acme", "sales", "5", unit="h", **office),
        *repaired("uc", UC, "psp-inc", "psp", "4", unit="h", **office),
    )
    assert left(headroom(found)) == (Decimal(60), Verdict.COVERED, ())


def test_a_calendar_in_which_it_never_comes_due_promises_nothing() -> None:
    found = headroom(chain(value="20000", service_hours="Mon 08:00-08:01"))
    assert (found.verdict, found.expected_minutes) == (Verdict.UNKNOWN, Decimal(195))
    assert ReasonCode.HOURS_GAP in found.reasons


# ---- what is not known -----------------------------------------------------------------------------------------------


def test_a_supplier_without_such_a_promise_is_missing() -> None:
    found = headroom(chain(ola=()))
    assert found.expected_minutes == 45  # an upper bound: 240 - 15 - 180
    assert found.verdict is Verdict.UNKNOWN
    assert ReasonCode.NO_AGREEMENT in found.reasons
    # In the guaranteed figure it may take all of the seven days.
    assert found.guaranteed_minutes == 240 - 15 - 10_080 - 180


def test_what_is_short_already_is_short_whatever_is_missing() -> None:
    assert headroom(chain(ola=(), sla="190")).verdict is Verdict.SHORTFALL


def test_a_promise_of_another_metric_does_not_count() -> None:
    other = repaired("ola", OLA, "acme", "service", "30", metric="response_time")
    found = headroom(chain(ola=other))
    assert (found.verdict, found.expected_minutes) == (Verdict.UNKNOWN, Decimal(45))
    assert ReasonCode.METRIC_MISMATCH in found.reasons


def test_a_retired_supplier_promises_nothing() -> None:
    retired = replace(external("psp"), valid=Validity(until=date(2026, 1, 1)))
    found = assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        entity("service", owner="acme"),
        retired,
        needs("sales", "service"),
        needs("service", "psp"),
        *repaired("sla", SLA, "acme", "sales", "240"),
        *repaired("ola", OLA, "acme", "service", "30"),
        *repaired("uc", UC, "psp-inc", "psp", "180"),
    )
    assert headroom(found).verdict is Verdict.UNKNOWN
    assert ReasonCode.RETIRED in headroom(found).reasons


def without_minutes(found: Headroom) -> tuple[ReasonCode, ...]:
    assert (found.expected_minutes, found.guaranteed_minutes, found.window) == (None, None, None)
    assert found.verdict is Verdict.UNKNOWN
    return found.reasons


def test_percentiles_are_never_added() -> None:
    found = assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        external("psp"),
        needs("sales", "psp"),
        *repaired("sla", SLA, "acme", "sales", "300", unit="ms", metric="latency_p95"),
        *repaired("uc", UC, "psp-inc", "psp", "100", unit="ms", metric="latency_p95"),
    )
    about = "sla/sales/latency_p95/per_incident"
    assert without_minutes(headroom(found, about)) == (ReasonCode.METRIC_MISMATCH,)
    assert [f.subject for f in found.findings() if f.code is FindingCode.METRIC_MISMATCH and "sla" in f.subject] == [
        about
    ]


def test_a_promise_that_nobody_beneath_makes_is_held_against_nothing() -> None:
    found = assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        external("psp"),
        needs("sales", "psp"),
        *repaired("sla", SLA, "acme", "sales", "240"),
        agreement("uc", UC, "psp-inc"),
        target("uc", "99.9", "psp"),
    )
    assert without_minutes(headroom(found)) == (ReasonCode.METRIC_MISMATCH,)


def test_a_promise_of_own_work_is_held_against_nothing() -> None:
    assert without_minutes(headroom(chain(), "ola/service/time_to_repair/per_incident")) == (
        ReasonCode.METRIC_MISMATCH,
    )


def test_what_needs_itself_has_no_chain() -> None:
    reasons = without_minutes(headroom(chain(needs("psp", "service"), extent=Extent.INTRINSIC)))
    assert ReasonCode.CYCLE in reasons
    # The vendor that answers for the whole answers for the way back as well.
    assert headroom(chain(needs("psp", "service"))).expected_minutes == 15
