"""From a request's text to a document that may be executed: guarded, parsed and validated once, then remembered."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    MaxIntrospectionDepthRule,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError

from graphql_api import guard
from graphql_api.errors import RequestError, TooComplex, request_errors, shown
from graphql_api.settings import Limits
from topology.errors import UnderpinError

_ENTRIES = 500
_CHARACTERS = 4_000_000
_COMPARISONS = 250_000
"""Where the library ends comparing fields; the guard refuses sooner."""
# The guard has limits of its own for introspection, which say their numbers.
_RULES = tuple(rule for rule in specified_rules if rule is not MaxIntrospectionDepthRule)


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document. `sizes_vary` says that the guard has to look at each request's variables again."""

    ast: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    sizes_vary: bool

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run.

        Raises:
            RequestError: there is none of that name, or several and no name.
        """
        if name is None and len(self.operations) == 1:
            return self.operations[0]
        found = [item for item in self.operations if name is not None and item.name and item.name.value == name]
        if found:
            return found[0]
        if name is not None:
            message = f'Unknown operation named "{name[:100]}".'
        elif self.operations:
            message = "The document has several operations; say which with operationName."
        else:
            message = "The document has no operation."
        raise request_errors([GraphQLError(message)], "BAD_USER_INPUT")


class Documents:
    """The documents of one schema, the most recently used remembered by their text."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()

    def get(self, text: str, variables: guard.Variables) -> Document:
        """The document that `text` is, if these variables may be used with it.

        Raises:
            RequestError: it is refused, cannot be parsed, or is not valid.
        """
        with self._lock:
            known = self._known.get(text)
            if known is not None:
                self._known.move_to_end(text)
        if known is None:
            known = self._made(text, variables)
            self._remember(text, known)
        elif known.sizes_vary:
            self._guarded(known.ast, variables)
        return known

    def _made(self, text: str, variables: guard.Variables) -> Document:
        try:
            guard.scan(text, self._limits)
            ast = parse(text, no_location=False)
        except UnderpinError as error:
            raise RequestError([shown(error)]) from error
        except GraphQLError as error:
            raise request_errors([error], "GRAPHQL_PARSE_FAILED") from error
        except RecursionError as error:
            raise RequestError([shown(TooComplex("levels", self._limits.depth, self._limits.depth + 1))]) from error
        self._guarded(ast, variables)
        errors = validate(self._schema, ast, _RULES)
        # The library's word for "too much" says neither the limit nor the ask.
        told = [error for error in errors if not isinstance(error, ValidationAbortedError)]
        if told:
            raise request_errors(told, "GRAPHQL_VALIDATION_FAILED")
        if errors:
            raise RequestError([shown(TooComplex("comparisons of fields", _COMPARISONS, _COMPARISONS + 1))])
        operations = tuple(node for node in ast.definitions if isinstance(node, OperationDefinitionNode))
        return Document(ast, operations, guard.sizes_vary(ast))

    def _guarded(self, ast: DocumentNode, variables: guard.Variables) -> None:
        try:
            guard.check(self._schema, ast, self._limits, variables)
        except UnderpinError as error:
            raise RequestError([shown(error)]) from error

    def _remember(self, text: str, document: Document) -> None:
        with self._lock:
            if text not in self._known:
                self._characters += len(text)
            self._known[text] = document
            while len(self._known) > _ENTRIES or self._characters > _CHARACTERS:
                oldest, _ = self._known.popitem(last=False)
                self._characters -= len(oldest)


def is_query(operation: OperationDefinitionNode) -> bool:
    """Whether an operation only reads."""
    return operation.operation is OperationType.QUERY
