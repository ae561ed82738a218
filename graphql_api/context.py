"""What one request carries: its clock, its name in the log, and the way to the graph."""

from dataclasses import dataclass, replace
from datetime import date, datetime

import anyio.from_thread

from graphql_api.clock import Clock
from graphql_api.graph import Graph
from graphql_api.identifiers import Given
from graphql_api.views import Known, Makers, State, View, nothing_loaded, utc
from risk.assessments import BASELINE
from risk.supposed.operations import Scenario
from topology.changes import Revision
from topology.errors import BadInput, Issue


@dataclass(frozen=True, slots=True)
class Context:
    """One request."""

    graph: Graph
    make: Makers
    request_id: str
    actor: str
    clock: Clock

    def view(self, at: date | None, as_of: datetime | None, scenario: Scenario | None = None) -> View:
        """The view that a worker thread asks for; a scenario without operations is none but in its ids.

        Raises:
            BadInput: a moment without an offset, a date beyond the calendar, a scenario that cannot be.
            StoreUnavailable: it is not in memory, and the store cannot be reached.
        """
        moment = None if as_of is None else utc(as_of)
        known = self._newest() if moment is None else anyio.from_thread.run(self.graph.known_at, moment)
        zone = self.graph.settings.timezone
        day = at or (self.graph.today() if moment is None else moment.astimezone(zone).date())
        state = self._state(known, day, scenario or BASELINE)
        return View(
            state,
            Given(at, moment, None if scenario is None else scenario.digest),
            self.graph.freshness(),
            self.graph.states,
            self.make,
            self.clock,
            state.assessment.within(self.clock.check),
        )

    def _state(self, known: Known, at: date, scenario: Scenario) -> State:
        try:
            return self.graph.state(known, at, scenario, self.clock.check)
        except BadInput as error:
            raise BadInput(tuple(_placed(issue) for issue in error.issues)) from error

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


def _placed(issue: Issue) -> Issue:
    """The issue of an operation as one of the scenario's."""
    return replace(issue, path=("scenario", *issue.path)) if issue.path[:1] == ("operations",) else issue
