"""Results worked out once, by whoever asks first, under the deadline of whoever is asking."""

from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any, TypeVar

from risk.limits import Check, unhurried

T = TypeVar("T")
_PATIENCE = 0.02


class Once:
    """A cache that threads share: one works at a time, a result is kept only when it is whole.

    What is worked out may hold on to `check`: it always asks the clock of the thread that is at work, so that a result
    kept from one request never stops at the deadline of another's.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, Any] = {}
        self._lock = RLock()
        self._asking: Check = unhurried

    def check(self) -> None:
        """Ask the clock of whoever is at work."""
        self._asking()

    def get(self, about: Hashable, compute: Callable[[], T], check: Check) -> T:
        """The result about something: as kept, else computed now and kept.

        Raises:
            DeadlinePassed: `check` said so, while waiting or working; nothing is kept then.
        """
        if about not in self._kept:
            self.ask(lambda: self._keep(about, compute), check)
        found: T = self._kept[about]
        return found

    def kept(self, about: Hashable) -> Any:
        """The result about something, as far as it is kept; None where it has not been asked for."""
        return self._kept.get(about)

    def keep(self, about: Hashable, found: object) -> None:
        """Keep a result that is known from elsewhere."""
        self._kept.setdefault(about, found)

    def ask(self, compute: Callable[[], T], check: Check) -> T:
        """A result that is not kept, computed while no other thread is at work.

        Asked with this object's own `check` the work goes on under the clock that it began under.

        Raises:
            DeadlinePassed: `check` said so, while waiting or working.
        """
        while not self._lock.acquire(timeout=_PATIENCE):
            check()
        before = self._asking
        self._asking = before if check == self.check else check
        try:
            check()
            return compute()
        finally:
            self._asking = before
            self._lock.release()

    def _keep(self, about: Hashable, compute: Callable[[], object]) -> None:
        if about not in self._kept:
            self._kept[about] = compute()
