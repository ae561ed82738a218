"""What a query costs the server in CPU time: a small one, a wide one and a deep one."""

from collections.abc import Iterator, Mapping

from benchmarks.server import seconds_to_answer, served
from benchmarks.table import Row

SMALL = '{ topology { transaction(key: "tx-000000") { key name composite { expected { percent } } } } }'
PAGE = "services(first: 100) { nodes { id key name kind criticality owner { key } } }"
WIDE = "{ topology { " + " ".join(f"page{number}: {PAGE}" for number in range(10)) + " } }"
DEEP = (
    "{ topology { transactions(first: 20) { nodes { key requirements { required members { entity {"
    " key requirements { required members { entity {"
    " key requirements { required members { entity { key } } } } } } } } } } } } }"
)
QUERIES = (
    ("one small query (a transaction's composite)", SMALL, 200),
    ("ten aliased pages of 100 entities x 6 fields in one request", WIDE, 20),
    ("one query nested 3 levels deep (20 transactions, what they need, what that needs)", DEEP, 50),
)


def rows(environment: Mapping[str, str], *, quick: bool) -> Iterator[Row]:
    """Server CPU milliseconds for each query, the store being in memory by then."""
    with served(environment) as server:
        seconds_to_answer(server, SMALL)
        for what, query, repeats in QUERIES:
            spent = server.cpu_milliseconds(query, max(5, repeats // 10) if quick else repeats)
            yield Row(f"server CPU: {what}", f"{spent:.1f} ms", "the same: answered from memory")
