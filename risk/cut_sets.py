"""Minimal cut sets: the smallest joint failures that stop an entity."""

from dataclasses import dataclass
from enum import StrEnum

from risk.availability import Availability


class CutSetCap(StrEnum):
    """What ended a list of cut sets early: how many were asked for, the order, or the time."""

    FIRST = "first"
    ORDER = "order"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class CutSet:
    """Entities whose joint failure stops the root, none of which can be left out; the root is never among them.

    `probability` that all of them have failed; `structural` when that is 0 because one of them never fails.
    """

    entities: tuple[int, ...]
    probability: float
    structural: bool


@dataclass(frozen=True, slots=True)
class CutSets:
    """Cut sets, likeliest first, then shortest, then by number; `capped_by` says what ended the list early."""

    found: tuple[CutSet, ...]
    total: int | None
    capped_by: CutSetCap | None


def cut_sets(availability: Availability[float], root: int, *, max_order: int = 2, first: int = 50) -> CutSets:
    """The minimal cut sets of a root up to an order of 1 to 3."""
    raise NotImplementedError
