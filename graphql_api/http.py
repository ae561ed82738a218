"""GraphQL over HTTP: media types, statuses, bodies and their sizes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import orjson
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graphql_api.errors import LOG, BadRequest, internal, shown
from graphql_api.execution import Answer, Executor, GraphQLRequest
from graphql_api.page import page_response, wants_page
from graphql_api.settings import Limits

MODERN = "application/graphql-response+json"
LEGACY = "application/json"
ALLOWED = {"Allow": "GET, POST, OPTIONS"}
PREFLIGHT = (
    "graphql-require-preflight",
    "apollo-require-preflight",
    "x-apollo-operation-name",
    "x-requested-with",
    "authorization",
)
"""Headers that no page of another origin can send unasked; a GET needs one of them, or a JSON content type."""
_DRAINED = 32 * 1024 * 1024
_DRAIN_SECONDS = 5.0
"""How much of a body that is too large is read and thrown away, and for how long."""
_UTF8 = frozenset({"utf-8", "utf8"})
_CHARSET = re.compile(r'charset\s*=\s*"?([^\s;"]+)"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """Everything that is served at /graphql."""

    executor: Executor
    limits: Limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        response = await self._answered(Request(scope, receive))
        await response(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        if request.method in ("GET", "HEAD") and wants_page(request.headers):
            return page_response()
        media = _negotiated(request.headers.get("accept"))
        if media is None:
            refused = BadRequest(406, f"This answers in {MODERN} or {LEGACY}.")
            return _json({"errors": [shown(refused)]}, LEGACY, refused.status)
        try:
            asked = await self._asked(request)
            answer = await self.executor.answer(asked)
        except BadRequest as error:
            return _json({"errors": [shown(error)]}, media, error.status, error.headers)
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception:  # noqa: BLE001 - whatever it is, the client learns nothing of it and the log everything
            request_id = request.state.request_id
            LOG.exception("request %s failed", request_id, extra={"request_id": request_id})
            return _json({"errors": [internal()]}, media, 500)
        return _json(answer.body(), media, _status(answer, media))

    async def _asked(self, request: Request) -> GraphQLRequest:
        if request.method == "GET":
            return self._of_url(request)
        if request.method != "POST":
            raise BadRequest(405, "This is asked with GET or POST.", ALLOWED)
        _check_content(request.headers)
        body = await self._body(request)
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadRequest(400, "The body is not JSON in UTF-8.") from error
        if not isinstance(said, dict):
            raise BadRequest(400, "The body is a JSON object with the member query; batches are not served.")
        return _request(said, request.state.request_id, size=len(body))

    def _of_url(self, request: Request) -> GraphQLRequest:
        json_type = (request.headers.get("content-type") or "").partition(";")[0].strip().lower() == LEGACY
        if not json_type and not any(name in request.headers for name in PREFLIGHT):
            raise BadRequest(400, f"A GET needs the header {PREFLIGHT[0]}, with any value; or use POST.")
        if len(request.url.query) > self.limits.body:
            raise BadRequest(413, f"The address is longer than {self.limits.body} bytes.")
        said: dict[str, object] = dict(request.query_params)
        for name in ("variables", "extensions"):
            text = said.get(name)
            if isinstance(text, str):
                try:
                    said[name] = orjson.loads(text) if text else None
                except orjson.JSONDecodeError as error:
                    raise BadRequest(400, f"{name} is not JSON.") from error
        if said.get("operationName") == "":
            said["operationName"] = None
        return _request(said, request.state.request_id, read_only=True)

    async def _body(self, request: Request) -> bytes:
        """The body, if it is not too large; what says how large it may be is read after it, so a client cannot lie."""
        limit = self.limits.import_body
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared[:20]) > limit:
            await _drain(request)
            raise BadRequest(413, f"The body has {declared[:20]} bytes; the limit is {limit}.", {"Connection": "close"})
        parts: list[bytes] = []
        size = 0
        async for part in request.stream():
            size += len(part)
            if size > limit:
                await _drain(request)
                raise BadRequest(413, f"The body is larger than {limit} bytes.", {"Connection": "close"})
            parts.append(part)
        body = b"".join(parts)
        if size > self.limits.body and b"importSource" not in body:
            raise BadRequest(413, f"The body has {size} bytes; the limit is {self.limits.body}.")
        return body


async def _drain(request: Request) -> None:
    """Read on for a while: a client that is still sending would never see why it was refused."""
    left = _DRAINED
    with anyio.move_on_after(_DRAIN_SECONDS):
        while left > 0:
            message = await request.receive()
            left -= len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body", False):
                return


def _request(said: Mapping[str, object], request_id: str, *, read_only: bool = False, size: int = 0) -> GraphQLRequest:
    query, name = said.get("query"), said.get("operationName")
    variables, extensions = said.get("variables"), said.get("extensions")
    if not isinstance(query, str):
        raise BadRequest(400, "The member query is missing, or not a string.")
    if name is not None and not isinstance(name, str):
        raise BadRequest(400, "operationName is not a string.")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(400, "variables is not an object.")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest(400, "extensions is not an object.")
    return GraphQLRequest(query, name, variables or {}, request_id, read_only, size)


def _check_content(headers: Headers) -> None:
    kind, _, parameters = (headers.get("content-type") or "").partition(";")
    if kind.strip().lower() != LEGACY:
        raise BadRequest(415, f"The body must be {LEGACY}.", {"Accept": LEGACY})
    charset = _CHARSET.search(parameters)
    if charset is not None and charset[1].lower() not in _UTF8:
        raise BadRequest(415, "The body must be in UTF-8.")
    if headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise BadRequest(415, "The body must not be compressed.")


def _negotiated(accept: str | None) -> str | None:
    """The media type that the client likes best; without a wish, or with any, the one that old clients know."""
    if accept is None or not accept.strip():
        return LEGACY
    best: tuple[float, str] | None = None
    for part in accept.split(",")[:50]:
        kind, _, parameters = part.partition(";")
        name = kind.strip().lower()
        offered = name if name in (MODERN, LEGACY) else LEGACY if name in ("*/*", "application/*") else None
        quality = _quality(parameters)
        if offered is not None and quality > 0 and (best is None or quality > best[0]):
            best = (quality, offered)
    return None if best is None else best[1]


def _quality(parameters: str) -> float:
    for part in parameters.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value.strip())
            except ValueError:
                return 0.0
    return 1.0


def _status(answer: Answer, media: str) -> int:
    return 400 if not answer.executed and media == MODERN else 200


def _json(body: Mapping[str, Any], media: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, f"{media}; charset=utf-8")
