"""How much work it is to see whether fields of one name can be merged: what makes validation quadratic.

Validation compares each pair of sibling fields that answer under one name, and what lies beneath the two as well. The
pairs are counted here without looking at any, by merging the selections level by level, each fragment once a level.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

_SPREADS = "..."
"""Spreads are compared with one another as fields of one name are; no field is called so."""


def pairs_of(document: DocumentNode, most: int) -> int:
    """How many pairs of selections validation would compare; above `most` the count ends.

    Args:
        document: without cycles of fragments, and with few fields when fragments are expanded.
        most: where counting may end.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    pairs = 0
    seen: set[str] = set()
    for definition in (*operations, *fragments.values()):
        if not isinstance(definition, FragmentDefinitionNode) or definition.name.value not in seen:
            levels: list[list[SelectionSetNode]] = [[definition.selection_set]]
            while levels and pairs <= most:
                fields, spreads = _merged(levels.pop(), fragments, seen)
                counts = Counter({name: len(nodes) for name, nodes in fields.items()})
                counts[_SPREADS] = spreads
                pairs += sum(count * (count - 1) // 2 for count in counts.values())
                levels += _below(fields.values())
    return pairs


def _below(fields: Iterable[list[FieldNode]]) -> list[list[SelectionSetNode]]:
    inner = ([node.selection_set for node in nodes if node.selection_set is not None] for nodes in fields)
    return [sets for sets in inner if sets]


def _merged(
    sets: list[SelectionSetNode], fragments: Mapping[str, FragmentDefinitionNode], seen: set[str]
) -> tuple[dict[str, list[FieldNode]], int]:
    """The fields of one level by the name that they answer under, and how many spreads led to them.

    `seen` gets the fragments that were entered.
    """
    fields: dict[str, list[FieldNode]] = {}
    entered: set[str] = set()
    spreads = 1
    waiting = list(sets)
    while waiting:
        selections = waiting.pop().selections
        # A chain, each link with one spread, is compared with nothing.
        spreads += max(sum(isinstance(node, FragmentSpreadNode) for node in selections) - 1, 0)
        for node in selections:
            if isinstance(node, FieldNode):
                fields.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in fragments and name not in entered:
                    entered.add(name)
                    waiting.append(fragments[name].selection_set)
            else:
                inner = getattr(node, "selection_set", None)
                if inner is not None:
                    waiting.append(inner)
    seen |= entered
    return fields, spreads
