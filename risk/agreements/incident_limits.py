"""The time that a promise for each incident allows: to respond, to repair, to recover.

Units: seconds, in which everything that people write is exact (100 s are no exact number of minutes), so that sums can
be held against a limit to the last digit; minutes where one figure alone is shown or compared.
Assumes: a day is 1440 minutes of the agreement's service hours, as people write "2 d".
"""

from decimal import Decimal

from topology.model import Comparator, Extent, Target

ADDED_UP = frozenset({"response_time", "time_to_repair", "recovery_time"})
"""The metrics that are minutes of work on one incident, and so add up along a chain of suppliers."""
_SECONDS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "min": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86_400),
    "w": Decimal(604_800),
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
    found = seconds_of(target)
    return None if found is None else found / 60


def seconds_of(target: Target) -> Decimal | None:
    """The same in seconds, exactly."""
    if target.metric not in ADDED_UP or target.comparator is not Comparator.AT_MOST or target.unit not in _SECONDS:
        return None
    return target.value * _SECONDS[target.unit]
