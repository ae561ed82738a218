"""From a list's entries to the page that a field answers with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from strawberry import UNSET

from graphql_api.connections import Ask, Connection, Entry, moment_of, page
from graphql_api.views import View, in_order

T = TypeVar("T")
V = TypeVar("V")
Paging = tuple[int | None, str | None, int | None, str | None]
"""The arguments `first`, `after`, `last` and `before`, as a resolver got them."""


@dataclass(frozen=True, slots=True)
class ListOf(Generic[V]):
    """A list that can be asked for in any state of a view.

    Attributes:
        name: the type and field, by which cursors know it.
        arguments: what shapes it: filters, order, the key of the node that it hangs on.
        entries: the whole list in a view, in any order.
        make: a node of what stands in an entry.
    """

    name: str
    arguments: Mapping[str, object]
    entries: Callable[[View], list[Entry[V]]]
    make: Callable[[View, V], object]

    @property
    def of_node(self) -> bool:
        """Whether it hangs on a node: there are so many of these that none is remembered."""
        return "of" in self.arguments


def listed(view: View, wanted: ListOf[V], paging: Paging) -> Connection[Any]:
    """One page of a list.

    Args:
        view: the view that is asked; a cursor may lead to an older state of it.
        wanted: the list.
        paging: how much of it.

    Raises:
        BadInput: a size or cursor that cannot be used.
    """
    given = {"at": view.given.at, "asOf": view.given.as_of, "scenario": view.given.scenario, **wanted.arguments}
    first, after, last, before = paging
    ask = Ask(
        wanted.name, given, given_or_none(first), given_or_none(after), given_or_none(last), given_or_none(before)
    )
    seen = view.seen_in(moment_of(ask))
    if wanted.of_node:
        entries = in_order(wanted.entries(seen))
    else:
        entries = seen.listing(ask.digest(), lambda: wanted.entries(seen))
    found = page(entries, ask, seen.state.moment)
    return Connection(_page=found, _make=lambda value: wanted.make(seen, value))


def given_or_none(value: T | None) -> T | None:
    """An argument's value; None where it was left out, as where it is null."""
    return None if value is UNSET else value
