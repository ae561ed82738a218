"""The promises of a view with what becomes of them: what the tour and `check` both show."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal

from risk.assessment import Assessment
from risk.results import Commitment, CompositeAvailability, Headroom
from risk.terms import Verdict
from topology.errors import AnalysisTooLarge
from topology.model import AgreementType, Comparator, Target
from topology.units import percent_of_ratio, plain

AVAILABILITY = "availability"


def _untold(_done: int, _of: int) -> None:
    """Nobody watches."""


OURS = (AgreementType.SLA, AgreementType.OLA)
"""The agreements in which we promise: to customers, and team to team."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment, its headroom, and the composite availability that it is held against (None for other metrics).

    What is too large to compute is unknown: a headroom without minutes, no composite.
    """

    commitment: Commitment
    headroom: Headroom
    composite: CompositeAvailability | None

    @property
    def is_short(self) -> bool:
        """Whether what is promised cannot be kept on what the promises beneath it come to."""
        return self.headroom.verdict is Verdict.SHORTFALL

    @property
    def unavailability(self) -> Decimal | None:
        """What the promises beneath it come to, as an unavailability to 15 digits: no float's noise is rounded up.

        None where that is not known exactly.
        """
        if self.composite is None or self.composite.interval is not None:
            return None
        return 1 - self.composite.expected.ratio

    @property
    def promised(self) -> str:
        """The promised figure as people write it: `99.95 %`, `<= 800 ms`."""
        return figure_text(self.commitment.target)


def promises_of(
    assessment: Assessment,
    types: Collection[AgreementType] = (AgreementType.SLA,),
    *,
    progress: Callable[[int, int], None] = _untold,
) -> tuple[Promise, ...]:
    """The promises made in agreements of these types, worst expected headroom first.

    `progress` is told how many are worked out, and of how many.
    """
    ordered = assessment.promises.commitments(types)
    found: dict[str, Promise] = {}
    for key, commitment in assessment.promises.by_cone(ordered).items():
        found[key] = _promise(assessment, commitment)
        progress(len(found), len(ordered))
    return tuple(found[commitment.key] for commitment in ordered)


def _promise(assessment: Assessment, commitment: Commitment) -> Promise:
    composite: CompositeAvailability | None = None
    try:
        if commitment.target.metric == AVAILABILITY:
            composite = assessment.composite(commitment.entity)
        headroom = assessment.promises.headroom(commitment.key)
    except AnalysisTooLarge:
        headroom = Headroom(commitment.key, None, None, Verdict.UNKNOWN, (), bounded=False, window=None)
    return Promise(commitment, headroom, composite)


def figure_text(target: Target) -> str:
    """A target's figure as people write it; the comparator stands there where it is not a least availability."""
    value = percent_text(target.value) if target.unit == "ratio" else f"{plain(target.value)} {target.unit}"
    return value if target.comparator is Comparator.AT_LEAST else f"<= {value}"


def percent_text(ratio: Decimal) -> str:
    """A promised ratio, to the digit as it was promised: `99.95 %`."""
    return f"{plain(percent_of_ratio(ratio))} %"
