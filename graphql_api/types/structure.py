"""What entities need: groups, degradations, closures and subgraphs."""

from datetime import date
from decimal import Decimal

import strawberry

from graphql_api.fields import doc_field, doc_type
from graphql_api.types.provenance import Provenance, provenance_of
from graphql_api.types.references import ENTITY
from graphql_api.views import EntityNode, View
from risk.reach import Neighbourhood, Reached
from topology import model
from topology.facts import Fact


@doc_type
class RequirementMember:
    """One supplier of a group."""

    view: strawberry.Private[View]
    consumer: strawberry.Private[str]
    data: strawberry.Private[model.Member]

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """The supplier."""
        return self.view.make.entity(self.view, self.data.entity)

    @doc_field
    def tolerance_minutes(self) -> Decimal:
        """How many minutes the consumer survives without it."""
        return self.data.tolerance

    @doc_field
    def provenance(self) -> list[Provenance]:
        """Who states the need."""
        return provenance_of(_stating(self.view, self.consumer, self.data.entity, model.RequirementGroup))


@doc_type
class RequirementGroup:
    """A consumer needs at least `required` of the members; a plain need is 1 of 1."""

    view: strawberry.Private[View]
    data: strawberry.Private[model.RequirementGroup]

    @doc_field
    def name(self) -> str | None:
        """The group's name, unique for its consumer."""
        return self.data.name

    @doc_field
    def required(self) -> int:
        """How many members must be up."""
        return self.data.required

    @doc_field
    def members(self) -> list[RequirementMember]:
        """The suppliers, by key."""
        self.view.clock.count(len(self.data.members))
        consumer = self.data.consumer
        return [RequirementMember(view=self.view, consumer=consumer, data=member) for member in self.data.members]

    @doc_field
    def tested_on(self) -> date | None:
        """When its failover was last tested."""
        return self.data.tested

    @doc_field
    def beta(self) -> Decimal | None:
        """The share of a member's failures that stop all members at once."""
        return self.data.beta


@doc_type
class Degradation:
    """A soft need: losing the supplier costs part of the service and does not stop it."""

    view: strawberry.Private[View]
    data: strawberry.Private[model.Degradation]

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """The supplier."""
        return self.view.make.entity(self.view, self.data.supplier)

    @doc_field
    def loss(self) -> Decimal | None:
        """The share of the service that is lost, between 0 and 1; null where nobody has said."""
        return self.data.loss

    @doc_field
    def tolerance_minutes(self) -> Decimal:
        """How many minutes pass before anything is lost."""
        return self.data.tolerance

    @doc_field
    def provenance(self) -> list[Provenance]:
        """Who states it."""
        return provenance_of(_stating(self.view, self.data.consumer, self.data.supplier, model.Degradation))


@doc_type
class ClosureMember:
    """An entity that is reached, and how."""

    view: strawberry.Private[View]
    data: strawberry.Private[Reached]

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """Who is reached."""
        return self.view.numbered(self.data.entity)

    @doc_field
    def distance(self) -> int:
        """The fewest steps that lead there."""
        return self.data.distance

    @doc_field
    def hard(self) -> bool:
        """Whether requirement groups alone lead there."""
        return self.data.hard


@doc_type
class SubgraphEdge:
    """One need between two entities of a subgraph."""

    view: strawberry.Private[View]
    consumer_key: strawberry.Private[str]
    data: strawberry.Private[model.Member | model.Degradation]
    within: strawberry.Private[model.RequirementGroup | None]

    @doc_field(graphql_type=ENTITY)
    def consumer(self) -> EntityNode:
        """Who needs."""
        return self.view.make.entity(self.view, self.consumer_key)

    @doc_field(graphql_type=ENTITY)
    def supplier(self) -> EntityNode:
        """Who is needed."""
        return self.view.make.entity(self.view, _supplier(self.data))

    @doc_field
    def group(self) -> str | None:
        """The name of the requirement group; null where it has none, and for a soft need."""
        return self.within.name if self.within else None

    @doc_field
    def required(self) -> int | None:
        """How many members of the group must be up; null for a soft need."""
        return self.within.required if self.within else None

    @doc_field
    def size(self) -> int | None:
        """How many members the group has; null for a soft need."""
        return len(self.within.members) if self.within else None

    @doc_field
    def loss(self) -> Decimal | None:
        """The share that is lost without the supplier of a soft need; null for a hard one."""
        return self.data.loss if isinstance(self.data, model.Degradation) else None

    @doc_field
    def tolerance_minutes(self) -> Decimal:
        """How many minutes the consumer survives without it."""
        return self.data.tolerance


@doc_type
class Subgraph:
    """Some entities and every need between them."""

    view: strawberry.Private[View]
    data: strawberry.Private[Neighbourhood]

    @doc_field(graphql_type=list[ENTITY])
    def nodes(self) -> list[EntityNode]:
        """The roots and what was reached, nearest first, then by key."""
        return [self.view.numbered(number) for number in self.data.entities]

    @doc_field
    def edges(self) -> list[SubgraphEdge]:
        """Every need whose two ends are among the nodes, by consumer and supplier."""
        self.view.clock.count(len(self.data.entities))
        keys = sorted(map(self.view.assessment.key_of, self.data.entities))
        return [edge for key in keys for edge in _edges(self.view, key, frozenset(keys))]

    @doc_field
    def truncated(self) -> bool:
        """Whether the limit left anything out within the depth."""
        return self.data.truncated

    @doc_field
    def depth_reached(self) -> int:
        """The distance of the farthest node."""
        return self.data.depth_reached


def _edges(view: View, consumer: str, among: frozenset[str]) -> list[SubgraphEdge]:
    hard = [
        SubgraphEdge(view=view, consumer_key=consumer, data=member, within=group)
        for group in view.snapshot.groups.get(consumer, ())
        for member in group.members
        if member.entity in among
    ]
    soft = [
        SubgraphEdge(view=view, consumer_key=consumer, data=edge, within=None)
        for edge in view.snapshot.degradations.get(consumer, ())
        if edge.supplier in among
    ]
    return sorted([*hard, *soft], key=lambda edge: (_supplier(edge.data), edge.within is None))


def _supplier(data: model.Member | model.Degradation) -> str:
    return data.supplier if isinstance(data, model.Degradation) else data.entity


def _stating(view: View, consumer: str, supplier: str, kind: type[object]) -> list[Fact]:
    """The facts of a consumer, of one kind, that name a supplier."""
    canonical = view.snapshot.canonical
    return [
        fact
        for fact in view.snapshot.facts_about("entity", consumer)
        if isinstance(fact.statement, kind) and supplier in {canonical(key) for key in _suppliers(fact)}
    ]


def _suppliers(fact: Fact) -> list[str]:
    said = fact.statement
    if isinstance(said, model.RequirementGroup):
        return [member.entity for member in said.members]
    return [said.supplier] if isinstance(said, model.Degradation) else []
