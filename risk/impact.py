"""What falls when something fails."""

from collections.abc import Iterable
from dataclasses import dataclass

from risk.graph import System
from risk.limits import Check, unhurried
from risk.terms import ImpactState


@dataclass(frozen=True, slots=True)
class Impact:
    """One entity that is worse off.

    Attributes:
        entity: its number.
        state: how it fares.
        distance: causal steps from the failed set, 0 for its members.
        witness: the shortest causal chain, from a failed entity to this one.
    """

    entity: int
    state: ImpactState
    distance: int
    witness: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FailureImpact:
    """What a failed set does: the impacted entities (worst first, then nearest, then by number)."""

    failed: tuple[int, ...]
    impacts: tuple[Impact, ...]

    def count(self, state: ImpactState) -> int:
        """How many entities are in a state."""
        return sum(impact.state is state for impact in self.impacts)


def failure_impact(system: System, failed: Iterable[int], check: Check = unhurried) -> FailureImpact:
    """The entities that are DOWN when `failed` have failed themselves and nothing else has."""
    raise NotImplementedError
