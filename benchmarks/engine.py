"""`python -m benchmarks.engine`: what the exact engine takes for one transaction and for whole estates, beside peers.

Every row is measured in a process of its own: CPU seconds, and the most memory the process held. Estates come from
`benchmarks.estate`; their figures are made up, their shape is what counts.
"""

import argparse
import gc
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from typing import TypeVar

import networkx as nx
from dd.autoref import BDD, Function

from benchmarks.debian import requirements
from benchmarks.estate import estate
from risk.availability import Availability
from risk.cut_sets import minimal_cuts
from risk.graph import Group, System, assembled, system_of, to_networkx
from risk.importance import importances
from risk.prepared import Prepared
from risk.structure import closure
from risk.sweep import Swept, sweep, sweep_again
from topology.model import EntityKind
from topology.snapshot import EMPTY, apply

SEED = 1
T = TypeVar("T")
Part = Callable[[], Iterator[tuple[str, str, str]]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """An estate in the engine's form, with own unavailabilities."""

    system: System
    own: list[float]


def loaded(entities: int, red: float) -> Loaded:
    """A generated estate; who states no figure fails once in 2 000."""
    snapshot = apply(EMPTY, estate(entities, red, SEED), (), revision=1, recorded_at=None)
    stated = (entity.availability for entity in snapshot.entities.values())
    return Loaded(system_of(snapshot), [0.0005 if a is None else float(1 - a) for a in stated])


def one_transaction() -> Iterator[tuple[str, str, str]]:
    """A transaction with the importance of all its entities, and one diagram for its cone without reductions."""
    found = loaded(10_000, 0.2)
    engine = Availability(found.system, found.own)
    every = [v for v, kind in enumerate(found.system.kinds) if kind is EntityKind.TRANSACTION]
    roots = every[:200]
    engine.composite(roots[0])
    ours = [_cpu(partial(importances, engine, root)) for root in roots]
    yield (
        "one transaction of 10 000 entities, RED 0.2, with importance of all its entities",
        f"median {median(ours) * 1000:.2f} ms, worst {max(ours) * 1000:.1f} ms",
        "5 ms",
    )
    others = Random(SEED).sample(range(len(found.system)), 2_000)
    wide = (v for v in others if len(closure(found.system, v)) >= 50)
    plain = list(islice((v for v in wide if nx.is_directed_acyclic_graph(_cone(found.system, v))), 30))
    fresh = Availability(found.system, found.own)
    for root in {fresh.prepared.cone_of(fresh.prepared.condensed.block_of[v]).serial: v for v in every}.values():
        fresh.composite(root)
    gc.freeze()  # the estate's own objects are not for either of the two to walk
    mine = sum(_cpu(partial(fresh.composite, root)) for root in plain)
    naive = sum(_cpu(partial(_one_diagram, found, root)) for root in plain)
    yield (
        f"{len(plain)} composites alone, beside one diagram a cone without reductions (dd.autoref)",
        f"{mine:.3f} s against {naive:.2f} s: {naive / mine:.0f} times faster",
        "15 times",
    )


def _cone(system: System, root: int) -> "nx.DiGraph[int]":
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_edges_from((v, u) for v in closure(system, root) for u in system.suppliers(v))
    return graph


def _one_diagram(found: Loaded, root: int) -> float:
    """The composite by a single diagram over all entities of the cone, suppliers first."""
    graph = _cone(found.system, root)
    order = [*reversed(list(nx.topological_sort(graph)))] or [root]
    manager = BDD()
    manager.declare(*(f"x{v}" for v in reversed(order)))
    up: dict[int, Function] = {}
    for v in order:
        function = manager.var(f"x{v}")
        for group in found.system.groups[v]:
            reached = [manager.true, *[manager.false] * group.required]
            for member in group.members:
                for count in range(group.required, 0, -1):
                    reached[count] = reached[count] | (reached[count - 1] & up[member])
            function &= reached[group.required]
        up[v] = function
    return _probability(up[root], found.own, {})


def _probability(function: Function, own: Sequence[float], known: dict[int, float]) -> float:
    """P of a function with complemented edges; as deep as the cone has entities."""
    regular = ~function if function.negated else function
    if regular.var is None:
        value = 1.0
    elif int(regular) in known:
        value = known[int(regular)]
    else:
        q = own[int(regular.var[1:])]
        low, high = (_probability(child, own, known) for child in (regular.low, regular.high) if child is not None)
        value = known[int(regular)] = q * low + (1 - q) * high
    return 1 - value if function.negated else value


def sweeps() -> Iterator[tuple[str, str, str]]:
    """All entities of estates, and again after one edge has changed."""
    for entities, red, mark in ((1_000, 0.2, "0.5 s"), (10_000, 0.2, "5 s"), (10_000, 0.3, "120 s, 1 % intervals")):
        found = loaded(entities, red)
        taken, first = _timed(partial(sweep, found.system, found.own))
        yield f"all composites of {entities} entities, RED {red}", f"{taken:.2f} s, {_methods(first)}", mark
        if entities == 10_000:
            yield from _changed(found, first, taken, red)


def _changed(found: Loaded, first: Swept, taken: float, red: float) -> Iterator[tuple[str, str, str]]:
    """A front service loses one supplier."""
    changed = found.system.number("front-000100")
    groups = list(found.system.groups)
    groups[changed] = groups[changed][1:]
    system = assembled(found.system.keys, tuple(groups), found.system.soft, kinds=found.system.kinds)
    later, again = _timed(partial(sweep_again, first, system, found.own))
    yield (
        f"the same after one edge has changed, RED {red}",
        f"{later:.3f} s, {again.computed} entities computed: {100 * later / taken:.1f} % of the first pass",
        "10 %",
    )


def large_sweep() -> Iterator[tuple[str, str, str]]:
    """All entities of a large estate, within the memory that is promised."""
    found = loaded(100_000, 0.2)
    taken, swept = _timed(partial(sweep, found.system, found.own))
    yield "all composites of 100 000 entities, RED 0.2", f"{taken:.1f} s, {_methods(swept)}", "60 s, 1 GB"


def cut_sets() -> Iterator[tuple[str, str, str]]:
    """Cut sets of order 1 and 2 of all entities."""
    for entities, mark in ((10_000, "2 s"), (100_000, "30 s")):
        found = loaded(entities, 0.2)
        prepared = Availability(found.system, found.own).prepared
        taken, count = _timed(partial(_count_cuts, prepared))
        yield f"cut sets to order 2 of all of {entities} entities", f"{taken:.1f} s, {count} sets", mark


def single_points_shallow() -> Iterator[tuple[str, str, str]]:
    """Closure and single points of all entities of a layered estate, beside networkx."""
    yield from _single_points("layered", loaded(100_000, 0.2).system, "5 times, 3 s")


def single_points_deep() -> Iterator[tuple[str, str, str]]:
    """The same where half of the estate lies beneath an entity."""
    random, size = Random(SEED), 100_000
    groups = []
    for v in range(size):
        near = random.sample(range(v + 1, min(size, v + 41)), min(5, size - v - 1))
        groups.append(tuple(Group(1, (supplier,)) for supplier in sorted(near)))
    yield from _single_points("deep", assembled(tuple(f"{v:06}" for v in range(size)), tuple(groups)), "400 times, 3 s")


def _single_points(name: str, system: System, mark: str) -> Iterator[tuple[str, str, str]]:
    prepared = Availability(system, [0.001] * len(system)).prepared

    def all_of_them() -> None:
        for entity in prepared.by_cone():
            block = prepared.condensed.block_of[entity]
            prepared.cone_of(block).reduction.necessity.needs(block)

    ours = _cpu(all_of_them)
    graph = to_networkx(system)
    some = Random(SEED).sample(system.keys, 100)
    theirs = _cpu(lambda: [nx.descendants(graph, key) for key in some]) * len(system) / len(some)
    yield (
        f"closure and single points of all of {len(system)} entities ({name}), beside networkx.descendants of each",
        f"{ours:.1f} s against {theirs:.0f} s (from a sample): {theirs / ours:.0f} times faster",
        mark,
    )


def debian(table: Path) -> Iterator[tuple[str, str, str]]:
    """Debian's packages: any-of groups and cycles as they grew."""
    needs = dict(sorted(requirements(table).items()))
    number = {package: position for position, package in enumerate(needs)}
    groups = []
    for package, alternatives in needs.items():
        members = {tuple(sorted({number[name] for name in group} - {number[package]})) for group in alternatives}
        groups.append(tuple(Group(1, some) for some in sorted(members) if some))
    system = assembled(tuple(needs), tuple(groups))
    taken, swept = _timed(partial(sweep, system, [1e-4] * len(system)))
    yield f"all composites of Debian's {len(system)} packages", f"{taken:.0f} s, {_methods(swept)}", "120 s"


def _methods(swept: Swept) -> str:
    counts = ", ".join(f"{count} {method}" for method, count in swept.by_method().items() if count)
    widest = max((c.upper - c.lower) / c.upper for c in swept.composites if c.upper > 0)
    return f"{counts}, widest interval {100 * widest:.3f} % of U"


def _count_cuts(prepared: Prepared) -> int:
    return sum(len(minimal_cuts(prepared, entity, 2)[0]) for entity in prepared.by_cone())


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    before = time.process_time()
    found = work()
    return time.process_time() - before, found


def _cpu(work: Callable[[], object]) -> float:
    return _timed(work)[0]


def _measure(part: Part, channel: "multiprocessing.SimpleQueue[tuple[str, str, str] | None]") -> None:
    for what, taken, mark in part():
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        channel.put((what, f"{taken}; {held:.0f} MB", mark))
    channel.put(None)


def main() -> int:
    """Measure all parts, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("parts", nargs="*", help="which parts; absent: all")
    parser.add_argument("--debian", type=Path, help="the file debian-bookworm-deps/requires.csv.gz")
    arguments = parser.parse_args()
    parts: dict[str, Part] = {
        each.__name__: each
        for each in (one_transaction, sweeps, large_sweep, cut_sets, single_points_shallow, single_points_deep)
    }
    if arguments.debian is not None:
        parts["debian"] = lambda: debian(arguments.debian)
    print("| work | measured (CPU; most memory of the process) | mark |\n|---|---|---|")
    for name, part in parts.items():
        if arguments.parts and name not in arguments.parts:
            continue
        context = multiprocessing.get_context("fork")
        channel: multiprocessing.SimpleQueue[tuple[str, str, str] | None] = context.SimpleQueue()
        worker = context.Process(target=_measure, args=(part, channel))
        worker.start()
        while (row := channel.get()) is not None:
            print(f"| {' | '.join(row)} |", flush=True)
        worker.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
