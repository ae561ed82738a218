"""The minutes that a promise for each incident allows: to respond, to repair, to recover.

Assumes: a day is 1440 minutes of the agreement's service hours, as people write "2 d".
"""

from decimal import Decimal

from topology.model import Comparator, Extent, Target

ADDED_UP = frozenset({"response_time", "time_to_repair", "recovery_time"})
"""The metrics that are minutes of work on one incident, and so add up along a chain of suppliers."""
_MINUTES = {
    "ms": Decimal(1) / 60_000,
    "s": Decimal(1) / 60,
    "min": Decimal(1),
    "h": Decimal(60),
    "d": Decimal(1440),
    "w": Decimal(10_080),
}


def limit_on_suppliers(target: Target) -> Decimal | None:
    """The same where the promise answers for suppliers too (END_TO_END); None where it covers own work alone."""
    return limit_of(target) if target.extent is Extent.END_TO_END else None


def is_own_work(target: Target) -> bool:
    """Whether a target is minutes for one incident that cover own work alone: there is nothing to hold it against."""
    return target.extent is Extent.INTRINSIC and limit_of(target) is not None


def is_like(target: Target, metric: str) -> bool:
    """Whether a target is minutes of work on one incident, in this metric."""
    return target.metric == metric and limit_of(target) is not None


def limit_of(target: Target) -> Decimal | None:
    """The minutes that a target allows for one incident; None for metrics that are not added up."""
    if target.metric not in ADDED_UP or target.comparator is not Comparator.AT_MOST or target.unit not in _MINUTES:
        return None
    return target.value * _MINUTES[target.unit]
