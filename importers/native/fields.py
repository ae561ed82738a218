"""The kinds of values that a native document holds: how each is read from its text, and its JSON Schema for editors."""

import re
import sys
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Final, TypeVar

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from importers import figures
from importers.figures import FigureError
from topology import model
from topology.calendars import Holidays, ServiceHours, weekly_slot, zone
from topology.model import CreditCap, Fee, Money, Period, Window, WindowKind
from topology.names import LONGEST_NAME
from topology.rules import LONGEST_WINDOW

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Schema = dict[str, object]

_ID: Final = re.compile(r"[a-z0-9][a-z0-9._+-]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_ROLLING: Final = re.compile(r"rolling[_ ](\d{1,4}) ?d(?:ays?)?")
_WRITTEN: Final[Mapping[StrEnum, str]] = {WindowKind.ROLLING: "rolling_Nd"}
"""Values that are written with more than their word."""
_LONGEST_KEY: Final = LONGEST_NAME
_LONGEST_TEXT: Final = 30_000
"""What a cell of a workbook can hold, less a little."""


def scalar(value: object) -> str:
    """The text of a node that must be one value.

    Raises:
        FigureError: it is a list, a mapping, or nothing.
    """
    if isinstance(value, str):
        return value
    found = "nothing" if value is None else "a mapping" if isinstance(value, dict) else "a list"
    raise FigureError("UP-TYPE", f"one value is expected here, not {found}")


def _free(value: object) -> str | None:
    text = scalar(value).replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        raise FigureError("UP-TEXT", "the text holds a control character", "leave it out")
    if len(text) > _LONGEST_TEXT:
        raise FigureError("UP-TEXT", f"the text has more than {_LONGEST_TEXT} characters", "shorten it, or link to it")
    return text if text.strip() else None


def key(value: object) -> str:
    """A key: a native id, or another source's with the source in front.

    Raises:
        FigureError: it is neither.
    """
    # Interned: a supplier that ten thousand entities need is one string.
    text = sys.intern(scalar(value).strip())
    if _ID.fullmatch(text):
        return text
    return foreign_key(text)


def foreign_key(text: str) -> str:
    """A key with its source in front, as overlays write it.

    Raises:
        FigureError: there is no source, or the key could not stand in a list or a line.
    """
    source, colon, rest = text.partition(":")
    sound = rest == rest.strip() and not _CONTROL.search(rest) and "\n" not in rest and "\t" not in rest
    if colon and rest and _ID.fullmatch(source) and sound and len(text) <= _LONGEST_KEY:
        return text
    hint = "use small letters, digits and . _ + - (source:id for another source's)"
    raise FigureError("UP-ID", f'"{text[:80]}" cannot be an id', hint)


def native_id(text: str) -> bool:
    """Whether a text can be the id of something in a native source."""
    return _ID.fullmatch(text) is not None


def _covered(value: object) -> str:
    text = scalar(value)
    if text == "*":
        return "*"
    family, colon, name = text.partition(":")
    if family == "family" and colon:
        kept = _free(name.strip())
        if kept is None:
            raise FigureError("UP-ID", "the family has no name", 'write "family:databases"')
        return f"family:{kept}"
    return key(text)


def _source(value: object) -> str:
    text = str(scalar(value))
    if not _ID.fullmatch(text):
        raise FigureError("UP-ID", f'"{text[:80]}" cannot be a source', "use small letters, digits and . _ + -")
    return text


def _format_version(value: object) -> int:
    version = figures.whole(scalar(value))
    if version != 1:
        message = f"version {version} of the format is not known"
        raise FigureError("UP-FORMAT-VERSION", message, "this program reads underpin: 1")
    return version


def _positive(value: object) -> int:
    count = figures.whole(scalar(value))
    if count < 1:
        raise FigureError("UP-FIGURE", f"{count} is below 1")
    if count > 1_000_000_000:
        raise FigureError("UP-FIGURE", f"{count} is too large")
    return count


def _integer(value: object) -> int:
    count = figures.whole(scalar(value))
    if abs(count) > 1_000_000_000:
        raise FigureError("UP-FIGURE", f"{count} is too large")
    return count


def window(text: str) -> Window:
    """A window as written: `calendar_month`, `rolling_30d`, `per_incident`.

    Raises:
        FigureError: there is no such window, or a rolling one has no length.
    """
    text = figures.tidy(text).lower()
    found = _ROLLING.fullmatch(text)
    if found and int(found[1]):
        return Window(WindowKind.ROLLING, int(found[1]))
    if text == "rolling":
        raise FigureError("UP-WINDOW", f'"{text}" is a window without a length', "write rolling_30d")
    if text.startswith("rolling"):
        how = f"a rolling window is written rolling_30d, 1 to {LONGEST_WINDOW} days"
        raise FigureError("UP-WINDOW", f'"{text[:40]}" is no window', how)
    return Window(_choice(WindowKind, text, "UP-WINDOW"))


def _fixed_window(value: object) -> WindowKind:
    kind = window(scalar(value)).kind
    if kind in (WindowKind.ROLLING, WindowKind.PER_INCIDENT):
        raise FigureError("UP-WINDOW", f"an allowance cannot be {kind}", "write calendar_month, quarter or year")
    return kind


@lru_cache(maxsize=1024)
def _choice(kind: type[E], text: str, code: str = "UP-ENUM") -> E:
    asked = figures.tidy(text).lower().replace(" ", "_").replace("-", "_")
    for item in kind:
        if item.value == asked:
            return item
    values = [_WRITTEN.get(item, item.value) for item in kind]
    near = get_close_matches(asked, values, 1)
    if near:
        raise FigureError(code, f'"{text[:40]}" is not one of {", ".join(values)}', f'did you mean "{near[0]}"?')
    raise FigureError(code, f'"{text[:40]}" is not known here', f"write one of {', '.join(values)}")


def _calendar(parse: Callable[[str], object], code: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        text = figures.tidy(text)
        try:
            parse(text)
        except ValueError as error:
            message, _, hint = str(error).partition("; ")
            raise FigureError(code, message, hint or None) from None
        return text

    return read


def _holiday(text: str) -> str:
    text = figures.tidy(text)
    if text[:1].isdigit():
        return figures.day(text).isoformat()
    return _calendar(lambda code: Holidays.parse((code,)), "UP-COUNTRY")(text.upper())


def _money(value: object, info: ValidationInfo) -> Money:
    return figures.money(scalar(value), _currency(info))


def _fee(value: object, info: ValidationInfo) -> Fee:
    return figures.fee(scalar(value), _currency(info))


def _currency(info: ValidationInfo) -> str | None:
    return info.context if isinstance(info.context, str) else None


def _from_text(parse: Callable[[str], T]) -> PlainValidator:
    return PlainValidator(lambda value: parse(scalar(value)))


def _chosen(kind: type[StrEnum]) -> PlainValidator:
    return PlainValidator(lambda value: _choice(kind, scalar(value)))


def _enum_schema(kind: type[StrEnum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [item.value for item in kind]})


def _text_schema(**more: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **more})


def _figure_schema(description: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": ["string", "number"], "description": description, "examples": list(examples)})


_WINDOWS: Final = [kind.value for kind in WindowKind if kind is not WindowKind.ROLLING]
_ID_SCHEMA: Final[Mapping[str, object]] = {"pattern": f"^{_ID.pattern}$"}

Free = Annotated[str | None, PlainValidator(_free), WithJsonSchema({"type": ["string", "number", "boolean", "null"]})]
"""Free text; empty means absent."""
Key = Annotated[str, PlainValidator(key), _text_schema(description="an id, or source:id for another source's")]
Id = Annotated[str, PlainValidator(key), _text_schema(**_ID_SCHEMA)]
SourceName = Annotated[str, PlainValidator(_source), _text_schema(**_ID_SCHEMA)]
Covered = Annotated[str, PlainValidator(_covered), _text_schema(description='an entity, "*" or "family:NAME"')]
FormatVersion = Annotated[int, PlainValidator(_format_version), WithJsonSchema({"const": 1})]
Positive = Annotated[int, PlainValidator(_positive), WithJsonSchema({"type": "integer", "minimum": 1})]
Integer = Annotated[int, PlainValidator(_integer), WithJsonSchema({"type": "integer"})]
Ratio = Annotated[Decimal, _from_text(figures.ratio), _figure_schema("a percent or a ratio", "99.95%", "0.9995")]
Fraction = Annotated[Decimal, _from_text(figures.fraction), _figure_schema("a percent or a ratio", "2%", "0.02")]
Percent = Annotated[Decimal, _from_text(figures.percent), _figure_schema("a percent", "10", "10%")]
Minutes = Annotated[Decimal, _from_text(figures.minutes), _figure_schema("a duration", "30 s", "10 min", "4 h", "30 d")]
Stretch = Annotated[Period, _from_text(figures.period), _text_schema(examples=["12 months", "90 d"])]
Day = Annotated[date, _from_text(figures.day), _text_schema(format="date")]
LastDay = Annotated[date | None, _from_text(figures.last_day), _text_schema(format="date")]
Amount = Annotated[Money, PlainValidator(_money), _figure_schema("an amount of money", "12000 EUR")]
Price = Annotated[Fee, PlainValidator(_fee), _text_schema(examples=["2500 EUR per month"])]
Cap = Annotated[CreditCap, _from_text(figures.credit_cap), _text_schema(examples=["50% per 12 months"])]
CurrencyCode = Annotated[str, _from_text(figures.currency_code), _text_schema(pattern="^[A-Z]{3}$")]
Span = Annotated[Window, _from_text(window), _text_schema(pattern=f"^({'|'.join(_WINDOWS)}|rolling_[1-9][0-9]*d)$")]
FixedWindow = Annotated[WindowKind, PlainValidator(_fixed_window), _text_schema(enum=_WINDOWS[:-1])]
Zone = Annotated[str, _from_text(_calendar(zone, "UP-ZONE")), _text_schema(examples=["Europe/Oslo", "UTC"])]
Hours = Annotated[
    str, _from_text(_calendar(ServiceHours.parse, "UP-HOURS")), _text_schema(examples=["24x7", "Mon-Fri 08:00-18:00"])
]
Slot = Annotated[str, _from_text(_calendar(weekly_slot, "UP-HOURS")), _text_schema(examples=["Sun 02:00-04:00"])]
Holiday = Annotated[
    str, _from_text(_holiday), _text_schema(description="a date or a country", examples=["2026-12-25", "NO"])
]
Figure = Annotated[
    str, PlainValidator(lambda value: str(scalar(value))), _figure_schema("a figure with its unit", "99.95%", "4 h")
]

EntityKind = Annotated[model.EntityKind, _chosen(model.EntityKind), _enum_schema(model.EntityKind)]
PartyKind = Annotated[model.PartyKind, _chosen(model.PartyKind), _enum_schema(model.PartyKind)]
Criticality = Annotated[model.Criticality, _chosen(model.Criticality), _enum_schema(model.Criticality)]
Substitutability = Annotated[
    model.Substitutability, _chosen(model.Substitutability), _enum_schema(model.Substitutability)
]
AgreementType = Annotated[model.AgreementType, _chosen(model.AgreementType), _enum_schema(model.AgreementType)]
AgreementStatus = Annotated[model.AgreementStatus, _chosen(model.AgreementStatus), _enum_schema(model.AgreementStatus)]
AgreementLevel = Annotated[model.AgreementLevel, _chosen(model.AgreementLevel), _enum_schema(model.AgreementLevel)]
Extent = Annotated[model.Extent, _chosen(model.Extent), _enum_schema(model.Extent)]
Measure = Annotated[model.Measure, _chosen(model.Measure), _enum_schema(model.Measure)]
CreditKind = Annotated[model.CreditKind, _chosen(model.CreditKind), _enum_schema(model.CreditKind)]
