"""An unavailability and how far it is known: exactly, within bounds that are certain, or within a sampled interval."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic

from risk.limits import Sampling
from risk.probability import P, either
from risk.sampling import Worlds, confidence_interval, likely_width
from risk.terms import Method

_NARROWER = 10
"""How much narrower a sampled interval must be than certain bounds to take their place."""

Down = Callable[[Worlds], int]
"""In which of some worlds that holds whose probability is asked for, as a bitset."""


@dataclass(frozen=True, slots=True)
class Composite(Generic[P]):
    """An unavailability, how it was found, and bounds that are equal to it unless the method is INTERVAL or SAMPLED.

    INTERVAL: it is the middle between them, and they hold for certain. SAMPLED: it comes from the share of worlds in
    which the root is down, and they hold with the confidence of `sampling`.
    """

    unavailability: P
    method: Method
    diagram_nodes: int
    lower: P
    upper: P
    sampling: Sampling | None = None

    @property
    def is_exact(self) -> bool:
        """Whether more than bounds are known."""
        return self.method not in {Method.INTERVAL, Method.SAMPLED}

    @property
    def certainly_at_most(self) -> P:
        """What it is not above for certain: a sampled interval does not count."""
        return self.lower * 0 + 1 if self.method is Method.SAMPLED else self.upper


def are_wide(least: P, most: P, standing: P, sampling: Sampling) -> bool:
    """Whether a sampled interval would be far narrower than these certain bounds, however the sample turns out.

    `standing` is the part of the unavailability that is exact: sampled is what lies above it.
    """
    if standing >= 1:
        return False
    low, high = (float((bound - standing) / (1 - standing)) for bound in (least, most))
    return high - low > _NARROWER * likely_width(sampling, low, high)


def sampled(
    drawn: Iterable[Worlds], down: Down, standing: P, sampling: Sampling, certain: Composite[P] | None
) -> Composite[P]:
    """The unavailability by the share of worlds that are down, all of which have `standing` up.

    Formula: `standing + (1 - standing) k/n`, and likewise for both ends of the interval; what holds for certain beside
    cuts it down.
    """
    hits = sum(down(some).bit_count() for some in drawn)
    number: Callable[[Fraction], P] = type(standing)
    low, high = (number(Fraction(end)) for end in confidence_interval(hits, sampling))
    lower, upper = either(standing, low), either(standing, high)
    if certain is not None:
        lower, upper = max(lower, certain.lower), min(upper, certain.upper)
        if lower > upper:  # the one sample in a thousand that misses
            return certain
    middle = either(standing, number(Fraction(hits, sampling.samples)))
    return Composite(min(max(middle, lower), upper), Method.SAMPLED, 0, lower, upper, sampling)
