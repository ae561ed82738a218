"""Which entity matters how much to a root, and what an entity would have to reach.

Source: Birnbaum (1969). `criticality` is 1 - 1/RRW and never called Fussell-Vesely, which is another figure.
"""

from dataclasses import dataclass

from risk.availability import Availability


@dataclass(frozen=True, slots=True)
class Importance:
    """One entity under a root. Minutes are per 30 days; None where a figure is undefined (U = 0, or no risk left).

    Attributes:
        entity: its number.
        birnbaum: `A|x=1 - A|x=0`.
        minutes: the contribution `(1 - a) birnbaum`, in minutes per 30 days.
        share: the contribution's share of all contributions; None when all are 0.
        criticality: `(A|1 - A) / (1 - A)`.
        raw: `(1 - A|0) / (1 - A)`.
        rrw: `(1 - A) / (1 - A|1)`.
        structural: own availability 1: it can stop the root, and never does.
    """

    entity: int
    birnbaum: float
    minutes: float
    share: float | None
    criticality: float | None
    raw: float | None
    rrw: float | None
    structural: bool


def importances(availability: Availability[float], root: int) -> tuple[Importance, ...]:
    """Every entity of the hard closure, the root too, largest contribution first, then by number (that is, by key)."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Needed:
    """The own unavailability at which a root just meets a target.

    Attributes:
        unavailability: the largest own q that meets the target; below 0 when even q = 0 does not, above 1 when
            every q does; None when the entity makes no difference.
        best: the root's unavailability with this entity's own q = 0.
        reachable: whether any own q in 0..1 meets the target.
    """

    unavailability: float | None
    best: float
    reachable: bool


def needed(availability: Availability[float], root: int, entity: int, target: float) -> Needed:
    """The inverse question: which own q of `entity` makes the root's unavailability `target` (A is affine in it)."""
    raise NotImplementedError
