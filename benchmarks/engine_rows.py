"""What is measured of the engine, each part a process of its own: rows for the table, with the marks of the design."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import prod
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, getrusage
from statistics import mean, median
from time import perf_counter

from benchmarks.clock import cpu, timed
from benchmarks.debian import requirements
from benchmarks.estate import estate
from benchmarks.peers import cone_of, descendants, one_diagram
from benchmarks.table import Row, within
from risk.availability import Availability
from risk.cut_sets import minimal_cuts
from risk.graph import Group, System, assembled, system_of
from risk.importance import importances
from risk.limits import DEFAULT_LIMITS
from risk.reduced.prepared import Prepared
from risk.structure import closure
from risk.sweep import Composites, composites, past_of, take_over
from risk.terms import Method
from topology.model import EntityKind
from topology.snapshot import EMPTY, apply

SEED = 1
Part = Callable[[], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """An estate in the engine's form, with own unavailabilities."""

    system: System
    own: list[float]

    def engine(self) -> Availability[float]:
        """It, ready to be asked; nothing is worked out yet."""
        return _engine(self.system, self.own)


def loaded(entities: int, red: float) -> Loaded:
    """A generated estate; who states no figure fails once in 2 000."""
    snapshot = apply(EMPTY, estate(entities, red, SEED), (), revision=1, recorded_at=None)
    stated = (entity.availability for entity in snapshot.entities.values())
    found = Loaded(system_of(snapshot), [0.0005 if a is None else float(1 - a) for a in stated])
    del snapshot
    gc.collect()
    gc.freeze()  # the estate's own objects are not for anybody to walk
    return found


def shape() -> Iterator[Row]:
    """How entangled the estates are: closures through groups, the entity itself counted, over all entities."""
    for entities, red in ((10_000, 0.0), (10_000, 0.2), (10_000, 0.3), (100_000, 0.2)):
        system = loaded(entities, red).system
        size = mean(len(closure(system, entity)) for entity in range(len(system)))
        edges = sum(len(group.members) for groups in system.groups for group in groups) / len(system)
        yield Row(
            f"estate of {entities} entities, RED {red}", f"mean closure {size:.0f}, {edges:.1f} edges an entity", "", ""
        )


def one_transaction() -> Iterator[Row]:
    """A transaction with the importance of all its entities, and one diagram for its cone without reductions."""
    found = loaded(10_000, 0.2)
    engine = Availability(found.system, found.own)
    every = [v for v, kind in enumerate(found.system.kinds) if kind is EntityKind.TRANSACTION]
    engine.composite(every[0])
    ours = [cpu(partial(importances, engine, root)) for root in every[:200]]
    yield Row(
        "one transaction of 10 000 entities, RED 0.2, with importance of all its entities",
        f"median {median(ours) * 1000:.2f} ms, worst {max(ours) * 1000:.0f} ms",
        mark=within(median(ours), 0.005, "5 ms"),
    )
    condensed = Prepared(found.system, DEFAULT_LIMITS).condensed
    blocks = [1 - prod(1 - found.own[member] for member in members) for members in condensed.members]
    others = (condensed.block_of[v] for v in Random(SEED).sample(range(len(found.system)), 2_000))
    wide = (block for block in others if len(cone_of(condensed, block)) >= 50)
    plain = list(islice((b for b in wide if condensed.cyclic.isdisjoint(cone_of(condensed, b))), 30))
    fresh = Availability(found.system, found.own)
    for root in {fresh.prepared.cone_of(condensed.block_of[v]).serial: v for v in every}.values():
        fresh.composite(root)
    mine = sum(cpu(partial(fresh.composite, condensed.members[block][0])) for block in plain)
    naive = [one_diagram(condensed, blocks, block, _PATIENCE) for block in plain]
    given_up = sum(seconds >= _PATIENCE for seconds in naive)
    yield Row(
        f"{len(plain)} composites alone, beside one diagram a cone without reductions (dd.autoref)",
        f"{mine:.3f} s against {sum(naive):.1f} s ({given_up} given up after {_PATIENCE:.0f} s): "
        f"{sum(naive) / mine:.0f} times faster",
        mark=within(15, sum(naive) / mine, "15 times"),
    )


_PATIENCE = 10.0
"""CPU seconds that a peer gets for one cone."""


def small_sweep() -> Iterator[Row]:
    """All entities of a small estate."""
    yield _swept(loaded(1_000, 0.2).engine(), "1 000 entities, RED 0.2", 0.5)[0]


def sweep_and_change() -> Iterator[Row]:
    """All entities of an estate, and again after one edge has changed: a front service loses one supplier."""
    found = loaded(10_000, 0.2)
    first = found.engine()
    row, taken, alone = _swept(first, "10 000 entities, RED 0.2", 5)
    yield row
    changed = found.system.number("front-000100")
    groups = list(found.system.groups)
    groups[changed] = groups[changed][1:]
    system = assembled(found.system.keys, tuple(groups), found.system.soft, kinds=found.system.kinds)
    past = past_of(first)

    def again() -> int:
        engine = _engine(system, found.own)
        kept = take_over(engine, past)
        return len(composites(engine, range(len(system)))) - kept

    later, computed = timed(again)
    yield Row(
        "the same after one edge has changed",
        f"{later:.3f} s, {computed} entities computed: {100 * later / taken:.1f} % of the first pass",
        mark=within(later / taken, 0.1, "10 %"),
    )
    began, spent = perf_counter(), _cpu_of_children()
    several = composites(found.engine(), range(len(found.system)), processes=2)
    wall, spent = perf_counter() - began, _cpu_of_children() - spent
    assert several == alone
    yield Row("the same over two processes, equal to the last bit", f"{wall:.1f} s by the wall, {spent:.1f} s in them")


def entangled_sweep() -> Iterator[Row]:
    """All entities where more is redundant: the hardest get bounds."""
    row, _, swept = _swept(loaded(10_000, 0.3).engine(), "10 000 entities, RED 0.3", 120)
    bounded = [c for c in swept.values() if not c.is_exact]
    wide = max(((c.upper - c.lower) / c.upper for c in bounded), default=0.0)
    share = len(bounded) / len(swept)
    yield row
    yield Row(
        "of these, intervals",
        f"{len(bounded)}, the widest {100 * wide:.3f} % of U",
        mark=within(max(share, wide), 0.01, "1 % of all, each 1 % of U"),
    )


def large_sweep() -> Iterator[Row]:
    """All entities of a large estate, within the memory that is promised."""
    yield _swept(loaded(100_000, 0.2).engine(), "100 000 entities, RED 0.2", 60)[0]


def cut_sets() -> Iterator[Row]:
    """Cut sets of order 1 and 2 of all entities."""
    yield _cuts(10_000, 2)


def large_cut_sets() -> Iterator[Row]:
    """The same of a large estate."""
    yield _cuts(100_000, 30)


def single_points_shallow() -> Iterator[Row]:
    """Closure and single points of all entities of a layered estate, beside networkx; and with keys at random."""
    system = loaded(100_000, 0.2).system
    yield from _single_points("layered", system, 5, 1_000)
    ours = _seconds_of_all_single_points(_shuffled(system))
    yield Row("the same with keys that tell nothing of who is near", f"{ours:.1f} s", mark=within(ours, 3, "3 s"))


def single_points_deep() -> Iterator[Row]:
    """The same where half of the estate lies beneath an entity: each needs five of the forty after it."""
    random, size = Random(SEED), 100_000
    groups = []
    for v in range(size):
        near = random.sample(range(v + 1, min(size, v + 41)), min(5, size - v - 1))
        groups.append(tuple(Group(1, (supplier,)) for supplier in sorted(near)))
    keys = tuple(f"{v:06}" for v in range(size))
    yield from _single_points("deep", assembled(keys, tuple(groups)), 400, 100)


def _single_points(name: str, system: System, times: float, sampled: int) -> Iterator[Row]:
    ours = _seconds_of_all_single_points(system)
    what = f"closure and single points of all of {len(system)} entities, {name}"
    yield Row(what, f"{ours:.1f} s", mark=within(ours, 3, "3 s"))  # before the peer adds to what the process holds
    theirs = descendants(system, sampled, SEED)
    yield Row(
        "beside networkx.descendants of each",
        f"{theirs:.0f} s (from a sample): {theirs / ours:.1f} times faster",
        mark=within(times, theirs / ours, f"{times:.0f} times"),
    )


def _seconds_of_all_single_points(system: System) -> float:
    prepared = Prepared(system, DEFAULT_LIMITS)

    def all_of_them() -> None:
        block_of = prepared.condensed.block_of
        for necessity, entities in prepared.necessities(range(len(system))):
            for entity in entities:
                necessity.needs(block_of[entity])

    return cpu(all_of_them)


def _shuffled(system: System) -> System:
    """The requirements of a system, its entities numbered at random."""
    number = Random(SEED).sample(range(len(system)), len(system))
    groups: list[tuple[Group, ...]] = [()] * len(system)
    for entity, needs in enumerate(system.groups):
        groups[number[entity]] = tuple(Group(g.required, tuple(sorted(number[m] for m in g.members))) for g in needs)
    return assembled(tuple(f"{v:06}" for v in range(len(system))), tuple(groups))


def debian(table: Path) -> Iterator[Row]:
    """Debian's packages: any-of groups and cycles as they grew; each package fails once in 10 000."""
    needs = dict(sorted(requirements(table).items()))
    number = {package: position for position, package in enumerate(needs)}
    groups = []
    for package, alternatives in needs.items():
        members = {tuple(sorted({number[name] for name in group} - {number[package]})) for group in alternatives}
        groups.append(tuple(Group(1, some) for some in sorted(members) if some))
    system = assembled(tuple(needs), tuple(groups))
    prepared = Prepared(system, DEFAULT_LIMITS)
    points, count = timed(lambda: sum(len(prepared.needs(entity)) - 1 for entity in prepared.by_cone()))
    yield Row(f"single points of all of Debian's {len(system)} packages", f"{points:.1f} s, {count} of them")
    engine = _engine(system, [1e-4] * len(system))
    taken, swept = timed(lambda: composites(engine, range(len(system))))
    yield Row(
        "and their composites",
        f"{taken:.0f} s, {_methods(swept)}",
        mark=within(points + taken, 120, "120 s for both"),
    )


def _engine(system: System, own: Sequence[float]) -> Availability[float]:
    return Availability(system, tuple(own), limits=DEFAULT_LIMITS)


def _swept(engine: Availability[float], what: str, most: float) -> tuple[Row, float, Composites]:
    taken, swept = timed(lambda: composites(engine, range(len(engine.system))))
    row = Row(f"all composites of {what}", f"{taken:.2f} s, {_methods(swept)}", mark=within(taken, most, f"{most:g} s"))
    return row, taken, swept


def _methods(swept: Composites) -> str:
    counts = Counter(composite.method for composite in swept.values())
    return ", ".join(f"{counts[method]} {method}" for method in Method if counts[method])


def _cuts(entities: int, most: float) -> Row:
    prepared = Prepared(loaded(entities, 0.2).system, DEFAULT_LIMITS)
    taken, count = timed(lambda: sum(len(minimal_cuts(prepared, entity, 2)[0]) for entity in prepared.by_cone()))
    what = f"cut sets to order 2 of all of {entities} entities, RED 0.2"
    return Row(what, f"{taken:.1f} s, {count} sets", mark=within(taken, most, f"{most:g} s"))


def _cpu_of_children() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
