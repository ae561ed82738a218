"""The contract side of one view: what we promise, and what the promises beneath it leave of that."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from risk.agreements.agreed_time import committed_time
from risk.agreements.choice import is_comparable
from risk.agreements.commitments import commitments_of
from risk.agreements.horizon import checked_horizon
from risk.agreements.renewals import Renewal, renewals_of
from risk.allowances import Allowances
from risk.breach import BreachClock, Outage, breach_clocks
from risk.cascade import Cascade
from risk.collector import COLLECTOR_HELD_BACK
from risk.coverage import GAPS, Coverage, CoverageGap
from risk.credit_exposure import CountedOutage, CreditExposure, credit_exposure
from risk.credits import Credit, credit_of, within_cap
from risk.explanation import Explanation, explained, not_reckoned
from risk.ground import Ground
from risk.headroom import Headrooms
from risk.limits import unhurried
from risk.link_requirement import WindowRequirement, window_requirements
from risk.negotiation import Negotiation, negotiated
from risk.reach import closure_of
from risk.results import Commitment, Headroom, LinkHeadroom
from risk.stirred import stirred
from risk.terms import Direction, Ledger, Verdict
from risk.timeline import CoverageSegment, Timelines
from topology.calendars import zone
from topology.errors import AnalysisTooLarge, BadInput, Issue, UnknownKey
from topology.model import Agreement, AgreementType
from topology.units import minutes

ZERO = Decimal(0)


class Promises:
    """The contract calculus of a view, each result worked out once and on demand.

    Args:
        ground: what the view stands on.

    Raises:
        UnknownKey: (all methods that take keys) the snapshot holds no such entity or commitment.
        DeadlinePassed: (all methods) the ground's clock said so.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def commitments(
        self,
        types: Collection[AgreementType] = (AgreementType.SLA,),
        *,
        entity: str | None = None,
        agreement: str | None = None,
    ) -> tuple[Commitment, ...]:
        """What we promise in agreements of these types (SLA, OLA), worst expected headroom first, then by key.

        Those that have no headroom in minutes come last. `entity` and `agreement` narrow it to one of each; only what
        is left is worked out.
        """
        canonical = self._ground.snapshot.canonical
        on, of = (None if key is None else canonical(key) for key in (entity, agreement))
        wanted = frozenset(types)

        def compute() -> tuple[Commitment, ...]:
            chosen = (c for c in self.all_commitments().values() if c.agreement.type in wanted)
            return self._worst_first(
                [c for c in chosen if (on is None or c.entity == on) and (of is None or c.agreement.key == of)]
            )

        return self._ground.get(("commitments", wanted, on, of), compute)

    def all_commitments(self) -> Mapping[str, Commitment]:
        """Every target of an SLA or OLA in force, by its key."""
        return self._ground.get(("all commitments",), lambda: commitments_of(self._ground.index()))

    def by_cone(self, chosen: Iterable[Commitment] | None = None) -> Mapping[str, Commitment]:
        """Some commitments, or all, in the order in which to ask about many: what shares most tables together."""
        ground = self._ground
        on: dict[int, list[Commitment]] = {}
        for commitment in self.all_commitments().values() if chosen is None else chosen:
            on.setdefault(ground.system.index[commitment.entity], []).append(commitment)
        cones = ground.ask(lambda: ground.view().backed_out.availability.in_cones(on, ground.check))
        return {commitment.key: commitment for cone in cones for entity in cone for commitment in on[entity]}

    def commitment(self, key: str) -> Commitment:
        """The commitment `agreement/entity/metric/window`."""
        found = self.all_commitments().get(key)
        if found is None:
            raise UnknownKey(key)
        return found

    def headroom(self, commitment: str, margin: Decimal = ZERO, ledger: Ledger = Ledger.EXPERIENCED) -> Headroom:
        """The composite headroom of a commitment, in minutes of its window. `margin` in minutes."""
        about = self.commitment(commitment)

        def compute() -> Headroom:
            before = self._unstirred(about)
            return (
                self._headrooms().headroom(about, ledger)
                if before is None
                else before.headroom(about.key, ledger=ledger)
            )

        return self._ground.get(("headroom", about.key, ledger), compute).with_margin(margin)

    def expected(self, commitment: str) -> Decimal | None:
        """The expected headroom alone, a fraction of the work; None without minutes."""
        about = self.commitment(commitment)

        def compute() -> Decimal | None:
            before = self._unstirred(about)
            return self._headrooms().expected(about) if before is None else before.expected(about.key)

        return self._ground.get(("expected", about.key), compute)

    def links(self, commitment: str, margin: Decimal = ZERO) -> tuple[LinkHeadroom, ...]:
        """Every supplier's contract held against a commitment, each supplier once, by key. `margin` in minutes."""
        about = self.commitment(commitment)

        def compute() -> tuple[LinkHeadroom, ...]:
            before = self._unstirred(about)
            return self._headrooms().links(about) if before is None else before.links(about.key)

        return tuple(link.with_margin(margin) for link in self._ground.get(("links", about.key), compute))

    def explanation(self, commitment: str) -> Explanation:
        """How the verdict on a commitment comes about, figure by figure.

        Raises:
            AnalysisTooLarge: of a part of the structure only bounds are known.
        """
        about, ground = self.commitment(commitment), self._ground
        found, links = self.headroom(about.key), self.links(about.key)

        def compute() -> Explanation:
            if not is_comparable(about.target):
                return not_reckoned(about, found, links, ground.view(), ground.check)
            held = self._headrooms()
            return explained(
                about,
                found,
                time=committed_time(about.agreement, about.target, ground.at),
                links=links,
                bound=held.bound_terms(about),
                view=held.view_for(about),
                check=ground.check,
            )

        return ground.ask(compute)

    def negotiation(self, commitment: str, supplier: str) -> Negotiation:
        """What a supplier would have to promise so that a commitment is kept, and what every other could give instead.

        Raises:
            UnknownKey: there is no such commitment, or no such entity; the issue's path is the argument.
            BadInput: NOT_A_SUPPLIER: the committed entity does not reach it.
            AnalysisTooLarge: of a part of the structure only bounds are known.
        """
        about = self.all_commitments().get(commitment)
        if about is None:
            raise UnknownKey(commitment, ("commitment",))
        number = self._supplier(about, supplier)

        def compute() -> Negotiation:
            view, check = self._headrooms().view_for(about), self._ground.check
            self._ground.settled(view.system.number(about.entity), view)
            minutes_served: Decimal | None = None
            windows: tuple[WindowRequirement, ...] = ()
            if is_comparable(about.target):
                committed = committed_time(about.agreement, about.target, view.at)
                minutes_served = committed.service_minutes
                key = view.system.keys[number]
                link = next((link for link in self.links(about.key) if link.supplier == key), None)
                agreed, theirs = (None, None) if link is None else (link.agreement, link.target)
                kinds = [target.window for target in (about.target, theirs) if target is not None]
                windows = window_requirements(about, committed, agreed, kinds, check)
            return negotiated(view, about, number, service_minutes=minutes_served, link_required=windows, check=check)

        return self._ground.get(("negotiation", about.key, number), compute)

    def coverage_gaps(
        self, horizon_days: int = 0, verdicts: Collection[Verdict] | None = None
    ) -> tuple[CoverageGap, ...]:
        """Every link of every commitment whose worst verdict in the horizon is one of some, the worst first.

        Args:
            horizon_days: how many days to look ahead; 0: at the business date.
            verdicts: the verdicts that are wanted; absent: those that are gaps (UNCOVERED, SHORTFALL, UNKNOWN).

        Raises:
            BadInput: the horizon is negative or longer than ten years.
        """
        days = checked_horizon(horizon_days)

        def compute() -> tuple[CoverageGap, ...]:
            with COLLECTOR_HELD_BACK:
                return self._coverage().rows(self.all_commitments().values(), days)

        rows = self._ground.get(("coverage", days), compute)
        wanted = GAPS if verdicts is None else frozenset(verdicts)
        return tuple(row for row in rows if row.verdict in wanted)

    def credit(self, about: Commitment, minutes_down: Decimal) -> Credit:
        """What a commitment owes for so many minutes of downtime in the window that the view's date is in."""
        owed = credit_of(about.agreement, about.entity, about.target, self._ground.at, minutes_down)
        return within_cap((owed,), self._ground.at)[0]

    def credit_exposure(
        self, failed: Collection[int], minutes_down: Decimal, claimed_after: Decimal = ZERO
    ) -> CreditExposure:
        """What it costs in credits when entities, by number, fail for so many minutes on the view's date.

        Vendors are asked to pay `claimed_after` minutes after the end.
        """
        ground = self._ground

        def compute() -> CreditExposure:
            outage = CountedOutage(ground.view(), failed, minutes_down, ground.check)
            return credit_exposure(self.all_commitments().values(), outage, claimed_after)

        return ground.ask(compute)

    def timeline(self, commitment: str, horizon_days: int = 365) -> tuple[CoverageSegment, ...]:
        """How a commitment fares from the business date on: segments that tile so many days, in order.

        Raises:
            BadInput: the horizon is negative or longer than ten years.
            AnalysisTooLarge: some headroom in it is too large to compute.
        """
        about, days = self.commitment(commitment), checked_horizon(horizon_days)
        return self._ground.get(("timeline", about.key, days), lambda: self._timelines().of(about, days))

    def renewals(self, horizon_days: int) -> tuple[Renewal, ...]:
        """What ends or has its notice due on one of the next days, `horizon_days` from now included; the first first.

        Raises:
            BadInput: the horizon is negative or longer than ten years.
        """
        at = self._ground.at
        until = at + timedelta(days=checked_horizon(horizon_days))

        def dependents(agreement: str) -> tuple[str, ...]:
            return self._dependents().get(agreement, ())

        return self._ground.get(
            ("renewals", horizon_days),
            lambda: renewals_of(self._ground.snapshot.agreements, at, until, dependents),
        )

    def breach_clocks(
        self,
        found: Cascade,
        started_at: datetime | None = None,
        used: Mapping[str, Decimal] = MappingProxyType({}),
    ) -> tuple[BreachClock, ...]:
        """How long each promise to a customer on what a cascade hits still holds, the soonest breach first.

        Args:
            found: what happens.
            started_at: when it begins, with its offset: the promises are those of that day; None where that is not
                known, and those of the view's date count.
            used: from the keys of commitments to the minutes that are used of their window's budget already; where it
                holds none the whole budget is assumed to be left.
        """
        ground = self._ground
        impacts = {ground.key_of(impact.entity): impact for impact in found.impacts}
        counting: list[CountedOutage] = []

        def contractual(agreement: Agreement, entity: str) -> Decimal:
            assert found.minutes is not None, "an outage without an end has no credits"
            if not counting:
                counting.append(CountedOutage(ground.view(), found.failed, found.minutes, ground.check))
            return counting[0].counted(agreement, ground.number(entity))

        def compute() -> tuple[BreachClock, ...]:
            promises, outage = self._promised_at(started_at, impacts).values(), Outage(started_at, found.minutes)
            return breach_clocks(
                promises, impacts, outage, ground.at, used=used, contractual=contractual, check=ground.check
            )

        return ground.ask(compute)

    def _promised_at(self, moment: datetime | None, on: Iterable[str]) -> Mapping[str, Commitment]:
        """What is promised at a moment on some entities among others, each agreement having the day of its own zone.

        Without a moment: on the view's date.
        """
        if moment is None:
            return self.all_commitments()
        index, entities = self._ground.index(), self._ground.snapshot.entities
        covering = frozenset().union(*(index.ever_covering(entities[key]) for key in on))
        seen = index.seen(
            moment.astimezone(UTC).date(), lambda held: moment.astimezone(zone(held.timezone)).date(), covering
        )
        return commitments_of(seen)

    def headroom_if_small(self, commitment: Commitment) -> Headroom | None:
        """The headroom to look over all promises by; None where it is too large to compute, as asking for it tells."""
        try:
            return self.headroom(commitment.key)
        except AnalysisTooLarge:
            return None

    def expected_if_small(self, commitment: Commitment) -> Decimal | None:
        """The expected headroom alone; None without minutes, and where it is too large to compute."""
        try:
            return self.expected(commitment.key)
        except AnalysisTooLarge:
            return None

    def _unstirred(self, about: Commitment) -> "Promises | None":
        """The promises that a scenario is laid over, where it touches nothing that this one rests on."""
        beneath = self._ground.beneath
        if beneath is None:
            return None
        touched = self._ground.get(("stirred",), lambda: stirred(beneath, self._ground.at_work()))
        if touched.holds(about.entity, about.agreement.key):
            return None
        return Promises(beneath)

    def _dependents(self) -> Mapping[str, tuple[str, ...]]:
        """The commitments that stand in each agreement, or have a supplier to which it applies; by key."""

        def compute() -> Mapping[str, tuple[str, ...]]:
            found: dict[str, set[str]] = {}
            for key, commitment in self.all_commitments().items():
                found.setdefault(commitment.agreement.key, set()).add(key)
                for link in self.links(key):
                    if link.agreement is not None and link.verdict is not Verdict.NOT_REQUIRED:
                        found.setdefault(link.agreement.key, set()).add(key)
            return {agreement: tuple(sorted(keys)) for agreement, keys in found.items()}

        return self._ground.get(("dependents",), compute)

    def _supplier(self, about: Commitment, key: str) -> int:
        """The number of something that the committed entity reaches, hard or soft."""
        system = self._ground.system
        number = system.index.get(self._ground.snapshot.canonical(key))
        if number is None:
            raise UnknownKey(key, ("supplier",))
        root = system.number(about.entity)
        if number not in {r.entity for r in closure_of(system, root, Direction.REQUIRES, check=self._ground.asking)}:
            message = f'"{key}" is nothing that "{about.entity}" needs, directly or not'
            raise BadInput((Issue("NOT_A_SUPPLIER", message, ("supplier",)),))
        return number

    def _allowances(self) -> Allowances:
        return self._ground.get(("allowances",), Allowances)

    def _headrooms(self) -> Headrooms:
        ground = self._ground
        later = ground.at_work()

        def compute() -> Headrooms:
            return Headrooms(
                ground.view(), self._allowances(), tiered=lambda tier: later.view(tier=tier), check=ground.check
            )

        return ground.get(("headrooms",), compute)

    def _timelines(self) -> Timelines:
        ground = self._ground

        def compute() -> Timelines:
            return Timelines(ground.view(), self._allowances(), supposed=ground.is_supposed, check=ground.check)

        return ground.get(("timelines",), compute)

    def _coverage(self) -> Coverage:
        ground = self._ground
        # What explains a row is asked for later, by whoever reads it: little each time, and under no deadline.
        later = ground.within(unhurried)

        def compute() -> Coverage:
            return Coverage(ground.view(), self._allowances(), keep=later.get, check=ground.check)

        return ground.get(("coverage over time",), compute)

    def _worst_first(self, chosen: Sequence[Commitment]) -> tuple[Commitment, ...]:
        expected = {key: self._expected_minutes(c) for key, c in self.by_cone(chosen).items()}
        return tuple(sorted(chosen, key=lambda c: (expected[c.key] is None, expected[c.key] or ZERO, c.key)))

    def _expected_minutes(self, about: Commitment) -> Decimal | None:
        """The expected headroom alone, as shown; None where there is none, or it is too large to compute.

        Each is kept by itself, so that a deadline loses none that were worked out.
        """
        found = self.expected_if_small(about)
        return None if found is None else minutes(found)
