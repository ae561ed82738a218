"""Figures as the native format writes them: what `importers.figures` reads back as the very same value."""

from decimal import Decimal
from typing import Final

from importers.figures import minutes as read_minutes
from importers.native.agreements import RATIO_METRICS
from topology.model import (
    CreditCap,
    CreditTier,
    Exclusion,
    ExclusionKind,
    Fee,
    Maintenance,
    Money,
    Period,
    Target,
)
from topology.units import percent_of_ratio, plain

_SHORT: Final = 12
"""A duration with more digits than this was hardly written in minutes."""


def percent(ratio: Decimal) -> str:
    """`99.95%`."""
    return f"{plain(percent_of_ratio(ratio))}%"


def duration(minutes: Decimal) -> str:
    """Minutes in the unit that people would use: `30 s`, `10 min`, `4 h`, `30 d`."""
    for unit, length in (("d", Decimal(1440)), ("h", Decimal(60))):
        if minutes and minutes % length == 0:
            return f"{plain(minutes / length)} {unit}"
    text = f"{plain(minutes)} min"
    if len(text) > _SHORT:
        seconds = f"{plain(round(minutes * 60, 6))} s"
        if read_minutes(seconds) == minutes:
            return seconds
    return text


def period(value: Period) -> str:
    """`12 months` or `90 d`."""
    return f"{value.months} months" if value.months else f"{value.days} d"


def money(value: Money) -> str:
    """`2500 EUR`."""
    return f"{plain(value.amount)} {value.currency}"


def fee(value: Fee) -> str:
    """`2500 EUR per 1 months`, in words where there are words."""
    return f"{money(value.amount)} per {_per(value.per)}"


def credit_cap(value: CreditCap) -> str:
    """`50% per 12 months`."""
    return f"{percent(value.share)} per {period(value.per)}"


def maintenance(value: Maintenance) -> tuple[str, str]:
    """A weekly slot as (`weekly`, slot), an allowance as (`allowance`, length); the window is `value.per`."""
    if value.weekly is not None:
        return ("weekly", value.weekly)
    return ("allowance", duration(value.allowance or Decimal(0)))


def exclusion(value: Exclusion) -> str | tuple[str, str] | tuple[str, tuple[str, ...]]:
    """A word, or a word with its length or its entities."""
    if value.kind is ExclusionKind.SHORTER_THAN:
        return (value.kind.value, duration(value.minutes or Decimal(0)))
    if value.kind is ExclusionKind.ENTITIES:
        return (value.kind.value, value.entities)
    return value.kind.value


def below(tier: CreditTier) -> str:
    """The figure below which a tier applies: bare where it cannot be taken for anything but a percent."""
    text = percent(tier.below)
    return text.removesuffix("%") if tier.below >= Decimal("0.5") else text


def owed(tier: CreditTier) -> str:
    """What a tier owes, in percent of the fee."""
    return plain(percent_of_ratio(tier.share_of_fee))


def value_and_unit(target: Target) -> tuple[str, str]:
    """The promised figure and its unit, as two cells."""
    if target.metric in RATIO_METRICS:
        return (percent(target.value).removesuffix("%"), "%")
    return (plain(target.value), target.unit)


def figure(target: Target) -> str:
    """The promised figure with its unit, as one value."""
    value, unit = value_and_unit(target)
    return f"{value}{unit}" if unit == "%" else f"{value} {unit}".strip()


def _per(value: Period) -> str:
    words = {Period(months=1): "month", Period(months=3): "quarter", Period(months=12): "year"}
    return words.get(value, period(value))
