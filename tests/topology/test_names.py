"""Keys and names, what may stand in them, and sentences about what has them."""

import pytest

from tests.statements import delta, entity, external, full, needs, promise
from topology.changes import Plan
from topology.facts import Statement
from topology.model import Agreement, AgreementType, Party, PartyKind
from topology.names import id_issue, is_key, is_native_id
from topology.planning import plan
from topology.snapshot import EMPTY


def uc(key: str, provider: str, *covers: str) -> Agreement:
    return Agreement(key, 1, AgreementType.UC, key, provider, "us", covers=covers)


PARTIES = (Party("us", PartyKind.SELF, "us"), Party("v", PartyKind.VENDOR, "v"), Party("t", PartyKind.TEAM, "t"))


def codes(planned: Plan) -> list[str]:
    return [issue.code for issue in planned.issues]


@pytest.mark.parametrize("key", ["a", "7z", "a.b_c+d-e", "backstage:component:default/orders", "x:Ærø 𝄞", "a" * 200])
def test_a_key_may_be(key: str) -> None:
    assert is_key(key)
    assert codes(plan(EMPTY, full(entity(key)))) == []


@pytest.mark.parametrize(
    "key", ["", "Bad Key!", "a\x00b", "x:a\x1bb", "x: a", "x:a ", ":a", "x:", "-a", "x:a\nb", "a\n"]
)
def test_a_key_may_not_be(key: str) -> None:
    assert codes(plan(EMPTY, full(entity(key)))) == ["UP-KEY"]


def test_a_key_has_at_most_200_characters_in_any_store() -> None:
    assert codes(plan(EMPTY, full(entity("a" * 201)))) == ["UP-KEY-LONG"]
    assert not is_native_id("a" * 201)


def test_something_new_has_no_colon_in_its_id() -> None:
    wrong = id_issue("x:y")
    assert wrong is not None
    assert wrong.code == "UP-ID"


@pytest.mark.parametrize("name", ["", " g", "a\tb", "g" * 201])
def test_a_group_cannot_be_called(name: str) -> None:
    change = full(entity("a"), entity("b"), entity("c"), needs("a", "b", "c", k=1, name=name))
    assert codes(plan(EMPTY, change)) == ["UP-GROUP-NAME"]


def test_a_text_with_a_control_character_is_refused() -> None:
    assert codes(plan(EMPTY, full(Party("p", PartyKind.TEAM, "a\x1b[31m")))) == ["UP-TEXT"]


def test_a_reference_to_nothing_is_told_in_words() -> None:
    planned = plan(EMPTY, delta(entity("shop"), needs("shop", "zz", "yy", k=1, name="g2"), needs("shop", "xx")))
    assert sorted(issue.message for issue in planned.issues) == [
        'there is no entity "xx", which the need of "shop" for "xx" refers to',
        'there is no entity "yy", which group "g2" of "shop" refers to',
        'there is no entity "zz", which group "g2" of "shop" refers to',
    ]


def test_what_refers_to_a_refused_fact_is_left_out_without_a_word() -> None:
    bad = uc("late", "v")
    statements: list[Statement] = [*PARTIES, Agreement("late", 0, AgreementType.UC, "late", "v", "us")]
    planned = plan(EMPTY, delta(*statements, external("e", "v"), promise("late", "e", "0.99", version=0)))
    assert codes(planned) == ["UP-VERSION"]
    assert bad.key not in planned.after.agreements
    assert codes(plan(EMPTY, delta(entity("a", "2"), needs("b", "a"), entity("b")))) == ["UP-RATIO"]


def test_the_hint_of_a_key_that_two_sources_define_fits_its_kind() -> None:
    base = plan(EMPTY, full(*PARTIES, entity("e"), source="one")).after
    hints = [issue.hint for issue in plan(base, full(*PARTIES[:1], entity("e"), source="two")).issues]
    assert hints == [
        'join them with `same: [["one:e", "two:e"]]`, or write `ref: one:e`',
        'join them with `same: [["one:us", "two:us"]]`',
    ]


@pytest.mark.parametrize(
    ("covered", "message"),
    [
        (entity("s"), '"s" is a service, and v provides externals only'),
        (external("s"), '"s" has no provider, so v cannot be held to it'),
        (external("s", "w"), '"s" is provided by w, not by v'),
    ],
)
def test_a_contract_covers_externals_of_its_vendor_only(covered: Statement, message: str) -> None:
    other = Party("w", PartyKind.VENDOR, "w")
    planned = plan(EMPTY, full(*PARTIES, other, covered, uc("c", "v", "s")))
    assert [(issue.code, issue.message) for issue in planned.issues] == [("UP-COVERS-PROVIDER", message)]


def test_a_contract_covers_externals_of_its_vendors_group_and_what_nobody_has_described() -> None:
    child = Party("w", PartyKind.VENDOR, "w", "v")
    planned = plan(EMPTY, full(*PARTIES, child, external("s", "w"), external("r", "v"), uc("c", "v", "s", "r", "new")))
    assert codes(planned) == []
    assumed = plan(EMPTY, full(entity("a"), needs("a", "later"), source="one")).after
    assert codes(plan(assumed, full(*PARTIES, uc("c", "v", "later")))) == []


def test_a_change_by_hand_cannot_make_another_kind_of_another_sources_party() -> None:
    base = plan(EMPTY, full(*PARTIES, external("e", "v"))).after
    planned = plan(base, delta(Party("t", PartyKind.VENDOR, "t")))
    assert [(issue.code, issue.message) for issue in planned.issues] == [
        ("UP-REF", '"t" is a team of acme, not a vendor')
    ]
    assert codes(plan(base, delta(Party("t", PartyKind.TEAM, "Another name")))) == []


def test_who_provides_an_external_stays_a_vendor() -> None:
    base = plan(EMPTY, full(*PARTIES, external("e", "v"))).after
    change = full(PARTIES[0], Party("v", PartyKind.TEAM, "v"), PARTIES[2], external("e", "v"))
    assert codes(plan(base, change)) == ["UP-PROVIDER-KIND"]
    assert codes(plan(base, full(PARTIES[0], Party("v", PartyKind.TEAM, "v"), entity("e")))) == []
