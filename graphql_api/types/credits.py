"""What an outage costs in credits."""

from collections.abc import Sequence
from decimal import Decimal

import strawberry

from graphql_api.errors import bad_input
from graphql_api.fields import doc_field, doc_type
from graphql_api.types.references import AGREEMENT, ENTITY
from graphql_api.types.targets import Money, Target
from graphql_api.views import AgreementNode, EntityNode, View
from risk import credit_exposure
from risk.credits import Credit as Owed
from risk.failing import Failing
from risk.terms import ReasonCode
from topology import model, units


@doc_type
class Credit:
    """What one promise owes for an outage: an SLA's to a customer, an underpinning contract's to us."""

    view: strawberry.Private[View]
    data: strawberry.Private[Owed]

    @doc_field(graphql_type=AGREEMENT)
    def agreement(self) -> AgreementNode:
        """The agreement version that promises; an SLA's credit is payable, a contract's receivable."""
        return self.view.make.agreement(self.view, self.data.agreement)

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """What is down."""
        return self.view.make.entity(self.view, self.data.entity)

    @doc_field
    def target(self) -> Target:
        """The promise."""
        return Target(view=self.view, data=self.data.target)

    @doc_field
    def minutes_down(self) -> Decimal:
        """How many counted minutes of its window it is down."""
        return units.minutes(self.data.minutes)

    @doc_field
    def amount(self) -> Money | None:
        """What is owed, cut off at the agreement's cap; null where no money is, or nobody states how much."""
        return None if self.data.amount is None else Money(data=self.data.amount)

    @doc_field
    def reasons(self) -> list[ReasonCode]:
        """What is to be said about it, all that apply."""
        return list(self.data.reasons)

    @doc_field
    def is_masked(self) -> bool:
        """Whether money is withheld from the asker."""
        return False


@doc_type
class CreditExposure:
    """What an outage costs in credits, and what of that comes back."""

    view: strawberry.Private[View]
    data: strawberry.Private[credit_exposure.CreditExposure]

    @doc_field
    def payable(self) -> list[Money]:
        """What is owed to customers, one amount for each currency; none where nothing is."""
        return _amounts(self.data.payable)

    @doc_field
    def receivable(self) -> list[Money]:
        """What vendors owe, one amount for each currency; what nobody states counts as nothing."""
        return _amounts(self.data.receivable)

    @doc_field
    def net(self) -> list[Money]:
        """Payable less receivable, one amount for each currency of the two; below 0 more comes back than is paid."""
        return _amounts(self.data.net)

    @doc_field
    def recovery_ratio(self) -> Decimal | None:
        """Receivable over payable.

        Null with more than one currency, where nothing is payable, and where it is not known how much is.
        """
        found = self.data.recovery_ratio
        return None if found is None else units.significant(float(found))

    @doc_field
    def credits(self) -> list[Credit]:
        """Every promise that the outage hits: ours by commitment, then vendors' by entity."""
        self.view.clock.count(len(self.data.owed))
        return [Credit(view=self.view, data=credit) for credit in self.data.owed]

    @doc_field
    def is_complete(self) -> bool:
        """Whether it is known what every one of them comes to; false where a fee or a tier is not stated."""
        return self.data.is_complete

    @doc_field
    def is_masked(self) -> bool:
        """Whether money is withheld from the asker."""
        return False


def exposure_of(view: View, failing: Sequence[Failing], minutes: int, claimed_after: int) -> CreditExposure:
    """What it costs when these fail.

    Raises:
        BadInput: an unknown key, minutes below 0.
    """
    for name, given in (("minutes", minutes), ("claimedAfterMinutes", claimed_after)):
        if given < 0:
            raise bad_input("OUT_OF_RANGE", f"{name} is {given}; it cannot be negative.", name)
    failed = view.assessment.failures.entities_of(failing)
    found = view.assessment.promises.credit_exposure(failed, Decimal(minutes), Decimal(claimed_after))
    return CreditExposure(view=view, data=found)


def _amounts(found: tuple[model.Money, ...]) -> list[Money]:
    return [Money(data=money) for money in found]
