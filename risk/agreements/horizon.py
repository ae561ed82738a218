"""How far ahead is looked, and what day it is at each moment of that."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from risk.agreements.lifecycle import DayOf
from topology.calendars import midnight, zone
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


@dataclass(frozen=True, slots=True)
class Horizon:
    """The days [at, at + days) as instants of one zone, that of a commitment's agreement.

    At the first instant it is the business date everywhere, as it is for every other analysis of a view; from then on
    each agreement has the day of its own zone, and never an earlier one.

    `start` is the first instant; `end` the one after the last: without any days the first one still counts.
    """

    at: date
    days: int
    where: ZoneInfo
    start: int = field(init=False, compare=False)
    end: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", _midnight(self.at, self.where))
        object.__setattr__(self, "end", _midnight(self.at + timedelta(days=self.days), self.where))

    def day(self, instant: int, where: ZoneInfo) -> date:
        """The day that it is in a zone."""
        if instant == self.start:
            return self.at
        local = datetime.fromtimestamp(instant, UTC).astimezone(where).date()
        return max(self.at, local) if instant > self.start else min(self.at, local)

    def moment(self, instant: int) -> tuple[date, int | None, bool]:
        """The same in all horizons in which every agreement has the same day at an instant."""
        return (self.at, None if instant == self.start else instant, instant > self.start)

    def days_at(self, instant: int) -> DayOf:
        """The day that it is for each agreement."""
        return lambda agreement: self.day(instant, zone(agreement.timezone))

    def midnights(self, after: int, before: int) -> list[int]:
        """The midnights of the zone strictly between two instants."""
        day = datetime.fromtimestamp(after, UTC).astimezone(self.where).date()
        found: list[int] = []
        while True:
            day += timedelta(days=1)
            instant = _midnight(day, self.where)
            if instant >= before:
                return found
            found.append(instant)


@lru_cache(maxsize=8192)
def _midnight(day: date, where: ZoneInfo) -> int:
    return midnight(day, where)
