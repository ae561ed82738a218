"""Makes nodes of the domain's values, for the types that cannot import one another."""

from datetime import date

from graphql_api.identifiers import NodeId
from graphql_api.types.agreements import Agreement
from graphql_api.types.commitments import Commitment
from graphql_api.types.entities import TYPES, Entity, entity_of
from graphql_api.types.nodes import Node
from graphql_api.types.parties import Party, party_of
from graphql_api.views import View
from risk import results
from topology import model
from topology.errors import UnknownKey


class NodeMaker:
    """The one maker; it has no state."""

    def entity(self, view: View, key: str) -> Entity:
        """The entity of a key that the view holds."""
        found = view.snapshot.entities[key]
        return TYPES[found.kind](view=view, data=found)

    def party(self, view: View, key: str) -> Party:
        """The party of a key that the view holds."""
        found = party_of(view, key)
        assert found is not None, key
        return found

    def agreement(self, view: View, agreement: model.Agreement) -> Agreement:
        """An agreement version."""
        return Agreement(view=view, data=agreement)

    def commitment(self, view: View, key: str) -> Commitment:
        """The commitment of a key that the view holds."""
        return Commitment(view=view, data=view.assessment.promises.commitment(key))

    def promise(self, view: View, commitment: results.Commitment, on: date) -> Commitment:
        """A promise of another day than the view's."""
        return Commitment(view=view, data=commitment, on=on)


def node_of(view: View, asked: NodeId) -> Node | None:
    """What an id stands for in a view; None where the view does not hold it, or holds another type under its key."""
    match asked.type, asked.key:
        case "Agreement", (key, version):
            versions = view.snapshot.agreements.get(view.snapshot.canonical(key), ())
            return next((Agreement(view=view, data=item) for item in versions if str(item.version) == version), None)
        case "Commitment", (key,):
            try:
                return Commitment(view=view, data=view.assessment.promises.commitment(key))
            except UnknownKey:
                return None
        case kind, (key,):
            found: Node | None = entity_of(view, key)
            if found is None or type(found).__name__ != kind:
                found = party_of(view, key)
            return found if found is not None and type(found).__name__ == kind else None
    return None
