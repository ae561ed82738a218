"""Chains of response and repair on random graphs, against all ways through them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from risk.assessment import Assessment
from risk.terms import ReasonCode, Verdict
from tests.risk.estates import OLA, SLA, assess, entity
from tests.risk.test_chains import headroom, repaired, without_minutes
from tests.statements import company
from topology.facts import Statement
from topology.model import (
    EntityKind,
    Extent,
    Member,
    RequirementGroup,
)

# ---- random graphs against all ways through them ---------------------------------------------------------------------

Edges = Mapping[int, Mapping[int, int]]


def ways(edges: Edges, whole: set[int], entity: int, seen: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Every way down from an entity; none goes on beneath a promise of the whole. A circle ends in -1."""
    if entity in seen:
        yield (*seen, entity, -1)
        return
    if entity in whole or not edges[entity]:
        yield (*seen, entity)
        return
    for supplier in edges[entity]:
        yield from ways(edges, whole, supplier, (*seen, entity))


def random_edges(random: Random, size: int, *, cyclic: bool) -> dict[int, dict[int, int]]:
    """From each entity to its suppliers with the minutes of handing over; nothing needs entity 0."""
    edges: dict[int, dict[int, int]] = {}
    for v in range(size):
        others = [u for u in range(1, size) if u != v and (cyclic or u > v)]
        chosen = random.sample(
            others, min(len(others), random.choice((1, 1, 2, 3)) if v == 0 else random.randint(0, 2))
        )
        edges[v] = {u: random.choice((0, 0, 5, 15)) for u in sorted(chosen)}
    return edges


def estate(random: Random, edges: Edges, limits: Mapping[int, int], whole: set[int]) -> Assessment:
    statements: list[Statement] = [company("acme"), entity("e0", EntityKind.TRANSACTION)]
    for v in range(1, len(edges)):
        statements.append(entity(f"e{v}", owner="acme"))
        if v in limits:
            extent = Extent.END_TO_END if v in whole else Extent.INTRINSIC
            statements += repaired(f"ola-{v}", OLA, "acme", f"e{v}", str(limits[v]), extent=extent)
    for v, suppliers in edges.items():
        members = tuple(Member(f"e{u}", handoff=Decimal(handoff)) for u, handoff in suppliers.items())
        if members and random.random() < 0.5:
            statements.append(RequirementGroup(f"e{v}", random.randint(1, len(members)), members, "g"))
        else:
            statements += [RequirementGroup(f"e{v}", 1, (member,)) for member in members]
    return assess(*statements, *repaired("sla", SLA, "acme", "e0", "500"))


@pytest.mark.parametrize("seed", range(120))
def test_the_chain_is_the_longest_way(seed: int) -> None:
    random = Random(seed)
    edges = random_edges(random, random.randint(2, 8), cyclic=seed % 4 == 0)
    limits = {v: random.randint(1, 300) for v in range(1, len(edges)) if random.random() < 0.85}
    whole = {v for v in limits if random.random() < 0.3}
    found = headroom(estate(random, edges, limits, whole), "sla/e0/time_to_repair/per_incident")
    all_ways = list(ways(edges, whole, 0))
    met = {v for way in all_ways for v in way[1:]}
    if -1 in met:
        assert ReasonCode.CYCLE in without_minutes(found)
        return
    if not met & limits.keys():
        assert without_minutes(found) == (ReasonCode.METRIC_MISMATCH,)
        return

    def longest(missing: int) -> int:
        handoffs = (sum(edges[v][u] for v, u in pairwise(way)) for way in all_ways)
        own = (sum(limits.get(v, missing) for v in way[1:]) for way in all_ways)
        return max(h + o for h, o in zip(handoffs, own, strict=True))

    assert found.expected_minutes == 500 - longest(0)
    assert found.guaranteed_minutes == 500 - longest(10_080)
    kept = Verdict.COVERED if met <= limits.keys() else Verdict.UNKNOWN
    assert found.verdict is (Verdict.SHORTFALL if longest(0) > 500 else kept)
