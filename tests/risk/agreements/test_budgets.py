"""Budgets in a window that slides, against trying every quarter of a minute: by independent bookkeeping."""

from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from risk.agreements.agreed_time import Measure
from risk.agreements.budgets import Budget, Budgets, Grid, Sliding
from topology.calendars import Span, union

MINUTES = 60
QUARTER = 15
"""Seconds: with figures of a quarter or a half every budget is whole quarters, and so is where it is passed."""


def spans_of(minutes: list[bool]) -> Measure:
    return Measure(union(Span(60 * at, 60 * (at + 1)) for at, holds in enumerate(minutes) if holds))


def counting(holds: list[bool], start: int, end: int) -> Decimal:
    """Minutes that hold in [start, end), given in seconds, one quarter after another."""
    return Decimal(sum(holds[at // 60] for at in range(start, end, QUARTER))) / 4


class Case:
    """Who counts which minutes, the windows of the promise, and planned maintenance."""

    def __init__(self, seed: int) -> None:
        random = Random(seed)
        self.random = random
        shares = random.choice([(1.0, 1.0), (1.0, 0.6), (0.7, 0.6), (0.8, 1.0)])
        self.ours, self.theirs = ([random.random() < share for _ in range(MINUTES)] for share in shares)
        self.both = [one and other for one, other in zip(self.ours, self.theirs, strict=True)]
        self.length = 60 * random.randint(5, 25)
        cuts = sorted({0, MINUTES, *random.sample(range(1, MINUTES), random.randint(1, 6))})
        self.windows = [(60 * start, 60 * end) for start, end in pairwise(cuts)]
        self.agreed = tuple(counting(self.theirs, *window) for window in self.windows)
        planned = [(60 * random.randrange(30), 60 * random.randrange(31, MINUTES))] * random.randrange(2)
        self.planned = tuple(Budget(start, end, Decimal(random.randrange(4))) for start, end in planned)

    def budgets(self) -> Budgets:
        starts, ends = (tuple(window[side] for window in self.windows) for side in (0, 1))
        sliding = Sliding(spans_of(self.ours), spans_of(self.both), self.length)
        return Budgets(sliding, Grid(starts, ends, self.agreed), self.planned)

    def by_quarters(self, start: int, asked: Decimal) -> Decimal:
        end = start + self.length
        found = counting(self.ours, start, end) - counting(self.both, start, end)
        budgets = [(*window, asked * agreed) for window, agreed in zip(self.windows, self.agreed, strict=True)]
        for first, last, minutes in (*budgets, *((int(b.start), int(b.end), b.minutes) for b in self.planned)):
            found += min(minutes, counting(self.both, max(start, first), min(end, last)))
        return found


@pytest.mark.parametrize("seed", range(60))
def test_the_most_is_that_of_the_worst_quarter_of_a_minute_in_whatever_order_it_is_asked(seed: int) -> None:
    case = Case(seed)
    budgets, latest = case.budgets(), MINUTES - case.length // 60
    for _ in range(8):
        first, last = sorted(60 * case.random.randint(0, latest) for _ in range(2))
        asked = Decimal(case.random.choice(["0.25", "0.5", "0"]))
        worst = max(case.by_quarters(start, asked) for start in range(first, last + 1, QUARTER))
        assert budgets.most(first, last, asked) == worst
        assert budgets.total(budgets.where_most(first, last, asked), asked) == worst


@pytest.mark.parametrize("seed", range(20))
def test_what_explains_a_sum_adds_up_to_it(seed: int) -> None:
    case = Case(seed)
    budgets, asked = case.budgets(), Decimal("0.25")
    start = 60 * case.random.randint(0, MINUTES - case.length // 60)
    parts = [min(budget.minutes, minutes) for budget, minutes in budgets.inside(start, asked)]
    assert budgets.free(start) + sum(parts) == budgets.total(start, asked) == case.by_quarters(start, asked)
