"""The GraphQL types, one module an area."""
