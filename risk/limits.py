"""How far an analysis may go: by size first, by the caller's clock second; never by guess."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

T = TypeVar("T")

Check = Callable[[], None]
"""Called every few thousand steps; raises `DeadlinePassed` when the caller has waited long enough."""


_STRIDE = 512
"""Items between two looks at the clock: few, for some items take fifty microseconds."""


def unhurried() -> None:
    """No deadline."""


def paced_if_many(items: Collection[T], check: Check) -> Iterable[T]:
    """The same as `paced`, at no cost where there are so few that nobody waits for them."""
    return items if len(items) <= _STRIDE else paced(items, check)


def paced(items: Iterable[T], check: Check) -> Iterator[T]:
    """The same items, with a look at the clock every few hundred."""
    for step, item in enumerate(items, start=1):
        if step % _STRIDE == 0:
            check()
        yield item


@dataclass(frozen=True, slots=True)
class Sampling:
    """How worlds are drawn where nothing else tells: equal models and equal settings draw the same ones.

    Attributes:
        samples: how many.
        seed: what the generator starts from; of nothing but this.
        confidence: how sure the interval is to hold the exact figure, at least.
    """

    samples: int = 1 << 20
    seed: int = 1
    confidence: Decimal = Decimal("0.999")


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes at which the engine goes to its next rung.

    Attributes:
        diagram_nodes: decision nodes of one diagram on the first rung, in plain Python.
        large_diagram_nodes: and on the second, by the library; at most `diagram_nodes`: there is no second.
        conditionings: variables that one factor may be decided on before bounds are given.
        bounding_nodes: decision nodes of one diagram that only bounds are asked of; that of states with few failures
            may have some times more (`compilation.py`).
        cone_blocks: blocks that are worked on together; larger systems are taken in cones of about so many.
        cones_at_work: cones whose tables are kept; of more the one that was asked longest ago goes first. Cones of more
            than twice `cone_blocks` count for several.
        expansions: groups expanded under different contexts for one root before its worlds are sampled.
        unfoldings: groups of one cycle expanded under different contexts before it is solved as a whole; groups of one
            root looked at under yet another context before cut sets beyond the order are said to be possible.
        loss_formulas: formulas that tell what a root can lose, before worlds are sampled.
        knot_nodes: decision nodes of the solution of one cycle; beyond them worlds are sampled.
        bounds: entities that the bounds of a floor may be told apart by, before coarser ones are taken.
        sampling: how they are, where no bounds are known that are nearly as narrow.
    """

    diagram_nodes: int = 10_000
    large_diagram_nodes: int = 1_000_000
    conditionings: int = 4
    bounding_nodes: int = 60_000
    cone_blocks: int = 4_000
    cones_at_work: int = 8
    expansions: int = 200_000
    unfoldings: int = 2_000
    loss_formulas: int = 100_000
    knot_nodes: int = 200_000
    bounds: int = 4_000_000
    sampling: Sampling = Sampling()


DEFAULT_LIMITS = Limits()
"""For one entity that somebody waits for and for all entities of an estate alike: who asks changes no answer."""
