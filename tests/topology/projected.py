"""The labelled graph as it stands in Neo4j, and as it should: to be compared."""

from neo4j import Session

from tests.neo4j_server.server import Neo4jAddress
from topology.neo4j_graph import Graph, Node, Properties, Relationship, graph_of
from topology.neo4j_projection import NODES, RELATIONSHIPS
from topology.snapshot import Snapshot


def shown(snapshot: Snapshot) -> Graph:
    """What should be there; a property without a value is not there in Neo4j."""
    graph = graph_of(snapshot)
    nodes = {node: (label, _stated(properties)) for node, (label, properties) in graph.nodes.items()}
    return Graph(nodes, {edge: _stated(properties) for edge, properties in graph.relationships.items()})


def projected_graph(address: Neo4jAddress) -> Graph:
    """What is there."""
    graph = Graph()
    with address.driver() as driver, driver.session(database="neo4j", fetch_size=5000) as session:
        for label in NODES:
            _read_nodes(session, graph, label)
        for kind in RELATIONSHIPS:
            _read_relationships(session, graph, kind)
    return graph


def _read_nodes(session: Session, graph: Graph, label: str) -> None:
    unique, kinds = NODES[label]
    for labels, properties in session.run(f"MATCH (n:{label}) RETURN labels(n), properties(n)"):
        [own] = set(labels) - {label}
        assert own in kinds
        graph.nodes[Node(label, properties.pop(unique))] = (own, properties)


def _read_relationships(session: Session, graph: Graph, kind: str) -> None:
    of = RELATIONSHIPS[kind]
    start, end = NODES[of.start][0], NODES[of.end][0]
    query = f"MATCH (a:{of.start})-[r:{kind}]->(b:{of.end}) RETURN a.{start}, collect([b.{end}, properties(r)])"
    for key, ends in session.run(query):
        for other, properties in ends:
            name = properties.pop(of.name) if of.name is not None else ""
            edge = Relationship(kind, key, other, name)
            assert edge not in graph.relationships
            graph.relationships[edge] = properties


def _stated(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if value is not None}
