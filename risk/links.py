"""The suppliers of a commitment, each with the agreement that answers to it and the downtime which that allows.

Source: section 4, "Links". Every external and every entity that an OLA covers, in the hard closure of the committed
entity, stands once, at any depth; what is needed only softly is shown as not required.
Units: minutes of the commitment's window.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from risk.agreements.agreed_time import agreed_time
from risk.agreements.choice import AgreementIndex, Choice, is_comparable
from risk.agreements.incident_limits import is_like, is_own_work, limit_on_suppliers
from risk.agreements.incident_time import incident_time, week_of
from risk.agreements.lifecycle import final_day, last_day_in_force
from risk.allowance import Allowance, carve_outs
from risk.allowances import Allowances, Book
from risk.credits import kind_of, utmost_credit
from risk.graph import System
from risk.limits import Check, unhurried
from risk.results import Commitment
from risk.terms import ReasonCode
from risk.view import View
from topology.model import Agreement, AgreementType, EntityKind, ExclusionKind, PartyKind, Target

_A_YEAR = timedelta(days=365)
_STRIDE = 4096
_UNLIMITED = frozenset(
    {
        ReasonCode.UNBOUNDED_EXCLUSION,
        ReasonCode.MIN_DURATION_CARVEOUT,
        ReasonCode.FORCE_MAJEURE_NOT_PASSED_THROUGH,
    }
)


@dataclass(frozen=True, slots=True)
class Link:
    """One supplier of a commitment.

    Attributes:
        supplier: its number.
        required: whether its loss counts against the commitment: it is needed hard, and neither excluded by the
            commitment's agreement nor only beneath what is.
        applies: whether an agreement with a comparable target applies.
        agreement: the agreement version that applies, or that is in force and says nothing comparable.
        target: the target that binds.
        allowance: the downtime that is allowed; from the stated availability where no agreement applies.
        reasons: all that is to be said about it, but for what the budget decides.
        bounded: whether nothing without an end comes on top of the allowance.
    """

    supplier: int
    required: bool
    applies: bool
    agreement: Agreement | None
    target: Target | None
    allowance: Decimal | None
    reasons: frozenset[ReasonCode]
    bounded: bool


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a commitment: its entity, what that reaches (hard, at all), what the agreement counts of it.

    `stopping` are its single points, where the commitment owes anything when it is missed. `limit` are the minutes that
    it allows for one incident, where it promises that and answers for its suppliers.
    """

    commitment: Commitment
    root: int
    hard: frozenset[int]
    within: frozenset[int]
    counted: frozenset[int]
    stopping: frozenset[int]
    limit: Decimal | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose promise is looked for, and for whom: the owners of those that need it, and their service tier.

    Of the owners only those that an agreement on the supplier names, for what is ours counts anyway: what is sought
    alike is found alike.
    `metric` is the one that is asked for; None asks for availability.
    """

    supplier: int
    owners: frozenset[str]
    tier: str | None
    metric: str | None = None


class Links:
    """The links of a view's commitments; choices and allowances that commitments share are worked out once."""

    def __init__(self, view: View, allowances: Allowances, *, check: Check = unhurried) -> None:
        self._view = view
        self._allowances = allowances
        self._check = check
        system = view.system
        self._under_ola = frozenset(system.index[key] for key in view.index.covered((AgreementType.OLA,), system.keys))
        self._exceeding = frozenset(exceeded.entity for exceeded in view.backed_out.exceeded)
        self._entities = tuple(view.snapshot.entities[key] for key in system.keys)
        self._choices: dict[Sought, Choice] = {}
        self._ourselves = frozenset(key for key, p in view.snapshot.parties.items() if p.kind is PartyKind.SELF)
        self._named: dict[int, frozenset[str]] = {}
        self._first_parties: dict[tuple[int, str | None, bool], frozenset[int]] = {}

    def of(self, commitment: Commitment, book: Book | None) -> tuple[Link, ...]:
        """The links of a commitment, by supplier; without minutes where it is not committed to any time.

        Cost: the closure of the entity, and a choice and an allowance for each supplier not met before.
        """
        around, view = self.around(commitment), self._view
        found: list[Link] = []
        for supplier in sorted(around.within - {around.root}):
            if view.system.kinds[supplier] is EntityKind.EXTERNAL or supplier in self._under_ola:
                sought = self.sought(around, supplier)
                known = self._choices.get(sought)
                if known is None:
                    known = self._choices[sought] = self.choose(sought, view.index)
                standing = self.standing_reasons(supplier)
                found.append(self.link(around, book, supplier, known, at=view.at, standing=standing))
        return tuple(found)

    def around(self, commitment: Commitment) -> Around:
        """What surrounds a commitment."""
        system = self._view.system
        root = system.number(commitment.entity)
        hard = _reached(system, root, soft=False, check=self._check)
        is_soft = any(system.soft[entity] for entity in hard)
        within = _reached(system, root, soft=True, check=self._check) if is_soft else hard
        excluded = excluded_by(commitment.agreement, self._view, within) - {root}
        counted = hard
        if excluded:
            passed = _reached(system, root, lambda entity: entity not in excluded, soft=False, check=self._check)
            counted = passed - excluded
        owes = kind_of(commitment.target) is not None and commitment.agreement.fee is not None
        prepared = self._view.backed_out.availability.prepared
        stopping = prepared.needs(root, self._check) if owes else frozenset[int]()
        if is_own_work(commitment.target):
            counted = frozenset()  # no supplier's time is any of it
        limit = limit_on_suppliers(commitment.target)
        return Around(commitment, root, hard, within, counted, stopping, limit)

    def sought(self, around: Around, supplier: int) -> Sought:
        """Who wants what of a supplier: its consumers in the commitment's closure, and the committed entity."""
        named, owners = self._consumers_named(supplier), frozenset[str]()
        if named:
            system = self._view.system
            direct = system.consumers[supplier]
            if supplier not in around.hard:
                direct = (*direct, *system.soft_consumers[supplier])
            consumers = {around.root, *(around.within.intersection(direct))}
            owners = named.intersection(system.owners[consumer] for consumer in consumers)
        metric = None if around.limit is None else around.commitment.target.metric
        return Sought(supplier, owners, around.commitment.agreement.service_tier, metric)

    def choose(self, sought: Sought, index: AgreementIndex) -> Choice:
        """What applies to a supplier, of the agreements of an index."""
        is_external = self._view.system.kinds[sought.supplier] is EntityKind.EXTERNAL
        types = (AgreementType.UC if is_external else AgreementType.OLA,)
        metric, entity = sought.metric, self._entities[sought.supplier]
        if metric is None:
            return index.choose(entity, types, sought.owners, sought.tier)
        return index.choose(entity, types, sought.owners, sought.tier, fits=lambda target: is_like(target, metric))

    def link(
        self,
        around: Around,
        book: Book | None,
        supplier: int,
        choice: Choice,
        *,
        at: date,
        standing: Collection[ReasonCode],
    ) -> Link:
        """One link of a commitment.

        Args:
            around: what surrounds the commitment.
            book: its window; None where it is not committed to any time.
            supplier: the supplier's number.
            choice: what applies to it.
            at: the date.
            standing: the reasons that come from how the supplier stands then.
        """
        self._check()
        allowed = self._allowed(around, book, supplier, choice, at)
        reasons = {*choice.reasons, *standing}
        if book is None and around.limit is None:
            reasons.add(ReasonCode.METRIC_MISMATCH)
        bounded = True
        agreement, minutes = choice.incomparable, self._stated(book, supplier)
        if allowed is not None:
            agreement, found = allowed
            minutes = found.minutes
            outside = carve_outs(agreement, around.commitment.agreement)
            reasons |= found.reasons | outside | _penalties(agreement, found.target)
            if self._expires(agreement, supplier, around, at):
                reasons.add(ReasonCode.EXPIRES_BEFORE_COMMITMENT)
            if supplier in around.stopping & around.counted and _gives_back_less(agreement, found.target, around, at):
                reasons.add(ReasonCode.PENALTY_BELOW_EXPOSURE)
            bounded = not outside & _UNLIMITED
        elif choice.candidates:
            agreement = choice.candidates[0].agreement
        elif agreement is None and not self._is_first_party(around, supplier):
            reasons.add(ReasonCode.FOURTH_PARTY_NO_CONTRACT)
        return Link(
            supplier=supplier,
            required=supplier in around.counted,
            applies=bool(choice.candidates),
            agreement=agreement,
            target=allowed[1].target if allowed is not None else None,
            allowance=minutes,
            reasons=frozenset(reasons),
            bounded=bounded,
        )

    def allowed_minutes(self, books: Iterable[Book], supplier: int, choice: Choice) -> Iterator[Decimal | None]:
        """In each window the most that any of the agreements which apply allows, else what is stated, if it is."""
        if not choice.candidates:
            yield from (self._stated(book, supplier) for book in books)
            return
        key, terms = self._view.system.keys[supplier], self._allowances.terms
        agreed = [terms(c.agreement, c.targets, key) for c in choice.candidates]
        if len(agreed) == 1:
            yield from (book.minutes(agreed[0]) for book in books)
        else:
            yield from (max(book.minutes(each) for each in agreed) for book in books)

    def incident_minutes(self, around: Around, choice: Choice, at: date) -> Decimal | None:
        """What an incident may take by the agreements that apply; None where nothing answers to the commitment."""
        found = self._in_time(around, choice, at)
        return None if found is None else found[1].minutes

    def _allowed(
        self, around: Around, book: Book | None, supplier: int, choice: Choice, at: date
    ) -> tuple[Agreement, Allowance] | None:
        """Of the agreements that apply the one that allows most, with what it allows."""
        if book is None:
            return self._in_time(around, choice, at)
        key = self._view.system.keys[supplier]
        found: list[tuple[Agreement, Allowance]] = []
        for candidate in choice.candidates:
            terms = self._allowances.terms(candidate.agreement, candidate.targets, key)
            found.append((candidate.agreement, book.allowed(terms, candidate.targets)))
        return max(found, key=lambda pair: pair[1].minutes, default=None)

    def _in_time(self, around: Around, choice: Choice, at: date) -> tuple[Agreement, Allowance] | None:
        """What an incident may take by the agreements that apply, where the commitment promises that."""
        if around.limit is None or not choice.candidates:
            return None
        ours = agreed_time(around.commitment.agreement, around.commitment.target.window)
        found = incident_time(ours, week_of(at, ours.where), choice)
        if found.minutes is None:
            return None
        return found.agreement, Allowance(found.minutes, found.target, found.reasons)

    def _stated(self, book: Book | None, supplier: int) -> Decimal | None:
        """What a stated availability comes to where no agreement answers: `(1 - a) S_C`."""
        stated = self._entities[supplier].availability
        return None if book is None or stated is None else (1 - stated) * book.committed.service_minutes

    def _consumers_named(self, supplier: int) -> frozenset[str]:
        """Who but ourselves is named as a consumer by the agreements that may cover a supplier, at whatever time."""
        if supplier not in self._named:
            agreements = self._view.snapshot.agreements
            covering = self._view.index.ever_covering(self._entities[supplier])
            versions = (version for key in covering for version in agreements[key])
            consumers = {v.consumer for v in versions if v.consumer is not None}
            self._named[supplier] = frozenset(consumers) - self._ourselves
        return self._named[supplier]

    def _expires(self, agreement: Agreement, supplier: int, around: Around, at: date) -> bool:
        """Whether what answers for a supplier ends before the commitment does, and within a year.

        Versions that take over without a break go on, where they promise the like.
        """
        horizon, versions, index = at + _A_YEAR, self._view.snapshot.agreements, self._view.index
        end = final_day(agreement)
        if end is None or end >= horizon:
            return False
        entity, about = self._entities[supplier], around.commitment
        metric = None if around.limit is None else about.target.metric

        def is_like_it(version: Agreement) -> bool:
            targets = index.targets_on(version, entity)
            return any(is_comparable(t) if metric is None else is_like(t, metric) for t in targets)

        until = last_day_in_force(versions[agreement.key], agreement, is_like_it)
        mine = about.agreement
        ours = last_day_in_force(versions[mine.key], mine, lambda version: _repeats(index, version, about))
        return until is not None and until < min(ours or horizon, horizon)

    def standing_reasons(self, supplier: int) -> set[ReasonCode]:
        """The reasons that come from how a supplier stands at the view's date."""
        reasons: set[ReasonCode] = set()
        if supplier in self._exceeding:
            reasons.add(ReasonCode.PROMISE_EXCEEDS_SUPPLY)
        if self._view.figures[self._view.system.keys[supplier]].missing is ReasonCode.RETIRED:
            reasons.add(ReasonCode.RETIRED)
        return reasons

    def _is_first_party(self, around: Around, supplier: int) -> bool:
        """Whether a way from the committed entity to a supplier passes through no other vendor's product."""
        system = self._view.system
        ours, soft = system.providers[supplier], supplier not in around.hard

        def is_passed(entity: int) -> bool:
            is_foreign = ours is None or system.providers[entity] != ours
            return entity == around.root or system.kinds[entity] is not EntityKind.EXTERNAL or not is_foreign

        key = (around.root, ours, soft)
        if key not in self._first_parties:
            self._first_parties[key] = _reached(system, around.root, is_passed, soft=soft, check=self._check)
        return supplier in self._first_parties[key]


def _reached(
    system: System,
    root: int,
    is_passed: Callable[[int], bool] = lambda _: True,
    *,
    soft: bool,
    check: Check,
) -> frozenset[int]:
    """What a root reaches over entities that are passed through; those that are not end their way."""
    seen = {root}
    pending = [root]
    steps = 0
    while pending:
        steps += 1
        if steps % _STRIDE == 0:
            check()
        entity = pending.pop()
        if not is_passed(entity):
            continue
        for group in system.groups[entity]:
            if not seen.issuperset(group.members):
                found = set(group.members) - seen
                seen |= found
                pending += found
        if soft and system.soft[entity]:
            found = {edge.supplier for edge in system.soft[entity]} - seen
            seen |= found
            pending += found
    return frozenset(seen)


def excluded_by(agreement: Agreement, view: View, among: Collection[int]) -> frozenset[int]:
    """The entities that an agreement excludes as outside its control, of those in `among`."""
    system = view.system
    found: set[int] = set()
    for exclusion in agreement.excludes:
        if exclusion.kind is ExclusionKind.THIRD_PARTY:
            found.update(entity for entity in among if system.kinds[entity] is EntityKind.EXTERNAL)
        elif exclusion.kind is ExclusionKind.ENTITIES:
            found.update(system.index[key] for key in exclusion.entities if key in system.index)
    return frozenset(found) & frozenset(among)


def _penalties(agreement: Agreement, target: Target) -> set[ReasonCode]:
    """What the penalties of an agreement leave open."""
    owes_nothing = not target.credits and target.credit_kind is None
    return {ReasonCode.NO_PENALTY} if agreement.type is AgreementType.UC and owes_nothing else set()


def _repeats(index: AgreementIndex, version: Agreement, about: Commitment) -> bool:
    """Whether a version of a commitment's agreement promises the same metric in the same kind of window."""
    targets = index.targets_on(version, index.snapshot.entities[about.entity])
    return any((t.metric, t.window) == (about.target.metric, about.target.window) for t in targets)


def _gives_back_less(agreement: Agreement, target: Target, around: Around, at: date) -> bool:
    """Whether a vendor owes less, at most, than the commitment does when the vendor's failure stops it.

    Where either is not known, or their currencies are two, nothing can be said.
    """
    about = around.commitment
    ours = utmost_credit(about.agreement, about.entity, about.target, at).amount
    if agreement.type is not AgreementType.UC or ours is None or ours.amount <= 0:
        return False
    theirs = utmost_credit(agreement, target.covers or "", target, at)
    if theirs.amount is None:
        return not theirs.is_unknown
    return theirs.amount.currency == ours.currency and theirs.amount.amount < ours.amount
