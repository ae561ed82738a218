"""An outage by the clock, minute by minute, and what it leaves behind: the definitions of section 5, word for word.

Nothing here uses the engine. Every time is a whole number of minutes, every loss a fraction; None is a loss not stated.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

Member = tuple[int, int]
"""A supplier, and the minutes that the consumer survives without it."""
SoftEdge = tuple[int, Fraction | None, int]
"""A supplier, the loss, and the minutes until it is felt."""
Turn = tuple[int, int]
"""A minute, and a round of it: 0 for what fails by itself or whose tolerance runs out, then one after the other."""
LONG = 120
"""More minutes than any chain of tolerances of a sample comes to."""


@dataclass(frozen=True, slots=True)
class Estate:
    """A random estate: `groups[v] = [(k, members), ...]`, `soft[v] = [edge, ...]`."""

    groups: tuple[tuple[tuple[int, tuple[Member, ...]], ...], ...]
    soft: tuple[tuple[SoftEdge, ...], ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """How an entity fares: its state, its onset and its loss; `spare` is the least margin where it lost a member."""

    state: str
    onset: int | None
    loss: Fraction | None
    spare: int | None


def random_estate(seed: int, *, tolerant: float = 0.5, unstated: float = 0.0) -> Estate:
    """An estate of up to ten entities with cycles, shared suppliers, groups, tolerances and soft edges."""
    random = Random(seed)
    size = random.randint(2, 10)

    def minutes() -> int:
        return random.randint(1, 9) if random.random() < tolerant else 0

    groups = []
    soft = []
    for v in range(size):
        others = [u for u in range(size) if u != v and (seed % 2 or u > v)]
        own: dict[tuple[int, ...], int] = {}
        for _ in range(random.choice((0, 1, 1, 2, 3)) if others else 0):
            n = min(random.choice((1, 1, 2, 2, 3, 4)), len(others))
            own[tuple(sorted(random.sample(others, n)))] = random.randint(1, n)
        hard = {u for members in own for u in members}
        groups.append(tuple((k, tuple((u, minutes()) for u in members)) for members, k in own.items()))
        soft.append(
            tuple(
                (u, None if random.random() < unstated else Fraction(random.choice((0, 1, 2, 5, 10)), 10), minutes())
                for u in range(size)
                if u != v and u not in hard and random.random() < 0.15
            )
        )
    return Estate(tuple(groups), tuple(soft))


def turns(estate: Estate, failed: Collection[int], minutes: int | None) -> dict[int, Turn]:
    """When each entity that goes down does: the clock ticks, and at each minute all falls that has lost enough."""
    found = dict.fromkeys(failed, (0, 0)) if minutes is None or minutes > 0 else {}
    for now in range(LONG if minutes is None else minutes):
        for round_ in range(1, len(estate.groups) + 1):
            falling = [
                v for v in range(len(estate.groups)) if v not in found and causes(estate, found, v, (now, round_))
            ]
            found.update(dict.fromkeys(falling, (now, round_)))
    return found


def causes(estate: Estate, found: Mapping[int, Turn], v: int, turn: Turn) -> list[int]:
    """The members that an entity has lost before a turn, of the groups that have too few left."""
    gone = [
        ([u for u, t in ms if u in found and is_lost(found[u], t, turn)], len(ms) - k) for k, ms in estate.groups[v]
    ]
    return [u for lost, spare in gone if len(lost) > spare for u in lost]


def is_lost(fell: Turn, tolerance: int, turn: Turn) -> bool:
    """Whether what fell at one turn is lost before another."""
    return fell < turn if tolerance == 0 else fell[0] + tolerance <= turn[0]


def distances(estate: Estate, failed: Collection[int], minutes: int | None) -> dict[int, int]:
    """The steps of the shortest chain of causes to each entity that is worse off."""
    end = LONG if minutes is None else minutes
    fell = turns(estate, failed, minutes)
    since = {v: now for v, (now, _) in fell.items()}
    found: dict[int, int] = {}
    for v in sorted(fell, key=fell.__getitem__):
        found[v] = 1 + min((found[u] for u in causes(estate, fell, v, fell[v])), default=-1)
    felt = felt_losses(estate, since, end)
    for v, fate in fates(estate, failed, minutes).items():
        if fate.state == "DEGRADED":
            live = live_closure(estate, since, felt, v)
            found[v] = min(steps + 1 + found[u] for w, steps in live.items() for u, _, _ in felt[w])
        elif fate.state == "AT_RISK":
            tight = (ms for k, ms in estate.groups[v] if sum(u not in since for u, _ in ms) <= k)
            found[v] = 1 + min(found[u] for ms in tight for u, t in ms if u in since and since[u] + t < end)
    return found


def felt_losses(
    estate: Estate, since: Mapping[int, int], end: int
) -> dict[int, list[tuple[int, Fraction | None, int]]]:
    """For every entity that is up the soft suppliers that it has lost before the end, and since when."""
    return {
        v: [(u, d, since[u] + t) for u, d, t in own if u in since and since[u] + t < end and d != 0]
        for v, own in enumerate(estate.soft)
        if v not in since
    }


def fates(estate: Estate, failed: Collection[int], minutes: int | None) -> dict[int, Fate]:
    """How every entity fares that is not simply UP with nothing lost."""
    end = LONG if minutes is None else minutes
    since = {v: now for v, (now, _) in turns(estate, failed, minutes).items()}
    felt = felt_losses(estate, since, end)
    found = {v: Fate("DOWN", onset, None, None) for v, onset in since.items()}
    for v in felt:
        lost = [([(u, t) for u, t in ms if u in since], len(ms) - k) for k, ms in estate.groups[v]]
        margins = [spare - len(gone) for gone, spare in lost if gone]
        risks = [since[u] + t for gone, spare in lost if spare <= len(gone) for u, t in gone]
        spare = min(margins, default=None)
        live = live_closure(estate, since, felt, v)
        lost_softly = [one for w in live for one in felt[w]]
        if lost_softly:
            found[v] = Fate("DEGRADED", min(at for _, _, at in lost_softly), product_loss(lost_softly), spare)
        elif any(at < end for at in risks):
            found[v] = Fate("AT_RISK", min(risks), None, spare)
        elif spare is not None:
            found[v] = Fate("UP", None, None, spare)
    return found


def product_loss(lost: Sequence[tuple[int, Fraction | None, int]]) -> Fraction | None:
    """Each supplier once, with its largest loss; unknown where a loss is not stated."""
    if any(d is None for _, d, _ in lost):
        return None
    kept = Fraction(1)
    for u in {u for u, _, _ in lost}:
        kept *= 1 - max(d for other, d, _ in lost if other == u and d is not None)
    return 1 - kept


def live_closure(
    estate: Estate, since: Mapping[int, int], felt: Mapping[int, Sequence[object]], root: int
) -> dict[int, int]:
    """What the root reaches through members that are up; where enough of them lose nothing, through these only.

    With the fewest steps to each.
    """
    loses = set(_losers(estate, since, felt))
    live, wave = {root: 0}, [root]
    while wave:
        reached: dict[int, int] = {}
        for v in wave:
            for k, ms in estate.groups[v]:
                up = [u for u, _ in ms if u not in since]
                whole = [u for u in up if u not in loses]
                reached |= {u: live[v] + 1 for u in (whole if len(whole) >= k else up) if u not in live}
        live |= reached
        wave = list(reached)
    return live


def _losers(estate: Estate, since: Mapping[int, int], felt: Mapping[int, Sequence[object]]) -> Iterator[int]:
    """Entities that are up and lose something: the least set that follows from the own losses."""
    found = {v for v, own in felt.items() if own}
    while True:
        more = {
            v
            for v in felt.keys() - found
            for k, ms in estate.groups[v]
            if any(u in found for u, _ in ms) and sum(u not in since and u not in found for u, _ in ms) < k
        }
        if not more:
            yield from found
            return
        found |= more
