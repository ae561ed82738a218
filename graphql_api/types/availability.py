"""Composite availability: what the promises beneath an entity come to, and what dominates it."""

from decimal import Decimal
from typing import Annotated

import strawberry

from graphql_api.errors import bad_input
from graphql_api.fields import doc_field, doc_type
from graphql_api.types.figures import Interval, MissingFigure, Probability
from graphql_api.types.references import ENTITY
from graphql_api.views import EntityNode, View
from risk import results
from risk.importance import Importance
from risk.terms import Basis, Method
from topology import units
from topology.errors import BadInput, Issue

_CONTRIBUTIONS = 200
_FAILED = 1000


@doc_type
class Contribution:
    """What one entity costs another."""

    view: strawberry.Private[View]
    of: strawberry.Private[results.CompositeAvailability]
    data: strawberry.Private[Importance]

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """Which entity it is."""
        return self.view.numbered(self.data.entity)

    @doc_field
    def minutes_per_30_days(self) -> Decimal:
        """How many minutes in 30 days would be gone if it never failed."""
        return units.minutes(self.data.minutes)

    @doc_field
    def share(self) -> Decimal | None:
        """Its share of all contributions, between 0 and 1; null when there are none."""
        return _figure(self.data.share)

    @doc_field
    def birnbaum(self) -> Decimal:
        """Birnbaum's measure: the availability when it is up less that when it is down."""
        return units.significant(self.data.birnbaum)

    @doc_field
    def criticality(self) -> Decimal | None:
        """How much of the unavailability would be gone if it never failed, between 0 and 1; it is 1 - 1/RRW."""
        return _figure(self.data.criticality)

    @doc_field
    def raw(self) -> Decimal | None:
        """The risk achievement worth: how many times the unavailability grows when it is down."""
        return _figure(self.data.raw)

    @doc_field
    def rrw(self) -> Decimal | None:
        """The risk reduction worth: how many times the unavailability shrinks when it never fails; null is infinite."""
        return _figure(self.data.rrw)

    @doc_field
    def fussell_vesely(self) -> Decimal | None:
        """The share of the unavailability in which a minimal cut set with it in it has failed.

        Null where not all minimal cut sets are known. Criticality is another figure.
        """
        found = self.view.assessment.fussell_vesely(self.of.entity, self.data.entity, self.of.basis)
        return _figure(found)

    @doc_field
    def structural(self) -> bool:
        """Whether it never fails by its own figure, though it could stop the entity."""
        return self.data.structural


@doc_type
class CompositeAvailability:
    """What the promises beneath an entity come to, and how it was found."""

    view: strawberry.Private[View]
    data: strawberry.Private[results.CompositeAvailability]

    @doc_field
    def expected(self) -> Probability:
        """The availability when entities fail independently; an upper bound while figures are missing."""
        return Probability(data=self.data.expected)

    @doc_field
    def guaranteed_floor(self) -> Probability:
        """What the promises alone guarantee, however failures depend on one another."""
        return Probability(data=self.data.guaranteed_floor)

    @doc_field
    def ceiling(self) -> Probability:
        """What cannot be exceeded: the least figure of the entity and its single points."""
        return Probability(data=self.data.ceiling)

    @doc_field
    def expected_success(self) -> Probability:
        """The expected availability less what the loss of soft suppliers costs."""
        return Probability(data=self.data.expected_success)

    @doc_field
    def success_interval(self) -> Interval | None:
        """The bounds of the expected success; null when that is exact."""
        found = self.data.success_interval
        return None if found is None else Interval(data=found)

    @doc_field
    def method(self) -> Method:
        """How the expected availability was found."""
        return self.data.method

    @doc_field
    def diagram_nodes(self) -> int | None:
        """How large the decision diagrams were; null where none was needed."""
        return self.data.diagram_nodes

    @doc_field
    def interval(self) -> Interval | None:
        """The bounds of the expected availability; null when that is exact."""
        return None if self.data.interval is None else Interval(data=self.data.interval)

    @doc_field
    def completeness(self) -> Decimal:
        """The share of the hard closure's own figures that are known, between 0 and 1."""
        return units.significant(float(self.data.completeness))

    @doc_field
    def missing(self) -> list[MissingFigure]:
        """The figures that nobody knows, by name."""
        return [MissingFigure(view=self.view, data=figure) for figure in self.data.missing]

    @doc_field
    def basis(self) -> Basis:
        """Which promises or measurements it was computed from."""
        return self.data.basis

    @doc_field
    def contributions(
        self,
        first: Annotated[int, strawberry.argument(description="How many, the costliest first; at most 200.")] = 10,
    ) -> list[Contribution]:
        """What each entity of the hard closure costs, the entity itself included."""
        if not 0 <= first <= _CONTRIBUTIONS:
            raise bad_input("BAD_PAGE_SIZE", f"first is {first}; it lies between 0 and {_CONTRIBUTIONS}.", "first")
        found = self.view.assessment.contributions(self.data.entity, self.data.basis)
        return [Contribution(view=self.view, of=self.data, data=item) for item in found[:first]]

    @doc_field
    def conditional(
        self, failed: Annotated[list[str], strawberry.argument(description="The keys of what has failed.")]
    ) -> Probability | None:
        """The expected availability once these have failed and not come back (N-1).

        Null, with ANALYSIS_TOO_LARGE, where it is not known exactly.
        """
        if len(failed) > _FAILED:
            raise bad_input(
                "TOO_MANY", f"failed names {len(failed)} entities; at most {_FAILED} are allowed.", "failed"
            )
        keys = known_keys(self.view, failed, "failed")
        found = self.view.assessment.conditional(self.data.entity, keys, self.data.basis)
        return Probability(data=found)

    @doc_field
    def sensitivity_to_common_cause(self) -> Probability | None:
        """The expected availability if redundant groups that state no common cause each had one, of beta = 0.1.

        A common event then stops all members of a group at once, a tenth as often as its best member fails. Null, with
        ANALYSIS_TOO_LARGE, where it is not known exactly.
        """
        return Probability(data=self.view.assessment.sensitivity_to_common_cause(self.data.entity, self.data.basis))

    @doc_field
    def formula(self) -> str | None:
        """What the entity needs, to read: `web and api and 1 of (psp_a, psp_b)`; null where it needs nothing."""
        return self.view.assessment.formula(self.data.entity)


def known_keys(view: View, keys: list[str], argument: str) -> list[str]:
    """The keys as the view shows them.

    Raises:
        BadInput: some are unknown; one issue for each, with the place in the argument.
    """
    found = [(place, key, view.entity(key)) for place, key in enumerate(keys)]
    unknown = [(place, key) for place, key, entity in found if entity is None]
    if unknown:
        raise BadInput(
            tuple(
                Issue("UNKNOWN_KEY", f'There is no entity "{key[:200]}" in this view.', (argument, str(place)))
                for place, key in unknown
            )
        )
    return [entity.key for _, _, entity in found if entity is not None]


def _figure(value: float | None) -> Decimal | None:
    return None if value is None else units.significant(value)
