"""What an agreement promises: figures, windows, credits."""

from decimal import Decimal

import strawberry

from graphql_api.fields import doc_field, doc_type
from graphql_api.types.references import ENTITY
from graphql_api.views import EntityNode, View
from topology import facts, model, units

RATIO = "ratio"
PERCENT = "%"


@doc_type
class Money:
    """An amount in one currency."""

    data: strawberry.Private[model.Money]

    @doc_field
    def amount(self) -> Decimal:
        """How much, to nearest in hundredths of a cent."""
        return units.money(self.data.amount)

    @doc_field
    def currency(self) -> str:
        """Its ISO 4217 code."""
        return self.data.currency


@doc_type
class Window:
    """The time over which a target is measured."""

    data: strawberry.Private[model.Window]

    @doc_field
    def kind(self) -> model.WindowKind:
        """What kind of window it is."""
        return self.data.kind

    @doc_field
    def days(self) -> int | None:
        """How many days it rolls over; null for other kinds."""
        return self.data.days


@doc_type
class CreditTier:
    """What is owed below a figure."""

    data: strawberry.Private[model.CreditTier]

    @doc_field
    def below(self) -> Decimal:
        """Owed strictly below this, in percent."""
        return units.percent_of_ratio(self.data.below)

    @doc_field
    def percent_of_fee(self) -> Decimal:
        """How much of the fee is owed, in percent."""
        return units.percent_of_ratio(self.data.share_of_fee)


@doc_type
class Target:
    """One promised figure of an agreement."""

    view: strawberry.Private[View]
    data: strawberry.Private[model.Target]

    @doc_field(graphql_type=ENTITY | None)
    def entity(self) -> EntityNode | None:
        """The entity it is about; null where it is about all that the agreement, a family or the provider covers."""
        covers = self.data.covers
        if covers is None or facts.is_pattern(covers) or self.view.entity(covers) is None:
            return None
        return self.view.make.entity(self.view, covers)

    @doc_field
    def metric(self) -> str:
        """What is measured, such as `availability`; different metrics are never compared."""
        return self.data.metric

    @doc_field
    def comparator(self) -> model.Comparator:
        """Which side of the value keeps the promise."""
        return self.data.comparator

    @doc_field
    def value(self) -> Decimal:
        """The figure, in `unit`."""
        return units.percent_of_ratio(self.data.value) if self.data.unit == RATIO else self.data.value

    @doc_field
    def unit(self) -> str:
        """The value's unit: `%`, `min`, `ms` and so on."""
        return PERCENT if self.data.unit == RATIO else self.data.unit

    @doc_field
    def window(self) -> Window:
        """The time over which it is measured."""
        return Window(data=self.data.window)

    @doc_field
    def extent(self) -> model.Extent:
        """Whether the figure covers the entity's suppliers too."""
        return self.data.extent

    @doc_field
    def credit_kind(self) -> model.CreditKind | None:
        """What is owed when it is missed; null where nothing is."""
        return self.data.credit_kind

    @doc_field
    def credit_tiers(self) -> list[CreditTier]:
        """What is owed, by how far it is missed."""
        return [CreditTier(data=tier) for tier in self.data.credits]
