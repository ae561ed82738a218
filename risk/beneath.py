"""What a gate's state can depend on: the bits of all blocks and gates beneath it."""

from collections.abc import Sequence

from risk.condensation import Condensed
from risk.structure import Necessity


def beneath_gates(condensed: Condensed, layers: Sequence[Sequence[int]], necessity: Necessity) -> dict[int, int]:
    """For each gate the bits of all that its targets reach.

    Cost: one pass of set unions. A block's set is forgotten after its last consumer, so that little is held at a time.
    """
    hanging = [_Hanging(condensed, layer, necessity) for layer in layers if layer[0] not in necessity.links]
    waiting: dict[int, int] = {}
    for one in hanging:
        for end in one.ends:
            waiting[end] = waiting.get(end, 0) + 1
    reach: dict[int, int] = {}
    found: dict[int, int] = {}
    for one in hanging:
        beneath = one.own
        for end in one.ends:
            beneath |= reach[end]
        reach.update(dict.fromkeys(one.layer, beneath))
        for gate in one.gates:
            found[gate] = 0
            for target, _ in condensed.gates[gate].targets:
                found[gate] |= reach[target]
        for end in one.ends:
            waiting[end] -= 1
            if not waiting[end]:
                del reach[end]
    return found


class _Hanging:
    """A layer, the ends of the chains that it hangs on, its gates, and the bits of itself and of the links between."""

    def __init__(self, condensed: Condensed, layer: Sequence[int], necessity: Necessity) -> None:
        self.layer = layer
        self.gates = [gate for block in layer for gate in condensed.gates_of[block]]
        self.own = 0
        self.ends: set[int] = set()
        for block in layer:
            self.own |= ((1 << len(condensed.gates_of[block]) + 1) - 1) << necessity.bit_of[block]
            for supplier in condensed.suppliers(block) - set(layer):
                end, links = necessity.chain(supplier)
                self.own |= links
                self.ends.add(end)
