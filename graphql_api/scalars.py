"""The scalars that are not GraphQL's own: decimal figures, dates and moments, each strict about what it takes."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import strawberry
from strawberry.types.scalar import ScalarDefinition

from topology.units import plain

_DECIMAL = re.compile(r"-?\d{1,40}(\.\d{1,40})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)


def parse_decimal(value: object) -> Decimal:
    """The number that a string of plain notation stands for.

    Raises:
        ValueError: anything but such a string; a JSON number has lost digits before anyone could look.
    """
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise ValueError('Decimal takes a string in plain notation, such as "99.95".')
    return Decimal(value)


def parse_date(value: object) -> date:
    """The day that `2026-06-30` stands for.

    Raises:
        ValueError: anything else.
    """
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError('Date takes a string such as "2026-06-30".')
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f'Date: "{value}" is not a day of the calendar.') from error


def parse_moment(value: object) -> datetime:
    """The moment that `2026-06-30T12:00:00Z` stands for; whether an offset is needed, the field decides.

    Of a fraction of a second the microseconds count: what many clients write beyond them is let go.

    Raises:
        ValueError: anything else.
    """
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError('DateTime takes a string such as "2026-06-30T12:00:00Z".')
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError as error:
        raise ValueError(f'DateTime: "{value}" is not a moment of the calendar.') from error


def _iso(value: date) -> str:
    return value.isoformat()


SCALARS: Final[Mapping[object, ScalarDefinition]] = MappingProxyType(
    {
        Decimal: strawberry.scalar(
            name="Decimal",
            description='An exact decimal figure as a string in plain notation, such as "99.95"; never a JSON number.',
            serialize=plain,
            parse_value=parse_decimal,
        ),
        date: strawberry.scalar(
            name="Date",
            description='A day of the calendar, such as "2026-06-30".',
            serialize=_iso,
            parse_value=parse_date,
        ),
        datetime: strawberry.scalar(
            name="DateTime",
            description=(
                'A moment with its offset, such as "2026-06-30T12:00:00Z", to the microsecond: further digits are let '
                "go. Answers are in UTC."
            ),
            serialize=_iso,
            parse_value=parse_moment,
        ),
    }
)
"""How strawberry maps Python's types to these scalars."""
