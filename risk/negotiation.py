"""What a supplier would have to promise so that a commitment is kept, everything else as it is.

Formula: with own availabilities fixed A is affine in each, so `a_x* = (t - A|x=0) / (A|x=1 - A|x=0)`; in
unavailabilities `q_x* = ((1 - t) - U|x=1) / I`. The figure to ask for is a_x* itself where it covers own faults only
(INTRINSIC), `a_x* A'(x)` where it covers the supplier's own suppliers too (END_TO_END). A member of a group with a
common cause moves that cause as well: there q_x* is found by halving, U being monotone in it.
Units: unavailabilities; headroom in minutes of the commitment's window.
Assumes: independence, as the expected headroom does; what is missing counts as up, and is named.
Cost: one backward pass for all suppliers, and one composite for each whose failures are nearly all there is.
Source: section 4, "Negotiation"; Birnbaum (1969).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from functools import cached_property

from risk.agreements.choice import in_order
from risk.composite import unknown_figures
from risk.headroom import steady
from risk.importance import Needed, needed
from risk.limits import Check
from risk.link_requirement import WindowRequirement
from risk.probability import either
from risk.results import Commitment, MissingFigure, OwnFigure, Probability
from risk.structure import closure
from risk.terms import ReasonCode
from risk.view import View
from topology.model import EntityKind, Extent

_DIGITS = 10
"""Significant digits of a required unavailability: those of the worked 99.96001096461 %."""
_TELLING = 1e-12
"""The least step, as a share of the promised unavailability, that the 13 digits of a headroom can tell."""
_SNAP = Decimal("0.001")
"""A figure nearer to a step than this share of it lies on the step: the rest is a float's last bits."""
_WIDE = Context(prec=50, rounding=ROUND_HALF_EVEN)
_HALVINGS = 80


@dataclass(frozen=True, slots=True)
class NegotiationOption:
    """One supplier's figure by itself: what to ask for, and where that leads.

    Attributes:
        supplier: its key.
        required: the least figure that keeps the promise; the most that can be asked where none does.
        result: the availability of the committed entity then.
        headroom: the expected headroom then, in minutes of the commitment's window; negative where it is not enough.
    """

    supplier: str
    required: Probability
    result: Probability
    headroom: Decimal


@dataclass(frozen=True, slots=True)
class Negotiation:
    """What to ask of one supplier for one commitment.

    Attributes:
        commitment: its key.
        supplier: its key.
        extent: whether `current` and `required` cover the supplier's own suppliers.
        current: what is promised or stated now; None where nothing is.
        required: the least figure that keeps the promise, rounded up; None where no figure of this supplier does.
        reachable: whether one does.
        best: the availability of the committed entity if this supplier never failed.
        reasons: all that apply, such as UNREACHABLE_BY_THIS_SUPPLIER.
        missing: the own figures beneath the commitment that nobody knows; they count as up.
        alternatives: every other supplier's figure by itself, the one with the most to give first.
        link_required: what each kind of window would need, so that the supplier's own contract fits the budget.
    """

    commitment: str
    supplier: str
    extent: Extent
    current: Probability | None
    required: Probability | None
    reachable: bool
    best: Probability
    reasons: tuple[ReasonCode, ...]
    missing: tuple[MissingFigure, ...]
    alternatives: tuple[NegotiationOption, ...]
    link_required: tuple[WindowRequirement, ...]


def negotiated(
    view: View,
    commitment: Commitment,
    supplier: int,
    *,
    service_minutes: Decimal | None,
    link_required: tuple[WindowRequirement, ...],
    check: Check,
) -> Negotiation:
    """What to ask of a supplier, and what every other could give instead.

    Args:
        view: the view of the figures that hold for the commitment, every own figure beneath it settled.
        commitment: the promise.
        supplier: the number of an entity that the committed one reaches, hard or soft.
        service_minutes: S_C of the commitment's window; None where it promises no availability (METRIC_MISMATCH).
        link_required: what windows would need.
        check: called every few thousand steps.

    Raises:
        AnalysisTooLarge: of a part of the structure only bounds are known.
    """
    root = view.system.number(commitment.entity)
    is_compared = service_minutes is not None
    question = _Question(view, root, 1 - commitment.target.value if is_compared else Decimal(1), check)
    figure = view.figures[view.system.keys[supplier]]
    missing = unknown_figures(view.system, view.figures, closure(view.system, root))
    asked = question.asked(supplier) if is_compared else None
    why_not = ReasonCode.UNREACHABLE_BY_THIS_SUPPLIER if is_compared else ReasonCode.METRIC_MISMATCH
    return Negotiation(
        commitment=commitment.key,
        supplier=figure.entity,
        extent=question.extent(supplier),
        current=figure.probability,
        required=None if asked is None else Probability(float(asked.figure)),
        reachable=asked is not None,
        best=Probability(question.best(supplier)),
        reasons=in_order({*figure.reasons, *(m.reason for m in missing), *((why_not,) if asked is None else ())}),
        missing=missing,
        alternatives=() if service_minutes is None else _alternatives(question, supplier, service_minutes),
        link_required=link_required,
    )


def _alternatives(question: "_Question", supplier: int, service_minutes: Decimal) -> tuple[NegotiationOption, ...]:
    others = closure(question.view.system, question.root) - {question.root, supplier}
    ranked = sorted(others, key=lambda other: (steady(question.best(other)), other))
    return tuple(_option(question, other, service_minutes) for other in ranked)


def _option(question: "_Question", other: int, service_minutes: Decimal) -> NegotiationOption:
    found = question.asked(other) or question.utmost(other)
    return NegotiationOption(
        supplier=question.view.system.keys[other],
        required=Probability(float(found.figure)),
        result=Probability(found.result),
        headroom=(question.promised - steady(found.result)) * service_minutes,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A figure to ask for, as unavailability, and the unavailability of the root that it leads to."""

    figure: Decimal
    result: float


class _Question:
    """The inverse question about one root: by which own unavailability of a supplier does it meet its promise?"""

    def __init__(self, view: View, root: int, promised: Decimal, check: Check) -> None:
        self.view = view
        self.root = root
        self.promised = promised
        self._check = check
        self._engine = view.backed_out.availability
        self._known: dict[int, Needed] = {}

    def extent(self, supplier: int) -> Extent:
        """What a figure of the supplier covers: as promised now, else as its kind of contract does by default."""
        figure: OwnFigure = self.view.figures[self.view.system.keys[supplier]]
        if figure.extent is not None:
            return figure.extent
        is_external = self.view.system.kinds[supplier] is EntityKind.EXTERNAL
        return Extent.END_TO_END if is_external else Extent.INTRINSIC

    def best(self, supplier: int) -> float:
        """`U|x=1`."""
        if supplier in self._in_causes:
            return self._with_own(supplier)(0.0)
        return self._needed(supplier).best

    def asked(self, supplier: int) -> _Asked | None:
        """The least figure that keeps the promise, rounded up as an availability; None where none does."""
        best, promised = self.best(supplier), float(self.promised)
        if steady(best) > self.promised:
            return None
        unavailability = self._unavailability(supplier)
        if steady(unavailability(1.0)) <= self.promised:
            return _Asked(Decimal(1), unavailability(1.0))
        own = min(1.0, max(0.0, self._meeting(supplier)))
        supplied = self._supplied(supplier)
        exact = either(supplied, own)
        slope = (unavailability(1.0) - best) / max(1 - supplied, _TELLING)
        step = _step(exact, promised, slope)
        figure = _rounded_down(exact, step)
        while figure > 0 and steady(unavailability(_backed_out(figure, supplied))) > self.promised:
            figure = max(Decimal(0), figure - step)
        return _Asked(figure, unavailability(_backed_out(figure, supplied)))

    def utmost(self, supplier: int) -> _Asked:
        """The most that can be asked: no faults of its own."""
        supplied = self._supplied(supplier)
        return _Asked(_rounded_down(supplied, _step(supplied, supplied, 1.0)), self.best(supplier))

    def _meeting(self, supplier: int) -> float:
        """The own unavailability at which the root just keeps its promise, which one does."""
        if supplier not in self._in_causes:
            found = self._needed(supplier).unavailability
            assert found is not None, "a supplier that makes no difference is not asked"
            return found
        unavailability = self._with_own(supplier)
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if unavailability(middle) <= float(self.promised) else (low, middle)
        return low

    def _unavailability(self, supplier: int) -> Callable[[float], float]:
        """The root's unavailability as a function of the supplier's own."""
        if supplier in self._in_causes:
            return self._with_own(supplier)
        best, slope = self.best(supplier), self._slopes.get(supplier, 0.0)
        return lambda own: best + own * slope

    def _with_own(self, supplier: int) -> Callable[[float], float]:
        def found(own: float) -> float:
            self._check()
            figures = list(self._engine.own)
            figures[supplier] = own
            return self._engine.with_own(figures).exactly(self.root, self._check)

        return found

    def _supplied(self, supplier: int) -> float:
        """`1 - A'(x)` where the supplier's figure covers what is beneath it, else 0."""
        if self.extent(supplier) is Extent.INTRINSIC:
            return 0.0
        component = self._components.get(supplier, (supplier,))
        return self.view.backed_out.supplied(supplier, component, self._check)

    def _needed(self, supplier: int) -> Needed:
        if supplier not in self._known:
            target = float(self.promised)
            self._known[supplier] = needed(self._engine, self.root, supplier, target, self._check, slopes=self._slopes)
        return self._known[supplier]

    @cached_property
    def _slopes(self) -> Mapping[int, float]:
        return self._engine.birnbaum(self.root, self._check)

    @cached_property
    def _components(self) -> Mapping[int, tuple[int, ...]]:
        """The strongly connected component of everything on a cycle."""
        if not self.view.on_cycles:
            return {}
        several = (c for c in self._engine.prepared.components() if len(c) > 1)
        return {entity: component for component in several for entity in component}

    @cached_property
    def _in_causes(self) -> frozenset[int]:
        """The members of groups with a common cause, which their own figures feed."""
        caused = self._engine.prepared.caused
        return frozenset() if caused is None else frozenset(m for members, _ in caused[0].causes for m in members)


def _backed_out(figure: Decimal, supplied: float) -> float:
    """The own unavailability that a promised figure comes to."""
    return max(0.0, (float(figure) - supplied) / (1 - supplied)) if supplied < 1 else 0.0


def _step(figure: float, promised: float, slope: float) -> Decimal:
    """The last digit of a figure: its tenth, or the first that the digits of a headroom can tell."""
    if figure <= 0:
        return Decimal(1).scaleb(-_DIGITS - 3)
    digits = Decimal(figure).adjusted() - _DIGITS + 1
    telling = _TELLING * promised / slope if slope > 0 else 1.0
    coarsest = Decimal(telling).adjusted() + 1 if telling > 0 else digits
    return Decimal(1).scaleb(min(0, max(digits, coarsest)))


def _rounded_down(value: float, step: Decimal) -> Decimal:
    """An unavailability on the grid of `step`, so that the availability is rounded up."""
    steps = _WIDE.divide(Decimal(value), step)
    nearest = steps.to_integral_value(ROUND_HALF_EVEN)
    whole = nearest if abs(steps - nearest) < _SNAP else steps.to_integral_value(ROUND_FLOOR)
    return _WIDE.multiply(whole, step)
