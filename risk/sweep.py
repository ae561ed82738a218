"""The composites of all entities of an estate, and again after a change for what the change reaches only.

Cost: one composite an entity, cone by cone, so that memory does not grow with the estate; after a change those of the
changed entities and of all that require them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from risk.availability import Availability
from risk.graph import System, restricted
from risk.limits import ESTATE_LIMITS, Check, Limits, unhurried
from risk.terms import Method
from risk.unavailability import Composite

Progress = Callable[[int, int], None]
"""Called now and then with how many entities are done, and of how many."""
_STRIDE = 256


def _silent(_done: int, _of: int) -> None:
    """No report."""


@dataclass(frozen=True, slots=True)
class Swept:
    """The composite of every entity of a system under own unavailabilities, by number.

    `computed` counts those that were worked out for this answer; the others were known from before a change.
    """

    system: System = field(repr=False)
    own: tuple[float, ...] = field(repr=False)
    composites: tuple[Composite[float], ...] = field(repr=False)
    computed: int

    def by_method(self) -> dict[Method, int]:
        """How many composites stand on each rung of the ladder."""
        counts = dict.fromkeys(Method, 0)
        for composite in self.composites:
            counts[composite.method] += 1
        return counts


def sweep(
    system: System,
    own: Sequence[float],
    *,
    limits: Limits = ESTATE_LIMITS,
    check: Check = unhurried,
    progress: Progress = _silent,
) -> Swept:
    """The composites of all entities.

    Args:
        system: the system.
        own: own unavailability of every entity, by number.
        limits: sizes at which the engine goes to its next rung.
        check: called every few thousand steps.
        progress: told how far the work has come.
    """
    found = _composites(Availability(system, tuple(own), limits=limits), range(len(system)), check, progress)
    return Swept(system, tuple(own), tuple(found[entity] for entity in range(len(system))), len(found))


def sweep_again(
    before: Swept,
    system: System,
    own: Sequence[float],
    *,
    limits: Limits = ESTATE_LIMITS,
    check: Check = unhurried,
    progress: Progress = _silent,
) -> Swept:
    """The composites of a changed system, those that the change does not reach taken from before.

    An entity is reached when it, or something that it requires at any depth, is new, needs something else, or has
    another own figure.
    """
    number_before = before.system.index
    changed = _changed(before, system, own)
    affected = _onwards(changed, lambda entity: system.consumers[entity])
    within = sorted(_onwards(affected, system.suppliers))
    part = restricted(system, within, ())
    place = {entity: position for position, entity in enumerate(within)}
    engine = Availability(part, [own[entity] for entity in within], limits=limits)
    found = _composites(engine, [place[entity] for entity in affected], check, progress)
    composites = tuple(
        found[place[entity]] if entity in affected else before.composites[number_before[key]]
        for entity, key in enumerate(system.keys)
    )
    return Swept(system, tuple(own), composites, len(affected))


def _composites(
    engine: Availability[float], wanted: Iterable[int], check: Check, progress: Progress
) -> dict[int, Composite[float]]:
    asked = set(wanted)
    found: dict[int, Composite[float]] = {}
    for entity in engine.prepared.by_cone(check):
        if entity in asked:
            found[entity] = engine.composite(entity, check)
            if len(found) % _STRIDE == 0:
                check()
                progress(len(found), len(asked))
    progress(len(found), len(asked))
    return found


def _changed(before: Swept, system: System, own: Sequence[float]) -> list[int]:
    """The entities that are new, have another figure, or need something else."""
    was = before.system
    if was.keys == system.keys:
        pairs = zip(was.groups, system.groups, before.own, own, strict=True)
        return [entity for entity, (old, new, q, now) in enumerate(pairs) if q != now or old != new]
    found = []
    for entity, key in enumerate(system.keys):
        number = was.index.get(key)
        if number is None or before.own[number] != own[entity] or _named(was, number) != _named(system, entity):
            found.append(entity)
    return found


def _named(system: System, entity: int) -> list[tuple[int, str, list[str]]]:
    groups = system.groups[entity]
    return sorted((g.required, str(g.beta), [system.keys[member] for member in g.members]) for g in groups)


def _onwards(start: Iterable[int], following: Callable[[int], Iterable[int]]) -> set[int]:
    """Everything that is reached from some entities, they among it."""
    seen = set(start)
    pending = list(seen)
    while pending:
        for other in following(pending.pop()):
            if other not in seen:
                seen.add(other)
                pending.append(other)
    return seen
