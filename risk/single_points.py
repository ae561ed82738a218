"""Single points of failure: what stops an entity alone, one entity or all that stands and falls with one subject.

Formula: `SPOF(v) = { s != v : v in down({s}) }`, and likewise for a set of entities that fail as one, without v itself.
Traps: articulation points and dominators answer the OR question; a requirement graph is AND over groups.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from risk.agreements.choice import AgreementIndex
from risk.availability import Availability
from risk.blast_radius import BlastRadii, stopped_by
from risk.graph import System
from risk.limits import Check, unhurried
from risk.reduced.prepared import Prepared
from risk.structure import closure
from risk.terms import FailureLevel
from topology.errors import AnalysisTooLarge
from topology.model import EntityKind
from topology.snapshot import Snapshot
from topology.units import MINUTES_PER_30_DAYS, minutes


@dataclass(frozen=True, slots=True)
class FailureSet:
    """What fails as one: the key of its subject (an entity, a party or an agreement) and the entities it stands for."""

    level: FailureLevel
    subject: str
    entities: frozenset[int]


@dataclass(frozen=True, slots=True)
class SinglePoint:
    """Something whose failure alone stops `stops`.

    Attributes:
        level: what it is.
        subject: the key of an entity, of a party, or of an agreement.
        entity: the entity's number at the levels ENTITY and FAILURE_DOMAIN.
        hidden: no chain of 1-of-1 requirements leads from the root to any of its entities; for the whole estate: from
            any transaction that it stops.
        structural: every entity of it is known to have own availability 1.
        minutes: downtime of the root per 30 days that would be gone if it never failed; None where no root is meant,
            where the own availability of an entity of it beneath the root is not known, or where of the root's only
            bounds are.
        stops: the transactions that it stops, by number; of its own entities those that the rest of it stops.
    """

    level: FailureLevel
    subject: str
    entity: int | None
    hidden: bool
    structural: bool
    minutes: float | None
    stops: tuple[int, ...]


def failure_sets(index: AgreementIndex, system: System, level: FailureLevel) -> tuple[FailureSet, ...]:
    """All failure sets of a level, by subject's key.

    ENTITY: each entity. FAILURE_DOMAIN: each entity of kind infrastructure. VENDOR: all externals that a vendor
    provides. VENDOR_GROUP: all externals of a party that is some party's parent, and of all beneath it. AGREEMENT: all
    that an agreement's version in force covers, whatever its kind: what its lapse takes the promise from. OWNER: all
    that a party owns.
    """
    snapshot = index.snapshot
    if level is FailureLevel.ENTITY:
        return tuple(FailureSet(level, key, frozenset((number,))) for number, key in enumerate(system.keys))
    if level is FailureLevel.FAILURE_DOMAIN:
        domains = (n for n, kind in enumerate(system.kinds) if kind is EntityKind.INFRASTRUCTURE)
        return tuple(FailureSet(level, system.keys[number], frozenset((number,))) for number in domains)
    if level is FailureLevel.VENDOR:
        return _by_subject(level, ((vendor, number) for number, vendor in _provided(system)))
    if level is FailureLevel.AGREEMENT:
        return _by_subject(level, ((agreement, system.index[key]) for agreement, key in index.in_force()))
    if level is FailureLevel.OWNER:
        return _by_subject(level, ((owner, n) for n, owner in enumerate(system.owners) if owner is not None))
    groups = {party.parent for party in snapshot.parties.values() if party.parent is not None}
    found = ((above, number) for number, vendor in _provided(system) for above in _lineage(snapshot, vendor))
    return _by_subject(level, ((above, number) for above, number in found if above in groups))


def single_points(
    availability: Availability[float],
    sets: Sequence[FailureSet],
    root: int,
    transactions: Sequence[int],
    check: Check = unhurried,
    *,
    unknown: Collection[int] = (),
    radii: BlastRadii | None = None,
) -> tuple[SinglePoint, ...]:
    """The single points of one entity among `sets`, costliest first, then by subject; those without minutes come last.

    Args:
        availability: the system with its figures.
        sets: what may fail as one.
        root: the entity.
        transactions: the numbers of what counts as a transaction, ascending.
        check: called every few thousand steps.
        unknown: the entities whose own availability is missing: counted as up, and never taken for perfect.
        radii: the blast radii among the transactions, where they are known already.

    Cost: one pass for all sets, and for each of those found that has several entities one conditional composite.
    """
    system = availability.system
    needs = availability.prepared.needs(root, check)
    direct = _series_closure(system, root)
    unpriced = closure(system, root).intersection(unknown) - {root}
    costs = _Costs(availability, root, check)
    found = _stopping(availability.prepared, sets, root, needs, check)
    stops = stopped_by(availability.prepared, [f.entities for f in found], transactions, check, radii=radii)
    rows: list[SinglePoint] = []
    for failing, stopped in zip(found, stops, strict=True):
        others = failing.entities - {root}
        lost = None if others & unpriced else costs.of(others)
        rows.append(
            SinglePoint(
                failing.level,
                failing.subject,
                _entity_of(failing),
                hidden=not others & direct,
                structural=_is_perfect(availability, failing, unknown),
                minutes=None if lost is None else lost * MINUTES_PER_30_DAYS,
                stops=stopped,
            )
        )
    return tuple(sorted(rows, key=_costliest_first))


def estate_single_points(
    availability: Availability[float],
    sets: Sequence[FailureSet],
    transactions: Sequence[int],
    check: Check = unhurried,
    *,
    unknown: Collection[int] = (),
    radii: BlastRadii | None = None,
) -> tuple[SinglePoint, ...]:
    """Every set that stops a transaction, most transactions first, then by subject; the arguments as before.

    Cost: one sweep for all sets (`blast_radius.py`).
    """
    system = availability.system
    stopped = stopped_by(availability.prepared, [f.entities for f in sets], transactions, check, radii=radii)
    direct: dict[int, frozenset[int]] = {}
    rows: list[SinglePoint] = []
    for failing, stops in zip(sets, stopped, strict=True):
        if not stops:
            continue
        check()
        for transaction in stops:
            if transaction not in direct:
                direct[transaction] = _series_closure(system, transaction)
        rows.append(
            SinglePoint(
                failing.level,
                failing.subject,
                _entity_of(failing),
                hidden=not any((failing.entities - {t}) & direct[t] for t in stops),
                structural=_is_perfect(availability, failing, unknown),
                minutes=None,
                stops=stops,
            )
        )
    return tuple(sorted(rows, key=lambda row: (-len(row.stops), row.subject)))


def _stopping(
    prepared: Prepared, sets: Sequence[FailureSet], root: int, needs: frozenset[int], check: Check
) -> list[FailureSet]:
    """The sets that stop a root, of which `needs` are the root and its single points; itself aside."""
    open_ = [f for f in sets if len(f.entities - {root}) > 1 and not (f.entities - {root}) & needs]
    stopped = stopped_by(prepared, [failing.entities for failing in open_], [root], check)
    together = {failing.subject for failing, fallen in zip(open_, stopped, strict=True) if fallen}
    return [f for f in sets if (f.entities - {root}) & needs or f.subject in together]


def _is_perfect(availability: Availability[float], failing: FailureSet, unknown: Collection[int]) -> bool:
    return all(availability.own[entity] == 0 and entity not in unknown for entity in failing.entities)


def _costliest_first(row: SinglePoint) -> tuple[bool, Decimal, str]:
    """By the minutes that are shown: what lies beneath them is noise, and must not part what is equal."""
    return row.minutes is None, -minutes(row.minutes or 0.0), row.subject


class _Costs:
    """What the failures of entities cost one root, as unavailability; None where of the root only bounds are known."""

    def __init__(self, availability: Availability[float], root: int, check: Check) -> None:
        self._availability = availability
        self._root = root
        self._check = check

    def of(self, entities: frozenset[int]) -> float | None:
        """The unavailability that would be gone if none of them ever failed."""
        try:
            if len(entities) == 1:
                (one,) = entities
                return self._availability.with_causes.own[one] * self._slopes[one]
            without = self._availability.exactly(self._root, self._check, working=entities)
            return max(0.0, self._availability.exactly(self._root, self._check) - without)
        except AnalysisTooLarge:
            return None

    @cached_property
    def _slopes(self) -> Mapping[int, float]:
        return self._availability.birnbaum(self._root, self._check)


def _series_closure(system: System, root: int) -> frozenset[int]:
    """What chains of 1-of-1 requirements lead to from the root, itself among it."""
    seen = {root}
    pending = [root]
    while pending:
        for group in system.groups[pending.pop()]:
            if len(group.members) == 1 and group.members[0] not in seen:
                seen.add(group.members[0])
                pending.append(group.members[0])
    return frozenset(seen)


def _entity_of(failing: FailureSet) -> int | None:
    if failing.level not in (FailureLevel.ENTITY, FailureLevel.FAILURE_DOMAIN):
        return None
    (entity,) = failing.entities
    return entity


def _provided(system: System) -> Iterable[tuple[int, str]]:
    """The externals with their vendors."""
    for number, (kind, vendor) in enumerate(zip(system.kinds, system.providers, strict=True)):
        if kind is EntityKind.EXTERNAL and vendor is not None:
            yield number, vendor


def _lineage(snapshot: Snapshot, party: str) -> list[str]:
    """A party and its groups, itself first; a circle of parents ends where it closes."""
    found: list[str] = []
    current: str | None = party
    while current is not None and current not in found:
        found.append(current)
        holder = snapshot.parties.get(current)
        current = holder.parent if holder is not None else None
    return found


def _by_subject(level: FailureLevel, pairs: Iterable[tuple[str, int]]) -> tuple[FailureSet, ...]:
    found: dict[str, set[int]] = {}
    for subject, entity in pairs:
        found.setdefault(subject, set()).add(entity)
    return tuple(FailureSet(level, subject, frozenset(found[subject])) for subject in sorted(found))
