"""Estates for tests of the contract side, written as facts and planned like any other change."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from risk.assessment import Assessment
from risk.results import LinkHeadroom
from tests.statements import company, degrades, full, needs, vendor
from topology.facts import EntityStatement, Statement
from topology.model import (
    Agreement,
    AgreementType,
    Comparator,
    EntityKind,
    Extent,
    Party,
    PartyKind,
    Target,
    Window,
    WindowKind,
    default_extent,
)
from topology.planning import plan
from topology.snapshot import EMPTY, Snapshot

MONTH = Window(WindowKind.CALENDAR_MONTH)
YEAR = Window(WindowKind.CALENDAR_YEAR)
JUNE, JULY, FEBRUARY = date(2026, 6, 30), date(2026, 7, 15), date(2026, 2, 10)
SLA, OLA, UC, SLO = AgreementType.SLA, AgreementType.OLA, AgreementType.UC, AgreementType.SLO


def rolling(days: int) -> Window:
    return Window(WindowKind.ROLLING, days)


def estate(*statements: Statement) -> Snapshot:
    """The snapshot of these statements; nothing in them may be wrong."""
    planned = plan(EMPTY, full(*statements))
    assert not planned.errors, planned.errors
    return planned.after


def assess(*statements: Statement, at: date = JUNE) -> Assessment:
    return Assessment(estate(*statements), at)


def entity(key: str, kind: EntityKind = EntityKind.SERVICE, percent: str | None = None, **more: Any) -> EntityStatement:
    ratio = None if percent is None else Decimal(percent) / 100
    return replace(EntityStatement(key, kind, availability=ratio), **more)


def external(key: str, provider: str | None = None, percent: str | None = None, **more: Any) -> EntityStatement:
    return entity(key, EntityKind.EXTERNAL, percent, provider=provider or f"{key}-inc", **more)


def team(key: str) -> Party:
    return Party(key, PartyKind.TEAM, key)


def agreement(key: str, kind: AgreementType, provider: str, *covers: str, **more: Any) -> Agreement:
    return replace(Agreement(key, 1, kind, key, provider, covers=covers), **more)


def target(
    about: str,
    percent: str,
    covers: str | None = None,
    *,
    window: Window = MONTH,
    extent: Extent = Extent.INTRINSIC,
    **more: Any,
) -> Target:
    value = Decimal(percent) / 100
    found = Target(about, 1, "availability", Comparator.AT_LEAST, value, "ratio", window, extent, covers)
    return replace(found, **more)


def promised(
    key: str,
    kind: AgreementType,
    provider: str,
    covers: str,
    percent: str,
    *,
    window: Window = MONTH,
    extent: Extent | None = None,
    **more: Any,
) -> tuple[Agreement, Target]:
    """An agreement with one availability target."""
    return (
        agreement(key, kind, provider, **more),
        target(key, percent, covers, window=window, extent=extent or default_extent(kind)),
    )


def checkout(
    *,
    sla: str = "99.9",
    window: Window = MONTH,
    extent: Extent = Extent.INTRINSIC,
    cloud: tuple[Statement, ...] = (),
    **sla_terms: Any,
) -> tuple[Statement, ...]:
    """The worked model of the design, section 1; cloud-x has a stated availability and no contract."""
    vendors = [vendor(f"{key}-inc") for key in ("cdn", "identity", "psp-a", "psp-b", "cloud-x", "email")]
    contracts = [("cdn", "99.99"), ("identity", "99.99"), ("psp-a", "99.95"), ("psp-b", "99.9"), ("email", "99.9")]
    return (
        company("shop"),
        Party("customers", PartyKind.CUSTOMER, "Customers"),
        team("team-data"),
        team("team-shop"),
        *vendors,
        entity("checkout", EntityKind.TRANSACTION, owner="team-shop"),
        entity("web", percent="99.99", owner="team-shop"),
        entity("api", percent="99.99", owner="team-shop"),
        entity("payments", percent="99.99", owner="team-shop"),
        entity("orders-db", EntityKind.COMPONENT, owner="team-data"),
        *(external(key) for key in ("cdn", "identity", "psp-a", "psp-b", "email")),
        external("cloud-x", percent="99.99"),
        needs("checkout", "web"),
        needs("checkout", "api"),
        needs("web", "cdn"),
        needs("web", "identity"),
        needs("api", "payments"),
        needs("api", "orders-db"),
        needs("api", "identity"),
        degrades("api", "email", "0.02"),
        needs("payments", "psp-a", "psp-b", k=1, name="acquirers"),
        needs("psp-a", "cloud-x"),
        needs("psp-b", "cloud-x"),
        *promised("sla-gold", SLA, "shop", "checkout", sla, window=window, consumer="customers", **sla_terms),
        *promised("ola-data", OLA, "team-data", "orders-db", "99.95", consumer="team-shop"),
        *(
            statement
            for key, percent in contracts
            for statement in promised(f"uc-{key}", UC, f"{key}-inc", key, percent, extent=extent, consumer="shop")
        ),
        *cloud,
    )


GOLD = "sla-gold/checkout/availability/calendar_month"


def near(found: Decimal | None, expected: str) -> bool:
    """Whether a figure is one that is shown, to the digits shown."""
    assert found is not None
    return f"{found:.{len(expected.partition('.')[2])}f}" == expected


def by_supplier(found: Assessment, commitment: str = GOLD) -> dict[str, LinkHeadroom]:
    """The links of a commitment, each supplier once."""
    links = found.promises.links(commitment)
    assert len({link.supplier for link in links}) == len(links)
    return {link.supplier: link for link in links}
