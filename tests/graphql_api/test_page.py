"""GraphiQL: the page, its policy and its files; what it looks like in a browser is looked at by a person."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate
from starlette.datastructures import Headers

from graphql_api import page
from graphql_api.guard import check, scan
from graphql_api.schema import executable
from graphql_api.settings import Limits
from tests.graphql_api.serving import Client

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
NAMES = ("graphiql.min.js", "graphiql.min.css", "react.production.min.js", "react-dom.production.min.js")


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).write_text("/* in its place */", encoding="utf-8")
    return tmp_path


def text_of(assets: Path) -> tuple[str, str]:
    """The page and its policy."""
    found = page.page_response(assets)
    return bytes(found.body).decode(), found.headers["content-security-policy"]


def test_a_browser_gets_a_page_and_a_client_does_not(api: Client) -> None:
    found = api.http.get("/graphql", headers={"accept": BROWSER})
    assert found.status_code == 200
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in found.headers["vary"]
    assert api.http.get("/graphql", headers={"accept": "*/*"}).status_code == 400
    assert api.http.head("/graphql", headers={"accept": BROWSER}).status_code == 200


def test_the_pages_policy_forbids_everything_from_elsewhere(assets: Path) -> None:
    _, policy = text_of(assets)
    assert policy.startswith("default-src 'none'; script-src 'self' 'nonce-")
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    [scripts] = [part for part in policy.split("; ") if part.startswith("script-src")]
    assert "unsafe-inline" not in scripts
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_every_script_carries_the_nonce_of_the_policy_and_the_nonce_is_new_each_time(assets: Path) -> None:
    first, policy = text_of(assets)
    nonces = set(re.findall(r'<script[^>]* nonce="([^"]+)"', first))
    assert len(re.findall("<script", first)) == len(re.findall(r"<script[^>]* nonce=", first))
    assert nonces == set(re.findall(r"'nonce-([^']+)'", policy))
    assert nonces.isdisjoint(re.findall(r'nonce="([^"]+)"', text_of(assets)[0]))


def test_the_page_names_nothing_that_is_not_served_here(assets: Path) -> None:
    text, _ = text_of(assets)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert sorted(address.rpartition("/")[2] for address in addresses if address != "data:,") == sorted(NAMES)
    assert all(address.startswith(("/static/graphiql/", "data:")) for address in addresses)
    assert "https://" not in text


def test_without_its_files_the_page_says_what_to_run(tmp_path: Path) -> None:
    text, policy = text_of(tmp_path)
    assert "make graphiql" in text
    assert "<script" not in text
    assert policy.startswith("default-src 'none'")


def test_files_are_served_from_their_folder_only(api: Client) -> None:
    assert api.http.get("/static/graphiql/nothing.js").status_code == 404
    for path in ("/static/graphiql/../../app.py", "/static/graphiql/%2e%2e/%2e%2e/app.py", "/static/graphiql/"):
        assert api.http.get(path).status_code == 404


def test_the_example_tabs_are_valid_and_within_the_limits() -> None:
    for _, text in page._TABS:
        scan(text, Limits())
        document = parse(text)
        check(executable(), document, Limits(), {})
        assert validate(executable(), document) == []


def test_the_example_tabs_are_answered_without_errors(api: Client) -> None:
    for name, text in page._TABS:
        assert "errors" not in api.answer(text), name


def test_a_client_of_graphql_is_not_taken_for_a_browser() -> None:
    assert page.wants_page(Headers({"accept": BROWSER}))
    assert not page.wants_page(Headers({"accept": "application/graphql-response+json, text/html"}))
    assert not page.wants_page(Headers({}))
