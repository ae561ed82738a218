"""The newest state of the store, kept in memory and followed: reads go on while the store is away."""

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable
from datetime import UTC, date, datetime
from typing import TypeVar

import anyio

from graphql_api.settings import ApiSettings
from graphql_api.views import NOTHING, Freshness, Known, State, States, nothing_loaded
from risk.assessments import BASELINE
from risk.limits import Check, unhurried
from risk.supposed.operations import Scenario
from topology.changes import FIRST
from topology.errors import StoreIncompatible, StoreUnavailable, UnderpinError
from topology.store import GraphStore

LOG = logging.getLogger("graphql_api.graph")
T = TypeVar("T")
_MOMENTS = 256


class Graph:
    """One store, followed. Only the event loop writes here; worker threads read what is there.

    Attributes:
        writing: held by who writes: in one process writers wait for one another instead of planning in vain.
    """

    def __init__(self, store: GraphStore, settings: ApiSettings) -> None:
        self.store = store
        self.settings = settings
        self.states = States()
        self._newest: Known | None = None
        self._loaded_at = datetime.now(UTC)
        self._confirmed = time.monotonic()
        self._reachable = False
        self._opened = False
        self._moments: OrderedDict[datetime, int] = OrderedDict()
        self._loading = anyio.Lock()
        self.writing = anyio.Lock()

    @property
    def newest(self) -> Known | None:
        """The newest revision that was loaded; None before the first."""
        return self._newest

    def freshness(self) -> Freshness:
        """How well it is known to be the newest."""
        return Freshness(self._loaded_at, self._reachable, max(time.monotonic() - self._confirmed, 0.0))

    def today(self) -> date:
        """The date that a view is about when nobody says."""
        return self.settings.at or datetime.now(self.settings.timezone).date()

    def state(self, known: Known, at: date, scenario: Scenario = BASELINE, check: Check = unhurried) -> State:
        """A revision at a date, under a scenario.

        Raises:
            BadInput: the date is beyond the calendar, or the scenario cannot be laid over the revision.
        """
        return self.states.get(known, at, scenario, check)

    async def open(self) -> None:
        """Open the store and load its newest revision, if it can be reached; `follow` goes on trying.

        Raises:
            StoreIncompatible: it holds what this program cannot read; serving it would be wrong.
        """
        try:
            await self.refresh()
        except StoreIncompatible:
            raise
        except UnderpinError as error:
            LOG.warning("serving without a store for now: %s", error)

    async def follow(self) -> None:
        """Look for a newer revision for ever."""
        while True:
            await anyio.sleep(self.settings.poll_seconds)
            try:
                await self.refresh()
            except UnderpinError as error:
                if self._reachable:
                    LOG.warning("the store cannot be reached; serving what is in memory: %s", error)
                self._reachable = False
            except Exception:
                LOG.exception("following the store failed; trying again")
                self._reachable = False

    async def refresh(self) -> None:
        """Load the newest revision, if it is not the one in memory.

        Raises:
            UnderpinError: the store cannot be reached.
        """
        async with self._loading:
            if not self._opened:
                await self.promptly(self.store.open())
                self._opened = True
            number = await self.promptly(self.store.revision())
            if self._newest is None or self._newest.snapshot.revision != number:
                self._newest = await self._loaded(None)
                self._loaded_at = datetime.now(UTC)
            self._reachable = True
            self._confirmed = time.monotonic()

    async def reach(self) -> None:
        """Make sure that the store answers, without waiting for whoever is loading from it.

        Raises:
            UnderpinError: it does not.
        """
        if not self._opened:
            raise nothing_loaded()
        await self.promptly(self.store.revision())

    async def catch_up(self) -> None:
        """Show what was just written; where that fails the follower will, for the write itself is done."""
        try:
            await self.refresh()
        except UnderpinError as error:
            LOG.warning("written, and not read back yet: %s", error)

    async def promptly(self, asking: Awaitable[T]) -> T:
        """What the store answers, if it does so in time.

        Raises:
            StoreUnavailable: it does not.
        """
        try:
            with anyio.fail_after(self.settings.store_seconds):
                return await asking
        except TimeoutError as error:
            seconds = self.settings.store_seconds
            raise StoreUnavailable(f"The store did not answer within {seconds:g} s.") from error

    async def known_at(self, moment: datetime) -> Known:
        """The newest revision that was recorded at or before a moment, which is in UTC.

        With the store away the newest in memory is taken for one that came after it, as in every other read.

        Raises:
            StoreUnavailable: the moment is before that, and nothing in memory tells.
        """
        newest = self._newest
        number = self._moments.get(moment)
        if number is None:
            is_past = newest is not None and newest.revision.recorded_at and moment < newest.revision.recorded_at
            try:
                number = await self.promptly(self.store.revision_at(moment))
            except StoreUnavailable:
                if newest is None or is_past:
                    raise
                return newest
            if is_past:
                self._remember(moment, number)
        if number == 0:
            return NOTHING
        if newest is not None and newest.snapshot.revision == number:
            return newest
        return self.states.revision(number) or await self._loaded(number)

    def _remember(self, moment: datetime, number: int) -> None:
        self._moments[moment] = number
        while len(self._moments) > _MOMENTS:
            self._moments.popitem(last=False)

    async def _loaded(self, number: int | None) -> Known:
        snapshot = await self.store.load(revision=number)
        if snapshot.revision == 0:
            return Known(snapshot, FIRST)
        records = await self.promptly(self.store.history(since=snapshot.revision - 1, limit=1))
        return Known(snapshot, records[0] if records else FIRST)
