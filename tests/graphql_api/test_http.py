"""GraphQL over HTTP: what a client of any kind sees of statuses, media types, limits and headers."""

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from graphql_api.settings import ApiSettings, Limits
from tests.graphql_api.serving import AT, MODERN, Client, seeded, serving

LEGACY = "application/json"
QUERY = "{ topology { at } }"
DATA = {"data": {"topology": {"at": "2026-06-30"}}}
MUTATION = 'mutation { submitChanges(input: {changes: [], reason: "x", dryRun: true}) { __typename } }'
BROKEN = {"parse": "{", "validation": "{ nothing }", "several": "query A { __typename } query B { __typename }"}


def post(api: Client, body: object, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return api.http.post("/graphql", content=content, headers={"content-type": LEGACY, **_dashed(headers)})


def get(api: Client, parameters: dict[str, str], **headers: str) -> httpx.Response:
    return api.http.get("/graphql", params=parameters, headers=_dashed(headers))


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (LEGACY, LEGACY),
        (MODERN, MODERN),
        ("*/*", LEGACY),
        ("application/*", LEGACY),
        ("", LEGACY),
        (f"{MODERN}; charset=utf-8, {LEGACY}; q=0.9", MODERN),
        (f"{LEGACY}; q=0.5, {MODERN}; q=0.4", LEGACY),
        (f"text/plain, {MODERN}; q=0.1", MODERN),
        (MODERN.upper(), MODERN),
    ],
)
def test_an_answer_has_the_media_type_that_the_client_likes_best_in_utf8(api: Client, accept: str, given: str) -> None:
    found = post(api, {"query": QUERY}, accept=accept)
    assert found.status_code == 200
    assert found.headers["content-type"] == f"{given}; charset=utf-8"
    assert found.json() == DATA


@pytest.mark.parametrize("accept", ["text/plain", "image/png", f"{MODERN}; q=0", f"{LEGACY}; q=nonsense"])
def test_a_client_that_takes_neither_media_type_is_told_so(api: Client, accept: str) -> None:
    found = post(api, {"query": QUERY}, accept=accept)
    assert found.status_code == 406
    assert found.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("query", BROKEN.values(), ids=BROKEN.keys())
def test_a_request_error_is_400_without_data_under_the_new_type_and_200_under_the_old(api: Client, query: str) -> None:
    modern, legacy = post(api, {"query": query}, accept=MODERN), post(api, {"query": query}, accept=LEGACY)
    assert (modern.status_code, legacy.status_code) == (400, 200)
    assert modern.json().keys() == legacy.json().keys() == {"errors"}


def test_a_variable_that_cannot_be_read_is_a_request_error(api: Client) -> None:
    query = "query ($at: Date) { topology(at: $at) { at } }"
    found = post(api, {"query": query, "variables": {"at": "yesterday"}}, accept=MODERN)
    assert found.status_code == 400
    assert "data" not in found.json()
    assert found.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_an_error_in_place_is_200_under_both_types(api: Client) -> None:
    query = '{ topology { at subgraph(roots: ["nope"]) { truncated } } }'
    for accept in (MODERN, LEGACY):
        found = post(api, {"query": query}, accept=accept)
        assert found.status_code == 200
        assert found.json()["data"] == {"topology": {"at": "2026-06-30", "subgraph": None}}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"query"',
        b"\xff\xfe",
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": {"a": 1}}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "operationName": {}}',
        b'{"query": "{ __typename }", "variables": "x"}',
        b'{"query": "{ __typename }", "variables": 7}',
        b'{"query": "{ __typename }", "variables": [1]}',
        b'{"query": "{ __typename }", "extensions": "x"}',
        b'{"query": "{ __typename }", "extensions": [1]}',
        b'{"query": "{ __typename }", "variables": NaN}',
    ],
)
def test_a_body_that_is_no_request_is_400(api: Client, body: bytes) -> None:
    found = post(api, body)
    assert found.status_code == 400
    assert found.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


def test_null_members_count_as_absent(api: Client) -> None:
    body = {"query": QUERY, "operationName": None, "variables": None, "extensions": None}
    assert post(api, body).json() == DATA
    assert post(api, {"query": QUERY, "extensions": {"any": [1]}}).json() == DATA


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"])
def test_a_body_of_another_type_is_415(api: Client, kind: str) -> None:
    found = post(api, {"query": QUERY}, content_type=kind)
    assert found.status_code == 415
    assert found.headers["accept"] == LEGACY


def test_a_body_in_another_charset_or_compressed_is_415_and_utf8_is_taken(api: Client) -> None:
    assert post(api, {"query": QUERY}, content_type="application/json; charset=latin-1").status_code == 415
    assert post(api, {"query": QUERY}, content_encoding="gzip").status_code == 415
    assert post(api, {"query": QUERY}, content_type='application/json; charset="UTF-8"').json() == DATA


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_405_and_says_which_are_served(api: Client, method: str) -> None:
    found = api.http.request(method, "/graphql")
    assert found.status_code == 405
    assert found.headers["allow"] == "GET, POST, OPTIONS"


def test_a_get_needs_a_header_that_another_origin_cannot_send_unasked(api: Client) -> None:
    assert get(api, {"query": QUERY}).status_code == 400
    assert get(api, {"query": QUERY}, graphql_require_preflight="1").json() == DATA
    assert get(api, {"query": QUERY}, apollo_require_preflight="true").json() == DATA
    assert get(api, {"query": QUERY}, content_type=LEGACY).json() == DATA
    assert get(api, {"query": QUERY}, content_type="text/plain").status_code == 400


def test_a_get_takes_variables_and_the_name_of_an_operation(api: Client) -> None:
    query = "query A($at: Date) { topology(at: $at) { at } } query B { __typename }"
    asked = {"query": query, "operationName": "A", "variables": '{"at": "2025-01-31"}'}
    found = get(api, asked, graphql_require_preflight="1")
    assert found.json() == {"data": {"topology": {"at": "2025-01-31"}}}
    assert get(api, asked | {"variables": "{"}, graphql_require_preflight="1").status_code == 400
    assert get(api, asked | {"variables": "[1]"}, graphql_require_preflight="1").status_code == 400


def test_a_get_never_writes(api: Client) -> None:
    found = get(api, {"query": MUTATION}, graphql_require_preflight="1", accept=MODERN)
    assert found.status_code == 405
    assert found.headers["allow"] == "POST"
    assert post(api, {"query": MUTATION}).json() == {"data": {"submitChanges": {"__typename": "ChangesApplied"}}}


def test_an_operation_is_chosen_by_its_name(api: Client) -> None:
    query = "query A { a: __typename } query B { b: __typename }"
    assert post(api, {"query": query, "operationName": "B"}).json() == {"data": {"b": "Query"}}
    for name in (None, "", "C"):
        [error] = post(api, {"query": query, "operationName": name}).json()["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    [error] = post(api, {"query": "fragment F on Query { __typename }"}).json()["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_a_body_of_256_kib_is_taken_and_one_byte_more_is_413(api: Client) -> None:
    room = 256 * 1024 - len(json.dumps({"query": QUERY, "extensions": {"pad": ""}}))
    assert post(api, {"query": QUERY, "extensions": {"pad": "x" * room}}).json() == DATA
    found = post(api, {"query": QUERY, "extensions": {"pad": "x" * (room + 1)}})
    assert found.status_code == 413
    assert found.json()["errors"][0]["message"] == "The body has 262145 bytes; the limit is 262144."


def test_a_large_body_is_for_imports_only_whatever_the_client_writes_into_it(api: Client) -> None:
    padding = {"pad": "importSource" + "x" * 300_000}
    for query in (QUERY, MUTATION, "query importSource { __typename }", "{ importSource: __typename }"):
        assert post(api, {"query": query, "extensions": padding}).status_code == 413
    query = "mutation ($i: ImportSourceInput!) { importSource(input: $i) { __typename } }"
    twice = query.replace("{ importSource", "{ importSource(input: $i) { __typename } b: importSource")
    variables = {"i": {"fileName": "a.yaml", "base64": "A" * 400_000}}
    assert post(api, {"query": query, "variables": variables}).json() == {
        "data": {"importSource": {"__typename": "ChangesRejected"}}
    }
    assert post(api, {"query": twice, "variables": variables}).status_code == 413


def test_a_body_above_8_mib_is_413_declared_or_not(api: Client) -> None:
    assert post(api, b"{" + b" " * (8 * 1024 * 1024)).status_code == 413
    parts = iter([b" " * 1_000_000] * 9)
    found = api.http.post("/graphql", content=parts, headers={"content-type": LEGACY})
    assert found.status_code == 413


def test_a_request_id_is_taken_if_it_is_decent_and_made_if_not(api: Client) -> None:
    assert post(api, {"query": QUERY}, x_request_id="abc-123").headers["x-request-id"] == "abc-123"
    for bad in ("a" * 65, "a b", "a\tb", "<x>"):
        made = post(api, {"query": QUERY}, x_request_id=bad).headers["x-request-id"]
        assert re.fullmatch("[0-9a-f]{32}", made)
    assert "x-request-id" in api.http.get("/nowhere").headers


def test_every_answer_has_strict_headers(api: Client) -> None:
    for found in (post(api, {"query": QUERY}), api.http.get("/healthz"), api.http.get("/nowhere")):
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["x-frame-options"] == "DENY"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert found.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert found.headers["cache-control"] == "no-store"


def test_an_address_where_nothing_is_served_is_an_error_in_json(api: Client) -> None:
    found = api.http.get("/nowhere")
    assert found.status_code == 404
    assert found.json() == {"errors": [{"message": "Not Found", "extensions": {"code": "NOT_FOUND"}}]}
    assert api.http.post("/healthz").status_code == 405


def test_the_front_leads_to_graphql(api: Client) -> None:
    found = api.http.get("/")
    assert (found.status_code, found.headers["location"]) == (307, "/graphql")


@pytest.fixture(scope="module")
def open_api(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """An API that pages of one other origin may call, with small limits."""
    settings = ApiSettings(at=AT, cors_origins=("https://console.example",), limits=Limits(depth=3, body=2000))
    with serving(seeded(tmp_path_factory.mktemp("cors") / "store.db", example), settings) as client:
        yield client


def test_only_listed_origins_may_call(open_api: Client) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    good = open_api.http.options("/graphql", headers={"origin": "https://console.example", **asked})
    assert good.headers["access-control-allow-origin"] == "https://console.example"
    bad = open_api.http.options("/graphql", headers={"origin": "https://evil.example", **asked})
    assert bad.status_code == 400
    assert "access-control-allow-origin" not in bad.headers
    read = post(open_api, {"query": QUERY}, origin="https://evil.example")
    assert "access-control-allow-origin" not in read.headers


def test_limits_are_settings(open_api: Client) -> None:
    assert open_api.codes("{ topology { revision { summary { added } } } }") == ["QUERY_TOO_COMPLEX"]
    assert post(open_api, {"query": QUERY, "extensions": {"pad": "x" * 2000}}).status_code == 413


def test_nobody_may_call_from_another_origin_by_default(api: Client) -> None:
    found = post(api, {"query": QUERY}, origin="https://console.example")
    assert "access-control-allow-origin" not in found.headers


def test_health_and_readiness(api: Client) -> None:
    assert api.http.get("/healthz").json() == {"status": "ok"}
    ready = api.http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json().keys() == {"store", "revision", "snapshotAgeSeconds"}
    assert (ready.json()["store"], ready.json()["revision"]) == ("reachable", 1)
    assert 0 <= ready.json()["snapshotAgeSeconds"] < 60


def test_a_client_that_sends_all_before_it_reads_sees_the_413(api: Client) -> None:
    address = api.http.base_url
    connection = http.client.HTTPConnection(address.host, address.port or 80, timeout=20)
    body = b"{" + b" " * (20 * 1024 * 1024)
    connection.request("POST", "/graphql", body, {"Content-Type": LEGACY})
    answer = connection.getresponse()
    assert (answer.status, b"the limit is 8388608" in answer.read()) == (413, True)
    connection.close()


def test_a_large_body_that_is_not_an_import_alone_is_told_its_size(api: Client) -> None:
    twice = "mutation($i: ImportSourceInput!) { a: importSource(input: $i) { __typename } __typename }"
    found = post(api, {"query": twice, "variables": {"i": {"fileName": "x", "base64": "A" * 300_000}}})
    assert found.status_code == 413
    assert re.search(r"has 300\d{3} bytes; the limit is 262144", found.text)
