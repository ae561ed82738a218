"""The engine against another one: a plain decision diagram of every entity (package dd), on systems of dozens."""

import pytest
from dd.autoref import BDD, Function

from risk.availability import Availability
from risk.limits import Limits
from risk.structure import down
from tests import oracles
from tests.strategies import Sample, sample

EPSILON = 1e-12


def up_functions(manager: BDD, case: Sample) -> list[Function]:
    """When each entity is up: from all of them up, again and again until nothing changes."""
    size = len(case.groups)
    manager.declare(*(f"x{v}" for v in range(size)))
    up = [manager.true] * size
    while True:
        before = list(up)
        for v in range(size - 1, -1, -1):
            function = manager.var(f"x{v}")
            for required, members in case.groups[v]:
                reached = [manager.true, *[manager.false] * required]
                for member in members:
                    for count in range(required, 0, -1):
                        reached[count] |= reached[count - 1] & up[member]
                function &= reached[required]
            up[v] = function
        if up == before:
            return up


def probability(function: Function, q: list[float], known: dict[int, float]) -> float:
    """P of a function with complemented edges."""
    regular = ~function if function.negated else function
    if regular.var is None:
        value = 1.0
    elif int(regular) in known:
        value = known[int(regular)]
    else:
        assert regular.low is not None
        assert regular.high is not None
        chance = q[int(regular.var[1:])]
        value = chance * probability(regular.low, q, known) + (1 - chance) * probability(regular.high, q, known)
        known[int(regular)] = value
    return 1 - value if function.negated else value


@pytest.mark.parametrize("cyclic", [False, True])
def test_composites_of_systems_of_dozens_equal_those_of_plain_diagrams(cyclic: bool) -> None:
    diagrams = 0
    for seed in range(250):
        case = sample(seed, entities=26 if cyclic else 45, cyclic=cyclic)
        q = [float(x) for x in case.q]
        manager = BDD()
        ups = up_functions(manager, case)
        engine = Availability(case.system, q)
        narrow = Availability(case.system, q, limits=Limits(diagram_nodes=20, large_diagram_nodes=0, cone_blocks=5))
        for v, up in enumerate(ups):
            found, other = engine.composite(v), narrow.composite(v)
            exact = 1 - probability(up, q, {})
            assert found.unavailability == pytest.approx(exact, rel=1e-9, abs=EPSILON), (seed, v)
            assert other.lower - EPSILON <= exact <= other.upper + EPSILON, (seed, v)
            diagrams += found.diagram_nodes > 0
    assert diagrams > 300


def test_what_falls_in_systems_of_dozens_is_the_greatest_fixpoint() -> None:
    for seed in range(100):
        case = sample(seed, entities=60, cyclic=seed % 2 == 1)
        failed = {v for v in range(len(case.q)) if (v + seed) % 9 == 0}
        assert down(case.system, failed) == oracles.down(case.groups, failed)
