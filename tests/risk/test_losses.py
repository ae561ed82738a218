"""What is lost in one state, against the walk of the live closure that section 2 words; without time."""

from decimal import Decimal
from fractions import Fraction

import pytest

from risk.availability import Availability
from risk.losses import Losing, Lost, losing
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
