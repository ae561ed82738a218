"""`python -m benchmarks.coverage`: what the coverage of a whole estate takes over a year, beside asking day by day.

CPU seconds of one process, the collector running; the most memory that it held. The estate's figures are made up, its
shape and the variety of its agreements are what counts.
"""

import argparse
import cProfile
import pstats
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from benchmarks.agreements import AT, agreed_estate
from benchmarks.table import machine, within
from risk.agreements.commitments import commitments_of
from risk.allowances import Allowances
from risk.assessment import Assessment
from risk.coverage import Coverage
from risk.ground import Ground
from risk.results import Commitment
from risk.terms import Verdict
from topology.facts import Fact
from topology.model import Agreement, Target, Window, WindowKind
from topology.snapshot import EMPTY, Snapshot, apply

SEED = 1
HORIZON = 365
T = TypeVar("T")


def main() -> int:
    """Measure coverage gaps, a second ask of them, one timeline, and what a year of daily asking comes to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--entities", type=int, default=10_000)
    parser.add_argument("--agreements", type=int, default=2_000)
    parser.add_argument("--promises", type=int, default=200)
    parser.add_argument("--days", type=int, default=2, help="how many days to ask naively, for the peer")
    parser.add_argument("--profile", action="store_true", help="show where the first ask spends its time")
    asked = parser.parse_args()
    facts = agreed_estate(asked.entities, asked.agreements, asked.promises, SEED)
    snapshot = apply(EMPTY, facts, (), revision=1, recorded_at=None)
    print(machine())
    print(f"{asked.entities} entities, {asked.agreements} agreements, {asked.promises} customer promises\n")
    if asked.profile:
        _profile(snapshot)
        return 0
    print("| work | CPU | mark |\n|---|---|---|", flush=True)
    found = Assessment(snapshot, AT)
    first, rows = _timed(lambda: found.promises.coverage_gaps(HORIZON, tuple(Verdict)))
    _row(f"coverageGaps, {HORIZON} days, first ask ({len(rows)} links)", f"{first:.2f} s", within(first, 2, "2 s"))
    again, gaps = _timed(lambda: found.promises.coverage_gaps(HORIZON))
    _row(f"... second ask ({len(gaps)} gaps)", f"{1000 * again:.1f} ms", within(again, 0.01, "10 ms"))
    taken, _ = _timed(lambda: found.promises.coverage_gaps(HORIZON, [Verdict.UNCOVERED]))
    _row("... another filter", f"{1000 * taken:.1f} ms", within(taken, 0.01, "10 ms"))
    taken, rows = _timed(lambda: Assessment(snapshot, AT).promises.coverage_gaps(0))
    _row(f"coverageGaps at the date alone, first ask ({len(rows)} gaps)", f"{taken:.2f} s", "")
    taken, _ = _timed(lambda: [gap.explain() for gap in gaps[:100]])
    _row("what explains a page of 100 gaps", f"{1000 * taken:.0f} ms", "")
    key = next(iter(found.promises.all_commitments()))
    taken, segments = _timed(lambda: found.promises.timeline(key, HORIZON))
    _row(f"a timeline of {HORIZON} days ({len(segments)} segments)", f"{taken:.2f} s", "")
    over, about = _rolling(facts)
    taken, rows = _timed(lambda: over.rows(about, HORIZON))
    _row(f"one SLA over rolling 30 days with service hours, {HORIZON} days ({len(rows)} links)", f"{taken:.2f} s", "")
    days = range(asked.days)
    daily = sum(_timed(partial(_naively, snapshot, day))[0] for day in days) / asked.days
    year = f"{daily:.2f} s a day, {HORIZON * daily:.0f} s a year (extrapolated)"
    times = f"{HORIZON * daily / first:.0f} times the first ask"
    _row("peer: all links of an assessment made on each day", year, times)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _row("the most memory of the process", f"{held:.0f} MB", "")
    return 0


def _rolling(facts: Sequence[Fact]) -> tuple[Coverage, tuple[Commitment, ...]]:
    """Coverage of an SLA as if it had been made over a rolling window with service hours: its view stands ready."""
    sla = "sla-0000"
    changed: list[Fact] = []
    for fact in facts:
        said = fact.statement
        if isinstance(said, Agreement) and said.key == sla:
            said = replace(said, service_hours="Mon-Fri 08:00-18:00", maintenance=(), excludes=())
        elif isinstance(said, Target) and said.agreement == sla:
            said = replace(said, window=Window(WindowKind.ROLLING, 30))
        changed.append(replace(fact, statement=said))
    ground = Ground(apply(EMPTY, tuple(changed), (), revision=1, recorded_at=None), AT)
    about = tuple(c for c in commitments_of(ground.index()).values() if c.agreement.key == sla)
    return Coverage(ground.view(), Allowances(), keep=lambda _, work: work()), about


def _naively(snapshot: Snapshot, day: int) -> int:
    promises = Assessment(snapshot, AT + timedelta(days=day)).promises
    return sum(len(promises.links(key)) for key in promises.all_commitments())


def _profile(snapshot: Snapshot) -> None:
    profile = cProfile.Profile()
    profile.runcall(lambda: Assessment(snapshot, AT).promises.coverage_gaps(HORIZON))
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(40)


def _row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    before = time.process_time()
    found = work()
    return time.process_time() - before, found


if __name__ == "__main__":
    sys.exit(main())
