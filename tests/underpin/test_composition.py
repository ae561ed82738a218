"""Store addresses: what is understood, and the one sentence for what is not."""

from pathlib import Path

import pytest

from topology.errors import BadInput
from underpin.composition import Neo4jAddress, SqliteAddress, make_store, parse_store
from underpin.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("STORE", "NEO4J_USER", "NEO4J_PASSWORD", "NEO4J_DATABASE"):
        monkeypatch.delenv(f"UNDERPIN_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def sentence(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        parse_store(text)
    (issue,) = caught.value.issues
    return issue.message


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("sqlite:underpin.db", "underpin.db"),
        ("sqlite:./a b.db", "a b.db"),
        ("sqlite:/var/lib/underpin.db", "/var/lib/underpin.db"),
        ("SQLite:x.db", "x.db"),
        (" sqlite:x.db ", "x.db"),
        ("sqlite:a:b.db", "a:b.db"),
    ],
)
def test_a_file_is_named_as_on_the_command_line(text: str, path: str) -> None:
    assert parse_store(text) == SqliteAddress(Path(path))


def test_a_tilde_is_the_home_folder(tmp_path: Path) -> None:
    assert parse_store("sqlite:~/x.db") == SqliteAddress(tmp_path / "x.db")


@pytest.mark.parametrize("scheme", ["neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"])
def test_every_scheme_of_the_driver_is_a_server(scheme: str) -> None:
    assert parse_store(f"{scheme}://graph.example:7687") == Neo4jAddress(f"{scheme}://graph.example:7687")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '"" names no store that Underpin knows; write sqlite:PATH or neo4j://HOST:7687'),
        ("company.db", '"company.db" names no store that Underpin knows; write sqlite:company.db'),
        (
            "postgres://me:secret@db.example/x",
            '"postgres://...@db.example/x" names no store that Underpin knows; write sqlite:PATH or neo4j://HOST:7687',
        ),
        ("sqlite:", "sqlite: names no file; write sqlite:PATH"),
        (
            "sqlite:///var/x.db",
            '"sqlite:///var/x.db" is not understood; write sqlite:PATH, a path as on the command line',
        ),
        (
            "sqlite::memory:",
            "a store in memory would be forgotten when the command ends; write sqlite:PATH",
        ),
        ("neo4j://", '"neo4j://" names no host; write sqlite:PATH or neo4j://HOST:7687'),
        (
            "bolt://host:7687/movies",
            '"bolt://host:7687/movies" has a path; write bolt://host:7687, and the database in UNDERPIN_NEO4J_DATABASE',
        ),
    ],
)
def test_what_is_no_store_is_told_in_one_sentence(text: str, expected: str) -> None:
    assert sentence(text) == expected


def test_a_password_in_an_address_is_refused_and_never_repeated() -> None:
    told = sentence("neo4j://neo4j:hunter2@graph.example")
    assert "UNDERPIN_NEO4J_PASSWORD" in told
    assert "hunter2" not in told


def test_a_port_that_is_no_number_is_told() -> None:
    assert sentence("bolt://host:seven").startswith("the store's address is wrong: Port could not be cast")


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    assert sentence(f"sqlite:{tmp_path}") == f"{tmp_path} is a folder; write sqlite:{tmp_path / 'underpin.db'}"


def test_a_server_without_credentials_names_their_variables() -> None:
    with pytest.raises(BadInput, match="UNDERPIN_NEO4J_USER and UNDERPIN_NEO4J_PASSWORD"):
        make_store(Settings(store="neo4j://graph.example"))


def test_a_store_that_must_exist_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"there is no store at .*typo\.db"):
        make_store(Settings(store=f"sqlite:{tmp_path / 'typo.db'}"), must_exist=True)
    assert not (tmp_path / "typo.db").exists()


def test_a_folder_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"there is no folder .*nowhere"):
        make_store(Settings(store=f"sqlite:{tmp_path / 'nowhere' / 'x.db'}"))
    assert not (tmp_path / "nowhere").exists()


def test_the_default_store_lies_in_the_users_data_folder_which_is_made(tmp_path: Path) -> None:
    settings = read_settings()
    address = parse_store(settings.store)
    assert isinstance(address, SqliteAddress)
    assert address.path.is_relative_to(tmp_path)
    make_store(settings)
    assert address.path.parent.is_dir()
