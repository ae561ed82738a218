"""Small random estates whose agreements begin, end, renew, and get other versions within weeks of a date."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tests.risk.estates import OLA, SLA, UC, agreement, entity, estate, external, rolling, target, team
from tests.statements import company, degrades, needs, vendor
from topology.facts import Statement
from topology.model import (
    Agreement,
    AgreementStatus,
    AgreementType,
    EntityKind,
    Exclusion,
    ExclusionKind,
    Maintenance,
    Measure,
    Period,
    Target,
    Validity,
    Window,
    WindowKind,
)
from topology.snapshot import Snapshot

Offer = tuple[AgreementType, str, str]
"""What somebody may promise: the kind of agreement, the provider, what is covered."""
AT = date(2026, 2, 20)
"""The next windows have 28, 31 and 30 days; summer time begins on 8 March (New York) and 29 March (Europe)."""
ZONES = ("UTC", "Europe/Oslo", "America/New_York")
_WINDOWS = (
    *(Window(kind) for kind in (WindowKind.CALENDAR_MONTH,) * 4),
    Window(WindowKind.CALENDAR_QUARTER),
    Window(WindowKind.CALENDAR_YEAR),
    Window(WindowKind.CONTRACT_YEAR),
    rolling(30),
    rolling(7),
)
_HOURS = ("24x7", "24x7", "24x7", "Mon-Fri 08:00-18:00")
_STATUSES = (*(AgreementStatus.ACTIVE,) * 6, *AgreementStatus)
_PERCENTS = ("99.99", "99.95", "99.9", "99.5", "99", "97")


def near(random: Random, least: int, most: int) -> date:
    return AT + timedelta(days=random.randint(least, most))


def random_estate(seed: int, zone: str, days: int = 50) -> Snapshot:
    """An estate whose dates lie about the `days` that begin with `AT`, all in one zone."""
    random = Random(seed)
    statements: list[Statement] = [company("acme"), team("shop"), team("data"), vendor("v0"), vendor("v1")]
    statements.append(entity("sales", EntityKind.TRANSACTION, owner="shop"))
    names = [f"n{n}" for n in range(random.randint(2, 5))]
    offers: list[Offer] = [
        (kind, provider, covers)
        for kind, provider in ((UC, "v0"), (UC, "v1"), (OLA, "data"), (OLA, "shop"))
        for covers in ("*", "family:stores")
    ]
    for name in names:
        valid = Validity(None, near(random, 0, days)) if random.random() < 0.15 else None
        family = random.choice((None, "stores"))
        if random.random() < 0.6:
            percent = random.choice((None, None, "99.9"))
            provider = random.choice(("v0", "v1"))
            statements.append(external(name, provider, percent, family=family, valid=valid))
            offers += 6 * [(UC, provider, name)]
        else:
            percent, owner = random.choice((None, "99.99")), random.choice(("shop", "data"))
            statements.append(entity(name, percent=percent, owner=owner, valid=valid))
            offers += 6 * [(OLA, owner, name)]
    statements += _needs(random, names)
    statements += _agreement(random, "sla", (SLA, "acme", "sales"), zone, days)
    for number in range(random.randint(1, 6)):
        statements += _agreement(random, f"a{number}", random.choice(offers), zone, days)
    return estate(*statements)


def _needs(random: Random, names: list[str]) -> list[Statement]:
    found: list[Statement] = []
    for place, consumer in enumerate(["sales", *names]):
        others = names[place:]
        if others and (place == 0 or random.random() < 0.5):
            members = sorted(random.sample(others, min(len(others), random.choice((1, 2, 2)))))
            found.append(needs(consumer, *members, k=random.randint(1, len(members)), name="g"))
            others = [name for name in others if name not in members]
        if others and random.random() < 0.4:
            found.append(degrades(consumer, random.choice(others), "0.1"))
    return found


def _agreement(random: Random, key: str, offer: Offer, zone: str, days: int) -> list[Statement]:
    kind, provider, covers = offer
    found: list[Statement] = []
    window, hours = random.choice(_WINDOWS), random.choice(_HOURS)
    for version in range(1, random.choice((2, 2, 3, 4))):
        is_first_sla = kind is SLA and version == 1
        start = AT - timedelta(days=400) if is_first_sla else random.choice((None, near(random, -60, days)))
        end = random.choice((None, near(random, 0, days)))
        if start is not None and end is not None and end < start:
            end = start
        terms = agreement(key, kind, provider, start=start, end=end, timezone=zone, service_hours=hours)
        terms = replace(
            terms,
            version=version,
            status=AgreementStatus.ACTIVE if is_first_sla else random.choice(_STATUSES),
            consumer=random.choice((None, "acme", "shop")),
            precedence=random.choice((0, 0, 1)),
            service_tier=random.choice((None, None, None, "gold", "silver")),
            covers=(covers,),
        )
        found += [_renewed(random, terms, days), *_targets(random, terms, window)]
    return found


def _renewed(random: Random, terms: Agreement, days: int) -> Agreement:
    if terms.end is not None and random.random() < 0.5:
        period = random.choice((Period(months=1), Period(months=12), Period(days=10)))
        notice = random.choice((None, Period(days=5), Period(months=1)))
        given = random.choice((None, None, near(random, -20, days)))
        terms = replace(terms, auto_renew=period, notice=notice, notice_given=given)
    if random.random() < 0.3:
        slot = random.choice((Maintenance(weekly="Sun 02:00-04:00"), Maintenance(allowance=Decimal(240))))
        kinds = random.sample(list(ExclusionKind)[:4], random.randint(1, 3))
        terms = replace(terms, maintenance=(slot,), excludes=tuple(Exclusion(kind) for kind in sorted(kinds)))
    return terms


def _targets(random: Random, terms: Agreement, window: Window) -> list[Target]:
    if terms.type is not SLA and random.random() < 0.2:
        return [] if random.random() < 0.5 else [_figure(random, terms, window, measure=Measure.REQUEST)]
    found = [_figure(random, terms, window)]
    if terms.type is not SLA and random.random() < 0.2:
        other = random.choice([w for w in _WINDOWS if w != window])
        found.append(_figure(random, terms, other))
    return found


def _figure(random: Random, terms: Agreement, window: Window, measure: Measure = Measure.TIME) -> Target:
    found = target(terms.key, random.choice(_PERCENTS), None, window=window, measure=measure)
    return replace(found, version=terms.version)
