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
from risk.pairs import PairLister
from risk.reductions import Reduction


@dataclass(frozen=True, slots=True)
class Cones:
    """For each block the number of its cone, and the layers of each cone, suppliers first."""

    cone_of: tuple[int, ...] = field(repr=False)
    layers: tuple[tuple[int, ...], ...] = field(repr=False)


def cones(condensed: Condensed, most: int, check: Check) -> Cones:
    """All blocks in cones.

    Cost: the sizes of the cones, each block once for every cone that holds it.
    """
    layer_of = [0] * len(condensed.members)
    for number, blocks in enumerate(condensed.layers):
        for block in blocks:
            layer_of[block] = number
    beneath = [
        {layer_of[supplier] for block in blocks for supplier in condensed.suppliers(block)} - {number}
        for number, blocks in enumerate(condensed.layers)
    ]
    cone_of = [-1] * len(condensed.layers)
    found: list[tuple[int, ...]] = []
    current: set[int] = set()
    first = 0
    for top in range(len(condensed.layers) - 1, -1, -1):
        if cone_of[top] >= 0:
            continue
        check()
        pending = [top]
        current.add(top)
        while pending:
            layer = pending.pop()
            if cone_of[layer] < 0:
                cone_of[layer] = len(found)
            for supplier in beneath[layer]:
                if supplier not in current:
                    current.add(supplier)
                    pending.append(supplier)
        first = first or len(current)
        # Where one entity alone needs that much, others share most of it: they had better stay together.
        if len(current) >= max(most, 2 * first):
            found.append(tuple(sorted(current)))
            current, first = set(), 0
    if current:
        found.append(tuple(sorted(current)))
    return Cones(tuple(cone_of[layer] for layer in layer_of), tuple(found))


class Cone:
    """One cone at work: its reduced structure, and its factors made ready as they are asked for.

    `serial` tells it from every other cone that was at work, of the same blocks too: formulas are numbered as they come
    up, so what is known of one cone's formulas says nothing of another's.
    """

    def __init__(self, condensed: Condensed, layers: Sequence[int], serial: int, limits: Limits, check: Check) -> None:
        self.serial = serial
        self.reduction = Reduction(condensed, [condensed.layers[layer] for layer in layers], limits, check)
        self._limits = limits
        self._factors: dict[tuple[int, ...], Solution] = {}
        self._climbs: dict[tuple[int, ...], Climb] = {}
        self._listers: dict[int, Lister | PairLister] = {}

    def lister(self, max_order: int) -> Lister | PairLister:
        """What lists the cut sets of the cone's formulas up to an order."""
        if max_order not in self._listers:
            formulas = self.reduction.formulas
            self._listers[max_order] = PairLister(formulas) if max_order == 2 else Lister(formulas, max_order)
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
