"""Who says so."""

from collections.abc import Iterable

import strawberry

from graphql_api.fields import doc_field, doc_type
from topology import facts


@doc_type
class Provenance:
    """Who states a fact, and where."""

    data: strawberry.Private[facts.Fact]

    @doc_field
    def source(self) -> str:
        """The source that owns the fact; `manual` is people through the API."""
        return self.data.source

    @doc_field
    def scope(self) -> str | None:
        """The part of the source, where it has parts."""
        return self.data.scope or None

    @doc_field
    def basis(self) -> facts.FactBasis:
        """How the source knows."""
        return self.data.basis

    @doc_field
    def file(self) -> str | None:
        """The file it stands in."""
        return self.data.place.file if self.data.place else None

    @doc_field
    def line(self) -> int | None:
        """The line of the file, from 1."""
        return self.data.place.line if self.data.place else None

    @doc_field
    def column(self) -> int | None:
        """The column of the line, from 1."""
        return self.data.place.column if self.data.place else None

    @doc_field
    def cell(self) -> str | None:
        """The sheet and cell, such as `targets!B7`."""
        return self.data.place.cell if self.data.place else None

    @doc_field
    def revision(self) -> int:
        """The revision that wrote it."""
        return self.data.revision

    @doc_field
    def actor(self) -> str | None:
        """Who wrote it."""
        return self.data.actor or None


def provenance_of(found: Iterable[facts.Fact]) -> list[Provenance]:
    """The provenance of facts, in their order."""
    return [Provenance(data=fact) for fact in found]
