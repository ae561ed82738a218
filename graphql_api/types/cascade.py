"""What falls when something fails: who is hurt and when, which promises break, whom to call."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from graphql_api.connections import After, Before, Connection, Entry, First, Last
from graphql_api.errors import bad_input
from graphql_api.fields import doc_field, doc_type
from graphql_api.lists import ListOf, given_or_none, listed
from graphql_api.types.impacts import Impact, Spared, TransactionImpact, hurt_entity
from graphql_api.types.references import COMMITMENT, ENTITY, TRANSACTION
from graphql_api.types.targets import Money
from graphql_api.views import CommitmentNode, EntityNode, View
from risk import breach, cascade, new_single_points
from risk.assessment import FIRST_DAY, LAST_DAY
from risk.failing import Failing
from risk.terms import ImpactState
from risk.transactions import is_transaction
from topology import units
from topology.calendars import zone

OutageMinutes = Annotated[
    int | None, strawberry.argument(description="How many minutes the outage lasts; without an end when absent.")
]


@doc_type
class BreachClock:
    """How long one promise to a customer still holds."""

    view: strawberry.Private[View]
    data: strawberry.Private[breach.BreachClock]
    started_at: strawberry.Private[datetime | None]

    @doc_field(graphql_type=COMMITMENT)
    def commitment(self) -> CommitmentNode:
        """What is promised when the outage begins.

        Where the view's date promises otherwise its headroom, links and timeline are null, with an error.
        """
        found, view = self.data.commitment, self.view
        held = view.assessment.promises.all_commitments().get(found.key)
        if held is not None and (held.agreement, held.target) == (found.agreement, found.target):
            return view.make.commitment(view, found.key)
        assert self.started_at is not None, "without a start the promises are those of the view"
        return view.make.promise(view, found, self.started_at.astimezone(zone(found.agreement.timezone)).date())

    @doc_field
    def remaining_minutes(self) -> Decimal:
        """How many minutes of downtime its window still allows when the outage begins.

        With a start of the outage that is the window in which the entity goes down, else the one of the view's date.
        """
        return units.minutes(self.data.remaining)

    @doc_field
    def remaining_is_assumed(self) -> bool:
        """Whether that is the whole budget, for want of a measurement."""
        return self.data.is_assumed

    @doc_field
    def minutes_to_breach(self) -> Decimal | None:
        """How many minutes after the failure it breaks; null where the outage or that window ends before.

        Only minutes of the agreement's service hours count; without a start of the outage all of them do.
        """
        return None if self.data.minutes_to_breach is None else units.minutes(self.data.minutes_to_breach)

    @doc_field
    def breaches_at(self) -> datetime | None:
        """When it breaks; null where it does not, and without a start of the outage."""
        return None if self.data.breaches_at is None else self.data.breaches_at.astimezone(UTC)

    @doc_field
    def credit(self) -> Money | None:
        """What is owed for the outage, at most the agreement's cap.

        Null where it is not down or there is no end, where no money is owed, and where nobody states how much.
        """
        return None if self.data.credit is None else Money(data=self.data.credit)

    @doc_field
    def is_masked(self) -> bool:
        """Whether money is withheld from the asker."""
        return False


@doc_type
class NewSinglePoint:
    """Something that stops transactions alone while the failure lasts, and did not before."""

    view: strawberry.Private[View]
    data: strawberry.Private[new_single_points.NewSinglePoint]

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """Which entity it is."""
        return self.view.numbered(self.data.entity)

    @doc_field(graphql_type=list[TRANSACTION])
    def transactions(self) -> list[EntityNode]:
        """The transactions that it now stops, by key."""
        self.view.clock.count(len(self.data.transactions))
        return [self.view.numbered(number) for number in self.data.transactions]


@doc_type
class CascadeCounts:
    """How many entities fare how."""

    data: strawberry.Private[cascade.Cascade]

    @doc_field
    def down(self) -> int:
        """How many stop, what failed itself included."""
        return self.data.count(ImpactState.DOWN)

    @doc_field
    def degraded(self) -> int:
        """How many go on at a loss."""
        return self.data.count(ImpactState.DEGRADED)

    @doc_field
    def at_risk(self) -> int:
        """How many go on and can lose no more."""
        return self.data.count(ImpactState.AT_RISK)

    @doc_field
    def spared(self) -> int:
        """How many lost something and are up."""
        return len(self.data.spared)

    @doc_field
    def hidden(self) -> int:
        """How many of those above the asker may not see: they are counted and not named."""
        return 0


@doc_type
class Cascade:
    """What falls when something fails."""

    view: strawberry.Private[View]
    failing: strawberry.Private[tuple[Failing, ...]]
    started_at: strawberry.Private[datetime | None]
    data: strawberry.Private[cascade.Cascade]

    @doc_field(graphql_type=list[ENTITY])
    def failed(self) -> list[EntityNode]:
        """What failed itself, by key."""
        self.view.clock.count(len(self.data.failed))
        return [self.view.numbered(number) for number in self.data.failed]

    @doc_field
    def counts(self) -> CascadeCounts:
        """How many entities fare how."""
        return CascadeCounts(data=self.data)

    @doc_field
    def impacts(
        self,
        *,
        states: Annotated[
            list[ImpactState] | None, strawberry.argument(description="Only those that fare so.")
        ] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[Impact]:
        """Who is hurt: the worst state first, then the earliest onset, then by key."""
        wanted = given_or_none(states)

        def entries(view: View) -> list[Entry[cascade.Impact]]:
            found = [item for item in self._seen_in(view).impacts if wanted is None or item.state in wanted]
            return [Entry((place,), view.assessment.key_of(item.entity), item) for place, item in enumerate(found)]

        def make(view: View, item: cascade.Impact) -> Impact:
            return Impact(view=view, data=item)

        arguments = {**self._arguments(), "states": wanted}
        return listed(self.view, ListOf("Cascade.impacts", arguments, entries, make), (first, after, last, before))

    @doc_field
    def spared(
        self,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[Spared]:
        """Who lost a member of a group and is up all the same, by key."""

        def entries(view: View) -> list[Entry[cascade.Spared]]:
            return [Entry((), view.assessment.key_of(item.entity), item) for item in self._seen_in(view).spared]

        def make(view: View, item: cascade.Spared) -> Spared:
            return Spared(view=view, data=item)

        wanted = ListOf("Cascade.spared", self._arguments(), entries, make)
        return listed(self.view, wanted, (first, after, last, before))

    @doc_field
    def transactions(self) -> list[TransactionImpact]:
        """The transactions that are hurt: the worst state first, then the earliest onset, then by key.

        One that does not exist at the view's date is none.
        """
        view = self.view
        hurt = [item for item in self.data.impacts if is_transaction(hurt_entity(view, item), view.at)]
        self.view.clock.count(len(hurt))
        return [TransactionImpact(view=self.view, data=item, minutes=self.data.minutes) for item in hurt]

    @doc_field
    def breaches(self) -> list[BreachClock]:
        """The promises to customers on what is hurt: the soonest breach first, then those that hold, by key.

        Those in force on the day on which the outage starts, in each agreement's zone; else at the view's date.
        """
        found = self.view.assessment.promises.breach_clocks(self.data, self.started_at)
        self.view.clock.count(len(found))
        return [BreachClock(view=self.view, data=clock, started_at=self.started_at) for clock in found]

    @doc_field
    def new_single_points_of_failure(self) -> list[NewSinglePoint]:
        """What stops a transaction alone while this lasts and did not before, most transactions first, then by key."""
        found = self.view.assessment.failures.new_single_points(self.data)
        self.view.clock.count(len(found))
        return [NewSinglePoint(view=self.view, data=point) for point in found]

    def _seen_in(self, view: View) -> cascade.Cascade:
        """The same question in another state of the view: a cursor may lead there."""
        if view is self.view:
            return self.data
        return view.assessment.failures.cascade(self.failing, self.data.minutes)

    def _arguments(self) -> dict[str, object]:
        return {"of": [[one.level, one.subject] for one in self.failing], "minutes": self.data.minutes}


def cascade_of(
    view: View, failing: Sequence[Failing], minutes: int | None, started_at: datetime | None = None
) -> Cascade:
    """What falls when these fail.

    Raises:
        BadInput: an unknown key, minutes below 0, a moment without an offset or beyond the calendar.
    """
    if minutes is not None and minutes < 0:
        raise bad_input("OUT_OF_RANGE", f"minutes is {minutes}; it cannot be negative.", "minutes")
    if started_at is not None and started_at.tzinfo is None:
        raise bad_input("NO_OFFSET", 'startedAt needs an offset, such as "2026-04-02T09:00:00Z".', "startedAt")
    if started_at is not None and not FIRST_DAY < started_at.date() < LAST_DAY:
        raise bad_input("OUT_OF_RANGE", f"startedAt is not between {FIRST_DAY} and {LAST_DAY}.", "startedAt")
    asked = tuple(failing)
    found = view.assessment.failures.cascade(asked, None if minutes is None else Decimal(minutes))
    return Cascade(view=view, failing=asked, started_at=started_at, data=found)
