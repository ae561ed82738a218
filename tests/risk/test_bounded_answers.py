"""What is only bounded or sampled is labelled or refused, by every analysis: never a bare figure."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from risk import ground
from risk.assessment import Assessment
from risk.comparison import Comparison
from risk.limits import DEFAULT_LIMITS, Limits, Sampling
from risk.terms import FailureLevel, Method, Verdict
from tests.risk.estates import SLA, UC, assess, entity, external, promised
from tests.statements import company, degrades, needs, vendor
from topology.errors import AnalysisTooLarge
from topology.facts import Statement
from topology.model import EntityKind, Extent, Party, PartyKind
from underpin.promises import promises_of

GOLD = "gold/shop/availability/calendar_month"
TIGHT = Limits(diagram_nodes=1, large_diagram_nodes=0, conditionings=0, bounding_nodes=1)
METHODS = {
    Method.INTERVAL: replace(TIGHT, sampling=Sampling(samples=1)),
    Method.SAMPLED: replace(TIGHT, sampling=Sampling(samples=1 << 16, seed=5)),
    Method.DIAGRAM: DEFAULT_LIMITS,
}
MADE = {Method.INTERVAL, Method.SAMPLED}


def ring() -> tuple[Statement, ...]:
    """A shop that needs a hub, and one of every two neighbours on a ring of ten; two of these are one vendor's."""
    nodes = [f"node-{n}" for n in range(10)]
    return (
        company("acme"),
        Party("customers", PartyKind.CUSTOMER, "Customers"),
        vendor("twins-inc"),
        vendor("mail-inc"),
        entity("shop", EntityKind.TRANSACTION),
        entity("hub", percent="99.9"),
        entity("above"),
        external("node-0", "twins-inc", "80"),
        external("node-1", "twins-inc", "80"),
        *(entity(node, percent="80") for node in nodes[2:]),
        external("mail", percent="90"),
        needs("shop", "hub"),
        *(needs("shop", node, nodes[(n + 1) % 10], k=1, name=f"pair-{n}") for n, node in enumerate(nodes)),
        needs("above", "shop"),
        degrades("shop", "mail", "0.1"),
        *promised("gold", SLA, "acme", "shop", "50", consumer="customers"),
    )


@pytest.fixture(params=sorted(MADE))
def bounded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Method, Assessment]:
    """The shop under limits that its ring does not fit in."""
    monkeypatch.setattr(ground, "DEFAULT_LIMITS", METHODS[request.param])
    return request.param, assess(*ring())


def test_a_composite_says_how_it_was_found_and_between_what_it_lies(bounded: tuple[Method, Assessment]) -> None:
    method, found = bounded
    expected = METHODS[method].sampling
    exact = exactly().composite("shop")
    assert exact.method is Method.DIAGRAM
    assert exact.interval is exact.success_interval is None
    composite = found.composite("shop")
    assert composite.method is method
    for interval, shown, truth in (
        (composite.interval, composite.expected, exact.expected),
        (composite.success_interval, composite.expected_success, exact.expected_success),
    ):
        assert interval is not None
        assert interval.lower.ratio <= truth.ratio <= interval.upper.ratio
        assert interval.lower.ratio <= shown.ratio <= interval.upper.ratio
        is_sampled = method is Method.SAMPLED
        assert (interval.confidence, interval.samples, interval.seed) == (
            (Decimal("0.999"), expected.samples, expected.seed) if is_sampled else (None, None, None)
        )
    assert composite.guaranteed_floor == exact.guaranteed_floor
    assert composite.ceiling == exact.ceiling


def exactly() -> Assessment:
    """The same shop within the usual limits."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ground, "DEFAULT_LIMITS", DEFAULT_LIMITS)
        found = assess(*ring())
        found.composite("shop")
    return found


REFUSED: list[Callable[[Assessment], object]] = [
    lambda found: found.contributions("shop"),
    lambda found: found.conditional("shop", ["node-3"]),
    lambda found: found.conditional("above", []),
    lambda found: found.sensitivity_to_common_cause("shop"),
    lambda found: found.promises.headroom(GOLD),
    lambda found: found.promises.negotiation(GOLD, "hub"),
]


@pytest.mark.parametrize("ask", REFUSED)
def test_what_has_no_place_for_bounds_is_refused(
    bounded: tuple[Method, Assessment], ask: Callable[[Assessment], object]
) -> None:
    _, found = bounded
    with pytest.raises(AnalysisTooLarge):
        ask(found)
    assert ask(exactly()) is not None


def test_single_points_are_told_and_what_they_cost_is_not(bounded: tuple[Method, Assessment]) -> None:
    _, found = bounded
    exact = exactly()
    for level, subject in ((FailureLevel.ENTITY, "hub"), (FailureLevel.VENDOR, "twins-inc")):
        (point,) = found.failures.single_points("shop", level) or ()
        (priced,) = exact.failures.single_points("shop", level) or ()
        assert point.subject == priced.subject == subject
        assert point.minutes is None
        assert priced.minutes is not None
        assert priced.minutes > 0


def test_fussell_vesely_is_left_open(bounded: tuple[Method, Assessment]) -> None:
    _, found = bounded
    number = found.system.number("hub")
    assert found.fussell_vesely("shop", number) is None
    assert exactly().fussell_vesely("shop", number) is not None


def test_an_end_to_end_promise_is_not_backed_out_of_bounds(
    bounded: tuple[Method, Assessment], monkeypatch: pytest.MonkeyPatch
) -> None:
    method, _ = bounded
    monkeypatch.setattr(ground, "DEFAULT_LIMITS", METHODS[method])
    whole = promised("uc-mail", UC, "mail-inc", "mail", "60", extent=Extent.END_TO_END)
    found = assess(*ring(), needs("mail", "above"), entity("top"), needs("top", "mail"), *whole)
    for key in ("mail", "top"):
        with pytest.raises(AnalysisTooLarge, match='"mail" cannot be told'):
            found.composite(key)


def test_everything_beside_is_answered(bounded: tuple[Method, Assessment]) -> None:
    _, found = bounded
    exact = exactly()
    assert found.composite("hub") == exact.composite("hub")
    assert [c.key for c in found.promises.commitments()] == [GOLD]
    assert [link.supplier for link in found.promises.links(GOLD)] == [
        link.supplier for link in exact.promises.links(GOLD)
    ]
    assert {f.code for f in found.findings()} <= {f.code for f in exact.findings()}
    assert found.cut_sets("shop") == exact.cut_sets("shop") is not None


def test_a_comparison_takes_no_bounds_for_figures(bounded: tuple[Method, Assessment]) -> None:
    """With a worse hub in the view after, which the shop and what is above it need."""
    _, before = bounded
    worse = [entity("hub", percent="99") if s == entity("hub", percent="99.9") else s for s in ring()]
    deltas = {delta.entity: delta for delta in Comparison(before, assess(*worse)).entities}
    assert set(deltas) == {"hub", "shop", "above"}
    assert deltas["hub"].minutes is not None
    for key in ("shop", "above"):
        delta = deltas[key]
        assert (delta.before, delta.after, delta.minutes) == (None, None, None)


def test_the_command_shows_it_as_unknown(bounded: tuple[Method, Assessment]) -> None:
    _, found = bounded
    (promise,) = promises_of(found)
    assert promise.headroom.verdict is Verdict.UNKNOWN
    assert promise.headroom.expected_minutes is None
    assert promise.unavailability is None
    assert not promise.is_short
