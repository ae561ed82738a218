"""A view with a scenario laid over it, made from the view before: what the scenario does not touch is shared.

Own availabilities are kept from the view before; only entities whose own figure or own groups are others are backed out
anew, suppliers first, on the unfailed system. What has failed has own availability 0 on top of that.
Cost: what the scenario touches and what requires that, plus shallow copies of the view's tables; a scenario that adds
entities numbers all anew, and costs a pass over the model.
Source: section 2, "Back-out is done once for a view".
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from risk.agreements.choice import AgreementIndex
from risk.availability import Availability
from risk.backing_out import Figure, back_out_anew
from risk.figures import own_figures
from risk.graph import Needs, System, changed, numbered_edge, numbered_group, widened
from risk.limits import DEFAULT_LIMITS, Check
from risk.reach import requiring
from risk.reduced.prepared import Prepared
from risk.results import OwnFigure
from risk.scenario import Laid
from risk.view import View, count_on, discount
from topology.model import AgreementType, Extent
from topology.snapshot import Snapshot


def system_under(before: System, laid: Laid) -> System:
    """The requirement graph after a scenario, with what has failed."""
    snapshot, supposed = laid.snapshot, laid.supposed
    added = [snapshot.entities[key] for key in supposed.entities.keys() - before.index.keys()]
    system = widened(before, added) if added else before
    needs: dict[int, Needs] = {
        system.index[consumer]: (
            tuple(numbered_group(group, system.index) for group in snapshot.groups.get(consumer, ())),
            tuple(numbered_edge(edge, system.index) for edge in snapshot.degradations.get(consumer, ())),
        )
        for consumer in supposed.groups
    }
    system = changed(system, needs)
    return replace(system, failed=frozenset(system.index[key] for key in laid.failed))


def prepared_under(before: Prepared, system: System, laid: Laid) -> Prepared:
    """What is known of the system after a scenario: all that was known before, where no needs are others."""
    if laid.supposed.groups or system.keys is not before.system.keys:
        return Prepared(system, DEFAULT_LIMITS, in_parts=True)
    return Prepared(system, DEFAULT_LIMITS, like=before) if system.failed else before


def index_under(before: AgreementIndex, laid: Laid) -> AgreementIndex:
    """The agreements after a scenario."""
    if not laid.supposed.agreements and not laid.supposed.targets:
        return before.over(laid.snapshot)
    lapsed: dict[AgreementType, frozenset[str]] = {}
    for key in laid.supposed.agreements:
        for kind in {version.type for version in before.snapshot.agreements[key]}:
            lapsed[kind] = lapsed.get(kind, frozenset()) | before.ever_covered_by((key,))
    return AgreementIndex(laid.snapshot, before.at, lapsed)


def view_under(
    before: View, laid: Laid, prepared: Prepared, index: AgreementIndex, check: Check, *, tier: str | None = None
) -> View:
    """The view after a scenario, on the basis and for the service tier of the view before."""
    system, numbers = prepared.system, _Numbers(before.system, prepared.system)
    fresh = own_figures(index, sorted(_refigured(before, laid, index)), before.basis, tier, check=check)
    others = {system.index[key] for key, figure in fresh.items() if _is_other(before.figures.get(key), figure)}
    rewired = {system.index[consumer] for consumer in laid.supposed.groups}
    figures, anew = _figures(before.figures, fresh, system), others | rewired
    reached = requiring(system, anew | system.failed | sharing_causes(before.system, system, anew), check)
    backed_out = back_out_anew(
        before.backed_out,
        numbers.spread(before.backed_out.own),
        prepared,
        {entity: _figure(figures[system.keys[entity]]) for entity in sorted(anew)},
        reached=reached if numbers.are_the_same else None,
        check=check,
    )
    was_on_cycle = numbers.moved(before.on_cycles)
    on_cycles = _on_cycles(prepared, was_on_cycle, reached, rewired) if rewired else was_on_cycle
    promised, whole = numbers.spread(before.promised), {numbers.now(e): u for e, u in before.whole.items()}
    for entity in anew | (on_cycles ^ was_on_cycle):
        promised[entity] = backed_out.own[entity]
        count_on(system, entity, figures[system.keys[entity]], promised, whole, on_cycle=entity in on_cycles)
    discount(system.failed, promised, whole)
    strained = _Strained(backed_out.availability, reached & whole.keys(), check)
    unknown = {entity for entity in others if figures[system.keys[entity]].value is None}
    return replace(
        before,
        snapshot=laid.snapshot,
        system=system,
        index=index,
        figures=figures,
        backed_out=backed_out,
        promised=tuple(promised),
        unknown=numbers.moved(before.unknown) - others | unknown,
        on_cycles=on_cycles,
        whole=_Whole(whole, strained),
        strained=strained,
    )


def sharing_causes(before: System, after: System, anew: Collection[int]) -> set[int]:
    """Who shares a common cause that changes, by number after: its weight goes by the figures of all its members."""
    touched = {after.keys[entity] for entity in anew}
    found: set[str] = set()
    for system in (before, after):
        for consumer, groups in enumerate(system.groups):
            for group in groups:
                if group.beta:
                    members = {system.keys[member] for member in group.members}
                    if system.keys[consumer] in touched or not touched.isdisjoint(members):
                        found |= members
    return {after.index[key] for key in found if key in after.index}


class _Numbers:
    """From an entity's number before to that after: the same, unless entities were added."""

    def __init__(self, before: System, after: System) -> None:
        self.are_the_same = before.keys is after.keys
        self._size = len(after)
        self._now = range(len(before)) if self.are_the_same else [after.index[key] for key in before.keys]

    def now(self, entity: int) -> int:
        """The number after."""
        return self._now[entity]

    def moved(self, entities: frozenset[int]) -> frozenset[int]:
        """The numbers after."""
        return entities if self.are_the_same else frozenset(map(self.now, entities))

    def spread(self, values: Sequence[float]) -> list[float]:
        """Values by number, by the numbers after; 0 for what was added."""
        if self.are_the_same:
            return list(values)
        found = [0.0] * self._size
        for entity, value in zip(self._now, values, strict=True):
            found[entity] = value
        return found


class _Strained(Mapping[int, float]):
    """The expected unavailability of each of some entities, worked out when it is asked for."""

    def __init__(self, availability: Availability[float], entities: Collection[int], check: Check) -> None:
        self._availability = availability
        self._entities = frozenset(entities)
        self._check = check
        self._known: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._entities)

    def __iter__(self) -> Iterator[int]:
        return iter(self._entities)

    def __contains__(self, entity: object) -> bool:
        return entity in self._entities

    def __getitem__(self, entity: int) -> float:
        if entity not in self._entities:
            raise KeyError(entity)
        if entity not in self._known:
            self._known[entity] = self._availability.composite(entity, self._check).certainly_at_most
        return self._known[entity]


class _Whole(Mapping[int, float]):
    """Promises of the whole, none of them for less than what is to be expected after the scenario."""

    def __init__(self, promised: Mapping[int, float], strained: Mapping[int, float]) -> None:
        self._promised = promised
        self._strained = strained

    def __len__(self) -> int:
        return len(self._promised)

    def __iter__(self) -> Iterator[int]:
        return iter(self._promised)

    def __contains__(self, entity: object) -> bool:
        return entity in self._promised

    def __getitem__(self, entity: int) -> float:
        return max(self._promised[entity], self._strained.get(entity, 0.0))


def _refigured(before: View, laid: Laid, index: AgreementIndex) -> set[str]:
    """The entities whose figure may be another: stated or added, needed by others, or covered by what has changed."""
    supposed, snapshot = laid.supposed, laid.snapshot
    found = set(supposed.entities)
    for consumer in supposed.groups:
        found |= _suppliers(before.snapshot, consumer) ^ _suppliers(snapshot, consumer)
    agreements = {*supposed.agreements, *(key for key, _ in supposed.targets)}
    return found | before.index.ever_covered_by(agreements) | index.ever_covered_by(agreements)


def _suppliers(snapshot: Snapshot, consumer: str) -> set[str]:
    """Whom an entity needs, hard or soft."""
    hard = {member.entity for group in snapshot.groups.get(consumer, ()) for member in group.members}
    return hard | {edge.supplier for edge in snapshot.degradations.get(consumer, ())}


def _is_other(before: OwnFigure | None, now: OwnFigure) -> bool:
    """Whether an entity is new, or its figure another."""
    return before is None or (before.value, before.extent) != (now.value, now.extent)


def _figure(figure: OwnFigure) -> Figure:
    return Figure(figure.value, figure.extent or Extent.INTRINSIC)


def _figures(
    before: Mapping[str, OwnFigure], fresh: Mapping[str, OwnFigure], system: System
) -> Mapping[str, OwnFigure]:
    if fresh.keys() <= before.keys():
        return MappingProxyType({**before, **fresh})
    return MappingProxyType({key: fresh[key] if key in fresh else before[key] for key in system.keys})


def _on_cycles(
    prepared: Prepared, before: frozenset[int], reached: frozenset[int], rewired: Collection[int]
) -> frozenset[int]:
    """What is on a cycle: any that is made leads through what needs something else now; so did any that is broken."""
    doubtful = before & reached
    components = prepared.components(doubtful.union(rewired))
    return before - doubtful | frozenset(v for component in components if len(component) > 1 for v in component)
