"""What a vendor owes for an outage, held against what the outage makes us owe."""

from decimal import Decimal

from risk.assessment import Assessment
from risk.results import Finding
from risk.terms import FindingCode, ReasonCode
from tests.risk.estates import (
    assess,
    external,
)
from tests.risk.test_credits import MONTHLY, SALES, YEARLY, eur, shop
from tests.statements import needs
from topology.facts import Statement
from topology.model import (
    CreditCap,
    CreditKind,
    Exclusion,
    ExclusionKind,
    Fee,
    Money,
)


def link_reasons(*statements: Statement) -> tuple[ReasonCode, ...]:
    (link,) = [k for k in assess(*statements).promises.links(SALES) if k.supplier == "psp"]
    return link.reasons


def test_a_vendor_that_owes_less_than_its_outage_costs_is_told() -> None:
    """At most 30 % of 2 000 come back for 25 % of 10 000; a month's whole outage is the most of either."""
    below = ReasonCode.PENALTY_BELOW_EXPOSURE
    assert below in link_reasons(*shop())
    assert below in link_reasons(*shop(credit_kind=CreditKind.TERMINATION_RIGHT, credits=()))
    assert below in link_reasons(*shop(fee=eur("100000"), credit_cap=CreditCap(Decimal("0.001"), YEARLY)))
    assert {below, ReasonCode.NO_PENALTY} <= set(link_reasons(*shop(credits=())))


def test_a_vendor_that_owes_enough_or_whose_outage_costs_nothing_is_not() -> None:
    enough = shop(fee=eur("8334"))  # 30 % are 2 500.20
    spared = [s for s in shop() if s != needs("sales", "psp")]
    redundant = (*spared, external("other"), needs("sales", "other", "psp", k=1, name="either"))
    free = shop(ours={"credits": ()})
    excluded = shop(sla={"excludes": (Exclusion(ExclusionKind.THIRD_PARTY),)})
    unknown = (shop(fee=None), shop(sla={"fee": None}))
    other_money = shop(fee=Fee(Money(Decimal(1), "USD"), MONTHLY))
    for statements in (enough, redundant, free, excluded, *unknown, other_money):
        assert ReasonCode.PENALTY_BELOW_EXPOSURE not in link_reasons(*statements)


def test_it_stays_with_the_link() -> None:
    assert ReasonCode.PENALTY_BELOW_EXPOSURE not in assess(*shop()).promises.headroom(SALES).reasons


def shortfalls(found: Assessment) -> list[Finding]:
    return [f for f in found.findings() if f.code is FindingCode.PROMISE_IN_SHORTFALL]


def test_a_shortfall_tells_what_it_costs_in_the_window() -> None:
    """99.5 % of psp is 216 min of June: 10 % of 10 000; without a credit or a fee it has no price."""
    (priced,) = shortfalls(assess(*shop(percent="99.5")))
    assert priced.minutes == Decimal("172.8")
    assert priced.money == Money(Decimal(1000), "EUR")
    for unpriced in (shop(percent="99.5", ours={"credits": ()}), shop(percent="99.5", sla={"fee": None})):
        assert [finding.money for finding in shortfalls(assess(*unpriced))] == [None]
    assert shortfalls(assess(*shop())) == []
