"""Redundancy illusions: an entity whose failure alone leaves a redundant group with fewer members up than it needs.

Formula: of a group that needs k of n > k members, x is such an entity when `#{m in members : x in N(m)} > n - k`; since
n - k >= 1 it always takes two members or more, so that each is a hidden common cause. The consumer itself is none: it
stops with its own failure, whatever its group does.
Cost: one pass of set operations over the members' necessary sets.
Source: section 3.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from risk.bitsets import bits, outweighing
from risk.limits import Check, unhurried
from risk.reduced.prepared import Prepared

_STRIDE = 512


@dataclass(frozen=True, slots=True)
class Illusion:
    """A redundant group that one entity can take down.

    Attributes:
        consumer: whose group it is, by number.
        group: its place among the consumer's groups.
        shared: the entity whose failure alone does it, by number; it may be a member itself.
        lost: the members that fall with it, by number, ascending.
    """

    consumer: int
    group: int
    shared: int
    lost: tuple[int, ...]


def illusions(prepared: Prepared, consumers: Iterable[int], check: Check = unhurried) -> Iterator[Illusion]:
    """The illusions of the groups of some consumers: as these come, then by group, then by the shared entity.

    What is down with nothing else failed is gone: it is no member, and takes nothing down any more. Of all consumers
    ask in the order of `Prepared.by_cone`.
    """
    standing = prepared.standing
    for step, consumer in enumerate(consumers):
        if step % _STRIDE == 0:
            check()
        for place, group in enumerate(standing.system.groups[consumer]):
            if not group.is_series:
                yield from _of_group(standing.about(consumer), consumer, place, check)


def _of_group(prepared: Prepared, consumer: int, place: int, check: Check) -> Iterator[Illusion]:
    group = prepared.system.groups[consumer][place]
    condensed = prepared.blocks(check)
    block_of, members = condensed.block_of, condensed.members
    necessity = prepared.cone_of(block_of[consumer], check).reduction.necessity
    needs = {member: necessity.needs(block_of[member]) for member in group.members}
    found: list[Illusion] = []
    for bit in bits(outweighing([(need, 1) for need in needs.values()], len(group.members) - group.required)):
        block = necessity.block_at[bit]
        if block >= 0:
            lost = tuple(member for member in group.members if needs[member] >> bit & 1)
            found += (Illusion(consumer, place, shared, lost) for shared in members[block] if shared != consumer)
    yield from sorted(found, key=lambda illusion: illusion.shared)
