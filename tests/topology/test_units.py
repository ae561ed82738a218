"""Digits: what people promise stays exact, what is computed keeps its nines, and text never flatters."""

from decimal import Decimal

import pytest

from topology.units import (
    downtime_text,
    exact_ratio,
    headroom_text,
    minutes,
    percent_of_ratio,
    percent_text,
    plain,
    ratio_of_percent,
    significant,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [("99.90", "99.9"), ("1E+2", "100"), ("1E-7", "0.0000001"), ("0", "0"), ("-0.0", "0"), ("0.10", "0.1"), ("5", "5")],
)
def test_decimals_are_shown_plain_and_without_trailing_zeros(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_percents_and_ratios_turn_into_each_other_exactly() -> None:
    assert ratio_of_percent(Decimal("99.99999999999999999999")) == Decimal("0.9999999999999999999999")
    assert percent_of_ratio(ratio_of_percent(Decimal("99.95"))) == Decimal("99.95")


def test_an_unavailability_of_1e_13_can_be_read_back_to_12_digits() -> None:
    q = 1.05800123456e-13
    assert abs(float(1 - exact_ratio(q)) - q) <= 1e-12 * q


def test_far_smaller_unavailabilities_keep_their_digits_too() -> None:
    assert 1 - exact_ratio(8.176e-27) == Decimal("8.176e-27")
    assert exact_ratio(0.0) == 1


def test_a_ratio_of_five_nines_keeps_its_digits() -> None:
    assert plain(exact_ratio(1e-5)) == "0.99999"
    assert plain(exact_ratio(0.0)) == "1"
    assert plain(exact_ratio(1.0)) == "0"


def test_small_and_large_figures_have_no_exponent() -> None:
    assert plain(significant(1.5e-9)) == "0.0000000015"
    assert plain(significant(5.256e5)) == "525600"


def test_minutes_have_nine_decimals_to_nearest() -> None:
    assert minutes(1 / 3) == Decimal("0.333333333")
    assert minutes(Decimal("43.2000000005")) == Decimal("43.2")
    assert minutes(Decimal("43.2000000015")) == Decimal("43.200000002")


def test_text_rounds_availability_down_downtime_up_and_headroom_down() -> None:
    assert percent_text(Decimal("0.0009999999")) == "99.9000 %"
    assert percent_text(Decimal("0.00110004954")) == "99.8899 %"
    assert downtime_text(Decimal("47.522140")) == "47.53 min"
    assert headroom_text(Decimal("-4.3221")) == "-4.33 min"
    assert headroom_text(Decimal("38.889")) == "+38.88 min"
    assert headroom_text(Decimal(0)) == "+0.00 min"
