"""Random estates for tests of scenarios, in the model's form and in the oracle's."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import networkx as nx

from risk.assessment import Assessment
from tests import oracles
from tests.risk.estates import JUNE, estate, promised
from tests.statements import company, vendor
from tests.strategies import as_decimal, sample
from topology.facts import EntityStatement, Statement
from topology.model import AgreementType, Degradation, EntityKind, Member, RequirementGroup

Needs = dict[int, list[tuple[int, tuple[int, ...]]]]


def key(number: int) -> str:
    """The key of an oracle's entity; keys stand in the order of their numbers."""
    return f"e{number}"


@dataclass(frozen=True, slots=True)
class Case:
    """A random estate: what each entity needs, what it is promised at, and which promises cover what is beneath."""

    groups: tuple[tuple[tuple[int, tuple[int, ...]], ...], ...]
    soft: tuple[tuple[tuple[int, Fraction], ...], ...]
    promised: tuple[Fraction, ...]
    whole: frozenset[int]

    def statements(self) -> list[Statement]:
        """The estate as facts: externals have contracts for the whole, the rest states its own availability."""
        found: list[Statement] = [company("us"), vendor("them")]
        for number, ratio in enumerate(self.promised):
            if number in self.whole:
                found.append(EntityStatement(key(number), EntityKind.EXTERNAL, provider="them"))
                percent = str(as_decimal(ratio) * 100)
                found += promised(f"uc-{number}", AgreementType.UC, "them", key(number), percent)
            else:
                kind = EntityKind.TRANSACTION if number == 0 else EntityKind.SERVICE
                found.append(EntityStatement(key(number), kind, availability=as_decimal(ratio)))
        for consumer, needs in enumerate(self.groups):
            for required, members in needs:
                found.append(RequirementGroup(key(consumer), required, tuple(Member(key(m)) for m in members)))
        for consumer, edges in enumerate(self.soft):
            found += [Degradation(key(consumer), key(supplier), as_decimal(loss)) for supplier, loss in edges]
        return found

    def assessment(self) -> Assessment:
        """The analyses of the estate."""
        return Assessment(estate(*self.statements()), JUNE)

    def own(self) -> list[Fraction]:
        """Own failure probabilities, promises of the whole backed out, suppliers first."""
        q = [1 - ratio for ratio in self.promised]
        whole = {number: self.promised[number] for number in self.whole}
        return oracles.backed_out(self.groups, whole, q, suppliers_first(self.groups))


def suppliers_first(groups: oracles.Groups) -> list[list[int]]:
    """The strongly connected components, suppliers first."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(groups)))
    graph.add_edges_from((v, m) for v, needs in enumerate(groups) for _, members in needs for m in members)
    condensed = nx.condensation(graph)
    return [sorted(condensed.nodes[node]["members"]) for node in reversed(list(nx.topological_sort(condensed)))]


def random_case(seed: int, *, whole: float = 0.0, softness: float = 0.0, entities: int = 7) -> Case:
    """A random estate; every other one has cycles."""
    random = Random(seed * 7 + 1)
    drawn = sample(seed, entities=entities, cyclic=seed % 2 == 1, softness=softness)
    covering = frozenset(v for v in range(1, len(drawn.q)) if random.random() < whole)
    soft = tuple(tuple((u, d) for u, d in edges if d > 0) for edges in drawn.soft)
    return Case(drawn.groups, soft, tuple(1 - q for q in drawn.q), covering)


def with_failed(q: list[Fraction], failed: Collection[int]) -> list[Fraction]:
    """Own failure probabilities once some have failed for certain."""
    return [Fraction(1) if v in failed else x for v, x in enumerate(q)]


def by_key(found: Mapping[int, Fraction]) -> dict[str, Fraction]:
    """Figures by key instead of number."""
    return {key(number): value for number, value in found.items()}
