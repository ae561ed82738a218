"""The root of a view: one graph, at one date, as known at one moment."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry

from graphql_api.connections import After, Before, Connection, Entry, First, Last
from graphql_api.enums import EntityOrder
from graphql_api.errors import bad_input
from graphql_api.fields import doc_field, doc_type
from graphql_api.lists import ListOf, Paging, given_or_none, listed
from graphql_api.types import filters
from graphql_api.types.agreements import Agreement
from graphql_api.types.availability import known_keys
from graphql_api.types.cascade import Cascade, OutageMinutes, cascade_of
from graphql_api.types.commitments import Commitment
from graphql_api.types.concentration import Concentration
from graphql_api.types.coverage import CoverageGap, HorizonDays, Verdicts, gaps_listed
from graphql_api.types.credits import CreditExposure, exposure_of
from graphql_api.types.entities import AtLevel, BusinessTransaction, Entity, External, Service, entity_of
from graphql_api.types.failing import FailureInput, failing_of
from graphql_api.types.failure import SinglePointOfFailure
from graphql_api.types.findings import Finding, finding_entries, finding_node
from graphql_api.types.negotiation import Negotiation
from graphql_api.types.parties import Vendor, party_of
from graphql_api.types.revisions import Freshness, Revision
from graphql_api.types.structure import Subgraph
from graphql_api.views import View
from risk.results import Finding as Result
from risk.single_points import SinglePoint
from risk.terms import ConcentrationLevel, Direction, FailureLevel, FindingCode, Severity
from topology import canonical, model

_LIMIT, _DEPTH, _ROOTS = 2000, 1_000_000, 1000
_RUN = frozenset({model.EntityKind.SERVICE, model.EntityKind.COMPONENT, model.EntityKind.INFRASTRUCTURE})
Key = Annotated[str, strawberry.argument(description="The key, also as `source:id`.")]
Wanted = Annotated[filters.EntityFilter | None, strawberry.argument(description="Which of them.")]
Order = Annotated[EntityOrder | None, strawberry.argument(description="What to order by; by key when absent.")]
Codes = Annotated[list[FindingCode] | None, strawberry.argument(description="Of these rules only.")]
Severities = Annotated[list[Severity] | None, strawberry.argument(description="Of these weights only.")]
UNSET = strawberry.UNSET


@doc_type
class Topology:
    """One graph: everything beneath this field is read from the same revision, at the same date."""

    view: strawberry.Private[View]

    @doc_field
    def revision(self) -> Revision:
        """The revision that everything here was computed from."""
        return Revision(data=self.view.state.known.revision)

    @doc_field
    def model_hash(self) -> str:
        """SHA-256 of the model's canonical JSON: equal models have equal hashes, whatever their sources and history."""
        return self.view.kept("modelHash", self._model_hash)

    @doc_field
    def at(self) -> date:
        """The business date that everything here is about."""
        return self.view.at

    @doc_field
    def freshness(self) -> Freshness:
        """How well the newest revision is known to be the newest."""
        return Freshness(data=self.view.freshness)

    @doc_field
    def entity(self, key: Key) -> Entity | None:
        """The entity of a key; null where there is none."""
        return entity_of(self.view, key)

    @doc_field
    def entities(
        self,
        *,
        filter: Wanted = UNSET,  # noqa: A002 - the argument's name in the schema
        order_by: Order = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[Entity]:
        """All entities."""
        return self._entities("entities", None, (filter, order_by), (first, after, last, before))

    @doc_field
    def transaction(self, key: Key) -> BusinessTransaction | None:
        """The transaction of a key; null where there is none, or it is something else."""
        found = entity_of(self.view, key)
        return found if isinstance(found, BusinessTransaction) else None

    @doc_field
    def transactions(
        self,
        *,
        filter: Wanted = UNSET,  # noqa: A002 - the argument's name in the schema
        order_by: Order = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[BusinessTransaction]:
        """What the business sells or lives by."""
        kinds = frozenset({model.EntityKind.TRANSACTION})
        return self._entities("transactions", kinds, (filter, order_by), (first, after, last, before))

    @doc_field
    def service(self, key: Key) -> Service | None:
        """The service, component or piece of infrastructure of a key; null where there is none."""
        found = entity_of(self.view, key)
        return found if isinstance(found, Service) else None

    @doc_field
    def services(
        self,
        *,
        filter: Wanted = UNSET,  # noqa: A002 - the argument's name in the schema
        order_by: Order = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[Service]:
        """What the company runs: services, components and infrastructure."""
        return self._entities("services", _RUN, (filter, order_by), (first, after, last, before))

    @doc_field
    def external(self, key: Key) -> External | None:
        """The external of a key; null where there is none, or it is something else."""
        found = entity_of(self.view, key)
        return found if isinstance(found, External) else None

    @doc_field
    def externals(
        self,
        *,
        filter: Wanted = UNSET,  # noqa: A002 - the argument's name in the schema
        order_by: Order = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[External]:
        """What the company buys."""
        kinds = frozenset({model.EntityKind.EXTERNAL})
        return self._entities("externals", kinds, (filter, order_by), (first, after, last, before))

    @doc_field
    def vendor(self, key: Key) -> Vendor | None:
        """The vendor of a key; null where there is none, or the party is something else."""
        found = party_of(self.view, key)
        return found if isinstance(found, Vendor) else None

    @doc_field
    def vendors(
        self, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
    ) -> Connection[Vendor]:
        """Whom the company buys from, by key."""

        def entries(view: View) -> list[Entry[str]]:
            parties = view.snapshot.parties.values()
            return [Entry((), party.key, party.key) for party in parties if party.kind is model.PartyKind.VENDOR]

        return listed(self.view, ListOf("Topology.vendors", {}, entries, party_of), (first, after, last, before))

    @doc_field
    def agreement(
        self,
        key: Key,
        version: Annotated[
            int | None, strawberry.argument(description="Which version; when absent the one in force, else the newest.")
        ] = UNSET,
    ) -> Agreement | None:
        """The agreement of a key; null where there is none."""
        shown = self.view.snapshot.canonical(key)
        versions = self.view.snapshot.agreements.get(shown, ())
        number = given_or_none(version)
        if not versions:
            return None
        if number is None:
            return Agreement(view=self.view, data=filters.version_at(self.view, shown) or versions[-1])
        return next((Agreement(view=self.view, data=item) for item in versions if item.version == number), None)

    @doc_field
    def agreements(
        self,
        filter: Annotated[  # noqa: A002 - the argument's name in the schema
            filters.AgreementFilter | None, strawberry.argument(description="Which of them.")
        ] = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[Agreement]:
        """Every version of every agreement, by key and version."""
        wanted = given_or_none(filter)

        def entries(view: View) -> list[Entry[model.Agreement]]:
            return filters.agreement_entries(view, wanted)

        arguments = {"filter": filters.arguments_of(wanted)}
        make = View.agreement_node
        return listed(self.view, ListOf("Topology.agreements", arguments, entries, make), (first, after, last, before))

    @doc_field
    def subgraph(
        self,
        roots: Annotated[list[str], strawberry.argument(description="The keys of the entities to begin with.")],
        direction: Annotated[Direction, strawberry.argument(description="Which way to go.")] = Direction.REQUIRES,
        depth: Annotated[int, strawberry.argument(description="How many steps to go at most.")] = 3,
        limit: Annotated[int, strawberry.argument(description="How many entities to give; at most 2000.")] = 500,
    ) -> Subgraph | None:
        """What lies around some entities, in one piece: the nearest first, and every need between them."""
        if not 1 <= limit <= _LIMIT:
            raise bad_input("OUT_OF_RANGE", f"limit is {limit}; it lies between 1 and {_LIMIT}.", "limit")
        if depth < 0:
            raise bad_input("OUT_OF_RANGE", f"depth is {depth}; it cannot be negative.", "depth")
        if len(roots) > _ROOTS:
            raise bad_input("TOO_MANY", f"roots names {len(roots)} entities; at most {_ROOTS} are allowed.", "roots")
        keys = known_keys(self.view, roots, "roots")
        return Subgraph(view=self.view, data=self.view.assessment.subgraph(keys, direction, min(depth, _DEPTH), limit))

    @doc_field
    def single_points_of_failure(
        self,
        *,
        level: AtLevel = FailureLevel.ENTITY,
        min_transactions: Annotated[
            int | None, strawberry.argument(description="Only what stops at least so many transactions.")
        ] = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[SinglePointOfFailure] | None:
        """Everything whose failure alone stops a transaction other than itself, most transactions first."""
        least = given_or_none(min_transactions) or 0
        if least < 0:
            raise bad_input("OUT_OF_RANGE", f"minTransactions is {least}; it cannot be negative.", "minTransactions")

        def entries(view: View) -> list[Entry[SinglePoint]]:
            found = view.assessment.failures.single_points_of_estate(level)
            return [Entry((-len(item.stops),), item.subject, item) for item in found if len(item.stops) >= least]

        def make(view: View, item: SinglePoint) -> SinglePointOfFailure:
            return SinglePointOfFailure(view=view, data=item)

        arguments = {"level": level, "minTransactions": least}
        name = "Topology.singlePointsOfFailure"
        return listed(self.view, ListOf(name, arguments, entries, make), (first, after, last, before))

    @doc_field
    def cascade(
        self,
        failed: Annotated[
            list[FailureInput], strawberry.argument(description="What fails together; nothing when empty.")
        ],
        started_at: Annotated[
            datetime | None,
            strawberry.argument(description="When the outage begins: the windows and service hours of promises then."),
        ] = UNSET,
        minutes: OutageMinutes = UNSET,
    ) -> Cascade | None:
        """What falls when something fails, when, and which promises break."""
        return cascade_of(self.view, failing_of(failed), given_or_none(minutes), given_or_none(started_at))

    @doc_field
    def commitments(
        self,
        filter: Annotated[  # noqa: A002 - the argument's name in the schema
            filters.CommitmentFilter | None, strawberry.argument(description="Which of them; SLAs when absent.")
        ] = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[Commitment] | None:
        """What the company promises, the worst expected headroom first; those without one come last."""
        wanted = given_or_none(filter)

        def entries(view: View) -> list[Entry[str]]:
            return filters.commitment_entries(view, wanted)

        def make(view: View, key: str) -> Commitment:
            return Commitment(view=view, data=view.assessment.promises.commitment(key))

        arguments = {"filter": filters.arguments_of(wanted)}
        return listed(self.view, ListOf("Topology.commitments", arguments, entries, make), (first, after, last, before))

    @doc_field
    def credit_exposure(
        self,
        failed: Annotated[list[FailureInput], strawberry.argument(description="What fails, all at once.")],
        minutes: Annotated[int, strawberry.argument(description="How many minutes the outage lasts.")],
        claimed_after_minutes: Annotated[
            int | None,
            strawberry.argument(description="How long after its end vendors are asked to pay; at once when absent."),
        ] = UNSET,
    ) -> CreditExposure | None:
        """What an outage on the view's date costs in credits to customers, and what of that vendors owe."""
        return exposure_of(self.view, failing_of(failed), minutes, given_or_none(claimed_after_minutes) or 0)

    @doc_field
    def negotiation(
        self,
        commitment: Annotated[
            str, strawberry.argument(description="The commitment's key: `agreement/entity/metric/window`.")
        ],
        supplier: Annotated[str, strawberry.argument(description="The key of an entity that it needs.")],
    ) -> Negotiation | None:
        """What a supplier would have to promise so that a commitment is kept, and what every other could give."""
        return Negotiation(view=self.view, data=self.view.assessment.promises.negotiation(commitment, supplier))

    @doc_field
    def coverage_gaps(
        self,
        *,
        horizon_days: HorizonDays = 0,
        verdicts: Verdicts = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[CoverageGap] | None:
        """Every commitment with each of its suppliers, at its worst in the horizon: the worst first.

        UNCOVERED, SHORTFALL, UNKNOWN, THIN, COVERED, ACCEPTED_RISK, NOT_REQUIRED; then the least headroom, then the
        keys of commitment and supplier. With all verdicts it is the whole matrix of what is promised and what backs it.
        """
        return gaps_listed(self.view, horizon_days or 0, given_or_none(verdicts), (first, after, last, before))

    @doc_field
    def concentration(
        self, by: Annotated[ConcentrationLevel, strawberry.argument(description="What to look at.")]
    ) -> Concentration | None:
        """How much of the business hangs on one vendor, group, fourth party, failure domain or owner each."""
        return Concentration(view=self.view, level=by, data=self.view.assessment.failures.concentration(by))

    @doc_field
    def findings(
        self,
        *,
        codes: Codes = UNSET,
        severities: Severities = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[Finding] | None:
        """What is doubtful: the weightiest first, then by rule and subject."""
        rules, weights = given_or_none(codes), given_or_none(severities)

        def entries(view: View) -> list[Entry[Result]]:
            found = view.assessment.findings()
            kept = (
                f for f in found if (rules is None or f.code in rules) and (weights is None or f.severity in weights)
            )
            return finding_entries(tuple(kept))

        arguments, make = {"codes": rules, "severities": weights}, finding_node
        return listed(self.view, ListOf("Topology.findings", arguments, entries, make), (first, after, last, before))

    def _model_hash(self) -> str:
        return canonical.model_hash(self.view.snapshot, self.view.assessment.failed)

    def _entities(
        self,
        name: str,
        kinds: frozenset[model.EntityKind] | None,
        wanted: tuple[filters.EntityFilter | None, EntityOrder | None],
        paging: Paging,
    ) -> Connection[Any]:
        chosen, order = given_or_none(wanted[0]), given_or_none(wanted[1]) or EntityOrder.KEY
        arguments = {"filter": filters.arguments_of(chosen), "orderBy": order}

        def entries(view: View) -> list[Entry[str]]:
            return filters.entity_entries(view, chosen, order, kinds)

        return listed(self.view, ListOf(f"Topology.{name}", arguments, entries, View.entity_node), paging)
