"""END_TO_END promises backed out, against enumeration."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import networkx as nx
import pytest

from risk.backing_out import Figure, back_out
from risk.graph import to_networkx
from tests import oracles
from tests.risk.models import Part, figures_of, model
from tests.strategies import Sample, sample
from topology.model import Extent


def suppliers_first(case: Sample) -> list[list[int]]:
    """The strongly connected components, as networkx finds them: each after those that it leads to."""
    graph = to_networkx(case.system)
    return [sorted(case.system.index[key] for key in found) for found in nx.strongly_connected_components(graph)]


def test_backing_out_equals_enumeration_at_every_level_and_in_cycles() -> None:
    exceeded = kept = 0
    for seed in range(200):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1)
        random = Random(seed)
        whole = {v for v in range(len(case.q)) if random.random() < 0.5}
        settled = back_out(case.system, figures_of(case.q, whole))
        promised = {v: 1 - case.q[v] for v in whole}
        own = [Fraction(0) if v in whole else q for v, q in enumerate(case.q)]
        expected = oracles.backed_out(case.groups, promised, own, suppliers_first(case))
        assert list(settled.own) == pytest.approx([float(q) for q in expected], rel=1e-9, abs=1e-15), seed
        exceeded += len(settled.exceeded)
        kept += sum(q > 0 for v, q in enumerate(settled.own) if v in whole)
        for row in settled.exceeded:
            assert settled.own[row.entity] == 0
            assert row.supplied > row.promised
    assert min(exceeded, kept) > 50


def test_a_backed_out_promise_is_kept_to_the_letter_where_its_supply_allows() -> None:
    found = model({"v": Part("99.9", ["s"]), "s": Part("99.95")}).end_to_end("v")
    engine = back_out(found.system, found.figures).availability
    assert engine.composite(found.number("v")).unavailability == pytest.approx(0.001, rel=1e-12)


def test_a_shared_fourth_party_is_not_cut_away_in_an_or_group() -> None:
    """Section 2: cutting the subtree would turn a shared fourth party into false independence."""
    found = model(
        {"v": Part("100", [(1, ["a", "b"])]), "a": Part("99.9", ["x"]), "b": Part("99.9", ["x"]), "x": Part("99.95")}
    ).end_to_end("a", "b")
    unavailable = back_out(found.system, found.figures).availability.composite(found.number("v")).unavailability
    assert unavailable > 0.0005
    assert unavailable == pytest.approx(1 - (1 - 0.0005) * (1 - ((0.001 - 0.0005) / 0.9995) ** 2))


def test_a_promise_that_meets_its_supply_exactly_is_not_reported() -> None:
    found = model({"v": Part("99.99", ["s"]), "s": Part("99.99")}).end_to_end("v")
    settled = back_out(found.system, found.figures)
    assert settled.exceeded == ()
    assert settled.own[found.number("v")] == pytest.approx(0, abs=1e-12)


def test_a_hundred_percent_promise_over_a_faulty_supplier_is_reported() -> None:
    found = model({"v": Part("100", ["s"]), "s": Part("99.99")}).end_to_end("v")
    (row,) = back_out(found.system, found.figures).exceeded
    assert row.promised == 0
    assert row.supplied == pytest.approx(1e-4)


def test_one_faulty_cycle_does_not_spoil_the_supply_of_its_members() -> None:
    """Inside a strongly connected component A' is taken with all its members' own = 1."""
    found = model({"a": Part("99.9", ["b"]), "b": Part("99.8", ["a", "c"]), "c": Part("99.95")}).end_to_end("a", "b")
    settled = back_out(found.system, found.figures)
    assert settled.own[found.number("a")] == pytest.approx((0.001 - 0.0005) / 0.9995)
    assert settled.own[found.number("b")] == pytest.approx((0.002 - 0.0005) / 0.9995)


def test_a_missing_promise_backs_out_nothing() -> None:
    found = model({"v": Part(None, ["s"]), "s": Part("99")})
    figures = [Figure(None, Extent.END_TO_END), Figure(Decimal("0.99"))]
    assert back_out(found.system, [figures[1], figures[0]]).own == pytest.approx((0.01, 0.0))


def test_what_is_known_of_the_structure_can_be_shared_between_bases() -> None:
    found = model({"v": Part("99.9", ["s"]), "s": Part("99.95")})
    first = back_out(found.system, found.figures)
    second = back_out(found.system, found.figures, prepared=first.availability.prepared)
    assert second.availability.prepared is first.availability.prepared
