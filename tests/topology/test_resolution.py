"""Who wins between sources, and what `same`, `ref` and `overrule` do."""

from dataclasses import replace
from decimal import Decimal

from tests.statements import contract, degrades, entity, fact, needs, promise, ref, vendor
from topology.facts import Fact, FactBasis, Overrule, Reading, Same
from topology.model import EntityKind, Member
from topology.snapshot import EMPTY, Snapshot, apply


def snapshot(*facts: Fact) -> Snapshot:
    return apply(EMPTY, facts, (), revision=1)


def availability(model: Snapshot, key: str) -> Decimal | None:
    return model.entities[key].availability


def test_manual_outranks_overlays_and_overlays_the_defining_source() -> None:
    defining = fact(entity("orders", "0.999"), "acme")
    overlay_b = fact(ref("orders", "0.998"), "b-overlay")
    overlay_a = fact(ref("orders", "0.997"), "a-overlay")
    manual = fact(ref("orders", "0.996"), "manual")
    assert availability(snapshot(defining), "orders") == Decimal("0.999")
    assert availability(snapshot(defining, overlay_b), "orders") == Decimal("0.998")
    assert availability(snapshot(defining, overlay_b, overlay_a), "orders") == Decimal("0.997")
    assert availability(snapshot(defining, overlay_b, overlay_a, manual), "orders") == Decimal("0.996")


def test_each_difference_between_sources_is_kept_as_a_conflict_with_the_winner_first() -> None:
    defining = fact(entity("orders", "0.999"), "acme")
    overlay = fact(ref("orders", "0.998"), "overlay")
    (conflict,) = snapshot(defining, overlay).conflicts["entity", "orders"]
    assert conflict.field == "availability"
    assert [f.source for f in conflict.facts] == ["overlay", "acme"]


def test_sources_that_agree_raise_no_conflict() -> None:
    model = snapshot(fact(entity("orders", "0.999"), "acme"), fact(ref("orders", "0.999"), "overlay"))
    assert ("entity", "orders") not in model.conflicts


def test_a_field_that_the_higher_source_does_not_state_comes_from_the_next() -> None:
    defining = fact(replace(entity("orders", "0.999"), tier=2), "acme")
    model = snapshot(defining, fact(ref("orders", "0.998"), "overlay"))
    assert model.entities["orders"].tier == 2
    assert model.entities["orders"].kind is EntityKind.SERVICE


def test_a_stub_yields_to_every_description_without_a_conflict() -> None:
    stub = Fact(entity("orders", kind=EntityKind.COMPONENT), "a-first", basis=FactBasis.ASSUMED)
    model = snapshot(stub, fact(entity("orders", "0.9"), "z-later"))
    assert model.entities["orders"].kind is EntityKind.SERVICE
    assert not model.conflicts


def test_of_two_promises_for_one_target_the_lower_is_used_and_the_difference_kept() -> None:
    facts = [fact(entity("cloud", kind=EntityKind.EXTERNAL)), fact(vendor("v")), fact(contract("uc", "v"))]
    facts += [fact(promise("uc", "cloud", "0.9999"), "a"), fact(promise("uc", "cloud", "0.999"), "manual")]
    facts += [fact(promise("uc", "cloud", "0.9995"), "z")]
    model = snapshot(*facts)
    (target,) = model.targets["uc", 1]
    assert target.value == Decimal("0.999")
    (conflict,) = model.conflicts["agreement", "uc"]
    assert [f.source for f in conflict.facts] == ["manual", "z", "a"]


def test_the_first_listed_of_two_joined_keys_is_shown_and_the_other_resolves_to_it() -> None:
    facts = [
        fact(entity("orders"), "acme"),
        fact(entity("backstage:component:default/orders", "0.99"), "backstage"),
        fact(entity("web"), "acme"),
        fact(needs("web", "backstage:component:default/orders"), "acme"),
        fact(Same("acme:orders", "backstage:component:default/orders"), "acme"),
    ]
    model = snapshot(*facts)
    assert list(model.entities) == ["orders", "web"]
    assert availability(model, "orders") == Decimal("0.99")
    assert model.groups["web"][0].members == (Member("orders"),)
    assert model.required_by["orders"] == ("web",)
    assert model.canonical("backstage:component:default/orders") == "orders"
    assert model.canonical("acme:orders") == "orders"


def test_a_chain_of_joins_shows_one_key_for_all() -> None:
    facts = [fact(entity(key), source) for key, source in (("a", "s"), ("b", "t"), ("c", "u"))]
    model = snapshot(*facts, fact(Same("s:a", "t:b"), "s"), fact(Same("t:b", "u:c"), "t"))
    assert list(model.entities) == ["a"]
    assert {model.canonical(key) for key in ("a", "b", "c", "s:a", "t:b", "u:c")} == {"a"}


def test_taking_a_join_away_separates_the_keys_again() -> None:
    facts = [fact(entity("a"), "s"), fact(entity("b"), "t"), fact(Same("s:a", "t:b"), "s")]
    joined = snapshot(*facts)
    parted = apply(joined, (), [(facts[2].id, "s", "")], revision=2)
    assert list(joined.entities) == ["a"]
    assert list(parted.entities) == ["a", "b"]


def test_a_source_in_front_of_its_own_bare_key_means_that_key() -> None:
    model = snapshot(fact(entity("orders"), "acme"), fact(ref("acme:orders", "0.99"), "overlay"))
    assert availability(model, "orders") == Decimal("0.99")
    assert list(model.entities) == ["orders"]


def test_an_overlay_that_came_before_its_entity_joins_it_when_it_comes() -> None:
    stub = Fact(entity("acme:orders", kind=EntityKind.COMPONENT), "overlay", basis=FactBasis.ASSUMED)
    early = snapshot(stub, fact(ref("acme:orders", "0.99"), "overlay"))
    late = apply(early, [fact(entity("orders"), "acme")], (), revision=2)
    assert list(early.entities) == ["acme:orders"]
    assert list(late.entities) == ["orders"]
    assert availability(late, "orders") == Decimal("0.99")
    assert late.entities["orders"].kind is EntityKind.SERVICE


EDGES = [fact(entity(key), "b") for key in ("app", "cache", "db-a", "db-b", "docs")] + [
    fact(needs("app", supplier), "b") for supplier in ("cache", "db-a", "db-b", "docs")
]


def hard(model: Snapshot, key: str = "app") -> list[tuple[int, tuple[str, ...]]]:
    return [(g.required, tuple(m.entity for m in g.members)) for g in model.groups.get(key, ())]


def test_an_edge_that_is_overruled_as_none_is_gone() -> None:
    model = snapshot(*EDGES, fact(Overrule("app", Reading.NONE, ("docs",)), "acme"))
    assert hard(model) == [(1, ("cache",)), (1, ("db-a",)), (1, ("db-b",))]
    assert "docs" not in model.required_by


def test_an_edge_that_is_overruled_as_soft_degrades() -> None:
    model = snapshot(*EDGES, fact(Overrule("app", Reading.DEGRADES, ("cache",), loss=Decimal("0.05")), "acme"))
    assert (1, ("cache",)) not in hard(model)
    assert [(d.supplier, d.loss) for d in model.degradations["app"]] == [("cache", Decimal("0.05"))]


def test_edges_that_are_overruled_as_a_group_become_k_of_n() -> None:
    said = Overrule("app", Reading.GROUP, ("db-b", "db-a"), required=1, name="databases")
    model = snapshot(*EDGES, fact(said, "acme"))
    assert hard(model) == [(1, ("cache",)), (1, ("docs",)), (1, ("db-a", "db-b"))]
    assert model.groups["app"][2].name == "databases"


def test_a_source_does_not_overrule_its_own_edges() -> None:
    model = snapshot(*EDGES, fact(Overrule("app", Reading.NONE, ("docs",)), "b"))
    assert (1, ("docs",)) in hard(model)


def test_a_soft_edge_stated_twice_with_another_loss_is_a_conflict_read_from_manual() -> None:
    facts = [*EDGES, fact(degrades("app", "docs", "0.1"), "b"), fact(degrades("app", "docs", "0.2"), "manual")]
    model = snapshot(*facts)
    assert model.degradations["app"][0].loss == Decimal("0.2")
    assert model.conflicts["entity", "app"][0].field == "loss"


def test_two_sources_that_state_one_plain_need_give_one_group() -> None:
    model = snapshot(*EDGES, fact(needs("app", "cache"), "acme"))
    assert hard(model).count((1, ("cache",))) == 1
