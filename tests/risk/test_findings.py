"""Every rule for a finding, once where it holds and once where it does not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from risk.assessment import Assessment
from risk.findings import RULES
from risk.results import Finding, SubjectKind
from risk.terms import FindingCode, Severity
from tests.risk.estates import (
    GOLD,
    JUNE,
    OLA,
    SLA,
    UC,
    agreement,
    assess,
    checkout,
    entity,
    estate,
    external,
    promised,
    target,
    team,
)
from tests.statements import company, degrades, full, needs, ref, vendor
from topology.facts import Statement
from topology.model import EntityKind, Extent, Measure, Validity
from topology.planning import plan

BASE: tuple[Statement, ...] = (
    company("acme"),
    team("shop"),
    vendor("cloud"),
    entity("sales", EntityKind.TRANSACTION, owner="shop"),
    entity("till", percent="99.99", owner="shop"),
    external("store", "cloud"),
    needs("sales", "till"),
    needs("till", "store"),
    *promised("sla", SLA, "acme", "sales", "99"),
    *promised("ola", OLA, "shop", "till", "99.5"),
    *promised("uc", UC, "cloud", "store", "99.9"),
)


def seen(code: FindingCode, *more: Statement) -> list[Finding]:
    return [f for f in assess(*BASE, *more).findings() if f.code is code]


def subjects(code: FindingCode, *more: Statement) -> list[str]:
    return [finding.subject for finding in seen(code, *more)]


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def test_a_sound_estate_has_no_findings() -> None:
    assert assess(*BASE).findings() == ()


def test_each_code_has_one_rule() -> None:
    codes = [rule.code for rule in RULES]
    assert sorted(codes) == sorted(FindingCode)


def test_an_orphan_is_needed_by_nothing_and_is_no_transaction() -> None:
    found = only(seen(FindingCode.ORPHAN, external("lonely", "cloud")))
    assert (found.subject, found.severity, found.kind) == ("lonely", Severity.NOTICE, SubjectKind.ENTITY)
    assert found.message == 'Nothing needs the external "lonely".'
    assert [fact.statement for fact in found.facts] == [external("lonely", "cloud")]
    assert subjects(FindingCode.ORPHAN, external("lonely", "cloud"), degrades("till", "lonely")) == []


def test_what_we_run_wants_an_owner_and_what_we_buy_does_not() -> None:
    assert subjects(FindingCode.NO_OWNER, entity("rack", EntityKind.INFRASTRUCTURE), external("x", "cloud")) == ["rack"]


def test_a_cycle_is_told_once_with_its_members_and_may_not_start_from_cold() -> None:
    ring = (entity("b", owner="shop"), entity("c", owner="shop"), needs("till", "b"), needs("b", "c"), needs("c", "b"))
    found = only(seen(FindingCode.CYCLE, *ring))
    assert (found.subject, found.witness) == ("b", ("b", "c"))
    assert [fact.statement for fact in found.facts] == [needs("b", "c"), needs("c", "b")]
    assert only(seen(FindingCode.COLD_START_RISK, *ring)).witness == ("b", "c")


def test_a_hard_cycle_stands_or_falls_together_and_one_through_redundancy_does_not() -> None:
    ring = (entity("b", owner="shop"), entity("c", owner="shop"), needs("till", "b"), needs("b", "c"), needs("c", "b"))
    assert only(seen(FindingCode.CYCLE, *ring)).message == "b, c need each other: they stand or fall together."
    assert "each waits for another" in only(seen(FindingCode.COLD_START_RISK, *ring)).message
    # gc keeps either of ga and gb up alone, and lets both start.
    parts: list[Statement] = [entity(key, percent="99", owner="shop") for key in ("ga", "gb", "gc")]
    loose = [*parts, needs("till", "ga"), needs("ga", "gb", "gc", k=1), needs("gb", "ga", "gc", k=1)]
    assert only(seen(FindingCode.CYCLE, *loose)).message == (
        "ga, gb need each other in a circle that leads through redundancy: the fall of one need not take all others "
        "along."
    )
    assert only(seen(FindingCode.COLD_START_RISK, *loose)).message == (
        "Once all of ga, gb are down, they start again only where redundancy offers something else than one another: "
        "try a start from cold."
    )


def test_a_soft_way_back_is_no_cycle() -> None:
    assert subjects(FindingCode.CYCLE, degrades("store", "till")) == []
    assert subjects(FindingCode.COLD_START_RISK, degrades("store", "till")) == []


def test_a_named_group_of_one_makes_nothing_redundant_and_a_plain_need_is_none() -> None:
    more = (external("spare", "cloud"), *promised("uc2", UC, "cloud", "spare", "99.9"))
    found = only(seen(FindingCode.GROUP_OF_ONE, *more, needs("till", "spare", name="stores")))
    assert (found.subject, found.witness) == ("till", ("till", "spare"))
    assert len(found.facts) == 1
    assert subjects(FindingCode.GROUP_OF_ONE, *more, needs("till", "spare")) == []


def test_a_vendor_without_any_agreement_is_undocumented_and_one_with_an_ended_agreement_is_not() -> None:
    other = (vendor("other"), external("mail", "other"), needs("till", "mail"))
    found = only(seen(FindingCode.UNDOCUMENTED_VENDOR, *other))
    assert (found.kind, found.subject, found.witness) == (SubjectKind.PARTY, "other", ("mail",))
    ended = promised("uc-mail", UC, "other", "mail", "99.9", end=date(2020, 1, 1))
    assert subjects(FindingCode.UNDOCUMENTED_VENDOR, *other, *ended) == []


def test_an_external_without_a_vendor_is_undocumented() -> None:
    nobody = replace(external("mail"), provider=None)
    found = only(seen(FindingCode.UNDOCUMENTED_VENDOR, nobody, needs("till", "mail")))
    assert (found.kind, found.subject) == (SubjectKind.ENTITY, "mail")


def test_a_retired_supplier_that_is_still_needed_is_an_error() -> None:
    old = external("old", "cloud", valid=Validity(until=date(2026, 6, 29)))
    terms = promised("uc2", UC, "cloud", "old", "99.9")
    found = only(seen(FindingCode.RETIRED_SUPPLIER, old, *terms, needs("till", "old")))
    assert (found.subject, found.witness, found.severity) == ("old", ("old", "till"), Severity.ERROR)
    assert subjects(FindingCode.RETIRED_SUPPLIER, old, *terms) == []
    gone = entity("gone", owner="shop", valid=Validity(until=date(2026, 1, 1)))
    assert subjects(FindingCode.RETIRED_SUPPLIER, old, gone, needs("gone", "old")) == []
    assert subjects(FindingCode.RETIRED_SUPPLIER, replace(old, valid=Validity(until=JUNE)), needs("till", "old")) == []


def test_hard_and_soft_to_one_supplier_is_a_duplicate() -> None:
    found = only(seen(FindingCode.DUPLICATE_DEPENDENCY, degrades("till", "store", "0.1")))
    assert (found.subject, found.witness) == ("till", ("till", "store"))
    assert found.message == '"till" needs "store" both hard and soft; what is needed hard counts, the soft need not.'


def test_a_supplier_in_two_groups_of_one_consumer_is_a_duplicate() -> None:
    spare = (external("spare", "cloud"), needs("till", "store", "spare", k=1))
    found = only(seen(FindingCode.DUPLICATE_DEPENDENCY, *spare))
    assert found.witness == ("till", "store")
    assert found.message == '"till" needs "store" in 2 groups; each of them counts.'
    assert subjects(FindingCode.DUPLICATE_DEPENDENCY) == []


def test_sources_that_differ_are_told_with_what_each_says() -> None:
    base = estate(*BASE)
    other = plan(base, full(ref("till", "0.9"), source="cmdb")).after
    found = [f for f in Assessment(other, JUNE).findings() if f.code is FindingCode.CONFLICTING_FACTS]
    assert [(f.subject, f.kind) for f in found] == [("till", SubjectKind.ENTITY)]
    assert "availability" in found[0].message
    assert {fact.source for fact in found[0].facts} == {"acme", "cmdb"}


def test_a_figure_rewritten_under_its_version_is_told() -> None:
    corrected = (*BASE[:-1], target("uc", "99.5", "store", extent=Extent.END_TO_END))
    after = plan(estate(*BASE), full(*corrected)).after
    found = [f for f in Assessment(after, JUNE).findings() if f.code is FindingCode.VERSION_REWRITTEN]
    assert [(f.subject, f.kind) for f in found] == [("uc", SubjectKind.AGREEMENT)]
    assert [a.version for a in found[0].agreements] == [1]
    assert subjects(FindingCode.VERSION_REWRITTEN) == []


def test_a_promise_of_100_percent_is_noticed_while_it_is_in_force() -> None:
    more = (external("dns", "cloud"), needs("till", "dns"))
    found = only(seen(FindingCode.PERFECT_PROMISE, *more, *promised("uc2", UC, "cloud", "dns", "100")))
    assert (found.kind, found.subject, found.witness) == (SubjectKind.AGREEMENT, "uc2", ("dns",))
    ended = promised("uc2", UC, "cloud", "dns", "100", end=date(2020, 1, 1))
    assert subjects(FindingCode.PERFECT_PROMISE, *more, *ended) == []
    rate = (agreement("uc2", UC, "cloud"), target("uc2", "100", "dns", metric="success_rate"))
    assert subjects(FindingCode.PERFECT_PROMISE, *more, *rate) == []


def test_a_promise_beyond_what_its_suppliers_deliver_is_told_with_both_figures() -> None:
    rack = (external("rack", "cloud"), needs("store", "rack"), *promised("uc2", UC, "cloud", "rack", "99.8"))
    found = only(seen(FindingCode.PROMISE_EXCEEDS_SUPPLY, *rack))
    assert (found.subject, found.minutes) == ("store", Decimal("43.2"))  # .001 of 30 days
    assert "promised at 99.9 %" in found.message
    assert "at most 99.8 %" in found.message
    assert [a.key for a in found.agreements] == ["uc"]
    enough = (*rack[:2], *promised("uc2", UC, "cloud", "rack", "99.95"))
    assert subjects(FindingCode.PROMISE_EXCEEDS_SUPPLY, *enough) == []


def test_promises_that_are_not_availability_in_time_are_told_on_both_sides() -> None:
    bus = (external("bus", "cloud"), needs("till", "bus"), agreement("uc2", UC, "cloud"))
    counted = target("uc2", "99.9", "bus", measure=Measure.REQUEST)
    rate = target("sla", "99.9", "sales", metric="success_rate")
    found = seen(FindingCode.METRIC_MISMATCH, *bus, counted, rate)
    assert [(f.kind, f.subject) for f in found] == [
        (SubjectKind.ENTITY, "bus"),
        (SubjectKind.COMMITMENT, "sla/sales/success_rate/calendar_month"),
    ]
    assert [a.key for a in found[0].agreements] == ["uc2"]
    assert subjects(FindingCode.METRIC_MISMATCH) == []


def test_agreements_that_apply_alike_are_ambiguous() -> None:
    found = only(seen(FindingCode.AMBIGUOUS_AGREEMENT, *promised("uc0", UC, "cloud", "store", "99.99")))
    assert (found.subject, [a.key for a in found.agreements]) == ("store", ["uc", "uc0"])
    assert 'that of "uc"' in found.message
    preferred = promised("uc0", UC, "cloud", "store", "99.99", precedence=1)
    assert subjects(FindingCode.AMBIGUOUS_AGREEMENT, *preferred) == []


def test_a_needed_entity_without_a_figure_is_missing_one() -> None:
    bare = entity("ledger", owner="shop")
    found = only(seen(FindingCode.MISSING_FIGURE, bare, needs("till", "ledger")))
    assert (found.subject, found.severity) == ("ledger", Severity.WARNING)
    assert "counted as up" in found.message
    assert subjects(FindingCode.MISSING_FIGURE, bare) == []
    assert subjects(FindingCode.MISSING_FIGURE, bare, degrades("till", "ledger")) == []


def test_a_promise_in_shortfall_is_an_error_with_its_minutes() -> None:
    found = [f for f in assess(*checkout()).findings() if f.code is FindingCode.PROMISE_IN_SHORTFALL]
    assert [(f.subject, f.kind, f.severity) for f in found] == [(GOLD, SubjectKind.COMMITMENT, Severity.ERROR)]
    assert found[0].minutes is not None
    assert round(found[0].minutes, 4) == Decimal("4.3221")
    assert "misses that by 4.33 min" in found[0].message  # printed text rounds a shortfall up
    assert [a.key for a in found[0].agreements] == ["sla-gold"]
    kept = assess(*checkout(sla="99.5")).findings()
    assert FindingCode.PROMISE_IN_SHORTFALL not in {f.code for f in kept}


@pytest.mark.parametrize(
    "terms",
    [
        (),
        promised("uc2", UC, "cloud", "bus", "99.9", end=date(2026, 6, 29)),
        (agreement("uc2", UC, "cloud", "bus"),),
    ],
)
def test_an_external_on_the_way_of_a_promise_without_a_promise_in_force_is_uncovered(
    terms: tuple[Statement, ...],
) -> None:
    bus = external("bus", "cloud")
    found = only(seen(FindingCode.SUPPLIER_UNCOVERED, bus, needs("till", "bus"), *terms))
    assert (found.subject, found.witness) == ("bus", ("bus", "till"))
    assert subjects(FindingCode.SUPPLIER_UNCOVERED, bus, *terms) == []
    assert subjects(FindingCode.SUPPLIER_UNCOVERED, bus, degrades("till", "bus"), *terms) == []


def test_a_service_wants_an_ola_and_a_component_does_not() -> None:
    more = (entity("pay", percent="99.9", owner="shop"), entity("box", EntityKind.COMPONENT, "99.9", owner="shop"))
    joined = (*more, needs("till", "pay"), needs("till", "box"))
    assert subjects(FindingCode.SERVICE_WITHOUT_OLA, *joined) == ["pay"]
    ended = promised("ola2", OLA, "shop", "pay", "99.9", end=date(2026, 6, 29))
    assert subjects(FindingCode.SERVICE_WITHOUT_OLA, *joined, *ended) == ["pay"]
    assert subjects(FindingCode.SERVICE_WITHOUT_OLA, *joined, *promised("ola2", OLA, "shop", "pay", "99.9")) == []


def test_findings_come_by_severity_then_code_then_subject() -> None:
    more = (external("y", "cloud"), external("x", "cloud"), entity("w", EntityKind.INFRASTRUCTURE))
    found = assess(*checkout(), vendor("cloud"), *more).findings()
    order = [(list(Severity).index(f.severity), f.code, f.subject) for f in found]
    assert order == sorted(order)
    assert found[0].code is FindingCode.PROMISE_IN_SHORTFALL


def test_the_findings_of_one_subject_are_found_by_it() -> None:
    assessment = assess(*BASE, external("lonely", "cloud"))
    (found,) = assessment.findings_about(SubjectKind.ENTITY, "lonely")
    assert found.code is FindingCode.ORPHAN
    assert assessment.findings_about(SubjectKind.PARTY, "lonely") == ()
