"""The rules about redundancy and tiers, section 3, each once where it holds and once where it does not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from risk.redundancy import costs
from risk.results import Finding, SubjectKind
from risk.terms import FindingCode, Severity
from tests import oracles
from tests.risk.estates import JUNE, assess, checkout, entity, external
from tests.statements import needs, vendor
from tests.strategies import sample
from topology.facts import EntityStatement, Statement
from topology.model import EntityKind, RequirementGroup

TESTED = date(2026, 3, 1)


def seen(code: FindingCode, *statements: Statement) -> list[Finding]:
    return [f for f in assess(*statements).findings() if f.code is code]


def pool(*members: str, k: int = 1, tested: date | None = TESTED) -> RequirementGroup:
    return replace(needs("pool", *members, k=k, name="spare"), tested=tested)


def part(key: str, **more: object) -> EntityStatement:
    return replace(entity(key, percent="99"), **more)  # type: ignore[arg-type]


PARTS: tuple[Statement, ...] = (
    entity("t", EntityKind.TRANSACTION),
    needs("t", "pool"),
    part("pool"),
    part("a"),
    part("b"),
    part("c"),
)


@pytest.mark.parametrize(
    ("tested", "when"),
    [
        (None, "has never been tested"),
        (date(2025, 6, 29), "has not been tested in 365 days: 2025-06-29"),
        (date(2026, 7, 1), "has not been tested before 2026-07-01"),
    ],
)
def test_a_standby_without_a_test_in_the_last_365_days_is_untested(tested: date | None, when: str) -> None:
    group = pool("a", "b", tested=tested)
    (found,) = seen(FindingCode.UNTESTED_STANDBY, *PARTS, group)
    assert found.message == f'That "pool" goes on with 1 of a, b {when}.'
    assert (found.subject, found.kind, found.severity) == ("pool", SubjectKind.ENTITY, Severity.WARNING)
    assert found.witness == ("pool", "a", "b")
    assert [fact.statement for fact in found.facts] == [group]


@pytest.mark.parametrize("tested", [date(2025, 6, 30), date(2026, 6, 30)])
def test_a_standby_tested_within_365_days_is_not(tested: date) -> None:
    assert date(2026, 6, 30) == JUNE
    assert seen(FindingCode.UNTESTED_STANDBY, *PARTS, pool("a", "b", tested=tested)) == []


def test_a_group_that_needs_all_its_members_is_no_standby() -> None:
    assert seen(FindingCode.UNTESTED_STANDBY, *PARTS, pool("a", "b", k=2, tested=None)) == []


def test_the_cloud_of_both_acquirers_is_a_hidden_common_cause_of_4_309_minutes() -> None:
    (found,) = seen(FindingCode.HIDDEN_COMMON_CAUSE, *checkout())
    assert (found.subject, found.kind, found.severity) == ("payments", SubjectKind.ENTITY, Severity.WARNING)
    assert found.witness == ("payments", "psp-a", "psp-b", "cloud-x")
    assert found.minutes is not None
    assert f"{found.minutes:.3f}" == "4.309"
    assert found.message == (
        '"payments" needs 1 of psp-a, psp-b, and "cloud-x" alone takes psp-a, psp-b. '
        'With one of its own for each, "checkout" would gain 4.309 min in 30 days.'
    )


def test_members_with_suppliers_of_their_own_have_no_hidden_common_cause() -> None:
    own = (part("low-a"), part("low-b"), needs("a", "low-a"), needs("b", "low-b"))
    assert seen(FindingCode.HIDDEN_COMMON_CAUSE, *PARTS, pool("a", "b"), *own) == []


def test_a_missing_figure_beneath_the_group_leaves_the_common_cause_without_minutes() -> None:
    shared = (entity("low"), needs("a", "low"), needs("b", "low"))
    (found,) = seen(FindingCode.HIDDEN_COMMON_CAUSE, *PARTS, pool("a", "b"), *shared)
    assert found.minutes is None
    assert found.message == (
        '"pool" needs 1 of a, b, and "low" alone takes a, b. '
        "What that costs is not known: a figure beneath the group is missing, or no exact one is in reach."
    )


def test_without_a_transaction_the_consumer_s_own_minutes_count() -> None:
    """Today .001 + .999 x .01^2; with copies (1 - .99 x .999)^2: the difference times .99, what pool itself leaves."""
    shared = (part("low", availability=Decimal("0.999")), needs("a", "low"), needs("b", "low"))
    (found,) = seen(FindingCode.HIDDEN_COMMON_CAUSE, *PARTS[2:], pool("a", "b"), *shared)
    gained = 0.99 * (0.001 + 0.999 * 0.01**2 - (1 - 0.99 * 0.999) ** 2) * 43_200
    assert found.minutes is not None
    assert float(found.minutes) == pytest.approx(gained, abs=1e-9)
    assert '"pool" would gain' in found.message


@pytest.mark.parametrize(
    ("percent", "told"),
    [
        # With copies, of which one must stand as well, .999 x .001^2 more: 0.0432 - 0.0000432 min in 30 days.
        ("99.9", "would lose 0.044 min in 30 days: further copies are further things to fail."),
        # .99 x .01^2 more: 4.2768 min.
        ("99", "would lose 4.277 min in 30 days: further copies are further things to fail."),
        ("100", "would gain nothing."),
    ],
)
def test_what_a_common_cause_costs_is_told_as_its_minutes_have_it(percent: str, told: str) -> None:
    """The transaction needs the shared power itself: copies for the members are no gain to it."""
    power = Decimal(percent) / 100
    (found,) = seen(
        FindingCode.HIDDEN_COMMON_CAUSE,
        entity("t", EntityKind.TRANSACTION),
        entity("power", availability=power),
        *(entity(key, availability=Decimal(1)) for key in "ab"),
        needs("t", "power"),
        needs("t", "a", "b", k=1),
        needs("a", "power"),
        needs("b", "power"),
    )
    assert found.minutes is not None
    assert float(found.minutes) == pytest.approx(-float(power * (1 - power) ** 2 * 43_200), abs=1e-9)
    assert found.message.endswith(f'With one of its own for each, "t" {told}')


def test_of_several_transactions_the_one_that_loses_most_is_named() -> None:
    """The transaction a-u needs the pool as t does, and a flaky part besides: less of its time is left to be gained."""
    more = (entity("a-u", EntityKind.TRANSACTION), needs("a-u", "pool"), needs("a-u", "c"))
    shared = (part("low"), needs("a", "low"), needs("b", "low"))
    (found,) = seen(FindingCode.HIDDEN_COMMON_CAUSE, *PARTS, *more, pool("a", "b"), *shared)
    assert '"t" would gain' in found.message


def test_where_pricing_all_common_causes_is_too_much_work_none_has_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The closure of checkout holds ten entities: what nine are too few for is asked of the entity itself."""
    monkeypatch.setattr(costs, "_MOST_WORK", 9)
    (found,) = seen(FindingCode.HIDDEN_COMMON_CAUSE, *checkout())
    assert found.minutes is None
    assert found.message.endswith("asked for its redundancy illusions: here are too many.")
    monkeypatch.setattr(costs, "_MOST_WORK", 10)
    (found,) = seen(FindingCode.HIDDEN_COMMON_CAUSE, *checkout())
    assert found.minutes is not None


VENDORS: tuple[Statement, ...] = (
    *PARTS[:3],
    vendor("v"),
    vendor("w"),
    external("a", "v", "99"),
    external("b", "v", "99"),
    external("c", "w", "99"),
)


def test_a_group_of_one_vendor_s_products_falls_with_the_vendor() -> None:
    (found,) = seen(FindingCode.SAME_VENDOR_GROUP, *VENDORS, pool("a", "b"))
    assert found.message == 'All of a, b, which are there for one another in "pool", fall with "v".'
    assert (found.subject, found.severity, found.witness) == ("pool", Severity.WARNING, ("pool", "a", "b"))


def test_a_group_with_another_vendor_s_product_does_not() -> None:
    assert seen(FindingCode.SAME_VENDOR_GROUP, *VENDORS, pool("a", "c")) == []
    assert seen(FindingCode.SAME_VENDOR_GROUP, *VENDORS, pool("a", "b", "c")) == []


def test_members_that_need_products_of_one_vendor_fall_with_it_and_those_that_can_do_without_do_not() -> None:
    members = (part("m"), part("n"), needs("m", "a"), needs("n", "b"))
    assert [f.subject for f in seen(FindingCode.SAME_VENDOR_GROUP, *VENDORS, *members, pool("m", "n"))] == ["pool"]
    members = (part("m"), part("n"), needs("m", "a"), replace(needs("n", "b", "c", k=1), tested=TESTED))
    assert seen(FindingCode.SAME_VENDOR_GROUP, *VENDORS, *members, pool("m", "n")) == []


def test_two_products_of_one_vendor_beneath_a_member_are_one_vendor_and_no_two() -> None:
    members = (part("m"), replace(needs("m", "a", "b", k=1), tested=TESTED))
    found = seen(FindingCode.SAME_VENDOR_GROUP, *VENDORS, *members, external("d", "v", "99"), pool("m", "d"))
    assert sorted(f.subject for f in found) == ["m", "pool"]


ZONES: tuple[Statement, ...] = (
    *PARTS,
    entity("zone-1", EntityKind.INFRASTRUCTURE, "99.9"),
    entity("zone-2", EntityKind.INFRASTRUCTURE, "99.9"),
)


def test_a_group_in_one_zone_falls_with_it() -> None:
    (found,) = seen(FindingCode.SAME_DOMAIN_GROUP, *ZONES, needs("a", "zone-1"), needs("b", "zone-1"), pool("a", "b"))
    assert found.message == 'All of a, b, which are there for one another in "pool", fall with "zone-1".'
    assert found.witness == ("pool", "a", "b", "zone-1")


def test_a_group_in_two_zones_or_on_a_shared_service_does_not() -> None:
    apart = (needs("a", "zone-1"), needs("b", "zone-2"))
    assert seen(FindingCode.SAME_DOMAIN_GROUP, *ZONES, *apart, pool("a", "b")) == []
    shared = (needs("a", "c"), needs("b", "c"))
    assert seen(FindingCode.SAME_DOMAIN_GROUP, *ZONES, *shared, pool("a", "b")) == []


def test_two_of_three_in_one_zone_are_not_all() -> None:
    placed = (needs("a", "zone-1"), needs("b", "zone-1"), needs("c", "zone-2"))
    assert seen(FindingCode.SAME_DOMAIN_GROUP, *ZONES, *placed, pool("a", "b", "c", k=2)) == []
    found = seen(FindingCode.HIDDEN_COMMON_CAUSE, *ZONES, *placed, pool("a", "b", "c", k=2))
    assert [f.witness for f in found] == [("pool", "a", "b", "c", "zone-1")]


def tiered(**tiers: int | None) -> tuple[Statement, ...]:
    """A transaction t that needs s, which needs one of a and b."""
    return (
        replace(entity("t", EntityKind.TRANSACTION), tier=tiers.get("t")),
        *(part(key, tier=tiers.get(key)) for key in ("s", "a", "b")),
        needs("t", "s"),
        replace(needs("s", "a", "b", k=1, name="spare"), tested=TESTED),
    )


def test_a_single_point_of_a_lower_tier_than_what_it_stops_is_an_inversion() -> None:
    (found,) = seen(FindingCode.TIER_INVERSION, *tiered(t=1, s=3))
    assert found.message == '"s" of tier 3 is a single point of failure of t (tier 1).'
    assert (found.subject, found.severity, found.witness) == ("s", Severity.WARNING, ("s", "t"))


@pytest.mark.parametrize("tiers", [{"t": 1, "s": 1}, {"t": 2, "s": 1}, {"t": 1}, {"s": 3}, {"t": 1, "s": 1, "a": 3}])
def test_no_inversion(tiers: dict[str, int]) -> None:
    """Of the same tier, of a higher one, where a tier is not stated, and of what can be spared."""
    assert seen(FindingCode.TIER_INVERSION, *tiered(**tiers)) == []


def test_inversions_are_found_at_any_depth_the_highest_tier_named_first() -> None:
    more = (part("low", tier=4), needs("a", "low"), needs("b", "low"))
    found = {f.subject: f.message for f in seen(FindingCode.TIER_INVERSION, *tiered(t=2, s=3, a=4, b=4), *more)}
    assert found == {
        "s": '"s" of tier 3 is a single point of failure of t (tier 2).',
        "low": '"low" of tier 4 is a single point of failure of t (tier 2), s (tier 3).',
    }


def test_inversions_follow_their_definition_on_random_systems() -> None:
    count = 0
    for seed in range(60):
        case = sample(seed, entities=9, cyclic=seed % 2 == 1)
        random = Random(seed)
        tiers = [random.choice((None, 1, 2, 3)) for _ in case.q]
        keys = case.system.keys
        statements: list[Statement] = [part(key, tier=tier) for key, tier in zip(keys, tiers, strict=True)]
        for v, groups in enumerate(case.groups):
            for place, (k, members) in enumerate(groups):
                statements.append(needs(keys[v], *(keys[m] for m in members), k=k, name=f"g{place}"))
        expected = {}
        for s, tier in enumerate(tiers):
            above = [
                (tiers[v], keys[v])
                for v in oracles.down(case.groups, {s})
                if tier is not None and (tiers[v] or 9) < tier
            ]
            if above:
                expected[keys[s]] = (keys[s], *(key for _, key in sorted(above, key=lambda row: (row[0] or 9, row[1]))))
        found = {f.subject: f.witness for f in seen(FindingCode.TIER_INVERSION, *statements)}
        assert found == expected, seed
        count += len(found)
    assert count > 30
