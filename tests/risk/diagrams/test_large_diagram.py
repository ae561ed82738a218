"""Diagrams by the library are those of plain Python, node for node, and end at a limit that says nothing of chance."""

from collections.abc import Callable
from fractions import Fraction
from random import Random

import pytest

from risk.diagrams.compilation import Functions
from risk.diagrams.diagram import END, HIGH, LOW, Builder, TooManyNodes
from risk.diagrams.large_diagram import LargeBuilder
from risk.limits import unhurried
from topology.errors import DeadlinePassed

LEVELS = 12
Q = [Fraction(level + 1, 40) for level in range(LEVELS)]


def tangle(seed: int) -> Callable[[Functions], list[int]]:
    """Functions over twelve variables, the same by whatever builder, each after those that it is made of."""
    random = Random(seed)
    steps = [(random.choice("&|~"), random.random(), random.random()) for _ in range(40)]

    def made(by: Functions) -> list[int]:
        found = [by.variable(level) for level in range(LEVELS)]
        for kind, first, second in steps:
            f, g = found[int(first * len(found))], found[int(second * len(found))]
            found.append(by.opposite(f) if kind == "~" else by.both(f, g) if kind == "&" else by.either(f, g))
        return found

    return made


def large(limit: int = 10_000) -> LargeBuilder:
    return LargeBuilder(LEVELS, limit, unhurried)


def test_every_function_has_the_nodes_and_the_probability_that_plain_python_gives_it() -> None:
    for seed in range(20):
        made = tangle(seed)
        ours, theirs = Builder(10_000, unhurried), large()
        for mine, its in zip(made(ours), made(theirs), strict=True):
            expected, found = ours.finished(mine), theirs.finished(its)
            assert theirs.top(its) == ours.top(mine)
            assert len(found.level) == len(expected.level)
            assert found.values(Q)[found.root] == expected.values(Q)[expected.root]


def test_children_stand_before_their_parents() -> None:
    for seed in range(20):
        by = large()
        found = by.finished(tangle(seed)(by)[-1])
        for node, (level, high, low) in enumerate(zip(found.level, found.high, found.low, strict=True), start=2):
            assert max(high, low) < node
            assert all(child <= HIGH or found.level[child - 2] > level for child in (high, low))
        assert found.root == len(found.level) + 1 or not found.level


def test_what_always_or_never_holds_has_no_nodes() -> None:
    by = large()
    one = by.variable(0)
    for function, root in ((by.either(one, by.opposite(one)), HIGH), (by.both(one, by.opposite(one)), LOW)):
        found = by.finished(function)
        assert (len(found.level), found.root) == (0, root)
        assert by.top(function) == END
        assert found.values(Q)[found.root] == root


def test_the_limit_counts_all_that_was_made_whatever_of_it_is_still_of_use() -> None:
    """Six pairs in order have 12 nodes, the last pairs' own among them; with each variable and each pair 6 more."""

    def pairs(limit: int) -> int:
        by = large(limit)
        together = LOW
        for level in range(LEVELS - 2, -1, -2):
            together = by.either(by.both(by.variable(level), by.variable(level + 1)), together)
        return len(by.finished(together).level)

    needed = next(limit for limit in range(1, 100) if _holds(pairs, limit))
    assert needed > LEVELS == pairs(needed)
    assert all(_holds(pairs, limit) == (limit >= needed) for limit in range(1, 60))


def _holds(made: Callable[[int], int], limit: int) -> bool:
    try:
        made(limit)
    except TooManyNodes:
        return False
    return True


def test_what_outgrows_the_library_itself_is_too_large_and_no_other_error() -> None:
    """Pairs of one half with the other, in the worst order: 2^20 nodes and more."""

    def together() -> int:
        by = LargeBuilder(40, 1_000, unhurried)
        found = LOW
        for level in range(20):
            found = by.either(found, by.both(by.variable(level), by.variable(level + 20)))
        return found

    with pytest.raises(TooManyNodes):
        together()


def test_a_deadline_is_heard_between_two_functions_and_while_reading_back() -> None:
    looks = 0

    def late() -> None:
        nonlocal looks
        looks += 1
        if looks > 3:
            raise DeadlinePassed("late")

    by = LargeBuilder(LEVELS, 10_000, late)
    pair = by.both(by.variable(0), by.variable(1))
    with pytest.raises(DeadlinePassed):
        by.finished(pair)
    with pytest.raises(DeadlinePassed):
        by.either(pair, by.variable(2))
