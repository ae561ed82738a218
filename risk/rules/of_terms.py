"""Rules about the terms of agreements: what somebody has to decide by a date."""

from collections.abc import Iterator
from datetime import timedelta

from risk.agreements.renewals import RenewalState, renewals_of
from risk.results import SubjectKind
from risk.rules.rule import Evidence, Rule, Sighting
from risk.terms import FindingCode, Severity
from topology.model import Agreement, Period

WARNED_BEFORE = timedelta(days=90)
"""How long before a notice deadline it is told of."""


def _notice_due(evidence: Evidence) -> Iterator[Sighting]:
    view = evidence.view
    until = view.at + WARNED_BEFORE
    for renewal in renewals_of(view.snapshot.agreements, view.at, until, lambda _: ()):
        deadline, version = renewal.notice_deadline, renewal.agreement
        if renewal.state is not RenewalState.DUE or deadline is None or version.auto_renew is None or deadline > until:
            continue
        message = (
            f'"{version.key}" renews for {_length(version.auto_renew)} after {renewal.last_day} '
            f"unless notice is given by {deadline}."
        )
        facts = evidence.facts("agreement", version.key, Agreement)
        yield Sighting(SubjectKind.AGREEMENT, version.key, message, agreements=(version,), facts=facts)


def _length(period: Period) -> str:
    parts = ((period.months, "month"), (period.days, "day"))
    return " and ".join(f"{count} {unit}{'s' if count > 1 else ''}" for count, unit in parts if count)


RULES = (Rule(FindingCode.NOTICE_DUE, Severity.WARNING, _notice_due),)
