"""What the analyses find, as several commands tell it: reasons in a cell, findings and headrooms in JSON."""

from collections.abc import Sequence
from decimal import Decimal

from risk.results import Finding, Headroom, Interval
from risk.terms import ReasonCode
from topology.units import minutes, percent_text, plain
from underpin.promises import Promise
from underpin.reports import Json


def reasons_text(reasons: Sequence[ReasonCode]) -> str:
    """Reason codes in one cell."""
    return ", ".join(reason.upper() for reason in reasons)


def because_text(promise: Promise) -> str:
    """Why a promise's verdict is what it is, in one cell: its reasons, and what is known where no exact figure is."""
    said = [reasons_text(promise.headroom.reasons)] if promise.headroom.reasons else []
    composite = promise.composite
    if composite is not None and composite.interval is not None:
        low, high = composite.interval.lower, composite.interval.upper
        bounds = f"{percent_text(Decimal(1) - low.ratio)} to {percent_text(Decimal(1) - high.ratio)}"
        said.append(f"only bounds are known: {bounds} ({composite.method.upper()})")
    return "; ".join(said)


def figure(value: Decimal | None) -> str | None:
    """A decimal as JSON has it: a string in plain notation; None stays None."""
    return None if value is None else plain(value)


def minutes_figure(value: Decimal | None) -> str | None:
    """Minutes as the API shows them: a string, to 9 decimals."""
    return None if value is None else plain(minutes(value))


def ratio_of(promise: Promise) -> Decimal | None:
    """The composite availability that a promise is held against; None where it is not known exactly."""
    return None if promise.unavailability is None else 1 - promise.unavailability


def promise_json(promise: Promise) -> Json:
    """A promise and what becomes of it, for a machine."""
    about, composite = promise.commitment, promise.composite
    return {
        "commitment": about.key,
        "type": about.agreement.type.upper(),
        "agreement": about.agreement.key,
        "version": about.agreement.version,
        "entity": about.entity,
        "metric": about.target.metric,
        "promised": plain(about.target.value),
        "unit": about.target.unit,
        "compositeRatio": figure(ratio_of(promise)),
        "method": None if composite is None else composite.method.upper(),
        "diagramNodes": None if composite is None else composite.diagram_nodes,
        "interval": None if composite is None else interval_json(composite.interval),
        "missing": [] if composite is None else [missing.entity for missing in composite.missing],
    } | headroom_json(promise.headroom)


def interval_json(interval: Interval | None) -> Json | None:
    """Bounds of an availability, for a machine; those of a sample with its confidence, size and seed."""
    if interval is None:
        return None
    return {
        "lowerRatio": plain(interval.lower.ratio),
        "upperRatio": plain(interval.upper.ratio),
        "confidence": figure(interval.confidence),
        "samples": interval.samples,
        "seed": interval.seed,
    }


def headroom_json(headroom: Headroom) -> Json:
    """What a headroom comes to, for a machine."""
    return {
        "expectedMinutes": figure(headroom.expected_minutes),
        "guaranteedMinutes": figure(headroom.guaranteed_minutes),
        "verdict": headroom.verdict.upper(),
        "reasons": [reason.upper() for reason in headroom.reasons],
    }


def finding_json(finding: Finding) -> Json:
    """One finding, for a machine."""
    return {
        "code": finding.code.upper(),
        "severity": finding.severity.upper(),
        "subjectKind": finding.kind.upper(),
        "subject": finding.subject,
        "message": finding.message,
        "witness": list(finding.witness),
        "minutes": figure(finding.minutes),
    }
