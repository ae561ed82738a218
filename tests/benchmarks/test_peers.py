"""What peers are timed on is the same question: their answers are ours."""

import pytest

from benchmarks.engine_rows import loaded
from benchmarks.peers import _one_diagram, cone_of
from risk.availability import Availability


def test_the_single_diagram_of_a_cone_comes_to_the_same_unavailability() -> None:
    found = loaded(300, 0.3)
    engine = Availability(found.system, found.own)
    condensed = engine.prepared.condensed
    blocks = []
    for members in condensed.members:
        standing = 1.0
        for member in members:
            standing *= 1 - found.own[member]
        blocks.append(1 - standing)
    asked = [b for b in range(len(condensed.members)) if condensed.cyclic.isdisjoint(cone_of(condensed, b))]
    small = [block for block in asked if len(cone_of(condensed, block)) < 40]
    assert len(small) > 100
    for block in small:
        ours = engine.composite(condensed.members[block][0]).unavailability
        assert _one_diagram(condensed, blocks, block) == pytest.approx(ours, rel=1e-9)


def test_estates_are_as_entangled_as_the_table_says() -> None:
    """The mean closure over all entities, the entity itself counted: of 10 000 about a hundred, fewer here."""
    system = loaded(2_000, 0.2).system
    engine = Availability(system, [0.0] * len(system))
    sizes = [len(engine.prepared.closure(entity)) for entity in range(len(system))]
    assert 40 < sum(sizes) / len(sizes) < 120
