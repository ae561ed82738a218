"""Own availabilities from promised figures: END_TO_END promises are backed out, suppliers first, once for a view."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from risk.availability import Availability
from risk.graph import System
from risk.limits import DEFAULT_LIMITS, Check, Limits, unhurried
from topology.model import Extent


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
    """Own unavailabilities by number, the promises that exceed their supply, and the engine they are loaded into."""

    own: tuple[float, ...]
    exceeded: tuple[Exceeded, ...]
    availability: Availability[float]


def back_out(
    system: System, figures: Sequence[Figure], *, limits: Limits = DEFAULT_LIMITS, check: Check = unhurried
) -> BackedOut:
    """`a_v = e / A'(v)` for every END_TO_END figure, `A'(v)` being A(v) with a_v = 1, on the joint state."""
    raise NotImplementedError
