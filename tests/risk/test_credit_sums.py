"""Sums of credits on random estates, against their definition."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from tests import oracles
from tests.risk.estates import (
    SLA,
    UC,
    assess,
    entity,
    external,
    promised,
)
from tests.risk.test_credits import amounts, eur, exposure
from tests.statements import company, needs
from topology.facts import Statement
from topology.model import (
    CreditTier,
)

# ---- random estates against the definition ---------------------------------------------------------------------------


def credited(fee: int, steps: list[tuple[Fraction, int]], minutes: int) -> Fraction:
    """The share of the lowest tier that June's availability is below."""
    reached = [share for below, share in steps if 1 - Fraction(minutes, 43_200) < below]
    return Fraction(fee * max(reached, default=0), 100)


@pytest.mark.parametrize("seed", range(60))
def test_sums_are_those_of_the_definition(seed: int) -> None:
    random = Random(seed)
    size = random.randint(3, 9)
    names = [f"e{n}" for n in range(size)]
    groups: list[list[tuple[int, list[int]]]] = []
    statements: list[Statement] = [company("acme")]
    fees: dict[int, tuple[int, list[tuple[Fraction, int]]]] = {}
    sold = set(range(0, size, 3))
    for v, name in enumerate(names):
        others = [u for u in range(size) if u != v and (seed % 2 or u > v)]
        members = sorted(random.sample(others, min(len(others), random.choice((0, 1, 2, 3)))))
        groups.append([(random.randint(1, len(members)), members)] if members else [])
        statements.append(entity(name) if v in sold else external(name))
        statements += [needs(name, *(names[m] for m in members), k=k, name="g") for k, members in groups[-1]]
        steps = [(Fraction(random.randint(9950, 9999), 10_000), 10), (Fraction(random.randint(9000, 9900), 10_000), 30)]
        fees[v] = (random.randint(1, 50) * 100, steps)
        written = tuple(CreditTier(Decimal(b.numerator) / Decimal(b.denominator), Decimal(s) / 100) for b, s in steps)
        kind, provider = (SLA, "acme") if v in sold else (UC, f"{name}-inc")
        about, promise = promised(f"a-{name}", kind, provider, name, "99.9", fee=eur(str(fees[v][0])))
        statements += [about, replace(promise, credits=written)]
    failed = set(random.sample(range(size), random.randint(1, 2)))
    minutes = random.choice((5, 50, 300, 3000))
    found = exposure(assess(*statements), *(names[v] for v in failed), minutes=str(minutes))
    fallen = oracles.down(groups, failed)
    payable = sum((credited(*fees[v], minutes) for v in fallen & sold), Fraction(0))
    receivable = sum((credited(*fees[v], minutes) for v in fallen - sold), Fraction(0))
    assert Fraction(amounts(found.payable).get("EUR", 0)) == payable
    assert Fraction(amounts(found.receivable).get("EUR", 0)) == receivable
    assert Fraction(amounts(found.net).get("EUR", 0)) == payable - receivable
    assert (found.recovery_ratio is None) is (payable == 0)
