"""How a comparison is told: a summary for a change board, at most 60 lines of Markdown, or all of it for a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from risk.assessment import Assessment
from risk.change_rule import Judgement
from risk.comparison import Comparison
from risk.deltas import ChangeVerdict, CommitmentDelta, EntityDelta, Side
from risk.results import Finding, Probability
from risk.rules.rule import listed
from risk.single_points import SinglePoint
from risk.terms import FindingCode, Severity
from topology.counting import counted
from topology.units import downtime_text, headroom_text, percent_text
from underpin.layout import markdown, markdown_lines, text_lines
from underpin.output import shortened
from underpin.tour import UNKNOWN

REASONS, COMMITMENTS, POINTS = 10, 10, 6
"""So many of each are named in the summary, which has at most 60 lines whatever the change."""
_TITLES = {
    ChangeVerdict.PASS: "PASS: no promise is worse off",
    ChangeVerdict.WARN: "WARN: no promise breaks by this change, but look at it",
    ChangeVerdict.FAIL: "FAIL: this change breaks a promise, or one that is broken gets worse",
}
_NEW, _GONE = "not promised", "no longer promised"


@dataclass(frozen=True, slots=True)
class Compared:
    """Two graphs at one date held against each other, every part worked out once; the names are the asker's."""

    names: tuple[str, str]
    at: date
    before: Assessment
    after: Assessment
    judgement: Judgement
    entities: Sequence[EntityDelta]
    commitments: Sequence[CommitmentDelta]
    gained: Sequence[SinglePoint]
    lost: Sequence[SinglePoint]
    opened: Sequence[Finding]
    closed: Sequence[Finding]


def compared(names: tuple[str, str], before: Assessment, after: Assessment) -> Compared:
    """All that two assessments at one date differ in."""
    comparison = Comparison(before, after)
    return Compared(
        names=names,
        at=after.at,
        before=before,
        after=after,
        judgement=comparison.judgement,
        entities=comparison.entities,
        commitments=comparison.commitments,
        gained=comparison.single_points_gained,
        lost=comparison.single_points_lost,
        opened=comparison.findings_opened,
        closed=comparison.findings_closed,
    )


def summary_lines(found: Compared) -> Iterator[str]:
    """The summary in Markdown: verdict, reasons, commitments, single points; at most 60 lines."""
    yield f"# {title(found)}"
    yield ""
    yield markdown(f"{found.names[1]} against {found.names[0]}, as of {found.at}.")
    yield ""
    reasons = [f"- **{reason.verdict.upper()}** {markdown(reason.sentence)}" for reason in found.judgement.reasons]
    if reasons:
        yield "## Why"
        yield ""
        yield from shortened(reasons, REASONS, len(reasons))
        yield ""
    yield from _commitments_in_short(found)
    yield from _points_in_short(found.gained, "gained", found.after)
    yield from _points_in_short(found.lost, "lost", found.before)
    yield _composites(found.entities)
    yield _findings(found)


def full_lines(found: Compared) -> Iterator[str]:
    """All of it, for a terminal."""
    yield f"{title(found)}."
    yield f"{found.names[1]} against {found.names[0]}, as of {found.at}."
    yield from (f"  {reason.verdict.upper()}  {reason.sentence}" for reason in found.judgement.reasons)
    yield ""
    if found.commitments:
        yield "Commitments that differ:"
        yield from text_lines(_HEAD, map(_commitment, found.commitments), right=_RIGHT)
    else:
        yield "No commitment differs."
    for points, what, view in ((found.gained, "gained", found.after), (found.lost, "lost", found.before)):
        yield ""
        yield f"Single points of failure {what}:" if points else f"No single point of failure is {what}."
        yield from (f"  {_point(point, view)}" for point in points)
    yield ""
    yield _composites(found.entities)
    if found.entities:
        yield from text_lines(
            ("entity", "before", "after", "in 30 days"), map(_entity, found.entities), right=(1, 2, 3)
        )
    yield _findings(found)
    for findings, what in ((found.opened, "opened"), (found.closed, "closed")):
        yield ""
        yield f"Findings {what}:" if findings else f"No finding is {what}."
        yield from (f"  {finding.severity.upper()}  {finding.code.upper()}  {finding.message}" for finding in findings)


def title(found: Compared) -> str:
    """The verdict in one line."""
    return _TITLES[found.judgement.verdict]


_HEAD = ("commitment", "before", "after", "change", "verdict")
_RIGHT = (1, 2, 3)


def _commitments_in_short(found: Compared) -> Iterator[str]:
    if not found.commitments:
        yield "No commitment differs."
        yield ""
        return
    yield "## Commitments changed"
    yield ""
    yield from markdown_lines(_HEAD, map(_commitment, found.commitments[:COMMITMENTS]), right=_RIGHT)
    if len(found.commitments) > COMMITMENTS:
        yield ""
        yield f"... and {len(found.commitments) - COMMITMENTS} more"
    yield ""


def _points_in_short(points: Sequence[SinglePoint], what: str, view: Assessment) -> Iterator[str]:
    if not points:
        yield f"No single point of failure is {what}."
        yield ""
        return
    yield f"## Single points of failure {what}"
    yield ""
    yield from shortened((f"- {markdown(_point(point, view))}" for point in points), POINTS, len(points))
    yield ""


def _point(point: SinglePoint, view: Assessment) -> str:
    hidden = ", behind redundancy" if point.hidden else ""
    return f"{point.subject} of {listed([view.key_of(number) for number in point.stops])}{hidden}"


def _commitment(delta: CommitmentDelta) -> tuple[str, ...]:
    was, now = delta.before, delta.after
    verdicts = [side.verdict.upper() for side in (was, now) if side is not None]
    change = UNKNOWN if delta.minutes is None else headroom_text(delta.minutes)
    verdict = " -> ".join(dict.fromkeys(verdicts))
    return delta.key, _side(was, _NEW), _side(now, _GONE), change, verdict


def _side(side: Side | None, absent: str) -> str:
    if side is None:
        return absent
    return UNKNOWN if side.expected is None else headroom_text(side.expected)


def _composites(entities: Sequence[EntityDelta]) -> str:
    """How many composites differ, and the most."""
    if not entities:
        return "No composite availability differs."
    most = entities[0]
    differ = f"{counted(len(entities), 'composite')} {'differs' if len(entities) == 1 else 'differ'}"
    if most.minutes is None:
        return f"{differ}."
    change = f"{downtime_text(abs(most.minutes))} of downtime in 30 days {'more' if most.minutes > 0 else 'less'}"
    return f"{differ}, most of all that of {markdown(most.entity)}: {change}."


def _entity(delta: EntityDelta) -> tuple[str, ...]:
    change = UNKNOWN if delta.minutes is None else headroom_text(delta.minutes)
    return delta.entity, _percent(delta.before), _percent(delta.after), change


def _percent(found: Probability | None) -> str:
    return UNKNOWN if found is None else percent_text(1 - found.ratio)


def _findings(found: Compared) -> str:
    errors = sum(finding.severity is Severity.ERROR for finding in found.opened)
    of_them = f" ({counted(errors, 'error')})" if errors else ""
    short = (sum(f.code is FindingCode.PROMISE_IN_SHORTFALL for f in v.findings()) for v in (found.before, found.after))
    was, now = short
    opened = f"Findings: {len(found.opened)} opened{of_them}, {len(found.closed)} closed."
    return f"{opened} Promises in SHORTFALL: {was} before, {now} after."
