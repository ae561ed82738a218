"""Companies, teams, vendors and customers."""

from decimal import Decimal

import strawberry

from graphql_api.connections import After, Before, Entry, First, Last
from graphql_api.fields import doc_field, doc_interface, doc_type
from graphql_api.lists import ListOf, listed
from graphql_api.types.nodes import Node
from graphql_api.types.references import AGREEMENTS, EXTERNALS, PARTY, Listed
from graphql_api.views import PartyNode, View
from topology import model


@doc_type
class Contact:
    """Whom to call."""

    data: strawberry.Private[model.Contact]

    @doc_field
    def role(self) -> str | None:
        """What for, such as `escalation`."""
        return self.data.role

    @doc_field
    def name(self) -> str | None:
        """The person or desk."""
        return self.data.name

    @doc_field
    def email(self) -> str | None:
        """An address to write to."""
        return self.data.email

    @doc_field
    def phone(self) -> str | None:
        """A number to call."""
        return self.data.phone

    @doc_field
    def response_minutes(self) -> Decimal | None:
        """Within how many minutes somebody answers."""
        return self.data.response


@doc_interface
class Party(Node):
    """Somebody who makes or receives promises."""

    view: strawberry.Private[View]
    data: strawberry.Private[model.Party]

    @doc_field
    def id(self) -> strawberry.ID:
        """An opaque id: the type, the key, and the date and moment that the view was given; never the revision."""
        return strawberry.ID(self.view.id(type(self).__name__, self.data.key))

    @doc_field
    def key(self) -> str:
        """The key, unique among parties."""
        return self.data.key

    @doc_field
    def name(self) -> str:
        """The name; the key where there is none."""
        return self.data.name

    @doc_field
    def kind(self) -> model.PartyKind:
        """Which of the four it is."""
        return self.data.kind

    @doc_field(graphql_type=PARTY | None)
    def parent(self) -> PartyNode | None:
        """The group it belongs to."""
        return party_of(self.view, self.data.parent)

    @doc_field
    def contacts(self) -> list[Contact] | None:
        """Whom to call."""
        return [Contact(data=contact) for contact in self.data.contacts]


@doc_type
class Company(Party):
    """The company itself."""


@doc_type
class Team(Party):
    """A team of the company; it owns entities."""


@doc_type
class Customer(Party):
    """Somebody that the company promises to."""


@doc_type
class Vendor(Party):
    """Somebody that the company buys from; it provides externals."""

    @doc_field(graphql_type=EXTERNALS)
    def externals(
        self,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Listed:
        """What it provides, by key."""
        key = self.data.key

        def entries(view: View) -> list[Entry[str]]:
            return [Entry((), e.key, e.key) for e in view.snapshot.entities.values() if e.provider == key]

        return listed(
            self.view, ListOf("Vendor.externals", {"of": key}, entries, View.entity_node), (first, after, last, before)
        )

    @doc_field(graphql_type=AGREEMENTS)
    def agreements(
        self,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Listed:
        """Every version of every agreement that it provides, by key and version."""
        key = self.data.key

        def entries(view: View) -> list[Entry[model.Agreement]]:
            found = (version for versions in view.snapshot.agreements.values() for version in versions)
            return [Entry((version.key, version.version), "", version) for version in found if version.provider == key]

        make = View.agreement_node
        return listed(self.view, ListOf("Vendor.agreements", {"of": key}, entries, make), (first, after, last, before))


_TYPES = {
    model.PartyKind.SELF: Company,
    model.PartyKind.TEAM: Team,
    model.PartyKind.VENDOR: Vendor,
    model.PartyKind.CUSTOMER: Customer,
}


def party_of(view: View, key: str | None) -> Party | None:
    """The party of a key, or of an alias of it; None where the view holds none."""
    if key is None:
        return None
    found = view.snapshot.parties.get(key) or view.snapshot.parties.get(view.snapshot.canonical(key))
    return None if found is None else _TYPES[found.kind](view=view, data=found)
