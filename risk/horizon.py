"""How far ahead may be looked."""

from topology.errors import BadInput, Issue

LONGEST_HORIZON = 3650
"""Days: ten years."""


def checked_horizon(days: int) -> int:
    """The horizon, which lies between 0 days and ten years.

    Raises:
        BadInput: it does not.
    """
    if not 0 <= days <= LONGEST_HORIZON:
        message = f"horizonDays is {days}; it lies between 0 and {LONGEST_HORIZON}."
        raise BadInput((Issue("OUT_OF_RANGE", message, ("horizonDays",)),))
    return days
