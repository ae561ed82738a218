"""What a difference cannot reach is as it was: answers kept under a scenario equal those worked out anew."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

import pytest

from risk.assessment import Assessment
from risk.comparison import Comparison
from risk.deltas import CommitmentDelta
from risk.results import Headroom, LinkHeadroom
from risk.supposed.operations import (
    AddRequirement,
    Fail,
    Lapse,
    Operation,
    RemoveRequirement,
    Retire,
    Scenario,
    SetOwnAvailability,
    SetTarget,
)
from risk.terms import FailureLevel, Ledger
from tests.risk.estates import GOLD, OLA, SLA, UC, assess, checkout, entity, external, promised
from tests.risk.supposing import key, random_case
from tests.statements import company, needs, vendor
from topology.errors import BadInput
from topology.model import EntityKind

MILLIONTH = Decimal("1e-6")


def random_estate(seed: int) -> Assessment:
    """A random estate with promises on half of its entities, to customers and between teams."""
    case, random = random_case(seed, whole=0.3, softness=0.15), Random(seed)
    statements = case.statements()
    for number in range(len(case.promised)):
        if random.random() < 0.5:
            kind = SLA if number % 2 == 0 else OLA
            statements += promised(f"ours-{number}", kind, "us", key(number), random.choice(("80", "95", "99.9")))
    return assess(*statements)


def random_operations(seed: int, found: Assessment) -> list[Operation]:
    """One to three operations on the estate's own keys; some of them are impossible."""
    random, keys = Random(seed + 1), list(found.snapshot.entities)
    agreements = list(found.snapshot.agreements) or ["none"]
    made: list[Operation] = []
    for _ in range(random.randint(1, 3)):
        one, other, agreement = random.choice(keys), random.choice(keys), random.choice(agreements)
        ratio = Decimal(random.randint(50, 99)) / 100
        covered = f"e{agreement.rpartition('-')[2]}"
        made.append(
            random.choice(
                (
                    AddRequirement(one, other),
                    RemoveRequirement(one, other),
                    SetOwnAvailability(one, ratio),
                    SetTarget(agreement, covered, "availability", ratio),
                    Lapse(agreement),
                    Retire(one),
                    Fail(FailureLevel.ENTITY, one),
                )
            )
        )
    return made


def close(one: Decimal | None, other: Decimal | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= MILLIONTH


def same(one: Headroom, other: Headroom) -> bool:
    """Whether two headrooms say the same, but for the last bits of floats."""
    said = [(h.verdict, h.reasons, h.bounded, h.window) for h in (one, other)]
    minutes = (one.expected_minutes, other.expected_minutes), (one.guaranteed_minutes, other.guaranteed_minutes)
    return said[0] == said[1] and all(close(*pair) for pair in minutes)


def anew(found: Assessment, about: str) -> tuple[Headroom, Sequence[LinkHeadroom]]:
    """A commitment worked out in this view, whatever is known of the view beneath."""
    held, commitment = found.promises._headrooms(), found.promises.commitment(about)
    return held.headroom(commitment, Ledger.EXPERIENCED), held.links(commitment)


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_promises_that_a_scenario_cannot_reach_are_as_if_worked_out_anew(start: int) -> None:
    kept = tried = 0
    for seed in range(start, start + 100):
        before = random_estate(seed)
        try:
            after = before.under(Scenario(tuple(random_operations(seed, before))))
        except BadInput:
            continue
        touched = before.stirred(after)
        for about, commitment in after.promises.all_commitments().items():
            tried += 1
            kept += not touched.holds(commitment.entity, commitment.agreement.key)
            headroom, links = anew(after, about)
            assert same(after.promises.headroom(about), headroom), (seed, about)
            assert close(after.promises.expected(about), headroom.expected_minutes), (seed, about)
            assert after.promises.links(about) == tuple(links), (seed, about)
    assert tried > 60
    assert kept >= 10


def test_a_comparison_leaves_out_nothing_that_differs() -> None:
    compared = 0
    for seed in range(300):
        before = random_estate(seed)
        try:
            after = before.under(Scenario(tuple(random_operations(seed, before))))
        except BadInput:
            continue
        compared += 1
        listed = {delta.key for delta in Comparison(before, after).commitments}
        was, now = before.promises.all_commitments(), after.promises.all_commitments()
        for about in {*was, *now}:
            sides = [anew(view, about) if about in held else None for view, held in ((before, was), (after, now))]
            if sides[0] is None or sides[1] is None:
                assert about in listed, (seed, about)
            elif about not in listed:
                (headroom, links), (then, others) = sides[0], sides[1]
                assert same(headroom, then), (seed, about)
                assert [(o.supplier, o.verdict) for o in links] == [(o.supplier, o.verdict) for o in others], seed
        assert all(isinstance(delta, CommitmentDelta) for delta in Comparison(before, after).commitments)
        stirred = before.stirred(after).composites
        for name in set(before.snapshot.entities) & set(after.snapshot.entities) - stirred:
            assert before.composite(name).expected.q == pytest.approx(after.composite(name).expected.q, rel=1e-12)
    assert compared >= 150


def test_an_agreement_that_covers_all_of_a_vendor_reaches_everything_that_stands_on_it() -> None:
    statements = checkout()
    wide = promised("uc-wide", UC, "cloud-x-inc", "*", "99.9", consumer="shop")
    touched = assess(*statements).stirred(assess(*statements, *wide))
    assert touched.agreements == {"uc-wide"}
    assert touched.promises == {"cloud-x", "psp-a", "psp-b", "payments", "api", "checkout"}
    assert touched.holds("checkout", "sla-gold")
    assert not touched.holds("orders-db", "ola-data")


def test_a_soft_edge_reaches_promises_and_no_composite() -> None:
    base = (company(), vendor("v"), entity("top", EntityKind.TRANSACTION), entity("a", percent="99"), needs("top", "a"))
    soft = [s for s in checkout() if getattr(s, "supplier", None) != "email"]
    touched = assess(*soft).stirred(assess(*checkout()))
    assert touched.composites == frozenset()
    assert touched.promises == {"api", "checkout"}
    assert assess(*base).stirred(assess(*base, external("spare", "v", "99"))).promises == {"spare"}


def test_another_date_may_change_every_promise() -> None:
    before, after = assess(*checkout()), assess(*checkout(), at=assess(*checkout()).at.replace(month=7))
    assert before.stirred(after).holds("orders-db", "ola-data")
    assert GOLD in {delta.key for delta in Comparison(before, after).commitments}
