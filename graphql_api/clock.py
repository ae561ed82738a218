"""How long a request may take, and how much it may still list once its time is up."""

import time
from dataclasses import dataclass

from topology.errors import DeadlinePassed

_CHEAP = 20_000


@dataclass(slots=True)
class Clock:
    """The clock of one request.

    Analyses ask `check`. Plain lists ask `count`: what is merely looked up is answered even after an analysis has used
    up the time, but not without end.

    Attributes:
        deadline: when the time is up, by the monotonic clock.
        seconds: how long it was given.
        listed: how many objects plain lists have given so far.
    """

    deadline: float
    seconds: float
    listed: int = 0

    def check(self) -> None:
        """Stop, if the time is up.

        Raises:
            DeadlinePassed: it is.
        """
        if time.monotonic() > self.deadline:
            raise self.late()

    def count(self, objects: int) -> None:
        """Stop, if the time is up and much has been listed.

        Raises:
            DeadlinePassed: both hold.
        """
        self.listed += objects
        if self.listed > _CHEAP:
            self.check()

    def left(self) -> float:
        """How many seconds are left."""
        return max(self.deadline - time.monotonic(), 0.0)

    def late(self) -> DeadlinePassed:
        """The failure of a request that takes too long."""
        return DeadlinePassed(f"The answer took longer than {self.seconds:g} s.")
