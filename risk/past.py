"""What the view of one revision has worked out, and what of it holds in the view of another: what no change reaches.

A composite with all that its answer carries rests on its hard closure and on what lies beneath the soft edges of that:
groups, soft edges, own figures as backed out and as promised, what has failed, and why figures are missing. Views are
compared by keys, so that entities may come and go and all numbers may change.
Cost: one look at every entity of both, and what requires those that differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from risk.graph import System
from risk.limits import Check
from risk.reach import neighbourhood
from risk.results import CompositeAvailability
from risk.sweep import Past, changed_entities, past_of, take_over
from risk.terms import Direction, ReasonCode
from risk.view import View

_Promised = tuple[float, float | None, ReasonCode | None]
"""What is promised of an entity, of it with its suppliers, and why no figure is known."""


@dataclass(frozen=True, slots=True)
class PastView:
    """What a view has worked out: composites of its engine, and whole answers about composites, by number."""

    engine: Past
    promised: Sequence[_Promised] = field(repr=False)
    answers: Mapping[int, CompositeAvailability] = field(repr=False)


def past_view(view: View, answers: Mapping[int, CompositeAvailability]) -> PastView:
    """What is known of a view by now; of what only bounds are known is left to be found again."""
    exact = {root: a for root, a in answers.items() if a.interval is None and a.success_interval is None}
    return PastView(past_of(view.backed_out.availability), _promised(view), exact)


def taken_over(view: View, past: PastView, check: Check) -> dict[int, CompositeAvailability]:
    """Let a view's engine know the composites that no change reaches; the answers that none does, by number."""
    engine = view.backed_out.availability
    was, now = past.engine.system, view.system
    changed = changed_entities(was, past.engine.own, now, engine.own)
    take_over(engine, past.engine, check, changed=changed)
    if not past.answers:
        return {}
    for entity, promised in enumerate(_promised(view)):
        number = was.index.get(now.keys[entity], -1)
        if number < 0 or past.promised[number] != promised or _losses(was, number) != _losses(now, entity):
            changed.add(entity)
    reached = neighbourhood(now, sorted(changed), Direction.REQUIRED_BY, len(now), len(now), check=check).entities
    affected = frozenset(reached)
    found: dict[int, CompositeAvailability] = {}
    for number, answer in past.answers.items():
        entity = now.index.get(was.keys[number], -1)
        if entity >= 0 and entity not in affected:
            found[entity] = answer
    return found


def _promised(view: View) -> list[_Promised]:
    figures = view.figures.values()
    return [(view.promised[n], view.whole.get(n), figure.missing) for n, figure in enumerate(figures)]


def _losses(system: System, entity: int) -> set[tuple[str, Decimal | None]]:
    return {(system.keys[edge.supplier], edge.loss) for edge in system.soft[entity]}
