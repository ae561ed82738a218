"""The GraphQL API: views of results over HTTP."""
