"""From the documents of one (source, scope) to its reading: what stands twice, how much there is, what is absent."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

from importers.importer import Reading
from topology.counting import counted
from topology.errors import Issue, IssueSeverity, Place
from topology.facts import KIND_OF, About, EntityStatement, Fact, FactId, FactKind, Overrule
from topology.model import Agreement, Degradation, EntityKind, Party, PartyKind, RequirementGroup, Target
from topology.wording import described

_NAMES: Final = {
    FactKind.PARTY: "parties",
    FactKind.ENTITY: "entities",
    FactKind.GROUP: "requirement groups",
    FactKind.DEGRADATION: "degradations",
    FactKind.AGREEMENT: "agreements",
    FactKind.TARGET: "targets",
    FactKind.SAME: "joined keys",
    FactKind.OVERRULE: "overruled edges",
}


@dataclass(slots=True)
class Collected:
    """What the documents of one (source, scope) say together; `dates` are those that they describe."""

    facts: list[Fact] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    dates: list[tuple[date, Place]] = field(default_factory=list)
    files: set[str] = field(default_factory=set)


def gather(
    source: str, scope: str, collected: Collected, default: date | None = None, *, others_lost: bool = False
) -> Reading:
    """The reading of one (source, scope), the same whatever the order of files, documents and rows was.

    What is stated twice in one file, or differently in two, is refused after the first by file and place; what two
    files state alike is one fact. `others_lost` tells that something was lost that may have belonged here.
    """
    problems = list(collected.issues)
    as_of, stated_at = max(collected.dates, key=lambda stated: (stated[0], str(stated[1])), default=(default, None))
    facts = _once(sorted(collected.facts, key=_order), problems)
    about = () if as_of is None else (Fact(About(source, scope, as_of), source, scope, place=stated_at),)
    problems.sort(key=lambda issue: (_position(issue.place), issue.code, issue.message))
    return Reading(
        source=source,
        scope=scope,
        as_of=as_of,
        facts=(*about, *facts),
        problems=tuple(problems),
        complete=not others_lost and all(issue.severity is not IssueSeverity.ERROR for issue in problems),
        absent=_absent(facts, as_of),
        counts=MappingProxyType(_counts(facts)),
        files=tuple(sorted(collected.files)),
    )


def _once(facts: Sequence[Fact], problems: list[Issue]) -> tuple[Fact, ...]:
    kept: dict[FactId, Fact] = {}
    singles: dict[tuple[str, str], Fact] = {}
    restated: Counter[tuple[str, str]] = Counter()
    for fact in facts:
        about = fact.id
        said = fact.statement
        first = kept.get(about)
        if first is None and isinstance(said, RequirementGroup) and len(said.members) == 1:
            first = singles.setdefault((said.consumer, said.members[0].entity), fact)
            first = None if first is fact else first
        if first is None:
            kept[about] = fact
        elif first.statement == said and _file(first) != _file(fact):
            restated[_file(first), _file(fact)] += 1
        else:
            problems.append(_twice(first, fact))
    for (one, other), count in sorted(restated.items()):
        again = f"{counted(count, 'fact')} {'stands' if count == 1 else 'stand'} in {one} as well, word for word"
        message = f"{again}; {'it' if count == 1 else 'each'} was taken once"
        problems.append(Issue("UP-RESTATED", message, place=Place(other), severity=IssueSeverity.WARNING))
    return tuple(kept[about] for about in sorted(kept))


def _twice(first: Fact, fact: Fact) -> Issue:
    said = fact.statement
    hint = f"it stands before, at {first.place}"
    if isinstance(said, RequirementGroup):
        if said.name is not None and len(said.members) > 1:
            message = f'"{said.consumer}" has two groups named "{said.name}"'
            return Issue("UP-GROUP-NAME", message, fact.id, hint, fact.place)
        needed = " or ".join(member.entity for member in said.members)
        return Issue("UP-NEED-TWICE", f'"{said.consumer}" needs {needed} twice', fact.id, hint, fact.place)
    if isinstance(said, Degradation):
        message = f'"{said.supplier}" degrades "{said.consumer}" twice'
        return Issue("UP-NEED-TWICE", message, fact.id, hint, fact.place)
    if isinstance(said, Agreement):
        message = f'version {said.version} of "{said.key}" is defined twice'
    elif isinstance(said, Target):
        message = (
            f'"{said.agreement}" promises {said.metric} of {said.covers or "what it covers"} in {said.window} twice'
        )
    elif isinstance(said, Party | EntityStatement):
        message = f'{KIND_OF[type(said)]} "{said.key}" is defined twice'
    else:
        message = f"{described(said)} is said twice"
    return Issue("UP-TWICE", message, fact.id, hint, fact.place)


def _counts(facts: Sequence[Fact]) -> Mapping[str, int]:
    found = Counter(KIND_OF[type(fact.statement)] for fact in facts)
    counts = {name: found[kind] for kind, name in _NAMES.items()}
    groups = [f.statement for f in facts if isinstance(f.statement, RequirementGroup)]
    counts["dependencies"] = sum(len(g.members) for g in groups) + found[FactKind.DEGRADATION]
    return counts


def _absent(facts: Sequence[Fact], as_of: date | None) -> tuple[str, ...]:
    """What the files do not say and somebody will miss, as sentences with their figures."""
    if not facts:
        return ("there is nothing in it: no party, no entity, no agreement",)
    said = [fact.statement for fact in facts]
    entities = [s for s in said if isinstance(s, EntityStatement) and s.kind is not None]
    if not entities:
        return ("0 entities are defined",) if not any(isinstance(s, EntityStatement | Overrule) for s in said) else ()
    sentences = [
        _without_dependencies(entities, said),
        *_without_figures(entities, said, as_of),
        *_without_owner(entities),
    ]
    return tuple(sentence for sentence in sentences if sentence)


def _without_dependencies(entities: Sequence[EntityStatement], said: Sequence[object]) -> str:
    if any(isinstance(s, RequirementGroup | Degradation) for s in said):
        return ""
    count = _counted_by_kind(entities)
    return f"{count}, 0 dependencies declared: availability cannot be computed from this source alone"


def _without_figures(entities: Sequence[EntityStatement], said: Sequence[object], as_of: date | None) -> list[str]:
    sources = [s for s in said if isinstance(s, Agreement)]
    lapsed = {(a.key, a.version) for a in sources if as_of and a.end and a.end < as_of}
    targets = [s for s in said if isinstance(s, Target) and (s.agreement, s.version) not in lapsed]
    covers = {(a.key, a.version): (a.provider, a.covers) for a in sources}
    covered: set[str] = set()
    for target in targets:
        provider, names = covers.get((target.agreement, target.version), ("", ()))
        for name in (target.covers,) if target.covers else names:
            covered.add(f"* {provider}" if name == "*" else name)
    bare = [
        e
        for e in entities
        if e.availability is None
        and e.kind is not EntityKind.TRANSACTION
        and covered.isdisjoint((e.key, f"family:{e.family}", f"* {e.provider}"))
    ]
    externals = sum(e.kind is EntityKind.EXTERNAL for e in bare)
    ours = len(bare) - externals
    sentences = [f"{counted(externals, 'external')} without any figure"] if externals else []
    if ours:
        sentences.append(f"{counted(ours, 'entity', 'entities')} of the company's own without any figure")
    if not sources:
        sentences.append("0 agreements: nothing promised can be compared with what is needed")
    if not any(isinstance(s, Party) and s.kind is PartyKind.VENDOR for s in said):
        sentences.append("0 vendors")
    return sentences


def _without_owner(entities: Sequence[EntityStatement]) -> list[str]:
    bare = sum(e.owner is None and e.kind is not EntityKind.EXTERNAL for e in entities)
    return [f"{counted(bare, 'entity', 'entities')} without an owner"] if bare else []


def _counted_by_kind(entities: Sequence[EntityStatement]) -> str:
    kinds = {e.kind for e in entities}
    if len(kinds) > 1:
        return counted(len(entities), "entity", "entities")
    kind = str(next(iter(kinds)))
    return counted(len(entities), kind, kind if kind == EntityKind.INFRASTRUCTURE else None)


def _file(fact: Fact) -> str:
    return fact.place.file or "" if fact.place else ""


def _order(fact: Fact) -> tuple[object, ...]:
    return _position(fact.place)


def _position(place: Place | None) -> tuple[str, int, int, str, int, str]:
    """Places in reading order: by file, then line and column, or sheet, row and column."""
    if place is None:
        return ("", 0, 0, "", 0, "")
    if place.cell is None:
        return (place.file or "", place.line or 0, place.column or 0, "", 0, "")
    sheet, _, cell = place.cell.rpartition("!")
    letters, digits = cell.rstrip("0123456789"), re.sub(r"\D", "", cell)
    return (place.file or "", place.line or 0, place.column or 0, sheet, int(digits or 0), letters.rjust(4))
