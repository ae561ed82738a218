"""How much of the business hangs on one subject."""

from decimal import Decimal

import strawberry

from graphql_api.fields import doc_field, doc_type
from graphql_api.types.failure import FAILURE_SUBJECT, failing
from graphql_api.types.references import EXTERNAL, TRANSACTION
from graphql_api.views import AgreementNode, EntityNode, PartyNode, View
from risk import concentration
from risk.terms import ConcentrationLevel, ExposureBasis, FailureLevel


@doc_type
class ConcentrationRow:
    """A subject whose failure alone stops transactions, and how much of the business these are."""

    view: strawberry.Private[View]
    level: strawberry.Private[ConcentrationLevel]
    data: strawberry.Private[concentration.Exposed]

    @doc_field(graphql_type=FAILURE_SUBJECT)
    def subject(self) -> EntityNode | PartyNode | AgreementNode:
        """Who or what it is."""
        if self.level is ConcentrationLevel.FOURTH_PARTY:
            return failing(self.view, FailureLevel.VENDOR, self.data.subject)
        return failing(self.view, FailureLevel(self.level), self.data.subject)

    @doc_field
    def revenue_share(self) -> Decimal | None:
        """The share, 0 to 1, of the revenue per hour that transactions state.

        Null where none states any, or where they do in several currencies.
        """
        return self.data.revenue_share

    @doc_field
    def critical_share(self) -> Decimal:
        """The share, 0 to 1, of the critical transactions; 0 where there are none."""
        return self.data.critical_share

    @doc_field(graphql_type=list[TRANSACTION])
    def transactions(self) -> list[EntityNode]:
        """The transactions for which it is a single point of failure, by key."""
        self.view.clock.count(len(self.data.stops))
        return [self.view.numbered(number) for number in self.data.stops]

    @doc_field(graphql_type=list[EXTERNAL])
    def externals(self) -> list[EntityNode]:
        """The vendors' products that fail with it, by key: how hard each is to replace, and how to leave it."""
        self.view.clock.count(len(self.data.externals))
        return [self.view.numbered(number) for number in self.data.externals]

    @doc_field
    def is_masked(self) -> bool:
        """Whether money is withheld from the asker."""
        return False


@doc_type
class Concentration:
    """How much of the business hangs on one subject each, over all subjects of a level."""

    view: strawberry.Private[View]
    level: strawberry.Private[ConcentrationLevel]
    data: strawberry.Private[concentration.Concentration]

    @doc_field
    def rows(self) -> list[ConcentrationRow]:
        """The subjects that stop any transaction, the most exposed first: by revenue, then by critical transactions."""
        self.view.clock.count(len(self.data.rows))
        return [ConcentrationRow(view=self.view, level=self.level, data=row) for row in self.data.rows]

    @doc_field
    def herfindahl(self) -> Decimal:
        """The Herfindahl index: 10000 times the sum of the squares of the subjects' parts in all exposure."""
        return self.data.herfindahl

    @doc_field
    def exposure_basis(self) -> ExposureBasis:
        """What the Herfindahl index measures exposure by."""
        return self.data.basis
