"""What has an id."""

import strawberry

from graphql_api.fields import doc_field, doc_interface


@doc_interface
class Node:
    """Anything that can be asked for again by its id."""

    @doc_field
    def id(self) -> strawberry.ID:
        """An opaque id: the type, the key, and the date and moment that the view was given; never the revision."""
        raise NotImplementedError
