"""Allowances on real calendars against downtime that is placed by brute force, hour by hour or day by day.

The oracles know nothing of spans and measures: they ask the zone for the wall clock of every hour from 2022 to 2029.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from risk.agreements.agreed_time import CommittedTime, committed_time
from risk.allowance import allowance
from tests.risk.estates import SLA, UC, YEAR, agreement, rolling, target
from topology.calendars import midnight, zone
from topology.model import Exclusion, ExclusionKind, Maintenance, Window, WindowKind

CASES = 300
ZONES = ("UTC", "Europe/Oslo", "America/New_York", "Asia/Tokyo", "Australia/Sydney")
EPOCH = datetime(2022, 1, 1, tzinfo=UTC)
HOURS = 24 * 365 * 8
Clock = Callable[[datetime], bool]
SERVICE: dict[str, Clock] = {
    "24x7": lambda _: True,
    "Mon-Fri 08:00-18:00": lambda t: t.weekday() < 5 and 8 <= t.hour < 18,
    "Sat-Sun 06:00-20:00": lambda t: t.weekday() >= 5 and 6 <= t.hour < 20,
    "Mon-Sun 22:00-04:00": lambda t: t.hour >= 22 or t.hour < 4,
}
GRIDS: dict[WindowKind, Callable[[datetime, date], object]] = {
    WindowKind.CALENDAR_MONTH: lambda t, _: (t.year, t.month),
    WindowKind.CALENDAR_QUARTER: lambda t, _: (t.year, (t.month - 1) // 3),
    WindowKind.CALENDAR_YEAR: lambda t, _: t.year,
    WindowKind.CONTRACT_YEAR: lambda t, start: t.year - ((t.month, t.day) < (start.month, start.day)),
}
MAINTENANCE: dict[str, Any] = {
    "maintenance": (Maintenance(weekly="Sun 02:00-04:00"),),
    "excludes": (Exclusion(ExclusionKind.MAINTENANCE),),
}


@lru_cache(maxsize=len(ZONES))
def wall_clock(name: str) -> list[datetime]:
    """What a zone's clocks show at the beginning of every hour."""
    where = ZoneInfo(name)
    return [(EPOCH + timedelta(hours=n)).astimezone(where) for n in range(HOURS)]


@dataclass
class Side:
    """One agreement: its zone, hours, window, first day, and whether it excludes its maintenance."""

    zone: str
    hours: str
    window: WindowKind
    start: date
    excludes: bool

    def terms(self) -> dict[str, Any]:
        more = MAINTENANCE if self.excludes else {}
        return {"timezone": self.zone, "service_hours": self.hours, "start": self.start, **more}

    def serves(self, hour: int) -> bool:
        return SERVICE[self.hours](wall_clock(self.zone)[hour])

    def counts(self, hour: int) -> bool:
        local = wall_clock(self.zone)[hour]
        in_maintenance = self.excludes and local.weekday() == 6 and 2 <= local.hour < 4
        return self.serves(hour) and not in_maintenance

    def window_of(self, hour: int) -> object:
        return GRIDS[self.window](wall_clock(self.zone)[hour], self.start)


def random_side(random: Random, windows: list[WindowKind]) -> Side:
    start = date(random.randint(2010, 2020), random.randint(1, 12), random.randint(1, 28))
    hours = random.choice(["24x7", *SERVICE])
    return Side(random.choice(ZONES), hours, random.choice(windows), start, random.random() < 0.3)


def by_hours(ours: Side, theirs: Side, promise: Decimal, day: date) -> Decimal:
    """The worst downtime in the window that holds a day: each hour is free, or counts for one window of theirs."""
    noon = next(n for n, t in enumerate(wall_clock(ours.zone)) if t.date() == day and t.hour == 12)
    wanted = ours.window_of(noon)
    near = range(max(0, noon - 24 * 800), min(HOURS, noon + 24 * 800))
    mine = [n for n in near if ours.window_of(n) == wanted and ours.counts(n)]
    free = 0
    counted: dict[object, int] = {}
    for n in mine:
        if theirs.counts(n):
            window = theirs.window_of(n)
            counted[window] = counted.get(window, 0) + 1
        else:
            free += 1
    served: dict[object, int] = dict.fromkeys(counted, 0)
    for n in near:
        if theirs.window_of(n) in served and theirs.serves(n):
            served[theirs.window_of(n)] += 1
    total = Decimal(free)
    for window, hours in counted.items():
        total += min((1 - promise) * served[window], Decimal(hours))
    return 60 * min(Decimal(len(mine)), total)


@pytest.mark.parametrize("seed", range(10))
def test_calendar_windows_allow_what_placing_downtime_by_the_hour_does(seed: int) -> None:
    """Months of 28 to 31 days, both changes of the clocks, zones, hours past midnight, maintenance, contract years."""
    random = Random(seed)
    short = [WindowKind.CALENDAR_MONTH, WindowKind.CALENDAR_MONTH, WindowKind.CALENDAR_QUARTER]
    for _ in range(CASES // 10):
        ours, theirs = random_side(random, short), random_side(random, [*short, *GRIDS])
        percent = Decimal(random.choice(["99.9", "99.5", "99", "95", "80", "50", "0"]))
        # February, the months in which clocks change, and any other.
        day = date(random.randint(2024, 2027), random.choice([2, 3, 4, 10, 11, random.randint(1, 12)]), 15)
        promise = target("sla", "99.9", window=Window(ours.window))
        found = committed_time(agreement("sla", SLA, "shop", **ours.terms()), promise, day)
        terms = agreement("uc", UC, "vendor", **theirs.terms())
        allowed = allowance(found, terms, [target("uc", str(percent), window=Window(theirs.window))])
        assert allowed.minutes == by_hours(ours, theirs, percent / 100, day), (ours, theirs, percent, day)


def anywhere(found: CommittedTime, first: date, after: date) -> CommittedTime:
    """The window of a commitment, free to slide from one day to another; all that lies in it may be down."""
    start, end = (midnight(day, zone("UTC")) for day in (first, after))
    return replace(found, earliest=start, latest=end - found.length, service_minutes=Decimal(10**9))


@pytest.mark.parametrize("seed", range(10))
def test_a_sliding_window_allows_what_the_worst_whole_hour_does_and_less_than_an_hour_more(seed: int) -> None:
    """Between two whole hours the window gains at most the hour that it moves by."""
    random = Random(100 + seed)
    first = (datetime(2026, 2, 1, tzinfo=UTC) - EPOCH) // timedelta(hours=1)
    span = 24 * (28 + 31 + 30)
    for _ in range(CASES // 10):
        ours, theirs = (random_side(random, [WindowKind.CALENDAR_MONTH]) for _ in range(2))
        ours, theirs = replace(ours, zone="UTC", excludes=False), replace(theirs, zone="UTC")
        percent, days = Decimal(random.choice(["99", "97.5", "90", "50"])), random.choice([3, 10, 30, 45])
        places = range(first, first + span)
        free = [0, *accumulate(ours.counts(n) and not theirs.counts(n) for n in places)]
        months = {theirs.window_of(n) for n in places}
        counted = {
            m: [0, *accumulate(ours.counts(n) and theirs.counts(n) and theirs.window_of(n) == m for n in places)]
            for m in months
        }
        served = {m: sum(theirs.serves(n) for n in places if theirs.window_of(n) == m) for m in months}
        budgets = {m: (1 - percent / 100) * hours for m, hours in served.items()}
        length = 24 * days
        worst = max(
            Decimal(free[s + length] - free[s])
            + sum((min(budgets[m], Decimal(c[s + length] - c[s])) for m, c in counted.items()), Decimal(0))
            for s in range(span - length + 1)
        )
        promise = target("sla", "99.9", window=rolling(days))
        found = committed_time(agreement("sla", SLA, "shop", **ours.terms()), promise, date(2026, 3, 15))
        sliding = anywhere(found, date(2026, 2, 1), date(2026, 5, 1))
        terms = agreement("uc", UC, "vendor", **theirs.terms())
        minutes = allowance(sliding, terms, [target("uc", str(percent))]).minutes
        assert 60 * worst <= minutes <= 60 * worst + 60, (ours, theirs, percent, days)
        if all(budget == int(budget) for budget in budgets.values()):
            assert minutes == 60 * worst, (ours, theirs, percent, days)


def most_bad_days(length: int, span: int, budget: int) -> int:
    """The most bad days of `length` with at most `budget` in any `span` that follow each other."""
    reached: dict[tuple[int, ...], int] = {(): 0}
    for _ in range(length):
        grown: dict[tuple[int, ...], int] = {}
        for recent, total in reached.items():
            for bad in (0, 1):
                if sum(recent) + bad <= budget:
                    after = (*recent, bad)[-(span - 1) :] if span > 1 else ()
                    grown[after] = max(grown.get(after, 0), total + bad)
        reached = grown
    return max(reached.values())


@pytest.mark.parametrize("seed", range(3))
def test_a_rolling_promise_allows_what_the_worst_choice_of_bad_days_does(seed: int) -> None:
    random = Random(200 + seed)
    for _ in range(CASES // 3):
        span = random.choice([1, 2, 4, 5, 8])
        budget, length = random.randint(0, span), random.randint(1, 40)
        promise = target("sla", "99.9", window=rolling(length))
        found = committed_time(agreement("sla", SLA, "shop"), promise, date(2026, 6, 30))
        percent = str(100 - Decimal(100 * budget) / span)
        allowed = allowance(found, agreement("uc", UC, "vendor"), [target("uc", percent, window=rolling(span))])
        assert allowed.minutes == 1440 * most_bad_days(length, span, budget), (span, budget, length)


@pytest.mark.parametrize("seed", range(3))
def test_equal_windows_that_are_not_aligned_follow_the_closed_form(seed: int) -> None:
    """2025, 2026 and 2027 have 365 days each; q and r as in section 4."""
    random = Random(300 + seed)
    window = 365 * 1440
    for _ in range(CASES // 3):
        length, percent = random.randint(1, 730), Decimal(random.randint(500, 999)) / 10
        budget = (1 - percent / 100) * window
        whole, rest = divmod(length * 1440, window)
        expected = whole * budget + min(2 * budget, Decimal(rest))
        if whole >= 1:
            expected = max(expected, (whole - 1) * budget + min(2 * budget, Decimal(window + rest)))
        promise = target("sla", "99.9", window=rolling(length))
        found = committed_time(agreement("sla", SLA, "shop"), promise, date(2026, 6, 30))
        sliding = anywhere(found, date(2025, 1, 1), date(2028, 1, 1))
        allowed = allowance(sliding, agreement("uc", UC, "vendor"), [target("uc", str(percent), window=YEAR)])
        assert allowed.minutes == expected, (length, percent)
