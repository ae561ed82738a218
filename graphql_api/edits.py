"""From the changes that a client asks for to facts of one source; each change sees those before it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from graphql_api.drafts import Draft, refused
from graphql_api.lists import given_or_none
from graphql_api.types import changes as asked
from importers.figures import FigureError, is_time, quantity, unit_of_time
from importers.native.agreements import TIME_METRICS
from importers.native.fields import window
from topology.changes import ChangeSet
from topology.errors import BadInput, Issue
from topology.facts import EntityStatement, identity
from topology.model import (
    ZERO,
    Agreement,
    AgreementType,
    Degradation,
    Member,
    Party,
    RequirementGroup,
    Target,
    Validity,
    default_extent,
)
from topology.names import UNNAMED_GROUP, id_issue
from topology.needs import with_member, with_other, with_supplier
from topology.snapshot import Snapshot
from topology.units import ratio_of_percent

_RATIOS = ("availability", "success_rate")


@dataclass(frozen=True, slots=True)
class Edited:
    """A change set, and from each of its facts to the place of the change that made it."""

    change: ChangeSet
    places: dict[tuple[str, ...], int]


def edited(base: Snapshot, source: str, changes: list[asked.ChangeInput], today: date) -> Edited:
    """What changes come to in a snapshot.

    Args:
        base: the newest snapshot.
        source: whose facts they become.
        changes: in order.
        today: the date that retiring is reckoned from.

    Raises:
        BadInput: changes that make no sense there, all of them named.
    """
    draft = Draft(base, source)
    issues: list[Issue] = []
    refused_keys: set[str] = set()
    for place, change in enumerate(changes):
        draft.current = place
        name, value = next((f.name, getattr(change, f.name)) for f in fields(change) if _is_given(change, f.name))
        try:
            if name == "retire_entity":
                _retire(draft, value, today)
            else:
                _EDITS[name](draft, value)
        except (BadInput, FigureError) as error:
            found = _placed(error, place)
            # What lacks only the thing that an earlier change should have made needs no word of its own.
            follows = any(key in refused_keys for key in _texts_of(value))
            issues += [issue for issue in found if not (follows and issue.code in ("UP-UNKNOWN", "UP-NO-GROUP"))]
            refused_keys.update(key for key in (getattr(value, "key", None), getattr(value, "name", None)) if key)
    if issues:
        raise BadInput(tuple(issues))
    return Edited(draft.change_set(), dict(draft.by_change))


def _texts_of(value: object) -> list[str]:
    held = [value] if not is_dataclass(value) else [getattr(value, f.name) for f in fields(value)]
    return [item for item in held if isinstance(item, str)]


def _is_given(change: asked.ChangeInput, name: str) -> bool:
    return given_or_none(getattr(change, name)) is not None


def _placed(error: BadInput | FigureError, place: int) -> list[Issue]:
    path = ("changes", str(place))
    if isinstance(error, FigureError):
        return [Issue(error.code, error.message, path, error.hint)]
    return [replace(issue, path=path) for issue in error.issues]


def _put_party(draft: Draft, said: asked.PartyInput) -> None:
    _refuse_as_new(said.key, draft.base.canonical(said.key) in draft.base.parties)
    held = [item for item in draft.own("party", said.key) if isinstance(item, Party)]
    contacts = held[0].contacts if held else ()
    draft.put(Party(said.key, said.kind, given_or_none(said.name) or said.key, given_or_none(said.parent), contacts))


def _remove_party(draft: Draft, key: str) -> None:
    held = [item for item in draft.own("party", key) if isinstance(item, Party)]
    if not held:
        raise _not_held(draft, "party", key)
    draft.drop(identity(held[0]))


def _add_entity(draft: Draft, said: asked.EntityInput) -> None:
    shown = draft.base.canonical(said.key)
    known = draft.base.entities.get(shown)
    if any(isinstance(item, EntityStatement) and item.kind for item in draft.own("entity", said.key)) or known:
        raise refused("UP-EXISTS", f'there is an entity "{shown}" already')
    _refuse_as_new(said.key, known=False)
    percent = given_or_none(said.availability_percent)
    draft.put(
        EntityStatement(
            said.key,
            said.kind,
            given_or_none(said.name),
            given_or_none(said.owner),
            given_or_none(said.provider),
            availability=None if percent is None else ratio_of_percent(percent),
        )
    )


def _retire(draft: Draft, key: str, today: date) -> None:
    shown = _known(draft, key)
    held = draft.base.entities.get(shown)
    last = today - timedelta(days=1)
    start = held.valid.start if held is not None and held.valid is not None else None
    draft.put(replace(draft.entity(key), valid=Validity(start if start is None or start <= last else None, last)))


def _remove_entity(draft: Draft, key: str) -> None:
    held = draft.own("entity", key)
    if not any(isinstance(item, EntityStatement) and item.kind for item in held):
        raise _not_held(draft, "entity", key)
    for item in held:
        draft.drop(identity(item))


def _set_own_availability(draft: Draft, said: asked.SetOwnAvailabilityInput) -> None:
    _known(draft, said.entity)
    draft.put(replace(draft.entity(said.entity), availability=ratio_of_percent(said.percent)))


def _add_requirement(draft: Draft, said: asked.RequirementInput) -> None:
    member = Member(said.supplier, given_or_none(said.tolerance_minutes) or ZERO)
    if draft.needs(said.consumer, said.supplier):
        hint = "to state it anew, remove it first in the same request"
        raise refused("UP-NEED-TWICE", f'"{said.consumer}" needs "{said.supplier}" already', hint)
    draft.put(RequirementGroup(said.consumer, 1, (member,)))


def _remove_requirement(draft: Draft, said: asked.EdgeInput) -> None:
    supplier = draft.base.canonical(said.supplier)
    held = draft.single(said.consumer, said.supplier)
    if held is not None:
        draft.drop(identity(held))
    others = [fact.statement for fact in draft.others("entity", said.consumer)]
    theirs = [item for item in others if isinstance(item, RequirementGroup) and len(item.members) == 1]
    if any(draft.base.canonical(item.members[0].entity) == supplier for item in theirs):
        draft.overrule(said.consumer, [said.supplier])
    elif held is None:
        hint = "a member of a group is taken out with setGroup"
        raise refused("UP-NO-EDGE", f'"{said.consumer}" has no plain need of "{said.supplier}"', hint)


def _set_group(draft: Draft, said: asked.GroupInput) -> None:
    if UNNAMED_GROUP.fullmatch(said.name):
        hint = "names such as g1 are for groups without a name"
        raise refused("UP-GROUP-NAME", f'"{said.name}" cannot be the name of a group', hint)
    held = _group(draft, said.consumer, said.name)
    tolerances = {} if held is None else {member.entity: member for member in held.members}
    members = tuple(tolerances.get(key, Member(key)) for key in sorted(said.members))
    base = held or RequirementGroup(said.consumer, said.required, (), said.name)
    draft.put(replace(base, consumer=said.consumer, required=said.required, members=members, name=said.name))


def _add_member(draft: Draft, said: asked.MemberInput) -> None:
    held = _group(draft, said.consumer, said.group)
    if held is None:
        raise refused("UP-NO-GROUP", f'"{said.consumer}" has no group "{said.group}"', "make it with setGroup")
    shown = draft.base.canonical(said.supplier)
    if shown in {draft.base.canonical(item.entity) for item in held.members}:
        hint = "setGroup states the whole group"
        raise refused("UP-GROUP-REPEAT", f'"{shown}" is in group "{said.group}" of "{said.consumer}" already', hint)
    draft.put(with_member(held, Member(said.supplier, given_or_none(said.tolerance_minutes) or ZERO)))


def _replace_supplier(draft: Draft, said: asked.ReplaceInput) -> None:
    gone, come = _known(draft, said.from_), _known(draft, said.to)
    one = given_or_none(said.consumer)
    needing = {draft.base.canonical(item[1]) for item in draft.touched if item[0] in ("group", "degradation")}
    consumers = [_known(draft, one)] if one is not None else sorted({*draft.base.required_by.get(gone, ()), *needing})
    found = [consumer for consumer in consumers if _replace_in(draft, consumer, gone, come)]
    if not found:
        who = "nobody needs" if one is None else f'"{one}" does not need'
        raise refused("UP-NO-EDGE", f'{who} "{gone}"')


def _replace_in(draft: Draft, consumer: str, gone: str, come: str) -> bool:
    """Replace a supplier in what one consumer needs; other sources' statements are overruled and said anew."""
    canonical, found = draft.base.canonical, False
    for held in draft.own("entity", consumer):
        if isinstance(held, RequirementGroup) and gone in {canonical(item.entity) for item in held.members}:
            draft.drop(identity(held))
            raw = next(item.entity for item in held.members if canonical(item.entity) == gone)
            draft.put(with_other(held, raw, come))
            found = True
        elif isinstance(held, Degradation) and canonical(held.supplier) == gone:
            draft.drop(identity(held))
            draft.put(with_supplier(held, come))
            found = True
    stated = {identity(item) for item in draft.own("entity", consumer)}
    shown = [item for item in draft.base.groups.get(consumer, ()) if gone in {m.entity for m in item.members}]
    theirs = {fact.id: fact.statement for fact in draft.others("entity", consumer)}
    for group in shown:
        if identity(group) in theirs and identity(group) not in draft.touched and identity(group) not in stated:
            if group.name is None:
                draft.overrule(consumer, [member.entity for member in group.members])
            draft.put(with_other(group, gone, come))
            found = True
    for edge in draft.base.degradations.get(consumer, ()):
        if edge.supplier == gone and identity(edge) in theirs and identity(edge) not in draft.touched:
            draft.overrule(consumer, [gone])
            draft.put(with_supplier(edge, come))
            found = True
    return found


def _put_degradation(draft: Draft, said: asked.DegradationInput) -> None:
    percent = given_or_none(said.loss_percent)
    loss = None if percent is None else ratio_of_percent(percent)
    tolerance = given_or_none(said.tolerance_minutes) or ZERO
    draft.put(Degradation(said.consumer, said.supplier, loss, tolerance))


def _remove_degradation(draft: Draft, said: asked.EdgeInput) -> None:
    supplier = draft.base.canonical(said.supplier)
    held = [item for item in draft.own("entity", said.consumer) if isinstance(item, Degradation)]
    mine = [item for item in held if draft.base.canonical(item.supplier) == supplier]
    for item in mine:
        draft.drop(identity(item))
    others = [fact.statement for fact in draft.others("entity", said.consumer)]
    soft = [item for item in others if isinstance(item, Degradation)]
    if any(draft.base.canonical(item.supplier) == supplier for item in soft):
        draft.overrule(said.consumer, [said.supplier])
    elif not mine:
        raise refused("UP-NO-EDGE", f'"{said.consumer}" has no soft need of "{said.supplier}"')


def _add_agreement_version(draft: Draft, said: asked.AgreementInput) -> None:
    shown = draft.base.canonical(said.key)
    versions = {item.version for item in draft.base.agreements.get(shown, ())}
    versions |= {item.version for item in draft.own("agreement", said.key) if isinstance(item, Agreement)}
    if said.version in versions:
        hint = f"versions never change; add version {max(versions) + 1}"
        raise refused("UP-VERSION-EXISTS", f'agreement "{shown}" has a version {said.version} already', hint)
    _refuse_as_new(said.key, bool(versions))
    start, end = given_or_none(said.start), given_or_none(said.end)
    covers = tuple(sorted({target.entity for target in said.targets}))
    newest = draft.base.agreements.get(shown, ())
    name = newest[-1].name if newest else said.key
    draft.put(
        Agreement(
            said.key, said.version, said.type, name, said.provider, said.consumer, start=start, end=end, covers=covers
        )
    )
    seen: set[tuple[str, ...]] = set()
    for item in said.targets:
        target = _target(said.key, said.version, said.type, item)
        if identity(target) in seen:
            raise refused("UP-TWICE", f'{item.metric} of "{item.entity}" is promised twice over one window')
        seen.add(identity(target))
        draft.put(target)


def _refuse_as_new(key: str, known: bool) -> None:
    wrong = None if known else id_issue(key)
    if wrong is not None:
        raise BadInput((wrong,))


def _target(key: str, version: int, kind: AgreementType, said: asked.TargetInput) -> Target:
    value, unit = _figure(said.metric, said.value, said.unit.strip())
    span, extent = window(said.window), default_extent(kind)
    return Target(key, version, said.metric, said.comparator, value, unit, span, extent, said.entity)


def _figure(metric: str, value: Decimal, unit: str) -> tuple[Decimal, str]:
    if unit.lower() in ("%", "percent"):
        return ratio_of_percent(value), "ratio"
    if unit.lower() == "ratio":
        return value, "ratio"
    if metric in _RATIOS:
        raise refused("UP-UNIT", f'{metric} is no figure in "{unit[:40]}"', "give the unit % or ratio")
    figure, name = quantity(f"{value:f} {unit}")
    if metric in TIME_METRICS and not is_time(name):
        unit_of_time(name)
    return figure, name


def _group(draft: Draft, consumer: str, name: str) -> RequirementGroup | None:
    """A named group, as the source says it, else as it is in the view."""
    own = next((group for group in draft.groups(consumer) if group.name == name), None)
    if own is not None or draft.touched.get(("group", consumer, name), ()) is None:
        return own
    shown = draft.base.groups.get(draft.base.canonical(consumer), ())
    return next((group for group in shown if group.name == name), None)


def _known(draft: Draft, key: str) -> str:
    """The key as it is shown, of an entity that the view or the draft holds."""
    shown = draft.base.canonical(key)
    if shown not in draft.base.entities and not any(
        isinstance(item, EntityStatement) and item.kind for item in draft.own("entity", key)
    ):
        raise refused("UP-UNKNOWN", f'there is no entity "{key}"')
    return shown


def _not_held(draft: Draft, namespace: str, key: str) -> BadInput:
    held = {fact.source for fact in draft.others(namespace, key) if fact.id[0] == namespace}
    if not held:
        return refused("UP-UNKNOWN", f'there is no {namespace} "{key}"')
    sources = ", ".join(sorted(held))
    hint = "a change never edits what another source states; change it there"
    return refused("UP-NOT-HELD", f'{namespace} "{key}" is stated by {sources}, not by {draft.source}', hint)


_EDITS: Mapping[str, Callable[[Draft, Any], None]] = {
    "put_party": _put_party,
    "remove_party": _remove_party,
    "add_entity": _add_entity,
    "remove_entity": _remove_entity,
    "set_own_availability": _set_own_availability,
    "add_requirement": _add_requirement,
    "remove_requirement": _remove_requirement,
    "set_group": _set_group,
    "add_member": _add_member,
    "replace_supplier": _replace_supplier,
    "put_degradation": _put_degradation,
    "remove_degradation": _remove_degradation,
    "add_agreement_version": _add_agreement_version,
}
