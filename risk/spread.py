"""Work spread over processes: each is given once what all of the work needs, then one task after another.

Processes are started afresh (`spawn`), so that no lock or thread of this one is copied into them; each holds one end of
a pipe and ends when the other is closed, whatever happens to this process. Nothing waits without asking the clock.
"""

import multiprocessing
import signal
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from os import cpu_count
from typing import Any, TypeVar

from risk.limits import Check
from topology.errors import AnalysisTooLarge

G = TypeVar("G")
T = TypeVar("T")
R = TypeVar("R")
Start = Callable[[G], Callable[[T], R]]
"""Makes of what is given the function that does one task; a function of a module, for processes find it by name."""
_PATIENCE = 0.1


def processes_at_most(wanted: int | None, tasks: int) -> int:
    """How many processes to use for some tasks: as many as are wanted, by default as there are processors."""
    return max(1, min(tasks, (cpu_count() or 1) if wanted is None else wanted))


def spread(
    start: Start[G, T, R], given: G, tasks: Iterable[T], processes: int, check: Check
) -> Generator[R, None, None]:
    """The result of every task, in the order in which they are done.

    Args:
        start: makes the function that does the tasks, once in each process.
        given: what it is made of; it and tasks and results must be picklable.
        tasks: the tasks.
        processes: how many; they are gone when the last result has been given, or no more is asked for.
        check: asked ten times a second.

    Raises:
        AnalysisTooLarge: a process was ended from outside, as systems do that run out of memory.
        Exception: what a task raised, and what `check` did.
    """
    context = multiprocessing.get_context("spawn")
    workers: dict[Connection, SpawnProcess] = {}
    try:
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(start, given, theirs), daemon=True)
            process.start()
            theirs.close()
            workers[ours] = process
        yield from _results(workers, tasks, check)
    finally:
        for connection, process in workers.items():
            connection.close()
            process.terminate()  # it holds nothing but memory
            process.join()
            process.close()


def _results(workers: dict[Connection, SpawnProcess], tasks: Iterable[T], check: Check) -> Generator[R, None, None]:
    rest = iter(tasks)
    idle, busy = list(workers), set[Connection]()
    while True:
        for connection, task in zip(tuple(idle), rest, strict=False):
            idle.remove(connection)
            busy.add(connection)
            with suppress(BrokenPipeError):  # told below
                connection.send(task)
        if not busy:
            return
        check()
        ready = wait(busy, _PATIENCE)
        for connection in [each for each in busy if each in ready]:
            busy.remove(connection)
            idle.append(connection)
            yield _received(connection, workers[connection])


def _received(connection: Connection, process: SpawnProcess) -> Any:
    try:
        is_done, answer = connection.recv()
    except (EOFError, ConnectionResetError):
        process.join()
        code = process.exitcode
        raise AnalysisTooLarge(f"a process at work was ended by code {code}: is there memory enough?") from None
    if not is_done:
        raise answer
    return answer


def _work(start: Start[G, T, R], given: G, connection: Connection) -> None:
    """The life of a process: it is interrupted by who started it, and by nobody else."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work = start(given)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            task = connection.recv()
            try:
                answer = (True, work(task))
            except Exception as error:  # noqa: BLE001  told where the work is wanted
                connection.send((False, error))
            else:
                connection.send(answer)
