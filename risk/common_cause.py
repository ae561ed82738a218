"""Common causes inside groups: events that stop all members at once.

Formula: `q_c = beta x` the least own q of the members; each member keeps `q_i' = 1 - (1 - q_i) / (1 - q_c)`, so that
alone it fails as often as before. A member of several groups is relieved of each group's cause in turn, down to 0.
Source: the beta factor of Fleming (1975).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import prod

from risk.graph import Group, System, assembled
from risk.limits import Check, paced, unhurried
from risk.probability import P

_NONE = Decimal(0)
SUPPOSED_BETA = Decimal("0.1")
"""The share at which a figure's sensitivity to common causes is shown."""


@dataclass(frozen=True)
class CommonCauses:
    """A system with its common causes as extra entities after the last number, each with its members and its beta."""

    system: System = field(repr=False)
    causes: tuple[tuple[tuple[int, ...], Decimal], ...]

    def figures(self, own: Sequence[P]) -> list[P]:
        """Own unavailabilities of the extended system, from those of the plain one."""
        found = list(own)
        number: Callable[[Fraction], P] = type(own[0])
        for members, beta in self.causes:
            cause = number(Fraction(beta)) * min(own[member] for member in members)
            for member in members:
                rest = (found[member] - cause) / (1 - cause) if cause < 1 else cause * 0
                found[member] = max(rest, cause * 0)
            found.append(cause)
        return found

    @cached_property
    def of(self) -> Mapping[int, tuple[int, ...]]:
        """The numbers of the causes that stop each entity which has any."""
        found: dict[int, tuple[int, ...]] = {}
        for number, (members, _) in enumerate(self.causes, start=len(self.system) - len(self.causes)):
            for member in members:
                found[member] = (*found.get(member, ()), number)
        return found

    def all_failed(self, entities: Collection[int], own: Sequence[P]) -> P:
        """The probability that all of some entities have failed, each alone or by a cause of its own or shared.

        Formula: cause by cause, `q_c P(those that it leaves) + (1 - q_c) P(all of them)`; then the product.
        """
        causes = sorted({cause for entity in entities for cause in self.of.get(entity, ())})
        one: P = own[0] * 0 + 1

        def all_of(left: frozenset[int], place: int) -> P:
            if not left or place == len(causes):
                return prod([own[entity] for entity in sorted(left)], start=one)
            cause = causes[place]
            spared = frozenset(entity for entity in left if cause not in self.of.get(entity, ()))
            if len(spared) == len(left):
                return all_of(left, place + 1)
            return own[cause] * all_of(spared, place + 1) + (1 - own[cause]) * all_of(left, place + 1)

        return all_of(frozenset(entities), 0)


def common_causes(
    system: System, beta: Decimal = _NONE, about: Collection[int] | None = None, check: Check = unhurried
) -> CommonCauses | None:
    """The common causes of a system; None where there are none.

    Args:
        system: the system.
        beta: the share for redundant groups that state none, 0..1; .1 shows how sensitive a figure is.
        about: only causes that some of these entities share in; absent: all.
        check: called every few thousand steps.
    """
    causes: list[tuple[tuple[int, ...], Decimal]] = []
    is_assumed = beta > 0
    for needs in paced(system.groups, check):
        for group in needs:
            if group.beta is None and (not is_assumed or group.is_series):
                continue
            share = beta if group.beta is None else group.beta
            if share > 0 and len(group.members) > 1 and (about is None or any(m in about for m in group.members)):
                causes.append((group.members, share))
    if not causes:
        return None
    groups: list[list[Group]] = [
        [replace(group, beta=None) for group in needs] for needs in paced(system.groups, check)
    ]
    for number, (members, _) in enumerate(causes, start=len(system)):
        for member in members:
            groups[member].append(Group(1, (number,)))
    extended = assembled(
        # No key holds a blank, so these meet none.
        (*system.keys, *(f"common cause {number}" for number in range(len(causes)))),
        (*map(tuple, groups), *((),) * len(causes)),
        (*system.soft, *((),) * len(causes)),
        check=check,
    )
    return CommonCauses(extended, tuple(causes))
