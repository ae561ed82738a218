"""Relay connections over lists that do not move: a cursor names its list, its arguments, its view and its place."""

import bisect
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

import orjson
import strawberry

from graphql_api.errors import bad_input
from graphql_api.fields import doc_field, doc_type
from graphql_api.guard import MAX_PAGE, PAGE
from graphql_api.identifiers import pack, unpack
from topology.errors import BadInput

T = TypeVar("T")
V = TypeVar("V")
Sort = tuple[str | int | float, ...]
"""What a list is ordered by before the key; JSON values, so that a cursor can hold it."""
First = Annotated[int | None, strawberry.argument(description="How many from the start of the list; at most 100.")]
After = Annotated[str | None, strawberry.argument(description="Only what follows the place of this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="How many from the end of the list; at most 100.")]
Before = Annotated[str | None, strawberry.argument(description="Only what precedes the place of this cursor.")]


@dataclass(frozen=True, slots=True)
class Entry(Generic[V]):
    """One place in a list: what it is ordered by, the key that breaks ties, and what stands there."""

    sort: Sort
    key: str
    value: V

    @property
    def place(self) -> tuple[Sort, str]:
        """Where it stands."""
        return (self.sort, self.key)


@dataclass(frozen=True, slots=True)
class Moment:
    """The state that a list was read in."""

    revision: int
    at: date


@dataclass(frozen=True, slots=True)
class Ask:
    """Which list is asked for, and how much of it. `arguments` are those that shape the list."""

    name: str
    arguments: Mapping[str, object]
    first: int | None
    after: str | None
    last: int | None
    before: str | None

    def digest(self) -> str:
        """What tells this list from all others."""
        said = orjson.dumps([self.name, sorted(self.arguments.items())], default=_plain)
        return hashlib.blake2b(said, digest_size=9).hexdigest()


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one list as it was at one moment."""

    digest: str
    moment: Moment
    sort: Sort
    key: str

    def __str__(self) -> str:
        return pack([self.digest, self.moment.revision, self.moment.at.isoformat(), self.sort, self.key])


@doc_type
class PageInfo:
    """Where a page stands in its list."""

    _page: strawberry.Private["Page[Any]"]

    @doc_field
    def has_next_page(self) -> bool:
        """Whether the list goes on after this page."""
        return self._page.stop < self._page.total

    @doc_field
    def has_previous_page(self) -> bool:
        """Whether the list begins before this page."""
        return self._page.start > 0

    @doc_field
    def start_cursor(self) -> str | None:
        """The cursor of the page's first place; null on an empty page."""
        return self._page.cursor(self._page.entries[0]) if self._page.entries else None

    @doc_field
    def end_cursor(self) -> str | None:
        """The cursor of the page's last place; null on an empty page."""
        return self._page.cursor(self._page.entries[-1]) if self._page.entries else None


@dataclass(frozen=True, slots=True)
class Page(Generic[V]):
    """Part of a list: the half-open stretch of places, and what stands there."""

    digest: str
    moment: Moment
    entries: Sequence[Entry[V]]
    start: int
    stop: int
    total: int

    def cursor(self, entry: Entry[V]) -> str:
        """The cursor of a place."""
        return str(Cursor(self.digest, self.moment, entry.sort, entry.key))


@doc_type
class Edge(Generic[T]):
    """One place in a page."""

    _cursor: strawberry.Private[str]
    _node: strawberry.Private[Any]

    @doc_field
    def cursor(self) -> str:
        """The place, for `after` and `before`; good while its revision is in memory."""
        return self._cursor

    @doc_field
    def node(self) -> T:
        """What stands there."""
        node: T = self._node
        return node


@doc_type
class Connection(Generic[T]):
    """One page of a list, by the Relay conventions."""

    _page: strawberry.Private[Page[Any]]
    _make: strawberry.Private[Callable[[Any], Any]]

    @doc_field
    def edges(self) -> list[Edge[T]]:
        """The page's places, each with its cursor."""
        return [Edge(_cursor=self._page.cursor(entry), _node=self._make(entry.value)) for entry in self._page.entries]

    @doc_field
    def nodes(self) -> list[T]:
        """What stands on the page, without the cursors."""
        return [self._make(entry.value) for entry in self._page.entries]

    @doc_field
    def page_info(self) -> PageInfo:
        """Where the page stands in its list."""
        return PageInfo(_page=self._page)

    @doc_field
    def total_count(self) -> int:
        """How many the whole list has."""
        return self._page.total


def moment_of(ask: Ask) -> Moment | None:
    """The moment that the ask's cursors belong to; None where there are none.

    Raises:
        BadInput: a cursor that is none of this list's, or two of two moments.
    """
    found = {cursor.moment for cursor in (_cursor(ask, "after"), _cursor(ask, "before")) if cursor is not None}
    if len(found) > 1:
        raise bad_input("BAD_CURSOR", "The two cursors belong to two states of the list.", "before")
    return found.pop() if found else None


def page(entries: Sequence[Entry[V]], ask: Ask, moment: Moment) -> Page[V]:
    """The part of a list that is asked for.

    `first` counts from the start of what lies between the cursors, `last` from its end; with neither, a page of the
    default size stands beside the cursor that is given, at the start where none is.

    Args:
        entries: the whole list as it was at `moment`, in order.
        ask: how much of it.
        moment: what its cursors will say.

    Raises:
        BadInput: a size that is negative or too large, a cursor that does not belong here.
    """
    first, last = _size(ask.first, "first"), _size(ask.last, "last")
    after, before = _cursor(ask, "after"), _cursor(ask, "before")
    try:
        start = 0 if after is None else bisect.bisect_right(entries, (after.sort, after.key), key=_place)
        stop = len(entries) if before is None else bisect.bisect_left(entries, (before.sort, before.key), key=_place)
    except TypeError as error:
        raise _bad_cursor("after" if after else "before") from error
    stop = max(start, stop)
    if first is None and last is None:
        if before is not None and after is None:
            last = PAGE
        else:
            first = PAGE
    if first is not None:
        stop = min(stop, start + first)
    if last is not None:
        start = max(start, stop - last)
    return Page(ask.digest(), moment, entries[start:stop], start, stop, len(entries))


def _place(entry: Entry[Any]) -> tuple[Sort, str]:
    return (entry.sort, entry.key)


def _size(value: int | None, name: str) -> int | None:
    if value is None:
        return None
    if value < 0:
        raise bad_input("BAD_PAGE_SIZE", f"{name} is {value}; it cannot be negative.", name)
    if value > MAX_PAGE:
        raise bad_input("BAD_PAGE_SIZE", f"{name} is {value}; a page has at most {MAX_PAGE}.", name)
    return value


def _cursor(ask: Ask, name: str) -> Cursor | None:
    text = ask.after if name == "after" else ask.before
    if text is None:
        return None
    match unpack(text):
        case [str(digest), int(revision), str(at), [*sort], str(key)] if digest == ask.digest():
            places = tuple(part for part in sort if isinstance(part, str | int | float))
            try:
                return Cursor(digest, Moment(revision, date.fromisoformat(at)), places, key)
            except ValueError as error:
                raise _bad_cursor(name) from error
    raise _bad_cursor(name)


def _bad_cursor(name: str) -> BadInput:
    return bad_input("BAD_CURSOR", f"{name} is not a cursor of this list with these arguments.", name)


def _plain(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)
