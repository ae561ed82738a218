"""What differs between two views, and whether a promise breaks."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from graphql_api.connections import After, Before, Connection, Entry, First, Last, Moment
from graphql_api.fields import doc_field, doc_input, doc_type
from graphql_api.lists import ListOf, listed
from graphql_api.types.commitments import Commitment, Headroom, headroom_of
from graphql_api.types.failure import SinglePointOfFailure
from graphql_api.types.figures import Probability
from graphql_api.types.findings import Finding, finding_node
from graphql_api.types.references import ENTITY
from graphql_api.types.scenario import ScenarioInput
from graphql_api.views import EntityNode, View
from risk import deltas, results
from risk.comparison import Comparison as Compared
from risk.deltas import ChangeVerdict

UNSET = strawberry.UNSET


@doc_input
class ViewInput:
    """Which graph: that of the newest revision, at the server's date, unless it says otherwise."""

    at: date | None = strawberry.field(
        default=UNSET, description="The business date; when absent the date of asOf, else the server's own."
    )
    as_of: datetime | None = strawberry.field(
        default=UNSET, description="What was known then: the newest revision recorded by this moment."
    )
    scenario: ScenarioInput | None = strawberry.field(
        default=UNSET, description="What is supposed over the graph; nothing of it is stored."
    )


@doc_type
class EntityDelta:
    """An entity whose composite availability differs."""

    view: strawberry.Private[View]
    data: strawberry.Private[deltas.EntityDelta]

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """Which entity it is; seen in the view after, or in the one before where it is gone."""
        return self.view.make.entity(self.view, self.data.entity)

    @doc_field
    def before(self) -> Probability | None:
        """Its expected availability before; null where it was not there, or only bounds are known."""
        return None if self.data.before is None else Probability(data=self.data.before)

    @doc_field
    def after(self) -> Probability | None:
        """Its expected availability after; null where it is gone, or only bounds are known."""
        return None if self.data.after is None else Probability(data=self.data.after)

    @doc_field
    def minutes_per_30_days(self) -> Decimal | None:
        """Downtime in 30 days after, less that before: below 0 is an improvement; null without both."""
        return self.data.minutes


@doc_type
class CommitmentDelta:
    """A promise that is new, no longer made, or differs: in figure, minutes, verdict, reasons, a supplier's verdict."""

    view: strawberry.Private[View]
    data: strawberry.Private[deltas.CommitmentDelta]

    @doc_field
    def commitment(self) -> Commitment:
        """The promise; seen in the view after, or in the one before where it is no longer made."""
        side = self.data.after or self.data.before
        assert side is not None
        return Commitment(view=self.view, data=side.commitment)

    @doc_field
    def before(self) -> Headroom | None:
        """Its headroom before; null where it was not promised, or has none in minutes."""
        return _headroom(self.data.before)

    @doc_field
    def after(self) -> Headroom | None:
        """Its headroom after; null where it is not promised, or has none in minutes."""
        return _headroom(self.data.after)


@doc_type
class Comparison:
    """Two views held against each other: what differs, and what a change board should make of it."""

    was: strawberry.Private[View]
    now: strawberry.Private[View]
    compared: strawberry.Private[Compared]

    @doc_field
    def verdict(self) -> ChangeVerdict:
        """FAIL, WARN or PASS: whether the change breaks a promise, or wants a look, or neither."""
        return self.compared.judgement.verdict

    @doc_field
    def reasons(self) -> list[str]:
        """Why the verdict is not PASS, each in a sentence, what fails first; empty where it is."""
        return [reason.sentence for reason in self.compared.judgement.reasons]

    @doc_field
    def entities(
        self, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
    ) -> Connection[EntityDelta]:
        """The entities whose composite availability differs: the largest difference first, those on one side last."""
        was, now = self.was, self.now
        moves_along = was.state.known.revision.number == now.state.known.revision.number
        arguments = {
            "beforeAt": was.at,
            "beforeScenario": was.given.scenario,
            "beforeRevision": None if moves_along else was.state.known.revision.number,
        }

        def earlier(seen: View) -> View:
            return was.seen_in(Moment(seen.state.moment.revision, was.at)) if moves_along else was

        def entries(seen: View) -> list[Entry[deltas.EntityDelta]]:
            found = (self.compared if seen is now else Compared(earlier(seen).assessment, seen.assessment)).entities
            return [Entry((place,), delta.entity, delta) for place, delta in enumerate(found)]

        def make(seen: View, delta: deltas.EntityDelta) -> EntityDelta:
            holds = delta.entity in seen.snapshot.entities
            return EntityDelta(view=seen if holds else earlier(seen), data=delta)

        return listed(now, ListOf("Comparison.entities", arguments, entries, make), (first, after, last, before))

    @doc_field
    def single_points_gained(self) -> list[SinglePointOfFailure]:
        """What stops a transaction alone after and did not before, with the transactions that this is true of."""
        found = self.compared.single_points_gained
        self.now.clock.count(len(found))
        return [SinglePointOfFailure(view=self.now, data=point) for point in found]

    @doc_field
    def single_points_lost(self) -> list[SinglePointOfFailure]:
        """What stopped a transaction alone before and does not after, with the transactions that this is true of."""
        found = self.compared.single_points_lost
        self.was.clock.count(len(found))
        return [SinglePointOfFailure(view=self.was, data=point) for point in found]

    @doc_field
    def commitments(self) -> list[CommitmentDelta]:
        """The promises that differ: the largest difference of expected minutes first, those on one side last."""
        found = self.compared.commitments
        self.now.clock.count(len(found))
        return [CommitmentDelta(view=self.was if d.after is None else self.now, data=d) for d in found]

    @doc_field
    def findings_opened(self) -> list[Finding]:
        """What is doubtful after and was not before, the weightiest first."""
        return self._findings(self.now, self.compared.findings_opened)

    @doc_field
    def findings_closed(self) -> list[Finding]:
        """What was doubtful before and is no longer, the weightiest first."""
        return self._findings(self.was, self.compared.findings_closed)

    @staticmethod
    def _findings(view: View, found: tuple[results.Finding, ...]) -> list[Finding]:
        view.clock.count(len(found))
        return [finding_node(view, finding) for finding in found]


def _headroom(side: deltas.Side | None) -> Headroom | None:
    return None if side is None or side.headroom is None else headroom_of(side.headroom)


def comparison_of(was: View, now: View) -> Comparison:
    """Two views held against each other, as the schema has it."""
    return Comparison(was=was, now=now, compared=Compared(was.assessment, now.assessment))
