"""`python -m benchmarks.blast_radius`: what falls with every entity of an estate, in one sweep, beside networkx.

The peer is `networkx.ancestors` for one entity after another on the plain graph, which is given to it ready-made: a
floor, for it knows no groups and takes every redundancy for a need. Ours begins with the bare requirement graph, and
its answers are held against the structure function for some of the entities. CPU seconds, both in one process.

Estates differ in how much lies beneath one entity: `benchmarks.estate` has closures of one or two hundred entities, the
two others of thousands.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

import networkx as nx

from benchmarks.estate import estate
from benchmarks.table import machine, within
from risk.blast_radius import BlastRadii, blast_radii
from risk.graph import Group, System, assembled, system_of, to_networkx
from risk.limits import DEFAULT_LIMITS
from risk.reduced.prepared import Prepared
from risk.structure import down
from topology.model import EntityKind
from topology.snapshot import EMPTY, apply

TIMES, SECONDS = 20.0, 3.0
"""At least so many times faster than the peer, and at most so much CPU."""
REDUNDANT = 0.2
_SEED, _TRIED, _DEGREE, _NEARBY = 2026, 200, 5, 40
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU seconds of the sweep, of a second one on the same prepared system for transactions only, and of the peer."""

    ours: float
    again: float
    peer: float
    reached: int
    fallen: int


def layered(entities: int) -> System:
    """The estate of the other benchmarks: transactions, services, stores, clusters, regions, vendors."""
    facts = estate(entities, REDUNDANT, _SEED, 5 * entities)
    return system_of(apply(EMPTY, facts, (), revision=1, recorded_at=None))


def drawn(entities: int, *, nearby: int | None) -> System:
    """Every entity needs a few of those after it, of the `nearby` next or of all; a fifth of its needs are 1 of 2."""
    random = Random(_SEED)
    groups: list[tuple[Group, ...]] = []
    for entity in range(entities):
        last = entities if nearby is None else min(entities, entity + 1 + nearby)
        others = range(entity + 1, last)
        mine: list[Group] = []
        for _ in range(random.randint(0, 2 * (_DEGREE - 1))):
            size = min(2 if random.random() < REDUNDANT else 1, len(others))
            if size:
                mine.append(Group(1, tuple(sorted(random.sample(others, size)))))
        groups.append(tuple(mine))
    sold = EntityKind.TRANSACTION
    kinds = tuple(sold if entity < entities // 25 else EntityKind.SERVICE for entity in range(entities))
    return assembled(tuple(f"e{entity:06}" for entity in range(entities)), tuple(groups), kinds=kinds)


def measure(system: System) -> Measured:
    """Both on one system.

    Raises:
        AssertionError: a blast radius is not what the structure function says.
    """
    graph = to_networkx(system)
    sold = [entity for entity, kind in enumerate(system.kinds) if kind is EntityKind.TRANSACTION]
    gc.collect()
    gc.freeze()  # what both are given is not for either of them to walk
    prepared = Prepared(system, DEFAULT_LIMITS)
    radii, ours = _timed(lambda: _swept(prepared))
    _, again = _timed(lambda: blast_radii(prepared, sold))
    _check(system, radii)
    reached, peer = _timed(lambda: sum(len(nx.ancestors(graph, key)) for key in system.keys))
    gc.unfreeze()
    return Measured(ours, again, peer, reached, sum(map(radii.count, range(len(system)))) - len(system))


def _swept(prepared: Prepared) -> BlastRadii:
    radii = blast_radii(prepared, range(len(prepared.system)))
    for entity in range(len(prepared.system)):
        radii.count(entity)
    return radii


def _check(system: System, radii: BlastRadii) -> None:
    for entity in Random(_SEED).sample(range(len(system)), min(_TRIED, len(system))):
        assert set(radii.down(entity)) == down(system, (entity,)), system.keys[entity]


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    start = time.process_time()
    found = work()
    return found, time.process_time() - start


def lines(name: str, found: Measured) -> Sequence[str]:
    """What is told of one estate."""
    faster = found.peer / found.ours
    took = (
        f"{name}: the sweep takes {found.ours:.2f} s, again for transactions only {found.again:.3f} s; "
        f"networkx.ancestors {found.peer:.2f} s for {found.reached:,} pairs, of which {found.fallen:,} fall"
    )
    return (
        took,
        f"    {within(found.ours, SECONDS, f'at most {SECONDS:g} s')}",
        f"    {within(TIMES, faster, f'{faster:.1f} times faster, at least {TIMES:g}')}",
    )


def main() -> int:
    """Measure three estates and print what they took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.blast_radius", description=__doc__)
    parser.add_argument("--entities", type=int, default=10_000)
    size = parser.parse_args().entities
    print(machine(), flush=True)
    estates: tuple[tuple[str, Callable[[], System]], ...] = (
        ("layers, closures of one or two hundred", lambda: layered(size)),
        ("needs drawn from all that come after", lambda: drawn(size, nearby=None)),
        (f"needs drawn from the {_NEARBY} that come next", lambda: drawn(size, nearby=_NEARBY)),
    )
    for name, make in estates:
        print(*lines(f"{size} entities, {name}", measure(make())), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
