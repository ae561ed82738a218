"""Prints the schema: `python -m graphql_api.sdl > graphql_api/schema.graphql`."""

import sys

from graphql import build_schema, lexicographic_sort_schema, print_schema

from graphql_api.schema import SCHEMA


def sdl() -> str:
    """The schema definition, sorted. By way of its text: sorting the schema object directly drops @oneOf."""
    return print_schema(lexicographic_sort_schema(build_schema(SCHEMA.as_str()))) + "\n"


if __name__ == "__main__":
    sys.stdout.write(sdl())
