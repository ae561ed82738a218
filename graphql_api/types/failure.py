"""What stops an entity alone, and what an entity stops."""

from decimal import Decimal
from typing import Annotated, Any

import strawberry

from graphql_api.connections import After, Before, Connection, Entry, First, Last
from graphql_api.fields import doc_field, doc_type
from graphql_api.lists import ListOf, given_or_none, listed
from graphql_api.types.filters import version_at
from graphql_api.types.parties import Contact, Party, party_of
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
from graphql_api.views import AgreementNode, EntityNode, PartyNode, View
from risk import impact, single_points
from risk.terms import FailureLevel, ImpactState
from topology import units
from topology.model import Entity, EntityKind

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
        """How many minutes in 30 days would be gone if it never failed; null over the whole estate."""
        return None if self.data.minutes is None else units.minutes(self.data.minutes)

    @doc_field(graphql_type=list[TRANSACTION])
    def transactions(self) -> list[EntityNode]:
        """The transactions that it stops, by key."""
        self.view.clock.count(len(self.data.stops))
        return [self.view.numbered(number) for number in self.data.stops]


@doc_type
class Impact:
    """One entity that is worse off."""

    view: strawberry.Private[View]
    data: strawberry.Private[impact.Impact]

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """Who is hurt."""
        return self.view.numbered(self.data.entity)

    @doc_field
    def state(self) -> ImpactState:
        """How it fares."""
        return self.data.state

    @doc_field
    def distance(self) -> int:
        """How many steps from what failed; 0 for what failed itself."""
        return self.data.distance

    @doc_field(graphql_type=list[ENTITY])
    def witness(self) -> list[EntityNode]:
        """The shortest chain of causes, from what failed to this entity."""
        return [self.view.numbered(number) for number in self.data.witness]

    @doc_field
    def owner(self) -> Party | None:
        """Who runs it."""
        return party_of(self.view, _entity(self.view, self.data).owner)

    @doc_field
    def contacts(self) -> list[Contact]:
        """Whom to call: the contacts of its owner, or of its vendor."""
        entity = _entity(self.view, self.data)
        party = party_of(self.view, entity.provider or entity.owner)
        return [] if party is None else [Contact(data=contact) for contact in party.data.contacts]


@doc_type
class TransactionImpact:
    """How a transaction fares."""

    view: strawberry.Private[View]
    data: strawberry.Private[impact.Impact]

    @doc_field(graphql_type=TRANSACTION)
    def transaction(self) -> EntityNode:
        """Which transaction it is."""
        return self.view.numbered(self.data.entity)

    @doc_field
    def state(self) -> ImpactState:
        """How it fares."""
        return self.data.state

    @doc_field
    def is_masked(self) -> bool:
        """Whether money is withheld from the asker."""
        return False


@doc_type
class CascadeCounts:
    """How many entities are in each state."""

    data: strawberry.Private[impact.FailureImpact]

    @doc_field
    def down(self) -> int:
        """How many stop, what failed itself included."""
        return self.data.count(ImpactState.DOWN)


@doc_type
class Cascade:
    """What falls when something fails."""

    view: strawberry.Private[View]
    data: strawberry.Private[impact.FailureImpact]

    @doc_field(graphql_type=list[ENTITY])
    def failed(self) -> list[EntityNode]:
        """What failed itself."""
        return [self.view.numbered(number) for number in self.data.failed]

    @doc_field
    def counts(self) -> CascadeCounts:
        """How many entities are in each state."""
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
        """Who is hurt: the worst state first, then the nearest, then by key."""
        keys, wanted = [self.view.assessment.key_of(number) for number in self.data.failed], given_or_none(states)

        def entries(view: View) -> list[Entry[impact.Impact]]:
            found = [i for i in view.assessment.failures.impact(keys).impacts if wanted is None or i.state in wanted]
            return [Entry((place,), view.assessment.key_of(item.entity), item) for place, item in enumerate(found)]

        def make(view: View, item: impact.Impact) -> Impact:
            return Impact(view=view, data=item)

        return listed(
            self.view,
            ListOf("Cascade.impacts", {"of": keys, "states": wanted}, entries, make),
            (first, after, last, before),
        )

    @doc_field
    def transactions(self) -> list[TransactionImpact]:
        """The transactions that stop, nearest first, then by key."""
        hurt = [item for item in self.data.impacts if _entity(self.view, item).kind is EntityKind.TRANSACTION]
        return [TransactionImpact(view=self.view, data=item) for item in hurt]


def _entity(view: View, item: impact.Impact) -> Entity:
    return view.snapshot.entities[view.assessment.key_of(item.entity)]
