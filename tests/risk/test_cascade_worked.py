"""The worked figures and edge cases of section 5, by hand; `test_cascade.py` has the rest against a simulation."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from risk.assessment import Assessment
from risk.cascade import Cascade, Impact, cascade, revenue_lost
from risk.failing import Failing
from risk.onset import waiting
from risk.terms import FailureLevel, ImpactState
from tests.risk.estates import assess, checkout, entity, external, team
from tests.statements import company, degrades, needs, vendor
from tests.strategies import engine_system
from topology.errors import BadInput, DeadlinePassed, UnknownKey
from topology.facts import Statement
from topology.model import Degradation, EntityKind, Member, Money, Party, PartyKind, RequirementGroup

UP, AT_RISK, DEGRADED, DOWN = ImpactState.UP, ImpactState.AT_RISK, ImpactState.DEGRADED, ImpactState.DOWN


def tolerates(consumer: str, supplier: str, minutes: int) -> RequirementGroup:
    return RequirementGroup(consumer, 1, (Member(supplier, Decimal(minutes)),))


def patient_checkout() -> tuple[Statement, ...]:
    """The worked model, with 10 minutes that psp-b survives without cloud-x."""
    before = needs("psp-b", "cloud-x")
    return tuple(tolerates("psp-b", "cloud-x", 10) if s == before else s for s in checkout())


def fail(found: Assessment, *failed: str, minutes: int | None = None) -> Cascade:
    failing = [Failing(FailureLevel.ENTITY, key) for key in failed]
    return found.failures.cascade(failing, None if minutes is None else Decimal(minutes))


def states(found: Assessment, happened: Cascade) -> dict[str, ImpactState]:
    return {found.key_of(row.entity): row.state for row in happened.impacts}


def rows(found: Assessment, happened: Cascade) -> dict[str, Impact]:
    return {found.key_of(row.entity): row for row in happened.impacts}


def witness(found: Assessment, row: Impact) -> list[str]:
    return [found.key_of(number) for number in row.witness]


def new_points(found: Assessment, happened: Cascade) -> list[tuple[str, list[str]]]:
    points = found.failures.new_single_points(happened)
    return [(found.key_of(p.entity), [found.key_of(t) for t in p.transactions]) for p in points]


def test_without_psp_a_the_payments_are_at_risk_and_checkout_is_up() -> None:
    found = assess(*checkout())
    happened = fail(found, "psp-a")
    assert states(found, happened) == {"psp-a": DOWN, "payments": AT_RISK}
    row = rows(found, happened)["payments"]
    assert (row.margin, row.onset, row.distance, row.minutes_down) == (0, Decimal(0), 1, Decimal(0))
    assert witness(found, row) == ["psp-a", "payments"]
    assert new_points(found, happened) == [("psp-b", ["checkout"])]
    assert happened.spared == ()


def test_without_cloud_x_checkout_falls_when_psp_b_does_and_is_down_for_50_of_60_minutes() -> None:
    found = assess(*patient_checkout())
    happened = fail(found, "cloud-x", minutes=60)
    found_rows = rows(found, happened)
    onsets = {key: row.onset for key, row in found_rows.items()}
    assert onsets == {"cloud-x": 0, "psp-a": 0, "psp-b": 10, "payments": 10, "api": 10, "checkout": 10}
    assert {row.state for row in found_rows.values()} == {DOWN}
    assert found_rows["checkout"].minutes_down == 50
    assert witness(found, found_rows["checkout"]) == ["cloud-x", "psp-a", "payments", "api", "checkout"]
    order = [found.key_of(row.entity) for row in happened.impacts]
    assert order == ["cloud-x", "psp-a", "api", "checkout", "payments", "psp-b"]
    assert new_points(found, happened) == []


def test_what_the_outage_is_too_short_for_is_spared_and_the_pair_hangs_on_one() -> None:
    """An outage of 10 minutes ends as psp-b would fall: psp-b lives on its tolerance, and is all that payments have."""
    found = assess(*patient_checkout())
    happened = fail(found, "cloud-x", minutes=10)
    assert states(found, happened) == {"cloud-x": DOWN, "psp-a": DOWN, "payments": AT_RISK}
    assert [(found.key_of(s.entity), s.margin) for s in happened.spared] == [("psp-b", -1)]
    assert new_points(found, happened) == [("psp-b", ["checkout"])]
    assert states(found, fail(found, "cloud-x", minutes=11))["checkout"] is DOWN


def test_an_outage_without_an_end_has_no_minutes_down() -> None:
    found = assess(*patient_checkout())
    row = rows(found, fail(found, "cloud-x"))["checkout"]
    assert row.onset == 10
    assert row.minutes_down is None


def test_nothing_failed_and_no_time_are_the_baseline() -> None:
    found = assess(*checkout())
    assert fail(found) == Cascade((), None, (), ())
    assert fail(found, "cloud-x", minutes=0).impacts == ()


def test_a_soft_supplier_degrades_all_above_it_and_stops_nobody() -> None:
    found = assess(*checkout())
    happened = fail(found, "email")
    assert states(found, happened) == {"email": DOWN, "api": DEGRADED, "checkout": DEGRADED}
    row = rows(found, happened)["checkout"]
    assert (row.loss, row.onset, row.minutes_down) == (Decimal("0.02"), Decimal(0), Decimal(0))
    assert witness(found, row) == ["email", "api", "checkout"]


def test_cloud_x_leaves_email_alone() -> None:
    found = assess(*patient_checkout())
    assert "email" not in states(found, fail(found, "cloud-x", minutes=60))


def test_both_soft_and_hard_to_one_supplier_hard_wins() -> None:
    found = assess(*checkout(), degrades("api", "identity", "0.5"))
    assert states(found, fail(found, "identity"))["api"] is DOWN


def test_a_spare_member_lost_is_a_reduced_spare_and_tells_the_group() -> None:
    found = assess(*(entity(key) for key in "vwabc"), needs("v", "a", "b", "c", k=1, name="trio"), needs("w", "v"))
    happened = fail(found, "a")
    assert states(found, happened) == {"a": DOWN}
    ((spared,)) = happened.spared
    assert (found.key_of(spared.entity), spared.margin) == ("v", 1)
    assert found.snapshot.groups["v"][spared.group].name == "trio"
    assert states(found, fail(found, "a", "b")) == {"a": DOWN, "b": DOWN, "v": AT_RISK}


def test_at_risk_does_not_spread_and_counts_as_up() -> None:
    found = assess(*(entity(key) for key in "tvab"), needs("v", "a", "b", k=1), needs("t", "v"))
    assert states(found, fail(found, "a")) == {"a": DOWN, "v": AT_RISK}


def test_a_degraded_member_counts_as_up_and_is_passed_over_while_another_loses_nothing() -> None:
    """T needs 1 of (a, b); a loses half without s: t is fine by way of b, and degraded once b is down."""
    found = assess(*(entity(k) for k in "tabs"), needs("t", "a", "b", k=1), degrades("a", "s", "0.5"))
    assert states(found, fail(found, "s")) == {"s": DOWN, "a": DEGRADED}
    assert states(found, fail(found, "s", "b")) == {"s": DOWN, "b": DOWN, "a": DEGRADED, "t": DEGRADED}


def test_distinct_causes_multiply_and_one_cause_counts_once_with_its_largest_loss() -> None:
    """1 - (1 - 0.5)(1 - 0.2) = 0.6: x at 0.5 (not 0.1 as well), y at 0.2."""
    edges = (degrades("t", "x", "0.1"), degrades("a", "x", "0.5"), degrades("a", "y", "0.2"))
    found = assess(*(entity(k) for k in "taxy"), needs("t", "a"), *edges)
    assert rows(found, fail(found, "x", "y"))["t"].loss == Decimal("0.6")


def test_a_loss_that_nobody_has_stated_is_not_taken_for_none() -> None:
    edges = (degrades("t", "x"), degrades("t", "y", "0.2"))
    found = assess(*(entity(k) for k in "txy"), *edges)
    row = rows(found, fail(found, "x"))["t"]
    assert (row.state, row.loss) == (DEGRADED, None)
    assert rows(found, fail(found, "x", "y"))["t"].loss is None
    assert rows(found, fail(found, "y"))["t"].loss == Decimal("0.2")


def test_a_loss_that_is_tolerated_and_a_member_that_could_lose_do_not_make_one_that_does() -> None:
    """For 5 minutes v survives without m, and w is whole by way of b; so v loses nothing of what a loses."""
    both = RequirementGroup("v", 2, (Member("m", Decimal(10)), Member("w")))
    pairs = (needs("w", "a", "b", k=1), needs("v", "a", "b", k=1))
    found = assess(*(entity(k) for k in "vwmabs"), both, *pairs, degrades("a", "s", "0.5"))
    assert states(found, fail(found, "s", "m", minutes=5)) == {"s": DOWN, "m": DOWN, "a": DEGRADED}


def test_a_soft_edge_may_tolerate_an_outage_as_well() -> None:
    late = Degradation("t", "s", Decimal("0.5"), Decimal(30))
    found = assess(entity("t"), entity("s"), late)
    assert states(found, fail(found, "s", minutes=30)) == {"s": DOWN}
    row = rows(found, fail(found, "s", minutes=31))["t"]
    assert (row.state, row.onset) == (DEGRADED, Decimal(30))


def test_a_group_falls_with_the_loss_that_it_cannot_bear() -> None:
    """2 of (a, b, c) tolerated for 30, 5 and 20 minutes: the second loss is at 20."""
    group = RequirementGroup("v", 2, (Member("a", Decimal(30)), Member("b", Decimal(5)), Member("c", Decimal(20))))
    found = assess(*(entity(k) for k in "vabc"), group)
    assert rows(found, fail(found, "a", "b", "c"))["v"].onset == 20


def test_tolerances_add_up_along_a_chain_and_the_first_group_to_fall_decides() -> None:
    chain = (tolerates("a", "s", 7), tolerates("v", "a", 5), tolerates("v", "s", 13))
    found = assess(*(entity(k) for k in "vas"), *chain)
    assert {key: row.onset for key, row in rows(found, fail(found, "s")).items()} == {"s": 0, "a": 7, "v": 12}


def test_members_of_a_cycle_fall_with_what_is_outside_it_and_not_of_themselves() -> None:
    cycle = (needs("a", "b"), needs("b", "a"), tolerates("a", "x", 10))
    found = assess(*(entity(k) for k in "abx"), *cycle)
    assert {key: row.onset for key, row in rows(found, fail(found, "x")).items()} == {"x": 0, "a": 10, "b": 10}
    assert states(found, fail(found, "b")) == {"b": DOWN, "a": DOWN}


def test_of_two_chains_the_shorter_is_the_witness_and_of_equal_ones_the_first_by_key() -> None:
    edges = (needs("v", "b"), needs("v", "c"), needs("b", "s"), needs("c", "s"), needs("w", "v"), needs("w", "c"))
    found = assess(*(entity(k) for k in "vwbcs"), *edges)
    happened = rows(found, fail(found, "s"))
    assert witness(found, happened["v"]) == ["s", "b", "v"]
    assert witness(found, happened["w"]) == ["s", "c", "w"]


def estate_of_levels() -> Assessment:
    return assess(
        company("us"),
        team("ops"),
        vendor("group"),
        vendor("cloud", "group"),
        vendor("mail", "group"),
        vendor("idle"),
        Party("buyers", PartyKind.CUSTOMER, "Buyers"),
        external("compute", "cloud"),
        external("storage", "cloud"),
        external("smtp", "mail"),
        entity("zone", EntityKind.INFRASTRUCTURE, owner="ops"),
        entity("app", owner="ops"),
        entity("relay", owner="mail"),
        needs("app", "compute"),
    )


@pytest.mark.parametrize(
    ("level", "subject", "failed"),
    [
        (FailureLevel.ENTITY, "smtp", {"smtp"}),
        (FailureLevel.ENTITY, "acme:smtp", {"smtp"}),
        (FailureLevel.VENDOR, "cloud", {"compute", "storage"}),
        (FailureLevel.VENDOR, "idle", set()),
        (FailureLevel.VENDOR_GROUP, "group", {"compute", "storage", "smtp"}),
        (FailureLevel.VENDOR_GROUP, "mail", {"smtp"}),
        (FailureLevel.FAILURE_DOMAIN, "zone", {"zone"}),
        (FailureLevel.OWNER, "ops", {"zone", "app"}),
        (FailureLevel.OWNER, "us", set()),
        (FailureLevel.OWNER, "mail", {"relay"}),
    ],
)
def test_what_fails_is_what_its_subject_stands_for(level: FailureLevel, subject: str, failed: Iterable[str]) -> None:
    found = estate_of_levels()
    happened = found.failures.cascade([Failing(level, subject)])
    assert {found.key_of(number) for number in happened.failed} == failed
    assert (not happened.impacts) == (not failed)


def test_the_lapse_of_an_agreement_is_the_failure_of_all_that_it_covers() -> None:
    found = assess(*checkout())
    happened = found.failures.cascade([Failing(FailureLevel.AGREEMENT, "uc-psp-a")])
    assert [found.key_of(number) for number in happened.failed] == ["psp-a"]


def test_a_set_of_subjects_fails_together_and_each_once() -> None:
    found = estate_of_levels()
    happened = found.failures.cascade([Failing(FailureLevel.VENDOR, "cloud"), Failing(FailureLevel.ENTITY, "compute")])
    assert [found.key_of(number) for number in happened.failed] == ["compute", "storage"]
    assert states(found, happened) == {"compute": DOWN, "storage": DOWN, "app": DOWN}


@pytest.mark.parametrize("level", list(FailureLevel))
def test_an_unknown_subject_of_any_level_is_named(level: FailureLevel) -> None:
    with pytest.raises(UnknownKey) as refused:
        estate_of_levels().failures.cascade([Failing(FailureLevel.ENTITY, "app"), Failing(level, "nobody")])
    (issue,) = refused.value.issues
    assert (refused.value.key, issue.code, issue.path) == ("nobody", "UNKNOWN_KEY", ("failed", "1"))
    called = {FailureLevel.VENDOR_GROUP: "vendor group", FailureLevel.FAILURE_DOMAIN: "failure domain"}
    assert issue.message == f'there is no {called.get(level, level.value)} "nobody" in this view'


def test_what_is_there_as_something_else_is_not_there_as_what_is_asked() -> None:
    """Of the keys compute is an entity, and no party; cloud is a vendor, and no entity or agreement."""
    for level, subject, said in (
        (FailureLevel.VENDOR, "compute", 'there is no vendor "compute" in this view'),
        (FailureLevel.OWNER, "app", 'there is no owner "app" in this view'),
        (FailureLevel.ENTITY, "cloud", 'there is no entity "cloud" in this view'),
        (FailureLevel.AGREEMENT, "cloud", 'there is no agreement "cloud" in this view'),
    ):
        with pytest.raises(UnknownKey) as refused:
            estate_of_levels().failures.cascade([Failing(level, subject)])
        assert str(refused.value) == said


@pytest.mark.parametrize("party", ["buyers", "idle"])
def test_a_customer_or_a_vendor_that_owns_nothing_is_no_owner(party: str) -> None:
    with pytest.raises(BadInput) as refused:
        estate_of_levels().failures.cascade([Failing(FailureLevel.OWNER, party)])
    (issue,) = refused.value.issues
    assert (issue.code, issue.path) == ("WRONG_KIND", ("failed", "0"))
    assert issue.message.endswith(", and not a team or company")


def test_of_a_thousand_unknown_subjects_the_first_twenty_are_named_and_the_rest_counted() -> None:
    unknown = [Failing(FailureLevel.ENTITY, f"nobody-{place}" + "x" * 1000) for place in range(1000)]
    with pytest.raises(BadInput) as refused:
        estate_of_levels().failures.cascade([Failing(FailureLevel.ENTITY, "app"), *unknown])
    *named, rest = refused.value.issues
    assert [issue.path for issue in named] == [("failed", str(place)) for place in range(1, 21)]
    assert (rest.code, rest.message) == ("AND_MORE", "and 980 more of failed are refused")
    assert len(str(refused.value)) < 6000


def test_all_that_is_wrong_with_the_subjects_is_said_at_once() -> None:
    wrong = [
        Failing(FailureLevel.VENDOR, "ops"),
        Failing(FailureLevel.FAILURE_DOMAIN, "app"),
        Failing(FailureLevel.OWNER, "nobody"),
    ]
    with pytest.raises(BadInput) as refused:
        estate_of_levels().failures.cascade(wrong)
    assert [(issue.code, issue.path[-1]) for issue in refused.value.issues] == [
        ("WRONG_KIND", "0"),
        ("WRONG_KIND", "1"),
        ("UNKNOWN_KEY", "2"),
    ]


def impact(state: ImpactState, onset: int = 0, loss: str | None = None) -> Impact:
    return Impact(0, state, Decimal(onset), None, None if loss is None else Decimal(loss), None, 0, {})


@pytest.mark.parametrize(
    ("row", "minutes", "lost"),
    [
        (impact(DOWN, 10), 60, "10000"),  # 12 000 an hour for 50 minutes
        (impact(DEGRADED, 0, "0.02"), 60, "240"),  # 2 % of an hour
        (impact(DEGRADED, 45, "0.5"), 60, "1500"),  # half of a quarter of an hour
        (impact(DOWN, 0), 1, "200"),
        (impact(AT_RISK), 60, "0"),
        (impact(AT_RISK), None, "0"),
        (impact(DOWN), None, None),
        (impact(DEGRADED), 60, None),  # nobody has stated the loss
    ],
)
def test_revenue_is_lost_in_proportion(row: Impact, minutes: int | None, lost: str | None) -> None:
    found = revenue_lost(row, Money(Decimal(12000), "EUR"), None if minutes is None else Decimal(minutes))
    assert found == (None if lost is None else Money(Decimal(lost), "EUR"))
    assert revenue_lost(row, None, Decimal(60)) is None


def test_a_chain_of_100_000_falls_with_its_end() -> None:
    size = 100_000
    system = engine_system([((1, (v + 1,)),) if v + 1 < size else () for v in range(size)])
    happened = cascade(system, waiting(system), [size - 1])
    assert happened.count(DOWN) == size
    assert happened.impacts[0].witness == tuple(reversed(range(size)))


def test_a_deadline_is_heard() -> None:
    def late() -> None:
        raise DeadlinePassed

    names = [f"e{n}" for n in range(5000)]
    found = assess(entity("x"), *(entity(n) for n in names), *(needs(n, "x") for n in names))
    with pytest.raises(DeadlinePassed):
        fail(found.within(late), "x")
    assert fail(found, "x").count(DOWN) == 5001


def test_losses_are_heard_in_time_too() -> None:
    asked = []
    names = [f"e{n:05}" for n in range(10_000)]
    chain = (needs(a, b) for a, b in pairwise(names))
    found = assess(entity("s"), *(entity(n) for n in names), *chain, degrades(names[-1], "s", "0.5"))
    happened = fail(found.within(lambda: asked.append(1)), "s")
    assert happened.count(DEGRADED) == 10_000
    assert {row.loss for row in happened.impacts if row.state is DEGRADED} == {Decimal("0.5")}
    assert len(asked) > 5


def test_what_a_scenario_has_failed_is_failed_in_every_cascade() -> None:
    found = assess(*checkout())
    psp_a, psp_b = found.system.number("psp-a"), found.system.number("psp-b")
    stricken = replace(found.system, failed=frozenset({psp_a}))
    happened = cascade(stricken, waiting(stricken), [psp_b])
    assert happened.failed == (psp_a, psp_b)
    assert states(found, happened)["checkout"] is DOWN
    assert states(found, cascade(stricken, waiting(stricken), [])) == {"psp-a": DOWN, "payments": AT_RISK}
