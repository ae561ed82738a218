"""How a statement is called in a sentence; ids of facts are not for people."""

from topology.facts import About, EntityStatement, Overrule, Same, Statement
from topology.model import Agreement, Degradation, Party, RequirementGroup, Target

_MOST = 3


def described(statement: Statement) -> str:
    """What a statement is about: `group "g2" of "checkout"`, `version 3 of agreement "sla-gold"`."""
    match statement:
        case RequirementGroup(consumer=consumer, name=str(name)):
            return f'group "{name}" of "{consumer}"'
        case RequirementGroup(consumer=consumer, members=members):
            return f'the need of "{consumer}" for {_some([member.entity for member in members])}'
        case Degradation(consumer=consumer, supplier=supplier):
            return f'the soft need of "{consumer}" for "{supplier}"'
        case Party(key=key):
            return f'party "{key}"'
        case EntityStatement(key=key):
            return f'entity "{key}"'
        case Agreement(key=key, version=version):
            return f'version {version} of agreement "{key}"'
        case Target(agreement=agreement, metric=metric, covers=covers):
            return (
                f'the promise of {metric} for "{covers}" in "{agreement}"' if covers else f'{metric} in "{agreement}"'
            )
        case Overrule(consumer=consumer, suppliers=suppliers):
            return f'the overruled need of "{consumer}" for {_some(list(suppliers))}'
        case Same(first=first, second=second):
            return f'the pair "{first}" and "{second}"'
        case About(source=source):
            return f'the date of "{source}"'
    raise AssertionError(statement)


def _some(keys: list[str]) -> str:
    named = " or ".join(f'"{key}"' for key in keys[:_MOST])
    return named if len(keys) <= _MOST else f"{named} or {len(keys) - _MOST} more"
