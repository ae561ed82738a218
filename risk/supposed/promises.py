"""Operations on what agreements promise: one that applies no longer, and a figure that is another."""

from dataclasses import replace

from risk.agreements.choice import AgreementIndex
from risk.agreements.commitments import is_stricter
from risk.agreements.lifecycle import standing
from risk.supposed.operations import Lapse, SetTarget
from risk.supposed.supposing import Model, refused, sound
from topology.errors import UnknownKey
from topology.facts import is_pattern
from topology.model import Agreement, Target

_RATIO = "ratio"
_TIMES = frozenset({"ms", "s", "min", "h", "d"})


def lapse(model: Model, said: Lapse) -> None:
    """An agreement applies no longer: it is as if it had never been made."""
    key = _agreement(model, said.agreement, ())
    for version in model.versions(key):
        model.targets[key, version.version] = None
    model.agreements[key] = None


def set_target(model: Model, said: SetTarget) -> None:
    """What the version in force, else the newest, promises of one entity in a metric, in every window that it names.

    A target of several entities goes on as it was for the others, each by name.
    """
    key = _agreement(model, said.agreement, ("agreement",))
    entity = model.known(said.entity, "entity")
    version, covered = _covered(model, key, said.metric, entity)
    if not any(entity in keys for keys in covered.values()):
        hint = "name an entity and a metric that it promises something of"
        raise refused("UP-NO-TARGET", f'agreement "{key}" promises no {said.metric} of "{entity}"', hint)
    found: list[Target] = []
    for target in model.promised(version):
        keys = covered.get(target, [])
        if entity not in keys:
            found.append(target)
            continue
        alone = len(keys) == 1
        found.append(_valued(target if alone else replace(target, covers=entity), said))
        found += [replace(target, covers=other) for other in keys if not alone and other != entity]
    kept: dict[tuple[str | None, str, str], Target] = {}
    for target in found:
        named = (target.covers, target.metric, str(target.window))
        if named not in kept or is_stricter(target, kept[named]):
            kept[named] = target
    model.targets[key, version.version] = tuple(kept.values())


def _covered(model: Model, key: str, metric: str, entity: str) -> tuple[Agreement, dict[Target, list[str]]]:
    """The version that is meant, and what those of its targets cover that are of a metric and may cover an entity."""
    versions = model.versions(key)
    version = standing(versions, model.at).version or versions[-1]
    meant = tuple(
        target
        for target in model.promised(version)
        if target.metric == metric and (target.covers in (None, entity) or is_pattern(target.covers or ""))
    )
    entities = {**model.base.entities, **model.entities} if model.entities else model.base.entities
    about = replace(model.base, entities=entities, agreements={key: versions}, targets={(key, version.version): meant})
    covered: dict[Target, list[str]] = {}
    for one, target in AgreementIndex(about, model.at).promised(version):
        covered.setdefault(target, []).append(one.key)
    return version, covered


def _agreement(model: Model, key: str, place: tuple[str, ...]) -> str:
    for shown in (key, model.base.canonical(key)):
        if model.versions(shown):
            return shown
    raise UnknownKey(key, place)


def _valued(target: Target, said: SetTarget) -> Target:
    if (said.ratio is None) == (said.minutes is None):
        raise refused("UP-UNIT", "give either percent or minutes", "percent for an availability, minutes for a time")
    if (target.unit == _RATIO) != (said.ratio is not None):
        unit = "percent" if target.unit == _RATIO else "minutes"
        raise refused("UP-UNIT", f"{target.metric} is a figure in {unit}", f"give {unit}")
    if said.ratio is not None:
        found = replace(target, value=said.ratio)
    elif target.unit in _TIMES and said.minutes is not None:
        found = replace(target, value=said.minutes, unit="min")
    else:
        raise refused("UP-UNIT", f'{target.metric} is promised in "{target.unit}", which is no time in minutes')
    sound(found)
    return found
