"""Every rule for a verdict and its reasons (section 4), one at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from risk.assessment import Assessment
from risk.results import LinkHeadroom
from risk.terms import FindingCode, Ledger, ReasonCode, Verdict
from tests.risk.estates import (
    JULY,
    JUNE,
    MONTH,
    OLA,
    SLA,
    UC,
    agreement,
    assess,
    by_supplier,
    entity,
    external,
    near,
    promised,
    rolling,
    target,
    team,
)
from tests.statements import company, needs, vendor
from topology.facts import Statement
from topology.model import (
    AgreementStatus,
    CreditTier,
    EntityKind,
    Exclusion,
    ExclusionKind,
    Extent,
    Measure,
    Period,
    Validity,
    Window,
    WindowKind,
)


# One service on one external, to try one rule at a time.
def base(**store: Any) -> tuple[Statement, ...]:
    return (
        company("acme"),
        team("shop"),
        vendor("cloud"),
        entity("sales", EntityKind.TRANSACTION, owner="shop"),
        external("store", "cloud", **store),
        needs("sales", "store"),
    )


SALES = "sla/sales/availability/calendar_month"


def small(*more: Statement, sla: str = "99.9", at: date = JUNE, window: Window = MONTH, **terms: Any) -> Assessment:
    return assess(*base(), *promised("sla", SLA, "acme", "sales", sla, window=window, **terms), *more, at=at)


def only_link(found: Assessment, commitment: str = SALES) -> LinkHeadroom:
    (link,) = found.promises.links(commitment)
    return link


def contract(percent: str = "99.95", **terms: Any) -> tuple[Statement, ...]:
    return promised("uc", UC, "cloud", "store", percent, **terms)


def test_a_promise_that_is_met_to_the_digit_is_covered_and_not_short_by_a_last_bit() -> None:
    for percent in ("99.95", "99.9", "99.99", "99.7", "98.1", "99.999"):
        headroom = small(*contract(percent), sla=percent).promises.headroom(SALES)
        assert (headroom.expected_minutes, headroom.guaranteed_minutes) == (Decimal(0), Decimal(0))
        assert headroom.verdict is Verdict.COVERED


def test_a_contract_that_allows_more_is_a_shortfall_on_both_levels() -> None:
    found = small(*contract("99.8"))
    assert (only_link(found).headroom, only_link(found).verdict) == (Decimal("-43.2"), Verdict.SHORTFALL)
    assert found.promises.headroom(SALES).verdict is Verdict.SHORTFALL


def test_a_guaranteed_shortfall_beneath_an_expected_surplus_is_thin() -> None:
    pair = (external("spare", "cloud"), needs("sales", "spare"), *contract("99.94"))
    spare = promised("uc2", UC, "cloud", "spare", "99.94")
    headroom = small(*pair, *spare, sla="99.885").promises.headroom(SALES)
    # Together at most .0012 is allowed, and .00119964 expected; the promise leaves .00115.
    assert headroom.verdict is Verdict.SHORTFALL
    headroom = small(*pair, *spare, sla="99.88001").promises.headroom(SALES)
    assert headroom.expected_minutes is not None
    assert headroom.guaranteed_minutes is not None
    assert headroom.guaranteed_minutes < 0 <= headroom.expected_minutes
    assert (headroom.verdict, headroom.reasons) == (
        Verdict.THIN,
        (ReasonCode.GUARANTEED_SHORTFALL,),
    )


def test_a_missing_hard_figure_makes_a_surplus_unknown_and_keeps_a_shortfall() -> None:
    unknown = small()
    headroom = unknown.promises.headroom(SALES)
    assert (headroom.verdict, headroom.expected_minutes) == (Verdict.UNKNOWN, Decimal("43.2"))
    assert headroom.guaranteed_minutes == Decimal("43.2") - 43_200  # a missing figure may cost the whole window
    assert ReasonCode.NO_FIGURE in headroom.reasons
    weak = (entity("till", percent="99.5", owner="shop"), needs("sales", "till"))
    assert small(*weak).promises.headroom(SALES).verdict is Verdict.SHORTFALL


def test_a_stated_availability_without_agreement_gets_minutes_and_is_uncovered() -> None:
    found = assess(*base(percent="99.95"), *promised("sla", SLA, "acme", "sales", "99.9"))
    link = only_link(found)
    assert (link.verdict, link.allowance, link.headroom) == (Verdict.UNCOVERED, Decimal("21.6"), Decimal("21.6"))
    assert found.promises.headroom(SALES).guaranteed_minutes == Decimal("21.6")
    assert found.promises.headroom(SALES).verdict is Verdict.COVERED


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"end": date(2026, 6, 29)}, ReasonCode.EXPIRED),
        ({"start": date(2026, 7, 1)}, ReasonCode.FUTURE),
        ({"status": AgreementStatus.SUSPENDED}, ReasonCode.SUSPENDED),
        ({"status": AgreementStatus.TERMINATED}, ReasonCode.TERMINATED),
        ({"status": AgreementStatus.DRAFT}, ReasonCode.DRAFT_ONLY),
    ],
)
def test_without_an_agreement_in_force_a_link_is_uncovered_and_says_why(
    terms: dict[str, Any], reason: ReasonCode
) -> None:
    link = only_link(small(*contract(**terms)))
    assert (link.verdict, link.agreement, link.allowance, link.headroom) == (Verdict.UNCOVERED, None, None, None)
    assert link.reasons == (reason,)


def test_an_agreement_without_a_comparable_target_leaves_a_link_unknown() -> None:
    silent = only_link(small(agreement("uc", UC, "cloud", "store")))
    assert (silent.verdict, silent.reasons) == (Verdict.UNKNOWN, (ReasonCode.NO_TARGET,))
    counted = small(agreement("uc", UC, "cloud"), target("uc", "99.99", "store", measure=Measure.REQUEST))
    assert (only_link(counted).verdict, only_link(counted).reasons) == (
        Verdict.UNKNOWN,
        (ReasonCode.METRIC_MISMATCH,),
    )
    assert only_link(counted).agreement is not None


def test_a_tier_that_both_sides_state_must_match() -> None:
    found = small(*contract(service_tier="silver"), service_tier="gold")
    assert (only_link(found).verdict, only_link(found).reasons) == (
        Verdict.UNCOVERED,
        (ReasonCode.TIER_BELOW_REQUIRED,),
    )
    assert only_link(small(*contract(service_tier="gold"), service_tier="gold")).verdict is Verdict.COVERED
    assert only_link(small(*contract(service_tier="silver"))).verdict is Verdict.COVERED


def test_of_ambiguous_agreements_the_largest_allowance_counts() -> None:
    found = only_link(small(*contract("99.99"), *promised("uc2", UC, "cloud", "store", "99.95")))
    assert found.agreement is not None
    assert (found.agreement.key, found.allowance) == ("uc2", Decimal("21.6"))
    assert ReasonCode.AMBIGUOUS_AGREEMENT in found.reasons


@pytest.mark.parametrize(
    ("theirs", "ours", "expires"),
    [
        ({"end": date(2026, 12, 31)}, {}, True),
        ({"end": date(2027, 6, 30)}, {}, False),  # at + 365 days is 30 June 2027
        ({"end": date(2027, 6, 29)}, {}, True),
        ({"end": date(2026, 12, 31)}, {"end": date(2026, 12, 31)}, False),
        ({"end": date(2026, 12, 31), "auto_renew": Period(months=12)}, {}, False),
        ({"end": date(2026, 12, 31), "auto_renew": Period(12), "notice_given": date(2026, 1, 1)}, {}, True),
    ],
)
def test_a_contract_that_ends_before_the_commitment_says_so(
    theirs: dict[str, Any], ours: dict[str, Any], expires: bool
) -> None:
    found = only_link(small(*contract(**theirs), **ours))
    assert (ReasonCode.EXPIRES_BEFORE_COMMITMENT in found.reasons) is expires


@pytest.mark.parametrize(
    ("start", "percent", "expires"),
    [
        (date(2027, 1, 1), "99.95", False),  # the next day
        (date(2026, 10, 1), "99", False),  # before the first ends, and for less: another verdict, no lapse
        (date(2027, 1, 2), "99.95", True),  # a day too late
        (date(2027, 1, 1), None, True),  # without a word on the supplier's availability
    ],
)
def test_a_contract_that_its_next_version_takes_over_does_not_end(
    start: date, percent: str | None, expires: bool
) -> None:
    following = replace(agreement("uc", UC, "cloud", start=start), version=2)
    targets = () if percent is None else (replace(target("uc", percent, "store"), version=2),)
    found = only_link(small(*contract(end=date(2026, 12, 31)), following, *targets))
    assert (ReasonCode.EXPIRES_BEFORE_COMMITMENT in found.reasons) is expires


def test_a_commitment_that_its_next_version_takes_over_does_not_end_either() -> None:
    ours = replace(agreement("sla", SLA, "acme", start=date(2026, 9, 1)), version=2)
    again = replace(target("sla", "99.9", "sales", extent=Extent.END_TO_END), version=2)
    found = only_link(small(*contract(end=date(2026, 9, 15)), ours, again, end=date(2026, 8, 31)))
    assert ReasonCode.EXPIRES_BEFORE_COMMITMENT in found.reasons


def test_a_contract_without_credits_says_that_nothing_is_owed() -> None:
    assert ReasonCode.NO_PENALTY in only_link(small(*contract())).reasons
    tier = CreditTier(Decimal("0.9995"), Decimal("0.1"))
    paying = (agreement("uc", UC, "cloud"), target("uc", "99.95", "store", credits=(tier,)))
    assert ReasonCode.NO_PENALTY not in only_link(small(*paying)).reasons


def test_a_carve_out_without_a_figure_leaves_link_and_promise_unbounded() -> None:
    found = small(*contract(excludes=(Exclusion(ExclusionKind.FORCE_MAJEURE),)))
    assert not only_link(found).bounded
    assert not found.promises.headroom(SALES).bounded
    assert ReasonCode.FORCE_MAJEURE_NOT_PASSED_THROUGH in found.promises.headroom(SALES).reasons


def test_service_hours_on_both_sides_are_compared_on_the_calendar() -> None:
    found = small(*contract("99.9", service_hours="Mon-Fri 08:00-18:00"))
    assert only_link(found).allowance == Decimal("30013.2")
    assert only_link(found).verdict is Verdict.SHORTFALL
    assert ReasonCode.HOURS_GAP in found.promises.headroom(SALES).reasons


def test_a_rolling_promise_shows_the_window_that_ends_with_the_day() -> None:
    found = small(*contract("99.95"), window=rolling(28), at=JULY)
    (commitment,) = found.promises.commitments()
    assert commitment.key == "sla/sales/availability/rolling_28d"
    window = found.promises.headroom(commitment.key).window
    assert window is not None
    assert (window.kind, window.service_minutes) == (WindowKind.ROLLING, Decimal(28 * 1440))
    assert (window.start, window.end) == (datetime(2026, 6, 18, tzinfo=UTC), datetime(2026, 7, 16, tzinfo=UTC))
    assert found.promises.links(commitment.key)[0].allowance == Decimal("44.64")  # twice 22.32


def test_other_metrics_are_commitments_and_never_computed() -> None:
    more = (*contract(), target("sla", "99.9", "sales", metric="success_rate"))
    found = small(*more)
    keys = [c.key for c in found.promises.commitments()]
    assert keys == [SALES, "sla/sales/success_rate/calendar_month"]  # no headroom comes last
    other = found.promises.commitment(keys[1])
    headroom = found.promises.headroom(other.key)
    assert (other.budget, headroom.expected_minutes, headroom.window) == (None, None, None)
    assert (headroom.verdict, headroom.reasons) == (Verdict.UNKNOWN, (ReasonCode.METRIC_MISMATCH,))
    link = only_link(found, other.key)
    assert (link.verdict, link.allowance) == (Verdict.UNKNOWN, None)
    assert ReasonCode.METRIC_MISMATCH in link.reasons


LEDGER: tuple[Statement, ...] = (
    external("isp", "cloud"),
    external("backbone", "cloud"),
    needs("sales", "isp"),
    needs("isp", "backbone"),
    *promised("uc-isp", UC, "cloud", "isp", "99.5", extent=Extent.INTRINSIC),
    *promised("uc-backbone", UC, "cloud", "backbone", "99.5", extent=Extent.INTRINSIC),
)


def test_the_contractual_ledger_leaves_out_what_the_agreement_excludes_with_all_beneath_it() -> None:
    excludes = (Exclusion(ExclusionKind.ENTITIES, entities=("isp",)),)
    found = small(*contract("99.95"), *LEDGER, excludes=excludes)
    assert found.promises.headroom(SALES).verdict is Verdict.SHORTFALL
    contractual = found.promises.headroom(SALES, ledger=Ledger.CONTRACTUAL)
    assert (contractual.expected_minutes, contractual.guaranteed_minutes) == (Decimal("21.6"), Decimal("21.6"))
    assert contractual.verdict is Verdict.COVERED
    links = by_supplier(found, SALES)
    assert links["isp"].verdict is Verdict.NOT_REQUIRED
    assert links["backbone"].verdict is Verdict.NOT_REQUIRED  # only beneath what is excluded
    assert links["store"].verdict is Verdict.COVERED


def test_an_exclusion_of_third_parties_leaves_out_every_external() -> None:
    excludes = (Exclusion(ExclusionKind.THIRD_PARTY),)
    found = small(*LEDGER, excludes=excludes)
    contractual = found.promises.headroom(SALES, ledger=Ledger.CONTRACTUAL)
    assert (contractual.expected_minutes, contractual.verdict) == (Decimal("43.2"), Verdict.COVERED)
    assert found.promises.headroom(SALES).verdict is Verdict.SHORTFALL


def test_an_entity_covered_by_an_ola_is_a_link_with_the_olas_allowance() -> None:
    till = (entity("till", percent="99.99", owner="shop"), needs("sales", "till"))
    ola = promised("ola", OLA, "shop", "till", "99.95", consumer="shop")
    found = small(*contract("99.99"), *till, *ola)
    assert by_supplier(found, SALES)["till"].headroom == Decimal("21.6")
    headroom = found.promises.headroom(SALES)
    # Expected by what is stated of till, guaranteed by what is promised: 43.2 - 4.32 - 21.6.
    assert headroom.guaranteed_minutes == Decimal("17.28")
    assert near(headroom.expected_minutes, "34.5604")


def test_an_ola_that_has_ended_leaves_an_uncovered_link_with_the_stated_minutes() -> None:
    till = (entity("till", percent="99.99", owner="shop"), needs("sales", "till"))
    ola = promised("ola", OLA, "shop", "till", "99.95", consumer="shop", end=date(2026, 1, 31))
    link = by_supplier(small(*contract("99.99"), *till, *ola), SALES)["till"]
    assert (link.verdict, link.headroom, link.reasons) == (
        Verdict.UNCOVERED,
        Decimal("38.88"),
        (ReasonCode.EXPIRED,),
    )


def test_a_promise_beyond_its_supply_marks_the_link() -> None:
    beneath = (external("rack", "cloud"), needs("store", "rack"), *promised("r", UC, "cloud", "rack", "99.9"))
    found = by_supplier(small(*contract("99.95"), *beneath), SALES)
    assert ReasonCode.PROMISE_EXCEEDS_SUPPLY in found["store"].reasons
    assert ReasonCode.PROMISE_EXCEEDS_SUPPLY not in found["rack"].reasons


def test_a_retired_supplier_is_missing_however_well_it_is_promised() -> None:
    retired = base(valid=Validity(until=date(2026, 1, 31)))
    found = assess(*retired, *promised("sla", SLA, "acme", "sales", "99.9"), *contract())
    headroom = found.promises.headroom(SALES)
    assert (headroom.verdict, headroom.guaranteed_minutes) == (Verdict.UNKNOWN, Decimal("43.2") - 43_200)
    assert ReasonCode.RETIRED in headroom.reasons


def test_a_promise_of_ours_that_only_goes_on_by_renewal_says_so() -> None:
    terms: dict[str, Any] = {"end": date(2025, 12, 31), "auto_renew": Period(months=12)}
    assert ReasonCode.ASSUMED_RENEWAL in small(*contract(), **terms).promises.headroom(SALES).reasons


def test_agreements_that_are_not_in_force_are_no_commitments() -> None:
    assert small(*contract(), end=date(2026, 6, 29)).promises.commitments() == ()
    assert small(*contract(), status=AgreementStatus.DRAFT).promises.commitments() == ()


def test_a_promise_for_everything_is_one_commitment_for_each_transaction() -> None:
    found = assess(
        *base(),
        entity("refunds", EntityKind.TRANSACTION, owner="shop"),
        *promised("sla", SLA, "acme", "*", "99.9"),
        target("sla", "99.5", "sales"),
    )
    promises = {c.entity: c.target.value for c in found.promises.commitments()}
    # The stricter of two targets for one entity and window is the commitment.
    assert promises == {"refunds": Decimal("0.999"), "sales": Decimal("0.999")}


def test_an_agreement_for_another_tier_leaves_its_supplier_without_a_figure() -> None:
    found = small(*contract("99.9", service_tier="silver"), sla="99", service_tier="gold")
    headroom = found.promises.headroom(SALES)
    assert (headroom.verdict, headroom.reasons) == (
        Verdict.UNKNOWN,
        (ReasonCode.GUARANTEED_SHORTFALL, ReasonCode.TIER_BELOW_REQUIRED),
    )
    assert headroom.guaranteed_minutes == Decimal(432) - 43_200  # the supplier may be down throughout
    weak = (entity("till", percent="98", owner="shop"), needs("sales", "till"))
    short = small(*contract("99.9", service_tier="silver"), *weak, sla="99", service_tier="gold").promises.headroom(
        SALES
    )
    assert (short.verdict, ReasonCode.TIER_BELOW_REQUIRED in short.reasons) == (Verdict.SHORTFALL, True)


def test_where_no_agreement_is_for_the_tier_a_stated_availability_counts() -> None:
    silver = contract("99.9", service_tier="silver", extent=Extent.END_TO_END)
    found = assess(*base(percent="99.5"), *silver, *promised("sla", SLA, "acme", "sales", "99", service_tier="gold"))
    link, headroom = only_link(found), found.promises.headroom(SALES)
    assert (link.verdict, link.allowance) == (Verdict.UNCOVERED, Decimal(216))
    assert (headroom.expected_minutes, headroom.guaranteed_minutes) == (Decimal(216), Decimal(216))
    assert headroom.verdict is Verdict.COVERED


def test_the_tier_of_a_commitment_decides_between_agreements_of_different_tiers() -> None:
    silver = contract("99.5", service_tier="silver")
    gold = promised("uc-gold", UC, "cloud", "store", "99.9", service_tier="gold")
    for tier, left in (("gold", "86.4"), ("silver", "-86.4"), (None, "-86.4")):
        found = small(*silver, *gold, sla="99.7", service_tier=tier)
        headroom = found.promises.headroom(SALES)
        assert (headroom.expected_minutes, headroom.guaranteed_minutes) == (Decimal(left), Decimal(left))
        assert only_link(found).headroom == Decimal(left)
        assert (ReasonCode.AMBIGUOUS_AGREEMENT in headroom.reasons) is (tier is None)
        assert [f.code for f in found.findings() if f.code is FindingCode.AMBIGUOUS_AGREEMENT] == []
    same = small(*silver, *promised("uc-2", UC, "cloud", "store", "99.9", service_tier="silver"))
    assert [f.subject for f in same.findings() if f.code is FindingCode.AMBIGUOUS_AGREEMENT] == ["store"]


def test_end_to_end_promises_on_a_cycle_leave_the_floor_below_what_is_expected() -> None:
    """docs/decisions.md: 99.9 and 99.8 that need each other: expected .999 x .998, guaranteed 1 - .001 - .002."""
    pair = (external("spare", "cloud"), needs("store", "spare"), needs("spare", "store"))
    terms = [promised(f"uc-{key}", UC, "cloud", key, p) for key, p in (("store", "99.9"), ("spare", "99.8"))]
    found = small(*pair, *(s for term in terms for s in term), sla="99.5")
    composite, headroom = found.composite("sales"), found.promises.headroom(SALES)
    assert near(composite.expected.ratio, "0.997002")
    assert near(composite.guaranteed_floor.ratio, "0.997000")
    assert near(headroom.expected_minutes, "86.4864")  # (.997002 - .995) x 43 200
    assert near(headroom.guaranteed_minutes, "86.4000")
