"""Rules about redundancy: whether it has been tried, and what its members share."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from risk.bitsets import bits
from risk.blast_radius import worlds_down
from risk.graph import Group, System
from risk.redundancy.costs import Loss, worst_losses
from risk.redundancy.illusions import illusions
from risk.results import SubjectKind
from risk.rules.rule import Evidence, Rule, Sighting, listed
from risk.single_points import failure_sets
from risk.terms import FailureLevel, FindingCode, Severity
from topology.facts import Fact
from topology.model import RequirementGroup
from topology.units import downtime_text

_TESTED_WITHIN = timedelta(days=365)
_STRIDE = 4096


def _untested(evidence: Evidence) -> Iterator[Sighting]:
    at = evidence.view.at
    for consumer, groups in evidence.view.snapshot.groups.items():
        for group in groups:
            if group.required == len(group.members):
                continue
            if group.tested is not None and timedelta() <= at - group.tested <= _TESTED_WITHIN:
                continue
            members = tuple(member.entity for member in group.members)
            when = "never been tested" if group.tested is None else f"not been tested in 365 days: {group.tested}"
            if group.tested is not None and group.tested > at:
                when = f"not been tested before {group.tested}"
            message = f'That "{consumer}" goes on with {group.required} of {listed(members)} has {when}.'
            facts = _facts(evidence, consumer, group.name, members)
            yield Sighting(SubjectKind.ENTITY, consumer, message, witness=(consumer, *members), facts=facts)


def _under_one_vendor(evidence: Evidence) -> Iterator[Sighting]:
    for consumer, group, vendor in _under_one(evidence, FailureLevel.VENDOR):
        members = _keys(evidence, group.members)
        message = f'All of {listed(members)}, which are there for one another in "{consumer}", fall with "{vendor}".'
        yield _about_a_group(evidence, consumer, group, message, ())


def _under_one_domain(evidence: Evidence) -> Iterator[Sighting]:
    for consumer, group, domain in _under_one(evidence, FailureLevel.FAILURE_DOMAIN):
        members = _keys(evidence, group.members)
        message = f'All of {listed(members)}, which are there for one another in "{consumer}", fall with "{domain}".'
        yield _about_a_group(evidence, consumer, group, message, (domain,))


def _hidden_common_causes(evidence: Evidence) -> Iterator[Sighting]:
    view = evidence.view
    prepared, keys = view.backed_out.availability.prepared, view.system.keys
    found = sorted(
        illusions(prepared, prepared.by_cone(evidence.check), evidence.check),
        key=lambda illusion: (illusion.consumer, illusion.group, illusion.shared),
    )
    losses = worst_losses(view, found, evidence.check)
    for illusion in found:
        group = view.system.groups[illusion.consumer][illusion.group]
        lost, shared = _keys(evidence, illusion.lost), keys[illusion.shared]
        loss = None if losses is None else losses.get(illusion)
        message = (
            f'"{keys[illusion.consumer]}" needs {group.required} of {listed(_keys(evidence, group.members))}, and '
            f'"{shared}" alone takes {listed(lost)}. '
        )
        message += _price(view.system, loss, is_asked=losses is not None)
        sighting = _about_a_group(evidence, keys[illusion.consumer], group, message, (shared,))
        yield sighting if loss is None else replace(sighting, minutes=loss.minutes)


def _price(system: System, loss: Loss | None, *, is_asked: bool) -> str:
    if not is_asked:
        return "What that costs is told of each entity that is asked for its redundancy illusions: here are too many."
    if loss is None:
        return "What that costs is not known: a figure beneath the group is missing, or no exact one is in reach."
    apart = f'With one of its own for each, "{system.keys[loss.root]}" would'
    if loss.minutes == 0:
        return f"{apart} gain nothing."
    if loss.minutes < 0:
        return f"{apart} lose {downtime_text(-loss.minutes, 3)} in 30 days: further copies are further things to fail."
    return f"{apart} gain {downtime_text(loss.minutes, 3)} in 30 days."


def _under_one(evidence: Evidence, level: FailureLevel) -> Iterator[tuple[str, Group, str]]:
    """The redundant groups of which every member falls with one subject of a level: the consumer, the group, it."""
    view = evidence.view
    prepared = view.backed_out.availability.prepared
    system, block_of = prepared.standing.system, prepared.standing.condensed.block_of
    sets = failure_sets(view.index, system, level)
    redundant = [(n, group) for n, groups in enumerate(system.groups) for group in groups if not group.is_series]
    if not redundant:
        return
    for places, down in worlds_down(prepared, [(one.entities, None) for one in sets], evidence.check):
        for step, (consumer, group) in enumerate(redundant):
            if step % _STRIDE == 0:
                evidence.check()
            common = -1
            for member in group.members:
                common &= down[block_of[member]]
            for world in bits(common):
                yield system.keys[consumer], group, sets[places[world]].subject


def _about_a_group(evidence: Evidence, consumer: str, group: Group, message: str, besides: tuple[str, ...]) -> Sighting:
    members = _keys(evidence, group.members)
    witness = tuple(dict.fromkeys((consumer, *members, *besides)))
    facts = _facts(evidence, consumer, group.name, members)
    return Sighting(SubjectKind.ENTITY, consumer, message, witness=witness, facts=facts)


def _facts(evidence: Evidence, consumer: str, name: str | None, members: tuple[str, ...]) -> tuple[Fact, ...]:
    """Who states a group: its name tells it from its consumer's others, or its members where it has none."""
    canonical = evidence.view.snapshot.canonical
    return tuple(
        fact
        for fact in evidence.facts("entity", consumer, RequirementGroup)
        if isinstance(fact.statement, RequirementGroup)
        and fact.statement.name == name
        and (name is not None or {canonical(member.entity) for member in fact.statement.members} == set(members))
    )


def _keys(evidence: Evidence, numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(evidence.view.system.keys[number] for number in numbers)


RULES = (
    Rule(FindingCode.UNTESTED_STANDBY, Severity.WARNING, _untested),
    Rule(FindingCode.SAME_VENDOR_GROUP, Severity.WARNING, _under_one_vendor),
    Rule(FindingCode.SAME_DOMAIN_GROUP, Severity.WARNING, _under_one_domain),
    Rule(FindingCode.HIDDEN_COMMON_CAUSE, Severity.WARNING, _hidden_common_causes),
)
