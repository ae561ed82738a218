"""The log of revisions, and how fresh what is in memory is."""

from datetime import datetime
from decimal import Decimal

import strawberry

from graphql_api import views
from graphql_api.fields import doc_field, doc_type
from graphql_api.identifiers import NodeId
from graphql_api.types.nodes import Node
from topology import changes, units


@doc_type
class ChangeSummary:
    """How many facts a change touches."""

    data: strawberry.Private[changes.ChangeSummary]

    @doc_field
    def added(self) -> int:
        """How many are new."""
        return self.data.added

    @doc_field
    def changed(self) -> int:
        """How many are stated differently."""
        return self.data.changed

    @doc_field
    def removed(self) -> int:
        """How many are gone."""
        return self.data.removed

    @doc_field
    def unchanged(self) -> int:
        """How many stay as they were."""
        return self.data.unchanged


@doc_type
class Revision(Node):
    """One entry of the log: a state of the graph, and the change that led to it."""

    data: strawberry.Private[changes.Revision]

    @doc_field
    def id(self) -> strawberry.ID:
        """An opaque id; a revision is the same in every view."""
        return strawberry.ID(str(NodeId("Revision", (str(self.data.number),))))

    @doc_field
    def number(self) -> int:
        """Its number; 0 is the empty graph before any change."""
        return self.data.number

    @doc_field
    def recorded_at(self) -> datetime | None:
        """When the store recorded it; null for revision 0."""
        return self.data.recorded_at

    @doc_field
    def actor(self) -> str | None:
        """Who made the change."""
        return self.data.by.actor or None

    @doc_field
    def reason(self) -> str | None:
        """Why."""
        return self.data.by.reason or None

    @doc_field
    def source(self) -> str | None:
        """The source whose facts changed."""
        return self.data.source or None

    @doc_field
    def scope(self) -> str | None:
        """The part of the source, where it has parts."""
        return self.data.scope or None

    @doc_field
    def summary(self) -> ChangeSummary:
        """How many facts the change touched."""
        return ChangeSummary(data=self.data.summary)


@doc_type
class Freshness:
    """How well the newest revision in memory is known to be the newest there is."""

    data: strawberry.Private[views.Freshness]

    @doc_field
    def loaded_at(self) -> datetime:
        """When the newest revision in memory was read from the store."""
        return self.data.loaded_at

    @doc_field
    def store_reachable(self) -> bool:
        """Whether the store answered when it was last asked."""
        return self.data.reachable

    @doc_field
    def age_seconds(self) -> Decimal:
        """How many seconds ago the store last confirmed that there is nothing newer."""
        return units.normal(Decimal(f"{self.data.age_seconds:.3f}"))
