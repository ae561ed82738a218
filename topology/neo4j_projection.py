"""From one graph to the next: static Cypher and rows, in batches that may be run again. Pure; the store runs them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from topology.neo4j_graph import (
    AGREEMENT_LABELS,
    ENTITY_LABELS,
    PARTY_LABELS,
    Graph,
    Properties,
    Value,
    add_agreements,
    add_entities,
    add_parties,
    sweeping,
)
from topology.snapshot import EMPTY, Snapshot

K = TypeVar("K")
V = TypeVar("V")
Row = dict[str, Value | Properties]
BATCH_ROWS: Final = 5000
NODES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "Entity": ("key", tuple(ENTITY_LABELS.values())),
    "Party": ("key", tuple(PARTY_LABELS.values())),
    "Agreement": ("id", tuple(AGREEMENT_LABELS.values())),
}
"""The common labels, each with its unique property and the labels that tell the kinds apart."""


class _Type(NamedTuple):
    """A type of relationship: the common labels of its ends, and the property that tells parallel ones apart."""

    start: str
    end: str
    name: str | None = None


RELATIONSHIPS: Final[Mapping[str, _Type]] = {
    "PART_OF": _Type("Party", "Party"),
    "OWNS": _Type("Party", "Entity"),
    "PROVIDES": _Type("Party", "Entity"),
    "REQUIRES": _Type("Entity", "Entity", "group"),
    "DEGRADED_BY": _Type("Entity", "Entity"),
    "PROMISES": _Type("Party", "Agreement"),
    "TO": _Type("Agreement", "Party"),
    "COVERS": _Type("Agreement", "Entity", "promise"),
    "SUPERSEDES": _Type("Agreement", "Agreement"),
}


@dataclass(frozen=True, slots=True)
class Batch:
    """One query over some rows.

    `every` asks that each row finds what it refers to. Without rows the query deletes up to `BATCH_ROWS` nodes, and is
    to be run until it finds no more.
    """

    query: str
    rows: tuple[Row, ...] = ()
    every: bool = False


def _put_node(label: str, own: str) -> str:
    unique, kinds = NODES[label]
    others = ":".join(kind for kind in kinds if kind != own)
    return (
        f"UNWIND $rows AS row MERGE (n:{label} {{{unique}: row.key}}) "
        f"SET n:{own}, n += row.properties REMOVE n:{others} RETURN count(*) AS found"
    )


def _ends(kind: _Type) -> str:
    start, end = NODES[kind.start][0], NODES[kind.end][0]
    return f"UNWIND $rows AS row MATCH (a:{kind.start} {{{start}: row.start}}) MATCH (b:{kind.end} {{{end}: row.end}}) "


def _named(kind: _Type) -> str:
    return "" if kind.name is None else f" {{{kind.name}: row.name}}"


PUT_NODES: Final = {(label, own): _put_node(label, own) for label, (_, kinds) in NODES.items() for own in kinds}
DELETE_NODES: Final = {
    label: f"UNWIND $rows AS row MATCH (n:{label} {{{unique}: row.key}}) DETACH DELETE n RETURN count(*) AS found"
    for label, (unique, _) in NODES.items()
}
PUT_RELATIONSHIPS: Final = {
    name: f"{_ends(kind)}MERGE (a)-[r:{name}{_named(kind)}]->(b) SET r += row.properties RETURN count(*) AS found"
    for name, kind in RELATIONSHIPS.items()
}
DELETE_RELATIONSHIPS: Final = {
    name: f"{_ends(kind)}MATCH (a)-[r:{name}{_named(kind)}]->(b) DELETE r RETURN count(*) AS found"
    for name, kind in RELATIONSHIPS.items()
}
CLEAR: Final = {
    label: f"MATCH (n:{label}) WITH n LIMIT {BATCH_ROWS} DETACH DELETE n RETURN count(*) AS found" for label in NODES
}
"""Empties the graph where it is made anew; the only queries that do not begin with a unique key."""


def steps(before: Snapshot, after: Snapshot) -> tuple[Batch, ...]:
    """What makes the graph of `after` from that of `before`, in the same order whoever asks.

    Each step may be run again; a relationship that was pointed elsewhere goes before its successor comes.

    Cost: the subjects that differ, plus one comparison of identity for each that does not.
    """
    old, new = Graph(), Graph()
    parties = _differing(before.parties, after.parties)
    entities = _differing(before.entities, after.entities)
    born_or_gone = [key for key in entities if (key in before.entities) != (key in after.entities)]
    entities |= _differing(before.groups, after.groups) | _differing(before.degradations, after.degradations)
    for key in born_or_gone:
        entities |= dict.fromkeys((*before.required_by.get(key, ()), *after.required_by.get(key, ())))
    agreements = _differing(before.agreements, after.agreements)
    agreements |= {key: None for key, _ in _differing(before.targets, after.targets)}
    if entities:
        agreements |= dict.fromkeys((*sweeping(before), *sweeping(after)))
    for found, snapshot in ((old, before), (new, after)):
        add_parties(found, snapshot, parties)
        add_entities(found, snapshot, entities)
        add_agreements(found, snapshot, agreements)
    return tuple(_steps(old, new))


def first_steps(after: Snapshot) -> tuple[Batch, ...]:
    """What makes the graph of `after` whatever was there before."""
    return (*(Batch(query) for query in CLEAR.values()), *steps(EMPTY, after))


def _steps(old: Graph, new: Graph) -> Iterator[Batch]:
    yield from _deletions(old, new)
    nodes: dict[tuple[str, str], list[Row]] = {}
    for node, (own, properties) in new.nodes.items():
        if old.nodes.get(node) != (own, properties):
            nodes.setdefault((node.label, own), []).append({"key": node.key, "properties": properties})
    for labels, rows in nodes.items():
        yield from _batches(PUT_NODES[labels], rows, every=True)
    edges: dict[str, list[Row]] = {}
    for edge, properties in new.relationships.items():
        if old.relationships.get(edge) != properties:
            row: Row = {"start": edge.start, "end": edge.end, "name": edge.name, "properties": properties}
            edges.setdefault(edge.type, []).append(row)
    for kind, rows in edges.items():
        yield from _batches(PUT_RELATIONSHIPS[kind], rows, every=True)


def _deletions(old: Graph, new: Graph) -> Iterator[Batch]:
    edges: dict[str, list[Row]] = {}
    for edge in old.relationships:
        if edge not in new.relationships:
            edges.setdefault(edge.type, []).append({"start": edge.start, "end": edge.end, "name": edge.name})
    for kind, rows in edges.items():
        yield from _batches(DELETE_RELATIONSHIPS[kind], rows)
    nodes: dict[str, list[Row]] = {}
    for node in old.nodes:
        if node not in new.nodes:
            nodes.setdefault(node.label, []).append({"key": node.key})
    for label, rows in nodes.items():
        yield from _batches(DELETE_NODES[label], rows)


def _differing(before: Mapping[K, V], after: Mapping[K, V]) -> dict[K, None]:
    """The keys whose values differ, in the order of `after`, then of `before`; nearly all are one object in both."""
    found = {key: None for key, value in after.items() if (old := before.get(key)) is not value and old != value}
    found.update((key, None) for key in before if key not in after)
    return found


def _batches(query: str, rows: list[Row], *, every: bool = False) -> Iterator[Batch]:
    for start in range(0, len(rows), BATCH_ROWS):
        yield Batch(query, tuple(rows[start : start + BATCH_ROWS]), every)
