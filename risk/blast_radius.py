"""What falls with each entity alone, or with each set of them, for all at once.

Formula: v is in `down({s})` exactly when s is in `N(v)`, what v cannot do without (`structure.py`), so the blast radii
of all entities are the table of N turned round: rows become columns.
Cost: one bit of work for each watched entity and entity of its cone (`bitsets.transposed`), and a pass of set unions.
Source: section 3.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from risk.bitsets import bits, transposed
from risk.limits import Check, unhurried
from risk.reduced.prepared import Prepared
from risk.structure import Necessity, down_in_worlds, necessary

World = tuple[frozenset[int], int | None]
"""Entities that have failed together, all but one of them where one is named."""
_CONES_AT_ONCE = 8
"""Systems of as many cones at most are looked at in one piece: some hundred megabytes, and no block twice."""
_WORLDS = 4096
"""Worlds that are looked at together."""


@dataclass(frozen=True, slots=True)
class BlastRadii:
    """What is down when one entity has failed and nothing else has, for every entity of a system.

    Attributes:
        watched: the entities that count, by number, each at the place by which it is known here.
        block_of: the block of each entity.
        fallen: for each block a bitset of places in `watched`.
    """

    watched: tuple[int, ...] = field(repr=False)
    block_of: tuple[int, ...] = field(repr=False)
    fallen: tuple[int, ...] = field(repr=False)

    def places(self, entity: int) -> int:
        """The places of those watched that are down with an entity, as a bitset; itself among them if it is watched."""
        return self.fallen[self.block_of[entity]]

    def count(self, entity: int) -> int:
        """How many of those watched are down with an entity."""
        return self.places(entity).bit_count()

    def down(self, entity: int) -> tuple[int, ...]:
        """Those watched that are down with an entity, by number."""
        return tuple(sorted(self.watched[place] for place in bits(self.places(entity))))


def blast_radii(prepared: Prepared, watched: Collection[int], check: Check = unhurried) -> BlastRadii:
    """The blast radius of every entity among the watched ones, those left out that are down with nothing else failed.

    Args:
        prepared: what is known of the system.
        watched: numbers of entities: all of them, or the transactions only.
        check: called every few thousand steps.

    Cost: room for one bit for each block and watched entity; of a very large estate watch a part at a time.
    """
    standing = prepared.standing
    condensed = standing.blocks(check)
    fallen = [0] * len(condensed.members)
    order: list[int] = []
    for necessity, entities in _in_parts(standing, frozenset(watched) - prepared.fallen, check):
        check()
        rows = _rows(necessity, [condensed.block_of[entity] for entity in entities])
        for bit, falling in enumerate(transposed(rows, len(necessity.block_at))):
            block = necessity.block_at[bit]
            if falling and block >= 0:
                fallen[block] |= falling << len(order)
        order += entities
    return BlastRadii(tuple(order), condensed.block_of, tuple(fallen))


def _in_parts(standing: Prepared, watched: Collection[int], check: Check) -> Iterator[tuple[Necessity, Sequence[int]]]:
    """The watched entities, suppliers first, with what they cannot do without: all at once, or of cone after cone."""
    condensed = standing.blocks(check)
    if len(condensed.members) <= _CONES_AT_ONCE * standing.limits.cone_blocks:
        yield necessary(condensed, condensed.layers, check), sorted(watched, key=condensed.block_of.__getitem__)
    else:
        yield from standing.necessities(watched, check)


def _rows(necessity: Necessity, blocks: Sequence[int]) -> list[int]:
    """What each of some blocks, suppliers first, cannot do without; of a chain of links each from the one before."""
    known: dict[int, int] = {}
    for block in blocks:
        supplier = necessity.links.get(block)
        if supplier in known:
            known[block] = known[supplier] | 1 << necessity.bit_of[block]
        else:
            known[block] = necessity.needs(block)
    return [known[block] for block in blocks]


def stopped_by(
    prepared: Prepared,
    sets: Sequence[frozenset[int]],
    watched: Sequence[int],
    check: Check = unhurried,
    *,
    radii: BlastRadii | None = None,
) -> tuple[tuple[int, ...], ...]:
    """For each set of entities the watched ones that it stops when it fails, in the order in which they are watched.

    Of the set itself only what the rest of it stops. What is down with nothing else failed is not stopped.

    Args:
        prepared: what is known of the system.
        sets: what fails as one.
        watched: numbers of entities, ascending.
        check: called every few thousand steps.
        radii: the blast radii among the watched, where they are known already.

    Cost: one sweep for all sets of one entity; for the larger ones one of the structure function for some thousands.
    """
    found: list[tuple[int, ...]] = [()] * len(sets)
    if any(len(entities) == 1 for entities in sets):
        radii = radii or blast_radii(prepared, watched, check)
        for place, entities in enumerate(sets):
            if len(entities) == 1:
                (one,) = entities
                found[place] = tuple(entity for entity in radii.down(one) if entity != one)
    counted = frozenset(watched)
    worlds: list[World] = []
    place_of: list[int] = []
    for place, entities in enumerate(sets):
        if len(entities) > 1:
            worlds += ((entities, spared) for spared in (None, *sorted(entities & counted)))
            place_of += (place,) * (len(worlds) - len(place_of))
    stopped: dict[int, set[int]] = {place: set() for place in place_of}
    for batch, down in worlds_down(prepared, worlds, check):
        for entity, world in _seen_in(prepared, watched, worlds, batch, down):
            stopped[place_of[world]].add(entity)
    for place, these in stopped.items():
        found[place] = tuple(entity for entity in watched if entity in these)
    return tuple(found)


def worlds_down(
    prepared: Prepared, worlds: Sequence[World], check: Check = unhurried
) -> Iterator[tuple[range, Mapping[int, int]]]:
    """What is down in some thousands of worlds at a time.

    Yields:
        The places of these worlds, and for each block of what stands with nothing else failed the worlds in which it is
        down, as a bitset: bit 0 is the first.
    """
    condensed = prepared.standing.blocks(check)
    for start in range(0, len(worlds), _WORLDS):
        check()
        batch = range(start, min(start + _WORLDS, len(worlds)))
        failed: dict[int, int] = {}
        for _, same in groupby(batch, lambda place: id(worlds[place][0])):
            places = list(same)
            every = sum(1 << place - start for place in places)
            spared = {worlds[place][1]: 1 << place - start for place in places}
            for entity in worlds[places[0]][0]:
                block = condensed.block_of[entity]
                failed[block] = failed.get(block, 0) | every & ~spared.get(entity, 0)
        yield batch, down_in_worlds(condensed, condensed.layers, failed, check)


def _seen_in(
    prepared: Prepared, watched: Sequence[int], worlds: Sequence[World], batch: range, down: Mapping[int, int]
) -> Iterator[tuple[int, int]]:
    """Each watched entity with the worlds in which it is stopped: as no part of what failed, or spared there."""
    block_of = prepared.standing.condensed.block_of
    whole, spared = 0, dict[int, int]()
    for place in batch:
        member = worlds[place][1]
        if member is None:
            whole |= 1 << place - batch.start
        else:
            spared[member] = spared.get(member, 0) | 1 << place - batch.start
    for entity in watched:
        if entity in prepared.fallen:
            continue
        for world in bits(down[block_of[entity]] & (whole | spared.get(entity, 0))):
            place = batch.start + world
            if worlds[place][1] == entity or entity not in worlds[place][0]:
                yield entity, place
