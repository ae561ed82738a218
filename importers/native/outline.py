"""What one source states, put in the order in which a person would write it."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from importers.native.fields import native_id
from importers.native.sink import DocumentDefaults
from topology.facts import About, EntityStatement, Fact, FactBasis, Overrule, Same
from topology.facts import Reading as OverruleReading
from topology.model import Agreement, Degradation, EntityKind, Party, PartyKind, RequirementGroup, Target
from topology.names import UNNAMED_GROUP
from topology.snapshot import Snapshot

T = TypeVar("T")
_KINDS: Final = {kind: n for n, kind in enumerate(EntityKind)}
_PARTIES: Final = {kind: n for n, kind in enumerate(PartyKind)}


@dataclass(slots=True)
class EntityOutline:
    """An entity, or what is added to another source's; `said` is None where only its needs are stated."""

    key: str
    said: EntityStatement | None = None
    groups: list[RequirementGroup] = field(default_factory=list)
    degradations: list[Degradation] = field(default_factory=list)

    @property
    def is_own(self) -> bool:
        """Whether the source brings the entity into being under an id of its own."""
        return self.said is not None and self.said.kind is not None and native_id(self.key)


@dataclass(frozen=True, slots=True)
class Outline:
    """One source (and scope), ready to be written in any form.

    `left_out` says in sentences what the native format cannot say: facts that were observed, inferred or assumed, and
    a few that no file can hold.
    """

    source: str
    scope: str
    as_of: date | None
    defaults: DocumentDefaults
    parties: tuple[Party, ...] = ()
    entities: tuple[EntityOutline, ...] = ()
    same: tuple[Same, ...] = ()
    overrules: tuple[Overrule, ...] = ()
    agreements: tuple[tuple[Agreement, tuple[Target, ...]], ...] = ()
    left_out: tuple[str, ...] = ()


def outline(snapshot: Snapshot, source: str, scope: str = "") -> Outline:
    """What `source` states in `scope`, as the snapshot holds it.

    Args:
        snapshot: where the facts are.
        source: whose facts.
        scope: the part of them; "" is the part without a name.
    """
    return outline_of((f for f in snapshot.statements() if (f.source, f.scope) == (source, scope)), source, scope)


def outline_of(facts: Iterable[Fact], source: str, scope: str = "") -> Outline:
    """The outline of some facts of one source and scope."""
    declared: list[Fact] = []
    skipped: Counter[str] = Counter()
    for fact in facts:
        if fact.basis is FactBasis.DECLARED:
            declared.append(fact)
        elif not fact.is_stub:
            skipped[f"{fact.basis} facts: the native format holds what is declared"] += 1
    sayable = [fact for fact in declared if not _unsayable(fact, source, skipped)]
    entities = _entities(sayable)
    agreements = _agreements(sayable, skipped)
    return Outline(
        source,
        scope,
        max((said.as_of for said in _of(About, sayable)), default=None),
        _common(agreements),
        tuple(sorted(_of(Party, sayable), key=lambda p: (_PARTIES[p.kind], p.key))),
        entities,
        tuple(sorted(_of(Same, sayable), key=lambda s: (s.first, s.second))),
        tuple(sorted(_of(Overrule, sayable), key=lambda o: (o.consumer, o.suppliers))),
        agreements,
        tuple(f"{count} {why}" for why, count in sorted(skipped.items())),
    )


def _of(kind: type[T], facts: Iterable[Fact]) -> list[T]:
    return [fact.statement for fact in facts if isinstance(fact.statement, kind)]


def _unsayable(fact: Fact, source: str, skipped: Counter[str]) -> bool:
    said = fact.statement
    why = ""
    if isinstance(said, RequirementGroup) and said.name is not None and UNNAMED_GROUP.fullmatch(said.name):
        why = f'groups named like a group without a name ("{said.name}")'
    elif isinstance(said, EntityStatement) and said.kind is not None:
        if not native_id(said.key) and not said.key.startswith(f"{source}:"):
            why = "entities defined under another source's key"
    elif isinstance(said, Overrule) and said.reading is not OverruleReading.GROUP and len(said.suppliers) != 1:
        why = "overrules of several edges at once"
    if why:
        skipped[why] += 1
    return bool(why)


def _entities(facts: Iterable[Fact]) -> tuple[EntityOutline, ...]:
    found: dict[str, EntityOutline] = {}

    def about(key: str) -> EntityOutline:
        return found.setdefault(key, EntityOutline(key))

    for fact in facts:
        said = fact.statement
        if isinstance(said, EntityStatement):
            about(said.key).said = said
        elif isinstance(said, RequirementGroup):
            about(said.consumer).groups.append(said)
        elif isinstance(said, Degradation):
            about(said.consumer).degradations.append(said)
    for entity in found.values():
        entity.groups.sort(key=lambda g: (len(g.members) > 1 or g.name is not None, g.name or "", g.members[0].entity))
        entity.degradations.sort(key=lambda d: d.supplier)

    def order(entity: EntityOutline) -> tuple[bool, int, str]:
        kind = entity.said.kind if entity.said else None
        return (kind is None, 0 if kind is None else _KINDS[kind], entity.key)

    return tuple(sorted(found.values(), key=order))


def _agreements(facts: Iterable[Fact], skipped: Counter[str]) -> tuple[tuple[Agreement, tuple[Target, ...]], ...]:
    versions = {(a.key, a.version): a for a in _of(Agreement, facts)}
    targets: dict[tuple[str, int], list[Target]] = {about: [] for about in versions}
    for target in _of(Target, facts):
        about = (target.agreement, target.version)
        if about in targets:
            targets[about].append(target)
        else:
            skipped["targets of another source's agreements"] += 1
    for held in targets.values():
        held.sort(key=lambda t: (t.covers or "", t.metric, str(t.window)))
    kinds = {kind: n for n, kind in enumerate(("sla", "ola", "uc", "slo"))}
    ordered = sorted(versions, key=lambda about: (kinds[versions[about].type], about))
    return tuple((versions[about], tuple(targets[about])) for about in ordered)


def _common(agreements: Iterable[tuple[Agreement, tuple[Target, ...]]]) -> DocumentDefaults:
    """The calendar and window that most of them state, so that they stand once."""
    held = list(agreements)
    plain = DocumentDefaults()
    return DocumentDefaults(
        _most((t.window for _, targets in held for t in targets), plain.window, str),
        _most((a.service_hours for a, _ in held), plain.service_hours, str),
        _most((a.timezone for a, _ in held), plain.timezone, str),
    )


def _most(values: Iterable[T], otherwise: T, key: Callable[[T], str]) -> T:
    counts = Counter(values)
    return max(counts, key=lambda value: (counts[value], key(value)), default=otherwise)
