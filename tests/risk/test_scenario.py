"""Operations of a scenario: what each does, what none may do, and what they leave alone."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from risk.assessment import Assessment
from risk.results import SubjectKind
from risk.supposed.operations import (
    AddEntity,
    AddMember,
    AddRequirement,
    Fail,
    Lapse,
    Operation,
    RemoveRequirement,
    ReplaceSupplier,
    Retire,
    Scenario,
    SetGroup,
    SetOwnAvailability,
    SetTarget,
)
from risk.terms import FailureLevel, FindingCode, ReasonCode, Verdict
from tests.risk.estates import (
    GOLD,
    JUNE,
    UC,
    YEAR,
    agreement,
    assess,
    by_supplier,
    checkout,
    entity,
    estate,
    external,
    near,
    promised,
    target,
)
from tests.statements import company, degrades, delta, needs, vendor
from topology.canonical import model_hash
from topology.errors import BadInput
from topology.facts import Statement
from topology.model import Comparator, EntityKind, Extent, Party, Target, Window, WindowKind
from topology.planning import plan
from topology.snapshot import Snapshot

ENTITY = FailureLevel.ENTITY


def under(before: Assessment, *operations: Operation) -> Assessment:
    return before.under(Scenario(operations))


def percent(view: Assessment, key: str = "checkout") -> str:
    return f"{view.composite(key).expected.ratio:.12f}"


def points(view: Assessment, key: str = "checkout") -> set[str]:
    found = view.failures.single_points(key)
    assert found is not None
    return {point.subject for point in found}


def model_of(snapshot: Snapshot) -> Sequence[object]:
    """Everything that analyses read of a model, order included."""
    held = (snapshot.entities, snapshot.groups, snapshot.degradations, snapshot.agreements, snapshot.targets)
    return [list(mapping.items()) for mapping in (*held, snapshot.required_by, snapshot.parties)]


def without(statements: Sequence[Statement], *gone: Statement) -> list[Statement]:
    assert all(statement in statements for statement in gone)
    return [statement for statement in statements if statement not in gone]


def test_a_scenario_without_operations_is_the_baseline() -> None:
    before = assess(*checkout())
    assert under(before) is before


def test_operations_that_undo_each_other_leave_the_model_as_it_was() -> None:
    before = assess(*checkout())
    view = under(before, RemoveRequirement("psp-b", "cloud-x"), AddRequirement("psp-b", "cloud-x"))
    assert view.snapshot is before.snapshot
    assert view.composite("checkout") == before.composite("checkout")


# Worked figures of section 3: A with psp_a down, and with psp_b moved to another cloud, which gains 4.309 min/30 d.


def test_with_psp_a_down_the_other_becomes_a_single_point() -> None:
    before = assess(*checkout())
    view = under(before, Fail(ENTITY, "psp-a"))
    assert percent(view) == "0.997901549455"
    assert points(view) - points(before) == {"psp-b"}
    assert view.composite("checkout").expected == before.conditional("checkout", ["psp-a"])
    assert view.promises.headroom(GOLD).verdict is Verdict.SHORTFALL


def test_moving_psp_b_to_another_cloud_removes_cloud_x_and_gains_what_the_design_says() -> None:
    before = assess(*checkout())
    moved = under(
        before,
        AddEntity("cloud-y", EntityKind.EXTERNAL, provider="cloud-x-inc", availability=Decimal("0.9999")),
        ReplaceSupplier("psp-b", "cloud-x", "cloud-y"),
    )
    assert points(before) - points(moved) == {"cloud-x"}
    gained = before.composite("checkout").expected.q - moved.composite("checkout").expected.q
    assert near(Decimal(gained * 43_200), "4.309")


def test_with_cloud_x_down_the_promise_is_missed_by_all_of_the_window_and_nothing_is_left_to_find() -> None:
    view = under(assess(*checkout()), Fail(ENTITY, "cloud-x"))
    found = view.composite("checkout")
    assert (found.expected.q, found.guaranteed_floor.q, found.ceiling.q, found.expected_success.q) == (1, 1, 1, 1)
    assert view.failures.single_points("checkout") is None
    assert view.cut_sets("checkout") is None
    headroom = view.promises.headroom(GOLD)
    # (0 - 0.999) x 43 200 minutes of June
    assert (headroom.expected_minutes, headroom.guaranteed_minutes) == (Decimal("-43156.8"), Decimal("-43156.8"))
    assert headroom.verdict is Verdict.SHORTFALL
    # Contracts are held against contracts: what has failed still promises what it promised.
    assert by_supplier(view)["psp-a"].headroom == by_supplier(assess(*checkout()))["psp-a"].headroom


@pytest.mark.parametrize(
    ("level", "key", "failed"),
    [
        (FailureLevel.ENTITY, "cloud-x", {"cloud-x"}),
        (FailureLevel.VENDOR, "psp-a-inc", {"psp-a"}),
        (FailureLevel.VENDOR_GROUP, "pay-group", {"psp-a", "psp-b"}),
        (FailureLevel.VENDOR_GROUP, "psp-a-inc", {"psp-a"}),
        (FailureLevel.FAILURE_DOMAIN, "zone", {"zone"}),
        (FailureLevel.OWNER, "team-shop", {"checkout", "web", "api", "payments"}),
        (FailureLevel.OWNER, "shop", set()),
    ],
)
def test_a_subject_fails_with_all_that_it_stands_for(level: FailureLevel, key: str, failed: set[str]) -> None:
    statements = [
        *(
            replace(s, parent="pay-group") if isinstance(s, Party) and s.key.startswith("psp-") else s
            for s in checkout()
        ),
        vendor("pay-group"),
        entity("zone", EntityKind.INFRASTRUCTURE),
    ]
    assert under(assess(*statements), Fail(level, key)).failed == failed


def test_failing_sees_what_was_added_before_it_and_not_what_comes_after() -> None:
    before = assess(*checkout())
    product = AddEntity("psp-c", EntityKind.EXTERNAL, provider="psp-a-inc")
    assert under(before, product, Fail(FailureLevel.VENDOR, "psp-a-inc")).failed == {"psp-a", "psp-c"}
    assert under(before, Fail(FailureLevel.VENDOR, "psp-a-inc"), product).failed == {"psp-a"}


def test_order_matters_as_it_should() -> None:
    before = assess(*checkout())
    removed, replaced = RemoveRequirement("psp-b", "cloud-x"), ReplaceSupplier(None, "cloud-x", "cdn")
    first = under(before, removed, replaced).snapshot
    assert "psp-b" not in first.groups
    assert [m.entity for g in first.groups["psp-a"] for m in g.members] == ["cdn"]
    with pytest.raises(BadInput, match='"psp-b" has no plain need of "cloud-x"'):
        under(before, replaced, removed)


CHECKOUT = checkout()
OWN = Extent.INTRINSIC
HARDER = needs("web", "orders-db")
SOFTER = needs("psp-b", "cloud-x")
ACQUIRERS = needs("payments", "psp-a", "psp-b", k=1, name="acquirers")


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        (AddRequirement("web", "orders-db"), [*CHECKOUT, HARDER]),
        (RemoveRequirement("psp-b", "cloud-x"), without(CHECKOUT, SOFTER)),
        (
            SetGroup("payments", "acquirers", 2, ("psp-b", "psp-a", "cdn")),
            [*without(CHECKOUT, ACQUIRERS), needs("payments", "psp-a", "psp-b", "cdn", k=2, name="acquirers")],
        ),
        (SetGroup("web", "edge", 1, ("cdn", "email")), [*CHECKOUT, needs("web", "cdn", "email", k=1, name="edge")]),
        (
            AddMember("payments", "acquirers", "cdn"),
            [*without(CHECKOUT, ACQUIRERS), needs("payments", "psp-a", "psp-b", "cdn", k=1, name="acquirers")],
        ),
        (
            ReplaceSupplier("api", "identity", "cdn"),
            [*without(CHECKOUT, needs("api", "identity")), needs("api", "cdn")],
        ),
        (
            ReplaceSupplier(None, "psp-b", "cdn"),
            [*without(CHECKOUT, ACQUIRERS), needs("payments", "psp-a", "cdn", k=1, name="acquirers")],
        ),
        (
            ReplaceSupplier(None, "email", "cdn"),
            [*without(CHECKOUT, degrades("api", "email", "0.02")), degrades("api", "cdn", "0.02")],
        ),
        (
            AddEntity("cloud-y", EntityKind.EXTERNAL, provider="cdn-inc", availability=Decimal("0.9999")),
            [*CHECKOUT, external("cloud-y", "cdn-inc", "99.99")],
        ),
        (
            SetOwnAvailability("web", Decimal("0.999")),
            [
                *without(CHECKOUT, entity("web", percent="99.99", owner="team-shop")),
                entity("web", percent="99.9", owner="team-shop"),
            ],
        ),
        (
            SetTarget("uc-cdn", "cdn", "availability", Decimal("0.999")),
            [*without(CHECKOUT, target("uc-cdn", "99.99", "cdn")), target("uc-cdn", "99.9", "cdn")],
        ),
        (
            SetTarget("sla-gold", "checkout", "availability", Decimal("0.995")),
            list(checkout(sla="99.5")),
        ),
        (
            Lapse("uc-cdn"),
            without(CHECKOUT, *promised("uc-cdn", UC, "cdn-inc", "cdn", "99.99", extent=OWN, consumer="shop")),
        ),
    ],
)
def test_an_operation_makes_the_model_that_the_change_would_make(
    operation: Operation, changed: Sequence[Statement]
) -> None:
    """Equal models in equal order, and, with nothing to back out, equal answers."""
    view, expected = under(assess(*CHECKOUT), operation), assess(*changed)
    assert model_of(view.snapshot) == model_of(expected.snapshot)
    assert model_hash(view.snapshot) == model_hash(expected.snapshot)
    assert view.system == expected.system
    for key in view.snapshot.entities:
        assert figures(view, key) == pytest.approx(figures(expected, key), rel=1e-12, abs=1e-15)
        assert view.composite(key).missing == expected.composite(key).missing
        assert view.failures.single_points(key) == expected.failures.single_points(key)
    assert view.promises.commitments() == expected.promises.commitments()
    assert view.promises.headroom(GOLD) == expected.promises.headroom(GOLD)
    assert view.promises.links(GOLD) == expected.promises.links(GOLD)
    assert {f.code for f in view.findings()} == {f.code for f in expected.findings()}


def figures(view: Assessment, key: str) -> list[float]:
    found = view.composite(key)
    return [p.q for p in (found.expected, found.guaranteed_floor, found.ceiling, found.expected_success)]


def test_members_and_needs_that_stay_keep_their_tolerance() -> None:
    statements = [
        *without(CHECKOUT, ACQUIRERS),
        replace(ACQUIRERS, members=tuple(replace(m, tolerance=Decimal(10)) for m in ACQUIRERS.members)),
    ]
    before = assess(*statements)

    def tolerances(*operations: Operation) -> dict[str, Decimal]:
        groups = under(before, *operations).snapshot.groups["payments"]
        return {member.entity: member.tolerance for group in groups for member in group.members}

    ten, none = Decimal(10), Decimal(0)
    assert tolerances(ReplaceSupplier(None, "psp-b", "cdn")) == {"psp-a": ten, "cdn": ten}
    assert tolerances(SetGroup("payments", "acquirers", 1, ("psp-a", "cdn"))) == {"psp-a": ten, "cdn": none}
    assert tolerances(AddMember("payments", "acquirers", "cdn", Decimal(5)))["cdn"] == Decimal(5)


def test_who_needs_both_plainly_needs_the_one_that_stays_once_with_the_lesser_tolerance() -> None:
    view = under(
        assess(*CHECKOUT), AddRequirement("web", "email", Decimal(30)), ReplaceSupplier("web", "email", "identity")
    )
    held = {member.entity: member.tolerance for g in view.snapshot.groups["web"] for member in g.members}
    assert held == {"cdn": 0, "identity": 0}


def test_a_lapsed_agreement_leaves_its_supplier_uncovered_and_its_figure_unknown() -> None:
    view = under(assess(*CHECKOUT), Lapse("uc-cdn"))
    link = by_supplier(view)["cdn"]
    assert (link.verdict, link.agreement) == (Verdict.UNCOVERED, None)
    assert ReasonCode.NO_AGREEMENT in link.reasons
    assert [(m.entity, m.reason) for m in view.composite("checkout").missing] == [("cdn", ReasonCode.NO_FIGURE)]
    assert FindingCode.SUPPLIER_UNCOVERED in {f.code for f in view.findings_about(SubjectKind.ENTITY, "cdn")}


def test_what_a_lapsed_ola_covered_still_should_have_one() -> None:
    view = under(assess(*CHECKOUT), Lapse("ola-data"))
    assert by_supplier(view)["orders-db"].verdict is Verdict.UNCOVERED
    assert [m.entity for m in view.composite("checkout").missing] == ["orders-db"]


def test_a_lapsed_agreement_makes_room_for_the_next_that_applies() -> None:
    spare = promised("uc-wide", UC, "cdn-inc", "*", "99.5", extent=OWN)
    view = under(assess(*CHECKOUT, *spare), Lapse("uc-cdn"))
    agreed = by_supplier(view)["cdn"].agreement
    assert agreed is not None
    assert agreed.key == "uc-wide"
    assert view.own_figure("cdn").value == Decimal("0.995")


def test_a_retired_entity_that_is_still_required_is_missing_and_contradicts_the_data() -> None:
    view = under(assess(*CHECKOUT), Retire("cdn"))
    assert [(m.entity, m.reason) for m in view.composite("checkout").missing] == [("cdn", ReasonCode.RETIRED)]
    assert "cdn" in {f.subject for f in view.findings() if f.code is FindingCode.RETIRED_SUPPLIER}
    assert view.composite("checkout").guaranteed_floor.q == 1


def test_a_promise_of_several_entities_changes_for_the_one_that_is_named() -> None:
    wide: list[Statement] = [
        agreement("uc-all", UC, "big", consumer="us"),
        target("uc-all", "99.9", "*", extent=OWN),
    ]
    before = assess(company("us"), vendor("big"), external("a", "big"), external("b", "big"), *wide)
    view = under(before, SetTarget("uc-all", "a", "availability", Decimal("0.99")))
    assert (view.own_figure("a").value, view.own_figure("b").value) == (Decimal("0.99"), Decimal("0.999"))


def test_every_window_of_the_metric_is_set_and_a_time_is_given_in_minutes() -> None:
    yearly = target("uc-cdn", "99.95", "cdn", window=YEAR)
    repair = Target(
        "uc-cdn", 1, "time_to_repair", Comparator.AT_MOST, Decimal(4), "h", Window(WindowKind.PER_INCIDENT),
        Extent.END_TO_END, "cdn",
    )  # fmt: skip
    before = assess(*CHECKOUT, yearly, repair)
    view = under(
        before,
        SetTarget("uc-cdn", "cdn", "availability", Decimal("0.99")),
        SetTarget("uc-cdn", "cdn", "time_to_repair", minutes=Decimal(90)),
    )
    held = {(t.metric, str(t.window)): (t.value, t.unit) for t in view.snapshot.targets["uc-cdn", 1]}
    assert held == {
        ("availability", "calendar_month"): (Decimal("0.99"), "ratio"),
        ("availability", "calendar_year"): (Decimal("0.99"), "ratio"),
        ("time_to_repair", "per_incident"): (Decimal(90), "min"),
    }


def test_a_persons_word_does_not_stop_a_scenario() -> None:
    """`manual` outranks every source; a scenario acts on what all of them come to."""
    base = estate(*CHECKOUT)
    said = entity("web", percent="99")
    overlaid = plan(base, delta(replace(said, kind=None), HARDER)).after
    before = Assessment(overlaid, JUNE)
    assert before.own_figure("web").value == Decimal("0.99")
    view = under(before, SetOwnAvailability("web", Decimal("0.95")), RemoveRequirement("web", "orders-db"))
    assert view.own_figure("web").value == Decimal("0.95")
    assert "orders-db" not in {m.entity for g in view.snapshot.groups["web"] for m in g.members}


def test_nothing_of_the_view_before_is_changed() -> None:
    before = assess(*checkout(extent=Extent.END_TO_END))
    told = [figures(before, key) for key in before.snapshot.entities], model_of(before.snapshot), before.findings()
    facts = dict(before.snapshot.facts)
    for operation in (Fail(ENTITY, "psp-a"), Retire("cdn"), Lapse("uc-cdn"), AddRequirement("web", "orders-db")):
        view = under(before, operation)
        view.composite("checkout")
        view.findings()
        assert view.snapshot.revision == before.snapshot.revision
    again = [figures(before, key) for key in before.snapshot.entities], model_of(before.snapshot), before.findings()
    assert again == told
    assert before.snapshot.facts == facts


def test_scenarios_asked_at_once_are_independent() -> None:
    before = assess(*checkout(extent=Extent.END_TO_END))
    supposed = [Fail(ENTITY, key) for key in sorted(before.snapshot.entities)] * 4
    expected = [figures(under(assess(*checkout(extent=Extent.END_TO_END)), one), "checkout") for one in supposed]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: figures(under(before, one), "checkout"), supposed))
    assert found == expected


def test_what_has_failed_is_part_of_the_models_hash_and_an_empty_scenario_is_not() -> None:
    before = assess(*CHECKOUT)
    view = under(before, Fail(ENTITY, "web"))
    assert model_hash(view.snapshot, view.failed) != model_hash(before.snapshot, before.failed)
    assert model_hash(before.snapshot, before.failed) == model_hash(before.snapshot)
