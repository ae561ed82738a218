"""The application: routes, the graph that it follows, and what happens when it starts and stops."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import anyio
import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from graphql_api.execution import Executor
from graphql_api.graph import Graph
from graphql_api.http import PREFLIGHT, GraphQLEndpoint
from graphql_api.middleware import RequestIds
from graphql_api.page import ASSETS, STATIC_PATH
from graphql_api.schema import executable
from graphql_api.settings import ApiSettings
from graphql_api.types.making import NodeMaker
from topology.store import GraphStore


def create_app(store: GraphStore, settings: ApiSettings) -> Starlette:
    """The API over one store; it opens the store when it starts and closes it when it stops.

    Args:
        store: not opened yet.
        settings: how to serve.
    """
    graph = Graph(store, settings)
    executor = Executor(executable(), graph, NodeMaker(), settings)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            await graph.open()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(graph.follow)
                yield
                tasks.cancel_scope.cancel()
        finally:
            await store.close()

    async def readyz(_request: Request) -> Response:
        return _ready(graph)

    routes = [
        Route("/", _front),
        Route("/graphql", GraphQLEndpoint(executor, settings.limits)),
        Route("/healthz", _healthz),
        Route("/readyz", readyz),
        Mount(STATIC_PATH, StaticFiles(directory=ASSETS, check_dir=False)),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(RequestIds), _cors(settings)],
        exception_handlers={HTTPException: _not_served},
        lifespan=lifespan,
    )


def _cors(settings: ApiSettings) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["content-type", "x-request-id", *PREFLIGHT],
        expose_headers=["x-request-id"],
    )


async def _front(_request: Request) -> Response:
    return RedirectResponse("/graphql", 307)


async def _healthz(_request: Request) -> Response:
    return _json({"status": "ok"}, 200)


async def _not_served(_request: Request, error: Exception) -> Response:
    """An address or method that nothing is served at, in the same form as every other error."""
    assert isinstance(error, HTTPException)
    code = "NOT_FOUND" if error.status_code == 404 else "BAD_REQUEST"
    body = {"errors": [{"message": error.detail, "extensions": {"code": code}}]}
    return Response(orjson.dumps(body), error.status_code, error.headers, "application/json")


def _ready(graph: Graph) -> Response:
    """Ready once there is something to answer from; the store's state is told, and does not decide."""
    fresh, newest = graph.freshness(), graph.newest
    body = {
        "store": "reachable" if fresh.reachable else "unreachable",
        "revision": None if newest is None else newest.snapshot.revision,
        "snapshotAgeSeconds": None if newest is None else round(fresh.age_seconds, 3),
    }
    return _json(body, 503 if newest is None else 200)


def _json(body: Mapping[str, object], status: int) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
