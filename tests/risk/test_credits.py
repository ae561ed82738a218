"""Credits by hand, from the semantics of section 4, and sums on random estates against their definition.

June 2026 has 43 200 minutes: 99.9 % allows 43.2 of them, 99.95 % 21.6, 99 % 432.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from risk.assessment import Assessment
from risk.credit_exposure import CreditExposure
from risk.credits import Credit
from risk.supposed.operations import Fail, Scenario
from risk.terms import FailureLevel, ReasonCode
from tests.risk.estates import (
    JULY,
    JUNE,
    MONTH,
    SLA,
    UC,
    YEAR,
    agreement,
    assess,
    entity,
    external,
    promised,
    rolling,
    target,
)
from tests.statements import company, needs
from topology.facts import Statement
from topology.model import (
    Comparator,
    CreditCap,
    CreditKind,
    CreditTier,
    EntityKind,
    Exclusion,
    ExclusionKind,
    Extent,
    Fee,
    Measure,
    Member,
    Money,
    Period,
    RequirementGroup,
    Target,
    Window,
    WindowKind,
)

MONTHLY, YEARLY = Period(months=1), Period(months=12)
SALES = "sla/sales/availability/calendar_month"


def eur(amount: str, per: Period = MONTHLY) -> Fee:
    return Fee(Money(Decimal(amount), "EUR"), per)


def tiers(**shares: str) -> tuple[CreditTier, ...]:
    """Tiers by their figure, `_99_9="10"`, the highest first: below 99.9 %, 10 % of the fee."""
    return tuple(
        CreditTier(Decimal(name[1:].replace("_", ".")) / 100, Decimal(share) / 100) for name, share in shares.items()
    )


OURS = tiers(_99_9="10", _99="25")
THEIRS = tiers(_99_95="10", _99="30")


def shop(
    *more: Statement, sla: dict[str, Any] | None = None, ours: dict[str, Any] | None = None, **uc: Any
) -> tuple[Statement, ...]:
    """Sales (99.9 %, 10 000 EUR a month) needs psp (99.95 %, 2 000 EUR a month); `uc` changes the contract's terms."""
    promise = {"credits": OURS} if ours is None else ours
    theirs = {"credits": uc.pop("credits", THEIRS), "window": uc.pop("window", MONTH)}
    theirs |= {name: uc.pop(name) for name in ("credit_kind", "extent", "measure") if name in uc}
    percent = uc.pop("percent", "99.95")
    return (
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        external("psp"),
        needs("sales", "psp"),
        agreement("sla", SLA, "acme", **{"fee": eur("10000"), **(sla or {})}),
        target("sla", "99.9", "sales", extent=Extent.END_TO_END, **promise),
        agreement("uc", UC, "psp-inc", **{"fee": eur("2000"), **uc}),
        target("uc", percent, "psp", **{"extent": Extent.END_TO_END, **theirs}),
        *more,
    )


def exposure(found: Assessment, *failed: str, minutes: str, claimed_after: str = "0") -> CreditExposure:
    numbers = [found.system.number(key) for key in failed]
    return found.promises.credit_exposure(numbers, Decimal(minutes), Decimal(claimed_after))


def amounts(money: tuple[Money, ...]) -> dict[str, float]:
    """Amounts by currency; every one in these tests is a whole number of cents, which a float holds."""
    return {item.currency: float(item.amount) for item in money}


def received(minutes: str, *, at: date = JUNE, **uc: Any) -> Credit:
    """What the contract of psp owes when psp fails for so many minutes."""
    (found,) = [
        credit
        for credit in exposure(assess(*shop(**uc), at=at), "psp", minutes=minutes).owed
        if credit.agreement.key == "uc"
    ]
    return found


def money_of(credit: Credit) -> Decimal:
    assert credit.amount is not None
    return credit.amount.amount


# ---- an outage of an hour --------------------------------------------------------------------------------------------


def test_an_hour_costs_1000_of_which_200_come_back() -> None:
    """60 min of 43 200 leave 99.861 %: below 99.9 and 99.95, not below 99: 10 % of 10 000 and 10 % of 2 000."""
    found = exposure(assess(*shop()), "psp", minutes="60")
    assert amounts(found.payable) == {"EUR": 1000}
    assert amounts(found.receivable) == {"EUR": 200}
    assert amounts(found.net) == {"EUR": 800}
    assert found.recovery_ratio == Decimal("0.2")
    assert found.is_complete
    assert [(c.agreement.key, c.entity) for c in found.owed] == [("sla", "sales"), ("uc", "psp")]
    assert [(c.minutes, money_of(c)) for c in found.owed] == [(Decimal(60), Decimal(1000)), (Decimal(60), Decimal(200))]


def test_nothing_fails_and_nothing_is_owed() -> None:
    for found in (exposure(assess(*shop()), minutes="60"), exposure(assess(*shop()), "psp", minutes="0")):
        assert (found.payable, found.receivable, found.net, found.owed) == ((), (), (), ())
        assert found.recovery_ratio is None


@pytest.mark.parametrize(
    ("minutes", "payable", "receivable"),
    [
        ("21.6", 0, 0),  # 99.95 % exactly is not less than 99.95 %
        ("21.7", 0, 200),
        ("43.2", 0, 200),
        ("43.3", 1000, 200),
        ("432", 1000, 200),
        ("432.1", 2500, 600),
        ("1000000", 2500, 600),  # longer than the month: all of it
    ],
)
def test_tiers_are_reached_strictly_below_their_figure(minutes: str, payable: int, receivable: int) -> None:
    found = exposure(assess(*shop()), "psp", minutes=minutes)
    assert amounts(found.payable).get("EUR", 0) == payable
    assert amounts(found.receivable).get("EUR", 0) == receivable


def test_our_own_failure_is_ours_to_pay() -> None:
    found = exposure(assess(*shop()), "sales", minutes="60")
    assert amounts(found.payable) == {"EUR": 1000}
    assert amounts(found.receivable) == {}
    assert found.recovery_ratio == 0


def test_what_a_redundant_group_carries_costs_nothing_but_what_the_vendor_owes() -> None:
    spared = [s for s in shop() if s != needs("sales", "psp")]
    found = assess(*spared, external("other"), needs("sales", "other", "psp", k=1, name="either"))
    alone = exposure(found, "psp", minutes="60")
    assert (amounts(alone.payable), amounts(alone.receivable), amounts(alone.net)) == ({}, {"EUR": 200}, {"EUR": -200})
    assert amounts(exposure(found, "psp", "other", minutes="60").payable) == {"EUR": 1000}


def test_minutes_survived_without_a_supplier_do_not_count() -> None:
    """Sales survives 10 min without psp: of 60 it is down 50, of 53 only 43, which 99.9 % allows."""
    tolerant = RequirementGroup("sales", 1, (Member("psp", Decimal(10)),))
    found = assess(*(tolerant if s == needs("sales", "psp") else s for s in shop()))
    assert [c.minutes for c in exposure(found, "psp", minutes="60").owed] == [50, 60]
    assert amounts(exposure(found, "psp", minutes="53").payable) == {}


# ---- kinds -----------------------------------------------------------------------------------------------------------


def test_proportional_credits_the_fee_of_the_time_that_was_lost() -> None:
    kind: dict[str, Any] = {"credit_kind": CreditKind.PROPORTIONAL, "credits": ()}
    assert money_of(received("432", percent="100", **kind)) == 20  # 1 % of June, 2 000 a month
    assert money_of(received("20", **kind)) == 0  # 99.95 % is kept
    assert money_of(received("43200", **kind)) == 2000


def test_service_days_credit_days_of_the_fee_for_the_event() -> None:
    """3 000 EUR a month are 100 a day in June and 3 000/31 in July; a tier's number is its days."""
    fee, kind = eur("3000"), CreditKind.SERVICE_DAYS
    days = tiers(_99_95="3", _99="7")
    assert money_of(received("60", fee=fee, credit_kind=kind, credits=days)) == 300
    assert money_of(received("500", fee=fee, credit_kind=kind, credits=days)) == 700
    assert money_of(received("20", fee=fee, credit_kind=kind, credits=days)) == 0
    assert money_of(received("60", fee=fee, credit_kind=kind, credits=())) == 100  # one day where no tier is written
    july = money_of(received("60", at=JULY, fee=fee, credit_kind=kind, credits=()))
    assert abs(july - Decimal(3000) / 31) < Decimal("1e-20")


def test_a_right_to_leave_is_no_money() -> None:
    found = received("43200", credit_kind=CreditKind.TERMINATION_RIGHT, credits=())
    assert (found.amount, found.is_unknown, found.reasons) == (None, False, ())


def test_without_a_credit_there_is_no_penalty() -> None:
    found = received("43200", credits=())
    assert (found.amount, found.is_unknown, found.reasons) == (None, False, (ReasonCode.NO_PENALTY,))


# ---- fees and windows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "fee", "at", "expected"),
    [
        # 10 % of what the window costs. 2 000 a month are 6 000 a quarter and 24 000 a year; 24 000 a year the same.
        (MONTH, eur("24000", YEARLY), JUNE, Decimal(200)),
        (Window(WindowKind.CALENDAR_QUARTER), eur("2000"), JUNE, Decimal(600)),
        (YEAR, eur("2000"), JUNE, Decimal(2400)),
        (Window(WindowKind.CONTRACT_YEAR), eur("24000", YEARLY), JUNE, Decimal(2400)),
        # 30 days of a month's fee: all of it in June, 30/31 of it in July.
        (rolling(30), eur("2000"), JUNE, Decimal(200)),
        (rolling(30), eur("3100"), JULY, Decimal(300)),
        # A fee for 30 days: June is one of these, July 31/30.
        (MONTH, eur("3000", Period(days=30)), JUNE, Decimal(300)),
        (MONTH, eur("3000", Period(days=30)), JULY, Decimal(310)),
        # 2026 has 365 days.
        (rolling(73), eur("1000", YEARLY), JUNE, Decimal(20)),
    ],
)
def test_the_fee_is_that_of_the_promises_window(window: Window, fee: Fee, at: date, expected: Decimal) -> None:
    found = received("300", at=at, window=window, fee=fee, credits=tiers(_99_95="10"))
    assert money_of(found) == expected


def test_only_service_hours_and_long_outages_count() -> None:
    """Office hours of June 2026: 22 weekdays of 600 min, so 99.95 % allows 6.6 min."""
    office: dict[str, Any] = {"service_hours": "Mon-Fri 08:00-18:00"}
    assert money_of(received("6.6", **office)) == 0
    assert money_of(received("7", **office)) == 200
    assert received("40000", **office).minutes == 13_200
    brief = (Exclusion(ExclusionKind.SHORTER_THAN, minutes=Decimal(30)),)
    assert money_of(received("29", excludes=brief)) == 0
    assert money_of(received("30", excludes=brief)) == 200


# ---- caps, deadlines, what is not known ------------------------------------------------------------------------------


def test_credits_are_cut_off_at_the_cap_of_twelve_months() -> None:
    """5 % of 24 000 is 1 200; of all of the month's fee, 2 000, that much is paid."""
    cap = CreditCap(Decimal("0.05"), YEARLY)
    assert money_of(received("60", credits=tiers(_99_95="100"), credit_cap=cap)) == 1200
    assert money_of(received("60", credit_cap=cap)) == 200


def test_a_cap_is_for_all_that_one_agreement_credits() -> None:
    """Two externals under one contract, 10 % of 2 000 each, and a cap of 15 % of a month."""
    found = assess(
        *shop(
            external("psp-2", "psp-inc"),
            target("uc", "99.95", "psp-2", extent=Extent.END_TO_END, credits=THEIRS),
            credit_cap=CreditCap(Decimal("0.15"), MONTHLY),
        )
    )
    both = exposure(found, "psp", "psp-2", minutes="60")
    assert amounts(both.receivable) == {"EUR": 300}
    assert [money_of(c) for c in both.owed if c.agreement.key == "uc"] == [200, 100]


def test_a_late_claim_gives_nothing() -> None:
    found = assess(*shop(claim_within=Decimal(43_200)))
    in_time = exposure(found, "psp", minutes="60", claimed_after="43200")
    late = exposure(found, "psp", minutes="60", claimed_after="43201")
    assert amounts(in_time.receivable) == {"EUR": 200}
    assert in_time.owed[1].reasons == ()
    assert late.receivable == ()
    assert late.owed[1].reasons == (ReasonCode.CLAIM_EXPIRED,)
    assert amounts(late.payable) == {"EUR": 1000}
    assert late.recovery_ratio == 0
    assert late.is_complete


def test_what_a_customer_is_owed_and_nobody_knows_leaves_no_ratio() -> None:
    found = exposure(assess(*shop(sla={"fee": None})), "psp", minutes="60")
    assert found.payable == ()
    assert amounts(found.receivable) == {"EUR": 200}
    assert (found.recovery_ratio, found.is_complete) == (None, False)
    assert found.owed[0].reasons == (ReasonCode.NO_AMOUNT,)
    kept = exposure(assess(*shop(sla={"fee": None})), "psp", minutes="40")  # within the promise: nothing is unknown
    assert kept.is_complete


def test_what_a_vendor_owes_and_nobody_knows_counts_as_nothing() -> None:
    found = exposure(assess(*shop(fee=None)), "psp", minutes="60")
    assert amounts(found.payable) == {"EUR": 1000}
    assert found.receivable == ()
    assert found.recovery_ratio == 0
    assert not found.is_complete
    no_tier = received("60", credit_kind=CreditKind.PERCENT_OF_FEE, credits=())
    assert (no_tier.amount, no_tier.is_unknown, no_tier.reasons) == (None, True, (ReasonCode.NO_AMOUNT,))


def test_a_share_of_requests_cannot_be_told_from_minutes() -> None:
    found = shop(ours={"credits": OURS, "measure": Measure.REQUEST})
    hit = exposure(assess(*found), "psp", minutes="60")
    assert (hit.payable, hit.recovery_ratio, hit.is_complete) == ((), None, False)
    assert hit.owed[0].reasons == (ReasonCode.METRIC_MISMATCH,)


def test_a_promise_of_another_metric_without_a_credit_is_not_hit() -> None:
    latency = Target("sla", 1, "latency_p95", Comparator.AT_MOST, Decimal(300), "ms", MONTH, Extent.END_TO_END, "sales")
    hit = exposure(assess(*shop(latency)), "psp", minutes="60")
    assert [credit.target.metric for credit in hit.owed] == ["availability", "availability"]
    assert hit.is_complete
    priced = exposure(assess(*shop(replace(latency, credit_kind=CreditKind.SERVICE_DAYS))), "psp", minutes="60")
    assert ReasonCode.METRIC_MISMATCH in {reason for credit in priced.owed for reason in credit.reasons}
    assert not priced.is_complete


def test_two_currencies_are_never_added() -> None:
    found = exposure(assess(*shop(fee=Fee(Money(Decimal(3000), "USD"), MONTHLY))), "psp", minutes="60")
    assert amounts(found.payable) == {"EUR": 1000}
    assert amounts(found.receivable) == {"USD": 300}
    assert amounts(found.net) == {"EUR": 1000, "USD": -300}
    assert found.recovery_ratio is None


# ---- whose outage it is ----------------------------------------------------------------------------------------------


def test_what_our_promise_excludes_costs_nothing() -> None:
    for excluded in (Exclusion(ExclusionKind.THIRD_PARTY), Exclusion(ExclusionKind.ENTITIES, entities=("psp",))):
        found = assess(*shop(sla={"excludes": (excluded,)}))
        assert amounts(exposure(found, "psp", minutes="60").payable) == {}
        assert amounts(exposure(found, "sales", minutes="60").payable) == {"EUR": 1000}


def test_a_vendor_answers_for_what_is_beneath_as_far_as_it_promised() -> None:
    beneath = (external("cloud"), needs("psp", "cloud"))
    third = (Exclusion(ExclusionKind.THIRD_PARTY),)
    for terms, expected in (({}, 200), ({"extent": Extent.INTRINSIC}, 0), ({"excludes": third}, 0)):
        found = assess(*shop(*beneath, **terms))
        assert amounts(exposure(found, "cloud", minutes="60").receivable).get("EUR", 0) == expected, terms
        assert amounts(exposure(found, "psp", minutes="60").receivable) == {"EUR": 200}


def test_what_a_scenario_has_failed_costs_with_nothing_else_named() -> None:
    for statements in (shop(), shop(extent=Extent.INTRINSIC)):
        found = assess(*statements).under(Scenario((Fail(FailureLevel.ENTITY, "psp"),)))
        alone = exposure(found, minutes="60")
        assert (amounts(alone.payable), amounts(alone.receivable)) == ({"EUR": 1000}, {"EUR": 200})
    excluded = shop(sla={"excludes": (Exclusion(ExclusionKind.THIRD_PARTY),)})
    spared = exposure(assess(*excluded).under(Scenario((Fail(FailureLevel.ENTITY, "psp"),))), minutes="60")
    assert (amounts(spared.payable), amounts(spared.receivable)) == ({}, {"EUR": 200})


def test_of_contracts_that_apply_alike_the_least_is_counted() -> None:
    other = promised("uc-2", UC, "psp-inc", "psp", "99.95", fee=eur("500"))
    found = assess(*shop(), other[0], replace(other[1], credits=THEIRS))
    assert amounts(exposure(found, "psp", minutes="60").receivable) == {"EUR": 50}


def test_one_commitment_tells_what_it_owes() -> None:
    found = assess(*shop(sla={"credit_cap": CreditCap(Decimal("0.1"), MONTHLY)}))
    about = found.promises.commitment(SALES)
    assert money_of(found.promises.credit(about, Decimal(60))) == 1000
    assert money_of(found.promises.credit(about, Decimal(500))) == 1000  # 2 500, capped
    assert money_of(found.promises.credit(about, Decimal(40))) == 0
