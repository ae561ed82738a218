"""What cannot be worked out, or is not asked for, costs nothing else its answer."""

from collections.abc import Callable

import pytest

from risk.assessment import Assessment
from risk.availability import Availability
from risk.failing import Failing
from risk.headroom import Headrooms
from risk.limits import Check, unhurried
from risk.results import Commitment
from risk.terms import FailureLevel, FindingCode
from tests.risk.estates import GOLD, OLA, SLA, UC, assess, checkout, promised
from topology.errors import AnalysisTooLarge
from topology.model import Extent


@pytest.fixture
def whole() -> Assessment:
    """Checkout with END_TO_END contracts, and a promise beside it; its figures are worked out already."""
    found = assess(*checkout(extent=Extent.END_TO_END), *promised("sla-web", SLA, "shop", "web", "99.9"))
    found.findings()
    return found


@pytest.fixture
def entangled(monkeypatch: pytest.MonkeyPatch) -> Assessment:
    """The same with one too many redundant groups beneath psp-a."""
    plain = Availability.supplied

    def supplied(self: Availability[float], root: int, check: Check = unhurried) -> float:
        if self.system.keys[root] == "psp-a":
            raise AnalysisTooLarge("too entangled")
        return plain(self, root, check)

    monkeypatch.setattr(Availability, "supplied", supplied)
    return assess(*checkout(extent=Extent.END_TO_END), *promised("sla-web", SLA, "shop", "web", "99.9"))


ABOVE: list[Callable[[Assessment], object]] = [
    lambda found: found.composite("checkout"),
    lambda found: found.contributions("payments"),
    lambda found: found.conditional("checkout", ["psp-b"]),
    lambda found: found.failures.single_points("checkout"),
    lambda found: found.cut_sets("checkout"),
    lambda found: found.promises.headroom(GOLD),
]


@pytest.mark.parametrize("ask", ABOVE)
def test_what_reaches_a_promise_that_cannot_be_backed_out_is_refused(
    entangled: Assessment, ask: Callable[[Assessment], object]
) -> None:
    with pytest.raises(AnalysisTooLarge, match='"psp-a" cannot be told from its suppliers'):
        ask(entangled)


def test_everything_else_beside_a_promise_that_cannot_be_backed_out_is_answered(
    whole: Assessment, entangled: Assessment
) -> None:
    assert entangled.composite("web") == whole.composite("web")
    assert entangled.contributions("psp-b") == whole.contributions("psp-b")
    cloud = [Failing(FailureLevel.ENTITY, "cloud-x")]
    assert entangled.failures.cascade(cloud) == whole.failures.cascade(cloud)
    assert [c.key for c in entangled.promises.commitments()] == ["sla-web/web/availability/calendar_month", GOLD]
    assert [link.supplier for link in entangled.promises.links(GOLD)] == [
        link.supplier for link in whole.promises.links(GOLD)
    ]
    assert {p.subject for p in entangled.failures.single_points_of_estate()} == {
        p.subject for p in whole.failures.single_points_of_estate()
    }
    seen, missed = ({(f.code, f.subject) for f in found.findings()} for found in (entangled, whole))
    assert missed - seen == {(FindingCode.PROMISE_IN_SHORTFALL, GOLD)}


def test_a_promise_above_one_that_cannot_be_backed_out_cannot_be_either(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Availability.supplied

    def supplied(self: Availability[float], root: int, check: Check = unhurried) -> float:
        if self.system.keys[root] == "cloud-x":
            raise AnalysisTooLarge("too entangled")
        return plain(self, root, check)

    monkeypatch.setattr(Availability, "supplied", supplied)
    from_cloud = promised("uc-cloud", UC, "cloud-x-inc", "cloud-x", "99.99", extent=Extent.END_TO_END)
    found = assess(*checkout(extent=Extent.END_TO_END, cloud=from_cloud))
    for key in ("cloud-x", "psp-a", "checkout"):
        with pytest.raises(AnalysisTooLarge):
            found.composite(key)
    assert found.composite("web").expected.q > 0


def test_only_the_commitments_asked_for_are_worked_out_and_their_links_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others = [promised(f"sla-{n}", SLA, "shop", "web", f"99.{n}") for n in range(10, 20)]
    found = assess(*checkout(), *(s for other in others for s in other))
    asked: list[str] = []
    plain = Headrooms.expected

    def expected(self: Headrooms, commitment: Commitment) -> object:
        asked.append(commitment.key)
        return plain(self, commitment)

    def refused(*_: object) -> None:
        raise AssertionError("nobody asked for a headroom or a link")

    monkeypatch.setattr(Headrooms, "expected", expected)
    monkeypatch.setattr(Headrooms, "headroom", refused)
    monkeypatch.setattr(Headrooms, "links", refused)
    assert [c.key for c in found.promises.commitments(agreement="sla-gold")] == [GOLD]
    assert asked == [GOLD]
    assert [c.key for c in found.promises.commitments((OLA,), entity="acme:orders-db")] == [
        "ola-data/orders-db/availability/calendar_month"
    ]
    assert len(asked) == 2
    assert found.promises.commitments(entity="checkout", agreement="sla-10") == ()
    assert len(found.promises.commitments(entity="web")) == 10
    assert len(asked) == 12
