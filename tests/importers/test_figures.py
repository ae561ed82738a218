"""Figures: decimals as written, read alike in every spelling; what has two readings is a question."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import figures
from importers.figures import FigureError
from importers.native import texts
from topology.model import CreditCap, Fee, Money, Period
from topology.units import percent_of_ratio, plain


def code_of(error: pytest.ExceptionInfo[FigureError]) -> str:
    return error.value.code


@pytest.mark.parametrize(
    "text", ["99.95%", "99,95 %", "99.95 %", "99,95\u00a0%", " 99.95 ", "0.9995", "0,9995", "99.9500", "+99.95%"]
)
def test_a_ratio_and_a_percent_read_alike(text: str) -> None:
    assert figures.ratio(text) == Decimal("0.9995")


@pytest.mark.parametrize(
    ("text", "ratio"),
    [("50", "0.5"), ("100", "1"), ("0.5", "0.5"), ("2%", "0.02"), ("1%", "0.01"), ("0%", "0"), ("100%", "1"),
     ("0.000001", "0.000001"), ("99.99999999999999999999", "0.9999999999999999999999")],
)  # fmt: skip
def test_the_unit_follows_from_the_sign_or_the_size(text: str, ratio: str) -> None:
    assert figures.ratio(text) == Decimal(ratio)


@pytest.mark.parametrize(
    ("text", "code"),
    [("1", "UP-FIGURE-QUESTION"), ("1.0", "UP-FIGURE-QUESTION"), ("0", "UP-FIGURE-QUESTION"), ("1.5", "UP-FIGURE"),
     ("30", "UP-FIGURE"), ("49.99", "UP-FIGURE"), ("100.01", "UP-RATIO"), ("101%", "UP-RATIO"), ("-1%", "UP-RATIO"),
     ("-0.5", "UP-RATIO"), ("99.9%%", "UP-FIGURE"), ("high", "UP-FIGURE"), ("", "UP-FIGURE"), ("1e-3", "UP-FIGURE"),
     ("99.9.5", "UP-FIGURE"), ("%", "UP-FIGURE"), ("½", "UP-FIGURE")],
)  # fmt: skip
def test_between_is_an_error_and_one_is_a_question(text: str, code: str) -> None:
    with pytest.raises(FigureError) as error:
        figures.ratio(text)
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("text", "ratio"), [("99.95", "0.9995"), ("1", "0.01"), ("0.9995", "0.009995"), ("5 %", "0.05")]
)
def test_a_fixed_unit_wins_over_the_size(text: str, ratio: str) -> None:
    assert figures.percent(text) == Decimal(ratio)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("30 s", "0.5"), ("10 min", "10"), ("4 h", "240"), ("4h", "240"), ("30 d", "43200"), ("1 h 30 min", "90"),
     ("1,5 hours", "90"), ("2 weeks", "20160"), ("90 minutes", "90"), ("0", "0"), ("6 ms", "0.0001")],
)  # fmt: skip
def test_a_duration_is_in_minutes(text: str, minutes: str) -> None:
    assert figures.minutes(text) == Decimal(minutes)


@pytest.mark.parametrize(
    ("text", "code"),
    [("10", "UP-DURATION"), ("10 m", "UP-DURATION-QUESTION"), ("12 months", "UP-DURATION"), ("soon", "UP-DURATION"),
     ("5 parsecs", "UP-DURATION"), ("-5 min", "UP-NEGATIVE"), ("min", "UP-DURATION"), ("9" * 41 + " h", "UP-DURATION")],
)  # fmt: skip
def test_a_duration_without_a_fixed_length_is_refused(text: str, code: str) -> None:
    with pytest.raises(FigureError) as error:
        figures.minutes(text)
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("text", "period"),
    [("12 months", Period(months=12)), ("1 year", Period(months=12)), ("quarter", Period(months=3)),
     ("90 d", Period(days=90)), ("2 weeks", Period(days=14)), ("Month", Period(months=1))],
)  # fmt: skip
def test_a_period_is_of_months_or_of_days(text: str, period: Period) -> None:
    assert figures.period(text) == period


@pytest.mark.parametrize("text", ["0 months", "12", "months 12", "-1 month", "4 h", "9999999 d"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(FigureError):
        figures.period(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("2500 EUR", "2500"), ("EUR 2 500.50", "2500.5"), ("12.000,50 EUR", "12000.5"), ("12,000.50 EUR", "12000.5"),
     ("1,234,567 EUR", "1234567"), ("1'000 EUR", "1000"), ("12,5 EUR", "12.5"),
     ("12\u202f000 EUR", "12000"), ("2500 eur", "2500")],
)  # fmt: skip
def test_an_amount_is_read_whatever_groups_its_thousands(text: str, amount: str) -> None:
    assert figures.money(text, None) == Money(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("text", "code"),
    [("12,000 EUR", "UP-MONEY-QUESTION"), ("2500", "UP-CURRENCY"), ("2500 XXQ", "UP-CURRENCY"),
     ("EUR 5 EUR", "UP-MONEY"),
     ("€ 5", "UP-MONEY"), ("1.2.3 EUR", "UP-FIGURE")],
)  # fmt: skip
def test_an_amount_with_two_readings_is_a_question(text: str, code: str) -> None:
    with pytest.raises(FigureError) as error:
        figures.money(text, None)
    assert code_of(error) == code


def test_an_amount_without_a_currency_takes_the_default() -> None:
    assert figures.money("12000", "NOK") == Money(Decimal(12000), "NOK")


def test_a_fee_and_a_cap_name_their_period() -> None:
    month = Period(months=1)
    assert figures.fee("2500 EUR per month", None) == Fee(Money(Decimal(2500), "EUR"), month)
    assert figures.fee("2500 EUR / month", None) == Fee(Money(Decimal(2500), "EUR"), month)
    assert figures.credit_cap("50% per 12 months") == CreditCap(Decimal("0.5"), Period(months=12))
    with pytest.raises(FigureError) as error:
        figures.fee("2500 EUR", None)
    assert code_of(error) == "UP-MONEY"


@pytest.mark.parametrize("text", ["2026-06-03", "3.6.2026", "03.06.2026", "2026-06-03T00:00:00"])
def test_a_date_with_one_reading_is_read(text: str) -> None:
    assert figures.day(text) == date(2026, 6, 3)


def test_a_date_whose_day_and_month_cannot_change_places_is_read() -> None:
    assert figures.day("31/1/2025") == figures.day("1/31/2025") == date(2025, 1, 31)
    assert figures.day("3/3/2025") == date(2025, 3, 3)


@pytest.mark.parametrize(
    ("text", "code"),
    [("3/1/2025", "UP-DATE-QUESTION"), ("2026-02-30", "UP-DATE"), ("soon", "UP-DATE"), ("2026", "UP-DATE"),
     ("31/31/2025", "UP-DATE"), ("2026-06-03T10:00:00", "UP-DATE")],
)  # fmt: skip
def test_an_ambiguous_date_is_a_question(text: str, code: str) -> None:
    with pytest.raises(FigureError) as error:
        figures.day(text)
    assert code_of(error) == code


def test_the_last_day_of_the_calendar_is_an_open_end() -> None:
    assert figures.last_day("9999-12-31") is None
    assert figures.last_day("2027-12-31") == date(2027, 12, 31)


@given(st.decimals(min_value=0, max_value=1, places=12))
def test_a_ratio_is_read_back_as_it_was_written(ratio: Decimal) -> None:
    assert figures.ratio(texts.percent(ratio)) == ratio
    if ratio >= Decimal("0.5"):
        assert figures.ratio(plain(percent_of_ratio(ratio))) == ratio


@given(
    st.decimals(min_value=0, max_value=10_000_000, places=9)
    | st.integers(0, 10**7).map(lambda s: figures.minutes(f"{s} s"))
)
def test_a_duration_is_read_back_as_it_was_written(minutes: Decimal) -> None:
    assert figures.minutes(texts.duration(minutes)) == minutes


PARSERS = (
    figures.ratio, figures.percent, figures.minutes, figures.period, figures.day, figures.quantity, figures.whole,
)  # fmt: skip


@given(st.text(max_size=60), st.sampled_from(PARSERS))
def test_any_text_is_a_figure_or_a_figure_error_that_is_short(text: str, parse: Callable[[str], object]) -> None:
    assert len(_message(text, parse)) < 150


def _message(text: str, parse: Callable[[str], object]) -> str:
    try:
        parse(text)
    except FigureError as error:
        return str(error)
    return ""
