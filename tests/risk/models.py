"""Models for the engine's tests: the worked model of the design, and native files read just far enough."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import yaml

from risk.availability import Availability
from risk.backing_out import Figure
from risk.graph import Group, SoftEdge, System, assembled
from topology.model import EntityKind, Extent

Need = str | tuple[int, Sequence[str]]


@dataclass(frozen=True)
class Part:
    """One entity of a model: its promised percent (None: missing), what it needs, and its soft suppliers."""

    percent: str | None
    needs: Sequence[Need] = ()
    soft: Mapping[str, str | None] = field(default_factory=dict)
    kind: EntityKind = EntityKind.SERVICE
    provider: str | None = None


@dataclass(frozen=True)
class Model:
    """A system with its promised figures."""

    system: System
    figures: tuple[Figure, ...]

    def number(self, key: str) -> int:
        return self.system.number(key)

    def keys(self, numbers: Sequence[int] | frozenset[int]) -> list[str]:
        return sorted(self.system.keys[number] for number in numbers)

    @property
    def own(self) -> list[float]:
        return [0.0 if f.ratio is None else float(1 - f.ratio) for f in self.figures]

    @property
    def transactions(self) -> list[int]:
        return [number for number, kind in enumerate(self.system.kinds) if kind is EntityKind.TRANSACTION]

    def engine(self) -> Availability[float]:
        return Availability(self.system, self.own)

    def end_to_end(self, *keys: str) -> "Model":
        """The same model with the promises of some entities covering their suppliers."""
        chosen = {self.number(key) for key in keys}
        figures = (Figure(f.ratio, Extent.END_TO_END) if n in chosen else f for n, f in enumerate(self.figures))
        return Model(self.system, tuple(figures))


def model(parts: Mapping[str, Part]) -> Model:
    """A model from its entities by key."""
    keys = tuple(sorted(parts))
    number = {key: position for position, key in enumerate(keys)}

    def group(need: Need) -> Group:
        required, members = (1, [need]) if isinstance(need, str) else need
        return Group(required, tuple(sorted(number[member] for member in members)))

    system = assembled(
        keys,
        tuple(tuple(group(need) for need in parts[key].needs) for key in keys),
        tuple(
            tuple(SoftEdge(number[s], None if d is None else Decimal(d)) for s, d in parts[key].soft.items())
            for key in keys
        ),
        kinds=tuple(parts[key].kind for key in keys),
        providers=tuple(parts[key].provider for key in keys),
    )
    percents = (parts[key].percent for key in keys)
    return Model(system, tuple(Figure(None if p is None else Decimal(p) / 100) for p in percents))


def figures_of(q: Sequence[Fraction], whole: Collection[int]) -> list[Figure]:
    """Promised figures from failure probabilities that have a finite decimal form; those in `whole` are END_TO_END."""
    ratios = [1 - Decimal(x.numerator) / Decimal(x.denominator) for x in q]
    return [Figure(r, Extent.END_TO_END if v in whole else Extent.INTRINSIC) for v, r in enumerate(ratios)]


def checkout(cloud_of_psp_b: str = "cloud-x") -> Model:
    """The worked model of section 1."""
    external = EntityKind.EXTERNAL
    parts = {
        "checkout": Part("100", ["web", "api"], kind=EntityKind.TRANSACTION),
        "web": Part("99.99", ["cdn", "identity"]),
        "api": Part("99.99", ["payments", "orders-db", "identity"], {"email": "0.02"}),
        "payments": Part("99.99", [(1, ["psp-a", "psp-b"])]),
        "orders-db": Part("99.95", kind=EntityKind.COMPONENT),
        "cdn": Part("99.99", kind=external, provider="cdn-inc"),
        "identity": Part("99.99", kind=external, provider="identity-inc"),
        "psp-a": Part("99.95", ["cloud-x"], kind=external, provider="psp-a-inc"),
        "psp-b": Part("99.9", [cloud_of_psp_b], kind=external, provider="psp-b-inc"),
        "cloud-x": Part("99.99", kind=external, provider="cloud-x-inc"),
        "email": Part("99.9", kind=external, provider="email-inc"),
    }
    if cloud_of_psp_b not in parts:
        parts[cloud_of_psp_b] = Part("99.99", kind=external)
    return model(parts)


def larkspur(folder: Path, at: date = date(2026, 6, 30)) -> Model:
    """The example company: for externals the UC availability in force, for the rest what is stated."""
    document = yaml.safe_load((folder / "larkspur.underpin.yaml").read_text(encoding="utf-8"))
    promised: dict[str, str] = {}
    for agreement in document["agreements"]:
        if agreement["type"] == "uc" and (agreement.get("end") is None or at <= agreement["end"]):
            for target in agreement["targets"]:
                if target["metric"] == "availability" and target.get("measure") != "request":
                    promised[target["covers"]] = target["min"].removesuffix("%")
    parts: dict[str, Part] = {}
    for entity in document["entities"]:
        kind = EntityKind(entity["kind"])
        stated = entity.get("availability", "100%" if kind is EntityKind.TRANSACTION else None)
        percent = promised.get(entity["id"]) if kind is EntityKind.EXTERNAL else stated and stated.removesuffix("%")
        parts[entity["id"]] = Part(
            percent,
            [_need(need) for need in entity.get("needs", ())],
            {_soft(soft)[0]: _soft(soft)[1] for soft in entity.get("degrades", ())},
            kind,
            entity.get("provider"),
        )
    found = model(parts)
    return found.end_to_end(*promised)


def intrinsic(promised: Model) -> Model:
    """The same promises, read as covering own faults only."""
    return Model(promised.system, tuple(Figure(figure.ratio) for figure in promised.figures))


def _need(need: str | dict[str, object]) -> Need:
    if isinstance(need, str):
        return need
    if "any" in need:
        return (1, [str(member) for member in _list(need["any"])])
    if "of" in need:
        return (int(str(need["at_least"])), [str(member) for member in _list(need["of"])])
    return str(need["entity"])


def _soft(soft: str | dict[str, object]) -> tuple[str, str | None]:
    return (soft, None) if isinstance(soft, str) else (str(soft["entity"]), str(soft.get("loss")))


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
