"""The root of all reading."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, overload

import strawberry

from graphql_api.connections import After, Ask, Before, Connection, Entry, First, Last, Moment, page
from graphql_api.context import Context
from graphql_api.errors import bad_input
from graphql_api.fields import doc_field, doc_type
from graphql_api.identifiers import node_id
from graphql_api.lists import given_or_none
from graphql_api.scenarios import scenario_of
from graphql_api.types.comparison import Comparison, ViewInput, comparison_of
from graphql_api.types.making import node_of
from graphql_api.types.nodes import Node
from graphql_api.types.revisions import Revision
from graphql_api.types.scenario import ScenarioInput
from graphql_api.types.topology import Topology
from graphql_api.views import View
from topology.changes import FIRST
from topology.changes import Revision as Record
from topology.errors import BadInput

Info = strawberry.Info[Context, None]
UNSET = strawberry.UNSET
_IDS = 100
_BEGINNING = date(1970, 1, 1)
Id = Annotated[strawberry.ID, strawberry.argument(description="What a node gave as its id.")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description="What nodes gave as their ids; at most 100.")]
At = Annotated[
    date | None,
    strawberry.argument(description="The business date; when absent the date of asOf, else the server's own."),
]
AsOf = Annotated[
    datetime | None,
    strawberry.argument(description="What was known then: the newest revision recorded by this moment."),
]

Supposed = Annotated[
    ScenarioInput | None,
    strawberry.argument(description="What is supposed over the graph; nothing of it is stored."),
]
Present = Annotated[
    ViewInput | None,
    strawberry.argument(description="What there is; when absent the newest revision at the server's date."),
]
Changed = Annotated[ViewInput, strawberry.argument(description="What there would be.")]


class _Numbers(Sequence[Entry[int]]):
    """The revisions 1 to `newest` as a list that takes no memory: the log only grows, and has no gaps."""

    def __init__(self, newest: int) -> None:
        self._numbers = range(1, newest + 1)

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Entry[int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry[int]]: ...
    def __getitem__(self, index: int | slice) -> Entry[int] | list[Entry[int]]:
        if isinstance(index, slice):
            return [Entry((number,), "", number) for number in self._numbers[index]]
        return Entry((self._numbers[index],), "", self._numbers[index])


@doc_type
class Query:
    """The root of all reading."""

    @doc_field
    def topology(self, info: Info, at: At = UNSET, as_of: AsOf = UNSET, scenario: Supposed = UNSET) -> Topology | None:
        """One view of the graph: everything beneath it is about the same revision, date and scenario."""
        supposed = scenario_of(scenario)
        return Topology(view=info.context.view(given_or_none(at), given_or_none(as_of), supposed))

    @doc_field
    def comparison(self, info: Info, after: Changed, before: Present = UNSET) -> Comparison | None:
        """Two views held against each other: does the change break a promise?"""
        was = _view(info.context, given_or_none(before) or ViewInput(), "before")
        return comparison_of(was, _view(info.context, after, "after"))

    @doc_field
    def node(self, info: Info, id: Id) -> Node | None:  # noqa: A002 - the argument's name in the schema
        """What an id stands for, in the view that it was seen in; null where that no longer holds it."""
        return _node(info.context, id)

    @doc_field
    def nodes(self, info: Info, ids: Ids) -> list[Node | None]:
        """What ids stand for, in their order."""
        if len(ids) > _IDS:
            raise bad_input("TOO_MANY", f"ids names {len(ids)} nodes; at most {_IDS} are allowed.", "ids")
        return [_node(info.context, item) for item in ids]

    @doc_field
    def revisions(
        self,
        info: Info,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> Connection[Revision]:
        """The log, oldest first; a cursor stays good, and leads on to revisions that are written later."""
        asked = [given_or_none(first), given_or_none(last)]
        ask = Ask("revisions", {}, asked[0], given_or_none(after), asked[1], given_or_none(before))
        found = page(_Numbers(info.context.newest_number()), ask, Moment(0, _BEGINNING))
        records: dict[int, Record] = {}
        if found.entries:
            oldest = found.entries[0].value
            held = info.context.revisions(oldest - 1, len(found.entries))
            records = {record.number: record for record in held}
        return Connection(_page=found, _make=lambda number: Revision(data=records[number]))


def _view(context: Context, said: ViewInput, side: str) -> View:
    """The view of one side of a comparison; what is wrong with it is told under the side's name."""
    try:
        return context.view(given_or_none(said.at), given_or_none(said.as_of), scenario_of(said.scenario))
    except BadInput as error:
        raise BadInput(tuple(replace(issue, path=(side, *issue.path)) for issue in error.issues)) from error


def _node(context: Context, text: str) -> Node | None:
    asked = node_id(text)
    if asked is None or asked.given.scenario is not None:
        return None
    if asked.type == "Revision":
        return _revision(context, asked.key)
    return node_of(context.view(asked.given.at, asked.given.as_of), asked)


def _revision(context: Context, key: tuple[str, ...]) -> Revision | None:
    number = int(key[0]) if len(key) == 1 and key[0].isascii() and key[0].isdigit() and len(key[0]) < 16 else -1
    if number == 0:
        return Revision(data=FIRST)
    if not 0 < number <= context.newest_number():
        return None
    found = context.revisions(number - 1, 1)
    return Revision(data=found[0]) if found else None
