"""Random systems for property tests, seeded: the same number makes the same system."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random

from risk.graph import Group, SoftEdge, System, assembled


@dataclass(frozen=True, slots=True)
class Sample:
    """A random system in the engine's form and in the oracle's, with own failure probabilities."""

    system: System
    groups: tuple[tuple[tuple[int, tuple[int, ...]], ...], ...]
    soft: tuple[tuple[tuple[int, Fraction], ...], ...]
    q: tuple[Fraction, ...]


def sample(
    seed: int, *, entities: int = 9, cyclic: bool = False, scale: int = 1, softness: float = 0.0, certain: bool = False
) -> Sample:
    """A random system of up to `entities`: hard edges, k-of-n groups with shared members, cycles if asked.

    Args:
        seed: the same number makes the same system.
        entities: at most so many.
        cyclic: edges may lead back; otherwise only to higher numbers.
        scale: own failure probabilities are about 1 in 10 x scale.
        softness: the share of pairs with a soft edge.
        certain: some entities never fail and some always do.
    """
    random = Random(seed)
    size = random.randint(2, entities)
    groups: list[tuple[tuple[int, tuple[int, ...]], ...]] = []
    for v in range(size):
        others = [u for u in range(size) if u != v] if cyclic else list(range(v + 1, size))
        own: dict[tuple[int, ...], int] = {}
        for _ in range(random.choice((0, 1, 1, 2, 3)) if others else 0):
            n = min(random.choice((1, 1, 2, 2, 3, 4)), len(others))
            members = tuple(sorted(random.sample(others, n)))
            own[members] = random.randint(1, n) if random.random() < 0.8 else n
        groups.append(tuple((k, members) for members, k in own.items()))
    hard = [{m for _, members in own for m in members} for own in groups]
    soft = tuple(
        tuple(
            (u, Fraction(random.choice((0, 1, 2, 5, 10)), 10))
            for u in range(size)
            if u != v and u not in hard[v] and random.random() < softness
        )
        for v in range(size)
    )
    q = [Fraction(random.randint(1, 19), 100 * scale) for _ in range(size)]
    if certain:
        q = [random.choice((x, x, x, Fraction(0), Fraction(1))) for x in q]
    return Sample(engine_system(groups, soft), tuple(groups), soft, tuple(q))


def engine_system(
    groups: "list[tuple[tuple[int, tuple[int, ...]], ...]] | tuple[tuple[tuple[int, tuple[int, ...]], ...], ...]",
    soft: tuple[tuple[tuple[int, Fraction], ...], ...] | None = None,
) -> System:
    """The engine's form of a system."""
    return assembled(
        tuple(f"e{v:06}" for v in range(len(groups))),
        tuple(tuple(Group(k, members) for k, members in own) for own in groups),
        None if soft is None else tuple(tuple(SoftEdge(u, as_decimal(d)) for u, d in own) for own in soft),
    )


def as_decimal(value: Fraction) -> Decimal:
    """A fraction whose denominator divides a power of ten."""
    return Decimal(value.numerator) / Decimal(value.denominator)
