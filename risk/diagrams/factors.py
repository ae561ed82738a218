"""A formula that is ready to be evaluated: modules in closed form or as diagrams, each after those that it uses.

Formula: any: `1 - prod (1 - q)`; all: `prod q`; else a diagram. Derivatives by one backward pass over the modules.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from risk.diagrams.diagram import Diagram
from risk.diagrams.modules import Leaf
from risk.diagrams.slopes import derivatives
from risk.limits import Check, unhurried
from risk.probability import P, either


@dataclass(frozen=True, slots=True)
class Part:
    """One module: its leaves, and a diagram over them unless it is any (else all) of them.

    Where `failures` is a number the diagram is right in states with at most so many leaves failing, and errs to the
    lower side in others.
    """

    leaves: tuple[Leaf, ...]
    diagram: Diagram | None
    is_any: bool
    failures: int | None = None


@dataclass(frozen=True, slots=True)
class Factor:
    """A formula that is compiled: `nodes` counts the decision nodes of its diagrams, 0 in closed form."""

    parts: tuple[Part, ...]
    nodes: int

    @property
    def is_exact(self) -> bool:
        """Whether its probability is known, and not only bounds."""
        return all(part.failures is None for part in self.parts)

    def bounds(self, q: Sequence[P], check: Check = unhurried) -> tuple[P, P]:
        """A lower and an upper bound of the probability, equal where it is exact.

        Formula: a diagram that looks at no more than k failures misses at most `P[more than k leaves fail]`.
        """
        if self.is_exact:
            found = self.probability(q)
            return found, found
        lower: list[P] = []
        upper: list[P] = []
        for part in self.parts:
            check()
            lower.append(_part_value(part, [_leaf_value(leaf, lower, q) for leaf in part.leaves]))
            values = [_leaf_value(leaf, upper, q) for leaf in part.leaves]
            missed = values[0] * 0 if part.failures is None else more_fail(values, part.failures)
            upper.append(min(_part_value(part, values) + missed, values[0] * 0 + 1))
        return lower[-1], upper[-1]

    def probability(self, q: Sequence[P]) -> P:
        """The probability of the formula under the probability q of each variable."""
        found: list[P] = []
        for part in self.parts:
            values = [_leaf_value(leaf, found, q) for leaf in part.leaves]
            found.append(_part_value(part, values))
        return found[-1]

    def slopes(self, q: Sequence[P], check: Check = unhurried) -> dict[int, P]:
        """The derivative of the probability by each variable's q."""
        found: list[P] = []
        inner: list[list[P]] = []
        for part in self.parts:
            value, by_leaf = _with_slopes(part, [_leaf_value(leaf, found, q) for leaf in part.leaves], check)
            found.append(value)
            inner.append(by_leaf)
        share = [found[-1] * 0 for _ in found]
        share[-1] += 1
        slopes: dict[int, P] = {}
        for part, by_leaf, weight in zip(reversed(self.parts), reversed(inner), reversed(share), strict=True):
            for leaf, slope in zip(part.leaves, by_leaf, strict=True):
                if leaf.module is not None:
                    share[leaf.module] += weight * slope
                    continue
                values = [q[v] if not leaf.is_any else 1 - q[v] for v in leaf.variables]
                for variable, others in zip(leaf.variables, products_of_others(values), strict=True):
                    slopes[variable] = weight * slope * others
        return slopes


def products_of_others(values: Sequence[P]) -> list[P]:
    """For each value the product of all others, without dividing, since any may be 0."""
    if len(values) == 1:
        return [values[0] * 0 + 1]
    found = list(values)
    product = values[0] * 0 + 1
    for position, value in enumerate(values):
        found[position] = product
        product *= value
    product = values[0] * 0 + 1
    for position in range(len(values) - 1, -1, -1):
        found[position] *= product
        product *= values[position]
    return found


def _leaf_value(leaf: Leaf, modules: Sequence[P], q: Sequence[P]) -> P:
    if leaf.module is not None:
        return modules[leaf.module]
    return _combined([q[variable] for variable in leaf.variables], is_any=leaf.is_any)


def _combined(values: Sequence[P], *, is_any: bool) -> P:
    found = values[0]
    for value in values[1:]:
        found = either(found, value) if is_any else found * value
    return found


def _part_value(part: Part, values: Sequence[P]) -> P:
    if part.diagram is None:
        return _combined(values, is_any=part.is_any)
    return part.diagram.values(values)[part.diagram.root]


def _with_slopes(part: Part, values: Sequence[P], check: Check) -> tuple[P, list[P]]:
    """A part's probability, and its derivative by each leaf's."""
    if part.diagram is None:
        slopes = products_of_others([1 - value for value in values] if part.is_any else values)
        return _combined(values, is_any=part.is_any), slopes
    nodes = part.diagram.values(values)
    return nodes[part.diagram.root], derivatives(part.diagram, values, nodes, check)


def more_fail(q: Sequence[P], most: int) -> P:
    """The probability that more than `most` of some independent variables hold; all terms positive.

    Cost: their number times `most`.
    """
    zero: P = q[0] * 0
    exactly: list[P] = [zero + 1]
    exactly += [zero] * most
    more = zero
    for one in q:
        more += one * exactly[most]
        for count in range(most, 0, -1):
            exactly[count] = (1 - one) * exactly[count] + one * exactly[count - 1]
        exactly[0] *= 1 - one
    return more
