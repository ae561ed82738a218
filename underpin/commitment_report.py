"""The report of commitments: budget, headroom and verdict, now and at their worst ahead, and how they come about."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from risk.assessment import Assessment
from risk.coverage import WORST_FIRST
from risk.terms import Verdict
from risk.timeline import CoverageSegment
from topology.calendars import zone
from topology.counting import counted
from topology.errors import AnalysisTooLarge
from topology.units import headroom_text, minutes, percent_text, plain
from underpin.explaining import explanation_lines
from underpin.output import counting, progress
from underpin.promises import AVAILABILITY, OURS, Promise, promises_of
from underpin.report import Report, Reporting, counts_text, nothing_text
from underpin.reports import Json
from underpin.told import because_text, figure, minutes_figure, promise_json, ratio_of, reasons_text
from underpin.tour import UNKNOWN


@dataclass(frozen=True, slots=True)
class Row:
    """A promise, and where a horizon was asked for the stretch of it in which it is worst off.

    `worst` is None without a horizon, and where that is too large to compute.
    """

    promise: Promise
    worst: CoverageSegment | None

    @property
    def verdict(self) -> Verdict:
        """The verdict that the row is chosen by: the worst in the horizon."""
        return self.promise.headroom.verdict if self.worst is None else self.worst.verdict


def commitments_report(view: Assessment, asked: Reporting) -> Report:
    """Every promise with budget, composite, headroom and verdict; with a horizon also at its worst in it."""
    with counting("Holding promises against what lies beneath") as progressed:
        held = promises_of(view, OURS, progress=progressed)
    with progress("Looking ahead"):
        every = [Row(promise, _worst(view, promise.commitment.key, asked.horizon)) for promise in held]
    rows = [row for row in every if not asked.verdicts or row.verdict in asked.verdicts]
    told = [_explained(view, row.promise.commitment.key) for row in rows] if asked.explain else []
    document = [_json(row, asked.horizon) for row in rows]
    for shown, lines in zip(document, told, strict=False):
        shown["explanation"] = lines
    ahead = [f"at worst in {counted(asked.horizon, 'day')}"] if asked.horizon else []
    return Report(
        title=f"Commitments as of {view.at}: {counts_text([row.promise.headroom.verdict for row in rows])}",
        head=(*_COMMITMENT, "budget", "composite", "expected", "guaranteed", "verdict", "because", *ahead),
        rows=[(*_commitment_row(row.promise), *([_worst_text(row, view)] if ahead else [])) for row in rows],
        right=frozenset({2, 4, 5, 6, 7}),
        data_head=(*_COMMITMENT_DATA, "promised", "unit", *_FIGURES, "verdict", "reasons", *(_WORST if ahead else ())),
        data_rows=[(*_commitment_data(row.promise), *(_worst_data(row.worst) if ahead else ())) for row in rows],
        document={"horizonDays": asked.horizon, "commitments": document},
        empty=nothing_text("promise is stated, in an SLA or an OLA", asked),
        notes=told,
    )


def _worst(view: Assessment, key: str, days: int) -> CoverageSegment | None:
    """The stretch of the horizon with the worst verdict; of several that with the least headroom, then the first."""
    if not days:
        return None
    try:
        segments = view.promises.timeline(key, days)
    except AnalysisTooLarge:
        return None
    return min(segments, key=lambda s: (WORST_FIRST.index(s.verdict), s.headroom or Decimal(0), s.start), default=None)


def _worst_text(row: Row, view: Assessment) -> str:
    worst = row.worst
    if worst is None:
        return UNKNOWN
    left = "" if worst.headroom is None else f" {headroom_text(worst.headroom)}"
    begins = worst.start.astimezone(zone(row.promise.commitment.agreement.timezone)).date()
    return f"{worst.verdict.upper()}{left}{f' from {begins}' if begins > view.at else ''}"


def _worst_data(worst: CoverageSegment | None) -> tuple[str, ...]:
    if worst is None:
        return ("",) * len(_WORST)
    left = minutes_figure(worst.headroom) or ""
    return worst.verdict.upper(), left, worst.start.isoformat(), worst.end.isoformat(), reasons_text(worst.reasons)


def _json(row: Row, days: int) -> Json:
    shown = _commitment_json(row.promise)
    if not days:
        return shown
    worst = row.worst
    return shown | {
        "worst": None
        if worst is None
        else {
            "verdict": worst.verdict.upper(),
            "reasons": [reason.upper() for reason in worst.reasons],
            "expectedMinutes": minutes_figure(worst.headroom),
            "from": worst.start.isoformat(),
            "to": worst.end.isoformat(),
        }
    }


_COMMITMENT = ("agreement", "promises of", "promised", "window")
_COMMITMENT_DATA = ("commitment", "type", "agreement", "version", "entity", "metric", "window")
_WORST = ("worst_verdict", "worst_expected_minutes", "worst_from", "worst_to", "worst_reasons")
_FIGURES = ("service_minutes", "budget_minutes", "composite_ratio", "expected_minutes", "guaranteed_minutes")


def _commitment_row(promise: Promise) -> tuple[str, ...]:
    about, headroom = promise.commitment, promise.headroom
    metric = about.target.metric
    return (
        f"{about.agreement.key} version {about.agreement.version}",
        about.entity if metric == AVAILABILITY else f"{about.entity} ({metric})",
        promise.promised,
        str(about.target.window),
        UNKNOWN if about.budget is None else f"{plain(minutes(about.budget))} min",
        UNKNOWN if promise.unavailability is None else percent_text(promise.unavailability),
        UNKNOWN if headroom.expected_minutes is None else headroom_text(headroom.expected_minutes),
        UNKNOWN if headroom.guaranteed_minutes is None else headroom_text(headroom.guaranteed_minutes),
        headroom.verdict.upper(),
        because_text(promise),
    )


def _commitment_data(promise: Promise) -> tuple[str, ...]:
    """One promise for a spreadsheet: plain figures, and nothing where there is none."""
    about, headroom = promise.commitment, promise.headroom
    figures = (
        None if headroom.window is None else headroom.window.service_minutes,
        about.budget,
        ratio_of(promise),
        None if headroom.expected_minutes is None else minutes(headroom.expected_minutes),
        None if headroom.guaranteed_minutes is None else minutes(headroom.guaranteed_minutes),
    )
    return (
        about.key,
        about.agreement.type.upper(),
        about.agreement.key,
        str(about.agreement.version),
        about.entity,
        about.target.metric,
        str(about.target.window),
        plain(about.target.value),
        about.target.unit,
        *(figure(value) or "" for value in figures),
        headroom.verdict.upper(),
        reasons_text(headroom.reasons),
    )


def _commitment_json(promise: Promise) -> Json:
    about, window = promise.commitment, promise.headroom.window
    return promise_json(promise) | {
        "window": str(about.target.window),
        "serviceMinutes": None if window is None else plain(window.service_minutes),
        "budgetMinutes": figure(about.budget),
    }


def _explained(view: Assessment, key: str) -> Sequence[str]:
    try:
        return tuple(explanation_lines(view.promises.explanation(key)))
    except AnalysisTooLarge as error:
        return (f"{key}: UNKNOWN", f"  {error}")
