"""Minimal cut sets: the smallest joint failures that stop an entity."""

from decimal import Decimal

import strawberry

from graphql_api.fields import doc_field, doc_type
from graphql_api.types.references import ENTITY
from graphql_api.views import EntityNode, View
from risk import cut_sets
from risk.cut_sets import CutSetCap
from topology import units


@doc_type
class CutSet:
    """Entities whose joint failure stops the entity, none of which can be left out."""

    view: strawberry.Private[View]
    data: strawberry.Private[cut_sets.CutSet]

    @doc_field(graphql_type=list[ENTITY])
    def entities(self) -> list[EntityNode]:
        """Which they are, by key; never the entity itself."""
        return [self.view.numbered(number) for number in self.data.entities]

    @doc_field
    def order(self) -> int:
        """How many they are."""
        return len(self.data.entities)

    @doc_field
    def probability(self) -> Decimal:
        """How probable it is that all of them have failed, between 0 and 1."""
        return units.significant(self.data.probability)

    @doc_field
    def structural(self) -> bool:
        """Whether one of them never fails by its own figure."""
        return self.data.structural


@doc_type
class CutSets:
    """The minimal cut sets of an entity, likeliest first."""

    view: strawberry.Private[View]
    data: strawberry.Private[cut_sets.CutSets]

    @doc_field
    def nodes(self) -> list[CutSet]:
        """The cut sets, as many as were asked for."""
        return [CutSet(view=self.view, data=item) for item in self.data.found]

    @doc_field
    def total_count(self) -> int | None:
        """How many there are up to the order asked for."""
        return self.data.total

    @doc_field
    def capped_by(self) -> CutSetCap | None:
        """What ended the list early; null when these are all there are."""
        return self.data.capped_by
