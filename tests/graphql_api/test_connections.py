"""Pages and cursors: every list walked in both directions, every combination against a plain slice."""

import random
from itertools import product

import pytest

from graphql_api.connections import Ask, Entry, Moment, Page, page
from tests.graphql_api.serving import AT, Client
from topology.errors import BadInput

MOMENT = Moment(3, AT)


def entries(count: int, seed: int = 0) -> list[Entry[int]]:
    """A list with many ties in what it is ordered by."""
    drawn = random.Random(seed)
    found = [Entry((drawn.randrange(4), drawn.choice("ab")), f"k{i:03}", i) for i in range(count)]
    return sorted(found, key=lambda entry: entry.place)


def ask(first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None) -> Ask:
    return Ask("list", {"filter": "x"}, first, after, last, before)


def values(found: Page[int]) -> list[int]:
    return [entry.value for entry in found.entries]


@pytest.mark.parametrize("size", [1, 2, 7, 25, 100])
def test_walking_forward_and_backward_gives_every_entry_once_in_order(size: int) -> None:
    held = entries(87)
    forward: list[int] = []
    cursor = None
    while True:
        found = page(held, ask(first=size, after=cursor), MOMENT)
        forward += values(found)
        assert found.total == 87
        if found.stop == found.total:
            break
        cursor = found.cursor(found.entries[-1])
    backward: list[int] = []
    cursor = None
    while True:
        found = page(held, ask(last=size, before=cursor), MOMENT)
        backward = values(found) + backward
        if found.start == 0:
            break
        cursor = found.cursor(found.entries[0])
    assert forward == backward == [entry.value for entry in held]


def expected(
    held: list[Entry[int]], first: int | None, after: int | None, last: int | None, before: int | None
) -> list[int]:
    """The Relay specification, word by word, with the default size where no size is given."""
    shown = [entry.value for entry in held]
    start, stop = (0 if after is None else after + 1), (len(shown) if before is None else before)
    shown = shown[start : max(start, stop)]
    if first is None and last is None:
        return shown[-25:] if before is not None and after is None else shown[:25]
    if first is not None:
        shown = shown[:first]
    if last is not None:
        shown = shown[max(len(shown) - last, 0) :]
    return shown


def test_every_combination_of_arguments_is_the_slice_that_relay_means() -> None:
    held = entries(40)
    full = page(held, ask(first=100), MOMENT)
    cursors = {place: full.cursor(entry) for place, entry in enumerate(full.entries)}
    sizes, places = (None, 0, 1, 5, 100), (None, 0, 1, 17, 39)
    for first, last, after, before in product(sizes, sizes, places, places):
        asked = ask(first, cursors.get(after) if after is not None else None, last)
        asked = Ask("list", {"filter": "x"}, first, asked.after, last, None if before is None else cursors[before])
        found = page(held, asked, MOMENT)
        assert values(found) == expected(held, first, after, last, before), (first, after, last, before)
        assert held[found.start : found.stop] == list(found.entries)


def test_a_cursor_of_an_entry_that_is_gone_leads_to_where_it_stood() -> None:
    held = entries(10)
    cursor = page(held, ask(first=4), MOMENT).cursor(held[3])
    assert values(page(held[:3] + held[4:], ask(after=cursor), MOMENT)) == [entry.value for entry in held[4:]]


@pytest.mark.parametrize(("first", "last"), [(-1, None), (None, -1), (101, None), (None, 101), (10**9, None)])
def test_sizes_below_0_or_above_100_are_refused(first: int | None, last: int | None) -> None:
    with pytest.raises(BadInput, match=r"negative|at most 100"):
        page(entries(3), ask(first=first, last=last), MOMENT)


@pytest.mark.parametrize("cursor", ["", "x", "äö", "AAAA", "bnVsbA", "e30", "W10", "A" * 10_000])
def test_a_word_that_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadInput, match="not a cursor"):
        page(entries(3), ask(after=cursor), MOMENT)


def test_a_cursor_with_another_kind_of_place_in_it_is_refused_and_breaks_nothing() -> None:
    held = entries(3)
    forged = page([Entry(("text", 1), "k", 0)], ask(), MOMENT)
    with pytest.raises(BadInput, match="not a cursor"):
        page(held, ask(before=forged.cursor(forged.entries[0])), MOMENT)


LISTS = {
    "entities": ("entities", 54),
    "transactions": ("transactions", 5),
    "services": ("services", 31),
    "externals": ("externals", 18),
    "vendors": ("vendors", 15),
    "agreements": ("agreements", 18),
    "commitments": ("commitments", 7),
    "findings": ("findings", None),
    "single points": ("singlePointsOfFailure", None),
}


@pytest.mark.parametrize(("name", "count"), LISTS.values(), ids=LISTS.keys())
@pytest.mark.parametrize("size", [1, 3, 10])
def test_every_list_of_the_root_can_be_walked_both_ways(api: Client, name: str, count: int | None, size: int) -> None:
    shown = "edges { cursor node { __typename } } pageInfo { hasNextPage hasPreviousPage endCursor } totalCount"
    whole = api.view(f"{name}(first: 100) {{ {shown} }}")[name]
    assert count is None or whole["totalCount"] == count
    total = whole["totalCount"]
    assert len(whole["edges"]) == min(total, 100)
    assert not whole["pageInfo"]["hasPreviousPage"]
    cursors = [edge["cursor"] for edge in whole["edges"]]
    assert len(set(cursors)) == len(cursors)
    walked: list[str] = []
    after = ""
    while len(walked) < min(total, 30):
        found = api.view(f"{name}(first: {size}{after}) {{ {shown} }}")[name]
        walked += [edge["cursor"] for edge in found["edges"]]
        assert found["totalCount"] == total
        assert found["pageInfo"]["hasNextPage"] == (len(walked) < total)
        after = f', after: "{found["pageInfo"]["endCursor"]}"'
    assert walked == cursors[: len(walked)]
    last = api.view(f'{name}(last: {size}, before: "{walked[-1]}") {{ {shown} }}')[name]
    assert [edge["cursor"] for edge in last["edges"]] == walked[:-1][-size:]


def test_a_page_has_25_without_a_size_also_before_a_cursor_alone(api: Client) -> None:
    first = api.view("entities { nodes { key } }")["entities"]["nodes"]
    assert len(first) == 25
    cursor = api.view("entities(last: 1) { pageInfo { endCursor } }")["entities"]["pageInfo"]["endCursor"]
    before = api.view(f'entities(before: "{cursor}") {{ nodes {{ key }} pageInfo {{ hasPreviousPage }} }}')["entities"]
    everything = [node["key"] for node in api.view("entities(first: 100) { nodes { key } }")["entities"]["nodes"]]
    assert [node["key"] for node in before["nodes"]] == everything[-26:-1]
    assert before["pageInfo"]["hasPreviousPage"]


def test_a_cursor_of_another_list_or_of_other_arguments_is_refused(api: Client) -> None:
    cursor = api.view("services(first: 1) { pageInfo { endCursor } }")["services"]["pageInfo"]["endCursor"]
    for field in (
        f'entities(after: "{cursor}")',
        f'services(after: "{cursor}", orderBy: NAME)',
        f'services(after: "{cursor}", filter: {{ search: "a" }})',
    ):
        [error] = api.errors(f"{{ topology {{ {field} {{ totalCount }} }} }}")
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["extensions"]["issues"][0]["code"] == "BAD_CURSOR"
    [error] = api.errors(f'{{ topology(at: "2026-01-01") {{ services(after: "{cursor}") {{ totalCount }} }} }}')
    assert error["extensions"]["issues"][0]["code"] == "BAD_CURSOR"


@pytest.mark.parametrize("order", ["KEY", "NAME", "CRITICALITY", "MINUTES_PER_30_DAYS"])
def test_every_order_is_total_and_breaks_ties_by_key(api: Client, order: str) -> None:
    shown = "nodes { key name criticality composite { expected { ratio } } }"
    nodes = api.view(f"entities(first: 100, orderBy: {order}) {{ {shown} }}")["entities"]["nodes"]
    ranks = ["CRITICAL", "HIGH", "MEDIUM", "LOW", None]
    sorts = {
        "KEY": lambda node: node["key"],
        "NAME": lambda node: (node["name"].casefold(), node["key"]),
        "CRITICALITY": lambda node: (ranks.index(node["criticality"]), node["key"]),
        "MINUTES_PER_30_DAYS": lambda node: (float(node["composite"]["expected"]["ratio"]), node["key"]),
    }
    assert [node["key"] for node in nodes] == [node["key"] for node in sorted(nodes, key=sorts[order])]


def test_lists_of_a_node_are_walked_like_those_of_the_root(api: Client) -> None:
    query = 'entity(key: "az-a") { requiredBy(first: 2%s) { nodes { key } pageInfo { endCursor hasNextPage } } }'
    keys: list[str] = []
    after = ""
    while True:
        found = api.view(query % after)["entity"]["requiredBy"]
        keys += [node["key"] for node in found["nodes"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = f', after: "{found["pageInfo"]["endCursor"]}"'
    assert keys == ["cart-redis", "gw-1", "payment-router", "search-1", "secrets-vault", "web-a"]


def test_a_cursor_of_one_node_is_not_taken_for_one_of_another(api: Client) -> None:
    info = "requiredBy(first: 1) { pageInfo { endCursor } }"
    cursor = api.view(f'entity(key: "az-a") {{ {info} }}')["entity"]["requiredBy"]["pageInfo"]["endCursor"]
    query = f'{{ topology {{ entity(key: "az-b") {{ requiredBy(after: "{cursor}") {{ totalCount }} }} }} }}'
    assert api.codes(query) == ["BAD_USER_INPUT"]
