"""Every reason code once: an estate that raises it, and the nearest one that does not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from risk.assessment import Assessment
from risk.terms import ReasonCode
from tests.risk.estates import MONTH, OLA, SLA, UC, YEAR, agreement, assess, entity, external, promised, rolling, target
from tests.statements import company, degrades, needs
from topology.facts import Statement
from topology.model import (
    AgreementStatus,
    Comparator,
    CreditCap,
    CreditTier,
    EntityKind,
    Exclusion,
    ExclusionKind,
    Extent,
    Fee,
    Maintenance,
    Money,
    Period,
    Target,
    Validity,
    Window,
    WindowKind,
)

Reasons = Callable[[Assessment], tuple[ReasonCode, ...]]
SALES = "sla/sales/availability/calendar_month"
TEN_PERCENT = (CreditTier(Decimal("0.9999"), Decimal("0.1")),)
FEE = Fee(Money(Decimal(1000), "EUR"), Period(months=1))


def link(found: Assessment) -> tuple[ReasonCode, ...]:
    (about,) = [k for k in found.promises.links(found.promises.commitments()[0].key) if k.supplier == "psp"]
    return about.reasons


def whole(found: Assessment) -> tuple[ReasonCode, ...]:
    return found.promises.headroom(found.promises.commitments()[0].key).reasons


def missing(found: Assessment) -> tuple[ReasonCode, ...]:
    return tuple(figure.reason for figure in found.composite("sales").missing)


def asked(found: Assessment) -> tuple[ReasonCode, ...]:
    return found.promises.negotiation(SALES, "psp").reasons


def claimed(found: Assessment) -> tuple[ReasonCode, ...]:
    owed = found.promises.credit_exposure([found.system.number("psp")], Decimal(60), Decimal(100)).owed
    return tuple(reason for credit in owed for reason in credit.reasons)


def shop(*more: Statement, sla: dict[str, Any] | None = None, promise: dict[str, Any] | None = None) -> tuple[Any, ...]:
    """Sales is sold at 99.9 % and needs psp."""
    return (
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        external("psp"),
        needs("sales", "psp"),
        agreement("sla", SLA, "acme", **(sla or {})),
        target("sla", "99.9", "sales", **{"extent": Extent.END_TO_END, **(promise or {})}),
        *more,
    )


def contract(percent: str = "99.99", **terms: Any) -> tuple[Statement, ...]:
    """What psp's vendor promises; with credits, so that nothing is to be said of them."""
    promise = {"credits": TEN_PERCENT} | {k: terms.pop(k) for k in ("window", "credits") if k in terms}
    covers = terms.pop("covers", "psp")
    extent = terms.pop("extent", Extent.END_TO_END)
    return (agreement("uc", UC, "psp-inc", **terms), target("uc", percent, covers, extent=extent, **promise))


def excluding(kind: ExclusionKind, **terms: Any) -> dict[str, Any]:
    return {"excludes": (Exclusion(kind, **terms),)}


def repair(about: str, covers: str, minutes: str) -> Target:
    window, at_most = Window(WindowKind.PER_INCIDENT), Comparator.AT_MOST
    extent = Extent.INTRINSIC if about == "uc" else Extent.END_TO_END
    return Target(about, 1, "time_to_repair", at_most, Decimal(minutes), "min", window, extent, covers)


COVERED = shop(*contract())
PLANNED = (Maintenance(weekly="Sun 02:00-04:00"),)
REPAIRED = (company("acme"), entity("sales", EntityKind.TRANSACTION), external("psp"), external("cloud"))
REPAIRS = (
    *REPAIRED,
    needs("sales", "psp"),
    needs("psp", "cloud"),
    agreement("sla", SLA, "acme"),
    repair("sla", "sales", "240"),
    agreement("uc", UC, "psp-inc"),
    repair("uc", "psp", "60"),
)
PRICED = {"fee": FEE}
OURS = {"credits": TEN_PERCENT}


@dataclass(frozen=True)
class Row:
    code: ReasonCode
    reasons: Reasons
    raised: tuple[Any, ...]
    quiet: tuple[Any, ...] = COVERED


ROWS = [
    Row(ReasonCode.NO_AGREEMENT, link, shop()),
    Row(ReasonCode.EXPIRED, link, shop(*contract(end=date(2026, 6, 29))), shop(*contract(end=date(2026, 6, 30)))),
    Row(ReasonCode.FUTURE, link, shop(*contract(start=date(2026, 7, 1))), shop(*contract(start=date(2026, 6, 30)))),
    Row(
        ReasonCode.EXPIRES_BEFORE_COMMITMENT,
        link,
        shop(*contract(end=date(2026, 12, 31)), sla={"end": date(2027, 1, 1)}),
        shop(*contract(end=date(2026, 12, 31)), sla={"end": date(2026, 12, 31)}),
    ),
    Row(ReasonCode.SUSPENDED, link, shop(*contract(status=AgreementStatus.SUSPENDED))),
    Row(ReasonCode.TERMINATED, link, shop(*contract(status=AgreementStatus.TERMINATED))),
    Row(ReasonCode.DRAFT_ONLY, link, shop(*contract(status=AgreementStatus.DRAFT))),
    Row(
        ReasonCode.ASSUMED_RENEWAL,
        link,
        shop(*contract(end=date(2026, 1, 31), auto_renew=Period(months=12))),
        shop(*contract(end=date(2027, 1, 31), auto_renew=Period(months=12))),
    ),
    Row(ReasonCode.NO_TARGET, link, shop(agreement("uc", UC, "psp-inc", "psp"))),
    Row(ReasonCode.METRIC_MISMATCH, link, shop(agreement("uc", UC, "psp-inc"), repair("uc", "psp", "60"))),
    Row(ReasonCode.WINDOW_MISMATCH, link, shop(*contract(window=YEAR))),
    Row(ReasonCode.HOURS_GAP, link, shop(*contract(service_hours="Mon-Fri 08:00-18:00"))),
    Row(
        ReasonCode.MAINTENANCE_GAP,
        link,
        shop(*contract(maintenance=PLANNED, **excluding(ExclusionKind.MAINTENANCE))),
        shop(*contract(maintenance=PLANNED)),  # planned, and counted as downtime
    ),
    Row(
        ReasonCode.ROLLING_UPPER_BOUND,
        link,
        shop(*contract(window=rolling(30), service_hours="Mon-Fri 08:00-18:00")),
        shop(*contract(window=rolling(30))),
    ),
    Row(ReasonCode.UNBOUNDED_EXCLUSION, link, shop(*contract(**excluding(ExclusionKind.CUSTOMER_FAULT)))),
    Row(
        ReasonCode.MIN_DURATION_CARVEOUT,
        link,
        shop(*contract(**excluding(ExclusionKind.SHORTER_THAN, minutes=Decimal(5)))),
    ),
    Row(
        ReasonCode.FORCE_MAJEURE_NOT_PASSED_THROUGH,
        link,
        shop(*contract(**excluding(ExclusionKind.FORCE_MAJEURE))),
        shop(*contract(**excluding(ExclusionKind.FORCE_MAJEURE)), sla=excluding(ExclusionKind.FORCE_MAJEURE)),
    ),
    Row(ReasonCode.GUARANTEED_SHORTFALL, whole, shop(*contract("99.8"))),
    Row(
        ReasonCode.AMBIGUOUS_AGREEMENT,
        link,
        shop(*contract(), *promised("uc-2", UC, "psp-inc", "psp", "99.99")),
        shop(*contract(), *promised("uc-2", UC, "psp-inc", "psp", "99.99", precedence=1)),
    ),
    Row(ReasonCode.NO_PENALTY, link, shop(*contract(credits=()))),
    Row(
        ReasonCode.PENALTY_BELOW_EXPOSURE,
        link,
        shop(*contract(fee=replace(FEE, amount=Money(Decimal(999), "EUR"))), sla=PRICED, promise=OURS),
        shop(*contract(fee=FEE), sla=PRICED, promise=OURS),
    ),
    Row(
        ReasonCode.TIER_BELOW_REQUIRED,
        link,
        shop(*contract(service_tier="silver"), sla={"service_tier": "gold"}),
        shop(*contract(service_tier="gold"), sla={"service_tier": "gold"}),
    ),
    Row(
        ReasonCode.FOURTH_PARTY_NO_CONTRACT,
        link,
        (*shop()[:3], external("gate"), needs("sales", "gate"), needs("gate", "psp"), *shop()[4:]),
        shop(),  # uncovered, and a party of our own
    ),
    Row(
        ReasonCode.PROMISE_EXCEEDS_SUPPLY,
        link,
        shop(*contract(), external("cloud", percent="99"), needs("psp", "cloud")),
        shop(*contract(), external("cloud", percent="99.999"), needs("psp", "cloud")),
    ),
    Row(ReasonCode.EXTRA_NINE_FAIL, link, shop(*contract("99.98"))),
    Row(
        ReasonCode.UNREACHABLE_BY_THIS_SUPPLIER,
        asked,
        shop(*contract(), entity("web", percent="99.8"), needs("sales", "web")),
        shop(*contract("99"), entity("web", percent="99.95"), needs("sales", "web")),
    ),
    Row(ReasonCode.NO_FIGURE, missing, shop()),
    Row(
        ReasonCode.NO_LOSS_STATED,
        missing,
        shop(*contract(), entity("mail"), degrades("sales", "mail")),
        shop(*contract(), entity("mail"), degrades("sales", "mail", "0.1")),
    ),
    Row(
        ReasonCode.RETIRED,
        link,
        (*COVERED[:2], replace(COVERED[2], valid=Validity(until=date(2026, 6, 29))), *COVERED[3:]),
    ),
    Row(
        ReasonCode.CLAIM_EXPIRED,
        claimed,
        shop(*contract(fee=FEE, claim_within=Decimal(99))),
        shop(*contract(fee=FEE, claim_within=Decimal(100))),
    ),
    Row(
        ReasonCode.NO_AMOUNT,
        claimed,
        shop(*contract()),
        shop(*contract(fee=FEE, credit_cap=CreditCap(Decimal(1), Period(months=12)))),
    ),
    Row(ReasonCode.CYCLE, whole, (*REPAIRS, needs("cloud", "psp")), REPAIRS),
]


def test_every_code_is_here_once() -> None:
    assert [row.code for row in ROWS] == list(ReasonCode)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.code))
def test_a_code_is_raised_where_its_facts_hold_and_not_beside_them(row: Row) -> None:
    assert row.code in row.reasons(assess(*row.raised))
    assert row.code not in row.reasons(assess(*row.quiet))


def test_a_sound_link_has_nothing_to_be_said() -> None:
    assert link(assess(*COVERED)) == ()


def test_months_and_olas_are_as_good_as_contracts() -> None:
    """The same codes for what a team promises another: what decides is the agreement, not its kind."""
    ola = promised("ola", OLA, "acme", "desk", "99.98", window=MONTH, end=date(2026, 6, 29))
    found = assess(*shop(*contract(), entity("desk", owner="acme"), needs("sales", "desk"), *ola))
    (about,) = [k for k in found.promises.links(SALES) if k.supplier == "desk"]
    assert ReasonCode.EXPIRED in about.reasons
