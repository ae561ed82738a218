"""The time that a rolling commitment counts, S_C: the worst window, with all that the commitment itself takes off.

The oracle knows nothing of spans: it steps through every window that begins on the hour, hour by hour, in UTC. All
edges and allowances are whole hours, so that the worst window is among them.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from risk.agreements.agreed_time import CommittedTime, committed_time
from tests.risk.estates import JUNE, MONTH, SLA, agreement, assess, entity, promised, rolling, target
from tests.statements import company
from topology.model import EntityKind, Exclusion, ExclusionKind, Maintenance

EXCLUDED = (Exclusion(ExclusionKind.MAINTENANCE),)


def committed(days: int, *planned: Maintenance, at: date = JUNE, **terms: Any) -> CommittedTime:
    version = agreement("sla", SLA, "acme", maintenance=planned, excludes=EXCLUDED, **terms)
    return committed_time(version, target("sla", "99.9", window=rolling(days)), at)


def test_weekly_maintenance_shifts_the_window_to_the_one_with_the_most_of_it() -> None:
    """Of the 30 days around 30 June 2026 those from 5 June, 04:00, are the first with five Sundays."""
    found = committed(30, Maintenance(weekly="Sun 02:00-04:00"))
    assert found.service_minutes == 42_600
    assert found.shown.starts_at == datetime(2026, 6, 5, 4, tzinfo=UTC)


def test_maintenance_for_each_month_is_taken_off_twice_by_a_week_in_two_months() -> None:
    """Seven days that hold 4 h of June and 4 h of July: 10 080 - 2 x 240."""
    found = committed(7, Maintenance(allowance=Decimal(240), per=MONTH.kind))
    assert found.service_minutes == 9_600
    first, last = found.shown.starts_at, found.shown.ends_at
    assert first <= datetime(2026, 6, 30, 20, tzinfo=UTC)
    assert last >= datetime(2026, 7, 1, 4, tzinfo=UTC)


def test_the_worst_window_may_begin_between_all_edges() -> None:
    """Two days at 30 June, office hours; of June and July 9 h each may go, and 10 h are in each day: 1200 - 2 x 540."""
    planned = Maintenance(allowance=Decimal(540), per=MONTH.kind)
    found = committed(2, planned, service_hours="Mon-Fri 08:00-18:00")
    assert found.service_minutes == 1200 - 1080


def test_what_is_promised_is_a_share_of_the_worst_window() -> None:
    found = assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        *promised(
            "sla",
            SLA,
            "acme",
            "sales",
            "99.9",
            window=rolling(30),
            maintenance=(Maintenance(weekly="Sun 02:00-04:00"),),
            excludes=EXCLUDED,
        ),
    )
    headroom = found.promises.headroom("sla/sales/availability/rolling_30d")
    assert headroom.window is not None
    assert headroom.window.service_minutes == 42_600
    assert headroom.expected_minutes == Decimal("42.6")


def least_by_hours(days: int, at: date, hours: str, slot: str | None, off: list[tuple[int, bool]]) -> int:
    """The least minutes of any window of so many days that holds some of a day."""
    midnight = datetime(at.year, at.month, at.day, tzinfo=UTC)
    first = min(midnight + timedelta(days=1 - days), midnight)

    def counts(hour: datetime) -> bool:
        served = hours == "24x7" or (hour.weekday() < 5 and 8 <= hour.hour < 18)
        return served and not (slot is not None and hour.weekday() == 6 and 2 <= hour.hour < 4)

    def minutes(start: datetime) -> int:
        inside = [n for n in range(days * 24) if counts(start + timedelta(hours=n))]
        total = len(inside)
        for limit, of_month in off:
            if of_month:
                held = Counter((start + timedelta(hours=n)).month for n in inside)
            else:
                held = Counter({0: len(inside)})  # the allowance is for each window
            total -= sum(min(limit, count) for count in held.values())
        return max(0, total) * 60

    starts = int((midnight - first).total_seconds()) // 3600
    return min(minutes(first + timedelta(hours=n)) for n in range(starts + 1))


@pytest.mark.parametrize("seed", range(60))
def test_no_window_counts_less_than_the_one_that_is_told(seed: int) -> None:
    random = Random(seed)
    days, at = random.randint(1, 9), date(2026, random.choice((1, 6, 12)), random.choice((1, 3, 28, 30)))
    hours = random.choice(("24x7", "Mon-Fri 08:00-18:00"))
    slot = random.choice((None, "Sun 02:00-04:00"))
    off = [(random.randint(1, 40), random.random() < 0.8) for _ in range(random.randint(0, 2))]
    planned = [] if slot is None else [Maintenance(weekly=slot)]
    planned += [Maintenance(allowance=Decimal(limit * 60), per=MONTH.kind if month else None) for limit, month in off]
    found = committed(days, *planned, at=at, service_hours=hours)
    assert found.service_minutes == least_by_hours(days, at, hours, slot, off)
