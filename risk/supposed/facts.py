"""Who says what is supposed: the scenario, and no source that states it otherwise."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from topology.facts import EntityStatement, Fact, FactBasis, Statement, Subject, identity
from topology.model import Entity
from topology.snapshot import Snapshot, Supposed

SCENARIO: Final = "scenario"
"""The source of what is supposed."""


def evidence(base: Snapshot, supposed: Supposed) -> Mapping[Subject, tuple[Fact, ...]]:
    """The facts about every subject of which something is supposed: what sources say of the rest, and the scenario's.

    Cost: the facts about these subjects.
    """
    found: dict[Subject, list[Fact]] = {}

    def about(namespace: str, key: str) -> list[Fact]:
        return found.setdefault((namespace, key), list(base.facts_about(namespace, key)))

    for key, entity in supposed.entities.items():
        assert entity is not None
        said = _differing(base.entities.get(key), entity)
        found["entity", key] = [_without(fact, said) for fact in about("entity", key)]
        found["entity", key].append(_supposed(said))
    for consumer, groups in supposed.groups.items():
        held = {*base.groups.get(consumer, ()), *base.degradations.get(consumer, ())}
        needs: tuple[Statement, ...] = (*groups, *supposed.degradations[consumer])
        about("entity", consumer).extend(_supposed(need) for need in needs if need not in held)
    for (key, version), targets in supposed.targets.items():
        was = base.targets.get((key, version), ())
        others = [target for target in targets or () if target not in was]
        named = {identity(target) for target in others}
        found["agreement", key] = [fact for fact in about("agreement", key) if fact.id not in named]
        found["agreement", key] += map(_supposed, others)
    return {subject: tuple(facts) for subject, facts in found.items()}


def _supposed(statement: Statement) -> Fact:
    return Fact(statement, SCENARIO, basis=FactBasis.ASSUMED)


def _differing(before: Entity | None, now: Entity) -> EntityStatement:
    """What is said of an entity that was not said before."""
    if before is None:
        return EntityStatement(**{field.name: getattr(now, field.name) for field in fields(now)})
    said = {f.name: getattr(now, f.name) for f in fields(now) if getattr(now, f.name) != getattr(before, f.name)}
    return EntityStatement(now.key, **said)


def _without(fact: Fact, said: EntityStatement) -> Fact:
    """A fact without what the scenario says instead."""
    statement = fact.statement
    if not isinstance(statement, EntityStatement):
        return fact
    gone: dict[str, Any] = {
        field.name: None for field in fields(said) if field.name != "key" and getattr(said, field.name) is not None
    }
    return replace(fact, statement=replace(statement, **gone))
