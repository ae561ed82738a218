"""The two kinds of number that probabilities are computed in."""

from fractions import Fraction
from typing import TypeVar

P = TypeVar("P", float, Fraction)
"""A probability: float64 in the product, exact rationals where a proof is wanted."""


def either(a: P, b: P) -> P:
    """The probability of one of two independent events, with all digits where both are small."""
    return a + (1 - a) * b
