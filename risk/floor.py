"""What promises alone guarantee, whatever the dependence between suppliers; and what no supplier lets one exceed.

Formula: with u the unavailability promised, the sum of u over Z(v), and for every group of a member of Z(v) that Z(v)
does not already imply, with m = n - k + 1 failures needed, `min over r in 0..m-1 of (sum of the n-r smallest u)/(m-r)`.
A member's u is the same bound over its own closure without what is summed already.

What is summed may be any set S with v in it. When v is down, look at the first of S to fall: it failed itself, or a
group of it lost too many members outside of S, since nothing in S was down before. So `P[v down]` is at most the sum
of u over S and of the group terms with members in S counted 0, whatever the dependence. The letter takes Z(v) for S,
and may need more bounds than the limit: ways through cycles of groups multiply, each with other things summed already.
Then S is Z(v) with all of each cycle that it touches, so that no way leads back into one. Where that is still too much
a member's u is that of its whole closure, which it never exceeds: one bound for each entity. In either case S is all
that v reaches instead, where that comes to less. These hold for every joint distribution with these u, like the
letter's, and so are never below what is expected.
Units: those of the contributions: unavailability, or minutes of a window.
Assumes: nothing about dependence.
Cost: the closure of the root, and again the closure of each member of a redundant group in it, up to `Limits.bounds`.
Source: Rueger (1978) for k-of-n under any dependence.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from risk.components import components
from risk.graph import Group
from risk.limits import Check, unhurried
from risk.reduced.prepared import Prepared

_TASK = 200
"""What a bound weighs against `Limits.bounds`, beside the entities that it leaves out."""
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
            count as max(promise, bound of their suppliers) and are not entered; none on a cycle (docs/decisions.md).
        cap: the most that anything can come to: 1, or the minutes of the window.
        check: called every few thousand steps.

    Returns:
        The bound in the unit of `contribution`, at most `cap`; that where the root is down. The guaranteed floor is
        1 - this.
    """
    if root in prepared.fallen:
        return cap
    return _within_limits(prepared.standing, _Figures(contribution, whole, cap), root, check).bound(root)


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
    return _within_limits(prepared.standing, _Figures(contribution, whole, cap), root, check).terms(root)


def ceiling(prepared: Prepared, own: Sequence[float], root: int, check: Check = unhurried) -> float:
    """The unavailability of the ceiling: the largest own q over the root and its single points; 1 if it is down."""
    if root in prepared.fallen:
        return 1.0
    return max(own[entity] for entity in prepared.needs(root, check))


class _Task(NamedTuple):
    """The bound of an entity without what is counted already; without its own promise where only `beneath` it."""

    entity: int
    counted: frozenset[int]
    beneath: bool


class _Summand(NamedTuple):
    """A term of a bound before its figures are known: the bounds it waits for, None for what counts 0."""

    entity: int
    group: Group | None = None
    waits_for: tuple[_Task | None, ...] = ()


@dataclass(frozen=True, slots=True)
class _Figures:
    """What every entity contributes, the promises that cover their suppliers, and the most that anything comes to."""

    contribution: Sequence[float]
    whole: Mapping[int, float]
    cap: float


@dataclass(frozen=True, slots=True)
class _Rung:
    """How finely bounds are told apart.

    Attributes:
        most: how much they may come to, each with the number of entities that it leaves out; None: they are few.
        cycle_of: the cycle of each entity that is on one, to be summed as a whole; None: to the letter.
        forgets: whether a member's bound is that of its whole closure, whatever is summed already.
    """

    most: int | None
    cycle_of: Mapping[int, Collection[int]] | None = None
    forgets: bool = False


class _Entangled(Exception):
    """More bounds would be needed than a rung has."""


def _within_limits(standing: Prepared, figures: _Figures, root: int, check: Check) -> "_Bounds":
    """The bounds of a root by the first rung that is not too much."""
    most = standing.limits.bounds
    found = _Bounds(standing, figures, _Rung(most), check)
    if found.are_few(root):
        return found
    cycle_of = _cycles(standing, root, check)
    found = _Bounds(standing, figures, _Rung(most, cycle_of), check)
    if found.are_few(root):
        return found
    return _Bounds(standing, figures, _Rung(None, cycle_of, forgets=True), check)


def _cycles(standing: Prepared, root: int, check: Check) -> dict[int, Collection[int]]:
    """The cycle of each entity that is on one, through groups too, of what a root requires."""
    system = standing.system
    found = components(len(system), system.suppliers, (root,), check)
    return {entity: members for members in found if len(members) > 1 for entity in members}


class _Bounds:
    """Bounds by entity and what is counted already, each worked out once; a stack of its own instead of recursion."""

    def __init__(self, prepared: Prepared, figures: _Figures, rung: _Rung, check: Check) -> None:
        self._prepared = prepared
        self._groups = prepared.system.groups
        self._contribution = figures.contribution
        self._whole = figures.whole
        self._cap = figures.cap
        self._rung = rung
        self._check = check
        self._held = 0
        self._known: dict[_Task, float] = {}
        self._begun: dict[_Task, Sequence[Sequence[_Summand]]] = {}
        self._closures: dict[int, frozenset[int]] = {}
        self._needs: dict[int, frozenset[int]] = {}

    def are_few(self, root: int) -> bool:
        """Whether the bound of a root needs no more than the rung has."""
        try:
            self.bound(root)
        except _Entangled:
            return False
        return True

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
        return self._least(self._sums(_Task(root, frozenset(), beneath=False)))

    def _worked_out(self, task: _Task) -> Sequence[_Task]:
        """Store the bound of a task, or return the tasks that it waits for."""
        sums = self._begun.pop(task, None)
        if sums is None:
            sums = self._sums(task)
            waiting = [
                inner
                for summands in sums
                for summand in summands
                for inner in summand.waits_for
                if inner is not None and inner not in self._known
            ]
            if waiting:
                self._begun[task] = sums
                return waiting
        self._known[task] = min(self._cap, _joint(self._least(sums)))
        self._held += _TASK + len(task.counted)
        if self._rung.most is not None and self._held > self._rung.most:
            raise _Entangled
        return ()

    def _sums(self, task: _Task) -> Sequence[Sequence[_Summand]]:
        """The sums of which the least is a task's bound."""
        found = self._sum_over(self._summed(task), task)
        if self._rung.cycle_of is None:
            return (found,)
        return found, self._sum_over(frozenset(self._reached(task, {task.entity})), task)

    def _sum_over(self, summed: frozenset[int], task: _Task) -> list[_Summand]:
        """What a task's bound is the sum of that sums some entities."""
        counted = task.counted | summed
        found: list[_Summand] = []
        for entity in sorted(summed):
            is_meant = not (task.beneath and entity == task.entity)
            if is_meant and entity in self._whole:
                started = task.counted | {entity, task.entity}
                found.append(_Summand(entity, None, (self._task(entity, started, beneath=True),)))
                continue
            if is_meant:
                found.append(_Summand(entity))
            for group in self._groups[entity]:
                if len(counted.intersection(group.members)) < group.required:
                    tasks = [None if m in counted else self._task(m, counted, beneath=False) for m in group.members]
                    found.append(_Summand(entity, group, tuple(tasks)))
        return found

    def _task(self, entity: int, counted: frozenset[int], *, beneath: bool) -> _Task:
        return _Task(entity, frozenset() if self._rung.forgets else counted & self._closure(entity), beneath)

    def _least(self, sums: Sequence[Sequence[_Summand]]) -> Sequence[BoundTerm]:
        """The terms of the first sum that comes to the least, once all that they wait for is known."""
        return min(([self._term(summand) for summand in summands] for summands in sums), key=_joint)

    def _term(self, summand: _Summand) -> BoundTerm:
        entity, group, waits_for = summand
        if not waits_for:
            return BoundTerm(entity, self._contribution[entity])
        bounds = tuple([0.0 if inner is None else self._known[inner] for inner in waits_for])
        if group is not None:
            return BoundTerm(entity, _group_bound(group, bounds), group, bounds)
        (beneath,) = bounds
        return BoundTerm(entity, max(self._whole[entity], beneath), None, (self._whole[entity], beneath))

    def _summed(self, task: _Task) -> frozenset[int]:
        """Z of the task's entity, without what is counted and what only lies beneath promises that cover it.

        With all of each cycle that it touches, and Z of that, where cycles are summed as a whole.
        """
        found = self._cannot_do_without(task, {task.entity})
        cycle_of = self._rung.cycle_of or {}
        while True:
            touched = {one for entity in found for one in cycle_of.get(entity, ())} - task.counted
            if touched <= found:
                break
            found = self._cannot_do_without(task, touched | found)
        return frozenset(found)

    def _cannot_do_without(self, task: _Task, starts: set[int]) -> set[int]:
        """Some entities and their Z, as far as a task sums it."""
        for entity in starts - self._needs.keys():
            self._needs[entity] = self._prepared.needs(entity, self._check)
        needed = set[int]().union(*[self._needs[entity] for entity in starts])
        return (self._reached(task, starts) & needed) | starts

    def _reached(self, task: _Task, starts: Collection[int]) -> set[int]:
        """All that some entities require, without what is counted and what only lies beneath promises that cover it."""
        seen = set(starts)
        pending = list(starts)
        while pending:
            entity = pending.pop()
            if entity in self._whole and not (task.beneath and entity == task.entity):
                continue
            for group in self._groups[entity]:
                for member in group.members:
                    if member not in seen and member not in task.counted:
                        seen.add(member)
                        pending.append(member)
        return seen

    def _closure(self, entity: int) -> frozenset[int]:
        found = self._closures.get(entity)
        if found is None:
            found = self._closures[entity] = self._prepared.closure(entity)
        return found


def _joint(terms: Sequence[BoundTerm]) -> float:
    """What some terms come to together."""
    return sum(term.amount for term in terms)


def _group_bound(group: Group, members: Sequence[float]) -> float:
    """The most that a group can be short of `required` members, whatever the dependence between them."""
    ordered = sorted(members)
    failures = len(ordered) - group.required + 1
    sums = [0.0]
    for value in ordered:
        sums.append(sums[-1] + value)
    return min(sums[len(ordered) - r] / (failures - r) for r in range(failures))
