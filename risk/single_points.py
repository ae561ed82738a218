"""Single points of failure: what stops an entity alone, at the level of entities, vendors, groups and domains."""

from collections.abc import Sequence
from dataclasses import dataclass

from risk.availability import Availability
from risk.graph import System
from risk.limits import Check, unhurried
from risk.terms import FailureLevel
from topology.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class FailureSet:
    """What fails as one: the key of its subject (an entity's, or a party's) and the entities it stands for."""

    level: FailureLevel
    subject: str
    entities: frozenset[int]


@dataclass(frozen=True, slots=True)
class SinglePoint:
    """Something whose failure alone stops `stops`.

    Attributes:
        level: what it is.
        subject: the key of an entity, or of a party.
        entity: the entity's number at the levels ENTITY and FAILURE_DOMAIN.
        hidden: no chain of 1-of-1 requirements leads from the root to any of its entities.
        structural: every entity of it has own availability 1.
        minutes: downtime of the root per 30 days that would be gone if it never failed; None where no root is meant.
        stops: the transactions that it stops, by number.
    """

    level: FailureLevel
    subject: str
    entity: int | None
    hidden: bool
    structural: bool
    minutes: float | None
    stops: tuple[int, ...]


def failure_sets(snapshot: Snapshot, system: System, level: FailureLevel) -> tuple[FailureSet, ...]:
    """All failure sets of a level, by subject's key. AGREEMENT and OWNER follow with the issue that needs them."""
    raise NotImplementedError


def single_points(
    availability: Availability[float], sets: Sequence[FailureSet], root: int, check: Check = unhurried
) -> tuple[SinglePoint, ...]:
    """The single points of one entity among `sets`, costliest first, then by subject."""
    raise NotImplementedError


def estate_single_points(
    availability: Availability[float], sets: Sequence[FailureSet], check: Check = unhurried
) -> tuple[SinglePoint, ...]:
    """Every set that stops a transaction other than itself, most transactions first; `minutes` is None."""
    raise NotImplementedError
