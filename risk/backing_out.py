"""Own availabilities from promised figures: END_TO_END promises are backed out, suppliers first, once for a view.

Formula: `a_v = e / A'(v)`, `A'(v)` being A(v) with a_v = 1 on the joint state; in unavailabilities
`q_v = (u_e - U'(v)) / (1 - U'(v))`. Inside a strongly connected component A' is taken with all its members' own = 1.
Cost: one composite for each END_TO_END figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from risk.availability import Availability, Before
from risk.graph import System
from risk.limits import DEFAULT_LIMITS, Check, Limits, unhurried
from risk.reduced.prepared import Prepared
from risk.structure import closure
from topology.errors import AnalysisTooLarge
from topology.model import Extent

_TOLERANCE = 1e-12
"""How far a promise may lie above its supply, in unavailability, before it is reported."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The promised ratio of an entity (None: missing, counted as up) and whether it covers the entity's suppliers."""

    ratio: Decimal | None
    extent: Extent = Extent.INTRINSIC


@dataclass(frozen=True, slots=True)
class Exceeded:
    """An END_TO_END promise above what the entity's suppliers deliver: PROMISE_EXCEEDS_SUPPLY.

    `promised` and `supplied` are unavailabilities: 1 - e and 1 - A'(v).
    """

    entity: int
    promised: float
    supplied: float


@dataclass(frozen=True, slots=True)
class BackedOut:
    """Own unavailabilities by number, the promises that exceed their supply, and the engine they are loaded into.

    `unsettled` are the entities whose promise cannot be backed out within the limits, each with why; they are loaded
    as up, and nothing that reaches them may be asked: see `ensure_settled`.
    """

    own: tuple[float, ...]
    exceeded: tuple[Exceeded, ...]
    availability: Availability[float]
    unsettled: Mapping[int, str]

    def supplied(self, entity: int, component: Sequence[int], check: Check = unhurried) -> float:
        """`1 - A'(v)`, what a promise of the whole is backed out of; `component` is v's strongly connected one.

        Raises:
            AnalysisTooLarge: a limit of size was met, or only bounds are known.
        """
        return _over(self.availability, self.own, component).supplied(entity, check)

    def ensure_settled(self, entities: frozenset[int]) -> None:
        """See to it that the own figures of some entities are known.

        Raises:
            AnalysisTooLarge: one of them cannot be backed out.
        """
        for entity in sorted(self.unsettled.keys() & entities):
            key, why = self.availability.system.keys[entity], self.unsettled[entity]
            raise AnalysisTooLarge(f'the promise of "{key}" cannot be told from its suppliers\': {why}')


def back_out(
    system: System,
    figures: Sequence[Figure],
    *,
    limits: Limits = DEFAULT_LIMITS,
    prepared: Prepared | None = None,
    check: Check = unhurried,
) -> BackedOut:
    """The own unavailabilities that figures come to.

    Args:
        system: the system.
        figures: one for each entity, by number.
        limits: sizes at which the engine goes to its next rung.
        prepared: what is known of the system already; other figures of one system share it.
        check: called every few thousand steps.
    """
    prepared = prepared or Prepared(system, limits)
    anew = dict(enumerate(figures))
    own, unsettled = [0.0] * len(figures), dict[int, str]()
    exceeded = _set(anew, own, unsettled, prepared, check)
    settled = tuple(own)
    availability = Availability(system, settled, prepared=prepared, failed=system.failed)
    return BackedOut(tuple(availability.own), exceeded, availability, MappingProxyType(unsettled))


def back_out_anew(
    kept: BackedOut,
    own: Sequence[float],
    prepared: Prepared,
    figures: Mapping[int, Figure],
    *,
    reached: frozenset[int] | None = None,
    check: Check = unhurried,
) -> BackedOut:
    """The own unavailabilities of a changed system: those of some entities anew, all others as they were.

    They are told on the unfailed system; what has failed of it is laid on top.

    Args:
        kept: what was told before the change.
        own: its own unavailabilities, by the numbers of the changed system; 0 for what is new.
        prepared: what is known of the changed system.
        figures: those of the entities that are to be told anew.
        reached: what the change reaches, where both systems have one numbering; what it does not is then asked of the
            engine from before.
        check: called every few thousand steps.
    """
    system, keys = prepared.system, kept.availability.system.keys
    mine = list(own)
    known = (*kept.unsettled, *(each.entity for each in kept.exceeded))
    numbers = {entity: system.index.get(keys[entity]) for entity in known}
    stay = {was: now for was, now in numbers.items() if now is not None and now not in figures}
    unsettled = {stay[was]: why for was, why in kept.unsettled.items() if was in stay}
    exceeded = [replace(e, entity=stay[e.entity]) for e in kept.exceeded if e.entity in stay]
    exceeded += _set(figures, mine, unsettled, prepared, check)
    before = None if reached is None else Before(kept.availability, reached)
    availability = Availability(system, tuple(mine), prepared=prepared, failed=system.failed, before=before)
    beyond = tuple(sorted(exceeded, key=lambda e: e.entity))
    return BackedOut(tuple(availability.own), beyond, availability, MappingProxyType(unsettled))


def _set(
    figures: Mapping[int, Figure], own: list[float], unsettled: dict[int, str], prepared: Prepared, check: Check
) -> tuple[Exceeded, ...]:
    """Set the own unavailabilities of entities with these figures, suppliers first, and say what cannot be told."""
    promised = {v: 0.0 if figure.ratio is None else float(1 - figure.ratio) for v, figure in figures.items()}
    whole = {v for v, f in figures.items() if f.ratio is not None and f.extent is Extent.END_TO_END}
    for v, q in promised.items():
        own[v] = 0.0 if v in whole else q
    # Suppliers come first, so this engine never reads a figure that is still to be set.
    growing = Availability(prepared.system, own, prepared=prepared)
    exceeded: list[Exceeded] = []
    for component in prepared.components(whole, check=check):
        asked = [v for v in component if v in whole]
        if not asked:
            continue
        engine = _over(growing, own, component)
        for v in asked:
            if unsettled and unsettled.keys() & closure(prepared.system, v):
                unsettled[v] = "one of them cannot be told itself"
                continue
            try:
                supplied = engine.supplied(v, check)
            except AnalysisTooLarge as too_large:
                unsettled[v] = str(too_large)
                continue
            if supplied - promised[v] > _TOLERANCE:
                exceeded.append(Exceeded(v, promised[v], supplied))
            if promised[v] > supplied:
                own[v] = (promised[v] - supplied) / (1 - supplied)
    return tuple(sorted(exceeded, key=lambda e: e.entity))


def _over(engine: Availability[float], own: Sequence[float], component: Sequence[int]) -> Availability[float]:
    """The engine in which no member of a component of several has faults of its own."""
    if len(component) == 1:
        return engine
    found = list(own)
    for entity in component:
        found[entity] = 0.0
    return engine.with_own(found)
