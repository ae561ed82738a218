"""The one guard in front of validation: linear in the document, whatever nested fragment spreads it holds.

The library's own limiters walk every path through fragments, so they are exponential where this one is not: what a
fragment costs is worked out once, and used wherever it is spread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    Lexer,
    ListValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    Source,
    TokenKind,
    TypeMetaFieldDef,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    introspection_types,
    is_interface_type,
    is_list_type,
    is_object_type,
)

from graphql_api.errors import CyclicFragments, TooComplex
from graphql_api.merging import pairs_of
from graphql_api.settings import Limits

PAGE = 25
"""How many a connection gives where nobody says."""
MAX_PAGE = 100
"""The most that a connection gives."""
_CAP = 1_000_000_000
_NESTING = 150
_WORD = 200
_OPENING = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
_CLOSING = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})
_WORDS = frozenset({TokenKind.NAME, TokenKind.INT, TokenKind.FLOAT})
_SIZES = ("first", "last", "limit")
_META: Mapping[str, GraphQLField] = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
_INTROSPECTION = frozenset(_META)
_INTROSPECTED = tuple(introspection_types.values())
_MEMBERS = 6
"""How many fields, arguments or values a type has, about; lists of them within one another multiply."""
Variables = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a selection set comes to with its fragments expanded; `width` is its own fields."""

    width: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    objects: int = 0
    depth: int = 0
    introspection: int = 0

    def beside(self, other: "_Cost") -> "_Cost":
        return _Cost(
            min(self.width + other.width, _CAP),
            min(self.fields + other.fields, _CAP),
            min(self.aliases + other.aliases, _CAP),
            min(self.directives + other.directives, _CAP),
            min(self.objects + other.objects, _CAP),
            max(self.depth, other.depth),
            max(self.introspection, other.introspection),
        )


def scan(text: str, limits: Limits) -> None:
    """Refuse a document by its tokens alone, before any parser recurses into it.

    Raises:
        TooComplex: too many tokens, too deep a nest of brackets, or a name or number too long to be one.
        GraphQLSyntaxError: a character that begins no token.
    """
    lexer = Lexer(Source(text))
    tokens = depth = deepest = 0
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        tokens += 1
        if token.kind in _OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif token.kind in _CLOSING:
            depth -= 1
        elif token.kind in _WORDS and token.end - token.start > _WORD:
            raise TooComplex("characters in one name or number", _WORD, token.end - token.start)
    if tokens > limits.tokens:
        raise TooComplex("tokens", limits.tokens, tokens)
    if deepest > _NESTING:
        raise TooComplex("levels of brackets", _NESTING, deepest)


def check(schema: GraphQLSchema, document: DocumentNode, limits: Limits, variables: Variables) -> None:
    """Refuse a document that asks for too much.

    Args:
        schema: what the fields are looked up in; unknown ones are left to validation.
        document: a parsed document that has passed `scan`.
        limits: what is allowed, for each operation.
        variables: the request's variables; page sizes are read from them.

    Raises:
        TooComplex: one of the limits is passed; it says which, and by how much.
        CyclicFragments: fragments spread one another in a circle.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    costs: dict[str, _Cost] = {}
    for name in _innermost_first(fragments):
        fragment = fragments[name]
        parent = schema.get_type(fragment.type_condition.name.value)
        costs[name] = _Measure(schema, costs, variables).selection(fragment.selection_set, parent)
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            defaults = {item.variable.name.value: item.default_value for item in operation.variable_definitions or ()}
            given = {name: _constant(node) for name, node in defaults.items() if node is not None} | dict(variables)
            measure = _Measure(schema, costs, given)
            cost = measure.selection(operation.selection_set, schema.get_root_type(operation.operation))
            _compare(cost, len(operation.directives or ()), limits)
    for cost in costs.values():
        _compare_fields(cost, limits)
    pairs = pairs_of(document, _CAP)
    if pairs > limits.pairs:
        raise TooComplex("pairs of fields with one name (give each once)", limits.pairs, pairs)


def sizes_vary(document: DocumentNode) -> bool:
    """Whether the cost of a document depends on the request's variables."""
    return any(_has_sized_variable(node) for node in _fields(document))


def _compare_fields(cost: _Cost, limits: Limits) -> None:
    """A fragment that nothing spreads is validated all the same."""
    if cost.fields > limits.fields:
        raise TooComplex("fields with fragments expanded", limits.fields, cost.fields)


def _compare(cost: _Cost, directives: int, limits: Limits) -> None:
    asked = (
        ("levels of fields", limits.depth, cost.depth),
        ("levels of introspection", limits.introspection_depth, cost.introspection),
        ("aliases", limits.aliases, cost.aliases),
        ("fields at the root", limits.root_fields, cost.width),
        ("directives", limits.directives, cost.directives + directives),
        ("fields with fragments expanded", limits.fields, cost.fields),
        ("objects (the product of page sizes)", limits.objects, cost.objects),
    )
    for what, limit, ask in asked:
        if ask > limit:
            raise TooComplex(what, limit, ask)


def _innermost_first(fragments: Mapping[str, FragmentDefinitionNode]) -> list[str]:
    """The fragments, each after those that it spreads; an explicit stack: a chain may be as long as the document."""
    spreads = {name: _spread_names(node.selection_set) for name, node in fragments.items()}
    done: dict[str, None] = {}
    for start in fragments:
        path: list[tuple[str, Iterator[str]]] = [(start, iter(spreads[start]))] if start not in done else []
        open_names = {start}
        while path:
            name, rest = path[-1]
            inner = next((item for item in rest if item in spreads and item not in done), None)
            if inner is None:
                path.pop()
                open_names.discard(name)
                done[name] = None
            elif inner in open_names:
                raise CyclicFragments(inner)
            else:
                path.append((inner, iter(spreads[inner])))
                open_names.add(inner)
    return list(done)


def _spread_names(selections: SelectionSetNode) -> list[str]:
    return [node.name.value for node in _nodes(selections) if isinstance(node, FragmentSpreadNode)]


def _fields(document: DocumentNode) -> Iterator[FieldNode]:
    for definition in document.definitions:
        if isinstance(definition, (OperationDefinitionNode, FragmentDefinitionNode)):
            yield from (node for node in _nodes(definition.selection_set) if isinstance(node, FieldNode))


def _nodes(selections: SelectionSetNode) -> Iterator[object]:
    waiting = [selections]
    while waiting:
        for node in waiting.pop().selections:
            yield node
            inner = getattr(node, "selection_set", None)
            if inner is not None:
                waiting.append(inner)


def _has_sized_variable(node: FieldNode) -> bool:
    return any(
        isinstance(argument.value, VariableNode) and argument.name.value in (*_SIZES, "ids")
        for argument in node.arguments or ()
    )


class _Measure:
    """One walk over selection sets; nesting is bounded by `scan`, so it may recurse."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, _Cost], variables: Variables) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def selection(self, selections: SelectionSetNode, parent: object) -> _Cost:
        total = _Cost()
        for node in selections.selections:
            directives = _Cost(directives=len(node.directives or ()))
            if isinstance(node, FieldNode):
                cost = self._field(node, parent)
            elif isinstance(node, FragmentSpreadNode):
                cost = self._fragments.get(node.name.value, _Cost())
            else:
                assert isinstance(node, InlineFragmentNode)
                condition = node.type_condition
                inner = parent if condition is None else self._schema.get_type(condition.name.value)
                cost = self.selection(node.selection_set, inner)
            total = total.beside(directives).beside(cost)
        return total

    def _field(self, node: FieldNode, parent: object) -> _Cost:
        name = node.name.value
        definition = parent.fields.get(name) if is_object_type(parent) or is_interface_type(parent) else None
        definition = _META.get(name, definition)
        result = None if definition is None else get_named_type(definition.type)
        size = None if definition is None else self._size(node, definition.args, result, parent, definition.type)
        inner = _Cost() if node.selection_set is None else self.selection(node.selection_set, result)
        below = max(inner.depth, inner.introspection)
        hidden = name in _INTROSPECTION
        return _Cost(
            width=1,
            fields=min(inner.fields + 1, _CAP),
            aliases=inner.aliases + (node.alias is not None),
            directives=inner.directives,
            objects=min(inner.objects if size is None else size * (inner.objects + 1), _CAP),
            depth=0 if hidden else below + 1,
            introspection=below + 1 if hidden else 0,
        )

    def _size(
        self, node: FieldNode, known: Mapping[str, object], result: object, parent: object, listed: GraphQLOutputType
    ) -> int | None:
        """How many objects a list gives: a page, a stated limit, as many as ids are named; None where it is no list."""
        if parent in _INTROSPECTED and is_list_type(get_nullable_type(listed)):
            return len(self._schema.type_map) if node.name.value == "types" else _MEMBERS
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if "ids" in known:
            ids = self._value(given.get("ids"))
            return len(ids) if isinstance(ids, list) else None
        for name in _SIZES:
            size = self._value(given.get(name))
            if name in known and isinstance(size, int):
                return max(min(size, MAX_PAGE if is_connection(result) else _CAP), 0)
        return PAGE if is_connection(result) else None

    def _value(self, node: ValueNode | None) -> object:
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value)
        return None if node is None else _constant(node)


def _constant(node: ValueNode) -> object:
    """What of a literal matters here: an integer, or a list by its length."""
    if isinstance(node, IntValueNode):
        return int(node.value) if len(node.value) < 20 else _CAP
    return list(node.values) if isinstance(node, ListValueNode) else None


def is_connection(kind: object) -> bool:
    """Whether a type is one of the Relay connections."""
    return isinstance(kind, GraphQLObjectType) and kind.name.endswith("Connection")
