"""What falls when something fails, how far it is from the cause, and by which chain.

Formula: `down(F)`, section 3; the states between UP and DOWN belong to the cascade.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from risk.graph import System
from risk.limits import Check, unhurried
from risk.structure import falling
from risk.terms import ImpactState


@dataclass(frozen=True, slots=True)
class Impact:
    """One entity that is worse off.

    Attributes:
        entity: its number.
        state: how it fares.
        distance: causal steps from the failed set, 0 for its members; a group falls with the last member it needed.
        causes: for each fallen entity the one whose fall took it down; shared by all impacts of one failed set.
    """

    entity: int
    state: ImpactState
    distance: int
    causes: Mapping[int, int] = field(repr=False, compare=False)

    @property
    def witness(self) -> tuple[int, ...]:
        """One causal chain, as long as the distance, from a failed entity to this one."""
        chain = [self.entity]
        while chain[-1] in self.causes:
            chain.append(self.causes[chain[-1]])
        return tuple(reversed(chain))


@dataclass(frozen=True, slots=True)
class FailureImpact:
    """What a failed set does: the impacted entities (worst first, then nearest, then by number)."""

    failed: tuple[int, ...]
    impacts: tuple[Impact, ...]

    def count(self, state: ImpactState) -> int:
        """How many entities are in a state."""
        return sum(impact.state is state for impact in self.impacts)


def failure_impact(system: System, failed: Iterable[int], check: Check = unhurried) -> FailureImpact:
    """The entities that are DOWN when `failed` have failed themselves and nothing else has.

    Cost: linear in the edges into what goes down.
    """
    start = sorted(set(failed))
    causes: dict[int, int] = {}
    rounds: dict[int, int] = {}
    for entity, distance, lost in falling(system, start, check):
        rounds[entity] = distance
        if lost:
            # The member that fell last is the one without whose fall the group would still stand.
            causes[entity] = min(lost, key=lambda member: (-rounds[member], member))
    shared = MappingProxyType(causes)
    impacts = (Impact(entity, ImpactState.DOWN, distance, shared) for entity, distance in rounds.items())
    return FailureImpact(tuple(start), tuple(impacts))
