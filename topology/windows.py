"""The stretches over which targets are measured, on the real calendar of a zone; and terms counted in months."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from topology.calendars import Span, midnight
from topology.model import Period, Window, WindowKind

_MONTHS = {WindowKind.CALENDAR_MONTH: 1, WindowKind.CALENDAR_QUARTER: 3, WindowKind.CALENDAR_YEAR: 12}
_ONE_DAY = timedelta(days=1)


def later(day: date, period: Period, times: int = 1) -> date:
    """The day that many periods later (earlier, when `times` is negative), at the ends of the calendar held.

    Months keep the day of the month, or take the month's last where it is shorter.
    """
    months = day.year * 12 + day.month - 1 + period.months * times
    year, month = divmod(months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.max if year > date.max.year else date.min
    moved = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    try:
        return moved + timedelta(days=period.days * times)
    except OverflowError:
        return date.max if period.days * times > 0 else date.min


def last_day_later(end: date, period: Period, times: int = 1) -> date:
    """A term's last day moved by whole periods: a term that ends with a month goes on ending with a month."""
    if end >= date.max:
        return end
    boundary = later(end + _ONE_DAY, period, times)
    return boundary if boundary in {date.min, date.max} else boundary - _ONE_DAY


def window_at(window: Window, day: date, where: ZoneInfo, start: date | None = None) -> Span | None:
    """The calendar window that contains a day; None for windows that lie on no grid (rolling, per incident).

    Args:
        window: a month, quarter or year of the calendar, or of the contract.
        day: the day, in that zone.
        where: the zone whose midnights bound the window.
        start: the agreement's first day, from which contract years count; without one they are calendar years.
    """
    bounds = _bounds(window.kind, day, start)
    return None if bounds is None else Span(midnight(bounds[0], where), midnight(bounds[1], where))


def windows_touching(window: Window, span: Span, where: ZoneInfo, start: date | None = None) -> Iterator[Span]:
    """The windows of a calendar grid that share time with a span, in order; none for windows on no grid."""
    day = span.starts_at.astimezone(where).date()
    found = window_at(window, day, where, start)
    while found is not None and found.start < span.end:
        yield found
        following = _bounds(window.kind, found.ends_at.astimezone(where).date(), start)
        assert following is not None
        found = Span(found.end, midnight(following[1], where))


def rolling_length(window: Window) -> int:
    """The seconds of a rolling window: its days of 24 hours."""
    assert window.days is not None
    return window.days * 86_400


def _bounds(kind: WindowKind, day: date, start: date | None) -> tuple[date, date] | None:
    if kind is WindowKind.CONTRACT_YEAR and start is not None:
        return _contract_year(day, start)
    months = _MONTHS.get(WindowKind.CALENDAR_YEAR if kind is WindowKind.CONTRACT_YEAR else kind)
    if months is None:
        return None
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, later(first, Period(months=months))


def _contract_year(day: date, start: date) -> tuple[date, date]:
    """The year that contains `day`, counted from `start`; anniversaries of 29 February fall on the 28th."""
    years = day.year - start.year
    if later(start, Period(months=12), years) > day:
        years -= 1
    return later(start, Period(months=12), years), later(start, Period(months=12), years + 1)
