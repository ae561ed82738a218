"""What a change set would do: `importing.md` rules 2 to 6, and which facts an error keeps out."""

import random
from dataclasses import replace

import pytest

from tests.statements import (
    company,
    contract,
    delta,
    entity,
    external,
    fact,
    full,
    needs,
    promise,
    ref,
    vendor,
)
from topology.changes import ChangeSet, ChangeSummary, Plan, Provenance
from topology.errors import BadInput, Issue, Place
from topology.facts import FactBasis, Same, Statement
from topology.model import EntityKind, PartyKind
from topology.planning import plan
from topology.snapshot import EMPTY, Snapshot
from topology.validation import KEY_TWICE


def after(*changes: ChangeSet) -> Snapshot:
    snapshot = EMPTY
    for change in changes:
        planned = plan(snapshot, change)
        assert not planned.errors
        snapshot = planned.after
    return snapshot


def codes(planned: Plan) -> list[str]:
    return [issue.code for issue in planned.errors]


SHOP: tuple[Statement, ...] = (
    company(),
    vendor("cloud-inc"),
    entity("shop", kind=EntityKind.TRANSACTION),
    entity("web", "0.999"),
    external("cloud", "cloud-inc"),
    needs("shop", "web"),
    needs("web", "cloud"),
    contract("uc", "cloud-inc", "cloud"),
    promise("uc", "cloud", "0.9999"),
)


def test_the_first_import_adds_everything() -> None:
    planned = plan(EMPTY, full(*SHOP))
    assert planned.summary == ChangeSummary(added=9)
    assert planned.issues == ()


def test_the_same_facts_again_in_any_order_are_an_empty_plan() -> None:
    snapshot = after(full(*SHOP))
    shuffled = list(SHOP)
    random.Random(1).shuffle(shuffled)
    planned = plan(snapshot, full(*shuffled))
    assert planned.summary == ChangeSummary(unchanged=9)
    assert planned.summary.is_empty


def test_the_order_of_the_facts_changes_neither_plan_nor_digest() -> None:
    snapshot = after(full(*SHOP))
    changed = [*SHOP[:3], entity("web", "0.99"), *SHOP[5:], external("mail")]
    there, back = plan(snapshot, full(*changed)), plan(snapshot, full(*reversed(changed)))
    assert (there.added, there.changed, there.removed) == (back.added, back.changed, back.removed)
    assert there.digest == back.digest


def test_another_content_has_another_digest() -> None:
    assert plan(EMPTY, full(*SHOP)).digest != plan(EMPTY, full(*SHOP[:-1])).digest


def test_an_import_touches_only_its_own_source_and_scope() -> None:
    snapshot = after(full(*SHOP), full(entity("hr"), source="people"), full(entity("pay"), scope="payments"))
    planned = plan(snapshot, full(*SHOP[:3], *SHOP[5:6]))
    assert {f.source for f in planned.removed} == {"acme"}
    assert all(f.scope == "" for f in planned.removed)
    assert "hr" in planned.after.entities
    assert "pay" in planned.after.entities


def test_an_entity_goes_when_its_last_owner_says_so() -> None:
    snapshot = after(full(entity("shared"), entity("a"), scope="one"), full(entity("shared"), scope="two"))
    without_one = plan(snapshot, full(entity("a"), scope="one"))
    assert "shared" in without_one.after.entities
    without_both = plan(without_one.after, full(entity("b"), scope="two"))
    assert "shared" not in without_both.after.entities


def test_an_incomplete_reading_withholds_removals_and_says_which() -> None:
    snapshot = after(full(*SHOP))
    planned = plan(snapshot, full(*SHOP[:-1], complete=False))
    assert planned.summary == ChangeSummary(unchanged=8)
    assert [f.id[0] for f in planned.withheld] == ["target"]


def test_an_error_row_withholds_removals_too() -> None:
    snapshot = after(full(*SHOP))
    planned = plan(snapshot, full(*SHOP[:-1], needs("shop", "web", "cloud", k=3)))
    assert codes(planned) == ["UP-GROUP-K"]
    assert planned.removed == ()
    assert len(planned.withheld) == 1


def test_problems_of_reading_withhold_removals_and_come_first() -> None:
    snapshot = after(full(*SHOP))
    unreadable = Issue("UP-YAML", "line 3 cannot be read")
    planned = plan(snapshot, full(*SHOP[:-1]), issues=[unreadable])
    assert planned.issues[0] is unreadable
    assert planned.removed == ()


def test_good_facts_go_in_beside_bad_ones_unless_strict() -> None:
    planned = plan(EMPTY, full(entity("a"), entity("b", "1.5"), entity("c", "-0.1")))
    assert sorted(codes(planned)) == ["UP-RATIO", "UP-RATIO"]
    assert list(planned.after.entities) == ["a"]
    assert planned.validated(Provenance(), strict=False).summary.added == 1
    with pytest.raises(BadInput) as refused:
        planned.validated(Provenance(), strict=True)
    assert len(refused.value.issues) == 2


def test_a_reference_to_nothing_becomes_a_stub_that_is_counted() -> None:
    planned = plan(EMPTY, full(entity("web"), needs("web", "ghost")))
    assert [f.id for f in planned.stubs] == [("entity", "ghost")]
    assert planned.stubs[0].basis is FactBasis.ASSUMED
    assert planned.after.entities["ghost"].kind is EntityKind.COMPONENT


def test_a_stub_takes_its_kind_from_what_refers_to_it() -> None:
    planned = plan(EMPTY, full(contract("uc", "cloud-inc", "cloud"), replace(entity("web"), owner="team-web")))
    assert planned.after.entities["cloud"].kind is EntityKind.EXTERNAL
    assert planned.after.entities["cloud"].provider == "cloud-inc"
    assert planned.after.parties["cloud-inc"].kind is PartyKind.VENDOR
    assert planned.after.parties["team-web"].kind is PartyKind.TEAM


def test_a_target_of_an_agreement_that_nobody_described_is_an_error() -> None:
    planned = plan(EMPTY, full(entity("web"), promise("uc-ghost", "web", "0.9")))
    assert codes(planned) == ["UP-UNKNOWN"]
    assert '"uc-ghost"' in planned.errors[0].message


def test_a_stub_goes_when_nothing_refers_to_it_any_more_even_from_an_incomplete_file() -> None:
    snapshot = after(full(entity("web"), needs("web", "ghost")))
    described = plan(snapshot, full(entity("web"), needs("web", "ghost"), entity("ghost"), complete=False))
    assert described.summary == ChangeSummary(changed=1, unchanged=2)
    assert described.after.entities["ghost"].kind is EntityKind.SERVICE


def test_a_stub_yields_to_another_source_and_then_goes() -> None:
    first = full(entity("web"), needs("web", "ghost"))
    snapshot = after(first, full(entity("ghost", "0.9"), source="other"))
    assert snapshot.entities["ghost"].kind is EntityKind.SERVICE
    again = plan(snapshot, first)
    assert [f.id for f in again.removed] == [("entity", "ghost")]
    assert "ghost" in again.after.entities


def test_removing_what_another_source_needs_leaves_a_stub_behind() -> None:
    snapshot = after(full(entity("db"), entity("x")), full(entity("web"), needs("web", "db"), source="other"))
    planned = plan(snapshot, full(entity("x")))
    assert not planned.errors
    assert planned.after.entities["db"].kind is EntityKind.COMPONENT
    assert planned.after.facts_about("entity", "db")[0].is_stub
    assert plan(planned.after, full(entity("x"))).summary.is_empty


def test_a_delta_that_refers_to_nothing_is_refused() -> None:
    planned = plan(after(full(*SHOP)), delta(needs("web", "ghost")))
    assert codes(planned) == ["UP-UNKNOWN"]


def test_a_delta_that_leaves_a_reference_to_nothing_is_refused() -> None:
    snapshot = after(delta(entity("db")), full(entity("web"), needs("web", "db")))
    planned = plan(snapshot, delta(removals=[("entity", "db")]))
    assert codes(planned) == ["UP-UNKNOWN"]


def test_two_sources_with_one_key_need_somebody_to_join_them() -> None:
    snapshot = after(full(entity("orders"), source="a"))
    planned = plan(snapshot, full(entity("orders"), source="b"))
    assert codes(planned) == [KEY_TWICE]
    assert "a" in planned.errors[0].message
    assert "b" in planned.errors[0].message


def test_same_joins_two_sources_with_one_key() -> None:
    snapshot = after(full(entity("orders"), source="a"))
    planned = plan(snapshot, full(entity("orders", "0.9"), Same("a:orders", "b:orders"), source="b"))
    assert not planned.errors
    assert list(planned.after.entities) == ["orders"]


def test_ref_adds_to_another_sources_entity_without_a_join() -> None:
    snapshot = after(full(entity("orders"), source="a"))
    planned = plan(snapshot, full(ref("a:orders", "0.9"), source="b"))
    assert not planned.errors
    assert str(planned.after.entities["orders"].availability) == "0.9"


def test_an_overlay_of_what_is_not_there_yet_stands_on_a_stub() -> None:
    planned = plan(EMPTY, full(ref("a:orders", "0.9"), source="b"))
    assert not planned.errors
    assert list(planned.after.entities) == ["a:orders"]
    later = plan(planned.after, full(entity("orders"), source="a"))
    assert list(later.after.entities) == ["orders"]
    assert str(later.after.entities["orders"].availability) == "0.9"


def test_a_changed_name_under_one_key_is_a_rename() -> None:
    snapshot = after(full(*SHOP))
    renamed = [replace(entity("web", "0.999"), name="Web shop") if s == SHOP[3] else s for s in SHOP]
    planned = plan(snapshot, full(*renamed))
    assert planned.summary == ChangeSummary(changed=1, unchanged=8)
    assert planned.after.entities["web"].name == "Web shop"


def test_a_line_that_moved_in_its_file_is_no_change() -> None:
    change = full(*SHOP)
    moved = replace(change, facts=tuple(replace(f, place=Place("shop.yaml", 99)) for f in change.facts))
    assert plan(after(change), moved).summary.is_empty


@pytest.mark.parametrize(
    ("code", "statements"),
    [
        ("UP-GROUP-K", [needs("web", "db", "cloud", k=0)]),
        ("UP-GROUP-K", [needs("web", "db", "cloud", k=3)]),
        ("UP-GROUP-REPEAT", [needs("web", "db", "db", k=1)]),
        ("UP-NEED-SELF", [needs("web", "web")]),
        ("UP-NEED-TWICE", [needs("web", "db"), needs("web", "db", name="again")]),
        ("UP-TWICE", [entity("db"), entity("db", "0.9")]),
        ("UP-PARENT-CYCLE", [vendor("a", "b"), vendor("b", "a")]),
        ("UP-PARENT-CYCLE", [vendor("a", "a")]),
        ("UP-PROVIDER-KIND", [company("acme-corp"), external("cloud", "acme-corp")]),
        ("UP-COVERS-PROVIDER", [vendor("v"), vendor("w"), external("cloud", "v"), contract("uc", "w", "cloud")]),
        ("UP-TARGET-COVERS", [vendor("v"), contract("uc", "v"), promise("uc", None, "0.9")]),
        ("UP-KEY", [entity(" db")]),
        ("UP-KEY", [entity("")]),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(code: str, statements: list[Statement]) -> None:
    planned = plan(EMPTY, full(*statements))
    assert code in codes(planned)
    assert all(str(issue) for issue in planned.errors)


def test_a_contract_of_the_vendors_group_covers_its_externals() -> None:
    statements: list[Statement] = [vendor("group"), vendor("v", "group"), external("cloud", "v")]
    statements.append(contract("uc", "group", "cloud"))
    assert codes(plan(EMPTY, full(*statements))) == []


def test_of_two_needs_of_one_supplier_the_one_that_was_there_stays() -> None:
    snapshot = after(full(entity("web"), entity("db"), needs("web", "db", name="later")))
    planned = plan(snapshot, full(entity("web"), entity("db"), needs("web", "db", name="later"), needs("web", "db")))
    assert codes(planned) == ["UP-NEED-TWICE"]
    assert [g.name for g in planned.after.groups["web"]] == ["later"]


def test_all_problems_come_at_once() -> None:
    statements: list[Statement] = [entity("a", "2"), needs("b", "b"), needs("c", "d", k=2), vendor("v", "v")]
    assert sorted(codes(plan(EMPTY, full(*statements)))) == [
        "UP-GROUP-K",
        "UP-NEED-SELF",
        "UP-PARENT-CYCLE",
        "UP-RATIO",
    ]


def test_a_plan_names_the_actor_and_the_revision_that_it_would_be() -> None:
    planned = plan(EMPTY, full(entity("a")), actor="kim")
    held = planned.after.facts_about("entity", "a")[0]
    assert (held.actor, held.revision) == ("kim", 1)
    assert fact(entity("a")).revision == 0


def test_an_agreement_that_another_sources_target_names_stays_and_the_removal_is_an_error() -> None:
    snapshot = after(full(*SHOP), full(promise("uc", "cloud", "0.99"), source="other"))
    without_contract = [s for s in SHOP if s not in {SHOP[7], SHOP[8]}]
    planned = plan(snapshot, full(*without_contract))
    assert codes(planned) == ["UP-UNKNOWN"]
    assert planned.removed == ()
    assert {f.id[0] for f in planned.withheld} == {"agreement", "target"}
    assert planned.validated(Provenance(), strict=False).summary.is_empty


def test_a_stub_names_the_actor_whose_change_made_it() -> None:
    planned = plan(EMPTY, full(entity("web"), needs("web", "ghost")), actor="kim")
    assert [f.actor for f in planned.stubs] == ["kim"]
