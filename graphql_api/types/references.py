"""Types that point back to one another, by name; what Python sees of them are the protocols of `views`."""

# ruff: noqa: F821 - the names are looked up in the other modules, when the schema is built

from typing import Annotated, Any

import strawberry

from graphql_api.connections import Connection

_ENTITIES = strawberry.lazy("graphql_api.types.entities")
_PARTIES = strawberry.lazy("graphql_api.types.parties")

ENTITY: Any = Annotated["Entity", _ENTITIES]
TRANSACTION: Any = Annotated["BusinessTransaction", _ENTITIES]
SERVICE: Any = Annotated["Service", _ENTITIES]
EXTERNAL: Any = Annotated["External", _ENTITIES]
PARTY: Any = Annotated["Party", _PARTIES]
COMPANY: Any = Annotated["Company", _PARTIES]
TEAM: Any = Annotated["Team", _PARTIES]
VENDOR: Any = Annotated["Vendor", _PARTIES]
CUSTOMER: Any = Annotated["Customer", _PARTIES]
AGREEMENT: Any = Annotated["Agreement", strawberry.lazy("graphql_api.types.agreements")]
COMMITMENT: Any = Annotated["Commitment", strawberry.lazy("graphql_api.types.commitments")]
FINDING: Any = Annotated["Finding", strawberry.lazy("graphql_api.types.findings")]

ENTITIES: Any = Connection[ENTITY]
TRANSACTIONS: Any = Connection[TRANSACTION]
SERVICES: Any = Connection[SERVICE]
EXTERNALS: Any = Connection[EXTERNAL]
VENDORS: Any = Connection[VENDOR]
AGREEMENTS: Any = Connection[AGREEMENT]
COMMITMENTS: Any = Connection[COMMITMENT]
FINDINGS: Any = Connection[FINDING]


Listed = Connection[Any]
"""A page, as Python sees it."""
