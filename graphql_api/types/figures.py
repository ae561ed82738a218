"""Availabilities: computed ones with their digits, promised ones with where they come from."""

from decimal import Decimal

import strawberry

from graphql_api.fields import doc_field, doc_type
from graphql_api.types.provenance import Provenance, provenance_of
from graphql_api.types.references import AGREEMENT, ENTITY
from graphql_api.types.targets import Target
from graphql_api.views import AgreementNode, EntityNode, View
from risk import results
from risk.terms import Basis, FigureOrigin, ReasonCode
from topology.facts import EntityStatement, Fact, FactKind
from topology.model import Extent


@doc_type
class Probability:
    """An availability."""

    data: strawberry.Private[results.Probability]

    @doc_field
    def ratio(self) -> Decimal:
        """Between 0 and 1: 1 minus the unavailability, which has 15 significant digits."""
        return self.data.ratio

    @doc_field
    def percent(self) -> Decimal:
        """The ratio times 100."""
        return self.data.percent

    @doc_field
    def minutes_per_30_days(self) -> Decimal:
        """Minutes of downtime in 30 days of 24 hours, to 9 decimals."""
        return self.data.minutes_per_30_days

    @doc_field
    def nines(self) -> float | None:
        """How many nines it has, in parts of one; null at ratio 1."""
        return self.data.nines


@doc_type
class Interval:
    """Bounds between which the exact figure lies."""

    data: strawberry.Private[results.Interval]

    @doc_field
    def lower(self) -> Probability:
        """The lowest that it can be."""
        return Probability(data=self.data.lower)

    @doc_field
    def upper(self) -> Probability:
        """The highest that it can be."""
        return Probability(data=self.data.upper)

    @doc_field
    def confidence(self) -> Decimal | None:
        """How sure the bounds are; null when they hold for certain."""
        return self.data.confidence

    @doc_field
    def samples(self) -> int | None:
        """How many samples were drawn; null when none were."""
        return self.data.samples

    @doc_field
    def seed(self) -> int | None:
        """The seed they were drawn with; null when none were."""
        return self.data.seed


@doc_type
class MissingFigure:
    """A figure that nobody knows; it counts as up, so the result is an upper bound."""

    view: strawberry.Private[View]
    data: strawberry.Private[results.MissingFigure]

    @doc_field(graphql_type=ENTITY)
    def entity(self) -> EntityNode:
        """Whose figure it is."""
        return self.view.make.entity(self.view, self.data.entity)

    @doc_field
    def reason(self) -> ReasonCode:
        """Why there is none."""
        return self.data.reason


@doc_type
class PromisedFigure:
    """An entity's own availability as it was promised or stated, and from where."""

    view: strawberry.Private[View]
    data: strawberry.Private[results.OwnFigure]

    @doc_field
    def probability(self) -> Probability | None:
        """The availability; null where none is needed."""
        found = self.data.probability
        return None if found is None else Probability(data=found)

    @doc_field
    def basis(self) -> Basis:
        """Which basis it was read on."""
        return self.data.basis

    @doc_field
    def origin(self) -> FigureOrigin:
        """What it was read from."""
        assert self.data.origin is not None
        return self.data.origin

    @doc_field
    def extent(self) -> Extent | None:
        """Whether it covers the entity's suppliers too."""
        return self.data.extent

    @doc_field(graphql_type=AGREEMENT | None)
    def agreement(self) -> AgreementNode | None:
        """The agreement version whose target it is; null where it is stated."""
        found = self.data.agreement
        return None if found is None else self.view.make.agreement(self.view, found)

    @doc_field
    def target(self) -> Target | None:
        """The target that it is; null where it is stated."""
        found = self.data.target
        return None if found is None else Target(view=self.view, data=found)

    @doc_field
    def provenance(self) -> list[Provenance]:
        """Who says so."""
        return provenance_of(_sources(self.view, self.data))


def _sources(view: View, figure: results.OwnFigure) -> list[Fact]:
    target = figure.target
    if target is None:
        about = view.snapshot.facts_about("entity", figure.entity)
        return [f for f in about if isinstance(f.statement, EntityStatement) and f.statement.availability is not None]
    about = view.snapshot.facts_about("agreement", target.agreement)
    named = (str(target.version), target.covers or "", target.metric, str(target.window))
    return [f for f in about if f.id[0] == FactKind.TARGET and _same(view, f.id[2:], named)]


def _same(view: View, said: tuple[str, ...], shown: tuple[str, ...]) -> bool:
    """Whether a fact's id is that of a target, whose covered key is shown in its canonical form."""
    version, covers, *rest = said
    return (version, view.snapshot.canonical(covers), *rest) == shown
