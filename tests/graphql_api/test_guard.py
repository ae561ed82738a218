"""The guard in front of validation: every limit by its number, hostile documents in bounded time."""

import pytest
from graphql import GraphQLSyntaxError, get_introspection_query, parse

from graphql_api import guard
from graphql_api.errors import CyclicFragments, TooComplex
from graphql_api.schema import executable
from graphql_api.settings import Limits
from tests.graphql_api.serving import Client

LIMITS = Limits()


SIZED = "entities(first: $n) { nodes { requiredBy(first: $n) { nodes { requiredBy(first: 3) { nodes { key } } } } } }"


def ask(text: str, **variables: object) -> None:
    guard.scan(text, LIMITS)
    guard.check(executable(), parse(text), LIMITS, variables)


def refusal(text: str, **variables: object) -> str:
    with pytest.raises(TooComplex) as caught:
        ask(text, **variables)
    return str(caught.value)


def nested(levels: int) -> str:
    """A document of that many levels of fields, the leaf included."""
    return "{" + "a {" * (levels - 1) + "b" + "}" * levels


def test_a_document_at_the_depth_limit_passes_and_one_below_it_is_refused_with_both_numbers() -> None:
    ask(nested(15))
    assert refusal(nested(16)) == "The query asks for 16 levels of fields; the limit is 15."


def test_inline_fragments_and_spreads_add_no_depth() -> None:
    ask("{" + "... on Query {" * 20 + nested(14)[1:-1] + "}" * 20 + "}")
    ask(nested(14).replace("b", "...F", 1) + " fragment F on Query { b }")


def test_depth_is_counted_through_fragments() -> None:
    text = nested(14).replace("b", "...F", 1) + " fragment F on Query { a { b { c } } }"
    assert "16 levels of fields" in refusal(text)


def test_introspection_may_go_to_twenty_levels_and_no_further() -> None:
    deep = "{ __schema { types " + "{ ofType " * 17 + "{ name }" + " }" * 17 + " } }"
    ask(deep)
    assert "21 levels of introspection; the limit is 20" in refusal(deep.replace("{ name }", "{ ofType { name } }"))


def test_the_introspection_query_of_graphiql_passes() -> None:
    ask(get_introspection_query(descriptions=True, specified_by_url=True, input_value_deprecation=True))


def test_thirty_aliases_pass_and_thirty_one_do_not_whatever_the_fragment_they_hide_in() -> None:
    ask("{ topology {" + " ".join(f"a{i}: at" for i in range(30)) + "} }")
    assert "31 aliases; the limit is 30" in refusal("{ topology {" + " ".join(f"a{i}: at" for i in range(31)) + "} }")
    inside = " ".join(f"a{i}: at" for i in range(11))
    text = f"{{ x {{ ...F }} y {{ ...F }} z {{ ...F }} }} fragment F on Topology {{ {inside} }}"
    assert "33 aliases" in refusal(text)


def test_twenty_fields_at_the_root_pass_and_twenty_one_do_not_also_by_way_of_fragments() -> None:
    ask("{" + " ".join(f"f{i}" for i in range(20)) + "}")
    assert "21 fields at the root" in refusal("{" + " ".join(f"f{i}" for i in range(21)) + "}")
    half = " ".join(f"f{i}" for i in range(11))
    assert "22 fields at the root" in refusal(f"{{ ...F ... {{ {half} }} }} fragment F on Query {{ {half} }}")


def test_twenty_directives_pass_and_twenty_one_do_not() -> None:
    ask("{ topology { at " + "@x " * 20 + "} }")
    assert "21 directives; the limit is 20" in refusal("{ topology { at " + "@x " * 21 + "} }")
    assert "21 directives" in refusal("query @x { topology { at " + "@x " * 20 + "} }")


def test_five_thousand_tokens_pass_and_one_more_does_not() -> None:
    ask("{ topology { at(" + "x:1 " * 1664 + ") } }")
    with pytest.raises(TooComplex, match="5001 tokens; the limit is 5000"):
        guard.scan("{" + "a" + " b" * 4998 + "}", LIMITS)


def test_pages_multiply_and_the_product_is_limited_to_twenty_thousand_objects() -> None:
    page = "{ topology { entities(first: 100) { nodes { requiredBy(first: %s) { nodes { key } } } } } }"
    ask(page % 100)
    with_more = page.replace("key", "requiredBy(first: 1) { nodes { key } }")
    assert "20100 objects" in refusal(with_more % 100)


def test_a_connection_without_a_size_counts_as_its_default_of_twenty_five() -> None:
    inner = "requiredBy { nodes { requiredBy { nodes { requiredBy { nodes { key } } } } } }"
    assert "406900 objects" in refusal(f"{{ topology {{ entities {{ nodes {{ {inner} }} }} }} }}")


def test_a_page_size_in_a_variable_counts_with_its_value_and_with_its_default() -> None:
    ask(f"query ($n: Int = 50) {{ topology {{ {SIZED} }} }}")
    assert "40100 objects" in refusal(f"query ($n: Int = 100) {{ topology {{ {SIZED} }} }}")
    assert "40100 objects" in refusal(f"query ($n: Int = 5) {{ topology {{ {SIZED} }} }}", n=100)


def test_a_cached_document_is_measured_again_with_other_variables(api: Client) -> None:
    query = f"query ($n: Int!) {{ topology {{ {SIZED} }} }}"
    assert "errors" not in api.answer(query, n=2)
    assert api.codes(query, n=100) == ["QUERY_TOO_COMPLEX"]
    assert "errors" not in api.answer(query, n=2)


def test_fragments_that_double_a_thousand_times_are_refused_at_once() -> None:
    doubling = " ".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(400))
    text = f"{{ ...F0 }} {doubling} fragment F400 on Query {{ topology {{ at }} }}"
    assert "1000000000 " in refusal(text)


def test_a_long_chain_of_fragments_needs_no_deep_stack() -> None:
    chain = " ".join(f"fragment F{i} on Query {{ ...F{i + 1} }}" for i in range(600))
    ask(f"{{ ...F0 }} {chain} fragment F600 on Query {{ topology {{ at }} }}")


@pytest.mark.parametrize("size", [1, 2, 600])
def test_fragments_in_a_circle_are_an_error_of_validation(size: int) -> None:
    ring = " ".join(f"fragment F{i} on Query {{ ...F{(i + 1) % size} }}" for i in range(size))
    with pytest.raises(CyclicFragments):
        ask(f"{{ ...F0 }} {ring}")


def test_ten_thousand_open_braces_are_refused_by_their_tokens(api: Client) -> None:
    assert api.codes("{a" * 10_000) == ["QUERY_TOO_COMPLEX"]


@pytest.mark.parametrize("opening", ["{a", "{a(b:[", "{a(b:{c:", "query($a:["])
def test_a_nest_within_the_tokens_is_refused_before_it_is_parsed(api: Client, opening: str) -> None:
    assert api.codes(opening * 700) == ["QUERY_TOO_COMPLEX"]


def test_a_name_of_a_hundred_thousand_letters_is_refused(api: Client) -> None:
    [error] = api.errors("{" + "a" * 100_000 + "}")
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert len(error["message"]) < 200


def test_a_number_of_ten_thousand_digits_is_refused(api: Client) -> None:
    assert api.codes("{ topology { entities(first: " + "9" * 10_000 + ") { totalCount } } }") == ["QUERY_TOO_COMPLEX"]


def test_a_flood_of_aliases_over_http_names_the_limit_and_the_ask(api: Client) -> None:
    [error] = api.errors("{ topology {" + " ".join(f"a{i}: at" for i in range(1000)) + "} }")
    assert error["message"] == "The query asks for 1000 aliases; the limit is 30."


def test_introspection_cannot_be_multiplied(api: Client) -> None:
    loop = "fields { type { fields { type { fields { type { fields { name } } } } } } }"
    assert api.codes(f"{{ __schema {{ types {{ {loop} }} }} }}") == ["QUERY_TOO_COMPLEX"]


def test_thousands_of_equal_fields_are_refused_by_the_limit_of_comparisons(api: Client) -> None:
    assert api.codes("{ topology {" + "at " * 1990 + "} }") == ["QUERY_TOO_COMPLEX"]


def test_a_character_that_begins_no_token_is_a_parse_error(api: Client) -> None:
    with pytest.raises(GraphQLSyntaxError):
        guard.scan("{ \u0000 }", LIMITS)
    assert api.codes("{ topology { at } } ?") == ["GRAPHQL_PARSE_FAILED"]


def different(fields: int) -> str:
    """A document of so many fields, no two of one name beside each other."""
    parts = [f"a{root} {{ {' '.join(f'x{number}' for number in range(99))} }}" for root in range(fields // 100)]
    return "{" + " ".join([*parts, *(f"y{number}" for number in range(fields % 100))]) + "}"


def test_2000_different_fields_pass_and_2001_do_not() -> None:
    ask(different(2000))
    wider = different(1900)[:-1] + " z { " + " ".join(f"x{number}" for number in range(100)) + " } }"
    assert refusal(wider) == "The query asks for 2001 fields with fragments expanded; the limit is 2000."


def test_fields_of_one_name_are_counted_by_the_pairs_that_they_make() -> None:
    ask("{ topology {" + " modelHash" * 141 + "} }")  # 141 * 140 / 2 = 9870
    said = "pairs of fields with one name (give each once); the limit is 10000."
    assert refusal("{ topology {" + " modelHash" * 142 + "} }") == f"The query asks for 10011 {said}"
    # 60 entities and 60 each of requirements, members, entity, key: 5 * 60 * 59 / 2 = 8850; 70 make 12075.
    deep = "entity(key: 1) { requirements { members { entity { key } } } } "
    ask("{ topology {" + deep * 60 + "} }")
    assert "12075 pairs" in refusal("{ topology {" + deep * 70 + "} }")


def test_pairs_are_counted_through_fragments_once_for_each() -> None:
    ask("{ topology { ...F ...F ...F } } fragment F on Topology {" + " modelHash" * 140 + "}")
    split = " ".join(f"fragment F{n} on Topology {{ modelHash }}" for n in range(120))
    spread = " ".join(f"...F{n}" for n in range(120))
    assert "pairs of fields" in refusal("{ topology { " + spread + " } } " + split)


def test_a_fragment_that_nothing_spreads_is_measured_too() -> None:
    assert "2500 fields" in refusal("{ topology { at } } fragment F on Topology {" + " at" * 2500 + "}")


def test_lists_of_introspection_within_one_another_are_objects() -> None:
    inner = "name"
    for _ in range(5):
        inner = f"fields {{ type {{ {inner} }} }}"
    ask(f'{{ __type(name: "Entity") {{ {inner} }} }}')  # 6 + 36 + ... + 7776 objects
    said = refusal(f'{{ __type(name: "Entity") {{ fields {{ type {{ {inner} }} }} }} }}')
    assert said == "The query asks for 55986 objects (the product of page sizes); the limit is 20000."


def test_nobody_reads_that_a_validation_was_aborted_or_of_a_depth_without_numbers(api: Client) -> None:
    many = "{ topology {" + " ".join(f"y{number}" for number in range(150)) + "} }"
    lists = '{ __type(name: "Entity") { fields { type { fields { type { fields { type { fields { name } } } } } } } } }'
    for query in (many, "{ topology {" + " modelHash" * 1999 + "} }", lists):
        text = api.post(query).text
        assert "aborted" not in text
        assert "Maximum introspection" not in text
    assert "errors" not in api.post(lists).json()
