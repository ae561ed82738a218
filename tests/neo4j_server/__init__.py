"""A real Neo4j server for tests and benchmarks, from Maven Central, without Docker."""
