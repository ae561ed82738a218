"""What commands tell machines of a promise."""

from dataclasses import replace
from decimal import Decimal

from risk.assessment import Assessment
from risk.results import Interval, Probability
from risk.terms import Method
from tests.risk.estates import assess, checkout
from underpin.promises import Promise, promises_of
from underpin.told import because_text, promise_json, ratio_of


def gold(found: Assessment) -> Promise:
    (promise,) = promises_of(found)[:1]
    assert promise.commitment.entity == "checkout"
    return promise


def test_the_composite_of_a_promise_is_told_as_an_exact_figure() -> None:
    told = promise_json(gold(assess(*checkout())))["compositeRatio"]
    assert isinstance(told, str)
    assert Decimal(told).quantize(Decimal("1e-12")) == Decimal("0.998899950455")  # section 2


def test_what_is_known_only_by_bounds_is_no_figure_for_a_machine_either() -> None:
    exact = gold(assess(*checkout()))
    assert exact.composite is not None
    bounds = Interval(Probability(0.002), Probability(0.001))
    bounded = replace(exact, composite=replace(exact.composite, method=Method.INTERVAL, interval=bounds))
    assert ratio_of(bounded) is None
    told = promise_json(bounded)
    assert told["compositeRatio"] is None
    assert told["method"] == "INTERVAL"
    assert told["interval"] == {
        "lowerRatio": "0.998",
        "upperRatio": "0.999",
        "confidence": None,
        "samples": None,
        "seed": None,
    }
    assert because_text(bounded).endswith("only bounds are known: 99.8000 % to 99.9000 % (INTERVAL)")
    assert "bounds" not in because_text(exact)
