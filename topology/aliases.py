"""Keys that are one thing: what `same` joins, and `source:id` for a native source's bare id."""

from collections.abc import Collection

from topology.facts import Fact, Same, subject


def qualified(source: str, key: str) -> str:
    """The key of a source's own subject with the source in front, as overlays of other sources write it."""
    return f"{source}:{key}"


def aliases_of(facts: Collection[Fact]) -> tuple[dict[str, str], dict[str, str]]:
    """From every key that is not shown to the key that is shown for it: by `same`, and by `source:id`.

    Of keys joined by `same` the first listed is shown. A `source:id` is shown as the bare id where that source defines
    it under the bare id; these are the second mapping.
    """
    pairs: list[tuple[str, str]] = []
    bare: dict[str, str] = {}
    for fact in facts:
        if isinstance(fact.statement, Same):
            pairs.append((fact.statement.first, fact.statement.second))
        elif fact.defines and not fact.is_stub:
            key = subject(fact.statement)[1]
            bare[qualified(fact.source, key)] = key
    shown: dict[str, str] = {}

    def root(key: str) -> str:
        while key in shown:
            key = shown[key]
        return key

    for first, second in sorted(pairs):
        one, other = root(bare.get(first, first)), root(bare.get(second, second))
        if one != other:
            shown[other] = one
    joined = {key: root(key) for key in shown}
    for key in (key for pair in pairs for key in pair):
        target = root(bare.get(key, key))
        if target != key:
            joined[key] = target
    return joined, bare


def are_joined(facts: Collection[Fact], *keys: str) -> bool:
    """Whether `same` facts, by however many steps, make one thing of all `keys`."""
    neighbours: dict[str, set[str]] = {}
    for fact in facts:
        if isinstance(fact.statement, Same):
            neighbours.setdefault(fact.statement.first, set()).add(fact.statement.second)
            neighbours.setdefault(fact.statement.second, set()).add(fact.statement.first)
    reached, ahead = {keys[0]}, [keys[0]]
    while ahead:
        new = neighbours.get(ahead.pop(), set()) - reached
        reached |= new
        ahead += new
    return reached.issuperset(keys)
