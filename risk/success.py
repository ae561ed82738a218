"""Expected success: availability less what lost soft suppliers cost, on the joint state.

Formula: `S(v) = E[UP(v) (1 - loss)]`, `loss = 1 - prod (1 - d_u)` over the distinct soft suppliers u of the live
closure that are DOWN, each once, with the largest d among its live edges. The live closure is what v reaches through UP
members; but a group with at least k members that are fully up is passed through these only. With a coin for each loss
(`soft.py`) `1 - S(v)` is the probability that v is down or a loss is felt: one more formula beside those of
availability, taken apart into the same independent factors. It is not monotone (a member that goes down is no longer
passed through), so diagrams hold negations; their terms stay positive.
Source: section 2; the coins and twins are derived here and checked against enumeration.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from risk.availability import Availability
from risk.components import components
from risk.formulas import ALWAYS, NEVER
from risk.graph import Group, restricted
from risk.limits import Check, unhurried
from risk.probability import P
from risk.reductions import Reduction
from risk.soft import Softened, softened
from risk.structure import closure
from risk.terms import Method
from risk.unavailability import Composite
from topology.errors import AnalysisTooLarge

_Edge = tuple[int, Group]


def expected_success(availability: Availability[P], root: int, check: Check = unhurried) -> Composite[P]:
    """`1 - S(root)`; a degradation without a stated loss counts 0.

    Where no diagram holds the joint state: INTERVAL, between losing nothing and feeling every loss within reach.

    Cost: that of a composite, over what the root can lose as well.
    """
    plain = availability.with_causes
    hard = closure(plain.system, root)
    lost = {edge.supplier for entity in hard for edge in plain.system.soft[entity] if edge.loss}
    if not lost:
        return availability.composite(root, check)
    within = sorted(hard.union(*(closure(plain.system, supplier) for supplier in lost)))
    system = restricted(plain.system, within, hard)
    soft = softened(system)
    number: Callable[[Fraction], P] = type(plain.own[0])
    own: list[P] = [plain.own[entity] for entity in within]
    own.extend(own[0] * 0 for _ in soft.twins)
    own.extend(number(coin) for coin in soft.coins)
    limits = replace(availability.prepared.limits, cone_blocks=len(own))
    engine = Availability(soft.system, own, limits=limits)
    top = within.index(root)
    losses = _Losses(
        soft, engine.prepared.cone_of(engine.prepared.condensed.block_of[top], check).reduction, top, check
    )
    try:
        return engine.composite(top, check, besides=losses.formulas())
    except AnalysisTooLarge:
        upper = engine.composite(top, check, besides=losses.relaxed()).upper
        lower = availability.composite(root, check).lower
        return Composite((lower + upper) / 2, Method.INTERVAL, 0, lower, upper)


@dataclass(frozen=True, slots=True)
class _Losses:
    """The losses that a root can feel, as formulas in the context of all that the root cannot do without."""

    soft: Softened
    reduction: Reduction
    root: int
    check: Check

    def formulas(self) -> list[int]:
        """One formula for each soft edge: its consumer is live, its supplier is down, and a coin comes up."""
        table = self.reduction.formulas
        live = self._live()
        felt = []
        for consumer, alive in live.items():
            for loss in self.soft.losses.get(consumer, ()):
                coins = table.any_of(self._literal(coin) for coin in loss.coins)
                felt.append(table.all_of((alive, self._failing(loss.supplier), coins)))
        return felt

    def relaxed(self) -> list[int]:
        """The same as if every loss within reach were felt: monotone, and never less likely."""
        table = self.reduction.formulas
        order = components(len(self.soft.system), self._lossy_members, (self.root,))
        losses = [loss for component in order for entity in component for loss in self.soft.losses.get(entity, ())]
        return [
            table.all_of((self._failing(loss.supplier), table.any_of(self._literal(coin) for coin in loss.coins)))
            for loss in losses
        ]

    def _live(self) -> dict[int, int]:
        """For each entity that can lose something the formula of its being in the live closure of the root.

        In a cycle the formulas are worked out as often as it has members: a shortest way in repeats none.
        """
        order = components(len(self.soft.system), self._lossy_members, (self.root,))
        into: dict[int, list[_Edge]] = {}
        for component in order:
            for entity in component:
                for group in self.soft.system.groups[entity]:
                    for member in group.members:
                        if member in self.soft.twins:
                            into.setdefault(member, []).append((entity, group))
        live = dict.fromkeys((entity for component in order for entity in component), NEVER)
        live[self.root] = ALWAYS
        for component in reversed(order):
            for _ in component:
                before = [live[entity] for entity in component]
                for entity in component:
                    if entity != self.root:
                        live[entity] = self._entered(entity, into[entity], live)
                if before == [live[entity] for entity in component]:
                    break
        return live

    def _entered(self, entity: int, into: list[_Edge], live: dict[int, int]) -> int:
        table = self.reduction.formulas
        ways = []
        for consumer, group in into:
            if live[consumer] == NEVER:
                continue
            if group.is_series:
                ways.append(live[consumer])
                continue
            # Only where too few members are fully up does the way lead through one that is merely up.
            twins = ((self._failing(self.soft.twins.get(member, member)), 1) for member in group.members)
            lossy = table.at_least(len(group.members) - group.required + 1, twins)
            ways.append(table.all_of((live[consumer], lossy, table.negation(self._failing(entity)))))
        return table.any_of(ways)

    def _lossy_members(self, entity: int) -> list[int]:
        groups = self.soft.system.groups[entity]
        return sorted({member for group in groups for member in group.members if member in self.soft.twins})

    def _failing(self, entity: int) -> int:
        blocks = self.reduction.condensed.block_of
        context = self.reduction.necessity.needs(blocks[self.root])
        return self.reduction.failing(blocks[entity], context, self.check)

    def _literal(self, entity: int) -> int:
        block = self.reduction.condensed.block_of[entity]
        return self.reduction.formulas.literal(block, self.reduction.necessity.bit_of[block])
