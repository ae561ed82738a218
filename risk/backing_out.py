"""Own availabilities from promised figures: END_TO_END promises are backed out, suppliers first, once for a view.

Formula: `a_v = e / A'(v)`, `A'(v)` being A(v) with a_v = 1 on the joint state; in unavailabilities
`q_v = (u_e - U'(v)) / (1 - U'(v))`. Inside a strongly connected component A' is taken with all its members' own = 1.
Cost: one composite for each END_TO_END figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from risk.availability import Availability
from risk.graph import System
from risk.limits import DEFAULT_LIMITS, Check, Limits, unhurried
from risk.prepared import Prepared
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
    promised = [0.0 if figure.ratio is None else float(1 - figure.ratio) for figure in figures]
    whole = {v for v, f in enumerate(figures) if f.ratio is not None and f.extent is Extent.END_TO_END}
    own = [0.0 if v in whole else q for v, q in enumerate(promised)]
    # Suppliers come first, so this engine never reads a figure that is still to be set.
    growing = Availability(system, own, prepared=prepared)
    exceeded: list[Exceeded] = []
    unsettled: dict[int, str] = {}
    for component in prepared.components():
        asked = [v for v in component if v in whole]
        if not asked:
            continue
        engine = _over(growing, own, component)
        for v in asked:
            if unsettled and unsettled.keys() & closure(system, v):
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
    settled = tuple(own)
    beyond = tuple(sorted(exceeded, key=lambda e: e.entity))
    return BackedOut(settled, beyond, growing.with_own(settled), MappingProxyType(unsettled))


def _over(engine: Availability[float], own: Sequence[float], component: Sequence[int]) -> Availability[float]:
    """The engine in which no member of a component of several has faults of its own."""
    if len(component) == 1:
        return engine
    found = list(own)
    for entity in component:
        found[entity] = 0.0
    return engine.with_own(found)
