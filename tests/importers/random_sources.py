"""Random sources that say everything that the native format can say, from a seed."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from topology.facts import EntityStatement, Fact, Overrule, Same, Statement
from topology.facts import Reading as OverruleReading
from topology.model import (
    ZERO,
    Agreement,
    AgreementLevel,
    AgreementStatus,
    AgreementType,
    Comparator,
    Contact,
    CreditCap,
    CreditKind,
    CreditTier,
    Criticality,
    Degradation,
    EntityKind,
    Exclusion,
    ExclusionKind,
    ExitPlan,
    Extent,
    Fee,
    Maintenance,
    Measure,
    Member,
    Money,
    Party,
    PartyKind,
    Period,
    RequirementGroup,
    Substitutability,
    Target,
    Validity,
    Window,
    WindowKind,
)

T = TypeVar("T")
PHRASES = (
    "Checkout and pay", "yes", "null", "~", "NO", "2026-01-01", "1.50", "24x7", "=HYPERLINK(1)", "+47 5550 0100", "-x",
    "@home", "'quoted", "'=deep", 'say "so"', "a;b,c:d #e", "{x}", "[y]", "& anchor", "* star", "Ærø øl 東京 🙂",
    "two\nlines", "tab\there", "- dash", "? what", "| pipe", "> more", "%percent", "back\\slash", "trailing ",
    " leading", "_x0041_", "TRUE", "g1", "soft", "https://example.com/a?b=c&d=e#f", "<<", "key: value", "a # b",
    "'", '"', "0x1F", "1e5", ";", ",",
)  # fmt: skip
FOREIGN = ("backstage:component:default/orders", "cmdb:server:Web Server 01", "jaeger:frontend", "cmdb:a;b", "cmdb:x,y")


class RandomSource:
    """One source `acme`; `facts` are consistent, and within what the format can say."""

    def __init__(self, seed: int, scope: str = "") -> None:
        self.dice = random.Random(seed)
        self.scope = scope
        self.own = [f"e{n}.x" for n in range(self.dice.randint(1, 9))]
        self.keys = [*self.own, *FOREIGN]
        self.people = [f"p-{n}" for n in range(self.dice.randint(1, 4))]
        said = [*self._parties(), *self._entities(), *self._overlays(), *self._agreements()]
        self.facts = tuple(Fact(statement, "acme", scope) for statement in said)

    def maybe(self, make: Callable[[], T], chance: float = 0.4) -> T | None:
        return make() if self.dice.random() < chance else None

    def phrase(self) -> str:
        return self.dice.choice(PHRASES)

    def day(self) -> date:
        return date(2020, 1, 1) + timedelta(days=self.dice.randint(0, 4000))

    def minutes(self) -> Decimal:
        plain = (
            "0.5",
            "1",
            "10",
            "90",
            "240",
            "1440",
            "43200",
            "12.25",
            "0.1666666666666666666666666667",
            "33.333333333",
        )
        return Decimal(self.dice.choice(plain))

    def ratio(self) -> Decimal:
        return Decimal(self.dice.choice(("0.9995", "0.99999", "0.5", "0.02", "1", "0.000001", "0.123456789012345678")))

    def money(self) -> Money:
        return Money(
            Decimal(self.dice.choice(("0", "2500", "12000.5", "0.01"))), self.dice.choice(("EUR", "NOK", "USD"))
        )

    def period(self) -> Period:
        return self.dice.choice(
            (Period(months=1), Period(months=3), Period(months=12), Period(months=7), Period(days=90))
        )

    def some(self, items: list[str], least: int = 0) -> list[str]:
        return sorted(self.dice.sample(items, self.dice.randint(least, min(4, len(items)))))

    def _parties(self) -> list[Statement]:
        return [
            Party(
                key,
                self.dice.choice(list(PartyKind)),
                self.maybe(self.phrase) or key,
                self.maybe(lambda: "group-x"),
                tuple(self._contact() for _ in range(self.dice.randint(0, 3))),
            )
            for key in self.people
        ]

    def _contact(self) -> Contact:
        role, name, email, phone = (self.maybe(self.phrase) for _ in range(4))
        return Contact(role, name, email, phone, self.minutes())

    def _said(self, key: str, kind: EntityKind | None) -> EntityStatement:
        start = self.day()
        valid = self.dice.choice((Validity(start), Validity(None, start), Validity(start, start + timedelta(days=9))))
        plan = self.dice.choice((ExitPlan(start), ExitPlan(None, self.phrase()), ExitPlan(start, self.phrase())))
        return EntityStatement(
            key,
            kind,
            name=self.maybe(self.phrase),
            owner=self.maybe(lambda: self.people[0]),
            provider=self.maybe(lambda: self.people[-1]),
            criticality=self.maybe(lambda: self.dice.choice(list(Criticality))),
            tier=self.maybe(lambda: self.dice.randint(1, 5)),
            family=self.maybe(self.phrase),
            availability=self.maybe(self.ratio),
            valid=self.maybe(lambda: valid),
            journey=self.maybe(self.phrase),
            revenue_per_hour=self.maybe(self.money),
            rto=self.maybe(self.minutes),
            rpo=self.maybe(lambda: ZERO),
            impact_tolerance=self.maybe(self.minutes),
            substitutability=self.maybe(lambda: self.dice.choice(list(Substitutability))),
            exit_plan=self.maybe(lambda: plan),
        )

    def _entities(self) -> list[Statement]:
        found: list[Statement] = []
        for key in [*self.own, "acme:weird id;1"]:
            found.append(self._said(key, self.dice.choice(list(EntityKind))))
            found += self._needs(key)
        return found

    def _overlays(self) -> list[Statement]:
        found: list[Statement] = []
        for key in self.some(list(FOREIGN)):
            said = self._said(key, None)
            if said != EntityStatement(key):
                found.append(said)
            found += self._needs(key)
        if self.dice.random() < 0.5:
            found += [Same("acme:orders", "backstage:component:default/orders"), Same("a", "cmdb:a;b")]
        if self.dice.random() < 0.7:
            found += self._overrules()
        return found

    def _needs(self, consumer: str) -> list[Statement]:
        others = [key for key in self.keys if key != consumer]
        found: list[Statement] = [RequirementGroup(consumer, 1, (self._member(key),)) for key in self.some(others)[:2]]
        names = self.dice.sample(("web tier", "yes", "a;b", "=x", "7"), 3)
        seen: set[tuple[str, ...]] = {(g.members[0].entity,) for g in found if isinstance(g, RequirementGroup)}
        for name in (*names[: self.dice.randint(0, 3)], None):
            members = tuple(self.some(others, least=min(2, len(others))))
            if len(members) < 2 or (name is None and members in seen):
                continue
            seen.add(members)
            found.append(
                RequirementGroup(
                    consumer,
                    self.dice.randint(1, len(members)),
                    tuple(self._member(key) for key in members),
                    name,
                    self.maybe(self.day),
                    self.maybe(lambda: Decimal("0.1")),
                )
            )
        return found + [
            Degradation(consumer, key, self.maybe(lambda: Decimal("0.02")), self.maybe(self.minutes) or ZERO)
            for key in self.some(others)[:2]
        ]

    def _member(self, key: str) -> Member:
        return Member(key, self.maybe(self.minutes, 0.2) or ZERO, self.maybe(self.minutes, 0.2))

    def _overrules(self) -> list[Statement]:
        one, two, three = FOREIGN[:3]
        return [
            Overrule(one, OverruleReading.NONE, (two,)),
            Overrule(one, OverruleReading.DEGRADES, (three,), Decimal("0.05"), self.maybe(self.minutes) or ZERO),
            Overrule(
                two,
                OverruleReading.GROUP,
                tuple(sorted((one, three))),
                None,
                self.maybe(self.minutes) or ZERO,
                self.dice.randint(1, 2),
                self.dice.choice((None, "databases")),
            ),
        ]

    def _agreements(self) -> list[Statement]:
        found: list[Statement] = []
        for n in range(self.dice.randint(0, 4)):
            key = self.dice.choice((f"uc-{n}", f"acme:agreement {n}"))
            for version in (1, 2)[: self.dice.randint(1, 2)]:
                agreement = self._agreement(key, version)
                found += [agreement, *self._targets(agreement)]
        return found

    def _agreement(self, key: str, version: int) -> Agreement:
        start = self.day()
        return Agreement(
            key=key,
            version=version,
            type=self.dice.choice(list(AgreementType)),
            name=self.maybe(self.phrase) or key,
            provider=self.people[0],
            consumer=self.maybe(lambda: self.people[-1]),
            status=self.dice.choice(list(AgreementStatus)),
            start=self.maybe(lambda: start),
            end=self.maybe(lambda: start + timedelta(days=400)),
            auto_renew=self.maybe(self.period),
            notice=self.maybe(self.period),
            notice_given=self.maybe(self.day),
            level=self.dice.choice(list(AgreementLevel)),
            precedence=self.dice.randint(-2, 12),
            service_tier=self.maybe(self.phrase),
            covers=tuple(self.dice.sample(["*", "family:data bases", "family:a;b", *self.keys], 2)),
            timezone=self.dice.choice(("UTC", "Europe/Oslo", "America/New_York")),
            service_hours=self.dice.choice(("24x7", "Mon-Fri 08:00-18:00", "Mon-Fri 08:00-18:00; Sat 10:00-14:00")),
            holidays=tuple(self.dice.sample(("2026-12-25", "NO", "DE-BY"), self.dice.randint(0, 3))),
            maintenance=tuple(
                self.dice.sample(
                    (
                        Maintenance(weekly="Sun 02:00-04:00"),
                        Maintenance(weekly="Sat 01:00-02:00; Sun 02:00-04:00"),
                        Maintenance(allowance=Decimal(240), per=WindowKind.CALENDAR_MONTH),
                    ),
                    self.dice.randint(0, 3),
                )
            ),
            excludes=tuple(
                self.dice.sample(
                    (
                        Exclusion(ExclusionKind.MAINTENANCE),
                        Exclusion(ExclusionKind.FORCE_MAJEURE),
                        Exclusion(ExclusionKind.SHORTER_THAN, minutes=Decimal(5)),
                        Exclusion(ExclusionKind.ENTITIES, entities=("cmdb:a;b", "cmdb:x,y", "isp")),
                    ),
                    self.dice.randint(0, 4),
                )
            ),
            fee=self.maybe(lambda: Fee(self.money(), self.period())),
            credit_cap=self.maybe(lambda: CreditCap(self.dice.choice((Decimal("0.5"), Decimal("1.5"))), self.period())),
            claim_within=self.maybe(self.minutes),
            doc=self.maybe(self.phrase),
            note=self.maybe(self.phrase),
        )

    def _targets(self, agreement: Agreement) -> list[Statement]:
        tiers = (
            CreditTier(Decimal("0.9995"), Decimal("0.1")),
            CreditTier(Decimal("0.99"), Decimal("0.255")),
            CreditTier(Decimal("0.4"), Decimal(1)),
        )
        choices = (
            ("availability", Comparator.AT_LEAST, Decimal("0.9995"), "ratio"),
            ("success_rate", Comparator.AT_LEAST, Decimal(1), "ratio"),
            ("availability", Comparator.AT_LEAST, Decimal("0.02"), "ratio"),
            ("latency_p95", Comparator.AT_MOST, Decimal(300), "ms"),
            ("time_to_repair", Comparator.AT_MOST, Decimal("4.5"), "h"),
            ("error rate", Comparator.AT_MOST, Decimal("0.5"), "%"),
            ("tickets", Comparator.AT_MOST, Decimal(7), ""),
            ("Apdex", Comparator.AT_LEAST, Decimal("0.94"), "ratio"),
            ("throughput", Comparator.AT_LEAST, Decimal("12345678901234567890.5"), "requests / s"),
        )
        found: dict[tuple[object, ...], Target] = {}
        for metric, comparator, value, unit in self.dice.sample(choices, self.dice.randint(0, 5)):
            windows = [Window(kind) for kind in WindowKind if kind is not WindowKind.ROLLING]
            held = tiers[: self.dice.randint(0, 3)] if unit in ("ratio", "%") and metric != "Apdex" else ()
            kinds = [*CreditKind] if held else [None, *CreditKind]
            target = Target(
                agreement=agreement.key,
                version=agreement.version,
                metric=metric,
                comparator=comparator,
                value=value,
                unit=unit,
                window=self.dice.choice([*windows, Window(WindowKind.ROLLING, 30), Window(WindowKind.ROLLING, 7)]),
                extent=self.dice.choice(list(Extent)),
                covers=self.maybe(lambda: self.dice.choice(["*", "family:data bases", *self.keys]), 0.7),
                measure=self.dice.choice(list(Measure)),
                credit_kind=self.dice.choice(kinds),
                credits=held,
            )
            found.setdefault((target.covers, target.metric, str(target.window)), target)
        return list(found.values())
