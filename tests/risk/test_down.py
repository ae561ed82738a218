"""The structure function against its definition."""

from random import Random

from risk.structure import closure, down
from tests import oracles
from tests.risk.models import checkout
from tests.strategies import sample


def test_down_is_the_greatest_fixpoint_whatever_fails() -> None:
    for seed in range(300):
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        random = Random(seed)
        failed = {v for v in range(len(case.q)) if random.random() < 0.25}
        assert down(case.system, failed) == oracles.down(case.groups, failed), seed


def test_more_failures_never_bring_anything_back() -> None:
    for seed in range(60):
        case = sample(seed, entities=10, cyclic=seed % 2 == 1)
        for extra in range(len(case.q)):
            assert down(case.system, {0}) <= down(case.system, {0, extra})


def test_the_hard_closure_leaves_out_soft_suppliers() -> None:
    found = checkout()
    assert "email" not in found.keys(closure(found.system, found.number("checkout")))
