"""Chains of response and resolution: does a promise to react or repair in time leave room for those made to us?

Formula: the consumer's target >= the longest chain beneath it, where
    chain(v) = max over suppliers u of ( handoff(v, u) + own(u) + chain(u) )
and own(u) is u's target of the same metric. What follows one another on a way adds up: the consumer hands over to its
supplier, that one to its own. What stands side by side, suppliers of one consumer and members of one group, works at
the same time: the slowest counts, of a group too, since an incident may lie with any member. A target that covers its
suppliers (END_TO_END) answers for the chain beneath it, which is not entered.
Units: seconds, exact, that the consumer's agreement counts (its service hours); minutes in the answer. own(u) is the
most of these that can pass before the target's time has passed in the supplier's service hours, for an incident that
begins at any moment of the seven days from the view's date: "4 business hours", Mon-Fri 08-18, are 66 h of a promise
round the clock. Handoffs are elapsed time, and count in full.
Assumes: suppliers take all the time that they have. Each target's worst beginning is taken by itself, so a chain of
several calendars is an upper bound. Other metrics are never compared, and percentiles never added: METRIC_MISMATCH.
Unknown: a supplier without such a target is missing; it counts 0 in the expected figure, which is then an upper bound,
and all service time of the seven days in the guaranteed one. What needs itself has no chain: CYCLE.
Cost: the hard closure, and for each target the edges of two calendars over some weeks.
Source: section 4, "Chains of response and resolution".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from risk.agreements.agreed_time import agreed_time
from risk.agreements.choice import Choice, in_order
from risk.agreements.incident_limits import is_like, limit_on_suppliers, seconds_of
from risk.agreements.incident_time import incident_time, week_of
from risk.limits import Check
from risk.results import Commitment, Headroom, WindowShown
from risk.structure import closure
from risk.terms import ReasonCode, Verdict
from risk.view import View
from topology.calendars import minutes_of
from topology.model import Agreement, AgreementType, EntityKind, Extent, Target, WindowKind

ZERO = Decimal(0)
_WRITTEN = 9
"""The decimals of seconds that people write."""


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One step of a chain: a consumer hands over to its supplier, which then does its own work.

    Attributes:
        consumer: its key.
        supplier: its key.
        handoff: the minutes that handing over takes.
        agreement: the agreement version that promises the supplier's work; None where none does, or none is needed.
        target: the target that binds.
        minutes: what that takes of the time that the commitment counts, at the worst beginning; 0 where it is missing.
        missing: why there is no such promise; empty where there is one, or none is needed.
    """

    consumer: str
    supplier: str
    handoff: Decimal
    agreement: Agreement | None
    target: Target | None
    minutes: Decimal
    missing: tuple[ReasonCode, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """What one entity adds to a chain, of the consumer's time.

    Attributes:
        seconds: what its own target takes; 0 where it is missing.
        target: that target.
        agreement: the agreement version that it stands in.
        missing: why there is none; empty where there is one, or none is needed.
        reasons: what else there is to say.
    """

    seconds: Decimal = ZERO
    target: Target | None = None
    agreement: Agreement | None = None
    missing: tuple[ReasonCode, ...] = ()
    reasons: frozenset[ReasonCode] = frozenset()


@dataclass(frozen=True, slots=True)
class _Length:
    """A chain's seconds with missing targets as 0, and with each of them as all of the time looked at."""

    known: Decimal
    at_most: Decimal


def chain_headroom(view: View, commitment: Commitment, check: Check) -> Headroom:
    """The headroom of a promise for each incident: its minutes less the longest chain beneath it.

    Without minutes (UNKNOWN, METRIC_MISMATCH) where there is nothing to hold it against: the metric is not added up,
    the promise covers own work alone (INTRINSIC), or nobody beneath promises the same.
    """
    limit = seconds_of(commitment.target)
    if limit is None or limit_on_suppliers(commitment.target) is None:
        return _unknown(commitment, ReasonCode.METRIC_MISMATCH)
    chains = _Chains(view, commitment, check)
    found = chains.length()
    if found is None:
        return _unknown(commitment, *chains.reasons(), ReasonCode.CYCLE)
    if not chains.has_targets:
        return _unknown(commitment, ReasonCode.METRIC_MISMATCH)
    expected, guaranteed = (limit - found.known) / 60, (limit - found.at_most) / 60
    reasons = set(chains.reasons())
    if guaranteed < 0:
        reasons.add(ReasonCode.GUARANTEED_SHORTFALL)
    if view.index.standings[commitment.agreement.key].renewed:
        reasons.add(ReasonCode.ASSUMED_RENEWAL)
    verdict = Verdict.SHORTFALL if expected < 0 else Verdict.UNKNOWN if chains.is_missing else Verdict.COVERED
    week = chains.week
    shown = WindowShown(
        WindowKind.PER_INCIDENT, week.starts_at, week.ends_at, chains.ours.where.key, chains.service_minutes
    )
    return Headroom(commitment.key, expected, guaranteed, verdict, in_order(reasons), bounded=True, window=shown)


def longest_chain(view: View, commitment: Commitment, check: Check) -> tuple[ChainStep, ...]:
    """The steps of the longest chain beneath a commitment, missing targets as 0; of several the first by key.

    Empty where a chain leads back to itself.
    """
    chains = _Chains(view, commitment, check)
    return () if chains.length() is None else tuple(chains.steps())


def _unknown(commitment: Commitment, *reasons: ReasonCode) -> Headroom:
    return Headroom(commitment.key, None, None, Verdict.UNKNOWN, in_order(reasons), bounded=True, window=None)


class _Chains:
    """The chains beneath one commitment."""

    def __init__(self, view: View, commitment: Commitment, check: Check) -> None:
        self._view = view
        self._about = commitment
        self._check = check
        self._root = view.system.number(commitment.entity)
        self._within = closure(view.system, self._root)
        self.ours = agreed_time(commitment.agreement, commitment.target.window)
        self.week = week_of(view.at, self.ours.where)
        self.service_minutes = minutes_of(self.ours.service(self.week))
        self._parts: dict[int, _Part] = {}
        self._known: dict[int, _Length] = {}

    @property
    def has_targets(self) -> bool:
        """Whether anybody beneath promises the same metric."""
        return any(part.target is not None for part in self._parts.values())

    @property
    def is_missing(self) -> bool:
        """Whether somebody beneath should promise it and does not."""
        return any(part.missing for part in self._parts.values())

    def reasons(self) -> Iterable[ReasonCode]:
        """All that is to be said of the targets beneath."""
        for part in self._parts.values():
            yield from part.missing
            yield from part.reasons

    def length(self) -> _Length | None:
        """The longest chain beneath the committed entity; None where a chain leads back to itself."""
        known = self._known
        entered: set[int] = set()
        pending = [self._root]
        while pending:
            self._check()
            entity = pending[-1]
            waiting = [u for u, _ in self._suppliers(entity) if u not in known]
            if entity in known or not waiting:
                pending.pop()
                known.setdefault(entity, self._of(entity, known))
                continue
            if entity in entered:
                return None  # what it waits for was looked at, and waits for it
            entered.add(entity)
            pending.extend(waiting)
        return known[self._root]

    def steps(self) -> Iterator[ChainStep]:
        """The steps of the longest chain, once its length is known."""
        keys, consumer = self._view.system.keys, self._root
        while suppliers := sorted(self._suppliers(consumer)):
            supplier, handoff = max(suppliers, key=lambda step: step[1] + self._known[step[0]].known)
            part = self._part(supplier)
            names = (keys[consumer], keys[supplier])
            yield ChainStep(*names, handoff / 60, part.agreement, part.target, part.seconds / 60, part.missing)
            consumer = supplier

    def _of(self, entity: int, known: Mapping[int, _Length]) -> _Length:
        part = self._part(entity)
        own = self.service_minutes * 60 if part.missing else part.seconds
        longest = [(handoff + known[u].known, handoff + known[u].at_most) for u, handoff in self._suppliers(entity)]
        return _Length(
            part.seconds + max((seconds for seconds, _ in longest), default=ZERO),
            own + max((seconds for _, seconds in longest), default=ZERO),
        )

    def _suppliers(self, entity: int) -> Iterator[tuple[int, Decimal]]:
        """The suppliers whose chains count, each with the seconds that handing over takes."""
        target = self._part(entity).target
        if target is not None and target.extent is Extent.END_TO_END:
            return
        handoffs: dict[str, Decimal] = {}
        for group in self._view.snapshot.groups.get(self._view.system.keys[entity], ()):
            for member in group.members:
                handoffs[member.entity] = max(member.handoff or ZERO, handoffs.get(member.entity, ZERO))
        for supplier in self._view.system.suppliers(entity):
            # Minutes of 28 digits: what was written in seconds is again what it was.
            yield supplier, round(handoffs.get(self._view.system.keys[supplier], ZERO) * 60, _WRITTEN)

    def _part(self, entity: int) -> _Part:
        if entity not in self._parts:
            self._parts[entity] = _Part() if entity == self._root else self._promised(entity)
        return self._parts[entity]

    def _promised(self, number: int) -> _Part:
        system = self._view.system
        entity = self._view.snapshot.entities[system.keys[number]]
        if entity.valid is not None and not entity.valid.holds(self._view.at):
            return _Part(missing=(ReasonCode.RETIRED,))
        choice = self._choice(number)
        if not choice.candidates:
            # A transaction is what is sold: it has no work of its own.
            return _Part(missing=() if entity.kind is EntityKind.TRANSACTION else choice.reasons)
        found = incident_time(self.ours, self.week, choice)
        if found.seconds is None:
            return _Part(missing=tuple(found.reasons))
        return _Part(found.seconds, found.target, found.agreement, reasons=found.reasons.union(choice.reasons))

    def _choice(self, number: int) -> Choice:
        system, metric = self._view.system, self._about.target.metric
        is_external = system.kinds[number] is EntityKind.EXTERNAL
        return self._view.index.choose(
            self._view.snapshot.entities[system.keys[number]],
            (AgreementType.UC if is_external else AgreementType.OLA,),
            frozenset(system.owners[c] for c in {self._root, *self._within.intersection(system.consumers[number])}),
            self._about.agreement.service_tier,
            fits=lambda target: is_like(target, metric),
        )
