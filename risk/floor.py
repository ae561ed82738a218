"""What promises alone guarantee, whatever the dependence between suppliers; and what no supplier lets one exceed.

Formula: with u the unavailability promised, the sum of u over Z(v), and for every group of a member of Z(v) that Z(v)
does not already imply, with m = n - k + 1 failures needed, `min over r in 0..m-1 of (sum of the n-r smallest u)/(m-r)`.
A member's u is the same bound over its own closure without what is summed already.
Units: those of the contributions: unavailability, or minutes of a window.
Assumes: nothing about dependence.
Cost: the closure of the root, and again the closure of each member of a redundant group in it.
Source: Rueger (1978) for k-of-n under any dependence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from risk.graph import Group
from risk.limits import Check, unhurried
from risk.prepared import Prepared

NONE_WHOLE: Mapping[int, float] = MappingProxyType({})


class BoundTerm(NamedTuple):
    """One term of a bound.

    Attributes:
        entity: whose it is: of a group the consumer.
        amount: what it adds.
        group: where it is a group's: it is short of members by no more than `amount`.
        members: the bounds of the group's members; of a promise that covers its suppliers: itself and their bound.
    """

    entity: int
    amount: float
    group: Group | None = None
    members: tuple[float, ...] = ()


def guaranteed(
    prepared: Prepared,
    contribution: Sequence[float],
    root: int,
    *,
    whole: Mapping[int, float] = NONE_WHOLE,
    cap: float = 1.0,
    check: Check = unhurried,
) -> float:
    """The most unavailability (or minutes) of the root that is consistent with every promise being kept.

    Args:
        prepared: the system (`Availability.prepared`).
        contribution: u of every entity, by number: unavailability, or minutes allowed in a window. What is missing
            is the caller's to give as `cap`.
        root: whose bound.
        whole: entities whose promise covers their suppliers as well (END_TO_END externals), with that promise; they
            count as max(promise, bound of their suppliers) and are not entered.
        cap: the most that anything can come to: 1, or the minutes of the window.
        check: called every few thousand steps.

    Returns:
        The bound in the unit of `contribution`, at most `cap`; that where the root is down. The guaranteed floor is
        1 - this.
    """
    if root in prepared.fallen:
        return cap
    return _Bounds(prepared.standing, contribution, whole, cap, check).bound(root)


def guaranteed_terms(
    prepared: Prepared,
    contribution: Sequence[float],
    root: int,
    *,
    whole: Mapping[int, float] = NONE_WHOLE,
    cap: float = 1.0,
    check: Check = unhurried,
) -> Sequence[BoundTerm]:
    """What `guaranteed` is the sum of, up to its cap, to be reckoned again by hand; nothing where the root is down."""
    if root in prepared.fallen:
        return ()
    return _Bounds(prepared.standing, contribution, whole, cap, check).terms(root)


def ceiling(prepared: Prepared, own: Sequence[float], root: int, check: Check = unhurried) -> float:
    """The unavailability of the ceiling: the largest own q over the root and its single points; 1 if it is down."""
    if root in prepared.fallen:
        return 1.0
    return max(own[entity] for entity in prepared.needs(root, check))


@dataclass(frozen=True, slots=True)
class _Task:
    """The bound of an entity without what is counted already; without its own promise where only `beneath` it."""

    entity: int
    counted: frozenset[int]
    beneath: bool


class _Bounds:
    """Bounds by entity and what is counted already, each worked out once; a stack of its own instead of recursion."""

    def __init__(
        self, prepared: Prepared, contribution: Sequence[float], whole: Mapping[int, float], cap: float, check: Check
    ) -> None:
        self._prepared = prepared
        self._groups = prepared.system.groups
        self._contribution = contribution
        self._whole = whole
        self._cap = cap
        self._check = check
        self._known: dict[_Task, float] = {}
        self._closures: dict[int, frozenset[int]] = {}

    def bound(self, root: int) -> float:
        first = _Task(root, frozenset(), beneath=False)
        pending = [first]
        while pending:
            self._check()
            task = pending[-1]
            if task not in self._known:
                waiting = self._worked_out(task)
                if waiting:
                    pending.extend(waiting)
                    continue
            pending.pop()
        return self._known[first]

    def terms(self, root: int) -> Sequence[BoundTerm]:
        """What the bound of a root is the sum of."""
        self.bound(root)
        return self._terms(_Task(root, frozenset(), beneath=False), [])

    def _worked_out(self, task: _Task) -> list[_Task]:
        """Store the bound of a task, or return the tasks that it waits for."""
        waiting: list[_Task] = []
        total = sum(term.amount for term in self._terms(task, waiting))
        if not waiting:
            self._known[task] = min(self._cap, total)
        return waiting

    def _terms(self, task: _Task, waiting: list[_Task]) -> list[BoundTerm]:
        """The terms of a task's bound; what they wait for is added to `waiting` and counts 0 so far."""

        def known(entity: int, counted: frozenset[int], *, beneath: bool) -> float:
            inner = _Task(entity, counted & self._closure(entity), beneath)
            if inner not in self._known:
                waiting.append(inner)
            return self._known.get(inner, 0.0)

        summed = self._summed(task)
        counted = task.counted | summed
        found: list[BoundTerm] = []
        for entity in sorted(summed):
            if entity in self._whole and not (task.beneath and entity == task.entity):
                started = task.counted | {entity, task.entity}
                beneath = known(entity, started, beneath=True)
                found.append(BoundTerm(entity, max(self._whole[entity], beneath), None, (self._whole[entity], beneath)))
                continue
            if not (task.beneath and entity == task.entity):
                found.append(BoundTerm(entity, self._contribution[entity]))
            for group in self._groups[entity]:
                if sum(member in counted for member in group.members) < group.required:
                    members = tuple(0.0 if m in counted else known(m, counted, beneath=False) for m in group.members)
                    found.append(BoundTerm(entity, _group_bound(group, members), group, members))
        return found

    def _summed(self, task: _Task) -> frozenset[int]:
        """Z of the task's entity, without what is counted and what only lies beneath promises that cover it."""
        seen = {task.entity}
        pending = [task.entity]
        while pending:
            entity = pending.pop()
            if entity in self._whole and not (task.beneath and entity == task.entity):
                continue
            for group in self._groups[entity]:
                for member in group.members:
                    if member not in seen and member not in task.counted:
                        seen.add(member)
                        pending.append(member)
        return frozenset(seen & self._prepared.needs(task.entity, self._check))

    def _closure(self, entity: int) -> frozenset[int]:
        found = self._closures.get(entity)
        if found is None:
            found = self._closures[entity] = self._prepared.closure(entity)
        return found


def _group_bound(group: Group, members: Sequence[float]) -> float:
    """The most that a group can be short of `required` members, whatever the dependence between them."""
    ordered = sorted(members)
    failures = len(ordered) - group.required + 1
    sums = [0.0]
    for value in ordered:
        sums.append(sums[-1] + value)
    return min(sums[len(ordered) - r] / (failures - r) for r in range(failures))
