"""What the company promises, and whether what lies beneath keeps it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import strawberry

from graphql_api.connections import After, Before, Connection, Entry, First, Last
from graphql_api.errors import bad_input
from graphql_api.fields import doc_field, doc_type
from graphql_api.lists import ListOf, given_or_none, listed
from graphql_api.types.coverage import CoverageSegment
from graphql_api.types.nodes import Node
from graphql_api.types.references import AGREEMENT, ENTITY
from graphql_api.types.targets import Target
from graphql_api.types.windows import WindowShown
from graphql_api.views import AgreementNode, EntityNode, View
from risk import results
from risk.terms import Ledger, ReasonCode, Verdict
from topology import units

_ZERO = Decimal(0)


@doc_type
class Headroom:
    """How many minutes of a commitment's budget are left once every supplier has used up its own.

    Of a promise to respond, repair or recover in time: how much of it is left when handing over and every supplier in
    turn has taken its time.
    """

    data: strawberry.Private[results.Headroom]
    window_shown: strawberry.Private[results.WindowShown]
    expected: strawberry.Private[Decimal]
    guaranteed: strawberry.Private[Decimal]

    @doc_field
    def expected_minutes(self) -> Decimal:
        """As expected, failures being independent; below 0 is a shortfall."""
        return units.minutes(self.expected)

    @doc_field
    def guaranteed_minutes(self) -> Decimal:
        """As the promises alone guarantee, however failures fall together."""
        return units.minutes(self.guaranteed)

    @doc_field
    def verdict(self) -> Verdict:
        """What it comes to."""
        return self.data.verdict

    @doc_field
    def reasons(self) -> list[ReasonCode]:
        """Why, all that apply."""
        return list(self.data.reasons)

    @doc_field
    def bounded(self) -> bool:
        """Whether the minutes hold whatever happens; false where a supplier excludes downtime without a limit."""
        return self.data.bounded

    @doc_field
    def window(self) -> WindowShown:
        """The window that it is about; of a promise for each incident the seven days in which that may begin."""
        return WindowShown(data=self.window_shown)


@doc_type
class LinkHeadroom:
    """One supplier's own contract held against a commitment."""

    view: strawberry.Private[View]
    data: strawberry.Private[results.LinkHeadroom]

    @doc_field(graphql_type=ENTITY)
    def consumer(self) -> EntityNode:
        """Who needs the supplier."""
        return self.view.make.entity(self.view, self.data.consumer)

    @doc_field(graphql_type=ENTITY)
    def supplier(self) -> EntityNode:
        """Who is needed."""
        return self.view.make.entity(self.view, self.data.supplier)

    @doc_field(graphql_type=AGREEMENT | None)
    def agreement(self) -> AgreementNode | None:
        """The agreement that applies; null where none does."""
        return None if self.data.agreement is None else self.view.make.agreement(self.view, self.data.agreement)

    @doc_field
    def target(self) -> Target | None:
        """The target that binds; null where none can be compared."""
        return None if self.data.target is None else Target(view=self.view, data=self.data.target)

    @doc_field
    def allowance_minutes(self) -> Decimal | None:
        """How long the supplier may be down in the commitment's window without breaking its own promise."""
        return None if self.data.allowance is None else units.minutes(self.data.allowance)

    @doc_field
    def headroom_minutes(self) -> Decimal | None:
        """The commitment's budget less the allowance; below 0 is a shortfall."""
        return None if self.data.headroom is None else units.minutes(self.data.headroom)

    @doc_field
    def extra_nine(self) -> bool | None:
        """Whether the allowance is at most a tenth of the budget."""
        return self.data.extra_nine

    @doc_field
    def verdict(self) -> Verdict:
        """What it comes to."""
        return self.data.verdict

    @doc_field
    def reasons(self) -> list[ReasonCode]:
        """Why, all that apply."""
        return list(self.data.reasons)

    @doc_field
    def bounded(self) -> bool:
        """Whether the minutes hold whatever happens; false where the supplier excludes downtime without a limit."""
        return self.data.bounded


@doc_type
class Commitment(Node):
    """One promised figure on one entity."""

    view: strawberry.Private[View]
    data: strawberry.Private[results.Commitment]
    on: strawberry.Private[date | None] = None

    @doc_field
    def id(self) -> strawberry.ID:
        """An opaque id: the type, the key, and the date and moment that the view was given; never the revision."""
        view, key = self.view, self.data.key
        return strawberry.ID(view.id("Commitment", key) if self.on is None else view.id_on(self.on, "Commitment", key))

    @doc_field
    def key(self) -> str:
        """The key: `agreement/entity/metric/window`."""
        return self.data.key

    @doc_field(graphql_type=AGREEMENT)
    def agreement(self) -> AgreementNode:
        """The agreement version that it stands in."""
        return self.view.make.agreement(self.view, self.data.agreement)

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """What is promised about."""
        return self.view.make.entity(self.view, self.data.entity)

    @doc_field
    def target(self) -> Target:
        """The promised figure."""
        return Target(view=self.view, data=self.data.target)

    @doc_field
    def budget_minutes(self) -> Decimal | None:
        """How many minutes of downtime it allows in its window; null for metrics that are not downtime."""
        return None if self.data.budget is None else units.minutes(self.data.budget)

    @doc_field
    def headroom(
        self,
        margin: Annotated[
            Decimal | None, strawberry.argument(description="Headroom below this many minutes is THIN; 0 when absent.")
        ] = strawberry.UNSET,
        ledger: Annotated[
            Ledger, strawberry.argument(description="Which downtime counts against it.")
        ] = Ledger.EXPERIENCED,
    ) -> Headroom | None:
        """What is left of it; null where nothing beneath can be held against it."""
        least = given_or_none(margin) or _ZERO
        if least < 0:
            raise bad_input("OUT_OF_RANGE", f"margin is {least:f}; it cannot be negative.", "margin")
        return headroom_of(self.view.assessment.promises.headroom(self._key(), least, ledger))

    @doc_field
    def links(
        self,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[LinkHeadroom] | None:
        """Every supplier beneath it that has a contract or should have one, each once, by key."""
        key = self._key()

        def entries(view: View) -> list[Entry[results.LinkHeadroom]]:
            found = view.assessment.promises.links(key)
            return [Entry((link.supplier,), link.consumer, link) for link in found]

        def make(view: View, link: results.LinkHeadroom) -> LinkHeadroom:
            return LinkHeadroom(view=view, data=link)

        return listed(self.view, ListOf("Commitment.links", {"of": key}, entries, make), (first, after, last, before))

    @doc_field
    def timeline(
        self,
        horizon_days: Annotated[
            int, strawberry.argument(description="How many days to look ahead; at most 3650.")
        ] = 365,
    ) -> list[CoverageSegment] | None:
        """How it fares from the view's date on, stretch by stretch without a gap between them; none over no days."""
        found = self.view.assessment.promises.timeline(self._key(), horizon_days)
        return [CoverageSegment(view=self.view, data=segment) for segment in found]

    def _key(self) -> str:
        """The key, to ask the view about what is promised.

        Raises:
            BadInput: this is a promise of the day of an outage, and none of the view's date.
        """
        if self.on is not None:
            version = f'version {self.data.agreement.version} of "{self.data.agreement.key}"'
            message = f"{version} promises this on {self.on}, and not so on {self.view.at}: ask for that day."
            raise bad_input("NOT_IN_FORCE", message, "at")
        return self.data.key


def headroom_of(found: results.Headroom) -> Headroom | None:
    """A headroom as the schema has it; None where it is none in minutes."""
    if found.expected_minutes is None or found.guaranteed_minutes is None or found.window is None:
        return None
    return Headroom(
        data=found,
        window_shown=found.window,
        expected=found.expected_minutes,
        guaranteed=found.guaranteed_minutes,
    )
