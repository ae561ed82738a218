"""The window of time that an answer is about."""

from datetime import datetime
from decimal import Decimal

import strawberry

from graphql_api.fields import doc_field, doc_type
from risk import results
from topology import model, units


@doc_type
class WindowShown:
    """The stretch of time that a headroom is about."""

    data: strawberry.Private[results.WindowShown]

    @doc_field
    def kind(self) -> model.WindowKind:
        """What kind of window it is."""
        return self.data.kind

    @doc_field(name="from")
    def from_(self) -> datetime:
        """When it begins."""
        return self.data.start

    @doc_field
    def to(self) -> datetime:
        """When it ends; this moment is not in it."""
        return self.data.end

    @doc_field
    def time_zone(self) -> str:
        """The IANA zone whose calendar it follows."""
        return self.data.timezone

    @doc_field
    def service_minutes(self) -> Decimal:
        """How many of its minutes count."""
        return units.minutes(self.data.service_minutes)
