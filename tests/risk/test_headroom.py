"""Headroom of the worked model `checkout` (section 4), and every rule for a verdict and its reasons."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from risk.results import Headroom
from risk.terms import Ledger, ReasonCode, Verdict
from tests.risk.estates import (
    FEBRUARY,
    GOLD,
    JULY,
    OLA,
    SLA,
    assess,
    by_supplier,
    checkout,
    external,
    near,
    promised,
)
from tests.statements import needs
from topology.model import (
    AgreementType,
    Extent,
)

NANO = Decimal("1e-9")


@pytest.mark.parametrize(
    ("supplier", "allowance", "headroom", "extra_nine"),
    [
        ("cdn", "4.32", "38.88", True),
        ("identity", "4.32", "38.88", True),
        ("cloud-x", "4.32", "38.88", True),
        ("orders-db", "21.6", "21.6", False),
        ("psp-a", "21.6", "21.6", False),
        ("psp-b", "43.2", "0", False),
    ],
)
def test_every_link_of_checkout_leaves_headroom_or_meets_it_exactly(
    supplier: str, allowance: str, headroom: str, extra_nine: bool
) -> None:
    link = by_supplier(assess(*checkout()))[supplier]
    assert (link.allowance, link.headroom, link.extra_nine) == (Decimal(allowance), Decimal(headroom), extra_nine)
    assert (ReasonCode.EXTRA_NINE_FAIL in link.reasons) is not extra_nine
    assert link.verdict is (Verdict.UNCOVERED if supplier == "cloud-x" else Verdict.COVERED)
    assert link.bounded


def test_and_yet_the_promise_cannot_be_kept() -> None:
    found = assess(*checkout())
    headroom = found.promises.headroom(GOLD)
    assert found.promises.commitment(GOLD).budget == Decimal("43.2")
    assert near(headroom.expected_minutes, "-4.3221")
    assert headroom.guaranteed_minutes == Decimal("-25.92")
    assert headroom.verdict is Verdict.SHORTFALL
    assert ReasonCode.GUARANTEED_SHORTFALL in headroom.reasons
    assert headroom.window is not None
    assert (headroom.window.start, headroom.window.end) == (
        datetime(2026, 6, 1, tzinfo=UTC),
        datetime(2026, 7, 1, tzinfo=UTC),
    )
    assert (headroom.window.service_minutes, headroom.window.timezone) == (Decimal(43_200), "UTC")


def test_real_months_scale_the_minutes() -> None:
    for at, days in ((JULY, 31), (FEBRUARY, 28)):
        found = assess(*checkout(), at=at)
        assert found.promises.commitment(GOLD).budget == Decimal("43.2") * days / 30
        headroom = found.promises.headroom(GOLD)
        assert headroom.guaranteed_minutes == Decimal("-25.92") * days / 30
        assert near(headroom.expected_minutes, {31: "-4.466212", 28: "-4.033998"}[days])  # -4.322140 x days / 30
        assert by_supplier(found)["psp-b"].headroom == 0


def test_end_to_end_contracts_are_backed_out() -> None:
    headroom = assess(*checkout(extent=Extent.END_TO_END)).promises.headroom(GOLD)
    assert near(headroom.expected_minutes, "-4.316102")
    # Floor .9985, cloud-x being beneath the acquirers only: -21.6 of 43.2.
    assert headroom.guaranteed_minutes == Decimal("-21.6")


def test_silver_leaves_168_minutes() -> None:
    headroom = assess(*checkout(sla="99.5")).promises.headroom(GOLD)
    assert near(headroom.expected_minutes, "168.478")
    assert headroom.verdict is Verdict.COVERED


def test_a_fourth_party_without_contract_is_named_so() -> None:
    cloud = by_supplier(assess(*checkout()))["cloud-x"]
    assert cloud.agreement is None
    assert {ReasonCode.NO_AGREEMENT, ReasonCode.FOURTH_PARTY_NO_CONTRACT} <= set(cloud.reasons)


def test_a_supplier_needed_directly_as_well_is_no_fourth_party() -> None:
    cloud = by_supplier(assess(*checkout(cloud=(needs("web", "cloud-x"),))))["cloud-x"]
    assert ReasonCode.FOURTH_PARTY_NO_CONTRACT not in cloud.reasons
    assert cloud.verdict is Verdict.UNCOVERED


def test_beneath_another_product_of_the_same_vendor_is_no_fourth_party() -> None:
    same = replace(external("cloud-x", percent="99.99"), provider="psp-a-inc")
    statements = [s for s in checkout() if getattr(s, "key", None) != "cloud-x"]
    assert ReasonCode.FOURTH_PARTY_NO_CONTRACT not in by_supplier(assess(*statements, same))["cloud-x"].reasons


def test_what_is_needed_only_softly_is_not_required() -> None:
    email = by_supplier(assess(*checkout()))["email"]
    assert (email.verdict, email.headroom) == (Verdict.NOT_REQUIRED, Decimal(0))


def test_links_come_once_each_in_order_of_key() -> None:
    suppliers = [link.supplier for link in assess(*checkout()).promises.links(GOLD)]
    assert suppliers == ["cdn", "cloud-x", "email", "identity", "orders-db", "psp-a", "psp-b"]


def test_a_margin_makes_thin_what_leaves_less() -> None:
    found = assess(*checkout())
    with_margin = {link.supplier: link.verdict for link in found.promises.links(GOLD, Decimal(30))}
    assert with_margin["psp-b"] is with_margin["orders-db"] is Verdict.THIN
    assert with_margin["cdn"] is Verdict.COVERED
    assert with_margin["cloud-x"] is Verdict.UNCOVERED
    silver = assess(*checkout(sla="99.5"))
    assert silver.promises.headroom(GOLD, Decimal("168.4")).verdict is Verdict.COVERED
    assert silver.promises.headroom(GOLD, Decimal("168.5")).verdict is Verdict.THIN


def test_without_exclusions_both_ledgers_agree() -> None:
    found = assess(*checkout())
    assert found.promises.headroom(GOLD) == found.promises.headroom(GOLD, ledger=Ledger.CONTRACTUAL)


def test_commitments_are_slas_unless_olas_are_asked_for_and_the_worst_comes_first() -> None:
    found = assess(*checkout(), *promised("sla-silver", SLA, "shop", "checkout", "99.5"))
    keys = [c.key for c in found.promises.commitments()]
    assert keys == [GOLD, "sla-silver/checkout/availability/calendar_month"]
    ola = "ola-data/orders-db/availability/calendar_month"
    assert [c.key for c in found.promises.commitments((AgreementType.OLA,))] == [ola]
    assert [c.key for c in found.promises.commitments((SLA, OLA))] == [GOLD, ola, keys[1]]


def test_the_guarantee_is_never_above_the_expectation() -> None:
    for sla in ("99", "99.5", "99.9", "99.99"):
        for extent in Extent:
            found: Headroom = assess(*checkout(sla=sla, extent=extent)).promises.headroom(GOLD)
            assert found.expected_minutes is not None
            assert found.guaranteed_minutes is not None
            assert found.guaranteed_minutes <= found.expected_minutes + NANO
