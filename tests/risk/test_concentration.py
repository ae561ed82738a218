"""Concentration, section 5: shares of revenue and of critical transactions, and the Herfindahl index."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from importers.importer import SourceFile, change_set
from importers.registry import read
from risk.assessment import Assessment
from risk.concentration import fourth_parties, herfindahl
from risk.terms import ConcentrationLevel, ExposureBasis
from tests import oracles
from tests.risk.estates import JUNE, assess, checkout, entity, external, team
from tests.statements import company, needs, vendor
from tests.strategies import sample
from topology.facts import EntityStatement, Statement
from topology.model import Criticality, EntityKind, Money, Validity
from topology.planning import plan
from topology.snapshot import EMPTY

VENDOR, GROUP, FOURTH = ConcentrationLevel.VENDOR, ConcentrationLevel.VENDOR_GROUP, ConcentrationLevel.FOURTH_PARTY
DOMAIN, OWNER = ConcentrationLevel.FAILURE_DOMAIN, ConcentrationLevel.OWNER


def sold(key: str, euros: int | None = None, *, critical: bool = False, currency: str = "EUR") -> EntityStatement:
    return replace(
        entity(key, EntityKind.TRANSACTION, owner="desk"),
        criticality=Criticality.CRITICAL if critical else None,
        revenue_per_hour=None if euros is None else Money(Decimal(euros), currency),
    )


def rows(found: Assessment, level: ConcentrationLevel) -> list[tuple[str, str | None, str, list[str]]]:
    """Subject, share of revenue, share of critical transactions, transactions."""
    return [
        (
            row.subject,
            None if row.revenue_share is None else str(row.revenue_share),
            str(row.critical_share),
            [found.key_of(n) for n in row.stops],
        )
        for row in found.failures.concentration(level).rows
    ]


SHOP: tuple[Statement, ...] = (
    company(),
    team("desk"),
    team("ops"),
    vendor("big"),
    vendor("big-cloud", "big"),
    vendor("big-mail", "big"),
    vendor("small"),
    external("cloud", "big-cloud", "99.9"),
    external("mail", "big-mail", "99.9"),
    external("pay", "small", "99.9"),
    entity("site", percent="99.9", owner="ops"),
    entity("hall", EntityKind.INFRASTRUCTURE, "99.9", owner="ops"),
    needs("pay", "cloud"),
    needs("site", "hall"),
    needs("order", "pay"),
    needs("order", "site"),
    needs("news", "mail"),
    needs("search", "site"),
)
REVENUES = (sold("order", 600, critical=True), sold("news", 100), sold("search", 300, critical=True))


def test_a_vendor_s_shares_are_those_of_the_transactions_that_it_stops_alone() -> None:
    found = assess(*SHOP, *REVENUES)
    assert rows(found, VENDOR) == [
        ("big-cloud", "0.6", "0.5", ["order"]),
        ("small", "0.6", "0.5", ["order"]),
        ("big-mail", "0.1", "0", ["news"]),
    ]
    # Exposures of 600, 600 and 100: 10 000 x (600^2 + 600^2 + 100^2) / 1300^2.
    held = found.failures.concentration(VENDOR)
    assert held.basis is ExposureBasis.REVENUE
    assert float(held.herfindahl) == pytest.approx(10_000 * 730_000 / 1_690_000, rel=1e-14)
    assert [[found.key_of(n) for n in row.externals] for row in held.rows] == [["cloud"], ["pay"], ["mail"]]


def test_a_group_of_vendors_fails_with_all_its_vendors() -> None:
    assert rows(assess(*SHOP, *REVENUES), GROUP) == [("big", "0.7", "0.5", ["news", "order"])]
    assert assess(*SHOP, *REVENUES).failures.concentration(GROUP).herfindahl == 10_000


def test_a_fourth_party_is_a_vendor_with_products_beneath_another_vendor_s() -> None:
    found = assess(*SHOP, *REVENUES)
    assert rows(found, FOURTH) == [("big-cloud", "0.6", "0.5", ["order"])]
    held = found.failures.concentration(FOURTH)
    assert [[found.key_of(n) for n in row.externals] for row in held.rows] == [["cloud"]]


def test_domains_and_owners_are_subjects_too() -> None:
    found = assess(*SHOP, *REVENUES)
    assert rows(found, DOMAIN) == [("hall", "0.9", "1", ["order", "search"])]
    assert found.failures.concentration(DOMAIN).rows[0].externals == ()
    # The desk owns the transactions, and nothing that they need.
    assert rows(found, OWNER) == [("ops", "0.9", "1", ["order", "search"])]


def test_revenues_in_two_currencies_are_never_added() -> None:
    found = assess(*SHOP, sold("order", 600), sold("news", 100, currency="USD"), sold("search", critical=True))
    assert rows(found, DOMAIN) == [("hall", None, "1", ["order", "search"])]
    held = found.failures.concentration(VENDOR)
    assert (held.basis, held.herfindahl) == (ExposureBasis.CRITICAL_TRANSACTIONS, Decimal(0))


@pytest.mark.parametrize("euros", [None, 0])
def test_without_revenue_the_share_of_it_is_not_known(euros: int | None) -> None:
    found = assess(*SHOP, *(sold(key, euros) for key in ("order", "news", "search")))
    assert [row[1:3] for row in rows(found, VENDOR)] == [(None, "0")] * 3
    # Nothing is critical either: each vendor stops one transaction, a third each.
    held = found.failures.concentration(VENDOR)
    assert held.basis is ExposureBasis.TRANSACTIONS
    assert float(held.herfindahl) == pytest.approx(10_000 / 3, rel=1e-14)


def test_a_transaction_without_a_figure_adds_nothing_to_either_side() -> None:
    found = assess(*SHOP, sold("order", 600), sold("news"), sold("search", 200))
    assert [row[:2] for row in rows(found, VENDOR)] == [("big-cloud", "0.75"), ("small", "0.75"), ("big-mail", "0")]


def test_a_transaction_that_does_not_exist_on_the_date_counts_nowhere() -> None:
    closed = replace(sold("order", 600, critical=True), valid=Validity(until=date(2026, 6, 29)))
    statements = (*SHOP, closed, sold("news", 100), sold("search", 300, critical=True))
    assert rows(assess(*statements), VENDOR) == [("big-mail", "0.25", "0", ["news"])]
    assert rows(assess(*statements, at=date(2026, 6, 29)), DOMAIN) == [("hall", "0.9", "1", ["order", "search"])]


def test_in_the_worked_model_the_cloud_of_both_acquirers_is_the_fourth_party() -> None:
    found = assess(*checkout())
    assert [row[0] for row in rows(found, FOURTH)] == ["cloud-x-inc"]
    assert sorted(row[0] for row in rows(found, VENDOR)) == ["cdn-inc", "cloud-x-inc", "identity-inc"]


@pytest.mark.parametrize(
    ("shares", "index"),
    [([], "0"), (["0"], "0"), (["7"], "10000"), (["2", "2"], "5000"), (["1", "0"], "10000"), (["3", "1"], "6250")],
)
def test_herfindahl_is_10_000_times_the_sum_of_squared_parts(shares: list[str], index: str) -> None:
    assert str(herfindahl([Decimal(share) for share in shares])) == index


def test_larkspur_by_vendor_as_its_expected_vendor_level_single_points_say(larkspur: Path) -> None:
    """`expected.json`, vendor_level_spof; checkout and sign-in are critical, nothing states revenue.

    Critical transactions stopped: aws, cloudflare and okta 2 each, confluent and sentrify 1 each, of 8 together.
    """
    name = "larkspur.underpin.yaml"
    (reading,) = read([SourceFile(name, (larkspur / name).read_bytes())])
    found = Assessment(plan(EMPTY, change_set(reading)).after, JUNE)
    assert {row[0]: (row[2], row[3]) for row in rows(found, VENDOR)} == {
        "aws": ("1", ["browse", "checkout", "refund", "sign-in", "track-parcel"]),
        "cloudflare": ("1", ["browse", "checkout", "sign-in", "track-parcel"]),
        "okta": ("1", ["checkout", "refund", "sign-in"]),
        "confluent": ("0.5", ["checkout", "refund"]),
        "sentrify": ("0.5", ["checkout", "refund"]),
        "mongodb": ("0", ["browse"]),
        "grubehall": ("0", ["track-parcel"]),
        "posthorn": ("0", ["track-parcel"]),
    }
    held = found.failures.concentration(VENDOR)
    assert (str(held.herfindahl), held.basis) == ("2187.5", ExposureBasis.CRITICAL_TRANSACTIONS)
    assert [row[0] for row in rows(found, VENDOR)][:4] == ["aws", "cloudflare", "okta", "confluent"]
    # Auth0, Atlas and Confluent run on Amazon's region: there Amazon is a fourth party.
    assert [row[0] for row in rows(found, FOURTH)] == ["aws"]
    assert [found.key_of(n) for n in found.failures.concentration(FOURTH).rows[0].externals] == ["aws-region"]


def test_shares_and_fourth_parties_follow_their_definition_on_random_systems() -> None:
    seen = fourth = 0
    for seed in range(250):
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        random = Random(seed)
        size = len(case.q)
        kinds = [random.choice((EntityKind.EXTERNAL, EntityKind.SERVICE, EntityKind.TRANSACTION)) for _ in range(size)]
        provided = [f"v{random.randint(0, 2)}" if kind is EntityKind.EXTERNAL else None for kind in kinds]
        worth = [random.randint(0, 9) if kind is EntityKind.TRANSACTION else 0 for kind in kinds]
        keys = case.system.keys
        statements: list[Statement] = [vendor(f"v{number}") for number in range(3)]
        for v, key in enumerate(keys):
            money = Money(Decimal(worth[v]), "EUR") if kinds[v] is EntityKind.TRANSACTION else None
            statements.append(entity(key, kinds[v], provider=provided[v], revenue_per_hour=money))
            statements += [
                needs(key, *(keys[m] for m in members), k=k, name=f"g{place}")
                for place, (k, members) in enumerate(case.groups[v])
            ]
        found = assess(*statements)
        stops = {
            f"v{number}": [
                v
                for v in range(size)
                if kinds[v] is EntityKind.TRANSACTION
                and v in oracles.down(case.groups, [u for u in range(size) if provided[u] == f"v{number}"])
            ]
            for number in range(3)
        }
        total = sum(worth)
        held = found.failures.concentration(VENDOR)
        assert {r.subject: list(r.stops) for r in held.rows} == {v: some for v, some in stops.items() if some}, seed
        for row in held.rows:
            expected = Fraction(sum(worth[v] for v in row.stops), total) if total else None
            assert (None if row.revenue_share is None else float(row.revenue_share)) == (
                None if expected is None else pytest.approx(float(expected), rel=1e-14)
            )
        beneath = {
            f"v{number}": {
                s
                for s in range(size)
                if provided[s] == f"v{number}"
                and any(provided[w] not in {None, provided[s]} and s in reached(case.groups, w) for w in range(size))
            }
            for number in range(3)
        }
        assert {s.subject: set(s.entities) for s in fourth_parties(found.system)} == {
            v: some for v, some in beneath.items() if some
        }, seed
        seen += len(held.rows)
        fourth += sum(map(bool, beneath.values()))
    assert seen > 100
    assert fourth > 100


def reached(groups: oracles.Groups, root: int) -> set[int]:
    found: set[int] = set()
    while more := {m for v in {root, *found} for _, members in groups[v] for m in members} - found:
        found |= more
    return found
