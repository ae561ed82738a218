"""Which promises are backed, now and over a horizon."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from graphql_api.connections import Connection, Entry
from graphql_api.fields import doc_field, doc_type
from graphql_api.lists import ListOf, Paging, listed
from graphql_api.types.references import AGREEMENT, COMMITMENT, ENTITY, TRANSACTION
from graphql_api.types.windows import WindowShown
from graphql_api.views import AgreementNode, CommitmentNode, EntityNode, View
from risk import coverage, timeline
from risk.terms import ReasonCode, Verdict
from topology import units

HorizonDays = Annotated[
    int | None,
    strawberry.argument(description="How many days to look ahead: none is the view's date alone, 3650 the most."),
]
Verdicts = Annotated[
    list[Verdict] | None,
    strawberry.argument(description="With these verdicts only; when absent the gaps: UNCOVERED, SHORTFALL, UNKNOWN."),
]


@doc_type
class CoverageSegment:
    """A stretch of time in which the verdict on a commitment, its reasons and its agreement stay as they are.

    A new one begins wherever an agreement that can matter begins, ends, renews or gets another version, where an entity
    begins or ceases to be valid, and where a window begins in which the verdict or its reasons are others.
    """

    view: strawberry.Private[View]
    data: strawberry.Private[timeline.CoverageSegment]

    @doc_field(name="from")
    def from_(self) -> datetime:
        """When it begins: a midnight in the zone of the agreement that changes."""
        return self.data.start

    @doc_field
    def to(self) -> datetime:
        """When it ends; this moment is not in it."""
        return self.data.end

    @doc_field
    def verdict(self) -> Verdict:
        """What its comparison with the promises beneath it comes to; NOT_REQUIRED where it is not promised then."""
        return self.data.verdict

    @doc_field
    def reasons(self) -> list[ReasonCode]:
        """Why, all that apply."""
        return list(self.data.reasons)

    @doc_field(graphql_type=AGREEMENT | None)
    def agreement(self) -> AgreementNode | None:
        """The version of the commitment's agreement that is in force; null where none is."""
        return None if self.data.agreement is None else self.view.make.agreement(self.view, self.data.agreement)

    @doc_field
    def headroom_minutes(self) -> Decimal | None:
        """The expected headroom in the worst window of the stretch; null where nothing is compared."""
        return None if self.data.headroom is None else units.minutes(self.data.headroom)

    @doc_field
    def window(self) -> WindowShown | None:
        """The window that the minutes are about: the worst of the stretch."""
        return None if self.data.window is None else WindowShown(data=self.data.window)

    @doc_field
    def notice_deadline(self) -> date | None:
        """The next day by which notice is due of a term that runs when it begins, else the last that has passed.

        Counted are the terms of the commitment's agreement and of the agreements that apply to what it requires; null
        where none of them states a notice.
        """
        return self.data.notice_deadline

    @doc_field(graphql_type=AGREEMENT | None)
    def notice_agreement(self) -> AgreementNode | None:
        """The agreement version whose notice deadline it is."""
        found = self.data.notice_agreement
        return None if found is None else self.view.make.agreement(self.view, found)


@doc_type
class CoverageGap:
    """One commitment and one of its suppliers: whether that supplier's agreement backs the promise, at the worst."""

    view: strawberry.Private[View]
    data: strawberry.Private[coverage.CoverageGap]

    @doc_field(graphql_type=COMMITMENT)
    def commitment(self) -> CommitmentNode:
        """What is promised, at the view's date or from when it begins in the horizon.

        Of one that begins after the view's date headroom, links and timeline are null, with an error.
        """
        found, view = self.data.commitment, self.view
        if found.key in view.assessment.promises.all_commitments():
            return view.make.commitment(view, found.key)
        assert found.agreement.start is not None, "what begins in the horizon begins with a version"
        return view.make.promise(view, found, found.agreement.start)

    @doc_field(graphql_type=ENTITY)
    def supplier(self) -> EntityNode:
        """What it needs."""
        return self.view.make.entity(self.view, self.data.supplier)

    @doc_field
    def verdict(self) -> Verdict:
        """The worst verdict in the horizon."""
        return self.data.verdict

    @doc_field
    def reasons(self) -> list[ReasonCode]:
        """Why, all that apply in the window that it is about."""
        return list(self.data.reasons)

    @doc_field
    def since(self) -> datetime | None:
        """Since when the agreements leave the gap that there is at the view's date.

        Null where there is none then, and where it is as old as what the agreements tell, or older than ten years.
        """
        return self.data.since

    @doc_field
    def first_gap_at(self) -> datetime | None:
        """From when on it is a gap, the first time in the horizon; null where it is none in it."""
        return self.data.first_gap_at

    @doc_field
    def headroom_minutes(self) -> Decimal | None:
        """What is left of the commitment's budget once the supplier has used all that it is allowed.

        In the window that it is about; null where nothing is comparable.
        """
        return None if self.data.headroom is None else units.minutes(self.data.headroom)

    @doc_field(graphql_type=AGREEMENT | None)
    def agreement(self) -> AgreementNode | None:
        """The agreement version that answers for the supplier in that window; null where none does."""
        return None if self.data.agreement is None else self.view.make.agreement(self.view, self.data.agreement)

    @doc_field
    def window(self) -> WindowShown | None:
        """The commitment's window that it is about; null where it is not held against availabilities."""
        return None if self.data.window is None else WindowShown(data=self.data.window)

    @doc_field(graphql_type=list[TRANSACTION])
    def transactions(self) -> list[EntityNode]:
        """The transactions that cannot do without the supplier by what is committed to; by key.

        They need the committed entity hard, or are it, and that needs the supplier hard.
        """
        return self.view.nodes(self.data.transactions)


def gaps_listed(view: View, days: int, verdicts: Collection[Verdict] | None, paging: Paging) -> Connection[Any]:
    """One page of the rows with some verdicts: by verdict, headroom, commitment and supplier."""

    def entries(seen: View) -> list[Entry[coverage.CoverageGap]]:
        found: list[Entry[coverage.CoverageGap]] = []
        for gap in seen.assessment.promises.coverage_gaps(days, verdicts):
            rank, minutes = gap.weight
            found.append(Entry((rank, float(minutes), gap.commitment.key), gap.supplier, gap))
        return found

    def make(seen: View, gap: coverage.CoverageGap) -> CoverageGap:
        return CoverageGap(view=seen, data=gap)

    arguments = {"horizonDays": days, "verdicts": None if verdicts is None else sorted(set(verdicts))}
    return listed(view, ListOf("Topology.coverageGaps", arguments, entries, make), paging)
