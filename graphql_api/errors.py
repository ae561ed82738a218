"""Where exceptions become GraphQL errors: the codes that clients see, and nothing else of what went wrong inside."""

import logging
from collections.abc import Iterable, Mapping

from graphql import GraphQLError, GraphQLSyntaxError

from topology.errors import BadInput, Issue, UnderpinError

LOG = logging.getLogger("graphql_api")
INTERNAL = "Internal error."
Extensions = dict[str, object]
Formatted = dict[str, object]


class TooComplex(UnderpinError):
    """A query asks for more than one request may."""

    code = "QUERY_TOO_COMPLEX"

    def __init__(self, what: str, limit: int, asked: int) -> None:
        super().__init__(f"The query asks for {asked} {what}; the limit is {limit}.")


class CyclicFragments(UnderpinError):
    """Fragments spread one another in a circle; said here because a walk over them must not begin."""

    code = "GRAPHQL_VALIDATION_FAILED"

    def __init__(self, name: str) -> None:
        super().__init__(f"Cannot spread fragment '{name}' within itself.")


class BadRequest(UnderpinError):
    """A request that is not one of GraphQL; `status` is what HTTP calls it."""

    code = "BAD_REQUEST"

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})


class RequestError(Exception):
    """A GraphQL request error: nothing was executed, the answer has no `data`."""

    def __init__(self, errors: list[Formatted]) -> None:
        super().__init__("request error")
        self.errors = errors


def bad_input(code: str, message: str, *path: str) -> BadInput:
    """An argument that cannot be used, as an error in place."""
    return BadInput((Issue(code, message, path),))


def shown(error: UnderpinError) -> Formatted:
    """An expected failure, for a client."""
    extensions: Extensions = {"code": error.code}
    if error.issues:
        extensions["issues"] = [{"path": list(i.path), "code": i.code, "message": i.message} for i in error.issues]
    return {"message": str(error), "extensions": extensions}


def request_errors(errors: Iterable[GraphQLError], code: str) -> RequestError:
    """Errors of parsing, validation or variables, under one code."""
    found: list[Formatted] = []
    for error in errors:
        kind = "GRAPHQL_PARSE_FAILED" if isinstance(error, GraphQLSyntaxError) else code
        found.append(_located(error, {"message": error.message, "extensions": {"code": kind}}))
    return RequestError(found)


def field_error(error: GraphQLError, request_id: str) -> Formatted:
    """An error of execution: expected failures say what they are; a bug says nothing, and the log has it.

    Args:
        error: as the library located it.
        request_id: what the client was told, by which the log entry is found.
    """
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, UnderpinError):
        return _located(error, shown(cause))
    if _is_argument(error, cause):
        return _located(error, {"message": error.message, "extensions": {"code": "BAD_USER_INPUT"}})
    known = {"request_id": request_id}
    LOG.error("request %s: error in %s", request_id, _path(error), exc_info=cause or error, extra=known)
    return _located(error, internal())


def internal() -> Formatted:
    """What a client sees of a bug."""
    return {"message": INTERNAL, "extensions": {"code": "INTERNAL_SERVER_ERROR"}}


def _is_argument(error: GraphQLError, cause: Exception | None) -> bool:
    """Whether the library refused an argument's value while executing; only variables in odd places get so far."""
    if cause is not None and not isinstance(cause, GraphQLError):
        return False
    return any(node.kind not in {"field", "operation_definition"} for node in error.nodes or ())


def _path(error: GraphQLError) -> str:
    return ".".join(map(str, error.path or ())) or "the request"


def _located(error: GraphQLError, formatted: Formatted) -> Formatted:
    if error.locations:
        formatted["locations"] = [{"line": spot.line, "column": spot.column} for spot in error.locations]
    if error.path is not None:
        formatted["path"] = list(error.path)
    return formatted
