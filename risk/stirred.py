"""What a difference between two grounds can reach: all else is as it was, and need not be worked out again.

A composite rests on the own figures and groups of its hard closure, and on what has failed. A commitment rests beside
that on its own agreement, on the entities and soft edges of its closure, and on all agreements that ever cover one of
these. Whatever requires what differs is reached.
Assumes: nothing else is read; a property test holds it against working everything out anew.
Cost: one look at every entity and agreement of both, and what requires those that differ.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from risk.ground import Ground
from risk.reach import neighbourhood, requiring
from risk.terms import Direction
from topology.model import PartyKind


@dataclass(frozen=True, slots=True)
class Stirred:
    """What differs between two grounds, or rests on what does.

    Attributes:
        composites: the keys of the entities whose composite may differ.
        promises: the keys of the entities whose commitments may differ.
        agreements: the keys of the agreements that differ in a version or a target.
        everything: every commitment may differ: the dates do, or who we are.
    """

    composites: frozenset[str]
    promises: frozenset[str]
    agreements: frozenset[str]
    everything: bool

    def holds(self, entity: str, agreement: str) -> bool:
        """Whether a commitment on an entity, in an agreement, may be another."""
        return self.everything or entity in self.promises or agreement in self.agreements


def stirred(one: Ground, other: Ground) -> Stirred:
    """What differs between two grounds, contracted, and what rests on it in either."""
    agreements = _agreements(one, other)
    figured = _differing(one, other, _of_composite)
    told = figured | _differing(one, other, _of_promise)
    told |= one.index().ever_covered_by(agreements) | other.index().ever_covered_by(agreements)
    return Stirred(
        composites=_hard(one, figured) | _hard(other, figured),
        promises=_at_all(one, told) | _at_all(other, told),
        agreements=agreements,
        everything=one.at != other.at or _ourselves(one) != _ourselves(other),
    )


def _of_composite(ground: Ground, key: str) -> object:
    figure = ground.view().figures[key]
    return figure.value, figure.extent, key in ground.failed, ground.snapshot.groups.get(key, ())


def _of_promise(ground: Ground, key: str) -> object:
    return ground.snapshot.entities[key], ground.snapshot.degradations.get(key, ())


def _differing(one: Ground, other: Ground, about: Callable[[Ground, str], object]) -> set[str]:
    """The entities that only one ground holds, or of which something differs."""
    was, now = one.snapshot.entities, other.snapshot.entities
    return {key for key in {*was, *now} if key not in was or key not in now or about(one, key) != about(other, key)}


def _agreements(one: Ground, other: Ground) -> frozenset[str]:
    was, now = one.snapshot, other.snapshot

    def differs(key: str) -> bool:
        versions = was.agreements.get(key, ())
        if versions != now.agreements.get(key, ()):
            return True
        held = [(key, version.version) for version in versions]
        return any(was.targets.get(each, ()) != now.targets.get(each, ()) for each in held)

    return frozenset(key for key in {*was.agreements, *now.agreements} if differs(key))


def _ourselves(ground: Ground) -> set[str]:
    return {key for key, party in ground.snapshot.parties.items() if party.kind is PartyKind.SELF}


def _hard(ground: Ground, keys: Iterable[str]) -> frozenset[str]:
    """What requires some entities through groups, they among it, as far as the ground holds them."""
    index = ground.system.index
    found = requiring(ground.system, [index[key] for key in keys if key in index], ground.asking)
    return frozenset(map(ground.key_of, found))


def _at_all(ground: Ground, keys: Iterable[str]) -> frozenset[str]:
    """The same over soft edges as well."""
    system = ground.system
    roots = [system.index[key] for key in keys if key in system.index]
    found = neighbourhood(system, roots, Direction.REQUIRED_BY, len(system), len(system), check=ground.asking)
    return frozenset(map(ground.key_of, found.entities))
