"""Common causes inside redundant groups: events that stop all members at once.

Formula: `q_c = beta x` the least own q of the members; each member keeps `q_i' = 1 - (1 - q_i) / (1 - q_c)`, so that
alone it fails as often as before. A member of several groups is relieved of each group's cause in turn, down to 0.
Source: the beta factor of Fleming (1975).
"""

from collections.abc import Sequence

from risk.graph import Group, System, assembled
from risk.probability import P


def with_common_cause(system: System, own: Sequence[P], beta: P, *, everywhere: bool) -> tuple[System, tuple[P, ...]]:
    """The system with the causes as extra entities after the last number, one for each group that has one.

    Args:
        system: the system.
        own: own unavailabilities, by number.
        beta: the share for groups that state none, 0..1.
        everywhere: whether every redundant group gets a cause (the sensitivity), or only groups that state a beta.

    Returns:
        The system, and own unavailabilities of its entities; the same two when no group has a cause.
    """
    groups: list[list[Group]] = [list(needs) for needs in system.groups]
    figures = list(own)
    number = type(beta)
    for needs in system.groups:
        for group in needs:
            stated = number(group.beta) if group.beta is not None else None
            share = stated if stated is not None else (beta if everywhere and not group.is_series else beta * 0)
            cause = share * min(own[member] for member in group.members)
            if cause <= 0 or len(group.members) == 1:
                continue
            for member in group.members:
                groups[member].append(Group(1, (len(figures),)))
                left = (figures[member] - cause) / (1 - cause) if cause < 1 else cause * 0
                figures[member] = max(left, cause * 0)
            figures.append(cause)
    if len(figures) == len(own):
        return system, tuple(own)
    extra: int = len(figures) - len(own)
    # Keys of entities are never empty and hold no blanks, so these cannot meet one.
    keys = (*system.keys, *(f"common cause {position}" for position in range(extra)))
    return assembled(keys, (*map(tuple, groups), *((),) * extra), (*system.soft, *((),) * extra)), tuple(figures)
