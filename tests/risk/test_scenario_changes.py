"""Random operations in random order: own availabilities are kept, but for what has another figure or other needs."""

from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

import pytest

from risk.supposed.operations import (
    AddEntity,
    AddRequirement,
    Fail,
    Lapse,
    Operation,
    RemoveRequirement,
    Scenario,
    SetGroup,
    SetOwnAvailability,
    SetTarget,
)
from risk.terms import FailureLevel
from tests import oracles
from tests.risk.supposing import Case, key, random_case, suppliers_first, with_failed
from tests.strategies import as_decimal
from topology.model import EntityKind


@dataclass
class Supposed:
    """A case while operations are drawn: what it has come to, by the definitions alone.

    New entities stand at the end of the numbers, and their keys at the end of the keys.
    """

    case: Case
    random: Random
    groups: list[list[tuple[int, tuple[int, ...]]]] = field(default_factory=list)
    named: dict[int, tuple[int, tuple[int, ...]]] = field(default_factory=dict)
    promised: list[Fraction | None] = field(default_factory=list)
    whole: set[int] = field(default_factory=set)
    refigured: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.groups = [list(needs) for needs in self.case.groups]
        self.promised = list(self.case.promised)
        self.whole = set(self.case.whole)

    def draw(self) -> Operation:
        """One more operation that can be."""
        while True:
            found = self.random.choice((self.add, self.remove, self.regroup, self.refigure, self.fail, self.new))()
            if found is not None:
                return found

    def pair(self) -> tuple[int, int]:
        consumer, supplier = self.random.sample(range(len(self.groups)), 2)
        return consumer, supplier

    def add(self) -> Operation | None:
        consumer, supplier = self.pair()
        if (1, (supplier,)) in self.groups[consumer]:
            return None
        self.groups[consumer].append((1, (supplier,)))
        return AddRequirement(key(consumer), key(supplier))

    def remove(self) -> Operation | None:
        plain = [(v, group) for v, needs in enumerate(self.groups) for group in needs if len(group[1]) == 1]
        if not plain:
            return None
        consumer, group = self.random.choice(plain)
        self.groups[consumer].remove(group)
        return RemoveRequirement(key(consumer), key(group[1][0]))

    def regroup(self) -> Operation | None:
        consumer = self.random.randrange(len(self.groups))
        others = [v for v in range(len(self.groups)) if v != consumer]
        if len(others) < 2:
            return None
        members = tuple(sorted(self.random.sample(others, self.random.randint(2, min(3, len(others))))))
        required = self.random.randint(1, len(members))
        self.named[consumer] = (required, members)
        return SetGroup(key(consumer), "spare", required, tuple(map(key, members)))

    def refigure(self) -> Operation | None:
        number = self.random.randrange(len(self.case.promised))
        ratio = 1 - Fraction(self.random.randint(0, 30), 100)
        if number not in self.whole:
            if number in self.case.whole:
                return None
            self.promised[number] = ratio
            self.refigured.add(number)
            return SetOwnAvailability(key(number), as_decimal(ratio))
        self.refigured.add(number)
        if self.random.random() < 0.3:
            self.promised[number] = None
            self.whole.discard(number)
            return Lapse(f"uc-{number}")
        self.promised[number] = ratio
        return SetTarget(f"uc-{number}", key(number), "availability", as_decimal(ratio))

    def fail(self) -> Operation | None:
        number = self.random.randrange(len(self.groups))
        self.failed.add(number)
        return Fail(FailureLevel.ENTITY, key(number))

    def new(self) -> Operation | None:
        number = len(self.groups)
        if number > 8:
            return None
        ratio = 1 - Fraction(self.random.randint(0, 30), 100)
        self.groups.append([])
        self.promised.append(ratio)
        self.refigured.add(number)
        return AddEntity(key(number), EntityKind.SERVICE, availability=as_decimal(ratio))

    @property
    def needs(self) -> list[list[tuple[int, tuple[int, ...]]]]:
        """What each entity needs in the end, its one named group among it."""
        return [[*held, *([self.named[v]] if v in self.named else [])] for v, held in enumerate(self.groups)]

    def own(self) -> list[Fraction]:
        """Own failure probabilities by section 2: kept, and told anew for other figures and other needs."""
        before = [*self.case.groups, *[()] * (len(self.groups) - len(self.case.groups))]
        q = [*self.case.own(), *[Fraction(0)] * (len(self.groups) - len(self.case.groups))]
        was = [*self.case.promised, *[None] * (len(self.groups) - len(self.case.groups))]
        refigured = {v for v in self.refigured if was[v] != self.promised[v] or v >= len(self.case.groups)}
        rewired = {v for v, needs in enumerate(self.needs) if sorted(needs) != sorted(before[v])}
        anew = refigured | {v for v in rewired if v in self.whole}
        for v in anew:
            ratio = self.promised[v]
            q[v] = Fraction(0) if ratio is None or v in self.whole else 1 - ratio
        for component in suppliers_first(self.needs):
            within = [Fraction(0) if v in component else x for v, x in enumerate(q)]
            supplied = oracles.unavailabilities(self.needs, within)
            for v in component:
                ratio = self.promised[v]
                if v in anew and v in self.whole and ratio is not None:
                    told = 1 - ratio / (1 - supplied[v]) if supplied[v] < 1 else Fraction(0)
                    q[v] = max(Fraction(0), told)
        return q


@pytest.mark.parametrize("start", range(0, 150, 30))
def test_every_figure_is_that_of_the_definitions(start: int) -> None:
    for seed in range(start, start + 30):
        case = random_case(seed, whole=0.5, entities=6)
        drawn = Supposed(case, Random(seed))
        operations = tuple(drawn.draw() for _ in range(drawn.random.randint(1, 4)))
        view = case.assessment().under(Scenario(operations))
        down = oracles.unavailabilities(drawn.needs, with_failed(drawn.own(), drawn.failed))
        fallen = oracles.down(drawn.needs, drawn.failed)
        for v, expected in enumerate(down):
            found = view.composite(key(v))
            assert found.expected.q == pytest.approx(float(expected), rel=1e-9, abs=1e-14), (seed, v, operations)
            assert found.guaranteed_floor.q >= found.expected.q - 1e-12, (seed, v, operations)
            assert found.ceiling.q <= found.expected.q + 1e-12, (seed, v, operations)
            points = view.failures.single_points(key(v))
            if v in fallen:
                assert points is None
            else:
                single = {s for s in range(len(down)) if v in oracles.down(drawn.needs, drawn.failed | {s})}
                assert points is not None
                assert {point.entity for point in points} == single - {v}


def test_an_engine_asked_in_parts_and_as_a_whole_says_the_same() -> None:
    """Entities asked one by one go over to tables of the whole when much has been asked for."""
    for seed in range(20):
        case = random_case(seed, whole=0.5)
        drawn = Supposed(case, Random(seed))
        scenario = Scenario(tuple(drawn.draw() for _ in range(3)))
        forwards, backwards = (case.assessment().under(scenario) for _ in range(2))
        keys = sorted(forwards.snapshot.entities)
        one = {k: forwards.composite(k).expected.q for k in keys}
        other = {k: backwards.composite(k).expected.q for k in reversed(keys)}
        assert one == pytest.approx(other, rel=1e-12, abs=1e-15)
