"""Work spread over processes: results, failures, and an end to every process."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable

import pytest

from risk.limits import unhurried
from risk.spread import processes_at_most, spread
from topology.errors import AnalysisTooLarge, DeadlinePassed


def _adding(given: int) -> Callable[[int], int]:
    return lambda task: given + task


def _refusing(given: str) -> Callable[[int], int]:
    def work(task: int) -> int:
        if task == 3:
            raise AnalysisTooLarge(f"{given} {task}")
        return task

    return work


def _dying(given: int) -> Callable[[int], int]:
    def work(_task: int) -> int:
        os.kill(os.getpid(), given)
        return 0

    return work


def _sleeping(given: float) -> Callable[[int], int]:
    def work(task: int) -> int:
        time.sleep(given)
        return task

    return work


def test_every_task_is_done_once() -> None:
    assert sorted(spread(_adding, 100, range(20), 2, unhurried)) == list(range(100, 120))
    assert multiprocessing.active_children() == []


def test_no_task_is_no_result() -> None:
    assert list(spread(_adding, 100, (), 1, unhurried)) == []


def test_what_a_task_raises_is_raised_where_the_work_is_wanted() -> None:
    with pytest.raises(AnalysisTooLarge, match="no room for 3"):
        list(spread(_refusing, "no room for", range(9), 2, unhurried))
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_is_told_of_and_not_waited_for() -> None:
    with pytest.raises(AnalysisTooLarge, match="ended by code -9"):
        list(spread(_dying, int(signal.SIGKILL), range(3), 1, unhurried))
    assert multiprocessing.active_children() == []


def test_the_clock_stops_what_is_at_work() -> None:
    began = time.monotonic()

    def late() -> None:
        if time.monotonic() - began > 0.2:
            raise DeadlinePassed("too late")

    with pytest.raises(DeadlinePassed):
        list(spread(_sleeping, 600.0, range(2), 2, late))
    assert multiprocessing.active_children() == []


def test_who_asks_for_no_more_leaves_no_process_behind() -> None:
    results = spread(_adding, 1, range(1_000), 2, unhurried)
    next(results)
    results.close()
    assert multiprocessing.active_children() == []


def test_no_more_processes_than_tasks_and_at_least_one() -> None:
    assert processes_at_most(8, 3) == 3
    assert processes_at_most(1, 3) == 1
    assert processes_at_most(4, 0) == 1
    assert processes_at_most(None, 10_000) == os.cpu_count()
