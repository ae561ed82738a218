"""Whole models against enumeration: which figure counts, backed out at every level, missing, conditional, by ledger.

The oracle reads the same statements by the words of section 2, in exact rationals, and shares no code with the product.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from random import Random

import networkx as nx
import pytest

from risk.assessment import Assessment
from risk.terms import Basis, Ledger
from tests import oracles
from tests.risk.estates import OLA, SLA, SLO, UC, assess, entity, external, promised, team
from tests.statements import company, degrades, needs
from topology.facts import Statement
from topology.model import EntityKind, Exclusion, ExclusionKind, Extent, Party, PartyKind

PERCENTS = ("90", "95", "97", "98", "99", "99.5", "99.9")
GOLD = "gold/e0/availability/calendar_month"
JUNE_MINUTES = 43_200


@dataclass
class Estate:
    """What is stated of a random estate, and the statements that say so; e0 is a transaction.

    `figures` are per entity the stated availability and the targets of its UC, OLA and SLO, each with its extent.
    """

    kinds: list[EntityKind]
    groups: list[list[tuple[int, Sequence[int]]]]
    soft: list[list[tuple[int, Fraction]]]
    figures: list[dict[str, tuple[Fraction, Extent]]]
    promise: Fraction
    statements: list[Statement] = field(default_factory=list)

    def assessed(self) -> Assessment:
        return assess(*self.statements)


def estate(seed: int) -> Estate:
    """Up to eight entities, every second estate with cycles; externals on externals; figures here and there."""
    random = Random(seed)
    size = random.randint(3, 8)
    kinds = [EntityKind.TRANSACTION]
    kinds += [random.choice((EntityKind.SERVICE, EntityKind.EXTERNAL, EntityKind.EXTERNAL)) for _ in range(size - 1)]
    found = Estate(kinds, [[] for _ in kinds], [[] for _ in kinds], [{} for _ in kinds], Fraction(0))
    said = found.statements
    said += [company("acme"), Party("customers", PartyKind.CUSTOMER, "Customers"), team("team")]
    percent = random.choice(PERCENTS)
    found.promise = Fraction(percent) / 100
    third = (Exclusion(ExclusionKind.THIRD_PARTY),)
    said += promised("gold", SLA, "acme", "e0", percent, consumer="customers", excludes=third)
    for v, kind in enumerate(kinds):
        others = [u for u in range(size) if u != v and (seed % 2 or u > v)]
        _require(found, random, v, others)
        _state(found, random, v, kind)
    return found


def _require(found: Estate, random: Random, v: int, others: Sequence[int]) -> None:
    hard: set[int] = set()
    for number in range(random.choice((0, 1, 1, 2)) if others else 0):
        free = [u for u in others if u not in hard]
        members = sorted(random.sample(free, min(len(free), random.choice((1, 1, 2, 3)))))
        if members:
            k = random.randint(1, len(members))
            hard.update(members)
            found.groups[v].append((k, members))
            name = f"g{number}" if len(members) > 1 else None
            found.statements.append(needs(f"e{v}", *(f"e{m}" for m in members), k=k, name=name))
    free = [u for u in others if u not in hard]
    if free and random.random() < 0.25:
        supplier, loss = random.choice(free), random.choice(("0.1", "0.5"))
        found.soft[v].append((supplier, Fraction(loss)))
        found.statements.append(degrades(f"e{v}", f"e{supplier}", loss))


def _state(found: Estate, random: Random, v: int, kind: EntityKind) -> None:
    mine, said = found.figures[v], found.statements
    stated = random.choice(PERCENTS) if random.random() < (0.2 if kind is EntityKind.TRANSACTION else 0.5) else None
    if stated is not None:
        mine["stated"] = (Fraction(stated) / 100, Extent.INTRINSIC)
    is_external = kind is EntityKind.EXTERNAL
    said.append(external(f"e{v}", "v-inc", stated) if is_external else entity(f"e{v}", kind, stated, owner="team"))
    offers = (("uc", UC, 0.6),) if is_external else (("ola", OLA, 0.4), ("slo", SLO, 0.3))
    for name, agreement, share in offers:
        if random.random() < share and kind is not EntityKind.TRANSACTION:
            percent = random.choice(PERCENTS)
            extent = Extent.INTRINSIC if random.random() < 0.3 else _DEFAULT[name]
            provider = "v-inc" if is_external else "team"
            said += promised(f"{name}-{v}", agreement, provider, f"e{v}", percent, extent=extent)
            mine[name] = (Fraction(percent) / 100, extent)


_DEFAULT = {"uc": Extent.END_TO_END, "ola": Extent.INTRINSIC, "slo": Extent.END_TO_END}
_ORDER = {
    Basis.CONTRACTED: (("uc", "stated"), ("stated", "ola")),
    Basis.OBJECTIVE: (("slo", "ola", "uc", "stated"), ("slo", "ola", "stated")),
    Basis.BEST_KNOWN: (("uc", "stated", "slo", "ola"), ("stated", "ola", "slo")),
}
"""Where the figure of an external, and of anything else, is looked for, by the words of section 2."""


def own_figures(found: Estate, basis: Basis) -> tuple[list[Fraction], set[int]]:
    """Own unavailabilities by definition, and whose figure is missing."""
    promised_whole: dict[int, Fraction] = {}
    own = [Fraction(0)] * len(found.kinds)
    missing: set[int] = set()
    for v, kind in enumerate(found.kinds):
        order = _ORDER[basis][kind is not EntityKind.EXTERNAL]
        chosen = next((found.figures[v][name] for name in order if name in found.figures[v]), None)
        if chosen is None:
            missing |= {v} if kind is not EntityKind.TRANSACTION else set()
        elif chosen[1] is Extent.END_TO_END:
            promised_whole[v] = chosen[0]
        else:
            own[v] = 1 - chosen[0]
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(own)))
    graph.add_edges_from((v, m) for v, needs_of in enumerate(found.groups) for _, ms in needs_of for m in ms)
    order_of = [sorted(part) for part in nx.strongly_connected_components(graph)]
    return oracles.backed_out(found.groups, promised_whole, own, order_of), missing


def reached(groups: oracles.Groups, root: int) -> set[int]:
    found, pending = {root}, [root]
    while pending:
        new = {m for _, members in groups[pending.pop()] for m in members} - found
        found |= new
        pending += new
    return found


def given(q: Sequence[Fraction], fixed: Mapping[int, int]) -> list[Fraction]:
    return [Fraction(fixed.get(v, x)) for v, x in enumerate(q)]


CASES = [estate(seed) for seed in range(120)]
"""Half of them with cycles."""


@pytest.mark.parametrize("basis", [Basis.CONTRACTED, Basis.OBJECTIVE, Basis.BEST_KNOWN])
def test_composites_and_what_is_missing_are_as_the_words_of_section_2_have_them(basis: Basis) -> None:
    whole = short = 0
    for number, case in enumerate(CASES):
        q, missing = own_figures(case, basis)
        expected = oracles.unavailabilities(case.groups, q)
        found = case.assessed()
        for v in range(len(q)):
            composite = found.composite(f"e{v}", basis)
            closure = reached(case.groups, v)
            assert composite.expected.q == pytest.approx(float(expected[v]), rel=1e-9, abs=1e-15), (number, v)
            success = 1 - oracles.expected_success(case.groups, case.soft, q, v)
            assert composite.expected_success.q == pytest.approx(float(success), rel=1e-9, abs=1e-15), (number, v)
            told = {m.entity for m in composite.missing}
            assert told >= {f"e{m}" for m in missing & closure}
            assert Fraction(composite.completeness) == pytest.approx(1 - len(missing & closure) / len(closure))
            whole += any(figure[1] is Extent.END_TO_END for figure in case.figures[v].values()) and len(closure) > 1
            short += bool(missing & closure)
    assert whole > 50
    assert short > 50


def test_conditionals_are_the_model_with_these_failed_on_own_figures_that_stay() -> None:
    """N-1 and N-2: what is backed out stays as it was on the unfailed view."""
    for number, case in enumerate(CASES[:60]):
        q, _ = own_figures(case, Basis.CONTRACTED)
        found = case.assessed()
        for failed in combinations(range(1, min(5, len(q))), 1 + number % 2):
            expected = oracles.unavailabilities(case.groups, given(q, dict.fromkeys(failed, 1)))[0]
            shown = found.conditional("e0", [f"e{v}" for v in failed])
            assert shown.q == pytest.approx(float(expected), rel=1e-9, abs=1e-15), (number, failed)


def test_contributions_are_those_of_the_definition() -> None:
    for number, case in enumerate(CASES[:60]):
        q, _ = own_figures(case, Basis.CONTRACTED)
        found = case.assessed()
        rows = {found.key_of(row.entity): row for row in found.contributions("e0")}
        assert set(rows) == {f"e{v}" for v in reached(case.groups, 0)}
        for v in sorted(reached(case.groups, 0)):
            low, high = (oracles.unavailabilities(case.groups, given(q, {v: x}))[0] for x in (0, 1))
            assert rows[f"e{v}"].birnbaum == pytest.approx(float(high - low), rel=1e-9, abs=1e-12), (number, v)
            assert rows[f"e{v}"].minutes == pytest.approx(float(q[v] * (high - low) * 43_200), rel=1e-9, abs=1e-9)


def test_the_expected_headroom_is_that_of_the_ledger() -> None:
    """CONTRACTUAL: what is excluded counts as own = 1, with its groups ignored; here all externals."""
    differing = 0
    for number, case in enumerate(CASES):
        q, _ = own_figures(case, Basis.CONTRACTED)
        found = case.assessed()
        outside = {v for v, kind in enumerate(case.kinds) if kind is EntityKind.EXTERNAL}
        ours = [() if v in outside else groups for v, groups in enumerate(case.groups)]
        ledgers = {
            Ledger.EXPERIENCED: oracles.unavailabilities(case.groups, q)[0],
            Ledger.CONTRACTUAL: oracles.unavailabilities(ours, given(q, dict.fromkeys(outside, 0)))[0],
        }
        for ledger, unavailable in ledgers.items():
            expected = (1 - unavailable - case.promise) * JUNE_MINUTES
            shown = found.promises.headroom(GOLD, ledger=ledger).expected_minutes
            assert shown is not None
            assert float(shown) == pytest.approx(float(expected), rel=1e-9, abs=1e-7), (number, ledger)
        differing += len(set(ledgers.values())) == 2
    assert differing > 40


def test_a_vendor_on_a_vendor_on_a_vendor_is_backed_out_level_by_level() -> None:
    """Of c .99 is promised in all, of b on c .98, of a on b .97: each delivers just that; own faults are the rest."""
    promises = (("a", "97"), ("b", "98"), ("c", "99"))
    found = assess(
        company("acme"),
        Party("customers", PartyKind.CUSTOMER, "Customers"),
        entity("shop", EntityKind.TRANSACTION),
        needs("shop", "a"),
        needs("a", "b"),
        needs("b", "c"),
        *(external(key, f"{key}-inc") for key, _ in promises),
        *(said for key, percent in promises for said in promised(f"uc-{key}", UC, f"{key}-inc", key, percent)),
    )
    for key, percent in (("shop", "97"), *promises):
        assert found.composite(key).expected.q == pytest.approx(1 - float(Decimal(percent) / 100), rel=1e-12)
    own = {found.key_of(row.entity): row.minutes / row.birnbaum / 43_200 for row in found.contributions("shop")}
    assert own["a"] == pytest.approx(1 - 97 / 98)
    assert own["b"] == pytest.approx(1 - 98 / 99)
    assert own["c"] == pytest.approx(0.01)
