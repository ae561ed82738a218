"""Back-to-back headroom: what the promises beneath a commitment leave of it, in minutes of its window.

Formula (section 4): budget `B_C = (1 - t_C) S_C`. Link: `h = B_C - allow`. Composite: expected
`H_e = (A(v) - t_C) S_C`; guaranteed `H_g = B_C -` the bound of section 2 with allowances in place of unavailabilities,
at most S_C.
Units: minutes.
Assumes: every supplier merely meets its contract; the expected figure also that failures are independent.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal

from risk.agreements.agreed_time import CommittedTime
from risk.agreements.choice import Owners, in_order, is_comparable
from risk.agreements.incident_limits import limit_on_suppliers
from risk.allowances import Allowances, Book
from risk.availability import Availability
from risk.chains import chain_headroom
from risk.composite import unknown_figures
from risk.figures import figure_for
from risk.floor import BoundTerm, guaranteed, guaranteed_terms
from risk.graph import assembled
from risk.limits import Check, unhurried
from risk.links import Link, Links, excluded_by
from risk.results import Commitment, Headroom, LinkHeadroom, WindowShown
from risk.seen_from import of_named_consumers, with_figures
from risk.structure import closure
from risk.terms import Ledger, ReasonCode, Verdict
from risk.view import View, view_of
from topology.model import EntityKind, Extent

_Strange = frozenset[tuple[int, frozenset[str]]]
_MOST_SEEN = 16
"""Views with other figures that are kept: each holds tables of the size of the estate."""
_DIGITS = Context(prec=13, rounding=ROUND_HALF_EVEN)
_OF_ONE_LINK = frozenset(
    {
        ReasonCode.EXTRA_NINE_FAIL,
        ReasonCode.NO_PENALTY,
        ReasonCode.PENALTY_BELOW_EXPOSURE,
        ReasonCode.EXPIRES_BEFORE_COMMITMENT,
        ReasonCode.FOURTH_PARTY_NO_CONTRACT,
    }
)
"""Reasons that stay with their link: they change no figure of the whole."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a ledger counts: the engine over it, the hard closure of the committed entity, and what is left out."""

    availability: Availability[float]
    within: frozenset[int]
    excluded: frozenset[int]


class Headrooms:
    """The contract calculus of one view; what commitments share is worked out once."""

    def __init__(
        self,
        view: View,
        allowances: Allowances | None = None,
        *,
        tiered: Callable[[str], View] | None = None,
        check: Check = unhurried,
    ) -> None:
        self._view = view
        self._view_at_tier = tiered
        self._check = check
        self._allowances = allowances or Allowances()
        self._links = Links(view, self._allowances, check=check)
        self._linked: dict[str, tuple[Link, ...]] = {}
        self._tiered: dict[str | None, View] = {None: view}
        self._strange: dict[str, _Strange] = {}
        self._named: dict[str | None, frozenset[int]] = {}
        self._seen: dict[tuple[str | None, _Strange], View] = {}
        self._scaled: dict[tuple[int, float], list[float]] = {}

    def headroom(self, commitment: Commitment, ledger: Ledger = Ledger.EXPERIENCED) -> Headroom:
        """The composite headroom, with no margin asked for."""
        committed = self._committed(commitment)
        if committed is None:
            return chain_headroom(self._view, commitment, self._check)
        view = self.view_for(commitment)
        root = view.system.number(commitment.entity)
        self._ensure_settled(view, root)
        ground = self._ground(commitment, root, ledger)
        counted = ground.within - ground.excluded
        links = [link for link in self._links_of(commitment) if link.supplier in counted]
        unknown = {m.reason for m in unknown_figures(view.system, view.figures, counted)}
        unknown |= {ReasonCode.TIER_BELOW_REQUIRED for link in links if _is_below(link) and link.allowance is None}
        promised = 1 - commitment.target.value
        expected = self._expected(commitment, committed, ground.availability)
        bound = self._bound(commitment, ground, links, committed.service_minutes)
        guarantee = promised * committed.service_minutes - steady(bound)
        return Headroom(
            commitment=commitment.key,
            expected_minutes=expected,
            guaranteed_minutes=guarantee,
            verdict=_composite_verdict(expected, guarantee, is_known=not unknown),
            reasons=in_order(unknown | self._reasons(commitment, links, guarantee)),
            bounded=all(link.bounded for link in links),
            window=window_shown(committed),
        )

    def expected(self, commitment: Commitment) -> Decimal | None:
        """The expected headroom alone, of the ledger EXPERIENCED: a fraction of the work; None without minutes."""
        committed = self._committed(commitment)
        if committed is None:
            return chain_headroom(self._view, commitment, self._check).expected_minutes
        view = self.view_for(commitment)
        self._ensure_settled(view, view.system.number(commitment.entity))
        return self._expected(commitment, committed, view.backed_out.availability)

    def links(self, commitment: Commitment) -> tuple[LinkHeadroom, ...]:
        """The link headroom of every supplier, by key, with no margin asked for."""
        keys, limit = self._view.system.keys, limit_on_suppliers(commitment.target)
        held = commitment if limit is None else replace(commitment, budget=limit)
        return tuple(link_headroom(held, link, keys[link.supplier]) for link in self._links_of(commitment))

    def _expected(self, commitment: Commitment, committed: CommittedTime, availability: Availability[float]) -> Decimal:
        root = self._view.system.number(commitment.entity)
        unavailability = steady(availability.exactly(root, self._check))
        return (1 - commitment.target.value - unavailability) * committed.service_minutes

    def view_for(self, commitment: Commitment) -> View:
        """The view of the figures that hold for a commitment: for its service tier, and for those who need them."""
        tier = commitment.agreement.service_tier
        view = self._of_tier(tier)
        if commitment.key not in self._strange:
            self._strange[commitment.key] = self._strange_beneath(commitment, view)
        strange = self._strange[commitment.key]
        if not strange:
            return view
        if (tier, strange) not in self._seen:
            if len(self._seen) >= _MOST_SEEN:
                self._let_go(next(iter(self._seen)))
            entities, keys = view.snapshot.entities, view.system.keys
            others = {n: figure_for(view.index, entities[keys[n]], owners, tier) for n, owners in strange}
            self._seen[tier, strange] = with_figures(view, others, self._check)
        return self._seen[tier, strange]

    def _let_go(self, about: tuple[str | None, _Strange]) -> None:
        view = self._seen.pop(about)
        self._scaled = {key: found for key, found in self._scaled.items() if key[0] != id(view)}

    def _strange_beneath(self, commitment: Commitment, view: View) -> _Strange:
        """The suppliers whose figure is of an agreement for somebody else, each with the owners that count beneath."""
        tier = commitment.agreement.service_tier
        if tier not in self._named:
            self._named[tier] = of_named_consumers(view)
        root = view.system.number(commitment.entity)
        # What the committed entity is promised to be itself is the promise in question: for whomever it is.
        beneath = self._named[tier] & closure(view.system, root) - {root} if self._named[tier] else frozenset()
        if not beneath:
            return frozenset()
        around = self._links.around(commitment)
        sought = {entity: self._links.sought(around, entity) for entity in beneath}
        return frozenset((n, found.owners) for n, found in sought.items() if not _is_for(view, n, found.owners))

    def _of_tier(self, tier: str | None) -> View:
        view = self._view
        if tier not in self._tiered:
            stated = {held.version.service_tier for held in view.index.standings.values() if held.version is not None}
            if tier is not None and stated - {None, tier}:
                prepared = view.backed_out.availability.prepared
                view = (
                    view_of(prepared, view.index, view.basis, self._check, tier=tier)
                    if self._view_at_tier is None
                    else self._view_at_tier(tier)
                )
            self._tiered[tier] = view
        return self._tiered[tier]

    def _ensure_settled(self, view: View, root: int) -> None:
        if view.backed_out.unsettled:
            view.backed_out.ensure_settled(closure(view.system, root))

    def _committed(self, commitment: Commitment) -> CommittedTime | None:
        book = self._book(commitment)
        return None if book is None else book.committed

    def _book(self, commitment: Commitment) -> Book | None:
        if not is_comparable(commitment.target):
            return None
        return self._allowances.book(commitment.agreement, commitment.target, self._view.at)

    def _links_of(self, commitment: Commitment) -> tuple[Link, ...]:
        if commitment.key not in self._linked:
            self._linked[commitment.key] = self._links.of(commitment, self._book(commitment))
        return self._linked[commitment.key]

    def _reasons(self, commitment: Commitment, links: Iterable[Link], guarantee: Decimal) -> set[ReasonCode]:
        found = {reason for link in links for reason in link.reasons - _OF_ONE_LINK}
        if guarantee < 0:
            found.add(ReasonCode.GUARANTEED_SHORTFALL)
        if self._view.index.standings[commitment.agreement.key].renewed:
            found.add(ReasonCode.ASSUMED_RENEWAL)
        return found

    def _ground(self, commitment: Commitment, root: int, ledger: Ledger) -> _Ground:
        """What counts: everything, or without what the commitment's agreement excludes: own = 1, groups ignored."""
        view = self.view_for(commitment)
        system, backed_out = view.system, view.backed_out
        within = closure(system, root)
        excluded = excluded_by(commitment.agreement, view, within) if ledger is Ledger.CONTRACTUAL else frozenset()
        excluded -= {root}
        if not excluded:
            return _Ground(backed_out.availability, within, excluded)
        reduced = assembled(
            system.keys,
            tuple(() if entity in excluded else groups for entity, groups in enumerate(system.groups)),
            system.soft,
            kinds=system.kinds,
            providers=system.providers,
            owners=system.owners,
            failed=system.failed - excluded,
        )
        own = [0.0 if entity in excluded else q for entity, q in enumerate(backed_out.availability.figures)]
        return _Ground(Availability(reduced, own, failed=reduced.failed), closure(reduced, root), excluded)

    def bound_terms(self, commitment: Commitment) -> Sequence[BoundTerm]:
        """What the guaranteed headroom takes from the budget, term by term; nothing where there are no minutes."""
        committed = self._committed(commitment)
        if committed is None:
            return ()
        root = self._view.system.number(commitment.entity)
        ground = self._ground(commitment, root, Ledger.EXPERIENCED)
        links = [link for link in self._links_of(commitment) if link.supplier in ground.within]
        minutes, whole = self._allowed(commitment, ground, links, committed.service_minutes)
        prepared, cap = ground.availability.prepared, float(committed.service_minutes)
        return guaranteed_terms(prepared, minutes, root, whole=whole, cap=cap, check=self._check)

    def _bound(self, commitment: Commitment, ground: _Ground, links: Iterable[Link], service_minutes: Decimal) -> float:
        """The downtime that kept promises allow the entity."""
        minutes, whole = self._allowed(commitment, ground, links, service_minutes)
        root, cap = self._view.system.number(commitment.entity), float(service_minutes)
        return guaranteed(ground.availability.prepared, minutes, root, whole=whole, cap=cap, check=self._check)

    def _allowed(
        self, commitment: Commitment, ground: _Ground, links: Iterable[Link], service_minutes: Decimal
    ) -> tuple[list[float], dict[int, float]]:
        """Minutes by entity: allowances by link, `(1 - a) S_C` elsewhere; and of those whose promise covers more."""
        view, scale = self.view_for(commitment), float(service_minutes)
        minutes = self._scaled_to(view, scale).copy()
        for entity in ground.excluded:
            minutes[entity] = 0.0
        whole = {n: view.whole[n] * scale for n in view.whole.keys() & ground.within - ground.excluded}
        for link in links:
            if _is_below(link):
                minutes[link.supplier] = scale if link.allowance is None else float(link.allowance)
                whole.pop(link.supplier, None)
                continue
            if not link.applies or link.allowance is None or link.target is None or ReasonCode.RETIRED in link.reasons:
                continue
            minutes[link.supplier] = float(link.allowance)
            whole.pop(link.supplier, None)
            is_external = view.system.kinds[link.supplier] is EntityKind.EXTERNAL
            answers_for_all = link.target.extent is Extent.END_TO_END and link.supplier not in view.on_cycles
            if is_external and answers_for_all:
                expected = view.strained.get(link.supplier, 0.0) * scale
                whole[link.supplier] = max(float(link.allowance), expected)
        return minutes, whole

    def _scaled_to(self, view: View, scale: float) -> list[float]:
        """`(1 - a) S_C` of every entity, by number, and S_C where nothing is promised; the view is one that is kept."""
        about = (id(view), scale)
        if about not in self._scaled:
            self._scaled[about] = [u * scale for u in view.promised]
        return self._scaled[about]


def _is_for(view: View, entity: int, owners: Owners) -> bool:
    """Whether the agreement that an entity's figure is of is for ourselves or one of some owners."""
    agreement = view.figures[view.system.keys[entity]].agreement
    return agreement is None or view.index.is_for(agreement, owners)


def _is_below(link: Link) -> bool:
    """Whether a supplier's agreement is for another service tier than the commitment's, and no other applies."""
    is_other = not link.applies and ReasonCode.TIER_BELOW_REQUIRED in link.reasons
    return is_other and ReasonCode.RETIRED not in link.reasons


def link_headroom(commitment: Commitment, link: Link, supplier: str) -> LinkHeadroom:
    """A link held against its commitment's budget, with no margin asked for; the supplier is given by its key.

    The budget of a promise for each incident is what it allows one.
    """
    reasons = set(link.reasons)
    headroom: Decimal | None = None
    extra_nine: bool | None = None
    if link.allowance is not None and commitment.budget is not None:
        headroom = commitment.budget - link.allowance
        if is_comparable(commitment.target):
            extra_nine = link.allowance * 10 <= commitment.budget
    if extra_nine is False:
        reasons.add(ReasonCode.EXTRA_NINE_FAIL)
    return LinkHeadroom(
        commitment=commitment.key,
        consumer=commitment.entity,
        supplier=supplier,
        agreement=link.agreement,
        target=link.target,
        allowance=link.allowance,
        headroom=headroom,
        extra_nine=extra_nine,
        verdict=link_verdict(
            headroom, is_required=link.required, is_agreed=link.agreement is not None, applies=link.applies
        ),
        reasons=in_order(reasons),
        bounded=link.bounded,
    )


def link_verdict(headroom: Decimal | None, *, is_required: bool, is_agreed: bool, applies: bool) -> Verdict:
    """The verdict on a link, by whether any agreement in force speaks of its supplier, and one that can be compared."""
    if not is_required:
        return Verdict.NOT_REQUIRED
    if not is_agreed:
        return Verdict.UNCOVERED
    if not applies or headroom is None:
        return Verdict.UNKNOWN
    return Verdict.SHORTFALL if headroom < 0 else Verdict.COVERED


def _composite_verdict(expected: Decimal, guarantee: Decimal, *, is_known: bool) -> Verdict:
    if expected < 0:
        return Verdict.SHORTFALL
    if not is_known:
        return Verdict.UNKNOWN
    return Verdict.THIN if guarantee < 0 else Verdict.COVERED


def steady(value: float) -> Decimal:
    """A computed figure to 13 digits: what is promised exactly must not miss its own target by a float's last bit."""
    return _DIGITS.create_decimal_from_float(value)


def window_shown(committed: CommittedTime) -> WindowShown:
    """The window that a headroom is about, as it is shown."""
    return WindowShown(
        committed.window.kind,
        committed.shown.starts_at,
        committed.shown.ends_at,
        committed.time.where.key,
        committed.service_minutes,
    )
