"""The worked model "checkout" and the tables of analyses.md, sections 2 and 3, to their digits."""

from fractions import Fraction

import networkx as nx
import pytest

from risk.availability import Availability
from risk.backing_out import Figure, back_out
from risk.cut_sets import cut_sets
from risk.floor import ceiling, guaranteed
from risk.graph import to_networkx
from risk.importance import importances, needed
from risk.single_points import FailureSet, single_points
from risk.success import expected_success
from risk.terms import FailureLevel, Method
from tests.risk.models import Model, Part, checkout, model
from topology.units import exact_ratio

SINGLE_POINTS = ["api", "cdn", "cloud-x", "identity", "orders-db", "payments", "web"]
CONTRACTED = ("cdn", "identity", "psp-a", "psp-b", "email")


def ratio(found: Model, key: str) -> str:
    return f"{exact_ratio(found.engine().composite(found.number(key)).unavailability):.12f}"


def single_point_keys(found: Model, root: str) -> list[str]:
    sets = [FailureSet(FailureLevel.ENTITY, key, frozenset((n,))) for n, key in enumerate(found.system.keys)]
    return sorted(point.subject for point in single_points(found.engine(), sets, found.number(root), []))


def test_checkout_expected_is_47_522140_minutes_in_30_days() -> None:
    found = checkout()
    composite = found.engine().composite(found.number("checkout"))
    assert f"{exact_ratio(composite.unavailability):.12f}" == "0.998899950455"
    assert round(composite.unavailability * 43_200, 6) == 47.522140
    assert composite.method is Method.CLOSED_FORM
    assert composite.lower == composite.upper == composite.unavailability


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("web", "0.999700029999"),
        ("api", "0.999099760416"),
        ("payments", "0.999799510100"),
        ("psp-a", "0.999400050000"),
    ],
)
def test_the_suppliers_of_checkout_have_their_own_composites(key: str, expected: str) -> None:
    assert ratio(checkout(), key) == expected


def test_a_series_is_the_product() -> None:
    found = model(
        {
            "v": Part("99.98", ["a", "b", "c"]),
            "a": Part("99.95"),
            "b": Part("99.80"),
            "c": Part("99.99"),
        }
    )
    assert ratio(found, "v") == "0.997201769650"


@pytest.mark.parametrize(
    ("required", "percents", "expected"),
    [
        (2, ["99", "99", "99"], "0.999702000000"),
        (3, ["99"] * 5, "0.999990149400"),
        (2, ["99.9", "99.5", "99"], "0.999935100000"),
    ],
)
def test_k_of_n_is_the_poisson_binomial_tail(required: int, percents: list[str], expected: str) -> None:
    members = [f"m{n}" for n in range(len(percents))]
    parts = {"v": Part("100", [(required, members)])} | {m: Part(p) for m, p in zip(members, percents, strict=True)}
    assert ratio(model(parts), "v") == expected


def test_a_hard_cycle_counts_each_of_its_members_once() -> None:
    found = model({"a": Part("99.9", ["b"]), "b": Part("99.8", ["a", "c"]), "c": Part("99.99")})
    expected = Fraction("0.999") * Fraction("0.998") * Fraction("0.9999")
    for key in ("a", "b"):
        composite = found.engine().composite(found.number(key)).unavailability
        assert composite == pytest.approx(float(1 - expected), rel=1e-12)


def test_expected_success_of_checkout_loses_two_percent_with_email() -> None:
    found = checkout()
    success = expected_success(found.engine(), found.number("checkout"))
    assert f"{exact_ratio(success.unavailability):.12f}" == "0.998879972456"


def test_the_guaranteed_floor_of_checkout_adds_what_promises_allow() -> None:
    found = checkout()
    engine = found.engine()
    assert guaranteed(engine.prepared, found.own, found.number("checkout")) == pytest.approx(0.0016, rel=1e-12)


def test_the_floor_leaves_out_what_lies_only_beneath_end_to_end_promises() -> None:
    """Checkout with its UCs END_TO_END: floor .9985, since cloud-x is the vendors' to answer for."""
    found = checkout()
    whole = {found.number(key): found.own[found.number(key)] for key in CONTRACTED}
    bound = guaranteed(found.engine().prepared, found.own, found.number("checkout"), whole=whole)
    assert bound == pytest.approx(0.0015, rel=1e-12)


def test_the_floor_with_allowances_is_in_minutes_and_never_above_the_window() -> None:
    """Section 4: 43.2 minutes of budget and a guaranteed headroom of -25.92; a missing figure costs the window."""
    found = checkout()
    prepared, root = found.engine().prepared, found.number("checkout")
    allowed = [q * 43_200 for q in found.own]
    assert 43.2 - guaranteed(prepared, allowed, root, cap=43_200) == pytest.approx(-25.92, rel=1e-12)
    allowed[found.number("cdn")] = 43_200
    assert guaranteed(prepared, allowed, root, cap=43_200) == 43_200


def test_the_floor_of_two_of_three_is_that_of_any_dependence() -> None:
    found = model({"v": Part("100", [(2, ["a", "b", "c"])]), "a": Part("99.9"), "b": Part("99.5"), "c": Part("99")})
    assert guaranteed(found.engine().prepared, found.own, found.number("v")) == pytest.approx(0.006, rel=1e-12)


def test_the_floor_of_one_of_two_is_the_better_promise_alone() -> None:
    found = model({"v": Part("100", [(1, ["a", "b"])]), "a": Part("99.95"), "b": Part("99.9")})
    assert guaranteed(found.engine().prepared, found.own, found.number("v")) == pytest.approx(0.0005, rel=1e-12)


def test_the_ceiling_is_the_weakest_single_point() -> None:
    found = checkout()
    assert ceiling(found.engine().prepared, found.own, found.number("checkout")) == pytest.approx(0.0005)


def test_contributions_rank_orders_db_first_and_price_each_entity() -> None:
    found = checkout()
    rows = importances(found.engine(), found.number("checkout"))
    minutes = {found.system.keys[row.entity]: row.minutes for row in rows}
    assert found.system.keys[rows[0].entity] == "orders-db"
    assert round(minutes["orders-db"], 3) == 21.587
    for key in ("web", "api", "payments", "identity", "cdn", "cloud-x"):
        assert round(minutes[key], 6) == 4.315679
    assert round(minutes["psp-a"], 4) == round(minutes["psp-b"], 4) == 0.0216
    assert minutes["checkout"] == 0
    assert {found.system.keys[row.entity] for row in rows if row.structural} == {"checkout"}
    assert "email" not in minutes
    assert sum(row.share or 0 for row in rows) == pytest.approx(1)


def test_what_orders_db_would_have_to_promise_is_found_in_closed_form() -> None:
    """Section 4: orders_db must promise at least 99.960010964601 % for 99.9 %."""
    found = checkout()
    answer = needed(found.engine(), found.number("checkout"), found.number("orders-db"), 0.001)
    assert answer.reachable
    assert answer.unavailability is not None
    assert round(100 * (1 - answer.unavailability), 11) == 99.9600109646


def test_cloud_x_alone_cannot_save_the_promise() -> None:
    found = checkout()
    answer = needed(found.engine(), found.number("checkout"), found.number("cloud-x"), 0.001)
    assert not answer.reachable
    assert answer.best > 0.001
    assert answer.unavailability is not None
    assert answer.unavailability < 0


def test_end_to_end_promises_are_backed_out_on_the_joint_state() -> None:
    found = checkout().end_to_end(*CONTRACTED)
    settled = back_out(found.system, found.figures)
    composite = settled.availability.composite(found.number("checkout")).unavailability
    assert f"{1 - composite:.13f}" == "0.9989000902289"
    assert round((0.001 - composite) * 43_200, 6) == -4.316102
    assert settled.exceeded == ()


def test_the_single_points_of_checkout_are_not_its_articulation_points() -> None:
    found = checkout()
    assert single_point_keys(found, "checkout") == SINGLE_POINTS
    graph = to_networkx(found.system).to_undirected()
    graph.remove_node("email")
    assert set(nx.articulation_points(graph)) == {"api", "payments", "web"}


def test_cloud_x_is_hidden_behind_redundancy() -> None:
    found = checkout()
    sets = [FailureSet(FailureLevel.ENTITY, key, frozenset((n,))) for n, key in enumerate(found.system.keys)]
    points = single_points(found.engine(), sets, found.number("checkout"), [found.number("checkout")])
    assert [point.subject for point in points if point.hidden] == ["cloud-x"]
    assert points[0].subject == "orders-db"
    assert round(points[0].minutes or 0, 3) == 21.587
    assert all(point.stops == (found.number("checkout"),) for point in points)


def test_cut_sets_of_checkout_to_order_two_are_seven_and_the_two_psps() -> None:
    found = checkout()
    cuts = cut_sets(found.engine(), found.number("checkout"), max_order=2)
    assert [found.keys(cut.entities) for cut in cuts.found if len(cut.entities) == 2] == [["psp-a", "psp-b"]]
    assert sorted(found.keys(cut.entities)[0] for cut in cuts.found if len(cut.entities) == 1) == SINGLE_POINTS
    assert (cuts.total, cuts.capped_by) == (8, None)
    pair = next(cut for cut in cuts.found if len(cut.entities) == 2)
    assert pair.probability == pytest.approx(0.0005 * 0.001, rel=1e-12)


def test_with_psp_a_down_psp_b_is_a_new_single_point() -> None:
    found = checkout()
    given = found.engine().conditional(found.number("checkout"), [found.number("psp-a")])
    assert f"{1 - given.unavailability:.12f}" == "0.997901549455"
    own = found.own
    own[found.number("psp-a")] = 1.0
    slopes = Availability(found.system, own).birnbaum(found.number("checkout"))
    assert slopes[found.number("psp-b")] == pytest.approx(given.unavailability * 0 + 0.997901549455 / 0.999, rel=1e-9)


def test_moving_psp_b_to_another_cloud_removes_cloud_x_and_gains_4_309_minutes() -> None:
    before, after = checkout(), checkout("cloud-y")
    assert single_point_keys(after, "checkout") == [key for key in SINGLE_POINTS if key != "cloud-x"]
    gained = before.engine().composite(before.number("checkout")).unavailability
    gained -= after.engine().composite(after.number("checkout")).unavailability
    assert round(gained * 43_200, 3) == 4.309


def test_a_promise_above_its_supply_is_reported_and_counts_as_faultless() -> None:
    found = model({"v": Part("99.999", ["s"]), "s": Part("99.99")}).end_to_end("v")
    settled = back_out(found.system, found.figures)
    (exceeded,) = settled.exceeded
    assert exceeded.entity == found.number("v")
    assert (exceeded.promised, exceeded.supplied) == pytest.approx((1e-5, 1e-4))
    assert settled.own[found.number("v")] == 0
    assert settled.availability.composite(found.number("v")).unavailability == pytest.approx(1e-4)


def test_a_missing_figure_counts_as_up_and_guarantees_nothing() -> None:
    found = model({"v": Part("99.9", ["s"]), "s": Part(None)})
    settled = back_out(found.system, found.figures)
    assert settled.availability.composite(found.number("v")).unavailability == pytest.approx(0.001)
    promised = [1.0 if f.ratio is None else float(1 - f.ratio) for f in found.figures]
    assert guaranteed(settled.availability.prepared, promised, found.number("v")) == 1


def test_figures_are_taken_from_decimals_without_a_detour() -> None:
    found = back_out(checkout().system, [Figure(None)] * 11)
    assert set(found.own) == {0.0}
