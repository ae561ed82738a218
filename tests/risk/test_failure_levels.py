"""What fails as one at the levels AGREEMENT and OWNER: section 3, "everything covered by one agreement (its lapse)"."""

from dataclasses import replace
from datetime import date

import pytest

from risk.assessment import Assessment
from risk.terms import FailureLevel
from tests.risk.estates import OLA, SLA, UC, agreement, assess, checkout, entity, external, target, team
from tests.statements import company, needs, vendor
from topology.model import AgreementStatus, EntityKind

AGREEMENT, OWNER = FailureLevel.AGREEMENT, FailureLevel.OWNER


def sets(found: Assessment, level: FailureLevel) -> dict[str, set[str]]:
    return {s.subject: {found.key_of(n) for n in s.entities} for s in found.failures.failure_sets(level)}


def subjects(found: Assessment, root: str, level: FailureLevel) -> dict[str, bool]:
    """The subjects of the single points of a root, each with whether it is hidden."""
    rows = found.failures.single_points(root, level)
    assert rows is not None
    assert all(row.entity is None and row.level is level for row in rows)
    return {row.subject: row.hidden for row in rows}


COVERAGE = (
    company(),
    vendor("v"),
    vendor("w"),
    team("ops"),
    external("v-db", "v", "99.9", family="data"),
    external("v-queue", "v", "99.9", family="data"),
    external("v-mail", "v", "99.9"),
    external("w-cdn", "w", "99.9", family="data"),
    entity("site", percent="99.9", owner="ops"),
    entity("rack", EntityKind.INFRASTRUCTURE, "99.9", owner="ops"),
)


@pytest.mark.parametrize(
    ("covers", "entities"),
    [
        (("v-db",), {"v-db"}),
        (("v-db", "v-mail"), {"v-db", "v-mail"}),
        (("family:data",), {"v-db", "v-queue"}),
        (("*",), {"v-db", "v-queue", "v-mail"}),
        (("family:data", "v-mail"), {"v-db", "v-queue", "v-mail"}),
    ],
)
def test_an_agreement_stands_for_all_that_it_covers(covers: tuple[str, ...], entities: set[str]) -> None:
    assert sets(assess(*COVERAGE, agreement("uc", UC, "v", *covers)), AGREEMENT) == {"uc": entities}


def test_a_target_that_names_its_own_entity_adds_it_to_what_the_agreement_covers() -> None:
    found = assess(*COVERAGE, agreement("uc", UC, "v", "v-db"), target("uc", "99.9", "v-mail"))
    assert sets(found, AGREEMENT) == {"uc": {"v-db", "v-mail"}}


def test_a_team_s_agreement_on_all_it_provides_covers_what_it_owns() -> None:
    found = assess(*COVERAGE, agreement("ola", OLA, "ops", "*"))
    assert sets(found, AGREEMENT) == {"ola": {"site", "rack"}}


def test_only_the_version_in_force_counts_and_without_one_there_is_no_set() -> None:
    first = agreement("uc", UC, "v", "v-db", start=date(2025, 1, 1))
    second = agreement("uc", UC, "v", "v-mail", version=2, start=date(2026, 7, 1), end=date(2026, 12, 31))
    draft = agreement("plan", UC, "v", "v-queue", status=AgreementStatus.DRAFT)
    statements = (*COVERAGE, first, second, draft)
    assert sets(assess(*statements, at=date(2026, 6, 30)), AGREEMENT) == {"uc": {"v-db"}}
    assert sets(assess(*statements, at=date(2026, 7, 1)), AGREEMENT) == {"uc": {"v-mail"}}
    assert sets(assess(*statements, at=date(2027, 1, 1)), AGREEMENT) == {}
    assert sets(assess(*statements, at=date(2024, 12, 31)), AGREEMENT) == {}


def test_an_owner_stands_for_all_that_it_owns() -> None:
    assert sets(assess(*COVERAGE), OWNER) == {"ops": {"site", "rack"}}


def test_the_worked_model_by_agreement() -> None:
    """Section 3's single points with a contract are cdn, identity and orders-db; either acquirer can be lost."""
    found = assess(*checkout())
    expected = {"ola-data": False, "uc-cdn": False, "uc-identity": False}
    assert subjects(found, "checkout", AGREEMENT) == expected


def test_one_agreement_on_both_members_is_a_single_point_behind_redundancy() -> None:
    found = assess(
        *COVERAGE,
        entity("store", percent="99.99"),
        needs("store", "v-db", "v-queue", k=1),
        agreement("uc", UC, "v", "family:data"),
    )
    assert subjects(found, "store", AGREEMENT) == {"uc": True}
    (row,) = found.failures.single_points("store", AGREEMENT) or ()
    # Without the members' faults 1 - .9999; with them 1 - .9999 (1 - .001^2): .9999e-6 of 43 200 minutes.
    assert row.minutes == pytest.approx(0.9999e-6 * 43_200)


def test_the_worked_model_by_owner() -> None:
    """team-shop owns web, api and payments, and checkout itself, which does not count against itself."""
    found = assess(*checkout())
    assert subjects(found, "checkout", OWNER) == {"team-data": False, "team-shop": False}
    assert subjects(found, "payments", OWNER) == {}


def test_the_estate_lists_agreements_and_owners_by_the_transactions_they_stop() -> None:
    second = (entity("refund", EntityKind.TRANSACTION), needs("refund", "orders-db"))
    found = assess(*checkout(), *second)
    rows = found.failures.single_points_of_estate(AGREEMENT)
    shown = [(row.subject, [found.key_of(n) for n in row.stops]) for row in rows]
    assert shown == [("ola-data", ["checkout", "refund"]), ("uc-cdn", ["checkout"]), ("uc-identity", ["checkout"])]
    rows = found.failures.single_points_of_estate(OWNER)
    # team-shop owns checkout too: what else it owns stops that, so it counts, as it does when checkout is asked.
    assert [(row.subject, [found.key_of(n) for n in row.stops], row.hidden) for row in rows] == [
        ("team-data", ["checkout", "refund"], False),
        ("team-shop", ["checkout"], False),
    ]
    (shop,) = [r for r in found.failures.single_points("checkout", OWNER) or () if r.subject == "team-shop"]
    assert [found.key_of(n) for n in shop.stops] == ["checkout"]


def test_a_team_that_owns_a_transaction_and_nothing_that_it_needs_does_not_stop_it() -> None:
    found = assess(*COVERAGE, entity("sales", EntityKind.TRANSACTION, owner="ops"), needs("sales", "v-db"))
    assert found.failures.single_points_of_estate(OWNER) == ()
    assert subjects(found, "sales", OWNER) == {}


def test_an_sla_stands_for_what_it_promises_and_stops_what_needs_that() -> None:
    upsell = (entity("upsell", EntityKind.TRANSACTION, "100"), needs("upsell", "checkout"))
    found = assess(*checkout(), *upsell)
    assert SLA in {versions[-1].type for versions in found.snapshot.agreements.values()}
    assert sets(found, AGREEMENT)["sla-gold"] == {"checkout"}
    assert subjects(found, "upsell", AGREEMENT)["sla-gold"] is False
    assert "sla-gold" not in subjects(found, "checkout", AGREEMENT)


def test_an_agreement_written_under_an_alias_stands_for_the_entity_itself() -> None:
    found = assess(*COVERAGE, replace(agreement("uc", UC, "v"), covers=("acme:v-db",)))
    assert sets(found, AGREEMENT) == {"uc": {"v-db"}}
