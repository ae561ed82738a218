"""The blocks of a system in batches that hold all that their blocks need, so that no table grows with the estate.

A cone is a set of blocks closed under what they need. Blocks that no other needs, the tops, are put into cones with all
that they require, until a cone has about `most` blocks, or twice what one of them alone brought; a block belongs to the
first cone that holds it. What two cones hold is worked out twice, so the next top is always one that shares suppliers
with the cone, found by way of what these have in common and few others need: keys and their order say nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from risk.condensation import Condensed
from risk.diagrams.ladder import Climb, Solution
from risk.diagrams.listing import Lister
from risk.limits import Check, Limits
from risk.reduced.reductions import Reduction
from risk.reduced.small_cuts import SmallCuts

_STRIDE = 4096
"""Blocks between two looks at the clock."""
_MANY = 256
"""Consumers of an entity from which on to share it says little about who belongs together."""


@dataclass(frozen=True, slots=True)
class Cones:
    """For each block the number of its cone, and the layers of each cone, suppliers first."""

    cone_of: tuple[int, ...] = field(repr=False)
    layers: tuple[tuple[int, ...], ...] = field(repr=False)


def cones(condensed: Condensed, consumers: Sequence[Sequence[int]], most: int, check: Check) -> Cones:
    """All blocks in cones.

    Args:
        condensed: the blocks.
        consumers: for each entity those with it in a group.
        most: about how many blocks go into a cone.
        check: called every few thousand steps.

    Cost: the sizes of the cones, each block once for every cone that holds it, and of the edges into these.
    """
    suppliers, size = condensed.suppliers, len(condensed.members)
    layer_of = [0] * size
    for number, blocks in enumerate(condensed.layers):
        for block in blocks:
            layer_of[block] = number
    cone_of = [-1] * size
    found: list[tuple[int, ...]] = []
    waiting = _tops(condensed)
    top = waiting.find(True)  # the first tends to be the widest
    while top >= 0:
        check()
        held, current, widest = bytearray(size), list[int](), 0
        near = _near(condensed, consumers, current, waiting, check)
        # Where one entity alone needs that much, others share most of it: they had better stay together.
        while top >= 0 and len(current) < max(most, 2 * widest):
            held[top] = True
            brought = [top]
            for step, block in enumerate(brought, start=1):
                if step % _STRIDE == 0:
                    check()
                if cone_of[block] < 0:
                    cone_of[block] = len(found)
                    waiting[block] = False
                for supplier in suppliers[block]:
                    if not held[supplier]:
                        held[supplier] = True
                        brought.append(supplier)
            current += brought
            widest = max(widest, len(brought))
            top = next(near, -1)
        found.append(tuple(sorted({layer_of[block] for block in current})))
    return Cones(tuple(cone_of), tuple(found))


def _tops(condensed: Condensed) -> bytearray:
    """Which blocks no other needs, and one of each cycle."""
    found = bytearray(b"\1") * len(condensed.members)
    for supplier in chain.from_iterable(condensed.suppliers):
        found[supplier] = False
    for blocks in condensed.layers:
        if len(blocks) > 1:
            found[blocks[0]] = True
    return found


def _near(
    condensed: Condensed, consumers: Sequence[Sequence[int]], cone: Sequence[int], waiting: bytearray, check: Check
) -> Iterator[int]:
    """The tops that wait, first those that share suppliers with a cone, which may grow meanwhile."""
    block_of, members = condensed.block_of, condensed.members
    seen = bytearray(len(members) + 1)
    seen[-1] = True  # that of entities that were left out
    done = after = 0
    while after >= 0:
        while done < len(cone):
            above = [cone[done]]
            done += 1
            if done % _STRIDE == 0:
                check()
            for block in above:
                for entity in members[block]:
                    its = consumers[entity]
                    if len(its) > _MANY:
                        continue
                    for consumer in its:
                        needing = block_of[consumer]
                        if not seen[needing]:
                            seen[needing] = True
                            above.append(needing)
                            if waiting[needing]:
                                yield needing
        after = waiting.find(True, after)
        yield after


class Cone:
    """One cone at work: its reduced structure, and its factors made ready as they are asked for.

    `serial` tells it from every other cone that was at work, of the same blocks too: formulas are numbered as they come
    up, so what is known of one cone's formulas says nothing of another's.
    """

    def __init__(self, condensed: Condensed, layers: Sequence[int], serial: int, limits: Limits, check: Check) -> None:
        self.serial = serial
        blocks = [condensed.layers[layer] for layer in layers]
        reduction = self.reduction = Reduction(condensed, blocks, limits, check)
        # Not by way of this: what holds itself waits for the collector, and its tables with it.
        self.small_cuts = SmallCuts(condensed, blocks, reduction.necessity, lambda: reduction.beneath)
        self._limits = limits
        self._factors: dict[tuple[int, ...], Solution] = {}
        self._climbs: dict[tuple[int, ...], Climb] = {}
        self._listers: dict[int, Lister] = {}

    def lister(self, max_order: int) -> Lister:
        """What lists the cut sets of the cone's formulas up to an order."""
        if max_order not in self._listers:
            self._listers[max_order] = Lister(self.reduction.formulas, max_order)
        return self._listers[max_order]

    def factor(self, key: tuple[int, ...], check: Check) -> Solution:
        """Formulas of which any may hold, made ready to be evaluated together."""
        found = self._factors.get(key)
        if found is None:
            formulas = self.reduction.formulas
            climb = self._climbs.setdefault(key, Climb(formulas, formulas.any_of(key), self._limits))
            found = self._factors[key] = climb.solved(check)
            del self._climbs[key]
        return found
