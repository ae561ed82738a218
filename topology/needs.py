"""What an entity needs, a little different: a member more, or one supplier in the place of another."""

from dataclasses import replace

from topology.model import Degradation, Member, RequirementGroup


def with_member(group: RequirementGroup, member: Member) -> RequirementGroup:
    """The group with one more member, or with the member stated anew."""
    kept = [item for item in group.members if item.entity != member.entity]
    return replace(group, members=tuple(sorted([*kept, member], key=lambda item: item.entity)))


def with_other(group: RequirementGroup, gone: str, come: str) -> RequirementGroup:
    """The group with one member in the place of another, which keeps what was said of it."""
    members = [replace(item, entity=come) if item.entity == gone else item for item in group.members]
    return replace(group, members=tuple(sorted(members, key=lambda item: item.entity)))


def with_supplier(edge: Degradation, supplier: str) -> Degradation:
    """The soft need, of another supplier."""
    return replace(edge, supplier=supplier)
