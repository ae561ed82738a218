"""A request's clock: analyses stop at once, look-ups only when there is no end to them."""

import time

import pytest

from graphql_api.clock import Clock
from topology.errors import DeadlinePassed


def test_a_clock_that_has_run_out_stops_analyses_and_lets_twenty_thousand_objects_be_listed() -> None:
    clock = Clock(time.monotonic() - 1, 0.5)
    with pytest.raises(DeadlinePassed, match=r"longer than 0\.5 s"):
        clock.check()
    clock.count(20_000)
    with pytest.raises(DeadlinePassed):
        clock.count(1)
    assert clock.left() == 0


def test_a_clock_that_runs_lets_everything_be_listed() -> None:
    clock = Clock(time.monotonic() + 3600, 3600)
    clock.check()
    clock.count(10**9)
    assert clock.left() > 3000
