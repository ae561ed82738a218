"""What a supplier must promise: the worked model, the edges, and random systems against exact enumeration."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from importers.importer import SourceFile, change_set
from importers.native.native_importer import NativeImporter
from risk.assessment import Assessment
from risk.negotiation import Negotiation
from risk.supposed.operations import Scenario, SetOwnAvailability, SetTarget
from risk.terms import ReasonCode
from tests.risk.estates import (
    GOLD,
    JULY,
    JUNE,
    MONTH,
    SLA,
    UC,
    YEAR,
    assess,
    checkout,
    entity,
    external,
    near,
    promised,
    rolling,
)
from tests.statements import company, degrades, needs
from topology.errors import BadInput, UnknownKey
from topology.facts import Statement
from topology.model import (
    Agreement,
    Comparator,
    EntityKind,
    Exclusion,
    ExclusionKind,
    Extent,
    Maintenance,
    Target,
    Window,
    WindowKind,
)
from topology.planning import plan
from topology.snapshot import EMPTY

QUARTER = Window(WindowKind.CALENDAR_QUARTER)
SALES = "sla/sales/availability/calendar_month"


def asked(found: Assessment, supplier: str, commitment: str = GOLD) -> Negotiation:
    return found.promises.negotiation(commitment, supplier)


def percent(found: Negotiation) -> Decimal:
    assert found.required is not None
    return found.required.percent


# ---- the worked model (section 4, "Negotiation") ---------------------------------------------------------------------


def test_orders_db_must_promise_99_96001096461_percent() -> None:
    found = asked(assess(*checkout()), "orders-db")
    assert found.current is not None
    assert found.current.percent == Decimal("99.95")
    assert percent(found) == Decimal("99.96001096461")  # 99.96001096460114..., rounded up
    assert (found.reachable, found.reasons, found.extent) == (True, (), Extent.INTRINSIC)
    # 0.9999^6 (1 - 0.0005 x 0.001), everything beside orders-db
    assert near(found.best.ratio, "0.999399650280")


def test_the_figure_asked_for_keeps_the_promise_and_one_digit_less_does_not() -> None:
    for figure, is_kept in (("99.96001096461", True), ("99.96001096460", False)):
        statements = [
            replace(s, value=Decimal(figure) / 100) if isinstance(s, Target) and s.covers == "orders-db" else s
            for s in checkout()
        ]
        headroom = assess(*statements).promises.headroom(GOLD)
        assert headroom.expected_minutes is not None
        assert (headroom.expected_minutes >= 0) is is_kept


def test_cloud_x_alone_cannot_mend_it() -> None:
    found = asked(assess(*checkout()), "cloud-x")
    assert (found.required, found.reachable) == (None, False)
    assert found.reasons == (ReasonCode.UNREACHABLE_BY_THIS_SUPPLIER,)
    # 47.522140 - 4.315679 min of 30 d are left (section 2): more than 43.2
    assert near(found.best.minutes_per_30_days, "43.206461")


def test_every_other_supplier_is_tried_the_one_with_the_most_to_give_first() -> None:
    options = asked(assess(*checkout()), "cloud-x").alternatives
    assert [o.supplier for o in options] == [
        "orders-db", "api", "cdn", "identity", "payments", "web", "psp-a", "psp-b",
    ]  # fmt: skip
    assert options[0].required.percent == Decimal("99.96001096461")
    assert near(options[0].result.percent, "99.9000000000")
    assert near(options[0].headroom, "0.00000000")
    for option in options[1:]:
        assert option.required.ratio == 1
        assert option.headroom < 0
    # without faults of its own web leaves 43.206461 min: 0.006461 too many
    assert near(options[1].headroom, "-0.006461")


def test_a_figure_that_covers_its_suppliers_is_asked_for_whole() -> None:
    """A series: sales needs s, promised END_TO_END, and s needs t at 99.98 %.

    A promise of 99.9 % asks a_s = .999/.9998 of own faults, and so 99.9 % of the whole: the vendor answers for t.
    """
    found = assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        external("s"),
        entity("t", percent="99.98"),
        needs("sales", "s"),
        needs("s", "t"),
        *promised("uc-s", UC, "s-inc", "s", "99.8"),
        *promised("sla", SLA, "acme", "sales", "99.9"),
    )
    whole = asked(found, "s", SALES)
    assert (whole.extent, percent(whole)) == (Extent.END_TO_END, Decimal("99.9"))
    # Its own faults are fixed for the others: .998/.9998 is left, which no t can mend.
    assert asked(found, "t", SALES).reasons == (ReasonCode.UNREACHABLE_BY_THIS_SUPPLIER,)


# ---- what windows would need (the table of section 4) ----------------------------------------------------------------


def required(found: Negotiation) -> dict[Window, Decimal]:
    return {row.window: row.required.percent for row in found.link_required if row.required is not None}


def test_a_month_of_99_9_needs_99_9917809_percent_of_a_year() -> None:
    rows = required(asked(assess(*checkout()), "psp-b"))
    assert rows[MONTH] == Decimal("99.9")
    assert rows[YEAR].quantize(Decimal("1e-7"), "ROUND_CEILING") == Decimal("99.9917809")  # 1 - 43.2 / 525 600
    assert rows[QUARTER].quantize(Decimal("1e-7"), "ROUND_CEILING") == Decimal("99.9670330")  # 1 - 43.2 / 131 040


def test_the_figure_for_a_year_leaves_no_shortfall_and_one_digit_less_does() -> None:
    rows = required(asked(assess(*checkout()), "psp-b"))
    least = rows[YEAR]
    for figure, is_enough in ((least, True), (least - Decimal("1e-11"), False)):
        statements = [
            replace(s, value=figure / 100, window=YEAR) if isinstance(s, Target) and s.covers == "psp-b" else s
            for s in checkout()
        ]
        (link,) = [k for k in assess(*statements).promises.links(GOLD) if k.supplier == "psp-b"]
        assert link.headroom is not None
        assert (link.headroom >= 0) is is_enough


def test_windows_of_the_two_agreements_are_among_those_asked_about() -> None:
    statements = [
        replace(s, window=rolling(7)) if isinstance(s, Target) and s.covers == "psp-b" else s
        for s in checkout(window=rolling(28))
    ]
    found = asked(assess(*statements, at=JULY), "psp-b", "sla-gold/checkout/availability/rolling_28d")
    assert [str(row.window) for row in found.link_required] == [
        "calendar_month",
        "calendar_quarter",
        "calendar_year",
        "rolling_28d",
        "rolling_7d",
    ]
    # 28 days of 99.9 % are 40.32 min. Rolling 28 d alike: the same figure; 7 d: q = 4 windows of 10.08.
    assert required(found)[rolling(28)] == Decimal("99.9")
    assert required(found)[rolling(7)] == Decimal("99.9")
    # In July and August a calendar month may put its whole budget on either side: 2 x 20.16 min of 44 640.
    assert required(found)[MONTH] == Decimal("99.95483870968")


def test_no_figure_is_enough_where_maintenance_alone_takes_more_than_the_budget() -> None:
    planned = (Maintenance(allowance=Decimal(60), per=WindowKind.CALENDAR_MONTH),)
    statements = [
        replace(s, maintenance=planned, excludes=(Exclusion(ExclusionKind.MAINTENANCE),))
        if isinstance(s, Agreement) and s.key == "uc-psp-b"
        else s
        for s in checkout()
    ]
    found = asked(assess(*statements), "psp-b")
    assert [row.required for row in found.link_required] == [None, None, None]


# ---- edges -----------------------------------------------------------------------------------------------------------


def small(promise: str, *statements: Statement) -> Assessment:
    return assess(
        company("acme"),
        entity("sales", EntityKind.TRANSACTION),
        *statements,
        *promised("sla", SLA, "acme", "sales", promise),
    )


def test_a_promise_that_is_kept_already_tells_how_far_a_supplier_may_sink() -> None:
    found = small("99.5", entity("a", percent="99.9"), needs("sales", "a"))
    assert percent(asked(found, "a", SALES)) == Decimal("99.5")


def test_a_supplier_that_may_always_be_down_needs_to_promise_nothing() -> None:
    found = small(
        "99", entity("a", percent="99.9"), entity("b", percent="99.9"), needs("sales", "a", "b", k=1, name="either")
    )
    assert percent(asked(found, "a", SALES)) == 0


def test_100_percent_can_only_be_kept_by_a_perfect_supplier() -> None:
    found = small("100", entity("a", percent="99.9"), needs("sales", "a"))
    assert percent(asked(found, "a", SALES)) == 100
    two = small(
        "100", entity("a", percent="99.9"), entity("b", percent="99.9"), needs("sales", "a"), needs("sales", "b")
    )
    assert asked(two, "a", SALES).reachable is False


def test_a_missing_figure_has_no_current_value_and_is_named() -> None:
    found = small("99.9", entity("a"), external("b"), needs("sales", "a"), needs("sales", "b"))
    answer = asked(found, "b", SALES)
    assert answer.current is None
    assert [m.entity for m in answer.missing] == ["a", "b"]
    assert ReasonCode.NO_FIGURE in answer.reasons
    assert answer.extent is Extent.END_TO_END  # what a UC covers unless it says otherwise
    assert asked(found, "a", SALES).extent is Extent.INTRINSIC
    assert percent(answer) == Decimal("99.9")  # with a counted as up


def test_a_soft_supplier_makes_no_difference() -> None:
    kept = small(
        "99.9", entity("a", percent="99.9"), external("e", percent="99"), needs("sales", "a"), degrades("sales", "e")
    )
    assert percent(asked(kept, "e", SALES)) == 0
    short = asked(assess(*checkout()), "email")
    assert (short.required, short.reachable) == (None, False)
    assert "email" not in [o.supplier for o in short.alternatives]


def test_a_promise_of_another_metric_is_not_compared() -> None:
    at_most = Comparator.AT_MOST
    latency = Target("sla", 1, "latency_p95", at_most, Decimal(300), "ms", MONTH, Extent.END_TO_END, "sales")
    found = small("99.9", latency, entity("a", percent="99.9"), needs("sales", "a"))
    answer = asked(found, "a", "sla/sales/latency_p95/calendar_month")
    assert (answer.required, answer.reachable) == (None, False)
    assert answer.reasons == (ReasonCode.METRIC_MISMATCH,)
    assert (answer.alternatives, answer.link_required) == ((), ())


def test_what_is_not_needed_is_refused_by_name() -> None:
    found = small("99.9", entity("a", percent="99.9"), entity("apart"), needs("sales", "a"))
    for supplier in ("apart", "sales"):
        with pytest.raises(BadInput, match=supplier) as refused:
            asked(found, supplier, SALES)
        assert [(i.code, i.path) for i in refused.value.issues] == [("NOT_A_SUPPLIER", ("supplier",))]
    for commitment, supplier, path in (("nothing", "a", "commitment"), (SALES, "nothing", "supplier")):
        with pytest.raises(UnknownKey, match="nothing") as unknown:
            asked(found, supplier, commitment)
        assert unknown.value.issues[0].path == (path,)


def test_the_member_of_a_group_with_a_common_cause_moves_the_cause_too() -> None:
    """With beta = .1: q_c = .1 min(q_a, q_b), and each member keeps (q - q_c)/(1 - q_c)."""
    group = replace(needs("sales", "a", "b", k=1, name="pair"), beta=Decimal("0.1"))
    found = small("99.9", entity("a", percent="98"), entity("b", percent="99"), group)
    answer = asked(found, "a", SALES)
    assert answer.required is not None

    def down(q_a: Fraction) -> Fraction:
        q_b = Fraction(1, 100)
        cause = Fraction(1, 10) * min(q_a, q_b)
        a, b = ((q - cause) / (1 - cause) for q in (q_a, q_b))
        return cause + (1 - cause) * a * b

    q = Fraction(1 - answer.required.ratio)
    assert down(q) <= Fraction(1, 1000) < down(q + Fraction(1, 10**11))


# ---- the example company, each figure laid over it as a scenario -----------------------------------------------------


def test_every_figure_asked_for_keeps_its_promise_and_one_digit_less_does_not(larkspur: Path) -> None:
    file = larkspur / "larkspur.underpin.yaml"
    (reading,) = NativeImporter().read([SourceFile(file.name, file.read_bytes())])
    found = Assessment(plan(EMPTY, change_set(reading)).after, JUNE)
    tried = 0
    for commitment in found.promises.commitments():
        hard = [found.key_of(r.entity) for r in found.closure(commitment.entity) if r.hard and commitment.budget]
        for supplier in hard[::3]:
            answer = asked(found, supplier, commitment.key)
            if answer.required is None or answer.required.q >= 1:
                continue
            ratio, figure = answer.required.ratio, found.own_figure(supplier)
            exponent = ratio.as_tuple().exponent
            assert isinstance(exponent, int)
            for value, is_kept in ((ratio, True), (ratio - Decimal(1).scaleb(exponent), False)):
                stated = SetOwnAvailability(supplier, value)
                target = figure.agreement and SetTarget(figure.agreement.key, supplier, "availability", value)
                supposed = found.under(Scenario((target or stated,))).promises.headroom(commitment.key)
                assert supposed.expected_minutes is not None
                assert (supposed.expected_minutes >= 0) is is_kept, (commitment.key, supplier, value)
            tried += 1
    assert tried > 5
