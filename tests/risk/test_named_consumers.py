"""A contract for somebody else backs no promise of ours: its supplier has no figure there, as section 4 has it.

All windows are June 2026: 43 200 min, of which 99 % leave 432 and 99.9 % leave 43.2.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from risk.assessment import Assessment
from risk.results import Headroom
from risk.terms import ReasonCode, Verdict
from tests.risk.estates import OLA, SLA, UC, agreement, assess, entity, external, promised, target, team
from tests.statements import company, needs, vendor
from topology.facts import Statement
from topology.model import EntityKind, Extent

OURS, THEIRS = "sla/ours/availability/calendar_month", "sla/theirs/availability/calendar_month"


def shared(*contracts: Statement, stated: str | None = None, **more: Any) -> Assessment:
    """A store that two teams' sales need: ours through a till of 99.99 %, theirs directly."""
    return assess(
        company("acme"),
        team("us"),
        team("them"),
        vendor("cloud"),
        entity("ours", EntityKind.TRANSACTION, owner="us"),
        entity("till", percent="99.99", owner="us"),
        entity("theirs", EntityKind.TRANSACTION, owner="them"),
        external("store", "cloud", stated),
        needs("ours", "till"),
        needs("till", "store"),
        needs("theirs", "store"),
        agreement("sla", SLA, "acme", "ours", "theirs"),
        target("sla", "99"),
        *contracts,
        **more,
    )


def contract(percent: str, consumer: str | None, key: str = "uc", **more: Any) -> tuple[Statement, ...]:
    extent = more.pop("extent", Extent.INTRINSIC)
    return (agreement(key, UC, "cloud", "store", consumer=consumer, **more), target(key, percent, extent=extent))


def figures(found: Headroom) -> tuple[Decimal | None, Decimal | None, Verdict]:
    return found.expected_minutes, found.guaranteed_minutes, found.verdict


def test_a_contract_for_another_team_leaves_the_supplier_without_a_figure() -> None:
    found = shared(*contract("99.95", "them"))
    ours = found.promises.headroom(OURS)
    # The till alone: 432 - 4.32; the store may be down throughout, and more than all of it nothing can be.
    assert figures(ours) == (Decimal("427.68"), Decimal(432) - 43_200, Verdict.UNKNOWN)
    assert {ReasonCode.NO_AGREEMENT, ReasonCode.NO_FIGURE, ReasonCode.GUARANTEED_SHORTFALL} <= set(ours.reasons)
    (link,) = found.promises.links(OURS)
    assert (link.verdict, link.agreement, link.allowance) == (Verdict.UNCOVERED, None, None)
    assert found.promises.expected(OURS) == ours.expected_minutes


def test_whom_the_contract_is_for_may_count_on_it() -> None:
    found = shared(*contract("99.95", "them"))
    assert figures(found.promises.headroom(THEIRS)) == (Decimal("410.4"), Decimal("410.4"), Verdict.COVERED)


def test_where_it_is_not_for_us_our_own_contract_counts_however_much_more_closely_the_other_would_apply() -> None:
    found = shared(*contract("99.95", "them", precedence=5), *contract("99.5", "acme", "uc-2"))
    ours = found.promises.headroom(OURS)
    # 432 less the till's 4.32 and the store's 216, of which 0.0216 fall together.
    assert figures(ours) == (Decimal("211.7016"), Decimal("211.68"), Verdict.COVERED)
    assert found.promises.headroom(THEIRS).expected_minutes == Decimal("410.4")


def test_a_stated_availability_counts_where_no_contract_is_for_us() -> None:
    ours = shared(*contract("99.95", "them"), stated="99.5").promises.headroom(OURS)
    assert figures(ours) == (Decimal("211.7016"), Decimal("211.68"), Verdict.COVERED)


def test_what_is_short_without_the_supplier_is_short() -> None:
    weak = (entity("roof", percent="98", owner="us"), needs("till", "roof"))
    ours = shared(*contract("99.95", "them"), *weak).promises.headroom(OURS)
    assert ours.verdict is Verdict.SHORTFALL
    assert ours.expected_minutes is not None
    assert ours.expected_minutes < 0


def test_a_vendor_that_answers_for_the_whole_is_told_from_what_is_left_of_it() -> None:
    """`shop` promises 99.9 % of all beneath it; with the store taken as up, that is all its own."""
    shop = (
        vendor("mall"),
        external("shop", "mall"),
        needs("shop", "store"),
        needs("ours", "shop"),
        *promised("uc-shop", UC, "mall", "shop", "99.9", extent=Extent.END_TO_END),
    )
    found = assess(
        company("acme"),
        team("us"),
        team("them"),
        vendor("cloud"),
        entity("ours", EntityKind.TRANSACTION, owner="us"),
        entity("theirs", EntityKind.TRANSACTION, owner="them"),
        external("store", "cloud"),
        needs("theirs", "store"),
        *shop,
        *contract("99.95", "them"),
        *promised("sla", SLA, "acme", "ours", "99"),
    )
    assert found.promises.headroom(OURS).expected_minutes == Decimal("388.8")  # 432 - 43.2


def test_over_time_it_is_the_same() -> None:
    found = shared(*contract("99.95", "them", end=date(2026, 8, 31)))
    first, last = found.promises.timeline(OURS, 100)[0], found.promises.timeline(THEIRS, 100)[-1]
    assert (first.verdict, first.headroom) == (Verdict.UNKNOWN, Decimal("427.68"))
    assert last.verdict is Verdict.UNKNOWN


def test_the_explanation_says_that_nothing_is_known_of_it() -> None:
    found = shared(*contract("99.95", "them")).promises.explanation(OURS)
    (store,) = [item for item in found.own if item.entity == "store"]
    assert (store.figure.value, store.ratio) == (None, Decimal(1))
    (addend,) = [item for item in found.addends if item.entity == "store"]
    assert addend.minutes == 43_200


def test_what_is_promised_to_another_team_is_no_supplier_of_its_own_promise() -> None:
    found = assess(
        company("acme"),
        team("us"),
        team("them"),
        entity("db", owner="us"),
        entity("sales", EntityKind.TRANSACTION, owner="them"),
        needs("sales", "db"),
        *promised("ola", OLA, "us", "db", "99.95", consumer="them"),
    )
    own = found.promises.headroom("ola/db/availability/calendar_month")
    assert figures(own) == (Decimal(0), Decimal(0), Verdict.COVERED)
