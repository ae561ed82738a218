"""Random change sets: every kind of fact, every field, every sort of text, and what sources say of each other's."""

import random
from datetime import date, timedelta
from decimal import Decimal

from topology.changes import ChangeSet, Extent
from topology.errors import Place
from topology.facts import About, EntityStatement, Fact, FactBasis, FactId, Overrule, Reading, Same, Statement
from topology.model import (
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
from topology.model import (
    Extent as TargetExtent,
)

TEXTS = ("Ærø Å/S", "日本 ☂ 𝄞", "a\u0000b", "line\nbreak", "'; DROP TABLE revision; --", "{x: $y}", " ", "ß" * 300)
"""What a name may look like; keys are plain here, except where a test says so."""


class Estate:
    """Random change sets of three sources over one small world of keys; every kind of fact and every field occurs."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._source = ""
        self.entities = [f"e{number}" for number in range(12)]
        self.parties = [f"p{number}" for number in range(6)]
        self.agreements = [f"a{number}" for number in range(4)]

    def change(self) -> ChangeSet:
        """The next change set: one source whole, or some facts of `manual`."""
        self._source = source = self._random.choice(("one", "two", "manual"))
        if source == "manual":
            return ChangeSet(source, "", Extent.DELTA, tuple(self._facts(self._random.randint(1, 6))))
        scope = self._random.choice(("", "payments"))
        return ChangeSet(source, scope, Extent.FULL, tuple(self._facts(self._random.randint(1, 40), scope)))

    def _facts(self, count: int, scope: str = "") -> list[Fact]:
        makers = (
            self._entity,
            self._entity,
            self._party,
            self._group,
            self._group,
            self._degradation,
            self._agreement,
            self._target,
            self._overrule,
            self._same,
        )
        about = Fact(About(self._source, scope, self._day()), self._source, scope)
        found: dict[FactId, Fact] = {about.id: about} if self._chance(0.5) else {}
        for _ in range(count):
            statement = self._random.choice(makers)()
            basis = self._random.choice((FactBasis.DECLARED, FactBasis.DECLARED, FactBasis.OBSERVED))
            fact = Fact(statement, self._source, scope, basis, self._place())
            found[fact.id] = fact
        return list(found.values())

    def _place(self) -> Place | None:
        places = (Place("estate.yaml", 3, 7), Place("estate.xlsx", cell="needs!B7"), Place(TEXTS[1]))
        return self._random.choice((None, *places))

    def _text(self) -> str:
        return self._random.choice(TEXTS)

    def _day(self) -> date:
        return date(2026, 1, 1) + timedelta(days=self._random.randint(0, 700))

    def _minutes(self) -> Decimal:
        return Decimal(self._random.choice(("0", "0.5", "10", "1440.000", "123456789.123456789")))

    def _ratio(self) -> Decimal:
        return Decimal(self._random.choice(("0", "1", "0.9990", "0.99", "0.999999999999999999", "1E-7")))

    def _key(self, keys: list[str]) -> str:
        """A key, now and then as other sources' overlays write it."""
        key = self._random.choice(keys)
        return f"{self._random.choice(('one', 'two'))}:{key}" if self._source == "manual" and self._chance(0.4) else key

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _entity(self) -> Statement:
        pick = self._random.choice
        refers = self._source == "manual" or self._chance(0.15)
        key = f"{pick(('one', 'two'))}:{pick(self.entities)}" if refers else pick(self.entities)
        start = self._day()
        return EntityStatement(
            key,
            None if refers else pick(tuple(EntityKind)),
            pick((None, self._text())),
            pick((None, *self.parties)),
            pick((None, *self.parties)),
            pick((None, *Criticality)),
            pick((None, 1, 3)),
            pick((None, "databases")),
            pick((None, self._ratio())),
            pick((None, Validity(start, start + timedelta(days=9)), Validity(None, start))),
            pick((None, "purchase")),
            pick((None, Money(Decimal("12000.50"), "EUR"))),
            pick((None, self._minutes())),
            pick((None, self._minutes())),
            pick((None, self._minutes())),
            pick((None, *Substitutability)),
            pick((None, ExitPlan(self._day(), self._text()))),
        )

    def _party(self) -> Statement:
        pick = self._random.choice
        contact = Contact(pick((None, "escalation")), self._text(), "noc@example.net", "+47 5550 0100", self._minutes())
        contacts = pick(((), (contact,), (contact, Contact(name="B"))))
        return Party(pick(self.parties), pick(tuple(PartyKind)), self._text(), pick((None, *self.parties)), contacts)

    def _group(self) -> Statement:
        members = sorted({self._key(self.entities) for _ in range(self._random.randint(1, 4))})
        return RequirementGroup(
            self._key(self.entities),
            self._random.randint(1, len(members)),
            tuple(Member(key, self._minutes(), self._random.choice((None, self._minutes()))) for key in members),
            self._random.choice((None, "tier", TEXTS[0])),
            self._random.choice((None, self._day())),
            self._random.choice((None, self._ratio())),
        )

    def _degradation(self) -> Statement:
        loss = self._random.choice((None, Decimal("0.02"), Decimal(1)))
        return Degradation(self._key(self.entities), self._key(self.entities), loss, self._minutes())

    def _agreement(self) -> Statement:
        pick = self._random.choice
        start = self._day()
        exclusions = (
            Exclusion(ExclusionKind.SHORTER_THAN, minutes=Decimal(5)),
            Exclusion(ExclusionKind.ENTITIES, entities=(pick(self.entities),)),
            Exclusion(ExclusionKind.THIRD_PARTY),
        )
        slots = (Maintenance("Sun 02:00-04:00"), Maintenance(allowance=Decimal(240), per=WindowKind.CALENDAR_MONTH))
        return Agreement(
            pick(self.agreements),
            self._random.randint(1, 3),
            pick(tuple(AgreementType)),
            self._text(),
            pick(self.parties),
            pick((None, *self.parties)),
            pick(tuple(AgreementStatus)),
            pick((None, start)),
            pick((None, start + timedelta(days=365))),
            pick((None, Period(months=12))),
            pick((None, Period(days=90))),
            pick((None, start)),
            pick(tuple(AgreementLevel)),
            pick((0, 10)),
            pick((None, "gold")),
            pick(((), ("*",), ("family:databases",), tuple(sorted(set(self._random.sample(self.entities, 2)))))),
            pick(("UTC", "Europe/Oslo")),
            pick(("24x7", "Mon-Fri 08:00-18:00")),
            pick(((), ("2026-12-25", "NO"))),
            pick(((), slots)),
            pick(((), exclusions)),
            pick((None, Fee(Money(Decimal("2500.00"), "EUR"), Period(months=1)))),
            pick((None, CreditCap(Decimal("0.5"), Period(months=12)))),
            pick((None, self._minutes())),
            pick((None, "https://example.net/terms")),
            pick((None, self._text())),
        )

    def _target(self) -> Statement:
        pick = self._random.choice
        metric, unit, value = pick((("availability", "ratio", self._ratio()), ("latency_p95", "ms", Decimal(300))))
        tiers = (CreditTier(Decimal("0.9995"), Decimal("0.10")), CreditTier(Decimal("0.99"), Decimal("0.25")))
        windows = (Window(WindowKind.CALENDAR_MONTH), Window(WindowKind.ROLLING, 30), Window(WindowKind.PER_INCIDENT))
        return Target(
            pick(self.agreements),
            self._random.randint(1, 3),
            metric,
            pick(tuple(Comparator)),
            value,
            unit,
            pick(windows),
            pick(tuple(TargetExtent)),
            pick((None, "*", *self.entities)),
            pick(tuple(Measure)),
            pick((None, *CreditKind)),
            pick(((), tiers)),
        )

    def _overrule(self) -> Statement:
        suppliers = tuple(sorted({self._key(self.entities) for _ in range(self._random.randint(1, 3))}))
        reading = self._random.choice(tuple(Reading))
        loss = Decimal("0.05") if reading is Reading.DEGRADES else None
        name = self._random.choice((None, "databases"))
        required = self._random.randint(1, len(suppliers))
        consumer = self._key(self.entities)
        return Overrule(consumer, reading, suppliers, loss, self._minutes(), required, name)

    def _same(self) -> Statement:
        """Mostly two sources' names of one thing: joining at random would soon leave one entity."""
        if self._chance(0.1):
            return Same("one:e0", "two:e1")
        key = self._random.choice(self.entities)
        return Same(f"one:{key}", f"two:{key}")
