"""Which promises are backed, now and over a horizon: day by day against an assessment made on that day."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from risk.assessment import Assessment
from risk.coverage import CoverageGap
from risk.results import LinkHeadroom
from risk.terms import Verdict
from tests.risk.changing_estates import AT, ZONES, random_estate
from topology.snapshot import Snapshot

GAPS = {Verdict.UNCOVERED, Verdict.SHORTFALL, Verdict.UNKNOWN}
WORST_FIRST = [
    Verdict.UNCOVERED,
    Verdict.SHORTFALL,
    Verdict.UNKNOWN,
    Verdict.THIN,
    Verdict.COVERED,
    Verdict.ACCEPTED_RISK,
    Verdict.NOT_REQUIRED,
]
DAYS = 50
Row = tuple[str, str]


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def links_on(snapshot: Snapshot, day: date) -> dict[Row, LinkHeadroom]:
    """All links of a day, by commitment and supplier."""
    found = Assessment(snapshot, day)
    return {
        (key, link.supplier): link for key in found.promises.all_commitments() for link in found.promises.links(key)
    }


def rows(found: Assessment, days: int) -> dict[Row, CoverageGap]:
    every = found.promises.coverage_gaps(days, list(Verdict))
    assert len({(row.commitment.key, row.supplier) for row in every}) == len(every)
    return {(row.commitment.key, row.supplier): row for row in every}


def weight(link: LinkHeadroom) -> tuple[int, Decimal]:
    return (WORST_FIRST.index(link.verdict), link.headroom or Decimal(0))


@pytest.mark.parametrize("seed", range(100))
def test_the_horizon_is_the_worst_of_its_days_and_the_first_gap_is_the_first_of_them(seed: int) -> None:
    zone = ZONES[seed % len(ZONES)]
    snapshot = random_estate(seed, zone, DAYS)
    by_day = [links_on(snapshot, AT + timedelta(days=n)) for n in range(DAYS)]
    found = rows(Assessment(snapshot, AT), DAYS)
    promised = Assessment(snapshot, AT).promises.all_commitments()
    expected = {row for day in by_day for row in day if row[0] in promised}
    assert found.keys() == expected
    for key, row in found.items():
        days = [(n, links[key]) for n, links in enumerate(by_day) if key in links]
        _, worst = min(days, key=lambda pair: weight(pair[1]))
        assert (row.verdict, row.headroom) == (worst.verdict, worst.headroom)
        gap = next((n for n, link in days if link.verdict in GAPS), None)
        assert row.first_gap_at == (None if gap is None else midnight(AT + timedelta(days=gap), zone))


@pytest.mark.parametrize("seed", range(100))
def test_without_a_horizon_each_row_is_the_link_of_the_business_date(seed: int) -> None:
    zone = ZONES[seed % len(ZONES)]
    snapshot = random_estate(seed, zone, DAYS)
    at = AT + timedelta(days=seed % 30)
    links, found = links_on(snapshot, at), rows(Assessment(snapshot, at), 0)
    assert found.keys() == links.keys()
    for key, row in found.items():
        link = links[key]
        assert (row.verdict, row.reasons, row.headroom, row.agreement) == (
            link.verdict,
            link.reasons,
            link.headroom,
            link.agreement,
        )
        assert row.first_gap_at == (midnight(at, zone) if link.verdict in GAPS else None)
