"""Ratios 0..1 and minutes; the only place where percents exist.

Figures that are computed are floats of unavailability `q`, so that five nines keep their digits; figures that people
promise are `Decimal`. Both are shown in plain notation, without an exponent.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

MINUTES_PER_DAY = 1440
MINUTES_PER_30_DAYS = 30 * MINUTES_PER_DAY
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_SIGNIFICANT = Context(prec=15, rounding=ROUND_HALF_EVEN)
_NANOMINUTE = Decimal("1e-9")
_PART_OF_A_CENT = Decimal("1e-4")


def normal(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent: 99.90 is 99.9, 1E+2 is 100."""
    trimmed = value.normalize(_WIDE)
    exponent = trimmed.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:
        return trimmed.quantize(Decimal(1), context=_WIDE)
    return _WIDE.add(trimmed, Decimal(0))  # no negative zero


def plain(value: Decimal) -> str:
    """A decimal in plain notation, normalised: `0.0000001`, never `1E-7`."""
    return format(normal(value), "f")


def ratio_of_percent(percent: Decimal) -> Decimal:
    """99.9 becomes 0.999, exactly."""
    return normal(percent.scaleb(-2, _WIDE))


def percent_of_ratio(ratio: Decimal) -> Decimal:
    """0.999 becomes 99.9, exactly."""
    return normal(ratio.scaleb(2, _WIDE))


def exact_ratio(q: float) -> Decimal:
    """The availability 1 - q with q to 15 significant digits: U = 1e-13 can be read back to 12 digits."""
    return normal(_WIDE.subtract(Decimal(1), _SIGNIFICANT.create_decimal_from_float(q)))


def significant(value: float) -> Decimal:
    """A computed figure to 15 significant digits, in plain notation."""
    return normal(_SIGNIFICANT.create_decimal_from_float(value))


def minutes(value: float | Decimal) -> Decimal:
    """Minutes to 9 decimals, to nearest."""
    exact = value if isinstance(value, Decimal) else Decimal(value)
    return normal(exact.quantize(_NANOMINUTE, context=_WIDE))


def money(amount: Decimal) -> Decimal:
    """An amount to 4 decimals, to nearest: hundredths of what most currencies have as their least coin."""
    return normal(amount.quantize(_PART_OF_A_CENT, context=_WIDE))


def percent_text(q: float | Decimal, decimals: int = 4) -> str:
    """An availability for people, from its unavailability: rounded down, as `99.9001 %`."""
    exact = _WIDE.subtract(Decimal(1), q if isinstance(q, Decimal) else Decimal(q)).scaleb(2, _WIDE)
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_FLOOR)} %"


def downtime_text(value: float | Decimal, decimals: int = 2) -> str:
    """Minutes of downtime for people: rounded up, as `47.53 min`."""
    exact = value if isinstance(value, Decimal) else Decimal(value)
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_CEILING)} min"


def headroom_text(value: float | Decimal, decimals: int = 2) -> str:
    """Minutes of headroom for people: rounded down, signed, as `-4.33 min`."""
    exact = value if isinstance(value, Decimal) else Decimal(value)
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_FLOOR):+} min"
