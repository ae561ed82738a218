"""What no diagram holds and no bound tells is sampled: many worlds at once, and an interval that most likely holds.

Formula: each world draws every block's own failure by itself; with the root down in k of n worlds the interval of
Clopper and Pearson holds with at least the stated confidence, whatever the true figure is.
Assumes: own faults are independent of one another.
Cost: a few operations on n bits for each edge beneath the root, n = `Sampling.samples`, in batches that take no more
than `_BITS` bits for each kind of set.
Source: Clopper and Pearson (1934). A block of own unavailability q fails in a world by the first binary digits of q,
and by geometric steps from failure to failure for what these leave of it; that is exact to the last bit of q.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, floor, lgamma, log, log1p, sqrt
from random import Random
from typing import Final

from risk.bitsets import outweighing
from risk.condensation import Condensed
from risk.limits import Check, Sampling
from risk.probability import P
from risk.structure import down_in_worlds

_BITS: Final = 1 << 27
_LEAST, _MOST = 1 << 10, 1 << 16
"""Worlds that are worked on together."""
_DIGITS: Final = 8
_STRIDE: Final = 64
_NEVER_SEEN: Final = 1e-30
"""So unlikely that no generator of 53 bits draws it."""


@dataclass(frozen=True, slots=True)
class Worlds:
    """Some worlds at once: a formula is the set of the worlds in which it holds, as a bitset.

    The operations are those of `Formulas`, so that what is said of states can be said of worlds.

    Attributes:
        size: how many worlds.
        failed: the worlds in which each block has failed itself.
        down: the worlds in which it is down.
    """

    size: int
    failed: Mapping[int, int] = field(repr=False)
    down: Mapping[int, int] = field(repr=False)

    def any_of(self, formulas: Iterable[int]) -> int:
        """Where any of them holds."""
        found = 0
        for formula in formulas:
            found |= formula
        return found

    def all_of(self, formulas: Iterable[int]) -> int:
        """Where all of them hold."""
        found = (1 << self.size) - 1
        for formula in formulas:
            found &= formula
        return found

    def at_least(self, need: int, items: Iterable[tuple[int, int]]) -> int:
        """Where formulas of a joint weight of `need`, 1 or more, do."""
        return outweighing(list(items), need - 1)

    def negation(self, formula: int) -> int:
        """Where it does not hold."""
        return (1 << self.size) - 1 & ~formula


def worlds(
    condensed: Condensed,
    roots: Collection[int],
    q: Sequence[P],
    sampling: Sampling,
    check: Check,
    *,
    standing: Collection[int] = (),
) -> Iterator[Worlds]:
    """Worlds of some blocks and of all beneath them, `sampling.samples` in all.

    Args:
        condensed: the blocks.
        roots: the blocks that are asked about.
        q: own unavailability of every block.
        sampling: how many, and with which seed; equal models and settings draw equal worlds.
        check: called every few thousand steps.
        standing: blocks that do not fail in any of these worlds.
    """
    beneath = _beneath(condensed, roots)
    layers = [layer for layer in condensed.layers if layer[0] in beneath]
    faulty = [(block, float(q[block])) for block in sorted(beneath.difference(standing)) if q[block] > 0]
    batch = max(_LEAST, min(_MOST, _BITS // len(beneath)))
    random = Random(sampling.seed)
    for start in range(0, sampling.samples, batch):
        size = min(batch, sampling.samples - start)
        failed: dict[int, int] = {}
        for step, (block, chance) in enumerate(faulty):
            if step % _STRIDE == 0:
                check()
            failed[block] = _drawn(random, chance, size)
        yield Worlds(size, failed, down_in_worlds(condensed, layers, failed, check))


def likely_width(sampling: Sampling, least: float, most: float) -> float:
    """About the widest that a sampled interval of a probability between `least` and `most` turns out."""
    variance = 0.25 if least <= 0.5 <= most else max(p * (1 - p) for p in (least, most))
    tail = -log(_tail_level(sampling))
    return (2 * sqrt(2 * tail * variance * sampling.samples) + tail) / sampling.samples


def confidence_interval(hits: int, sampling: Sampling) -> tuple[float, float]:
    """The interval of Clopper and Pearson for `hits` of the samples."""
    upper = _most_likely(hits, sampling)
    lower = 1 - _most_likely(sampling.samples - hits, sampling)
    return max(lower, 0.0), min(upper, 1.0)


def _beneath(condensed: Condensed, roots: Collection[int]) -> set[int]:
    """Some blocks and all that they reach."""
    seen = set(roots)
    pending = list(seen)
    while pending:
        for supplier in condensed.suppliers[pending.pop()]:
            if supplier not in seen:
                seen.add(supplier)
                pending.append(supplier)
    return seen


def _drawn(random: Random, chance: float, size: int) -> int:
    """A bitset in which each of the first `size` bits stands with a probability of `chance`."""
    if chance > 0.5:
        return (1 << size) - 1 ^ _drawn(random, 1 - chance, size)
    head = floor(chance * (1 << _DIGITS))
    found = 0
    # From the last digit on: with r in 0..1 the rest so far, digit 1 makes it (1 + r)/2, digit 0 makes it r/2.
    for place in range(_DIGITS):
        if head >> place & 1:
            found |= random.getrandbits(size)
        elif found:
            found &= random.getrandbits(size)
    known = head / (1 << _DIGITS)
    return found | _rare(random, (chance - known) / (1 - known), size)


def _rare(random: Random, chance: float, size: int) -> int:
    """The same for a small chance: from one bit that stands to the next."""
    if chance * size < _NEVER_SEEN:
        return 0
    scale = 1 / log1p(-chance)
    flags = bytearray(size + 7 >> 3)
    place = floor(log(1 - random.random()) * scale)
    while place < size:
        flags[place >> 3] |= 1 << (place & 7)
        place += 1 + floor(log(1 - random.random()) * scale)
    return int.from_bytes(flags, "little")


def _tail_level(sampling: Sampling) -> float:
    """How likely the figure may lie beyond either end."""
    return float(1 - sampling.confidence) / 2


def _most_likely(hits: int, sampling: Sampling) -> float:
    """The probability under which so few hits are just as unlikely as the confidence allows."""
    if hits == sampling.samples:
        return 1.0
    level = _tail_level(sampling)
    low, high = hits / sampling.samples, 1.0
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if _at_most(hits, sampling.samples, middle) > level:
            low = middle
        else:
            high = middle
    return high


def _at_most(hits: int, samples: int, p: float) -> float:
    """The probability of at most so many hits, where more are expected: from the likeliest number down."""
    term = exp(
        lgamma(samples + 1)
        - lgamma(hits + 1)
        - lgamma(samples - hits + 1)
        + (hits * log(p) if hits else 0.0)
        + (samples - hits) * log1p(-p)
    )
    total = term
    odds = (1 - p) / p
    while hits > 0 and term > 1e-17 * total:
        term *= hits * odds / (samples - hits + 1)
        hits -= 1
        total += term
    return total
