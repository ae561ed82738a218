"""What all analyses of one view start from, on one basis, worked out once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from risk.agreements.choice import AgreementIndex
from risk.backing_out import BackedOut, Figure, back_out
from risk.figures import own_figures
from risk.graph import System
from risk.limits import Check, paced, unhurried
from risk.reduced.prepared import Prepared
from risk.results import OwnFigure
from risk.terms import Basis
from topology.model import EntityKind, Extent
from topology.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class View:
    """A snapshot at a date, with the own figures of its entities in the engine.

    Attributes:
        snapshot: the model.
        at: the business date, compared in each agreement's own zone.
        system: the model's requirement graph.
        index: the agreements by what they cover.
        basis: what the figures are read from.
        figures: the own figure of every entity, by key, in the system's order.
        backed_out: the own unavailabilities that these come to; what is missing counts as up.
        promised: the same by number where nothing missing is counted on: u = 1 for what nobody promises.
        unknown: the numbers of the entities whose figure is missing.
        on_cycles: the entities on a cycle of requirements.
        whole: externals whose promise answers for their suppliers as well (END_TO_END), with its unavailability; none
            on a cycle: what would answer for all beneath it lies beneath itself there (docs/decisions.md).
        strained: how much such externals are expected to be down where a scenario changed something beneath them: the
            promise was made before that.
    """

    snapshot: Snapshot
    at: date
    system: System
    index: AgreementIndex
    basis: Basis
    figures: Mapping[str, OwnFigure]
    backed_out: BackedOut
    promised: Sequence[float]
    unknown: frozenset[int]
    on_cycles: frozenset[int]
    whole: Mapping[int, float]
    strained: Mapping[int, float]


def view_of(
    prepared: Prepared, index: AgreementIndex, basis: Basis, check: Check = unhurried, *, tier: str | None = None
) -> View:
    """The view of an index's snapshot and date on one basis; the bases share what is prepared of their system.

    With a service tier, of what holds for it.
    """
    system = prepared.system
    figures = own_figures(index, system.keys, basis, tier, check=check)
    listed = tuple(figures.values())
    promises = [Figure(f.value, f.extent or Extent.INTRINSIC) for f in listed]
    backed_out = back_out(system, promises, prepared=prepared, check=check)
    on_cycles = frozenset(v for component in prepared.components(check=check) if len(component) > 1 for v in component)
    promised, whole = list(backed_out.own), dict[int, float]()
    for number, figure in enumerate(paced(listed, check)):
        count_on(system, number, figure, promised, whole, on_cycle=number in on_cycles)
    discount(system.failed, promised, whole)
    return View(
        snapshot=index.snapshot,
        at=index.at,
        system=system,
        index=index,
        basis=basis,
        figures=figures,
        backed_out=backed_out,
        promised=tuple(promised),
        on_cycles=on_cycles,
        unknown=frozenset(n for n, f in enumerate(listed) if f.value is None),
        whole=MappingProxyType(whole),
        strained=MappingProxyType({}),
    )


def count_on(
    system: System, entity: int, figure: OwnFigure, promised: list[float], whole: dict[int, float], *, on_cycle: bool
) -> None:
    """Set what an entity's figure can be counted on for, in `promised` (which holds its own q) and in `whole`."""
    whole.pop(entity, None)
    if figure.value is None:
        promised[entity] = 1.0
    elif is_whole(system, entity, figure):
        (promised if on_cycle else whole)[entity] = float(1 - figure.value)


def discount(failed: Iterable[int], promised: list[float], whole: dict[int, float]) -> None:
    """Count on nothing of what has failed."""
    for entity in failed:
        promised[entity] = 1.0
        whole.pop(entity, None)


def is_whole(system: System, entity: int, figure: OwnFigure) -> bool:
    """Whether an entity is an external whose promise covers what is beneath it as well."""
    return system.kinds[entity] is EntityKind.EXTERNAL and figure.extent is Extent.END_TO_END
