"""Servers that tests share: one that is only read, one of each test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graphql_api.serving import Client, seeded, serving


@pytest.fixture(scope="session")
def example(larkspur: Path) -> Path:
    """The example company's file."""
    return larkspur / "larkspur.underpin.yaml"


@pytest.fixture(scope="session")
def api(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The example company, for reading."""
    with serving(seeded(tmp_path_factory.mktemp("api") / "store.db", example)) as client:
        yield client


@pytest.fixture
def own_api(example: Path, tmp_path: Path) -> Iterator[Client]:
    """The example company, for one test to write to."""
    with serving(seeded(tmp_path / "store.db", example)) as client:
        yield client
