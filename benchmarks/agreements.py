"""Agreements over a made-up estate, as varied as those of real companies: zones, hours, windows, terms and versions.

The entities and what they need are those of `benchmarks.estate`; its own agreements give way to these. The same seed
makes the same agreements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from benchmarks.estate import COMPANY, SOURCE, estate
from topology.facts import EntityStatement, Fact, Statement
from topology.model import (
    Agreement,
    AgreementLevel,
    AgreementType,
    Comparator,
    EntityKind,
    Exclusion,
    ExclusionKind,
    Extent,
    Maintenance,
    Period,
    Target,
    Window,
    WindowKind,
    default_extent,
)

AT = date(2026, 6, 30)
_ZONES = ("UTC", "UTC", "Europe/Oslo", "Europe/Oslo", "Europe/London", "America/New_York", "Asia/Tokyo")
_HOURS = (*("24x7",) * 8, "Mon-Fri 08:00-18:00", "Mon-Sat 06:00-22:00")
_WINDOWS = (
    *(Window(WindowKind.CALENDAR_MONTH),) * 15,
    *(Window(WindowKind.CALENDAR_QUARTER),) * 2,
    Window(WindowKind.CALENDAR_YEAR),
    Window(WindowKind.CONTRACT_YEAR),
    Window(WindowKind.ROLLING, 30),
)
_PROMISED = ("0.99", "0.995", "0.999", "0.9995")
_BOUGHT = ("0.995", "0.999", "0.9995", "0.9999", "0.99995")


def agreed_estate(entities: int, agreements: int, promises: int, seed: int) -> tuple[Fact, ...]:
    """An estate with so many agreements, of which so many are promises to customers on a transaction each.

    A tenth of the rest are OLAs on services; the others are contracts, one for each external as far as they go and then
    a second or third for some, a few of them for all that a vendor provides. What we promise over a rolling window we
    promise round the clock.
    """
    random = Random(seed)
    base = [f for f in estate(entities, 0.2, seed) if not isinstance(f.statement, Agreement | Target)]
    known = [f.statement for f in base if isinstance(f.statement, EntityStatement)]
    sold = [e.key for e in known if e.kind is EntityKind.TRANSACTION][:promises]
    run = [e for e in known if e.kind is EntityKind.SERVICE]
    bought = [e for e in known if e.kind is EntityKind.EXTERNAL]
    olas = (agreements - promises) // 10
    statements: list[Statement] = []
    for number, key in enumerate(sold):
        statements += _versions(random, f"sla-{number:04}", AgreementType.SLA, COMPANY, (key,))
    for number, service in enumerate(random.sample(run, olas)):
        statements += _versions(random, f"ola-{number:04}", AgreementType.OLA, service.owner or COMPANY, (service.key,))
    for number in range(agreements - promises - olas):
        external = bought[number] if number < len(bought) else random.choice(bought)
        covers = "*" if random.random() < 0.03 else external.key
        vendor = external.provider or COMPANY
        statements += _versions(random, f"uc-{number:04}", AgreementType.UC, vendor, (covers,))
    return (*base, *(Fact(statement, SOURCE) for statement in statements))


def _versions(
    random: Random, key: str, kind: AgreementType, provider: str, covers: Sequence[str]
) -> Iterator[Statement]:
    """One version of an agreement; now and then a second one, that follows within two years."""
    first = _terms(random, Agreement(key, 1, kind, key, provider, covers=tuple(covers)))
    window = random.choice(_WINDOWS)
    if window.kind is WindowKind.ROLLING and kind is not AgreementType.UC:
        first = replace(first, service_hours="24x7", maintenance=(), excludes=())
    yield from (first, _target(random, first, window))
    if kind is not AgreementType.SLA and random.random() < 0.15:
        second = replace(first, version=2, start=AT + timedelta(days=random.randrange(600)), end=None)
        yield from (second, _target(random, second, window))


def _terms(random: Random, agreement: Agreement) -> Agreement:
    is_sla = agreement.type is AgreementType.SLA
    end = AT + timedelta(days=random.randrange(-60, 900)) if not is_sla and random.random() < 0.6 else None
    renews = end is not None and random.random() < 0.5
    excludes = random.random() < 0.15
    return replace(
        agreement,
        consumer="customers" if is_sla else COMPANY,
        start=AT - timedelta(days=random.randrange(100, 1200)),
        end=end,
        auto_renew=Period(months=12) if renews else None,
        notice=Period(days=90) if renews else None,
        notice_given=AT - timedelta(days=30) if renews and random.random() < 0.1 else None,
        level=random.choice((AgreementLevel.SERVICE, AgreementLevel.SERVICE, AgreementLevel.CORPORATE)),
        timezone=random.choice(_ZONES),
        service_hours="24x7" if is_sla and random.random() < 0.9 else random.choice(_HOURS),
        maintenance=(Maintenance(weekly="Sun 02:00-04:00"),) if excludes else (),
        excludes=(Exclusion(ExclusionKind.MAINTENANCE),) if excludes else (),
    )


def _target(random: Random, agreement: Agreement, window: Window) -> Target:
    figures = _PROMISED if agreement.type is AgreementType.SLA else _BOUGHT
    extent = Extent.INTRINSIC if random.random() < 0.2 else default_extent(agreement.type)
    return Target(
        agreement.key,
        agreement.version,
        "availability",
        Comparator.AT_LEAST,
        Decimal(random.choice(figures)),
        "ratio",
        window,
        extent,
    )
