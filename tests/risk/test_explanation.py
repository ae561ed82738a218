"""An explanation's parts come to the figures that they explain, whatever the windows, hours and structure."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from risk.assessment import Assessment
from risk.explanation import Explanation
from risk.terms import Verdict
from tests.risk.estates import (
    GOLD,
    SLA,
    UC,
    YEAR,
    agreement,
    assess,
    checkout,
    entity,
    external,
    promised,
    rolling,
    target,
    team,
)
from tests.statements import company, needs, vendor
from topology.model import EntityKind, Exclusion, ExclusionKind, Extent, Maintenance, Window, WindowKind

WINDOWS = (Window(WindowKind.CALENDAR_MONTH), Window(WindowKind.CALENDAR_QUARTER), YEAR, rolling(7), rolling(30))
HOURS = ("24x7", "24x7", "Mon-Fri 08:00-18:00", "Mon-Sun 06:00-22:00")
ZONES = ("UTC", "Europe/Oslo", "America/New_York")


def explained(found: Assessment, key: str) -> Explanation:
    return found.promises.explanation(key)


def comes_true(told: Explanation) -> None:
    """Whether every part sums up to its figure."""
    assert told.time is not None
    assert told.unavailability is not None
    served, headroom = told.time.service_minutes, told.headroom
    for item in told.links:
        if item.terms is not None:
            assert min(served, item.terms.minutes) == item.link.allowance
    budget = (1 - told.commitment.target.value) * served
    taken = min(served, sum((addend.minutes for addend in told.addends), Decimal(0)))
    assert headroom.guaranteed_minutes is not None
    assert abs(budget - taken - headroom.guaranteed_minutes) < Decimal("1e-6")
    assert headroom.expected_minutes == (1 - told.commitment.target.value - told.unavailability) * served


def test_the_parts_of_the_worked_example_are_those_of_the_design() -> None:
    # analyses.md, section 4: own web + api + payments 12.96; PSP group 21.60; guaranteed -25.92.
    told = explained(assess(*checkout()), GOLD)
    comes_true(told)
    amounts = {(addend.entity, addend.required): addend.minutes for addend in told.addends}
    assert sum(amounts[key, None] for key in ("web", "api", "payments")) == Decimal("12.96")
    assert amounts["payments", 1] == Decimal("21.6")
    assert amounts["orders-db", None] == Decimal("21.6")
    (group,) = [addend for addend in told.addends if addend.required is not None]
    assert group.members == (("psp-a", Decimal("21.6")), ("psp-b", Decimal("43.2")))
    assert {item.entity: item.needs for item in told.own}["payments"] == "1 of (psp-a, psp-b)"


def test_a_promise_that_covers_its_suppliers_shows_both_and_takes_the_larger() -> None:
    told = explained(assess(*checkout(extent=Extent.END_TO_END)), GOLD)
    comes_true(told)
    covers = {addend.entity: addend.covers for addend in told.addends}
    assert covers["cdn"] == (Decimal("4.32"), Decimal(0))


def test_every_promise_of_random_windows_hours_and_zones_is_reckoned_as_it_is_explained() -> None:
    random = Random(20261121)
    for _ in range(60):
        ours, theirs = random.choice(WINDOWS), random.choice(WINDOWS)
        excludes = (Exclusion(ExclusionKind.MAINTENANCE),) if random.random() < 0.4 else ()
        planned = (Maintenance(allowance=Decimal(random.choice((30, 240)))),) if excludes else ()
        supplier = {
            "service_hours": random.choice(HOURS),
            "timezone": random.choice(ZONES),
            "excludes": excludes,
            "maintenance": planned,
        }
        found = assess(
            company("acme"),
            team("shop"),
            vendor("cloud"),
            entity("sales", EntityKind.TRANSACTION, owner="shop"),
            external("store", "cloud"),
            needs("sales", "store"),
            *promised(
                "sla",
                SLA,
                "acme",
                "sales",
                "99.5",
                window=ours,
                service_hours=random.choice(HOURS),
                timezone=random.choice(ZONES),
            ),
            agreement("uc", UC, "cloud", consumer="acme", **supplier),
            target("uc", random.choice(("99", "99.9", "99.99")), "store", window=theirs),
            at=date(2026, 1, 1) + timedelta(days=random.randrange(730)),
        )
        (key,) = found.promises.all_commitments()
        told = explained(found, key)
        comes_true(told)
        (item,) = told.links
        assert item.terms is not None
        assert all(term.minutes <= term.budget for term in item.terms.windows)


def test_a_promise_that_is_no_availability_is_explained_without_minutes() -> None:
    statements = [*checkout(), target("sla-gold", "0.01", "checkout", metric="error_rate")]
    found = assess(*statements)
    key = "sla-gold/checkout/error_rate/calendar_month"
    told = explained(found, key)
    assert (told.time, told.unavailability, told.own, told.addends) == (None, None, (), ())
    assert told.headroom.verdict is Verdict.UNKNOWN
    assert {item.terms for item in told.links} == {None}
