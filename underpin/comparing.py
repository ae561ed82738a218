"""`underpin compare BEFORE AFTER`: does this change break a promise? For a change board, a pipeline, and a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from importers.importer import Defaults
from risk.assessment import Assessment
from risk.deltas import ChangeVerdict, CommitmentDelta, EntityDelta, Side
from risk.single_points import SinglePoint
from topology.units import plain
from underpin.board import Compared, compared, full_lines, summary_lines
from underpin.graphs import date_for, graph_of_files
from underpin.output import ChangeCode, ComparisonForm, progress, say, say_json, uncollected
from underpin.reports import Json
from underpin.settings import read_settings
from underpin.told import figure, finding_json, headroom_json, minutes_figure

_CODES = {
    ChangeVerdict.PASS: ChangeCode.PASS,
    ChangeVerdict.WARN: ChangeCode.WARN,
    ChangeVerdict.FAIL: ChangeCode.FAIL,
}


@dataclass(frozen=True, slots=True)
class Comparing:
    """What `underpin compare` was asked."""

    before: Path
    after: Path
    form: ComparisonForm = ComparisonForm.MARKDOWN
    at: date | None = None
    source: str | None = None
    scope: str | None = None


def compare_files(asked: Comparing) -> int:
    """Hold two sets of files against each other at one date; the exit code is the verdict."""
    settings = read_settings({"at": asked.at})
    with uncollected():
        defaults = Defaults(asked.source, asked.scope)
        graphs = [graph_of_files([path], defaults, "compare") for path in (asked.before, asked.after)]
    at = date_for(settings, *graphs)
    with progress("comparing"):
        before, after = (Assessment(graph, at) for graph in graphs)
        found = compared((str(asked.before), str(asked.after)), before, after)
    if asked.form is ComparisonForm.JSON:
        say_json(_json(found))
    else:
        say(*(summary_lines(found) if asked.form is ComparisonForm.MARKDOWN else full_lines(found)))
    return _CODES[found.judgement.verdict]


def _json(found: Compared) -> Json:
    return {
        "verdict": found.judgement.verdict.upper(),
        "at": found.at.isoformat(),
        "reasons": [
            {"verdict": reason.verdict.upper(), "sentence": reason.sentence} for reason in found.judgement.reasons
        ],
        "commitments": [_commitment_json(delta) for delta in found.commitments],
        "singlePointsGained": _points_json(found.gained, found.after),
        "singlePointsLost": _points_json(found.lost, found.before),
        "entities": [_entity_json(delta) for delta in found.entities],
        "findingsOpened": [finding_json(finding) for finding in found.opened],
        "findingsClosed": [finding_json(finding) for finding in found.closed],
    }


def _commitment_json(delta: CommitmentDelta) -> Json:
    return {
        "commitment": delta.key,
        "before": _side_json(delta.before),
        "after": _side_json(delta.after),
        "minutes": minutes_figure(delta.minutes),
    }


def _side_json(side: Side | None) -> Json | None:
    if side is None:
        return None
    target = side.commitment.target
    links = {key: link.verdict.upper() for key, link in sorted(side.links.items())}
    shown = {"verdict": side.verdict.upper()} if side.headroom is None else headroom_json(side.headroom)
    return {"promised": plain(target.value), "unit": target.unit, **shown, "suppliers": links}


def _points_json(points: Sequence[SinglePoint], view: Assessment) -> list[Json]:
    return [
        {
            "entity": point.subject,
            "hidden": point.hidden,
            "transactions": [view.key_of(number) for number in point.stops],
        }
        for point in points
    ]


def _entity_json(delta: EntityDelta) -> Json:
    before, after = (None if side is None else side.ratio for side in (delta.before, delta.after))
    return {
        "entity": delta.entity,
        "beforeRatio": figure(before),
        "afterRatio": figure(after),
        "minutesPer30Days": figure(delta.minutes),
    }
