"""What the analyses find, as several commands tell it: reasons in a cell, findings and headrooms in JSON."""

from collections.abc import Sequence
from decimal import Decimal

from risk.results import Finding, Headroom
from risk.terms import ReasonCode
from topology.units import minutes, plain
from underpin.promises import Promise
from underpin.reports import Json


def reasons_text(reasons: Sequence[ReasonCode]) -> str:
    """Reason codes in one cell."""
    return ", ".join(reason.upper() for reason in reasons)


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
        "missing": [] if composite is None else [missing.entity for missing in composite.missing],
    } | headroom_json(promise.headroom)


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
