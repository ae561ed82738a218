"""Does this change break a promise? The rule for change boards, with its reasons as sentences.

Formula: FAIL when a commitment becomes SHORTFALL or UNCOVERED, or loses minutes while in SHORTFALL; WARN for a new
single point of a critical or high transaction, any other verdict worsened, or an ERROR finding opened; else PASS.

What the rule leaves open is read so:

* A promise that is new and in SHORTFALL, or rests on a supplier that is UNCOVERED, becomes so.
* UNCOVERED is said of suppliers. A commitment becomes UNCOVERED when one of its suppliers does, or when it had no
  such supplier and now has one. One more beside others is a finding, not a fall: it had no verdict to lose.
* A promise that is no longer made cannot break: it is shown, and raises nothing.
* Verdicts worsen in this order: COVERED and NOT_REQUIRED, THIN and ACCEPTED_RISK, UNKNOWN, SHORTFALL, UNCOVERED.
* A transaction that is down before anything else fails is stopped by anything: as a new single point.
* Minutes are those of each view's own window. Where their lengths differ, the sentence says so.

Source: api.md, "What its types do not say".
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from risk.deltas import ChangeVerdict, CommitmentDelta, NewlyStopped, Side
from risk.results import Finding
from risk.rules.rule import listed
from risk.terms import FindingCode, Severity, Verdict
from risk.wording import words
from topology.model import Criticality
from topology.units import downtime_text, headroom_text, plain

WEIGHTY = (Criticality.CRITICAL, Criticality.HIGH)
_BADNESS = {
    Verdict.NOT_REQUIRED: 0,
    Verdict.COVERED: 0,
    Verdict.THIN: 1,
    Verdict.ACCEPTED_RISK: 1,
    Verdict.UNKNOWN: 2,
    Verdict.SHORTFALL: 3,
    Verdict.UNCOVERED: 4,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the verdict is not a better one: one sentence, and what it calls for."""

    verdict: ChangeVerdict
    sentence: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a change, and all reasons that call for one other than PASS, the gravest first."""

    verdict: ChangeVerdict
    reasons: tuple[Reason, ...]


def judged(
    commitments: Sequence[CommitmentDelta], stopped: Sequence[NewlyStopped], opened: Sequence[Finding]
) -> Judgement:
    """The verdict of the rule.

    Args:
        commitments: those that differ.
        stopped: the transactions that more can stop than before.
        opened: the findings that are new.
    """
    failures = [*_shortfalls(commitments), *_uncovered(commitments)]
    short = {delta.key for delta in commitments if delta.after is not None and _is_short(delta.after)}
    warnings = [*_worsened(commitments), *_worsened_links(commitments), *_stopped(stopped), *_errors(opened, short)]
    reasons = (
        *(Reason(ChangeVerdict.FAIL, sentence) for sentence in failures),
        *(Reason(ChangeVerdict.WARN, sentence) for sentence in warnings),
    )
    return Judgement(reasons[0].verdict if reasons else ChangeVerdict.PASS, reasons)


def _shortfalls(commitments: Iterable[CommitmentDelta]) -> Iterator[str]:
    for delta in commitments:
        was, now = delta.before, delta.after
        if now is None or not _is_short(now):
            continue
        if was is None:
            yield f'"{delta.key}" is promised anew and is in SHORTFALL: its headroom is {_minutes(now)}.'
        elif not _is_short(was):
            yield f'"{delta.key}" falls from {_name(was.verdict)} into SHORTFALL: {_from_to(was, now)}.'
        elif delta.loses and delta.minutes is not None:
            lost = downtime_text(-delta.minutes)
            yield f'"{delta.key}" is in SHORTFALL and loses {lost}: {_from_to(was, now)}.'


def _uncovered(commitments: Iterable[CommitmentDelta]) -> Iterator[str]:
    """One sentence for each supplier that becomes UNCOVERED: beneath which commitments, and why."""
    beneath: dict[tuple[str, str], list[str]] = {}
    for delta in commitments:
        for supplier in _newly_uncovered(delta):
            assert delta.after is not None
            why = ", ".join(words(reason) for reason in delta.after.links[supplier].reasons) or "no agreement"
            beneath.setdefault((supplier, why), []).append(delta.key)
    for (supplier, why), keys in sorted(beneath.items()):
        yield f'"{supplier}" becomes UNCOVERED ({why}) beneath {_quoted(keys)}.'


def _newly_uncovered(delta: CommitmentDelta) -> list[str]:
    if delta.after is None:
        return []
    was = {} if delta.before is None else delta.before.links
    is_first = delta.before is None or not delta.before.uncovered
    found = (key for key in delta.after.uncovered if (is_first if key not in was else not _is_uncovered(delta, key)))
    return sorted(found)


def _is_uncovered(delta: CommitmentDelta, supplier: str) -> bool:
    return delta.before is not None and supplier in delta.before.uncovered


def _worsened(commitments: Iterable[CommitmentDelta]) -> Iterator[str]:
    """Composite verdicts that worsen otherwise than into SHORTFALL, which is a failure."""
    for delta in commitments:
        was, now = delta.before, delta.after
        if was is None or now is None or _is_short(now):
            continue
        if _BADNESS[now.verdict] > _BADNESS[was.verdict]:
            yield f'"{delta.key}" goes from {_name(was.verdict)} to {_name(now.verdict)}: {_from_to(was, now)}.'
        elif now.headroom is None and was.headroom is not None:
            yield f'The headroom of "{delta.key}" has become too large to compute.'


def _worsened_links(commitments: Iterable[CommitmentDelta]) -> Iterator[str]:
    """Suppliers whose own verdict worsens otherwise than into UNCOVERED, once for each step down."""
    beneath: dict[tuple[str, Verdict, Verdict], list[str]] = {}
    for delta in commitments:
        if delta.before is None or delta.after is None:
            continue
        for supplier, now in delta.after.links.items():
            was = delta.before.links.get(supplier)
            is_worse = was is not None and _BADNESS[now.verdict] > _BADNESS[was.verdict]
            if was is not None and is_worse and now.verdict is not Verdict.UNCOVERED:
                beneath.setdefault((supplier, was.verdict, now.verdict), []).append(delta.key)
    for (supplier, before, after), keys in sorted(beneath.items()):
        yield f'"{supplier}" goes from {_name(before)} to {_name(after)} beneath {_quoted(keys)}.'


def _stopped(stopped: Iterable[NewlyStopped]) -> Iterator[str]:
    """New single points of critical and high transactions: one sentence for each point."""
    stops: dict[str, list[str]] = {}
    for item in stopped:
        transaction = item.transaction
        if transaction.criticality not in WEIGHTY:
            continue
        named = f'"{transaction.key}" ({transaction.criticality})'
        if item.is_down:
            yield f"{named} is down before anything else fails."
        for point in item.points:
            stops.setdefault(point, []).append(named)
    for point, transactions in sorted(stops.items()):
        yield f'"{point}" is a new single point of failure of {listed(transactions)}.'


def _errors(opened: Iterable[Finding], short: set[str]) -> Iterator[str]:
    """ERROR findings that are new, without those that only say again which promise is in SHORTFALL."""
    for finding in opened:
        is_said = finding.code is FindingCode.PROMISE_IN_SHORTFALL and finding.subject in short
        if finding.severity is Severity.ERROR and not is_said:
            yield f"{_name(finding.code)}: {finding.message}"


def _is_short(side: Side) -> bool:
    return side.verdict is Verdict.SHORTFALL


def _from_to(was: Side, now: Side) -> str:
    text = f"its headroom goes from {_minutes(was)} to {_minutes(now)}"
    if was.service_minutes != now.service_minutes and was.service_minutes and now.service_minutes:
        text += f", in a window of {plain(now.service_minutes)} min instead of {plain(was.service_minutes)}"
    return text


def _minutes(side: Side) -> str:
    return "unknown" if side.expected is None else headroom_text(side.expected)


def _name(word: Verdict | FindingCode) -> str:
    return word.upper()


def _quoted(keys: Sequence[str]) -> str:
    return listed([f'"{key}"' for key in keys])
