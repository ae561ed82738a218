"""What differs between two views: composites, single points, promises, findings; each side worked out as any view is.

Formula: composites and headrooms are those of sections 2 and 4 on the contracted basis, ledger EXPERIENCED, no margin;
a delta is the figure after less the figure before, of downtime in minutes per 30 days.
Units: minutes; probabilities as unavailability.
Assumes: an entity, agreement or commitment keeps its key. Either view may have its own date: minutes of a commitment
are those of its own window in each, which may differ in length.
Cost: headrooms and findings of both views, and the composites that the difference reaches, each kept by its view;
comparing them is linear.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from math import isclose

from risk.assessment import Assessment
from risk.change_rule import Judgement, judged
from risk.deltas import CommitmentDelta, EntityDelta, NewlyStopped, Side
from risk.results import Commitment, Finding, Probability
from risk.single_points import SinglePoint
from risk.stirred import Stirred
from risk.terms import FailureLevel
from risk.transactions import is_transaction
from topology.units import MINUTES_PER_30_DAYS, minutes

_NOISE = 2e-12
"""Of two unavailabilities each is within 1e-12 of the exact one, relative: what differs by less does not differ."""
ZERO = Decimal(0)


class Comparison:
    """Two views held against each other; every answer is worked out when it is first asked for, and once.

    Args:
        before: the view that counts as the present one.
        after: the view that is asked about.

    Raises:
        DeadlinePassed: (all properties) the clock of either view said so.
    """

    def __init__(self, before: Assessment, after: Assessment) -> None:
        self.before = before
        self.after = after

    @cached_property
    def judgement(self) -> Judgement:
        """PASS, WARN or FAIL by the rule in `risk.change_rule`, with its reasons."""
        return judged(self.commitments, self.newly_stopped, self.findings_opened)

    @cached_property
    def entities(self) -> tuple[EntityDelta, ...]:
        """The entities whose composite differs, and those that only one view holds.

        The largest difference first, then by key; what has no minutes comes last. Figures that differ by no more than
        the engine's own error (1e-12 of the unavailability) are equal. What the difference reaches and only bounds are
        known of is among them, without figures: it may differ.
        """
        keys = sorted(self._touched.composites)
        was, now = _composites(self.before, keys), _composites(self.after, keys)
        rows = (_entity_delta(key, was.get(key), now.get(key)) for key in keys)
        return tuple(sorted((row for row in rows if row is not None), key=_largest_first))

    @cached_property
    def single_points_gained(self) -> tuple[SinglePoint, ...]:
        """What stops a transaction alone after, and did not before; `stops` are these transactions, numbered as after.

        `hidden` is as in the whole view after. A transaction that is new brings its single points with it.
        """
        return _points_beyond(self.after, self.before)

    @cached_property
    def single_points_lost(self) -> tuple[SinglePoint, ...]:
        """What stopped a transaction alone before, and does not after; `stops` are these, numbered as before."""
        return _points_beyond(self.before, self.after)

    @cached_property
    def newly_stopped(self) -> tuple[NewlyStopped, ...]:
        """The transactions of the view after that more can stop than before: by which single points, by key.

        A transaction that is down with nothing failed has no single points; it is named with none.
        """
        found: dict[str, list[str]] = {}
        for point in self.single_points_gained:
            for number in point.stops:
                found.setdefault(self.after.key_of(number), []).append(point.subject)
        held, at = self.after.snapshot.entities, self.after.at
        fallen = {key for key in _down(self.after) - _down(self.before) if is_transaction(held[key], at)}
        found.update((key, []) for key in fallen)
        return tuple(NewlyStopped(held[key], tuple(sorted(found[key])), key in fallen) for key in sorted(found))

    @cached_property
    def commitments(self) -> tuple[CommitmentDelta, ...]:
        """The promises that are new, gone, or differ in figure, minutes, verdict, reasons, or a supplier's verdict.

        The largest difference of expected minutes first, then by key; those without minutes on both sides last.
        """
        was, now = _sides(self.before, self._touched), _sides(self.after, self._touched)
        deltas = (CommitmentDelta(key, was.get(key), now.get(key)) for key in sorted({*was, *now}))
        return tuple(sorted((delta for delta in deltas if delta.differs), key=_most_moved_first))

    @cached_property
    def findings_opened(self) -> tuple[Finding, ...]:
        """The findings of the view after that the view before has not, in their order there."""
        return _findings_beyond(self.after, self.before)

    @cached_property
    def findings_closed(self) -> tuple[Finding, ...]:
        """The findings of the view before that the view after has not, in their order there."""
        return _findings_beyond(self.before, self.after)

    @cached_property
    def _touched(self) -> Stirred:
        return self.before.stirred(self.after)


def _composites(view: Assessment, keys: Iterable[str]) -> Mapping[str, Probability]:
    """The expected availabilities that are exactly known of those entities that the view holds, by key."""
    found = view.composites([key for key in keys if key in view.snapshot.entities])
    return {key: Probability(composite.unavailability) for key, composite in found.items() if composite.is_exact}


def _entity_delta(key: str, was: Probability | None, now: Probability | None) -> EntityDelta | None:
    if was is None or now is None:
        return EntityDelta(key, was, now, None)
    if isclose(was.q, now.q, rel_tol=_NOISE, abs_tol=0.0):
        return None
    return EntityDelta(key, was, now, minutes((now.q - was.q) * MINUTES_PER_30_DAYS))


def _largest_first(delta: EntityDelta) -> tuple[bool, Decimal, str]:
    """By the minutes that are shown: what lies beneath them must not part what is equal."""
    return delta.minutes is None, -abs(delta.minutes or ZERO), delta.entity


def _most_moved_first(delta: CommitmentDelta) -> tuple[bool, Decimal, str]:
    return delta.minutes is None, -abs(minutes(delta.minutes or ZERO)), delta.key


def _points_beyond(view: Assessment, other: Assessment) -> tuple[SinglePoint, ...]:
    """The single points of a view's transactions that the other view has not; none of what is down in either."""
    apart = _down(view) | _down(other)
    known = {(point.subject, key) for point in _points(other) for key in map(other.key_of, point.stops)}
    rows: list[SinglePoint] = []
    for point in _points(view):
        keys = {number: view.key_of(number) for number in point.stops}
        stops = tuple(n for n, key in keys.items() if key not in apart and (point.subject, key) not in known)
        if stops:
            rows.append(replace(point, stops=stops))
    return tuple(sorted(rows, key=lambda row: (-len(row.stops), row.subject)))


def _points(view: Assessment) -> tuple[SinglePoint, ...]:
    return view.failures.single_points_of_estate(FailureLevel.ENTITY)


def _down(view: Assessment) -> frozenset[str]:
    """What is down with nothing failed."""
    return frozenset(map(view.key_of, view.failures.down_already()))


def _sides(view: Assessment, touched: Stirred) -> Mapping[str, Side]:
    """The commitments of a view that may differ from the other view's, by key."""
    held = view.promises.all_commitments()
    return {key: _side(view, c) for key, c in held.items() if touched.holds(c.entity, c.agreement.key)}


def _side(view: Assessment, commitment: Commitment) -> Side:
    links = {link.supplier: link for link in view.promises.links(commitment.key)}
    return Side(commitment, view.promises.headroom_if_small(commitment), links)


def _findings_beyond(view: Assessment, other: Assessment) -> tuple[Finding, ...]:
    """The findings of a view that the other has not.

    A finding is the same where rule and subject are, and the witness of one holds that of the other: one consumer more
    or less of an uncovered supplier opens nothing, another supplier does.
    """
    known: dict[tuple[str, str, str], list[frozenset[str]]] = {}
    for finding in other.findings():
        known.setdefault(_about(finding), []).append(frozenset(finding.witness))
    return tuple(f for f in view.findings() if not _is_among(frozenset(f.witness), known.get(_about(f), ())))


def _about(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.kind, finding.subject


def _is_among(witness: frozenset[str], known: Iterable[frozenset[str]]) -> bool:
    return any(witness <= other or other <= witness for other in known)
