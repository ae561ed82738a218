"""CPU seconds of this process."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """What some work takes, and what it gives."""
    before = time.process_time()
    found = work()
    return time.process_time() - before, found


def cpu(work: Callable[[], object]) -> float:
    """What some work takes."""
    return timed(work)[0]
