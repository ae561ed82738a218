"""Who is hurt by a failure, who is spared, and what a transaction loses by it."""

from decimal import Decimal

import strawberry

from graphql_api.fields import doc_field, doc_type
from graphql_api.types.parties import Contact, Party, party_of
from graphql_api.types.references import ENTITY, TRANSACTION
from graphql_api.types.structure import RequirementGroup
from graphql_api.types.targets import Money
from graphql_api.views import EntityNode, View
from risk import cascade
from risk.terms import ImpactState
from topology import units
from topology.model import Entity


@doc_type
class Impact:
    """One entity that is worse off."""

    view: strawberry.Private[View]
    data: strawberry.Private[cascade.Impact]

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """Who is hurt."""
        return self.view.numbered(self.data.entity)

    @doc_field
    def state(self) -> ImpactState:
        """How it fares."""
        return self.data.state

    @doc_field
    def onset_minutes(self) -> Decimal:
        """How many minutes after the failure it begins to fare so.

        Of what is degraded or at risk: when the first of its causes is felt, tolerance over. The loss and the margin
        are those of all of them, and some may be felt later.
        """
        return units.minutes(self.data.onset)

    @doc_field
    def minutes_down(self) -> Decimal | None:
        """How many minutes it is down, 0 where it is not; null while the outage has no end."""
        return None if self.data.minutes_down is None else units.minutes(self.data.minutes_down)

    @doc_field
    def loss(self) -> Decimal | None:
        """The share of its service that is lost while it is degraded, between 0 and 1.

        Null in other states, and where a part of it is not stated.
        """
        return None if self.data.loss is None else units.normal(self.data.loss)

    @doc_field
    def margin(self) -> int | None:
        """How many more members may go in the tightest of its groups that lost one; null where none did, or it is down.

        Below 0 nothing but its tolerance keeps it up.
        """
        return self.data.margin

    @doc_field
    def distance(self) -> int:
        """How many steps from what failed; 0 for what failed itself."""
        return self.data.distance

    @doc_field(graphql_type=list[ENTITY])
    def witness(self) -> list[EntityNode]:
        """The shortest chain of causes, from what failed to this entity."""
        self.view.clock.count(self.data.distance)
        return [self.view.numbered(number) for number in self.data.witness]

    @doc_field
    def owner(self) -> Party | None:
        """Who runs it."""
        return party_of(self.view, hurt_entity(self.view, self.data).owner)

    @doc_field
    def contacts(self) -> list[Contact]:
        """Whom to call: the contacts of its owner, of an external the vendor's for escalation.

        Where an external's contact states no time to respond, it is the one that is promised at the view's date.
        """
        found = self.view.assessment.failures.contacts(self.view.assessment.key_of(self.data.entity))
        return [Contact(data=contact) for contact in found]


@doc_type
class Spared:
    """An entity that lost a member of a group and goes on all the same."""

    view: strawberry.Private[View]
    data: strawberry.Private[cascade.Spared]

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """Who is spared."""
        return self.view.numbered(self.data.entity)

    @doc_field
    def saved_by(self) -> RequirementGroup:
        """The group that saved it; of several that lost a member the tightest."""
        group = self.view.snapshot.groups[self.view.assessment.key_of(self.data.entity)][self.data.group]
        return RequirementGroup(view=self.view, data=group)

    @doc_field
    def margin(self) -> int:
        """How many more members the group may lose; at 0 and below its tolerance has saved it."""
        return self.data.margin


@doc_type
class TransactionImpact:
    """How a transaction fares."""

    view: strawberry.Private[View]
    data: strawberry.Private[cascade.Impact]
    minutes: strawberry.Private[Decimal | None]

    @doc_field(graphql_type=TRANSACTION)
    def transaction(self) -> EntityNode:
        """Which transaction it is."""
        return self.view.numbered(self.data.entity)

    @doc_field
    def state(self) -> ImpactState:
        """How it fares."""
        return self.data.state

    @doc_field
    def onset_minutes(self) -> Decimal:
        """How many minutes after the failure it begins to fare so.

        Of what is degraded or at risk: when the first of its causes is felt, tolerance over. The loss and the margin
        are those of all of them, and some may be felt later.
        """
        return units.minutes(self.data.onset)

    @doc_field
    def minutes_down(self) -> Decimal | None:
        """How many minutes it is down, 0 where it is not; null while the outage has no end."""
        return None if self.data.minutes_down is None else units.minutes(self.data.minutes_down)

    @doc_field
    def revenue_lost(self) -> Money | None:
        """The revenue that it does not earn; null where its revenue, its loss or the outage's end is not known.

        Where it is down: all of its revenue for `minutesDown`; what it lost while it was only degraded, before that, is
        not in it. Where it is degraded: the loss for all of the outage after `onsetMinutes`. At risk: nothing.
        """
        per_hour = hurt_entity(self.view, self.data).revenue_per_hour
        found = cascade.revenue_lost(self.data, per_hour, self.minutes)
        return None if found is None else Money(data=found)

    @doc_field
    def is_masked(self) -> bool:
        """Whether money is withheld from the asker."""
        return False


def hurt_entity(view: View, item: cascade.Impact) -> Entity:
    """Who is hurt, as the model has it."""
    return view.snapshot.entities[view.assessment.key_of(item.entity)]
