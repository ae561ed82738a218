"""Answers by brute force, from the definitions alone: exact rationals, every state, no cleverness.

Nothing here uses the engine. A system is `groups[v] = [(k, members), ...]`, own failure probabilities are `Fraction`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product

Groups = Sequence[Sequence[tuple[int, Sequence[int]]]]
Soft = Sequence[Sequence[tuple[int, Fraction]]]
State = frozenset[int]


def down(groups: Groups, failed: Collection[int]) -> frozenset[int]:
    """The greatest fixpoint: everything up but `failed`, then marked down until nothing changes."""
    up = set(range(len(groups))) - set(failed)
    while True:
        falling = {v for v in up if any(sum(m in up for m in members) < k for k, members in groups[v])}
        if not falling:
            return frozenset(range(len(groups))) - up
        up -= falling


def states(q: Sequence[Fraction]) -> Iterator[tuple[State, Fraction]]:
    """Every set of own failures with its probability; entities that never or always fail are not branched on."""
    certain = frozenset(v for v, x in enumerate(q) if x == 1)
    open_ = [v for v, x in enumerate(q) if 0 < x < 1]
    for outcome in product((False, True), repeat=len(open_)):
        weight = Fraction(1)
        for v, fails in zip(open_, outcome, strict=True):
            weight *= q[v] if fails else 1 - q[v]
        yield certain | {v for v, fails in zip(open_, outcome, strict=True) if fails}, weight


def unavailabilities(groups: Groups, q: Sequence[Fraction]) -> list[Fraction]:
    """P[v is down] of every entity."""
    found = [Fraction(0)] * len(groups)
    for failed, weight in states(q):
        for v in down(groups, failed):
            found[v] += weight
    return found


def single_points(groups: Groups, root: int) -> set[int]:
    """{ s != root : root in down({s}) }."""
    return {s for s in range(len(groups)) if s != root and root in down(groups, {s})}


def minimal_cut_sets(groups: Groups, root: int, max_order: int) -> set[frozenset[int]]:
    """Minimal sets of other entities whose joint failure stops the root."""
    others = [v for v in range(len(groups)) if v != root]
    found: set[frozenset[int]] = set()
    for order in range(1, max_order + 1):
        for chosen in map(frozenset, combinations(others, order)):
            if not any(smaller <= chosen for smaller in found) and root in down(groups, chosen):
                found.add(chosen)
    return found


def losses(groups: Groups, soft: Soft, state: State, root: int) -> Fraction:
    """The loss of a root that is up, by walking its live closure as section 2 words it."""
    is_down = down(groups, state)
    # An entity loses something when a soft supplier with a loss is down, or it must pass through one that loses.
    lossy = {v for v in range(len(groups)) if any(d > 0 and u in is_down for u, d in soft[v])}
    full = set(range(len(groups))) - is_down - lossy
    while True:
        falling = {v for v in full if any(sum(m in full for m in members) < k for k, members in groups[v])}
        if not falling:
            break
        full -= falling
    live, pending = {root}, [root]
    while pending:
        v = pending.pop()
        for k, members in groups[v]:
            through = [m for m in members if m in full]
            if len(through) < k:
                through = [m for m in members if m not in is_down]
            for m in through:
                if m not in live:
                    live.add(m)
                    pending.append(m)
    worst: dict[int, Fraction] = {}
    for v in live:
        for u, d in soft[v]:
            if u in is_down:
                worst[u] = max(worst.get(u, Fraction(0)), d)
    kept = Fraction(1)
    for d in worst.values():
        kept *= 1 - d
    return 1 - kept


def expected_success(groups: Groups, soft: Soft, q: Sequence[Fraction], root: int) -> Fraction:
    """E[UP(root) (1 - loss)]."""
    total = Fraction(0)
    for failed, weight in states(q):
        if root not in down(groups, failed):
            total += weight * (1 - losses(groups, soft, failed, root))
    return total


def backed_out(
    groups: Groups, promised: Mapping[int, Fraction], own: Sequence[Fraction], order: Sequence[Sequence[int]]
) -> list[Fraction]:
    """Own failure probabilities with END_TO_END promises backed out, components (suppliers first) in turn."""
    q = list(own)
    for component in order:
        within = list(q)
        for v in component:
            within[v] = Fraction(0)
        supplied = unavailabilities(groups, within)
        for v in component:
            if v in promised:
                q[v] = max(Fraction(0), 1 - promised[v] / (1 - supplied[v])) if supplied[v] < 1 else Fraction(0)
    return q
