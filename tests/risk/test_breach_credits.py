"""The credit that a breach clock shows, by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from risk.assessment import Assessment
from risk.failing import Failing
from risk.terms import FailureLevel
from tests.risk.estates import (
    SLA,
    assess,
    entity,
    external,
    promised,
)
from tests.risk.test_breach import SHOP, clocks
from tests.statements import company, needs, vendor
from topology.model import (
    CreditCap,
    CreditTier,
    Exclusion,
    ExclusionKind,
    Fee,
    Money,
    Period,
)


def paid(found: Assessment, minutes: int | None, used: str | None = None, **more: Any) -> str | None:
    """The credit of the shop's promise, as text."""
    clock = clocks(found, "srv", minutes, used={SHOP: Decimal(used)} if used else None, **more)[SHOP]
    return None if clock.credit is None else f"{clock.credit.amount:f} {clock.credit.currency}"


TIERS = (CreditTier(Decimal("0.999"), Decimal("0.1")), CreditTier(Decimal("0.99"), Decimal("0.25")))


def paying_shop(credits_: tuple[CreditTier, ...] = TIERS, fee: str | None = "1000", **terms: Any) -> Assessment:
    """99.9 % a month, 10 % of 1000 EUR below, 25 % below 99 %: more than 43.2, than 432 minutes of June."""
    month = None if fee is None else Fee(Money(Decimal(fee), "EUR"), Period(months=1))
    (agreement, goal) = promised("sla", SLA, "us", "shop", "99.9", fee=month, **terms)
    return assess(
        company("us"),
        entity("shop"),
        external("srv"),
        vendor("srv-inc"),
        needs("shop", "srv"),
        agreement,
        replace(goal, credits=credits_),
    )


def test_the_credit_is_that_of_the_tier_that_the_outage_reaches() -> None:
    found = paying_shop()
    assert [paid(found, minutes) for minutes in (43, 44, 432, 433)] == ["0 EUR", "100.0 EUR", "100.0 EUR", "250.00 EUR"]
    assert paid(found, 14, used="30") == "100.0 EUR"
    assert paid(found, None) is None


def test_without_a_fee_or_a_tier_nobody_can_tell_the_credit() -> None:
    assert paid(paying_shop(fee=None), 60) is None
    assert paid(paying_shop(credits_=()), 60) is None


def test_the_credit_is_that_of_the_version_in_force_when_the_outage_begins() -> None:
    """Version 2 owes half of 2000 EUR where version 1 owes a tenth of 1000; 60 minutes break either."""
    fees = [Fee(Money(Decimal(amount), "EUR"), Period(months=1)) for amount in (1000, 2000)]
    (first, goal) = promised("sla", SLA, "us", "shop", "99.9", fee=fees[0])
    second = replace(first, version=2, start=date(2026, 7, 1), fee=fees[1])
    halves = replace(goal, version=2, credits=(CreditTier(Decimal("0.999"), Decimal("0.5")),))
    model = (company("us"), entity("shop"), entity("srv"), needs("shop", "srv"), first, second)
    found = assess(*model, replace(goal, credits=TIERS), halves)
    assert paid(found, 60, started_at=datetime(2026, 6, 2, tzinfo=UTC)) == "100.0 EUR"
    assert paid(found, 60, started_at=datetime(2026, 7, 2, tzinfo=UTC)) == "1000.0 EUR"


def test_a_credit_is_cut_off_at_its_cap() -> None:
    cap = CreditCap(Decimal("0.05"), Period(months=1))
    assert paid(paying_shop(credit_cap=cap), 60) == "50.00 EUR"


def test_only_service_minutes_are_credited() -> None:
    """At night nothing is owed; 10 % of 13 200 minutes of service are gone after 13.2."""
    found = paying_shop(service_hours="Mon-Fri 08:00-18:00")
    night, morning = datetime(2026, 6, 8, 20, 0, tzinfo=UTC), datetime(2026, 6, 8, 9, 0, tzinfo=UTC)
    assert paid(found, 60, started_at=night) == "0 EUR"
    assert paid(found, 60, started_at=morning) == "100.0 EUR"


def test_what_an_agreement_excludes_still_breaks_the_promise_for_the_customer_and_is_not_credited() -> None:
    found = paying_shop(excludes=(Exclusion(ExclusionKind.THIRD_PARTY),))
    assert paid(found, 60) == "0 EUR"
    assert clocks(found, "srv", 60)[SHOP].minutes_to_breach == Decimal("43.2")
    assert paid(paying_shop(excludes=(Exclusion(ExclusionKind.FORCE_MAJEURE),)), 60) == "100.0 EUR"


def test_the_credit_is_that_of_the_credit_exposure() -> None:
    found = paying_shop()
    failing = [Failing(FailureLevel.ENTITY, "srv")]
    exposure = found.promises.credit_exposure(found.failures.entities_of(failing), Decimal(60))
    assert exposure.payable == (clocks(found, "srv", 60)[SHOP].credit,)
