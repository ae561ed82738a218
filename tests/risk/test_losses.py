"""What is lost in one state, against the walk of the live closure that section 2 words; without time."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from risk.availability import Availability
from risk.graph import Group, assembled
from risk.losses import Losing, Lost, losing
from risk.shares_lost import SharesLost
from risk.structure import down
from risk.success import expected_success
from tests import oracles
from tests.strategies import Sample, sample

ZERO = Decimal(0)


def lost_in(case: Sample, fallen: frozenset[int]) -> dict[int, Losing]:
    """What is lost when exactly these are down, all at once."""
    lost = {
        consumer: [Lost(e.supplier, e.loss, ZERO, 0) for e in edges if e.supplier in fallen and e.loss]
        for consumer, edges in enumerate(case.system.soft)
        if consumer not in fallen
    }
    return losing(case.system, fallen, {consumer: own for consumer, own in lost.items() if own})


def test_the_loss_of_a_state_is_the_oracle_s() -> None:
    felt = 0
    for seed in range(300):
        case = sample(seed, entities=8, cyclic=seed % 2 == 1, softness=0.3)
        for failed, _ in list(oracles.states(case.q))[::11]:
            fallen = oracles.down(case.groups, failed)
            found = lost_in(case, fallen)
            for root in set(range(len(case.q))) - fallen:
                expected = oracles.losses(case.groups, case.soft, failed, root)
                loss = found[root].loss if root in found else ZERO
                assert loss is not None
                assert float(loss) == pytest.approx(float(expected), abs=1e-15)
                assert (root in found) == (expected > 0)
                felt += expected > 0
    assert felt > 1000


def test_expected_success_is_the_expectation_of_these_losses() -> None:
    """Section 5 uses the loss of section 2: `S = E[UP (1 - loss)]`, exactly, state by state."""
    felt = 0
    for seed in range(240):
        case = sample(seed, entities=7, cyclic=seed % 2 == 1, softness=0.25)
        total = Fraction(0)
        for failed, weight in oracles.states(case.q):
            fallen = down(case.system, failed)
            if 0 not in fallen:
                found = lost_in(case, fallen).get(0)
                loss = ZERO if found is None or found.loss is None else found.loss
                total += weight * (1 - Fraction(loss))
                felt += loss > 0
        assert expected_success(Availability(case.system, case.q), 0).unavailability == 1 - total, seed
    assert felt > 600


def test_a_chain_in_which_each_has_its_own_lost_supplier_loses_a_little_more_at_every_step() -> None:
    """Half a percent each, or one: what is lost at a place is the product of all that lie below it."""
    size, asked = 1500, 0

    def check() -> None:
        nonlocal asked
        asked += 1

    chain = tuple((Group(1, (v + 1,)),) if v + 1 < size else () for v in range(size))
    system = assembled(tuple(f"e{v:05}" for v in range(2 * size)), (*chain, *(() for _ in range(size))))
    shares = [Decimal("0.005") if v % 2 else Decimal("0.01") for v in range(size)]
    lost = {v: [Lost(size + v, share, Decimal(v), 0)] for v, share in enumerate(shares)}
    found = losing(system, frozenset(range(size, 2 * size)), lost, check)
    kept = 1.0
    for v in reversed(range(size)):
        kept *= 1 - float(shares[v])
        loss = found[v].loss
        assert loss is not None
        assert float(loss) == pytest.approx(1 - kept, abs=1e-12)
        assert found[v].since == v
    assert asked > 10, "the deadline is looked at by the work that is done, not by the entities alone"


def test_a_set_of_shares_comes_to_the_product_over_its_suppliers_with_the_largest_of_each() -> None:
    random = Random(7)
    for size in (1, 5, 40, 300):
        shares: list[tuple[int, Decimal | None]] = [
            (supplier, Decimal(loss) / 4) for supplier in range(size) for loss in random.sample((1, 2, 3, 4), 2)
        ]
        known = SharesLost([*shares, (size, None)])
        for _ in range(60):
            chosen = [share for share in shares if random.random() < random.choice((0.01, 0.05, 0.3))]
            kept = Fraction(1)
            for supplier in {supplier for supplier, _ in chosen}:
                kept *= 1 - max(Fraction(loss) for other, loss in chosen if other == supplier and loss is not None)
            loss = known.loss(known.bits(chosen))
            assert loss is not None
            assert float(loss) == pytest.approx(float(1 - kept), abs=1e-15)
            assert known.loss(known.bits(chosen[:1]) | known.bits(chosen[1:])) == loss
            assert known.loss(known.bits([*chosen, (size, None)])) is None
