"""`python -m benchmarks.scenario`: the first answer under a scenario, beside working it out of the changed model anew.

On an estate of 10 000 entities with a warm view each scenario adds or removes one edge, and the composite of a
transaction that the change reaches is asked: CPU milliseconds from the operations to the answer. The peer is the same
question to a new assessment of the changed snapshot, in the same process; both answers must agree where nothing is
backed out (the peer backs all promises out anew, a scenario keeps them), so the estate's contracts cover own faults.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from random import Random
from statistics import median
from typing import TypeVar

from benchmarks.estate import estate
from benchmarks.table import Row, lines, machine, within
from risk.assessment import Assessment
from risk.reach import requiring
from risk.supposed.operations import AddRequirement, Operation, RemoveRequirement, Scenario
from topology.facts import Fact
from topology.model import EntityKind, Extent, Target
from topology.snapshot import EMPTY, Snapshot, apply

MILLISECONDS = 100.0
"""The median may take so much CPU."""
AT = date(2026, 6, 30)
_SEED, _REDUNDANT = 2026, 0.2
_SCENARIOS, _COMPARED = 20, 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU milliseconds of each scenario, and of the peer for the first few of them."""

    ours: Sequence[float]
    peer: Sequence[float]


def warm(entities: int) -> Assessment:
    """An estate's assessment that has been asked before."""
    facts = (_own_faults(fact) for fact in estate(entities, _REDUNDANT, _SEED, 5 * entities))
    found = Assessment(apply(EMPTY, facts, (), revision=1, recorded_at=None), AT)
    found.composite(next(key for key, kind in zip(found.system.keys, found.system.kinds, strict=True) if _sold(kind)))
    return found


def measure(before: Assessment, count: int, compared: int) -> Measured:
    """`count` scenarios, the first `compared` of them beside the peer.

    Raises:
        AssertionError: the two do not agree.
    """
    ours: list[float] = []
    peer: list[float] = []
    for operation, transaction in _one_edge(before, count):
        scenario = Scenario((operation,))
        took, found = _timed(partial(_answer, before, scenario, transaction))
        ours.append(took)
        if len(peer) < compared:
            took, expected = _timed(partial(_anew, before.under(scenario).snapshot, transaction))
            peer.append(took)
            assert abs(found - expected) <= 1e-12 * expected
    return Measured(ours, peer)


def rows(entities: int, *, quick: bool) -> Iterator[Row]:
    """The row of the table."""
    found = measure(warm(entities), *((5, 2) if quick else (_SCENARIOS, _COMPARED)))
    middle, peer = median(found.ours), median(found.peer)
    yield Row(
        f"{len(found.ours)} one-edge scenarios on a warm estate of {entities} entities: CPU to the first composite",
        f"median {middle:.0f} ms, longest {max(found.ours):.0f}; of the changed model anew {peer:.0f}",
        "",
        within(middle, MILLISECONDS, f"median at most {MILLISECONDS:g} ms"),
    )


def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scenario", description=__doc__)
    parser.add_argument("--entities", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="a few scenarios only")
    arguments = parser.parse_args()
    print(machine(), flush=True)
    found = list(rows(arguments.entities, quick=arguments.quick))
    print(*lines(found), sep="\n")
    return 0 if all(row.mark.endswith("met") for row in found) else 1


def _answer(before: Assessment, scenario: Scenario, transaction: str) -> float:
    return before.under(scenario).composite(transaction).expected.q


def _anew(changed: Snapshot, transaction: str) -> float:
    return Assessment(changed, AT).composite(transaction).expected.q


def _one_edge(before: Assessment, count: int) -> Iterator[tuple[Operation, str]]:
    """Random edges that are added or taken away, each with a transaction that requires its consumer."""
    random, system, drawn = Random(_SEED), before.system, 0
    while drawn < count:
        consumer, supplier = random.sample(range(len(system)), 2)
        over = [e for e in sorted(requiring(system, (consumer,))) if _sold(system.kinds[e])]
        plain = [group.members[0] for group in system.groups[consumer] if len(group.members) == 1]
        removes = random.random() < 0.5
        if not over or (removes and not plain):
            continue
        if not removes and (_sold(system.kinds[supplier]) or supplier in plain):
            continue
        kind, other = (RemoveRequirement, random.choice(plain)) if removes else (AddRequirement, supplier)
        drawn += 1
        yield kind(system.keys[consumer], system.keys[other]), system.keys[random.choice(over)]


def _own_faults(fact: Fact) -> Fact:
    said = fact.statement
    return replace(fact, statement=replace(said, extent=Extent.INTRINSIC)) if isinstance(said, Target) else fact


def _sold(kind: EntityKind) -> bool:
    return kind is EntityKind.TRANSACTION


def _timed(compute: Callable[[], T]) -> tuple[float, T]:
    """CPU milliseconds, without the garbage of what was measured before."""
    gc.collect()
    begun = time.process_time()
    found = compute()
    return 1000 * (time.process_time() - begun), found


if __name__ == "__main__":
    sys.exit(main())
