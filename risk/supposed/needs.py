"""Operations on what entities need: plain needs, groups, and suppliers in the place of others."""

from dataclasses import replace

from risk.supposed.operations import AddMember, AddRequirement, RemoveRequirement, ReplaceSupplier, SetGroup
from risk.supposed.supposing import Model, refused, sound
from topology.model import Degradation, Member, RequirementGroup
from topology.names import UNNAMED_GROUP
from topology.needs import with_member, with_other, with_supplier


def add_requirement(model: Model, said: AddRequirement) -> None:
    """A plain need more."""
    consumer, supplier = model.known(said.consumer, "consumer"), model.known(said.supplier, "supplier")
    held = model.needs(consumer)
    if _plain(held, supplier):
        hint = "to state it anew, remove it first"
        raise refused("UP-NEED-TWICE", f'"{consumer}" needs "{supplier}" already', hint)
    group = RequirementGroup(consumer, 1, (Member(supplier, said.tolerance),))
    sound(group)
    model.require(consumer, (*held, group))


def remove_requirement(model: Model, said: RemoveRequirement) -> None:
    """A plain need less."""
    consumer, supplier = model.known(said.consumer, "consumer"), model.known(said.supplier, "supplier")
    held = model.needs(consumer)
    gone = _plain(held, supplier)
    if not gone:
        hint = "a member of a group is taken out with setGroup"
        raise refused("UP-NO-EDGE", f'"{consumer}" has no plain need of "{supplier}"', hint)
    model.require(consumer, tuple(group for group in held if group not in gone))


def set_group(model: Model, said: SetGroup) -> None:
    """A named group as it is to be; members that stay keep their tolerance."""
    consumer = model.known(said.consumer, "consumer")
    if UNNAMED_GROUP.fullmatch(said.name):
        hint = "names such as g1 are for groups without a name"
        raise refused("UP-GROUP-NAME", f'"{said.name}" cannot be the name of a group', hint)
    held = _named(model, consumer, said.name)
    stay = {} if held is None else {member.entity: member for member in held.members}
    keys = sorted(model.known(key, "members") for key in said.members)
    members = tuple(stay.get(key, Member(key)) for key in keys)
    base = held or RequirementGroup(consumer, said.required, (), said.name)
    _put(model, consumer, held, replace(base, required=said.required, members=members))


def add_member(model: Model, said: AddMember) -> None:
    """A member more of a named group."""
    consumer, supplier = model.known(said.consumer, "consumer"), model.known(said.supplier, "supplier")
    held = _named(model, consumer, said.group)
    if held is None:
        raise refused("UP-NO-GROUP", f'"{consumer}" has no group "{said.group}"', "make it with setGroup")
    if supplier in {member.entity for member in held.members}:
        hint = "setGroup states the whole group"
        raise refused("UP-GROUP-REPEAT", f'"{supplier}" is in group "{said.group}" of "{consumer}" already', hint)
    _put(model, consumer, held, with_member(held, Member(supplier, said.tolerance)))


def replace_supplier(model: Model, said: ReplaceSupplier) -> None:
    """One supplier in the place of another, for one consumer or for all."""
    gone, come = model.known(said.gone, "from"), model.known(said.come, "to")
    needing = model.consumers_of(gone)
    if said.consumer is not None:
        one = model.known(said.consumer, "consumer")
        if one not in needing:
            raise refused("UP-NO-EDGE", f'"{one}" does not need "{gone}"')
        needing = [one]
    if not needing:
        raise refused("UP-NO-EDGE", f'nobody needs "{gone}"')
    for consumer in needing if gone != come else ():
        if consumer == come:
            raise refused("UP-NEED-SELF", f'"{come}" needs "{gone}" itself, and cannot take its place there')
        groups = _replaced(consumer, model.needs(consumer), gone, come)
        model.require(consumer, groups, _replaced_softly(model.soft_needs(consumer), gone, come))


def _replaced(consumer: str, held: tuple[RequirementGroup, ...], gone: str, come: str) -> tuple[RequirementGroup, ...]:
    """The groups with `come` in the place of `gone`; a plain need of both becomes one, with the lesser tolerance."""
    found: list[RequirementGroup] = []
    for group in held:
        keys = {member.entity for member in group.members}
        if {gone, come} <= keys:
            hint = "state the group anew with setGroup"
            raise refused("UP-GROUP-REPEAT", f'a group of "{consumer}" has both "{gone}" and "{come}"', hint)
        found.append(with_other(group, gone, come) if gone in keys else group)
    plain = _plain(tuple(found), come)
    if len(plain) > 1:
        least = min(group.members[0].tolerance for group in plain)
        one = replace(plain[0], members=(replace(plain[0].members[0], tolerance=least),))
        found = [one, *(group for group in found if group not in plain)]
    return tuple(found)


def _replaced_softly(held: tuple[Degradation, ...], gone: str, come: str) -> tuple[Degradation, ...]:
    """The soft needs with `come` in the place of `gone`; of two the greater loss that is stated counts."""
    found: dict[str, Degradation] = {}
    for edge in held:
        one = with_supplier(edge, come) if edge.supplier == gone else edge
        other = found.get(one.supplier)
        if other is not None:
            losses = [loss for loss in (one.loss, other.loss) if loss is not None]
            tolerance = min(one.tolerance, other.tolerance)
            one = replace(one, loss=max(losses, default=None), tolerance=tolerance)
        found[one.supplier] = one
    return tuple(found.values())


def _put(model: Model, consumer: str, held: RequirementGroup | None, group: RequirementGroup) -> None:
    sound(group)
    others = tuple(other for other in model.needs(consumer) if other != held)
    model.require(consumer, (*others, group))


def _plain(held: tuple[RequirementGroup, ...], supplier: str) -> list[RequirementGroup]:
    """The groups that are a plain need of a supplier."""
    return [group for group in held if len(group.members) == 1 and group.members[0].entity == supplier]


def _named(model: Model, consumer: str, name: str) -> RequirementGroup | None:
    return next((group for group in model.needs(consumer) if group.name == name), None)
