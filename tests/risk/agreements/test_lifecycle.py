"""How an agreement stands at a date: versions, terms, renewals and notices."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from risk.agreements.lifecycle import final_day, notice_deadline, standing, term_end
from risk.terms import ReasonCode
from tests.risk.estates import UC, agreement
from topology.model import Agreement, AgreementStatus, Period
from topology.windows import last_day_later, later

YEARLY, NINETY_DAYS = Period(months=12), Period(days=90)
FIRST = agreement("uc", UC, "vendor", start=date(2024, 1, 1))
LIMITED = replace(FIRST, end=date(2026, 6, 30))
RENEWING = replace(LIMITED, end=date(2025, 12, 31), auto_renew=YEARLY, notice=NINETY_DAYS)
SUSPENDED, TERMINATED, DRAFT = AgreementStatus.SUSPENDED, AgreementStatus.TERMINATED, AgreementStatus.DRAFT


def why_not(at: date, *versions: Agreement) -> tuple[ReasonCode, ...]:
    found = standing(versions, at)
    assert found.version is None
    return found.reasons


def test_an_agreement_is_in_force_on_its_first_and_on_its_last_day() -> None:
    assert standing([LIMITED], date(2024, 1, 1)).version == LIMITED
    assert standing([LIMITED], date(2026, 6, 30)).version == LIMITED


def test_before_its_first_and_after_its_last_day_it_is_not() -> None:
    assert why_not(date(2023, 12, 31), LIMITED) == (ReasonCode.FUTURE,)
    assert why_not(date(2026, 7, 1), LIMITED) == (ReasonCode.EXPIRED,)


def test_without_dates_it_is_always_in_force() -> None:
    open_ended = replace(FIRST, start=None)
    assert standing([open_ended], date(1999, 1, 1)).version == open_ended


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (SUSPENDED, ReasonCode.SUSPENDED),
        (TERMINATED, ReasonCode.TERMINATED),
        (DRAFT, ReasonCode.DRAFT_ONLY),
    ],
)
def test_only_an_active_version_is_in_force(status: AgreementStatus, reason: ReasonCode) -> None:
    assert why_not(date(2026, 6, 30), replace(FIRST, status=status)) == (reason,)


def test_a_version_supersedes_from_its_start() -> None:
    second = replace(FIRST, version=2, start=date(2026, 7, 1))
    assert standing([FIRST, second], date(2026, 6, 30)).version == FIRST
    assert standing([FIRST, second], date(2026, 7, 1)).version == second


def test_once_superseded_a_version_does_not_come_back() -> None:
    second = replace(FIRST, version=2, start=date(2025, 1, 1), end=date(2025, 12, 31))
    assert why_not(date(2026, 6, 30), FIRST, second) == (ReasonCode.EXPIRED,)


@pytest.mark.parametrize("status", [DRAFT, SUSPENDED, TERMINATED])
def test_a_version_that_is_not_active_supersedes_nothing(status: AgreementStatus) -> None:
    second = replace(FIRST, version=2, status=status)
    assert standing([FIRST, second], date(2026, 6, 30)).version == FIRST


def test_all_reasons_are_given_when_several_hold() -> None:
    second = replace(FIRST, version=2, status=SUSPENDED)
    third = replace(FIRST, version=3, start=date(2027, 1, 1))
    assert why_not(date(2026, 7, 1), LIMITED, second, third) == (
        ReasonCode.EXPIRED,
        ReasonCode.FUTURE,
        ReasonCode.SUSPENDED,
    )


def test_a_renewing_agreement_goes_on_and_says_that_this_is_assumed() -> None:
    assert not standing([RENEWING], date(2025, 12, 31)).renewed
    found = standing([RENEWING], date(2031, 5, 5))
    assert (found.version, found.renewed) == (RENEWING, True)
    assert final_day(RENEWING) is None


def test_notice_on_the_deadline_ends_the_term() -> None:
    # The last day less 90 days: 2 October 2025.
    assert notice_deadline(RENEWING, date(2025, 6, 30)) == date(2025, 10, 2)
    assert final_day(replace(RENEWING, notice_given=date(2025, 10, 2))) == date(2025, 12, 31)


def test_a_later_notice_ends_the_term_after() -> None:
    late = replace(RENEWING, notice_given=date(2025, 10, 3))
    assert final_day(late) == date(2026, 12, 31)
    assert standing([late], date(2026, 6, 30)).renewed
    assert why_not(date(2027, 1, 1), late) == (ReasonCode.EXPIRED,)


def test_without_a_notice_period_notice_counts_until_the_last_day() -> None:
    no_period = replace(RENEWING, notice=None, notice_given=date(2025, 12, 31))
    assert final_day(no_period) == date(2025, 12, 31)
    assert notice_deadline(no_period, date(2025, 6, 30)) is None


def test_the_deadline_is_that_of_the_term_that_runs() -> None:
    assert notice_deadline(RENEWING, date(2026, 6, 30)) == date(2026, 10, 2)


def test_an_open_end_has_no_deadline_and_a_period_of_nothing_does_not_renew() -> None:
    assert notice_deadline(replace(FIRST, notice=NINETY_DAYS), date(2026, 6, 30)) is None
    assert final_day(replace(RENEWING, auto_renew=Period())) == date(2025, 12, 31)


def stepped(agreement: Agreement, at: date | None) -> date:
    """Term after term from the first end: the one that runs at a date, or is the last for the notice that was given."""
    assert agreement.end is not None
    assert agreement.auto_renew is not None
    last, times = agreement.end, 0
    while at is None or last < at:
        deadline = later(last, agreement.notice or Period(), -1)
        if agreement.notice_given is not None and agreement.notice_given <= deadline:
            return last
        times += 1
        last = last_day_later(agreement.end, agreement.auto_renew, times)
    return last


@pytest.mark.parametrize("seed", range(80))
def test_the_term_of_a_day_is_the_one_that_stepping_through_the_terms_finds(seed: int) -> None:
    random = Random(seed)

    def some_day(year: int) -> date:
        return date(year, 1, 1) + timedelta(days=random.randint(0, 730))

    period = random.choice(
        (Period(days=1), Period(days=7), Period(days=30), Period(months=1), Period(months=5), YEARLY)
    )
    end = random.choice((some_day(2024), date(2024, 1, 31), date(2024, 2, 29), date(2024, 12, 30)))
    notice = random.choice((None, Period(days=1), Period(months=1), NINETY_DAYS))
    renewing = replace(FIRST, end=end, auto_renew=period, notice=notice)
    noticed = replace(renewing, notice_given=some_day(2025))
    for at in (end, *(some_day(year) for year in (2024, 2025, 2026, 2031))):
        assert term_end(renewing, at) == stepped(renewing, at)
        assert term_end(noticed, at) == stepped(noticed, at)
    assert final_day(noticed) == stepped(noticed, None)


class CountedDay(date):
    """A day that counts how often another one is compared with days of its kind."""

    compared = 0

    def __le__(self, other: date) -> bool:
        CountedDay.compared += 1
        return super().__le__(other)


def test_of_an_agreement_that_renews_daily_for_ages_no_term_is_stepped_through() -> None:
    """From the first of all days on: up to 3.65 million terms."""
    daily = replace(FIRST, start=date(1, 1, 1), end=date(1, 1, 2), auto_renew=Period(days=1), notice=Period(days=1))
    CountedDay.compared = 0
    assert term_end(daily, CountedDay(9000, 5, 17)) == date(9000, 5, 17)
    assert final_day(replace(daily, notice_given=CountedDay(9000, 5, 17))) == date(9000, 5, 18)
    assert 0 < CountedDay.compared < 200
