"""Made-up estates of any size: transactions on layers of services, on stores, on clusters, on regions.

Suppliers are chosen nearby, so that closures stay at about a hundred entities whatever the size is (the mean over all
entities of 10 000 is 107 where a fifth of the groups is redundant, with 42 cut sets of two an entity); vendors run on
the same few regions as the rest, so that redundancy shares what it should not; one edge in a hundred leads back and
closes a cycle. `red` is the share of eligible groups (those that need a store, a cluster or a vendor's product) that
are redundant. The same seed makes the same estate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from topology.facts import EntityStatement, Fact, Statement
from topology.model import (
    Agreement,
    AgreementType,
    Comparator,
    Criticality,
    Degradation,
    EntityKind,
    Extent,
    Member,
    Money,
    Party,
    PartyKind,
    RequirementGroup,
    Target,
    Window,
    WindowKind,
)

SOURCE = "estate"
COMPANY = "company"
_START = date(2025, 1, 1)
_BACK_EDGES = 0.01
_MONTH = Window(WindowKind.CALENDAR_MONTH)
_SHAPES = ((1, 2), (1, 2), (1, 2), (2, 3), (1, 3))


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer: the start of its keys, its kind, its share of all, and whether groups of it may be redundant.

    Consumers choose among `nearby` of it to either side of where they stand themselves.
    """

    prefix: str
    kind: EntityKind
    share: float
    eligible: bool = False
    nearby: int = 40


_LAYERS = (
    _Layer("tx", EntityKind.TRANSACTION, 0.04),
    _Layer("front", EntityKind.SERVICE, 0.14),
    _Layer("svc", EntityKind.SERVICE, 0.20),
    _Layer("core", EntityKind.SERVICE, 0.18),
    _Layer("store", EntityKind.COMPONENT, 0.16, eligible=True),
    _Layer("vendor", EntityKind.EXTERNAL, 0.12, eligible=True),
    _Layer("cluster", EntityKind.COMPONENT, 0.13, eligible=True),
    _Layer("region", EntityKind.INFRASTRUCTURE, 0.003, nearby=3),
)
_BY_PREFIX = {layer.prefix: layer for layer in _LAYERS}
_NEXT = {
    "tx": ("front", "front", "svc"),
    "front": ("svc", "svc", "core", "store", "vendor"),
    "svc": ("core", "core", "store", "vendor", "cluster"),
    "core": ("store", "store", "vendor", "cluster", "cluster"),
    "store": ("cluster", "cluster"),
    "vendor": ("region",),
    "cluster": ("region",),
}
_OWN = {
    "front": ("0.9999", "0.9995"),
    "svc": ("0.9999", "0.9998", "0.9995"),
    "core": ("0.9999", "0.9998", "0.9995"),
    "store": ("0.9995", "0.999", "0.9998"),
    "cluster": ("0.999", "0.9995", "0.998"),
    "region": ("0.9999", "0.99995"),
}


def estate(entities: int, red: float, seed: int, edges: int | None = None) -> tuple[Fact, ...]:
    """The facts of an estate: parties, entities, what they need, and promises.

    Args:
        entities: how many entities, 20 or more.
        red: the share of eligible groups that are redundant, 0..1.
        seed: the same number makes the same estate.
        edges: about how many edges from consumers to suppliers; absent: what the layers come to, about 4 a service.
    """
    maker = _Maker(entities, red, Random(seed))
    statements = [*maker.parties(), *maker.entities(), *maker.requirements(edges), *maker.agreements()]
    return tuple(Fact(statement, SOURCE) for statement in statements)


class _Maker:
    def __init__(self, entities: int, red: float, random: Random) -> None:
        self._random = random
        self._red = red
        counts = [max(2, round(entities * layer.share)) for layer in _LAYERS]
        counts[2] += entities - sum(counts)
        self._keys = {
            layer.prefix: [f"{layer.prefix}-{number:06}" for number in range(count)]
            for layer, count in zip(_LAYERS, counts, strict=True)
        }
        self._vendors = [f"vendor-{number:05}-inc" for number in range(max(2, len(self._keys["vendor"]) // 8))]
        self._teams = [f"team-{number:04}" for number in range(max(2, entities // 200))]

    def parties(self) -> Iterator[Statement]:
        yield Party(COMPANY, PartyKind.SELF, "The company")
        yield Party("customers", PartyKind.CUSTOMER, "All customers")
        for number, vendor in enumerate(self._vendors):
            parent = self._vendors[0] if 0 < number < 4 else None
            yield Party(vendor, PartyKind.VENDOR, f"Vendor {number}", parent)
        for team in self._teams:
            yield Party(team, PartyKind.TEAM, team)

    def entities(self) -> Iterator[Statement]:
        for layer in _LAYERS:
            for number, key in enumerate(self._keys[layer.prefix]):
                external = layer.kind is EntityKind.EXTERNAL
                own = _OWN.get(layer.prefix)
                sold = layer.kind is EntityKind.TRANSACTION
                yield EntityStatement(
                    key,
                    kind=layer.kind,
                    name=f"{layer.prefix} {number}",
                    owner=None if external else self._teams[number % len(self._teams)],
                    provider=self._vendors[number % len(self._vendors)] if external else None,
                    criticality=self._random.choice(list(Criticality)) if sold else None,
                    availability=Decimal(self._random.choice(own)) if own else None,
                    revenue_per_hour=Money(Decimal(100 * (1 + number % 50)), "EUR") if sold else None,
                )

    def requirements(self, edges: int | None) -> Iterator[Statement]:
        """Groups of 1 of 1 and of k of n nearby, degradations now and then, a few edges back."""
        consumers = sum(len(self._keys[prefix]) * len(slots) for prefix, slots in _NEXT.items())
        times = 1.0 if edges is None else edges / (consumers * (1 + 0.7 * self._red * 1.3))
        for prefix, slots in _NEXT.items():
            for position, key in enumerate(self._keys[prefix]):
                yield from self._needs(key, position / len(self._keys[prefix]), self._some(slots, times))

    def _some(self, slots: Sequence[str], times: float) -> list[str]:
        whole, part = divmod(times * len(slots), 1)
        count = int(whole) + (self._random.random() < part)
        return [*slots] * (count // len(slots)) + self._random.sample(slots, count % len(slots))

    def _needs(self, key: str, place: float, slots: Sequence[str]) -> Iterator[Statement]:
        used = {key}
        suppliers: list[str] = []
        for number, prefix in enumerate(slots):
            required, size = (1, 1)
            if _BY_PREFIX[prefix].eligible and self._random.random() < self._red:
                required, size = self._random.choice(_SHAPES)
            members = self._nearby(prefix, place, size, used)
            if not members:
                continue
            used.update(members)
            required = min(required, len(members))
            name = f"group-{number}" if len(members) > 1 else None
            yield RequirementGroup(key, required, tuple(map(Member, sorted(members))), name)
            if len(members) == 1:
                suppliers += members
        yield from self._back(key, suppliers)
        if key.startswith("front") and self._random.random() < 0.1:
            for soft in self._nearby("svc", place, 1, used):
                yield Degradation(key, soft, Decimal("0.02"))

    def _back(self, key: str, suppliers: Sequence[str]) -> Iterator[Statement]:
        """One supplier in a hundred needs its consumer too: a hard cycle."""
        for supplier in suppliers:
            if not key.startswith(("tx", "vendor")) and self._random.random() < _BACK_EDGES:
                yield RequirementGroup(supplier, 1, (Member(key),))

    def _nearby(self, prefix: str, place: float, size: int, used: set[str]) -> list[str]:
        keys = self._keys[prefix]
        reach = min(_BY_PREFIX[prefix].nearby, max(2, len(keys) // 16))
        centre = int(place * len(keys))
        window = range(max(0, centre - reach), min(len(keys), centre + reach + 1))
        free = [keys[number] for number in window if keys[number] not in used]
        return self._random.sample(free, min(size, len(free)))

    def agreements(self) -> Iterator[Statement]:
        for number, vendor in enumerate(self._vendors):
            products = self._keys["vendor"][number :: len(self._vendors)]
            key = f"uc-{vendor}"
            yield Agreement(key, 1, AgreementType.UC, key, vendor, COMPANY, start=_START, covers=tuple(products))
            for product in products:
                if self._random.random() < 0.97:
                    figure = self._random.choice(("0.9995", "0.999", "0.9999"))
                    yield self._target(key, product, figure, Extent.END_TO_END)
        yield Agreement("sla", 1, AgreementType.SLA, "Terms", COMPANY, "customers", start=_START)
        for transaction in self._keys["tx"]:
            yield self._target("sla", transaction, self._random.choice(("0.995", "0.999", "0.99")), Extent.END_TO_END)
        for team in self._teams:
            covered = [
                key for place, key in enumerate(self._keys["front"]) if self._teams[place % len(self._teams)] == team
            ]
            yield Agreement(f"ola-{team}", 1, AgreementType.OLA, f"OLA of {team}", team, COMPANY, start=_START)
            for service in covered[:3]:
                yield self._target(f"ola-{team}", service, "0.999", Extent.INTRINSIC)

    def _target(self, agreement: str, covers: str, figure: str, extent: Extent) -> Target:
        return Target(
            agreement,
            1,
            "availability",
            Comparator.AT_LEAST,
            Decimal(figure),
            "ratio",
            _MONTH,
            extent,
            covers=covers,
        )
