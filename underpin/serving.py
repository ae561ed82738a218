"""`underpin serve`: one process that serves the graph until it is told to stop, and then stops in good order."""

import asyncio
import errno
import ipaddress
import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from os import environ, strerror
from types import FrameType

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from topology.errors import BadInput, Issue
from underpin.composition import SqliteAddress, make_store, opened, parse_store
from underpin.logs import start_logging
from underpin.output import ExitCode
from underpin.settings import Settings, read_settings

logger = logging.getLogger("underpin.serving")
STOPPING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Serving:
    """What `underpin serve` was asked."""

    store: str | None = None
    host: str | None = None
    port: int | None = None
    at: date | None = None
    no_authentication: bool = False

    def settings(self) -> Settings:
        """The settings with what was asked over them."""
        return read_settings({"store": self.store, "host": self.host, "port": self.port, "at": self.at})


def serve_store(asked: Serving) -> int:
    """Serve what the store holds; it is never filled with anything here."""
    settings = asked.settings()
    with listening(settings, no_authentication=asked.no_authentication) as listener:
        return run(settings, listener)


@contextmanager
def listening(settings: Settings, *, no_authentication: bool = False) -> Iterator[socket.socket]:
    """A socket bound to host and port, before anything else is loaded: a taken port is told at once.

    Raises:
        BadInput: the host is not this machine alone, nobody is authenticated, and nobody said that this is meant; or
            the address cannot be had.
    """
    family, address = _resolved(settings.host, settings.port)
    if not _is_loopback(address[0]) and not no_authentication:
        raise _refused(
            f"anybody who reaches {settings.host} could read and write, because nobody is authenticated; "
            "serve on 127.0.0.1, or say --no-authentication if that is meant"
        )
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            listener.bind(address)
        except OSError as error:
            raise _refused(_why(error, settings)) from None
        yield listener


def address_of(listener: socket.socket) -> str:
    """Where a browser finds GraphiQL."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  that is how a wildcard is recognised
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/graphql"


def run(settings: Settings, listener: socket.socket) -> int:
    """Serve on a bound socket until SIGINT or SIGTERM; answers under way have `shutdown_seconds` to end.

    A server that cannot be reached now may come back, and is waited for; a file that is no store will not become one.

    Raises:
        UnderpinError: the store is none of ours, or newer than this program.
    """
    from graphql_api.app import create_app

    start_logging(debug=environ.get("UNDERPIN_DEBUG", "0") not in {"", "0"})
    if isinstance(parse_store(settings.store), SqliteAddress):
        asyncio.run(_try_store(settings))
    app = _ToldInASentence(create_app(make_store(settings), settings.api()))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=settings.shutdown_seconds,
            ws_max_size=settings.message_bytes,
            h11_max_incomplete_event_size=settings.message_bytes,
        )
    )
    logger.info("serving %s at %s", settings.store, address_of(listener))
    logger.info("a query without `at` is about %s", settings.at or f"today in {settings.timezone}")
    logger.warning("nobody is authenticated: whoever reaches %s may read and write", settings.host)
    with _stopping_quietly(server):
        try:
            asyncio.run(server.serve(sockets=[listener]))
        except OSError as error:
            raise _refused(_why(error, settings)) from None
        except SystemExit:
            if app.failure is not None:
                raise app.failure from None
            raise
    return ExitCode.DONE


async def _try_store(settings: Settings) -> None:
    async with opened(settings):
        pass


class _ToldInASentence:
    """An application whose failure to start is kept, to be told as a sentence, and whose end has no traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.failure: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._answer(scope, receive, send)
            return

        async def without_traceback(message: Message) -> None:
            message.pop("message", None)
            await send(message)

        try:
            await self._app(scope, receive, without_traceback)
        except Exception as error:
            self.failure = error
            raise

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless the time to stop is up first: a request that is half there must not end in a traceback."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:
            if scope["type"] == "http" and not started:
                await PlainTextResponse("the server stops", 503)(scope, receive, send)


@contextmanager
def _stopping_quietly(server: uvicorn.Server) -> Iterator[None]:
    """Let the signal that uvicorn raises again after a shutdown in good order be the end of it, and no failure."""

    def stop(number: int, _: FrameType | None) -> None:
        if not server.started:
            raise KeyboardInterrupt(number)

    before = {number: signal.signal(number, stop) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise _refused(f'there is no host "{host}" to listen on') from None
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, (str(address[0]), port)


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _why(error: OSError, settings: Settings) -> str:
    where = f"port {settings.port} of {settings.host}"
    if error.errno == errno.EADDRINUSE:
        return f"{where} is taken by another program; choose one with --port, or 0 for any that is free"
    return f"cannot listen on {where}: {strerror(error.errno or 0)}"


def _refused(sentence: str) -> BadInput:
    return BadInput((Issue("SERVE", sentence, ("host",)),))
