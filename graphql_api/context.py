"""What one request carries: its clock, its name in the log, and the way to the graph."""

import time
from dataclasses import dataclass
from datetime import date, datetime

import anyio.from_thread

from graphql_api.graph import Graph
from graphql_api.identifiers import Given
from graphql_api.views import Known, Makers, View, nothing_loaded, utc
from topology.changes import Revision
from topology.errors import DeadlinePassed


@dataclass(frozen=True, slots=True)
class Context:
    """One request. `deadline` is by the monotonic clock, `seconds` what it was given."""

    graph: Graph
    make: Makers
    request_id: str
    actor: str
    deadline: float
    seconds: float

    def check(self) -> None:
        """Stop, if the time is up.

        Raises:
            DeadlinePassed: it is.
        """
        if time.monotonic() > self.deadline:
            raise self.late()

    def late(self) -> DeadlinePassed:
        """The failure of a request that takes too long."""
        return DeadlinePassed(f"The answer took longer than {self.seconds:g} s.")

    def view(self, at: date | None, as_of: datetime | None) -> View:
        """The view that a worker thread asks for.

        Raises:
            BadInput: a moment without an offset, a date beyond the calendar.
            StoreUnavailable: it is not in memory, and the store cannot be reached.
        """
        self.check()
        moment = None if as_of is None else utc(as_of)
        known = self._newest() if moment is None else anyio.from_thread.run(self.graph.known_at, moment)
        zone = self.graph.settings.timezone
        day = at or (self.graph.today() if moment is None else moment.astimezone(zone).date())
        state = self.graph.state(known, day)
        return View(
            state,
            Given(at, moment),
            self.graph.freshness(),
            self.graph.states,
            self.make,
            self.check,
            state.assessment.within(self.check),
        )

    def revisions(self, since: int, limit: int) -> list[Revision]:
        """Entries of the log after a number, for a worker thread."""
        return anyio.from_thread.run(self._history, since, limit)

    def newest_number(self) -> int:
        """The number of the newest revision in memory."""
        return self._newest().snapshot.revision

    async def _history(self, since: int, limit: int) -> list[Revision]:
        return await self.graph.promptly(self.graph.store.history(since=since, limit=limit))

    def _newest(self) -> Known:
        known = self.graph.newest
        if known is None:
            raise nothing_loaded()
        return known
