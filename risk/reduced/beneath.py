"""What a gate's state can depend on: the bits of all blocks and gates beneath it."""

from collections.abc import Sequence

from risk.condensation import Condensed
from risk.structure import Necessity


def beneath_gates(condensed: Condensed, layers: Sequence[Sequence[int]], necessity: Necessity) -> dict[int, int]:
    """For each gate the bits of all that its targets reach.

    Cost: one pass of set unions. A block's set is forgotten after its last consumer, so that little is held at a time.
    """
    hanging = [layer for layer in layers if layer[0] not in necessity.links]
    if not any(condensed.gates_of[block] for layer in hanging for block in layer):
        return {}
    waiting: dict[int, int] = {}
    for layer in hanging:
        for end in _ends(condensed, layer, necessity):
            waiting[end] = waiting.get(end, 0) + 1
    reach: dict[int, int] = {}
    found: dict[int, int] = {}
    for layer in hanging:
        ends = _ends(condensed, layer, necessity)
        beneath = 0
        for end, links in ends.items():
            beneath |= reach[end] | links
        for block in layer:
            beneath |= ((1 << len(condensed.gates_of[block]) + 1) - 1) << necessity.bit_of[block]
        reach.update(dict.fromkeys(layer, beneath))
        for block in layer:
            for gate in condensed.gates_of[block]:
                found[gate] = _union(reach, condensed, gate)
        for end in ends:
            waiting[end] -= 1
            if not waiting[end]:
                del reach[end]
    return found


def _union(reach: dict[int, int], condensed: Condensed, gate: int) -> int:
    found = 0
    for target, _ in condensed.gates[gate].targets:
        found |= reach[target]
    return found


def _ends(condensed: Condensed, layer: Sequence[int], necessity: Necessity) -> dict[int, int]:
    """The ends of the chains that a layer hangs on, with the bits of the links between."""
    found: dict[int, int] = {}
    for block in layer:
        for supplier in condensed.suppliers[block]:
            if supplier not in layer:
                end, links = necessity.chain(supplier)
                found[end] = found.get(end, 0) | links
    return found
