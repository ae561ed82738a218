"""Settings: the environment, the options over it, and a sentence for each that cannot be."""

from datetime import date

import pytest

from topology.errors import BadInput
from underpin.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STORE", "AT", "TIMEZONE", "HOST", "PORT", "NEO4J_PASSWORD"):
        monkeypatch.delenv(f"UNDERPIN_{name}", raising=False)


def test_an_option_wins_over_its_variable_and_one_not_given_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERPIN_STORE", "sqlite:variable.db")
    monkeypatch.setenv("UNDERPIN_AT", "2026-01-31")
    settings = read_settings({"store": "sqlite:option.db", "at": None})
    assert settings.store == "sqlite:option.db"
    assert settings.at == date(2026, 1, 31)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERPIN_PORT", "")
    assert read_settings().port == 8000


def test_one_limit_can_be_set_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERPIN_LIMITS__DEPTH", "20")
    limits = read_settings().api().limits
    assert (limits.depth, limits.tokens) == (20, 5000)


def test_the_api_is_told_date_zone_and_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERPIN_TIMEZONE", "Europe/Oslo")
    monkeypatch.setenv("UNDERPIN_CORS_ORIGINS", "https://a.example, https://b.example")
    api = read_settings({"at": date(2026, 6, 30)}).api()
    assert api.at == date(2026, 6, 30)
    assert str(api.timezone) == "Europe/Oslo"
    assert api.cors_origins == ("https://a.example", "https://b.example")


def test_all_that_is_wrong_is_told_at_once_under_the_names_that_people_gave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERPIN_TIMEZONE", "Mars")
    monkeypatch.setenv("UNDERPIN_LIMITS__DEPTH", "0")
    with pytest.raises(BadInput) as caught:
        read_settings({"port": 70_000})
    told = [issue.message for issue in caught.value.issues]
    assert told == [
        "--port: 70000 is too large; the most is 65535",
        'UNDERPIN_TIMEZONE: there is no time zone "Mars"; write one such as Europe/Oslo',
        "UNDERPIN_LIMITS: depth must be above 0",
    ]


def test_a_zone_that_is_a_path_is_no_zone() -> None:
    with pytest.raises(BadInput, match="there is no time zone"):
        read_settings({"timezone": "../../etc/passwd"})


def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERPIN_NEO4J_PASSWORD", "hunter2")
    settings = read_settings()
    assert settings.neo4j_password is not None
    assert settings.neo4j_password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings)


def test_nothing_is_set_by_a_file_in_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    with open(".env", "w", encoding="ascii") as file:  # noqa: PTH123
        file.write("UNDERPIN_PORT=1\n")
    assert Settings().port == 8000


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("AT", "2026-6", 'UNDERPIN_AT: "2026-6" is no date; write it as 2026-06-30'),
        ("AT", "2026-02-30", 'UNDERPIN_AT: "2026-02-30" is no date; write it as 2026-06-30'),
        ("PORT", "abc", 'UNDERPIN_PORT: "abc" is no whole number'),
        ("PORT", "-1", "UNDERPIN_PORT: -1 is too small; the least is 0"),
        ("POLL_SECONDS", "0", "UNDERPIN_POLL_SECONDS: 0 is too small; it must be above 0.0"),
        ("POLL_SECONDS", "soon", 'UNDERPIN_POLL_SECONDS: "soon" is no number'),
        ("LIMITS__DEPTH", "deep", 'UNDERPIN_LIMITS__DEPTH: "deep" is no whole number'),
        (
            "LIMITS",
            "abc",
            "UNDERPIN_LIMITS is no JSON; write UNDERPIN_LIMITS__DEPTH=20 for one limit, or a JSON object",
        ),
    ],
)
def test_what_cannot_be_is_told_in_our_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(f"UNDERPIN_{name}", value)
    with pytest.raises(BadInput) as caught:
        read_settings()
    (issue,) = caught.value.issues
    assert issue.message.startswith(expected)
