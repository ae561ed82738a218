"""Sets of lost soft suppliers as bitsets, and the fraction of a service that each set comes to.

Formula: `1 - prod (1 - d_u)` over the distinct suppliers u of a set, each once, with its largest d.
Cost: room for one bit a set and pair of a supplier and a fraction. The pairs lie in stretches of about the square root
of their number; the product of a stretch is kept, so that sets which differ in a few pairs cost a few products each.
Source: section 2, "Soft".
"""

from collections.abc import Iterable
from decimal import Decimal
from itertools import accumulate, groupby, pairwise
from math import isqrt

from risk.bitsets import bits

Share = tuple[int, Decimal | None]
"""A soft supplier by number, and the fraction that its loss costs; None where that is not stated."""

_UNSTATED = 1
_LEAST = 32
_MOST_KEPT = 1 << 17


class SharesLost:
    """The shares that may be lost; those of one supplier lie in one stretch, and a stretch in bytes of its own.

    Args:
        shares: all of them, in any order.
    """

    def __init__(self, shares: Iterable[Share]) -> None:
        stated = sorted({(supplier, loss) for supplier, loss in shares if loss is not None})
        length = max(_LEAST, isqrt(len(stated)))
        self._stretches: list[list[tuple[int, Decimal]]] = [[]]
        for _, same in groupby(stated, lambda share: share[0]):
            if len(self._stretches[-1]) >= length:
                self._stretches.append([])
            self._stretches[-1] += same
        ends = list(accumulate(((len(stretch) + 7) // 8 for stretch in self._stretches), initial=1))
        self._bytes = tuple(slice(start, end) for start, end in pairwise(ends))
        self._length = ends[-1]
        self._place_of = {
            share: 8 * where.start + place
            for where, stretch in zip(self._bytes, self._stretches, strict=True)
            for place, share in enumerate(stretch)
        }
        self._kept: dict[tuple[int, bytes], Decimal] = {}

    def __len__(self) -> int:
        """How many stretches there are: the steps that one set takes."""
        return len(self._stretches)

    def bits(self, shares: Iterable[Share]) -> int:
        """The set of some shares; sets are united by `|`."""
        found = 0
        for supplier, loss in shares:
            found |= _UNSTATED if loss is None else 1 << self._place_of[supplier, loss]
        return found

    def loss(self, found: int) -> Decimal | None:
        """The fraction that a set comes to; None where a share of it is not stated."""
        if found & _UNSTATED:
            return None
        kept, raw = Decimal(1), found.to_bytes(self._length, "little")
        for place, where in enumerate(self._bytes):
            kept *= self._left(place, raw[where])
        return 1 - kept

    def _left(self, place: int, inside: bytes) -> Decimal:
        """What is left by the shares of a stretch that are inside a set."""
        found = self._kept.get((place, inside))
        if found is None:
            # Ascending, so that of one supplier the largest share is the one that stays.
            stretch = self._stretches[place]
            largest = dict(stretch[bit] for bit in bits(int.from_bytes(inside, "little")))
            found = Decimal(1)
            for loss in largest.values():
                found *= 1 - loss
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[place, inside] = found
        return found
