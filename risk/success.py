"""Expected success: availability less what lost soft suppliers cost, on the joint state.

Formula: `S(v) = E[UP(v) (1 - loss)]`, `loss = 1 - prod (1 - d_u)` over the distinct soft suppliers u of the live
closure that are DOWN, each once, with the largest d among its live edges. The live closure is what v reaches through UP
members; but a group with at least k members that are fully up is passed through these only. With a coin for each loss
(`soft.py`) `1 - S(v)` is the probability that v is down or a loss is felt: one more formula beside those of
availability, taken apart into the same independent factors. It is not monotone (a member that goes down is no longer
passed through), so diagrams hold negations; their terms stay positive.
Source: section 2; the coins and twins are derived here and checked against enumeration.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Generic, Protocol

from risk.availability import Availability
from risk.components import components
from risk.diagrams.formulas import ALWAYS, NEVER
from risk.graph import Group, restricted
from risk.limits import Check, unhurried
from risk.probability import P
from risk.reduced.reductions import Reduction
from risk.sampling import Worlds
from risk.soft import Softened, softened
from risk.structure import closure
from risk.terms import Method
from risk.unavailability import Composite
from topology.errors import AnalysisTooLarge

_Edge = tuple[int, Group]


def expected_success(availability: Availability[P], root: int, check: Check = unhurried) -> Composite[P]:
    """`1 - S(root)`; a degradation without a stated loss counts 0.

    Where no diagram holds the joint state: INTERVAL, between losing nothing and feeling every loss within reach, or
    SAMPLED, where that is far narrower.

    Cost: that of a composite, over what the root can lose as well.
    """
    plain = availability.with_causes
    hard = closure(plain.system, root)
    lost = {edge.supplier for entity in hard for edge in plain.system.soft[entity] if edge.loss}
    if not lost:
        return availability.composite(root, check)
    joint = _joint(availability, root, hard, sorted(hard.union(*(closure(plain.system, s) for s in lost))))
    found = joint.found(_Losses.felt, check)
    if found is not None and found.is_exact:
        return found
    certain = found or joint.between(availability, root, check)
    return joint.engine.or_sampled(joint.top, certain, partial(joint.less, check=check), check)


class _Logic(Protocol):
    """How what is said of states is put together: as formulas, or as sets of worlds."""

    def any_of(self, formulas: Iterable[int]) -> int: ...
    def all_of(self, formulas: Iterable[int]) -> int: ...
    def at_least(self, need: int, items: Iterable[tuple[int, int]]) -> int: ...
    def negation(self, formula: int) -> int: ...


@dataclass(frozen=True, slots=True)
class _States:
    """What can be said of states: an entity is down, a coin comes up; `always` is what holds in all of them.

    `check` is called for each entity that something is said of.
    """

    logic: _Logic
    check: Check
    is_down: Callable[[int], int]
    comes_up: Callable[[int], int]
    always: int


def _in_context(reduction: Reduction, root: int, most: int, check: Check) -> _States:
    """States as formulas, in the context of all that the root cannot do without; about `most` of them."""
    blocks, formulas = reduction.condensed.block_of, reduction.formulas
    context = reduction.necessity.needs(blocks[root])
    end = len(formulas.need) + most
    known: dict[int, int] = {}

    def is_down(entity: int) -> int:
        if len(formulas.need) > end:
            raise AnalysisTooLarge("what this entity can lose is too entangled")
        found = known.get(entity)
        if found is None:
            found = known[entity] = reduction.failing(blocks[entity], context, check)
        return found

    def comes_up(coin: int) -> int:
        return reduction.literal(blocks[coin])

    return _States(formulas, check, is_down, comes_up, ALWAYS)


@dataclass(frozen=True, slots=True)
class _Losses:
    """The losses that a root can feel while it is up."""

    soft: Softened
    root: int
    states: _States

    def felt(self) -> list[int]:
        """For each soft edge: its consumer is live, its supplier is down, and a coin comes up."""
        logic, states = self.states.logic, self.states
        live = self._live()
        felt = []
        for consumer, alive in live.items():
            for loss in self.soft.losses.get(consumer, ()):
                coins = logic.any_of(states.comes_up(coin) for coin in loss.coins)
                felt.append(logic.all_of((alive, states.is_down(loss.supplier), coins)))
        return felt

    def relaxed(self) -> list[int]:
        """The same as if every loss within reach were felt: monotone, and never less likely."""
        logic, states = self.states.logic, self.states
        order = components(len(self.soft.system), self._lossy_members, (self.root,))
        losses = [loss for component in order for entity in component for loss in self.soft.losses.get(entity, ())]
        return [
            logic.all_of((states.is_down(loss.supplier), logic.any_of(states.comes_up(coin) for coin in loss.coins)))
            for loss in losses
        ]

    def _live(self) -> dict[int, int]:
        """For each entity that can lose something the formula of its being in the live closure of the root.

        In a cycle the formulas are worked out as often as it has members: a shortest way in repeats none.
        """
        order = list(components(len(self.soft.system), self._lossy_members, (self.root,)))
        into: dict[int, list[_Edge]] = {}
        for component in order:
            for entity in component:
                for group in self.soft.system.groups[entity]:
                    for member in group.members:
                        if member in self.soft.twins:
                            into.setdefault(member, []).append((entity, group))
        live = dict.fromkeys((entity for component in order for entity in component), NEVER)
        live[self.root] = self.states.always
        for component in reversed(order):
            for _ in component:
                before = [live[entity] for entity in component]
                for entity in component:
                    self.states.check()
                    if entity != self.root:
                        live[entity] = self._entered(entity, into[entity], live)
                if before == [live[entity] for entity in component]:
                    break
        return live

    def _entered(self, entity: int, into: list[_Edge], live: dict[int, int]) -> int:
        logic, is_down = self.states.logic, self.states.is_down
        ways = []
        for consumer, group in into:
            if live[consumer] == NEVER:
                continue
            if group.is_series:
                ways.append(live[consumer])
                continue
            # Only where too few members are fully up does the way lead through one that is merely up.
            twins = ((is_down(self.soft.twins.get(member, member)), 1) for member in group.members)
            lossy = logic.at_least(len(group.members) - group.required + 1, twins)
            ways.append(logic.all_of((live[consumer], lossy, logic.negation(is_down(entity)))))
        return logic.any_of(ways)

    def _lossy_members(self, entity: int) -> list[int]:
        groups = self.soft.system.groups[entity]
        return sorted({member for group in groups for member in group.members if member in self.soft.twins})


@dataclass(frozen=True, slots=True)
class _Joint(Generic[P]):
    """The joint state of a root and of all that it can lose: a system with twins and coins, in an engine of its own."""

    soft: Softened
    engine: Availability[P]
    top: int

    def found(self, formulas: Callable[[_Losses], Sequence[int]], check: Check) -> Composite[P] | None:
        """The probability that the root is down or feels what some formulas say; None where no rung holds that."""
        prepared = self.engine.prepared
        reduction = prepared.cone_of(prepared.blocks(check).block_of[self.top], check).reduction
        most = prepared.limits.loss_formulas
        losses = _Losses(self.soft, self.top, _in_context(reduction, self.top, most, check))
        try:
            return self.engine.composite(self.top, check, besides=formulas(losses))
        except AnalysisTooLarge:
            return None

    def between(self, plain: Availability[P], root: int, check: Check) -> Composite[P] | None:
        """Bounds for certain: losing nothing, and feeling every loss within reach; None where these are not known."""
        most = self.found(_Losses.relaxed, check)
        least = plain.composite(root, check)
        if most is None or least.method is Method.SAMPLED:
            return None
        return Composite((least.lower + most.upper) / 2, Method.INTERVAL, 0, least.lower, most.upper)

    def less(self, some: Worlds, check: Check) -> int:
        """The worlds in which the root is down, or up and feels a loss."""
        block_of = self.engine.prepared.condensed.block_of

        def is_down(entity: int) -> int:
            return some.down[block_of[entity]]

        def comes_up(coin: int) -> int:
            return some.failed.get(block_of[coin], 0)

        losses: _Losses = _Losses(self.soft, self.top, _States(some, check, is_down, comes_up, some.all_of(())))
        return some.any_of((is_down(self.top), *losses.felt()))


def _joint(availability: Availability[P], root: int, hard: Collection[int], within: Sequence[int]) -> _Joint[P]:
    plain = availability.with_causes
    soft = softened(restricted(plain.system, within, hard))
    number: Callable[[Fraction], P] = type(plain.own[0])
    own: list[P] = [plain.own[entity] for entity in within]
    own.extend(own[0] * 0 for _ in soft.twins)
    own.extend(number(coin) for coin in soft.coins)
    limits = replace(availability.prepared.limits, cone_blocks=len(own))
    return _Joint(soft, Availability(soft.system, own, limits=limits), within.index(root))
