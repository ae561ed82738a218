"""Composite availability of an entity, with everything that an answer carries."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from risk.floor import ceiling, guaranteed
from risk.graph import System
from risk.limits import Check, unhurried
from risk.results import CompositeAvailability, Interval, MissingFigure, OwnFigure, Probability
from risk.structure import closure
from risk.success import expected_success
from risk.terms import ReasonCode
from risk.unavailability import Composite
from risk.view import View


def composite_availability(view: View, root: int, check: Check = unhurried) -> CompositeAvailability:
    """What the promises beneath the entity numbered `root` come to.

    Formula: section 2. Expected is A(v); the floor promises nothing where a figure is missing; the ceiling and the
    others count it as up.
    """
    system, availability = view.system, view.backed_out.availability
    expected = availability.composite(root, check)
    within = closure(system, root)
    if view.backed_out.unsettled:
        view.backed_out.ensure_settled(within | _beneath_softly(system, within))
    unknown = unknown_figures(system, view.figures, within)
    missing = (*unknown, *_missed_softly(system, view.figures, within))
    success = expected_success(availability, root, check)
    floor = guaranteed(availability.prepared, view.promised, root, whole=view.whole, check=check)
    return CompositeAvailability(
        entity=system.keys[root],
        expected=Probability(expected.unavailability),
        guaranteed_floor=Probability(floor),
        ceiling=Probability(ceiling(availability.prepared, view.backed_out.own, root, check)),
        expected_success=Probability(success.unavailability),
        method=expected.method,
        completeness=Decimal(len(within) - len(unknown)) / len(within),
        missing=missing,
        basis=view.basis,
        diagram_nodes=expected.diagram_nodes or None,
        interval=_interval(expected),
        success_interval=_interval(success),
    )


def _interval(found: Composite[float]) -> Interval | None:
    """The bounds of a figure that is not exact, as availabilities; with their confidence where they were sampled."""
    if found.is_exact:
        return None
    lower, upper, drawn = Probability(found.upper), Probability(found.lower), found.sampling
    if drawn is None:
        return Interval(lower, upper)
    return Interval(lower, upper, drawn.confidence, drawn.samples, drawn.seed)


def unknown_figures(
    system: System, figures: Mapping[str, OwnFigure], within: Collection[int]
) -> tuple[MissingFigure, ...]:
    """The own figures that are not known among some entities, by key."""
    own = [figures[system.keys[entity]] for entity in sorted(within)]
    return tuple(MissingFigure(figure.entity, figure.missing) for figure in own if figure.missing is not None)


def _missed_softly(
    system: System, figures: Mapping[str, OwnFigure], within: frozenset[int]
) -> tuple[MissingFigure, ...]:
    """What expected success cannot know beside a hard closure: own figures beneath its soft edges, then their losses.

    A loss that is not stated is shown under its supplier, once; nothing beneath that supplier counts then.
    """
    unstated = sorted({edge.supplier for entity in within for edge in system.soft[entity] if edge.loss is None})
    return (
        *unknown_figures(system, figures, _beneath_softly(system, within) - within),
        *(MissingFigure(system.keys[supplier], ReasonCode.NO_LOSS_STATED) for supplier in unstated),
    )


def _beneath_softly(system: System, within: Collection[int]) -> frozenset[int]:
    """What counts beneath the soft edges of some entities: suppliers with a stated loss, and their hard closures."""
    found: set[int] = set()
    for supplier in {edge.supplier for entity in within for edge in system.soft[entity] if edge.loss}:
        if supplier not in found:
            found |= closure(system, supplier)
    return frozenset(found)


def formula_of(system: System, root: int) -> str | None:
    """What an entity needs, in words: single suppliers by key, then groups: `api and web and 1 of (psp_a, psp_b)`."""
    single: list[str] = []
    several: list[str] = []
    for group in system.groups[root]:
        names = [system.keys[member] for member in group.members]
        if group.is_series:
            single += names
        else:
            several.append(f"{group.required} of ({', '.join(names)})")
    return " and ".join((*sorted(set(single)), *several)) or None
