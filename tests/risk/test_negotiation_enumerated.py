"""Negotiation against exact enumeration of random systems."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random

import networkx as nx
import pytest

from risk.assessment import Assessment
from risk.graph import to_networkx
from risk.negotiation import Negotiation
from tests import oracles
from tests.risk.estates import (
    SLA,
    UC,
    assess,
    entity,
    external,
    promised,
)
from tests.risk.test_negotiation import asked
from tests.statements import company, needs
from tests.strategies import Sample, sample
from topology.facts import Statement

# ---- against enumeration ---------------------------------------------------------------------------------------------


def estate_of(case: Sample, whole: set[int], promise: Decimal) -> Assessment:
    """The sample as an estate: what is in `whole` are externals promised with their suppliers, the rest is stated."""
    keys = case.system.keys
    statements: list[Statement] = [company("acme")]
    for v, key in enumerate(keys):
        ratio = 100 * (1 - Decimal(case.q[v].numerator) / Decimal(case.q[v].denominator))
        if v in whole:
            statements += [external(key), *promised(f"uc-{key}", UC, f"{key}-inc", key, str(ratio))]
        else:
            statements.append(entity(key, percent=str(ratio)))
        for number, (k, members) in enumerate(case.groups[v]):
            statements.append(needs(key, *(keys[m] for m in members), k=k, name=f"g{number}"))
    return assess(*statements, *promised("sla", SLA, "acme", keys[0], str(100 * promise)))


def suppliers_first(case: Sample) -> Sequence[Sequence[int]]:
    graph = to_networkx(case.system)
    return [sorted(case.system.index[key] for key in found) for found in nx.strongly_connected_components(graph)]


def extremes(case: Sample, own: Sequence[Fraction], x: int) -> tuple[Fraction, Fraction]:
    """U of the first entity with x perfect, and with x failed."""
    found = []
    for q in (Fraction(0), Fraction(1)):
        own = [*own[:x], q, *own[x + 1 :]]
        found.append(oracles.unavailabilities(case.groups, own)[0])
    return found[0], found[1]


@pytest.mark.parametrize("seed", range(60))
def test_required_figures_equal_enumeration(seed: int) -> None:
    case = sample(seed, entities=7, cyclic=seed % 3 == 0, scale=10)
    random = Random(seed)
    whole = {v for v in range(1, len(case.q)) if random.random() < 0.4}
    kept = {v: 1 - case.q[v] for v in whole}
    own = oracles.backed_out(
        case.groups, kept, [Fraction(0) if v in whole else q for v, q in enumerate(case.q)], suppliers_first(case)
    )
    now = oracles.unavailabilities(case.groups, own)[0]
    allowed = Fraction(round(now * random.choice((1, 2, 3, 4)) / 2 * 10**6), 10**6)
    promise = 1 - Decimal(allowed.numerator) / Decimal(allowed.denominator)
    found = estate_of(case, whole, promise)
    commitment = f"sla/{case.system.keys[0]}/availability/calendar_month"
    reached = sorted({case.system.number(found.key_of(r.entity)) for r in found.closure(case.system.keys[0])})
    for x in reached:
        if x == 0:
            continue
        answer = asked(found, case.system.keys[x], commitment)
        perfect = extremes(case, own, x)[0]
        assert answer.best.q == pytest.approx(float(perfect), rel=1e-9, abs=1e-18)
        assert answer.reachable is (perfect <= allowed), (seed, x)
        assert (answer.required is None) is (not answer.reachable)
        if answer.required is None:
            continue
        supplied = supply(case, own, x) if x in whole else Fraction(0)
        assert_least(answer, extremes(case, own, x), supplied, allowed)


def supply(case: Sample, own: Sequence[Fraction], x: int) -> Fraction:
    """1 - A'(x): with no faults of its own, or of anything on a cycle with it."""
    component = next(c for c in suppliers_first(case) if x in c)
    within = [Fraction(0) if v in component else q for v, q in enumerate(own)]
    return oracles.unavailabilities(case.groups, within)[x]


def assert_least(
    answer: Negotiation, between: tuple[Fraction, Fraction], supplied: Fraction, allowed: Fraction
) -> None:
    """The figure is the exact one, rounded up as an availability."""
    assert answer.required is not None
    perfect, failed = between
    figure = Fraction(1 - answer.required.ratio)
    exact = Fraction(1)  # where it may always be down
    if failed > allowed:
        exact = supplied + (1 - supplied) * (allowed - perfect) / (failed - perfect)
    # Rounded up as an availability, by a digit of the tenth place or the first that 13 digits of a headroom can tell.
    step = max(exact / 10**9, 10 * Fraction(1, 10**12) * allowed / max(failed - perfect, Fraction(1, 10**15)))
    assert exact - step <= figure <= exact * (1 + Fraction(1, 10**12))


def test_single_fixes_equal_enumeration() -> None:
    checked = 0
    for seed in range(40):
        case = sample(seed, entities=7, cyclic=seed % 2 == 1, scale=10)
        now = oracles.unavailabilities(case.groups, case.q)[0]
        allowed = Fraction(round(now * 3 / 4 * 10**6), 10**6)
        found = estate_of(case, set(), 1 - Decimal(allowed.numerator) / Decimal(allowed.denominator))
        reached = [case.system.number(found.key_of(r.entity)) for r in found.closure(case.system.keys[0])]
        if not reached:
            continue
        commitment = f"sla/{case.system.keys[0]}/availability/calendar_month"
        answer = asked(found, case.system.keys[reached[0]], commitment)
        hopes = []
        for option in answer.alternatives:
            x = case.system.number(option.supplier)
            with_figure = [*case.q[:x], Fraction(1 - option.required.ratio), *case.q[x + 1 :]]
            result = oracles.unavailabilities(case.groups, with_figure)[0]
            assert option.result.q == pytest.approx(float(result), rel=1e-9, abs=1e-18), (seed, x)
            assert float(option.headroom) == pytest.approx(float((allowed - result) * 43_200), abs=1e-7)
            hopes.append(round(float(extremes(case, case.q, x)[0]), 15))
            checked += 1
        assert hopes == sorted(hopes)
        assert {o.supplier for o in answer.alternatives} == {case.system.keys[x] for x in reached[1:]} - {
            case.system.keys[0]
        }
    assert checked > 60
