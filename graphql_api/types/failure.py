"""What stops an entity alone, and what makes redundancy an illusion."""

from decimal import Decimal
from typing import Annotated, Any

import strawberry

from graphql_api.fields import doc_field, doc_type
from graphql_api.types.filters import version_at
from graphql_api.types.references import (
    AGREEMENT,
    COMPANY,
    CUSTOMER,
    ENTITY,
    EXTERNAL,
    SERVICE,
    TEAM,
    TRANSACTION,
    VENDOR,
)
from graphql_api.types.structure import RequirementGroup
from graphql_api.views import AgreementNode, EntityNode, PartyNode, View
from risk import single_points
from risk.redundancy import separation
from risk.terms import FailureLevel
from topology import units

FAILURE_SUBJECT: Any = Annotated[
    TRANSACTION | SERVICE | EXTERNAL | VENDOR | TEAM | COMPANY | CUSTOMER | AGREEMENT,
    strawberry.union("FailureSubject", description="What can fail as one."),
]
_PARTIES = (FailureLevel.VENDOR, FailureLevel.VENDOR_GROUP, FailureLevel.OWNER)


def failing(view: View, level: FailureLevel, subject: str) -> EntityNode | PartyNode | AgreementNode:
    """The subject of a failure set; of an agreement the version in force."""
    if level in _PARTIES:
        return view.make.party(view, subject)
    if level is FailureLevel.AGREEMENT:
        held = version_at(view, subject)
        assert held is not None, subject
        return view.make.agreement(view, held)
    return view.make.entity(view, subject)


@doc_type
class SinglePointOfFailure:
    """Something whose failure alone stops an entity, or a transaction of the estate."""

    view: strawberry.Private[View]
    data: strawberry.Private[single_points.SinglePoint]

    @doc_field
    def level(self) -> FailureLevel:
        """What it is."""
        return self.data.level

    @doc_field(graphql_type=FAILURE_SUBJECT)
    def subject(self) -> EntityNode | PartyNode | AgreementNode:
        """What fails."""
        return failing(self.view, self.data.level, self.data.subject)

    @doc_field(graphql_type=ENTITY | None)
    def entity(self) -> EntityNode | None:
        """The entity that fails; null where a vendor fails with all that it provides."""
        return None if self.data.entity is None else self.view.numbered(self.data.entity)

    @doc_field
    def hidden(self) -> bool:
        """Whether no chain of plain needs leads to it: redundancy covers it up."""
        return self.data.hidden

    @doc_field
    def structural(self) -> bool:
        """Whether it never fails by its own figure."""
        return self.data.structural

    @doc_field
    def minutes_per_30_days(self) -> Decimal | None:
        """How many minutes in 30 days would be gone if it never failed.

        Null over the whole estate, and where a figure is missing or the availability is not known exactly.
        """
        return None if self.data.minutes is None else units.minutes(self.data.minutes)

    @doc_field(graphql_type=list[TRANSACTION])
    def transactions(self) -> list[EntityNode]:
        """The transactions that it stops, by key."""
        self.view.clock.count(len(self.data.stops))
        return [self.view.numbered(number) for number in self.data.stops]


@doc_type
class RedundancyIllusion:
    """A redundant group that one entity can take down alone: a hidden common cause of its members."""

    view: strawberry.Private[View]
    data: strawberry.Private[separation.PricedIllusion]

    @doc_field(graphql_type=ENTITY)
    def consumer(self) -> EntityNode:
        """Whose group it is."""
        return self.view.numbered(self.data.illusion.consumer)

    @doc_field
    def group(self) -> RequirementGroup:
        """The group, which needs fewer members than it has."""
        illusion = self.data.illusion
        groups = self.view.snapshot.groups[self.view.assessment.key_of(illusion.consumer)]
        return RequirementGroup(view=self.view, data=groups[illusion.group])

    @doc_field(graphql_type=ENTITY)
    def shared(self) -> EntityNode:
        """The entity whose failure alone leaves the group with fewer members up than it needs."""
        return self.view.numbered(self.data.illusion.shared)

    @doc_field(graphql_type=list[ENTITY])
    def members_lost(self) -> list[EntityNode]:
        """The members that fall with it, by key."""
        self.view.clock.count(len(self.data.illusion.lost))
        return [self.view.numbered(member) for member in self.data.illusion.lost]

    @doc_field
    def minutes_lost_per_30_days(self) -> Decimal | None:
        """What it costs the entity asked about, against members that have each their own copy of what is shared.

        Below 0 where the entity would be down longer with these copies: it cannot do without what is shared anyway, and
        further copies are further things to fail. Null where a figure beneath the group is missing, or the exact figure
        is out of reach.
        """
        return None if self.data.minutes is None else units.minutes(self.data.minutes)
