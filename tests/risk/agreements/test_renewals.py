"""What ends and what renews: the dates by which somebody has to act, and what depends on them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from risk.agreements.renewals import RenewalState, renewals_of
from risk.assessment import Assessment
from risk.terms import FindingCode, Severity
from tests.risk.estates import SLA, UC, agreement, assess, entity, external, promised, target
from tests.statements import company, degrades, needs, vendor
from topology.errors import BadInput
from topology.facts import Statement
from topology.model import Agreement, AgreementStatus, EntityKind, Period

YEARLY, MONTHLY, NINETY_DAYS = Period(months=12), Period(months=1), Period(days=90)
TERM = agreement("uc", UC, "vendor", start=date(2024, 1, 1), end=date(2026, 12, 31))
RENEWING = replace(TERM, auto_renew=YEARLY, notice=NINETY_DAYS)
# The last day less 90 days is 2 October 2026.
DEADLINE = date(2026, 10, 2)
ROW = tuple[int, date, date | None, RenewalState]
DUE, RENEWS, ENDS, REPLACED = RenewalState.DUE, RenewalState.RENEWS, RenewalState.ENDS, RenewalState.REPLACED


def rows(*versions: Agreement, at: date, days: int) -> list[ROW]:
    found = renewals_of({"uc": versions}, at, at + timedelta(days=days), lambda _: ())
    return [(r.agreement.version, r.last_day, r.notice_deadline, r.state) for r in found]


def test_a_fixed_term_ends_and_is_told_when_its_last_day_is_in_the_horizon() -> None:
    assert rows(TERM, at=date(2026, 12, 1), days=30) == [(1, date(2026, 12, 31), None, ENDS)]
    assert rows(TERM, at=date(2026, 12, 1), days=29) == []
    assert rows(TERM, at=date(2026, 12, 31), days=0) == [(1, date(2026, 12, 31), None, ENDS)]
    assert rows(TERM, at=date(2027, 1, 1), days=365) == []


def test_a_renewing_term_is_due_until_its_deadline_and_renews_from_the_day_after() -> None:
    assert rows(RENEWING, at=DEADLINE, days=0) == [(1, date(2026, 12, 31), DEADLINE, DUE)]
    after = DEADLINE + timedelta(days=1)
    assert rows(RENEWING, at=after, days=30) == []  # neither date lies ahead within 30 days
    assert rows(RENEWING, at=after, days=100) == [(1, date(2026, 12, 31), DEADLINE, RENEWS)]


def test_after_a_term_that_renews_the_next_deadline_is_told_as_well() -> None:
    assert rows(RENEWING, at=date(2026, 11, 21), days=365) == [
        (1, date(2026, 12, 31), DEADLINE, RENEWS),
        (1, date(2027, 12, 31), date(2027, 10, 2), DUE),
    ]


def test_notice_in_time_ends_the_term_and_a_later_one_only_the_next() -> None:
    in_time = replace(RENEWING, notice_given=DEADLINE)
    assert rows(in_time, at=date(2026, 11, 21), days=365) == [(1, date(2026, 12, 31), DEADLINE, ENDS)]
    late = replace(RENEWING, notice_given=DEADLINE + timedelta(days=1))
    assert rows(late, at=date(2026, 11, 21), days=500) == [
        (1, date(2026, 12, 31), DEADLINE, RENEWS),
        (1, date(2027, 12, 31), date(2027, 10, 2), ENDS),
    ]


@pytest.mark.parametrize(
    ("end", "notice", "deadline"),
    [
        (date(2026, 12, 31), Period(months=3), date(2026, 9, 30)),
        (date(2026, 5, 31), Period(months=3), date(2026, 2, 28)),  # there is no 31 February
        (date(2028, 5, 31), Period(months=3), date(2028, 2, 29)),
        (date(2027, 2, 28), Period(months=3), date(2026, 11, 28)),
        (date(2026, 8, 15), Period(months=6), date(2026, 2, 15)),
        (date(2026, 3, 31), Period(months=1, days=1), date(2026, 2, 27)),  # months first, then days
        (date(2026, 12, 31), Period(days=30), date(2026, 12, 1)),
    ],
)
def test_notice_periods_count_back_in_months_or_days(end: date, notice: Period, deadline: date) -> None:
    terms = replace(TERM, end=end, auto_renew=YEARLY, notice=notice)
    assert rows(terms, at=deadline, days=0) == [(1, end, deadline, DUE)]


def test_without_a_notice_period_notice_is_due_until_the_last_day() -> None:
    terms = replace(RENEWING, notice=None)
    assert rows(terms, at=date(2026, 12, 31), days=0) == [(1, date(2026, 12, 31), None, DUE)]


def test_monthly_terms_are_told_up_to_the_first_that_can_still_be_stopped() -> None:
    monthly = replace(TERM, end=date(2026, 1, 31), auto_renew=MONTHLY, notice=Period(days=45))
    assert rows(monthly, at=date(2026, 6, 10), days=365) == [
        (1, date(2026, 7, 31), date(2026, 6, 16), DUE),  # the date to act by comes first
        (1, date(2026, 6, 30), date(2026, 5, 16), RENEWS),
    ]


def test_a_version_that_a_higher_one_takes_over_from_is_replaced_and_not_a_gap() -> None:
    second = replace(TERM, version=2, start=date(2027, 1, 1), end=date(2029, 12, 31))
    assert rows(TERM, second, at=date(2026, 12, 1), days=365) == [(1, date(2026, 12, 31), None, REPLACED)]
    early = replace(second, start=date(2026, 7, 1))
    assert rows(TERM, early, at=date(2026, 6, 1), days=365) == [(1, date(2026, 6, 30), None, REPLACED)]
    gap = replace(second, start=date(2027, 1, 2))
    assert rows(TERM, gap, at=date(2026, 12, 1), days=365) == [(1, date(2026, 12, 31), None, ENDS)]
    draft = replace(second, status=AgreementStatus.DRAFT)
    assert rows(TERM, draft, at=date(2026, 12, 1), days=365) == [(1, date(2026, 12, 31), None, ENDS)]


def test_only_active_versions_that_begin_in_the_horizon_count() -> None:
    for status in (AgreementStatus.DRAFT, AgreementStatus.SUSPENDED, AgreementStatus.TERMINATED):
        assert rows(replace(TERM, status=status), at=date(2026, 12, 1), days=60) == []
    coming = replace(TERM, start=date(2026, 12, 15))
    assert rows(coming, at=date(2026, 12, 1), days=60) == [(1, date(2026, 12, 31), None, ENDS)]
    assert rows(replace(TERM, end=None), at=date(2026, 12, 1), days=3650) == []


def company_with(terms: Agreement, at: date = date(2026, 9, 1)) -> Assessment:
    statements: tuple[Statement, ...] = (
        company("acme"),
        vendor("cloud"),
        entity("sales", EntityKind.TRANSACTION),
        entity("news", EntityKind.TRANSACTION),
        external("store", "cloud"),
        needs("sales", "store"),
        degrades("news", "store", "0.1"),
        *promised("sla-sales", SLA, "acme", "sales", "99"),
        *promised("sla-news", SLA, "acme", "news", "99"),
        replace(terms, provider="cloud"),
        target("uc", "99.9", "store"),
    )
    return assess(*statements, at=at)


def test_a_renewal_names_the_commitments_that_count_on_it() -> None:
    (row,) = company_with(RENEWING).promises.renewals(60)
    assert row.commitments == ("sla-sales/sales/availability/calendar_month",)
    assert (row.agreement.key, row.auto_renews, row.notice_given) == ("uc", True, None)


def test_the_end_of_an_sla_names_its_own_commitments() -> None:
    found = assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        *promised("sla", SLA, "acme", "sales", "99", end=date(2026, 12, 31)),
    )
    assert [r.commitments for r in found.promises.renewals(365)] == [("sla/sales/availability/calendar_month",)]


@pytest.mark.parametrize("days", [-1, 3651])
def test_a_horizon_beyond_ten_years_is_refused_with_its_limit(days: int) -> None:
    with pytest.raises(BadInput) as refused:
        company_with(RENEWING).promises.renewals(days)
    assert [(i.code, i.message) for i in refused.value.issues] == [
        ("OUT_OF_RANGE", f"horizonDays is {days}; it lies between 0 and 3650.")
    ]


def notice_findings(terms: Agreement, at: date) -> list[tuple[str, str, Severity]]:
    found = company_with(terms, at).findings()
    return [(f.subject, f.message, f.severity) for f in found if f.code is FindingCode.NOTICE_DUE]


def test_notice_that_is_due_within_ninety_days_is_found_with_its_date() -> None:
    message = '"uc" renews for 12 months after 2026-12-31 unless notice is given by 2026-10-02.'
    assert notice_findings(RENEWING, date(2026, 7, 4)) == [("uc", message, Severity.WARNING)]
    assert notice_findings(RENEWING, DEADLINE) == [("uc", message, Severity.WARNING)]


def test_notice_that_is_far_off_given_or_too_late_is_not_found() -> None:
    assert notice_findings(RENEWING, date(2026, 7, 3)) == []
    assert notice_findings(RENEWING, DEADLINE + timedelta(days=1)) == []
    assert notice_findings(replace(RENEWING, notice_given=date(2026, 8, 1)), date(2026, 9, 1)) == []
    assert notice_findings(TERM, date(2026, 12, 1)) == []
    assert notice_findings(replace(RENEWING, status=AgreementStatus.SUSPENDED), date(2026, 9, 1)) == []
