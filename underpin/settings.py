"""What the environment and the command line say, checked once: pydantic stands at this edge and nowhere deeper."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from graphql_api.settings import ApiSettings, Limits
from topology.errors import BadInput, Issue

PREFIX = "UNDERPIN_"
MIB = 1024 * 1024
_BOUNDS = {
    "greater_than": "too small; it must be above",
    "greater_than_equal": "too small; the least is",
    "less_than_equal": "too large; the most is",
}


def default_store() -> str:
    """The store that is used when nobody names one: a file in the user's data folder."""
    return f"sqlite:{data_folder() / 'underpin.db'}"


def demo_store() -> str:
    """The demo's own store, so that an example never mixes with a company's graph."""
    return f"sqlite:{data_folder() / 'demo.db'}"


def data_folder() -> Path:
    """Where this user's stores lie."""
    return platformdirs.user_data_path("underpin", appauthor=False)


def _known_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'there is no time zone "{name}"; write one such as Europe/Oslo') from None
    return name


def _positive(limits: Limits) -> Limits:
    for item in fields(limits):
        if getattr(limits, item.name) <= 0:
            raise ValueError(f"{item.name} must be above 0")
    return limits


def _words(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


class Settings(BaseSettings):
    """Everything that can be set; `UNDERPIN_` and the name in capitals is its variable, a command's option wins.

    `UNDERPIN_LIMITS__DEPTH=20` sets one of the API's limits and leaves the others.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="ignore", frozen=True
    )

    store: str = Field(default_factory=default_store)
    neo4j_user: str = "neo4j"
    neo4j_password: SecretStr | None = None
    neo4j_database: str = "neo4j"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    at: date | None = None
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)] = ()
    poll_seconds: float = Field(default=1.0, gt=0)
    shutdown_seconds: int = Field(default=10, ge=1)
    message_bytes: int = Field(default=256 * 1024, ge=1024, le=64 * MIB)
    limits: Annotated[Limits, AfterValidator(_positive)] = Limits()

    def api(self) -> ApiSettings:
        """What the API is told."""
        return ApiSettings(
            at=self.at,
            timezone=zoneinfo.ZoneInfo(self.timezone),
            cors_origins=self.cors_origins,
            poll_seconds=self.poll_seconds,
            limits=self.limits,
        )


def read_settings(options: Mapping[str, object] | None = None) -> Settings:
    """The settings of the environment, and over them the options that somebody gave.

    Args:
        options: values by the name of their setting; None means that the option was not given.

    Raises:
        BadInput: one issue for each setting that cannot be.
    """
    given = {name: value for name, value in (options or {}).items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # that is what is checked here
    except ValidationError as error:
        raise BadInput(tuple(_issue(given, problem) for problem in error.errors())) from None
    except SettingsError:
        hint = f"write {PREFIX}LIMITS__DEPTH=20 for one limit, or a JSON object of them"
        raise BadInput((Issue("SETTING", f"{PREFIX}LIMITS is no JSON; {hint}", (f"{PREFIX}LIMITS",)),)) from None


def _issue(given: Mapping[str, object], problem: ErrorDetails) -> Issue:
    names = [str(part) for part in problem["loc"]] or ["settings"]
    option = names[0] in given
    shown = f"--{names[0].replace('_', '-')}" if option else PREFIX + "__".join(names).upper()
    return Issue("SETTING", f"{shown}: {_sentence(problem)}", (shown,))


def _sentence(problem: ErrorDetails) -> str:
    """What is wrong with a value, in our words; a secret is never repeated, because secrets are taken as they are."""
    kind, said = problem["type"], str(problem["input"])[:80]
    if kind == "value_error":
        return problem["msg"].removeprefix("Value error, ")
    if kind.startswith("date"):
        return f'"{said}" is no date; write it as 2026-06-30'
    if kind.startswith("int"):
        return f'"{said}" is no whole number'
    if kind.startswith("float"):
        return f'"{said}" is no number'
    if kind in _BOUNDS:
        return f"{said} is {_BOUNDS[kind]} {next(iter(problem['ctx'].values()))}"
    return f'"{said}" is not understood'
