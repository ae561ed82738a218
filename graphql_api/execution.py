"""From a GraphQL request to its answer: reading in a worker thread over one view, writing on the event loop."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.to_thread
from graphql import ExecutionResult, GraphQLSchema, OperationDefinitionNode, execute, execute_sync

from graphql_api.clock import Clock
from graphql_api.context import Context
from graphql_api.documents import Document, Documents, is_query
from graphql_api.errors import BadRequest, Formatted, RequestError, field_error, request_errors
from graphql_api.graph import Graph
from graphql_api.settings import ApiSettings
from graphql_api.views import Makers

LARGE = frozenset({"importSource"})


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """What a client asks. `read_only` says that it came where nothing may be written; `size` how many bytes it had."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]
    request_id: str
    read_only: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back. Without `executed` it is a request error: there is no data."""

    data: Mapping[str, Any] | None
    errors: tuple[Formatted, ...] = ()
    executed: bool = True

    def body(self) -> dict[str, object]:
        """The JSON of it."""
        found: dict[str, object] = {}
        if self.errors:
            found["errors"] = list(self.errors)
        if self.executed:
            found["data"] = self.data
        return found


@dataclass(frozen=True, slots=True)
class _Prepared:
    document: Document
    operation: OperationDefinitionNode


class Executor:
    """Answers requests on one graph."""

    def __init__(self, schema: GraphQLSchema, graph: Graph, make: Makers, settings: ApiSettings) -> None:
        self._schema = schema
        self._graph = graph
        self._make = make
        self._settings = settings
        self._documents = Documents(schema, settings.limits)
        self._threads: anyio.CapacityLimiter | None = None

    async def answer(self, request: GraphQLRequest) -> Answer:
        """The answer to one request.

        Raises:
            BadRequest: it may not come this way: a mutation by GET, a large body for anything but an import.
        """
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(self._settings.threads)
        started = time.monotonic()
        found = await anyio.to_thread.run_sync(self._read, request, started, limiter=self._threads)
        if isinstance(found, Answer):
            return found
        return await self._write(request, found, started)

    def _read(self, request: GraphQLRequest, started: float) -> Answer | _Prepared:
        """The answer to a query; a mutation is only prepared here."""
        try:
            document = self._documents.get(request.query, request.variables)
            operation = document.operation(request.operation_name)
        except RequestError as error:
            return Answer(None, tuple(error.errors), executed=False)
        limit = self._settings.limits.body
        if request.size > limit and not _is_import(operation):
            message = f"The body has {request.size} bytes; the limit is {limit} for all but importSource alone."
            raise BadRequest(413, message)
        if not is_query(operation):
            if request.read_only:
                raise BadRequest(405, "A mutation needs POST.", {"Allow": "POST"})
            return _Prepared(document, operation)
        context = self._context(request, started, self._settings.limits.query_seconds)
        result = execute_sync(
            self._schema,
            document.ast,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        return _answered(result, context)

    async def _write(self, request: GraphQLRequest, prepared: _Prepared, started: float) -> Answer:
        context = self._context(request, started, self._settings.limits.mutation_seconds)
        result = execute(
            self._schema,
            prepared.document.ast,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
        return _answered(result, context)

    def _context(self, request: GraphQLRequest, started: float, seconds: float) -> Context:
        actor = self._settings.actor
        return Context(self._graph, self._make, request.request_id, actor, Clock(started + seconds, seconds))


def _answered(result: ExecutionResult, context: Context) -> Answer:
    errors = result.errors or []
    if result.data is None and errors and all(error.path is None for error in errors):
        return Answer(None, tuple(request_errors(errors, "BAD_USER_INPUT").errors), executed=False)
    return Answer(result.data, tuple(field_error(error, context.request_id) for error in errors))


def _is_import(operation: OperationDefinitionNode) -> bool:
    selections = operation.selection_set.selections
    names = [getattr(getattr(node, "name", None), "value", None) for node in selections]
    return len(names) == 1 and names[0] in LARGE
