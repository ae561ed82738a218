"""From texts as people write them to figures: percents and ratios, durations, periods, money and dates.

Decimals stay as written. What can be read in two ways is a question (`...-QUESTION`), never a guess.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Final

from iso4217 import Currency

from topology.model import CreditCap, Fee, Money, Period
from topology.units import normal, ratio_of_percent

_EXACT: Final = Context(prec=28)
_MAX_LENGTH: Final = 40
"""No figure that a person writes is longer, and arithmetic on it stays cheap."""
_NUMBER: Final = r"[+-]?\d+(?:[.,]\d+)?"
_PLAIN: Final = re.compile(_NUMBER)
_PERCENT: Final = re.compile(rf"({_NUMBER}) ?%")
LIKELY_PERCENT: Final = Decimal(50)
"""An availability in percent is hardly ever below this; what is may have been meant as a ratio."""
_HUNDRED: Final = Decimal(100)
_OPEN_END: Final = date(9999, 12, 31)


class FigureError(ValueError):
    """A text that is no figure of its kind: a stable code, a sentence, and how to write it."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


_MINUTES: Final = {
    "ms": Decimal(1) / 60_000,
    "s": Decimal(1) / 60,
    "min": Decimal(1),
    "h": Decimal(60),
    "d": Decimal(1440),
    "w": Decimal(10_080),
}
_SECONDS_PER: Final = {"ms": Decimal("0.001"), "s": Decimal(1)}
_UNITS: Final = {
    "ms": "ms", "msec": "ms", "millisecond": "ms", "milliseconds": "ms",
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "min": "min", "mins": "min", "minute": "min", "minutes": "min",
    "h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "d": "d", "day": "d", "days": "d",
    "w": "w", "wk": "w", "week": "w", "weeks": "w",
}  # fmt: skip
_MONTHS: Final = {"month": 1, "months": 1, "quarter": 3, "quarters": 3, "year": 12, "years": 12, "y": 12, "yr": 12}
_DAYS: Final = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7}
_MEASURED: Final = re.compile(rf"({_NUMBER}) ?([^\W\d_]+)")
_DURATION: Final = re.compile(rf"(?:{_NUMBER} ?[^\W\d_]+)(?: ?{_NUMBER} ?[^\W\d_]+)*")
_PERIOD: Final = re.compile(r"(?:(\d+) ?)?([^\W\d_]+)")


def tidy(text: str) -> str:
    """The text with every kind of space as one plain space, and none at its ends."""
    return " ".join(text.split())


def number(text: str) -> Decimal:
    """A number with a decimal point or comma.

    Raises:
        FigureError: the text is no finite number in plain notation.
    """
    text = tidy(text)
    if not _PLAIN.fullmatch(text):
        raise FigureError("UP-FIGURE", f"{_shown(text)} is not a number", "write digits, such as 99.95")
    _bound(text)
    return normal(Decimal(text.replace(",", ".")))


def whole(text: str) -> int:
    """A whole number.

    Raises:
        FigureError: it has a fraction, or is no number.
    """
    value = number(text)
    if value != value.to_integral_value():
        raise FigureError("UP-FIGURE", f"{_shown(text)} is not a whole number")
    return int(value)


def ratio(text: str) -> Decimal:
    """A share as a ratio: `99.95 %`, `99,95%`, `99.95` and `0.9995` are all 0.9995.

    Raises:
        FigureError: it is no number, lies outside 0 % to 100 %, or could be a percent as well as a ratio.
    """
    text = tidy(text)
    if "%" in text:
        return percent(text)
    value = number(text)
    if 0 < value < 1:
        return value
    if LIKELY_PERCENT <= value <= _HUNDRED:
        return ratio_of_percent(value)
    if value == 1:
        raise FigureError("UP-FIGURE-QUESTION", "is 1 the ratio 1 (100 %), or 1 %?", "write 100% or 1%")
    if value == 0:
        raise FigureError(
            "UP-FIGURE-QUESTION", "is 0 meant, or was the figure left out?", "write 0%, or leave it empty"
        )
    if 1 < value < LIKELY_PERCENT:
        raise FigureError("UP-FIGURE", f"{_shown(text)} is neither a ratio nor a likely percent", f"write {text}%")
    raise FigureError("UP-RATIO", f"{_shown(text)} is outside 0 % to 100 %")


def percent(text: str) -> Decimal:
    """A figure whose unit is fixed as percent, with or without the sign, as a ratio: `99.95` is 0.9995, `1` is 0.01.

    Raises:
        FigureError: it is no number, or lies outside 0 % to 100 %.
    """
    found = _PERCENT.fullmatch(tidy(text))
    value = number(found[1] if found else text)
    if not 0 <= value <= _HUNDRED:
        raise FigureError("UP-RATIO", f"{_shown(text)} is outside 0 % to 100 %")
    return ratio_of_percent(value)


def fraction(text: str) -> Decimal:
    """A share that may well be small, such as a loss: as `ratio`, but 0 is 0.

    Raises:
        FigureError: as for `ratio`.
    """
    plain = tidy(text)
    return Decimal(0) if _PLAIN.fullmatch(plain) and number(plain) == 0 else ratio(plain)


def share(text: str) -> Decimal:
    """A percent of something that may pass 100 %, such as a cap on credits, as a ratio.

    Raises:
        FigureError: it is no number, or negative.
    """
    found = _PERCENT.fullmatch(tidy(text))
    value = number(found[1] if found else text)
    if value < 0:
        raise FigureError("UP-NEGATIVE", f"{_shown(text)} is negative")
    return ratio_of_percent(value)


def quantity(text: str) -> tuple[Decimal, str]:
    """A number with its unit as written; units of time under their short names. `4 hours` is (4, "h"), `7` is (7, "").

    Raises:
        FigureError: it does not begin with a number.
    """
    text = tidy(text)
    found = re.fullmatch(rf"({_NUMBER}) ?(.*)", text)
    if not found:
        raise FigureError("UP-FIGURE", f"{_shown(text)} is not a number with a unit", "write 300 ms, 4 h or 99.9%")
    _bound(text)
    return number(found[1]), _UNITS.get(found[2].lower(), found[2])


def minutes(text: str) -> Decimal:
    """A duration in minutes: `30 s`, `10 min`, `4 h`, `30 d`, `1 h 30 min`; 0 needs no unit.

    Raises:
        FigureError: it is none, is negative, has no unit, or is in months, whose length is not fixed.
    """
    text = tidy(text)
    if len(text) > _MAX_LENGTH or not _DURATION.fullmatch(text):
        return _bare_duration(text)
    total = Decimal(0)
    for amount, name in _MEASURED.findall(text):
        total = _EXACT.add(total, minutes_of(number(amount), unit_of_time(name)))
    if total < 0:
        raise FigureError("UP-NEGATIVE", f"{_shown(text)} is negative")
    return normal(total)


def unit_of_time(name: str) -> str:
    """The short name of a unit of time whose length is fixed.

    Raises:
        FigureError: it is none, or could be two.
    """
    if name in ("m", "M"):
        raise FigureError("UP-DURATION-QUESTION", f'is "{name}" minutes or months?', "write min or months")
    if name.lower() in _MONTHS:
        raise FigureError("UP-DURATION", f"{name} have no fixed length", "write days, hours or minutes")
    if not name:
        raise FigureError("UP-DURATION", "the figure has no unit", "write s, min, h or d after it")
    if name.lower() not in _UNITS:
        raise FigureError("UP-DURATION", f"{_shown(name)} is no unit of time", "write s, min, h or d")
    return _UNITS[name.lower()]


def minutes_of(value: Decimal, unit: str) -> Decimal:
    """`value` of a unit of time in minutes, to 28 digits."""
    if unit in _SECONDS_PER:
        return normal(_EXACT.divide(_EXACT.multiply(value, _SECONDS_PER[unit]), Decimal(60)))
    return normal(_EXACT.multiply(value, _MINUTES[unit]))


def is_time(unit: str) -> bool:
    """Whether a unit of `quantity` is one of time."""
    return unit in _MINUTES


def period(text: str) -> Period:
    """A stretch of the calendar: `12 months`, `90 d`, `1 year`, `month`.

    Raises:
        FigureError: it is none, or is of no length.
    """
    found = _PERIOD.fullmatch(tidy(text).lower())
    count = int(found[1] or 1) if found and len(found[1] or "") < 6 else 0
    unit = found[2] if found else ""
    if count and unit in _MONTHS:
        return Period(months=count * _MONTHS[unit])
    if count and unit in _DAYS:
        return Period(days=count * _DAYS[unit])
    if unit == "m":
        raise FigureError("UP-DURATION-QUESTION", f"is {_shown(text)} in minutes or in months?", "write 12 months")
    raise FigureError("UP-PERIOD", f"{_shown(text)} is no period", "write 12 months or 90 d")


def money(text: str, currency: str | None) -> Money:
    """An amount with its currency, `2500 EUR` or `EUR 2 500.00`; `currency` where the text names none.

    Raises:
        FigureError: it is no amount, its currency is unknown or unsaid, or its comma can be read in two ways.
    """
    text = tidy(text)
    named = {word for word in re.findall(r"[A-Z]{3}", text[:_MAX_LENGTH]) if word in _CURRENCIES}
    if len(named) > 1:
        message = f"{_shown(text)} names two currencies, which are never added"
        raise FigureError("UP-CURRENCY", message, "write one amount in one currency, such as 2500 EUR")
    found = re.fullmatch(r"(?:([A-Za-z]{3}) ?)?([+-]?[\d., '’]*\d)(?: ?([A-Za-z]{3}))?", text)
    if len(text) > _MAX_LENGTH or not found or (found[1] and found[3]):
        raise FigureError("UP-MONEY", f"{_shown(text)} is not an amount of money", "write 2500 EUR")
    code = found[1] or found[3] or currency
    if code is None:
        raise FigureError(
            "UP-CURRENCY", f"{_shown(text)} names no currency", "write 2500 EUR, or defaults: {currency: EUR}"
        )
    return Money(_amount(found[2]), currency_code(code))


def currency_code(text: str) -> str:
    """An ISO 4217 code.

    Raises:
        FigureError: there is no such currency.
    """
    code = tidy(text).upper()
    if code not in _CURRENCIES:
        raise FigureError("UP-CURRENCY", f"{_shown(text)} is no currency", "write an ISO 4217 code, such as EUR")
    return code


def fee(text: str, currency: str | None) -> Fee:
    """`2500 EUR per month`.

    Raises:
        FigureError: the amount or the period cannot be read, or one of them is missing.
    """
    amount, per = _per(text, "UP-MONEY", "2500 EUR per month")
    price = money(amount, currency)
    if price.amount < 0:
        raise FigureError("UP-NEGATIVE", "a fee cannot be negative")
    return Fee(price, period(per))


def credit_cap(text: str) -> CreditCap:
    """`50% per 12 months`.

    Raises:
        FigureError: the share or the period cannot be read, or one of them is missing.
    """
    capped, per = _per(text, "UP-FIGURE", "50% per 12 months")
    return CreditCap(share(capped), period(per))


def day(text: str) -> date:
    """An ISO date, or one that can be read in one way only.

    Raises:
        FigureError: it is none, or its day and month could change places.
    """
    text = tidy(text)
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", text)
    if found:
        return _date(text, int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        return _date(text, int(found[3]), int(found[2]), int(found[1]))
    if found := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", text):
        one, two, year = int(found[1]), int(found[2]), int(found[3])
        if one <= 12 and two <= 12 and one != two:
            hint = f"write {year}-{one:02}-{two:02} or {year}-{two:02}-{one:02}"
            raise FigureError("UP-DATE-QUESTION", f"{text} has two readings", hint)
        return _date(text, year, *((two, one) if one > 12 else (one, two)))
    raise FigureError("UP-DATE", f"{_shown(text)} is not a date", "write 2026-06-30")


def last_day(text: str) -> date | None:
    """An end: a date, where 9999-12-31 means none.

    Raises:
        FigureError: as for `day`.
    """
    end = day(text)
    return None if end == _OPEN_END else end


_CURRENCIES: Final = frozenset(currency.code for currency in Currency)


@dataclass(frozen=True, slots=True)
class _Grouping:
    """How a number groups its thousands and marks its decimals."""

    pattern: re.Pattern[str]
    thousands: str
    decimal: str


_GROUPINGS: Final = (
    _Grouping(re.compile(r"[+-]?\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?"), " '’", ",."),
    _Grouping(re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+"), ",", "."),
    _Grouping(re.compile(r"[+-]?\d{1,3}(?:,\d{3}){2,}"), ",", "."),
    _Grouping(re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+"), ".", ","),
    _Grouping(re.compile(r"[+-]?\d{1,3}(?:\.\d{3}){2,}"), ".", ","),
)


def _amount(text: str) -> Decimal:
    if re.fullmatch(r"[+-]?\d{1,3},\d{3}", text):
        whole_part, rest = text.split(",")
        raise FigureError(
            "UP-MONEY-QUESTION", f"{text} has two readings", f"write {whole_part}{rest} or {whole_part}.{rest}"
        )
    for grouping in _GROUPINGS:
        if grouping.pattern.fullmatch(text):
            kept = "".join(c for c in text if c not in grouping.thousands)
            return number(kept)
    return number(text)


def _per(text: str, code: str, example: str) -> tuple[str, str]:
    parts = re.split(r"\s+per\s+|\s*/\s*", tidy(text), flags=re.IGNORECASE)
    if len(parts) != 2:
        raise FigureError(code, f"{_shown(text)} does not say for which period", f"write {example}")
    return parts[0], parts[1]


def _date(text: str, year: int, month: int, day_of_month: int) -> date:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        raise FigureError("UP-DATE", f"{_shown(text)} is not a day of the calendar", "write 2026-06-30") from None


def _bare_duration(text: str) -> Decimal:
    if _PLAIN.fullmatch(text) and len(text) <= _MAX_LENGTH:
        if number(text) == 0:
            return Decimal(0)
        raise FigureError("UP-DURATION", f"{_shown(text)} has no unit", f"write {text} min, or s, h, d")
    raise FigureError("UP-DURATION", f"{_shown(text)} is not a duration", "write 30 s, 10 min, 4 h or 30 d")


def _bound(text: str) -> None:
    if len(text) > _MAX_LENGTH:
        raise FigureError("UP-FIGURE", f"{_shown(text)} has too many digits", f"{_MAX_LENGTH} characters are the most")


def _shown(text: str) -> str:
    """The text in quotes, cut where it is long: a problem must not repeat a megabyte."""
    return f'"{text}"' if len(text) <= _MAX_LENGTH else f'"{text[:_MAX_LENGTH]}..."'
