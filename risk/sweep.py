"""The composites of all entities of an estate, and again after a change for what the change reaches only.

Cost: one composite an entity, cone by cone, so that memory does not grow with the estate; after a change those of the
changed entities and of all that require them. Cones are what processes work on; how many there are changes no bit of an
answer (`formulas.py`).
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from risk.availability import Availability
from risk.collector import COLLECTOR_HELD_BACK
from risk.graph import System
from risk.limits import Check, Limits, unhurried
from risk.reach import requiring
from risk.spread import processes_at_most, spread
from risk.unavailability import Composite

Progress = Callable[[int, int], None]
"""Called now and then with how many entities are done, and of how many."""
Composites = dict[int, Composite[float]]
_STRIDE = 256
_MANY = 8_000
"""Entities from which on it pays to start processes without being told to: each takes most of a second to begin."""


def silent(_done: int, _of: int) -> None:
    """No report."""


def composites(
    engine: Availability[float],
    wanted: Collection[int],
    *,
    processes: int | None = 1,
    check: Check = unhurried,
    progress: Progress = silent,
) -> Composites:
    """The composites of some entities, cone by cone; the engine knows them afterwards.

    What stops it early loses nothing: the next who asks goes on from there.

    Args:
        engine: the engine.
        wanted: the entities.
        processes: how many work on it; None: as many as there are processors, where there is much to do.
        check: called every few thousand steps.
        progress: told how far the work has come.
    """
    with COLLECTOR_HELD_BACK:
        return _composites(engine, wanted, processes, check, progress)


def _composites(
    engine: Availability[float], wanted: Collection[int], processes: int | None, check: Check, progress: Progress
) -> Composites:
    cones = engine.in_cones(wanted, check)
    if processes is None and len(wanted) < _MANY:
        processes = 1
    several = processes_at_most(processes, len(cones))
    if several > 1:
        _learnt(engine, cones, several, check, progress)
    found: Composites = {}
    for cone in cones:
        for entity in cone:
            found[entity] = engine.composite(entity, check)
            if len(found) % _STRIDE == 0:
                check()
                if several == 1:
                    progress(len(found), len(wanted))
    progress(len(found), len(wanted))
    return found


@dataclass(frozen=True, slots=True)
class Past:
    """What an engine has worked out, without its tables: exact composites by number, of a system and own figures."""

    system: System = field(repr=False)
    own: Sequence[float] = field(repr=False)
    composites: Composites = field(repr=False)


def past_of(engine: Availability[float]) -> Past:
    """What is known of an engine's composites by now."""
    exact = {entity: found for entity, found in engine.known().items() if found.is_exact}
    return Past(engine.system, engine.own, exact)


def take_over(
    engine: Availability[float], past: Past, check: Check = unhurried, *, changed: Collection[int] | None = None
) -> int:
    """Let an engine know the composites of another system that its own does not differ in; how many these are.

    An entity is reached, and its composite not taken over, when it, or something that it requires at any depth, is new,
    needs something else, has failed or no longer, or has another own figure: one of its own, or one that backing out
    gave it. What is no longer there is reached through those that needed it. Systems are compared by keys: entities may
    come and go, and all numbers may change. The others are what the engine would work out itself, to the last bit: that
    is decided by what lies beneath an entity and by keys (`formulas.py`), not by what else a system holds.

    Cost: comparing the two systems, unless `changed` says already what differs.
    """
    system = engine.system
    if changed is None:
        changed = changed_entities(past.system, past.own, system, engine.own)
    affected = requiring(system, changed, check)
    count = 0
    for entity, found in past.composites.items():
        now = system.index.get(past.system.keys[entity])
        if now is not None and now not in affected:
            engine.learn(now, found)
            count += 1
    return count


def changed_entities(was: System, own_before: Sequence[float], system: System, own: Sequence[float]) -> set[int]:
    """The entities, by number in `system`, that are new, need something else, or have another figure or state.

    With a common cause that comes, goes or weighs something else all of its members change: they share it whoever is
    asked about, be it one that does not need the group. It weighs something else with the figure of any member.
    """
    if was.keys == system.keys:
        rows = enumerate(zip(was.groups, system.groups, own_before, own, strict=True))
        found = {entity for entity, (old, new, q, now) in rows if q != now or old != new}
        found |= was.failed ^ system.failed
    else:
        found = {entity for entity in range(len(system)) if _is_other(was, own_before, system, own, entity)}
    causes_before, causes = _causes(was), _causes(system)
    anew = {key for cause in causes_before.keys() - causes.keys() for key in cause[0]}
    anew |= {key for cause, times in causes.items() if times != causes_before[cause] for key in cause[0]}
    refigured = {system.keys[entity] for entity in found}
    for members, _ in causes:
        if not refigured.isdisjoint(members):
            anew |= members
    return found | {system.index[key] for key in anew if key in system.index}


def _causes(system: System) -> Counter[tuple[frozenset[str], Decimal]]:
    """The common causes that groups state: whose they are, how large, and how many of the kind."""
    return Counter(
        (frozenset(system.keys[member] for member in group.members), group.beta)
        for groups in system.groups
        for group in groups
        if group.beta and len(group.members) > 1
    )


def _is_other(was: System, own_before: Sequence[float], system: System, own: Sequence[float], entity: int) -> bool:
    number = was.index.get(system.keys[entity])
    return (
        number is None
        or own_before[number] != own[entity]
        or (number in was.failed) != (entity in system.failed)
        or _named(was, number) != _named(system, entity)
    )


def _named(system: System, entity: int) -> list[tuple[int, str, list[str]]]:
    groups = system.groups[entity]
    return sorted((g.required, str(g.beta), sorted(system.keys[member] for member in g.members)) for g in groups)


@dataclass(frozen=True, slots=True)
class _Given:
    """What every process needs to make an equal engine."""

    system: System
    own: tuple[float, ...]
    limits: Limits


def _at_work(given: _Given) -> Callable[[tuple[int, ...]], list[tuple[int, Composite[float]]]]:
    """What a process does with a cone: the composites of its entities."""
    engine = Availability(given.system, given.own, limits=given.limits, failed=given.system.failed)

    def done(entities: tuple[int, ...]) -> list[tuple[int, Composite[float]]]:
        with COLLECTOR_HELD_BACK:
            return [(entity, engine.composite(entity)) for entity in entities]

    return done


def _learnt(
    engine: Availability[float], cones: Sequence[tuple[int, ...]], processes: int, check: Check, progress: Progress
) -> None:
    """Have processes work out what the engine does not know yet."""
    unknown = [tuple(entity for entity in cone if not engine.knows(entity)) for cone in cones]
    done, of = sum(map(len, cones)) - sum(map(len, unknown)), sum(map(len, cones))
    system = replace(engine.system, index=dict(engine.system.index))  # a read-only view of one cannot be sent
    given = _Given(system, tuple(engine.figures), engine.prepared.limits)
    for found in spread(_at_work, given, [cone for cone in unknown if cone], processes, check):
        for entity, composite in found:
            engine.learn(entity, composite)
        done += len(found)
        progress(done, of)
