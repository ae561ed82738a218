"""The blocks of a system in batches that hold all that their blocks need, so that no table grows with the estate.

A cone is a set of blocks closed under what they need. Blocks are put into cones from the consumers' end, until a cone
has about `most` blocks, or twice what its first consumer alone needs; a block belongs to the first cone that holds it,
and may be in others too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from risk.condensation import Condensed
from risk.ladder import Climb, Solution
from risk.limits import Check, Limits
from risk.listing import Lister
from risk.reductions import Reduction
from risk.small_cuts import SmallCuts

_STRIDE = 4096
"""Blocks between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class Cones:
    """For each block the number of its cone, and the layers of each cone, suppliers first."""

    cone_of: tuple[int, ...] = field(repr=False)
    layers: tuple[tuple[int, ...], ...] = field(repr=False)


def cones(condensed: Condensed, most: int, check: Check) -> Cones:
    """All blocks in cones.

    Cost: the sizes of the cones, each block once for every cone that holds it.
    """
    size = len(condensed.members)
    layer_of = [0] * size
    for number, blocks in enumerate(condensed.layers):
        for block in blocks:
            layer_of[block] = number
    cone_of = [-1] * size
    held = bytearray(size)
    found: list[tuple[int, ...]] = []
    current: list[int] = []
    first = 0
    for top in range(size - 1, -1, -1):
        if cone_of[top] >= 0:
            continue
        done = len(current)
        _add(condensed, top, current, held, check)
        for block in current[done:]:
            if cone_of[block] < 0:
                cone_of[block] = len(found)
        first = first or len(current)
        # Where one entity alone needs that much, others share most of it: they had better stay together.
        if len(current) >= max(most, 2 * first):
            found.append(tuple(sorted({layer_of[block] for block in current})))
            current, held, first = [], bytearray(size), 0
    if current:
        found.append(tuple(sorted({layer_of[block] for block in current})))
    return Cones(tuple(cone_of), tuple(found))


def _add(condensed: Condensed, top: int, cone: list[int], held: bytearray, check: Check) -> None:
    """Add a block and what it needs to a cone; `held` says of each block whether it is in."""
    hard, gates, gates_of = condensed.hard, condensed.gates, condensed.gates_of
    at = len(cone)
    cone.append(top)
    held[top] = True
    while at < len(cone):
        block = cone[at]
        at += 1
        if at % _STRIDE == 0:
            check()
        suppliers = hard[block]
        if gates_of[block]:
            suppliers += tuple([target for gate in gates_of[block] for target, _ in gates[gate].targets])
        for supplier in suppliers:
            if not held[supplier]:
                held[supplier] = True
                cone.append(supplier)


class Cone:
    """One cone at work: its reduced structure, and its factors made ready as they are asked for.

    `serial` tells it from every other cone that was at work, of the same blocks too: formulas are numbered as they come
    up, so what is known of one cone's formulas says nothing of another's.
    """

    def __init__(self, condensed: Condensed, layers: Sequence[int], serial: int, limits: Limits, check: Check) -> None:
        self.serial = serial
        blocks = [condensed.layers[layer] for layer in layers]
        self.reduction = Reduction(condensed, blocks, limits, check)
        self.small_cuts = SmallCuts(condensed, blocks, self.reduction.necessity)
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
