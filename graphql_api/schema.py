"""The schema: what can be asked, built once."""

import strawberry
from graphql import GraphQLSchema, is_input_object_type
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition, StrawberryType

from graphql_api.mutations import Mutation
from graphql_api.queries import Query
from graphql_api.scalars import SCALARS
from graphql_api.types.entities import BusinessTransaction, External, Service
from graphql_api.types.parties import Company, Customer, Team, Vendor
from graphql_api.types.structure import ClosureMember


class _Names(NameConverter):
    """A closure's pages are named after the closure, as the contract has it, and not after its members."""

    def get_name_from_type(self, type_: StrawberryType | type) -> str:
        name = super().get_name_from_type(type_)
        return "Closure" if name == ClosureMember.__name__ else name


SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[BusinessTransaction, Service, External, Company, Team, Vendor, Customer],
    config=StrawberryConfig(name_converter=_Names(), scalar_map=SCALARS),
)


def executable() -> GraphQLSchema:
    """The schema as the execution engine wants it.

    Strawberry checks @oneOf inputs as they are executed, where a wrong one looks like a bug; told of them, the engine
    refuses them when it validates the document or coerces its variables.
    """
    schema: GraphQLSchema = SCHEMA._schema  # noqa: SLF001 - strawberry has no public way to it
    for kind in schema.type_map.values():
        definition = kind.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if is_input_object_type(kind) and isinstance(definition, StrawberryObjectDefinition):
            kind.is_one_of = definition.is_one_of
    return schema
