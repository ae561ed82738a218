"""The structure function: what is down when something has failed, and what each entity cannot do without.

Formula: `UP(v) = own(v) and, for every group g of v, #{u in g : UP(u)} >= k_g`, as the greatest fixpoint (start with
everything up, mark down until nothing changes). It is monotone, so unique, order-independent and safe in cycles.
This is the only module that computes it; every other asks.
"""

from collections.abc import Iterable

from risk.graph import System
from risk.limits import Check, unhurried


def down(system: System, failed: Iterable[int], check: Check = unhurried) -> frozenset[int]:
    """Everything that is down when `failed` have failed themselves and nothing else has.

    Cost: linear in the edges into what goes down.
    """
    raise NotImplementedError


def necessary(system: System, check: Check = unhurried) -> tuple[int, ...]:
    """For each entity v the bitset of `Z(v)`: v itself and its single points, s in Z(v) iff v in down({s})."""
    raise NotImplementedError


def closure(system: System, root: int) -> frozenset[int]:
    """The hard closure: the root and all that it reaches through its groups."""
    raise NotImplementedError
