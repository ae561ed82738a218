"""Entities: whatever is up or down."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import strawberry

from graphql_api.connections import After, Before, Connection, Entry, First, Last
from graphql_api.errors import bad_input
from graphql_api.fields import doc_field, doc_interface, doc_type
from graphql_api.lists import ListOf, given_or_none, listed
from graphql_api.types.agreements import covering
from graphql_api.types.availability import CompositeAvailability
from graphql_api.types.cascade import Cascade, OutageMinutes, cascade_of
from graphql_api.types.cut_sets import CutSets
from graphql_api.types.failure import RedundancyIllusion, SinglePointOfFailure
from graphql_api.types.figures import PromisedFigure
from graphql_api.types.findings import Finding
from graphql_api.types.nodes import Node
from graphql_api.types.parties import Party, Vendor, party_of
from graphql_api.types.provenance import Provenance, provenance_of
from graphql_api.types.references import AGREEMENTS, ENTITIES, Listed
from graphql_api.types.structure import ClosureMember, Degradation, RequirementGroup
from graphql_api.types.targets import Money
from graphql_api.views import View
from risk.failing import Failing
from risk.reach import Reached
from risk.results import SubjectKind
from risk.terms import Basis, Direction, FailureLevel, MissingPolicy
from topology import model
from topology.facts import EntityStatement

_DEPTH = 1_000_000
OfBasis = Annotated[Basis, strawberry.argument(description="Which promises or measurements to compute from.")]
Missing = Annotated[MissingPolicy, strawberry.argument(description="What a figure that nobody knows counts as.")]
_ORDER = 3
_CUT_SETS = 1000
AtLevel = Annotated[FailureLevel, strawberry.argument(description="What fails as one.")]


@doc_interface
class Entity(Node):
    """Anything that is up or down."""

    view: strawberry.Private[View]
    data: strawberry.Private[model.Entity]

    @doc_field
    def id(self) -> strawberry.ID:
        """An opaque id: the type, the key, and the date and moment that the view was given; never the revision."""
        return strawberry.ID(self.view.id(type(self).__name__, self.data.key))

    @doc_field
    def key(self) -> str:
        """The key, unique among entities."""
        return self.data.key

    @doc_field
    def name(self) -> str:
        """The name; the key where there is none."""
        return self.data.name

    @doc_field
    def kind(self) -> model.EntityKind:
        """What it is."""
        return self.data.kind

    @doc_field
    def owner(self) -> Party | None:
        """Who runs it; null where nobody does, and for externals, which have a provider."""
        return party_of(self.view, self.data.owner)

    @doc_field
    def criticality(self) -> model.Criticality | None:
        """How much the company hurts without it."""
        return self.data.criticality

    @doc_field
    def own_availability(self) -> PromisedFigure | None:
        """Its own availability as contracted or stated; null where nobody knows it."""
        figure = self.view.assessment.own_figure(self.data.key)
        if figure.origin is None:
            return None
        return PromisedFigure(view=self.view, data=figure)

    @doc_field
    def requirements(self) -> list[RequirementGroup]:
        """What it needs to be up: every group must hold."""
        found = self.view.snapshot.groups.get(self.data.key, ())
        self.view.clock.count(len(found))
        return [RequirementGroup(view=self.view, data=group) for group in found]

    @doc_field
    def degradations(self) -> list[Degradation]:
        """What it can be without, at a loss."""
        found = self.view.snapshot.degradations.get(self.data.key, ())
        return [Degradation(view=self.view, data=edge) for edge in found]

    @doc_field(graphql_type=ENTITIES)
    def required_by(
        self,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Listed:
        """Who needs it, hard or soft, by key."""
        key = self.data.key

        def entries(view: View) -> list[Entry[str]]:
            return [Entry((), consumer, consumer) for consumer in view.snapshot.required_by.get(key, ())]

        make = View.entity_node
        return listed(self.view, ListOf("Entity.requiredBy", {"of": key}, entries, make), (first, after, last, before))

    @doc_field
    def closure(
        self,
        *,
        direction: Annotated[Direction, strawberry.argument(description="Which way to go.")] = Direction.REQUIRES,
        max_depth: Annotated[
            int | None, strawberry.argument(description="How many steps to go at most; all of them when null.")
        ] = 20,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Connection[ClosureMember]:
        """All that it reaches, soft needs included, nearest first, then by key; not itself."""
        key, depth = self.data.key, max_depth
        if depth is not None and depth < 0:
            raise bad_input("OUT_OF_RANGE", f"maxDepth is {depth}; it cannot be negative.", "maxDepth")

        def entries(view: View) -> list[Entry[Reached]]:
            found = view.assessment.closure(key, direction, _DEPTH if depth is None else depth)
            return [Entry((item.distance,), view.assessment.key_of(item.entity), item) for item in found]

        def make(view: View, item: Reached) -> ClosureMember:
            return ClosureMember(view=view, data=item)

        arguments = {"of": key, "direction": direction, "maxDepth": depth}
        return listed(self.view, ListOf("Entity.closure", arguments, entries, make), (first, after, last, before))

    @doc_field
    def composite(
        self, basis: OfBasis = Basis.CONTRACTED, missing: Missing = MissingPolicy.CEILING
    ) -> CompositeAvailability | None:
        """What the promises beneath it come to."""
        found = self.view.assessment.composite(self.data.key, basis, missing)
        return CompositeAvailability(view=self.view, data=found)

    @doc_field
    def single_points_of_failure(self, level: AtLevel = FailureLevel.ENTITY) -> list[SinglePointOfFailure] | None:
        """What stops it alone, costliest first; null when it is down with nothing failed."""
        found = self.view.assessment.failures.single_points(self.data.key, level)
        return None if found is None else [SinglePointOfFailure(view=self.view, data=point) for point in found]

    @doc_field
    def redundancy_illusions(self) -> list[RedundancyIllusion] | None:
        """What takes a redundant group beneath it down alone, the costliest to it first."""
        found = self.view.assessment.failures.redundancy_illusions(self.data.key)
        self.view.clock.count(len(found))
        return [RedundancyIllusion(view=self.view, data=item) for item in found]

    @doc_field
    def cut_sets(
        self,
        max_order: Annotated[int, strawberry.argument(description="The most entities of one, 1 to 3.")] = 2,
        first: Annotated[int, strawberry.argument(description="How many, the likeliest first; at most 1000.")] = 50,
    ) -> CutSets | None:
        """The smallest joint failures that stop it; null when it is down with nothing else failed."""
        if not 1 <= max_order <= _ORDER:
            raise bad_input("BAD_ORDER", f"maxOrder is {max_order}; it lies between 1 and {_ORDER}.", "maxOrder")
        if not 0 <= first <= _CUT_SETS:
            raise bad_input("BAD_PAGE_SIZE", f"first is {first}; it lies between 0 and {_CUT_SETS}.", "first")
        found = self.view.assessment.cut_sets(self.data.key, max_order=max_order, first=first)
        return None if found is None else CutSets(view=self.view, data=found)

    @doc_field
    def impact(self, minutes: OutageMinutes = strawberry.UNSET) -> Cascade | None:
        """What falls when it fails."""
        return cascade_of(self.view, [Failing(FailureLevel.ENTITY, self.data.key)], given_or_none(minutes))

    @doc_field(graphql_type=AGREEMENTS)
    def agreements(
        self,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Listed:
        """Every version of every agreement that is about it, by key and version."""
        key = self.data.key

        def entries(view: View) -> list[Entry[model.Agreement]]:
            return [Entry((item.key, item.version), "", item) for item in covering(view, key)]

        make = View.agreement_node
        return listed(self.view, ListOf("Entity.agreements", {"of": key}, entries, make), (first, after, last, before))

    @doc_field
    def findings(self) -> list[Finding] | None:
        """What is doubtful about it."""
        found = self.view.assessment.findings_about(SubjectKind.ENTITY, self.data.key)
        return [Finding(view=self.view, data=item) for item in found]

    @doc_field
    def provenance(self) -> list[Provenance]:
        """Who describes it, what it needs aside."""
        about = self.view.snapshot.facts_about("entity", self.data.key)
        return provenance_of(fact for fact in about if isinstance(fact.statement, EntityStatement))


@doc_type
class BusinessTransaction(Entity):
    """Something that the business sells or lives by."""

    @doc_field
    def journey(self) -> str | None:
        """The journey that it is a stage of."""
        return self.data.journey

    @doc_field
    def tier(self) -> int | None:
        """Its tier; 1 is the highest."""
        return self.data.tier

    @doc_field
    def revenue_per_hour(self) -> Money | None:
        """What it brings in an hour."""
        return None if self.data.revenue_per_hour is None else Money(data=self.data.revenue_per_hour)

    @doc_field
    def rto_minutes(self) -> Decimal | None:
        """Within how many minutes it must be back."""
        return self.data.rto

    @doc_field
    def rpo_minutes(self) -> Decimal | None:
        """How many minutes of data may be lost."""
        return self.data.rpo

    @doc_field
    def impact_tolerance_minutes(self) -> Decimal | None:
        """After how many minutes of outage the harm is intolerable."""
        return self.data.impact_tolerance

    @doc_field
    def is_masked(self) -> bool:
        """Whether money is withheld from the asker."""
        return False


@doc_type
class Service(Entity):
    """A service, a component or a piece of infrastructure: what the company runs."""

    @doc_field
    def tier(self) -> int | None:
        """Its tier; 1 is the highest."""
        return self.data.tier


@doc_type
class ExitPlan:
    """How to leave a vendor's product."""

    data: strawberry.Private[model.ExitPlan]

    @doc_field
    def reviewed_on(self) -> date | None:
        """When it was last looked at."""
        return self.data.reviewed

    @doc_field
    def document(self) -> str | None:
        """Where it is written."""
        return self.data.doc


@doc_type
class External(Entity):
    """A vendor's product."""

    @doc_field
    def provider(self) -> Vendor | None:
        """The vendor."""
        found = party_of(self.view, self.data.provider)
        return found if isinstance(found, Vendor) else None

    @doc_field
    def substitutability(self) -> model.Substitutability | None:
        """How hard it is to replace."""
        return self.data.substitutability

    @doc_field
    def exit_plan(self) -> ExitPlan | None:
        """How to leave it."""
        return None if self.data.exit_plan is None else ExitPlan(data=self.data.exit_plan)


TYPES = {
    model.EntityKind.TRANSACTION: BusinessTransaction,
    model.EntityKind.SERVICE: Service,
    model.EntityKind.COMPONENT: Service,
    model.EntityKind.INFRASTRUCTURE: Service,
    model.EntityKind.EXTERNAL: External,
}
"""Which type shows which kind."""


def entity_of(view: View, key: str) -> Entity | None:
    """The entity of a key, or of an alias of it; None where the view holds none."""
    found = view.entity(key)
    return None if found is None else TYPES[found.kind](view=view, data=found)
