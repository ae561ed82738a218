"""What is doubtful."""

from decimal import Decimal
from typing import Annotated, Any

import strawberry

from graphql_api.connections import Entry
from graphql_api.fields import doc_field, doc_type
from graphql_api.types.provenance import Provenance, provenance_of
from graphql_api.types.references import (
    AGREEMENT,
    COMMITMENT,
    COMPANY,
    CUSTOMER,
    ENTITY,
    EXTERNAL,
    SERVICE,
    TEAM,
    TRANSACTION,
    VENDOR,
)
from graphql_api.types.targets import Money
from graphql_api.views import AgreementNode, EntityNode, View
from risk import results
from risk.terms import FindingCode, Severity
from topology import units

FINDING_SUBJECT: Any = Annotated[
    TRANSACTION | SERVICE | EXTERNAL | COMPANY | TEAM | VENDOR | CUSTOMER | AGREEMENT | COMMITMENT,
    strawberry.union("FindingSubject", description="What a finding is about."),
]


@doc_type
class Finding:
    """A rule's result about an entity, a party, an agreement or a commitment."""

    view: strawberry.Private[View]
    data: strawberry.Private[results.Finding]

    @doc_field
    def code(self) -> FindingCode:
        """The rule."""
        return self.data.code

    @doc_field
    def severity(self) -> Severity:
        """How much it weighs."""
        return self.data.severity

    @doc_field(graphql_type=FINDING_SUBJECT)
    def subject(self) -> object:
        """What it is about."""
        make, key = self.view.make, self.data.subject
        match self.data.kind:
            case results.SubjectKind.ENTITY:
                return make.entity(self.view, key)
            case results.SubjectKind.PARTY:
                return make.party(self.view, key)
            case results.SubjectKind.COMMITMENT:
                return make.commitment(self.view, key)
            case results.SubjectKind.AGREEMENT:
                shown = [agreement for agreement in self.data.agreements if agreement.key == key]
                return make.agreement(self.view, (shown or self.view.snapshot.agreements[key])[-1])

    @doc_field
    def message(self) -> str:
        """One sentence that names keys and figures."""
        return self.data.message

    @doc_field(graphql_type=list[ENTITY])
    def witness(self) -> list[EntityNode]:
        """The entities that show it: a cycle in order, the members of a group, the supplier."""
        self.view.clock.count(len(self.data.witness))
        return self.view.nodes(self.data.witness)

    @doc_field(graphql_type=list[AGREEMENT])
    def agreements(self) -> list[AgreementNode]:
        """The agreement versions that show it."""
        return [self.view.make.agreement(self.view, agreement) for agreement in self.data.agreements]

    @doc_field
    def minutes_per_30_days(self) -> Decimal | None:
        """What it costs in minutes, in 30 days or in the commitment's window; null where it has no price.

        Of a hidden common cause below 0 where separating the members would cost more than it gains.
        """
        return None if self.data.minutes is None else units.minutes(self.data.minutes)

    @doc_field
    def money(self) -> Money | None:
        """What it costs in credits in the commitment's window; null where that is nothing or not known."""
        return None if self.data.money is None else Money(data=self.data.money)

    @doc_field
    def is_masked(self) -> bool:
        """Whether money is withheld from the asker."""
        return False

    @doc_field
    def provenance(self) -> list[Provenance]:
        """Who states what it rests on."""
        return provenance_of(self.data.facts)


def finding_entries(found: tuple[results.Finding, ...]) -> list[Entry[results.Finding]]:
    """Findings as a list, in the order they come in: by severity, code and subject."""
    return [Entry((place,), item.subject, item) for place, item in enumerate(found)]


def finding_node(view: View, item: results.Finding) -> Finding:
    """A finding as a node."""
    return Finding(view=view, data=item)
