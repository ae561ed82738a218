"""The only place that chooses a store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from topology.errors import BadInput, Issue
from topology.store import GraphStore
from underpin.settings import Settings, data_folder

SCHEMES = frozenset({"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"})
FORMS = "write sqlite:PATH or neo4j://HOST:7687"


@dataclass(frozen=True, slots=True)
class SqliteAddress:
    """A store in one file."""

    path: Path

    def __str__(self) -> str:
        return f"sqlite:{self.path}"


@dataclass(frozen=True, slots=True)
class Neo4jAddress:
    """A store on a Neo4j server."""

    uri: str

    def __str__(self) -> str:
        return self.uri


StoreAddress = SqliteAddress | Neo4jAddress


def parse_store(text: str) -> StoreAddress:
    """The store that somebody names.

    Raises:
        BadInput: it is neither a file nor a server, in one sentence.
    """
    scheme, colon, rest = text.strip().partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in {"sqlite", *SCHEMES}:
        hint = f"write sqlite:{text.strip()}" if text.strip() and not colon else FORMS
        raise _refused(f'"{_without_secrets(text)}" names no store that Underpin knows', hint)
    return _file(rest) if scheme == "sqlite" else _server(text.strip())


def _file(rest: str) -> SqliteAddress:
    if not rest:
        raise _refused("sqlite: names no file", "write sqlite:PATH")
    if rest.startswith("//"):
        raise _refused(f'"sqlite:{rest}" is not understood', "write sqlite:PATH, a path as on the command line")
    if rest == ":memory:":
        raise _refused("a store in memory would be forgotten when the command ends", "write sqlite:PATH")
    path = Path(rest).expanduser()
    if path.is_dir():
        raise _refused(f"{path} is a folder", f"write sqlite:{path / 'underpin.db'}")
    return SqliteAddress(path)


def _server(text: str) -> Neo4jAddress:
    try:
        parts = urlsplit(text)
        host, secret, _ = parts.hostname, parts.username or parts.password, parts.port
    except ValueError as error:
        raise _refused(f"the store's address is wrong: {error}", FORMS) from None
    if secret is not None:
        hint = "set UNDERPIN_NEO4J_USER and UNDERPIN_NEO4J_PASSWORD"
        raise _refused("a store's address must not hold a user or password, which others could read", hint)
    if not host:
        raise _refused(f'"{text}" names no host', FORMS)
    if parts.path not in {"", "/"} or parts.fragment:
        hint = f"write {parts.scheme}://{parts.netloc}, and the database in UNDERPIN_NEO4J_DATABASE"
        raise _refused(f'"{text}" has a path', hint)
    return Neo4jAddress(text)


def _without_secrets(text: str) -> str:
    head, at, tail = text.rpartition("@")
    return f"{head.partition('://')[0]}://...@{tail}" if at and "://" in head else text


def _refused(message: str, hint: str) -> BadInput:
    return BadInput((Issue("STORE", f"{message}; {hint}", ("store",)),))


def make_store(settings: Settings, *, must_exist: bool = False) -> GraphStore:
    """The store of the settings, not yet opened; its adapter is loaded only when it is wanted.

    Args:
        settings: with the store's address, and the credentials of a server.
        must_exist: refuse a file that is not there instead of making an empty one.

    Raises:
        BadInput: the address is wrong, the file's folder or the credentials are missing.
    """
    address = parse_store(settings.store)
    if isinstance(address, SqliteAddress):
        _prepare(address.path, must_exist=must_exist)
        from topology.sqlite_store import SqliteStore

        return SqliteStore(address.path)
    if settings.neo4j_password is None:
        hint = "set UNDERPIN_NEO4J_USER and UNDERPIN_NEO4J_PASSWORD"
        raise _refused(f"{address} wants credentials", hint)
    from topology.neo4j_store import Neo4jStore

    password = settings.neo4j_password.get_secret_value()
    return Neo4jStore(address.uri, user=settings.neo4j_user, password=password, database=settings.neo4j_database)


def is_there(settings: Settings) -> bool:
    """Whether the store can hold anything: a file that is not there does not, a server may.

    Raises:
        BadInput: the address is wrong.
    """
    address = parse_store(settings.store)
    return not isinstance(address, SqliteAddress) or address.path.exists()


def _prepare(path: Path, *, must_exist: bool) -> None:
    if must_exist and not path.exists():
        raise _refused(f"there is no store at {path}", "`underpin import` makes one, --store names another")
    if path.parent == data_folder():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            hint = "name another store with --store"
            raise _refused(f"the folder {path.parent} cannot be made: {error.strerror}", hint) from None
    if not path.parent.is_dir():
        raise _refused(f"there is no folder {path.parent}", "make it, or name another file")


@asynccontextmanager
async def opened(settings: Settings, *, must_exist: bool = False) -> AsyncIterator[GraphStore]:
    """The store of the settings, open for the length of a command.

    Raises:
        BadInput: as `make_store`.
        StoreUnavailable: the store cannot be reached or will not let us in.
        StoreIncompatible: the store is newer than this program, or not one of ours.
    """
    store = make_store(settings, must_exist=must_exist)
    await store.open()
    try:
        yield store
    finally:
        await store.close()
