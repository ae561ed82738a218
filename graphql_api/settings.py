"""What the API may be told: a plain value, so that a test needs no environment."""

from dataclasses import dataclass, field
from datetime import date, tzinfo
from zoneinfo import ZoneInfo

KIBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask for; a refusal says the limit and what was asked.

    Attributes:
        body: bytes of a request's body.
        import_body: bytes of a body whose only operation is `importSource`.
        tokens: lexical tokens of a document.
        depth: nested fields, leaves included.
        introspection_depth: the same beneath `__schema` and `__type`.
        aliases: aliased fields, fragments expanded.
        root_fields: fields of the operation itself.
        directives: directives in use, fragments expanded.
        fields: fields, fragments expanded.
        pairs: pairs of sibling fields that answer under one name, which validation compares.
        objects: the product of page sizes, summed over all lists.
        query_seconds: how long a query may take.
        mutation_seconds: how long a mutation may take.
    """

    body: int = 256 * KIBIBYTE
    import_body: int = 8 * KIBIBYTE * KIBIBYTE
    tokens: int = 5000
    depth: int = 15
    introspection_depth: int = 20
    aliases: int = 30
    root_fields: int = 20
    directives: int = 20
    fields: int = 2000
    pairs: int = 10_000
    objects: int = 20_000
    query_seconds: float = 10.0
    mutation_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """How the API is served.

    Attributes:
        at: the date that a view is about when a query names none; None is today in `timezone`.
        timezone: where "today" and the date of an `asOf` are read.
        actor: who writes when nobody is authenticated.
        cors_origins: origins whose pages may call the API.
        poll_seconds: how often the store is asked for a newer revision.
        store_seconds: how long a write waits for the store before it counts as unavailable.
        threads: how many queries run at once.
        limits: what one request may ask for.
    """

    at: date | None = None
    timezone: tzinfo = ZoneInfo("UTC")
    actor: str = "anonymous"
    cors_origins: tuple[str, ...] = ()
    poll_seconds: float = 1.0
    store_seconds: float = 12.0
    threads: int = 4
    limits: Limits = field(default_factory=Limits)
