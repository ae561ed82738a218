"""What to ask of a supplier at the next renewal."""

from decimal import Decimal

import strawberry

from graphql_api.fields import doc_field, doc_type
from graphql_api.types.figures import MissingFigure, Probability
from graphql_api.types.references import COMMITMENT, ENTITY
from graphql_api.types.targets import Window
from graphql_api.views import CommitmentNode, EntityNode, View
from risk import link_requirement, negotiation
from risk.terms import ReasonCode
from topology import units
from topology.model import Extent


@doc_type
class WindowRequirement:
    """What a promise over one kind of window would have to be, so that the link has no shortfall."""

    data: strawberry.Private[link_requirement.WindowRequirement]

    @doc_field
    def window(self) -> Window:
        """The time over which the supplier would be measured."""
        return Window(data=self.data.window)

    @doc_field
    def required(self) -> Probability | None:
        """The least figure, rounded up; null where not even 100 % would do: its hours or maintenance take too much."""
        return None if self.data.required is None else Probability(data=self.data.required)


@doc_type
class NegotiationOption:
    """What another supplier could give instead, all else as it is."""

    view: strawberry.Private[View]
    data: strawberry.Private[negotiation.NegotiationOption]

    @doc_field(graphql_type=ENTITY)
    def supplier(self) -> EntityNode:
        """Whom to ask."""
        return self.view.make.entity(self.view, self.data.supplier)

    @doc_field
    def required(self) -> Probability:
        """The least figure that keeps the promise, rounded up; where none does, the most that can be asked."""
        return Probability(data=self.data.required)

    @doc_field
    def result(self) -> Probability:
        """The availability that the promise would be held against then."""
        return Probability(data=self.data.result)

    @doc_field
    def headroom_minutes(self) -> Decimal:
        """The expected headroom then, in minutes of the commitment's window; below 0 where it is not enough."""
        return units.minutes(self.data.headroom)


@doc_type
class Negotiation:
    """What one supplier would have to promise so that a commitment is kept, all else as it is."""

    view: strawberry.Private[View]
    data: strawberry.Private[negotiation.Negotiation]

    @doc_field(graphql_type=COMMITMENT)
    def commitment(self) -> CommitmentNode:
        """The promise to keep."""
        return self.view.make.commitment(self.view, self.data.commitment)

    @doc_field(graphql_type=ENTITY)
    def supplier(self) -> EntityNode:
        """Whom to ask."""
        return self.view.make.entity(self.view, self.data.supplier)

    @doc_field
    def extent(self) -> Extent:
        """Whether `current` and `required` cover the supplier's own suppliers too."""
        return self.data.extent

    @doc_field
    def current(self) -> Probability | None:
        """What is promised or stated now; null where nothing is."""
        return None if self.data.current is None else Probability(data=self.data.current)

    @doc_field
    def required(self) -> Probability | None:
        """The least figure that keeps the promise as expected, rounded up; null where none of this supplier does."""
        return None if self.data.required is None else Probability(data=self.data.required)

    @doc_field
    def reachable(self) -> bool:
        """Whether a figure of this supplier alone keeps the promise."""
        return self.data.reachable

    @doc_field
    def best(self) -> Probability:
        """The availability that the promise would be held against if this supplier never failed itself."""
        return Probability(data=self.data.best)

    @doc_field
    def reasons(self) -> list[ReasonCode]:
        """What is to be said about it, all that apply."""
        return list(self.data.reasons)

    @doc_field
    def missing(self) -> list[MissingFigure]:
        """The figures beneath the commitment that nobody knows: they count as up, so more may be needed than is shown.

        By key.
        """
        return [MissingFigure(view=self.view, data=figure) for figure in self.data.missing]

    @doc_field
    def alternatives(self) -> list[NegotiationOption]:
        """Every other supplier by itself, whoever could give most first, then by key."""
        self.view.clock.count(len(self.data.alternatives))
        return [NegotiationOption(view=self.view, data=option) for option in self.data.alternatives]

    @doc_field
    def link_required(self) -> list[WindowRequirement]:
        """What the supplier's own contract would need to leave no shortfall by itself, by the window of its promise.

        A month, a quarter and a year of the calendar, then the windows of the two agreements.
        """
        return [WindowRequirement(data=row) for row in self.data.link_required]
