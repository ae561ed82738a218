"""Descriptions: a docstring as running text, and the domain's enums with theirs."""

import inspect
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

import strawberry

E = TypeVar("E", bound=type[Enum])


def described(documented: object) -> str:
    """The docstring as running text."""
    text = inspect.getdoc(documented)
    assert text, f"{documented} has no docstring to describe it"
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def doc_enum(cls: E, values: Mapping[Any, str]) -> E:
    """An enum of the domain as one of the schema, with exactly these values, each described.

    Args:
        cls: the domain's enum; its docstring describes the set.
        values: from each member that is offered to its description.
    """
    strawberry.enum(cls, description=described(cls))
    definition = cls.__strawberry_definition__  # type: ignore[attr-defined]
    texts = {member.name: text for member, text in values.items()}
    definition.values = [value for value in definition.values if value.name in texts]
    for value in definition.values:
        value.description = texts[value.name]
    return cls
