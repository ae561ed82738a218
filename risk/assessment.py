"""Every analysis of one view, computed once and on demand: the one object that the API and the command ask."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from risk.agreement_choice import AgreementIndex
from risk.availability import Availability
from risk.commitments import commitments_of
from risk.composite import composite_availability, formula_of
from risk.cut_sets import CutSets, cut_sets
from risk.findings import find
from risk.graph import System, system_of
from risk.headroom import Headrooms
from risk.impact import FailureImpact, failure_impact
from risk.importance import Importance, fussell_vesely, importances
from risk.limits import DEFAULT_LIMITS, Check, unhurried
from risk.once import Once
from risk.prepared import Prepared
from risk.reach import Neighbourhood, Reached, closure_of, neighbourhood
from risk.results import (
    Commitment,
    CompositeAvailability,
    Finding,
    Headroom,
    LinkHeadroom,
    OwnFigure,
    Probability,
    SubjectKind,
)
from risk.single_points import FailureSet, SinglePoint, estate_single_points, failure_sets, single_points
from risk.structure import closure, down
from risk.terms import Basis, Direction, FailureLevel, Ledger, MissingPolicy
from risk.view import View, view_of
from risk.wording import what_is_missing
from topology.errors import AnalysisTooLarge, BadInput, Issue, UnknownKey
from topology.model import AgreementType
from topology.snapshot import Snapshot
from topology.units import minutes

T = TypeVar("T")
ZERO = Decimal(0)
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2900, 12, 31)
"""The dates that a view may be about: calendars reckon safely between them."""


class Assessment:
    """The analyses of a snapshot at a date; immutable to its callers, and safe to ask from several threads.

    Keys may be given in any form that the snapshot resolves. The engine's results name entities by number: `key_of`
    gives their keys. Every result is worked out once, whole, or not at all: a deadline leaves nothing half done.

    Args:
        snapshot: the model, after any scenario.
        at: the business date.
        check: called every few thousand steps; raises `DeadlinePassed` to stop.

    Raises:
        BadInput: the date is beyond the years 1900 to 2900.
        UnknownKey: (all methods that take keys) the snapshot holds no such entity, party or commitment.
        DeadlinePassed: (all methods) the check said so.
    """

    def __init__(self, snapshot: Snapshot, at: date, *, check: Check = unhurried) -> None:
        if not FIRST_DAY <= at <= LAST_DAY:
            raise BadInput((Issue("DATE_OUT_OF_RANGE", f"{at} is not between {FIRST_DAY} and {LAST_DAY}", ("at",)),))
        self.snapshot = snapshot
        self.at = at
        self._once = Once()
        self._check = check

    def within(self, check: Check) -> "Assessment":
        """This assessment under another deadline; both share what has been and will be worked out."""
        other = Assessment(self.snapshot, self.at, check=check)
        other._once = self._once
        return other

    # ------------------------------------------------------------------------------------------------ the graph

    @property
    def system(self) -> System:
        """The requirement graph by number."""
        return self._get(("system",), lambda: system_of(self.snapshot))

    def key_of(self, number: int) -> str:
        """The key of the entity that the engine calls by this number."""
        return self.system.keys[number]

    def closure(
        self, key: str, direction: Direction = Direction.REQUIRES, max_depth: int | None = None
    ) -> tuple[Reached, ...]:
        """All that an entity reaches, soft edges included, nearest first; not itself."""
        return closure_of(self.system, self._number(key), direction, max_depth, check=self._check)

    def subgraph(self, roots: Iterable[str], direction: Direction, depth: int, limit: int) -> Neighbourhood:
        """The entities within `depth` steps of the roots, at most `limit`."""
        numbers = [self._number(key) for key in roots]
        return neighbourhood(self.system, numbers, direction, depth, limit, check=self._check)

    # ------------------------------------------------------------------------------------------------ availability

    def own_figure(self, key: str, basis: Basis = Basis.CONTRACTED) -> OwnFigure:
        """An entity's own availability as promised, and from where; or why it is missing."""
        return self._view(basis).figures[self.key_of(self._number(key))]

    def composite(
        self, key: str, basis: Basis = Basis.CONTRACTED, missing: MissingPolicy = MissingPolicy.CEILING
    ) -> CompositeAvailability:
        """What the promises beneath an entity come to.

        Raises:
            BadInput: `missing` is FAIL and a figure is missing that any of the answer's figures would need; one issue
                MISSING_FIGURE for each.
        """
        root = self._number(key)
        found = self._get(
            ("composite", root, basis), lambda: composite_availability(self._view(basis), root, self._once.check)
        )
        if missing is MissingPolicy.FAIL and found.missing:
            raise BadInput(
                tuple(Issue("MISSING_FIGURE", what_is_missing(m.entity, m.reason), (key,)) for m in found.missing)
            )
        return found

    def contributions(self, key: str, basis: Basis = Basis.CONTRACTED) -> tuple[Importance, ...]:
        """What each entity of the hard closure, itself included, costs the entity; the costliest first."""
        root = self._number(key)
        return self._get(("contributions", root, basis), lambda: self._importances(self._view(basis), root))

    def fussell_vesely(self, key: str, entity: int, basis: Basis = Basis.CONTRACTED) -> float | None:
        """The share of an entity's unavailability in which a cut set with `entity` in it has failed.

        None where not all cut sets are known.
        """
        root = self._number(key)

        def compute() -> float | None:
            try:
                return fussell_vesely(self._settled(root, self._view(basis)), root, entity, self._once.check)
            except AnalysisTooLarge:
                return None

        return self._get(("fussell-vesely", root, entity, basis), compute)

    def conditional(self, key: str, failed: Collection[str], basis: Basis = Basis.CONTRACTED) -> Probability:
        """The expected availability given that these entities have failed themselves (N-1)."""
        root, numbers = self._number(key), frozenset(map(self._number, failed))
        found = self._once.ask(
            lambda: self._settled(root, self._view(basis)).conditional(root, numbers, check=self._once.check),
            self._check,
        )
        return Probability(found.unavailability)

    def formula(self, key: str) -> str | None:
        """What an entity needs, to read: `api and web and 1 of (psp_a, psp_b)`; None where it needs nothing."""
        return formula_of(self.system, self._number(key))

    def cut_sets(self, key: str, *, max_order: int = 2, first: int = 50) -> CutSets:
        """The minimal cut sets of an entity up to an order of 1 to 3, likeliest first."""
        root = self._number(key)

        def compute() -> CutSets:
            view = self._view()
            engine, check = self._settled(root, view), self._once.check
            return cut_sets(engine, root, max_order=max_order, first=first, unknown=view.unknown, check=check)

        return self._once.ask(compute, self._check)

    # ------------------------------------------------------------------------------------------------ failure

    def failure_sets(self, level: FailureLevel) -> tuple[FailureSet, ...]:
        """What can fail as one at a level, by subject."""
        return self._get(("sets", level), lambda: failure_sets(self.snapshot, self.system, level))

    def single_points(self, key: str, level: FailureLevel = FailureLevel.ENTITY) -> tuple[SinglePoint, ...] | None:
        """The single points of an entity, costliest first; None when it is down with nothing failed."""
        root = self._number(key)
        if root in self._get(("down",), lambda: down(self.system, (), self._once.check)):
            return None
        return self._get(
            ("single points", root, level),
            lambda: self._single_points(self._view(), root, level),
        )

    def single_points_of_estate(self, level: FailureLevel = FailureLevel.ENTITY) -> tuple[SinglePoint, ...]:
        """Everything whose failure alone stops a transaction, most transactions first."""
        return self._get(
            ("estate", level),
            lambda: self._single_points_of_estate(self._view(), level),
        )

    def impact(self, failed: Iterable[str]) -> FailureImpact:
        """What falls when these entities fail themselves."""
        return failure_impact(self.system, {self._number(key) for key in failed}, self._check)

    # ------------------------------------------------------------------------------------------------ promises

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
        canonical = self.snapshot.canonical
        on, of = (None if key is None else canonical(key) for key in (entity, agreement))
        wanted = frozenset(types)

        def compute() -> tuple[Commitment, ...]:
            chosen = (c for c in self._all_commitments().values() if c.agreement.type in wanted)
            return self._worst_first(
                [c for c in chosen if (on is None or c.entity == on) and (of is None or c.agreement.key == of)]
            )

        return self._get(("commitments", wanted, on, of), compute)

    def commitment(self, key: str) -> Commitment:
        """The commitment `agreement/entity/metric/window`."""
        found = self._all_commitments().get(key)
        if found is None:
            raise UnknownKey(key)
        return found

    def headroom(self, commitment: str, margin: Decimal = ZERO, ledger: Ledger = Ledger.EXPERIENCED) -> Headroom:
        """The composite headroom of a commitment, in minutes of its window. `margin` in minutes."""
        about = self.commitment(commitment)
        found = self._get(("headroom", about.key, ledger), lambda: self._headrooms().headroom(about, ledger))
        return found.with_margin(margin)

    def links(self, commitment: str, margin: Decimal = ZERO) -> tuple[LinkHeadroom, ...]:
        """Every supplier's contract held against a commitment, each supplier once, by key. `margin` in minutes."""
        about = self.commitment(commitment)
        found = self._get(("links", about.key), lambda: self._headrooms().links(about))
        return tuple(link.with_margin(margin) for link in found)

    def findings(self) -> tuple[Finding, ...]:
        """All that is doubtful: by severity, code and subject."""
        return self._get(
            ("findings",), lambda: find(self._view(), self._all_commitments(), self._plain_headroom, self._once.check)
        )

    def findings_about(self, kind: SubjectKind, key: str) -> tuple[Finding, ...]:
        """The findings of one subject."""
        return self._findings_by_subject().get((kind, key), ())

    # ------------------------------------------------------------------------------------------------ inside

    def _get(self, about: tuple[object, ...], compute: Callable[[], T]) -> T:
        return self._once.get(about, compute, self._check)

    def _number(self, key: str) -> int:
        return self.system.number(self.snapshot.canonical(key))

    def _index(self) -> AgreementIndex:
        return self._get(("index",), lambda: AgreementIndex(self.snapshot, self.at))

    def _view(self, basis: Basis = Basis.CONTRACTED) -> View:
        return self._get(("view", basis), lambda: view_of(self._prepared(), self._index(), basis, self._once.check))

    def _prepared(self) -> Prepared:
        return self._get(("prepared",), lambda: Prepared(self.system, DEFAULT_LIMITS))

    def _settled(self, root: int, view: View) -> Availability[float]:
        """The view's engine, to ask about a root whose suppliers' own figures are all known."""
        if view.backed_out.unsettled:
            view.backed_out.ensure_settled(closure(view.system, root))
        return view.backed_out.availability

    def _importances(self, view: View, root: int) -> tuple[Importance, ...]:
        return importances(self._settled(root, view), root, self._once.check, unknown=view.unknown)

    def _single_points(self, view: View, root: int, level: FailureLevel) -> tuple[SinglePoint, ...]:
        sets, engine = self.failure_sets(level), self._settled(root, view)
        return single_points(engine, sets, root, self._once.check, unknown=view.unknown)

    def _single_points_of_estate(self, view: View, level: FailureLevel) -> tuple[SinglePoint, ...]:
        sets, unknown = self.failure_sets(level), view.unknown.union(view.backed_out.unsettled)
        return estate_single_points(view.backed_out.availability, sets, self._once.check, unknown=unknown)

    def _headrooms(self) -> Headrooms:
        return self._get(("headrooms",), lambda: Headrooms(self._view(), check=self._once.check))

    def _plain_headroom(self, commitment: Commitment) -> Headroom | None:
        """The headroom to look over all promises by; None where it is too large to compute, as asking for it tells."""
        try:
            return self.headroom(commitment.key)
        except AnalysisTooLarge:
            return None

    def _all_commitments(self) -> Mapping[str, Commitment]:
        return self._get(("all commitments",), lambda: commitments_of(self._index()))

    def _worst_first(self, chosen: Sequence[Commitment]) -> tuple[Commitment, ...]:
        expected = {c.key: self._expected_minutes(c) for c in chosen}
        return tuple(sorted(chosen, key=lambda c: (expected[c.key] is None, expected[c.key] or ZERO, c.key)))

    def _expected_minutes(self, about: Commitment) -> Decimal | None:
        """The expected headroom alone, as shown; None where there is none, or it is too large to compute.

        Each is kept by itself, so that a deadline loses none that were worked out.
        """
        try:
            found = self._get(("expected", about.key), lambda: self._headrooms().expected(about))
        except AnalysisTooLarge:
            return None
        return None if found is None else minutes(found)

    def _findings_by_subject(self) -> Mapping[tuple[SubjectKind, str], tuple[Finding, ...]]:
        def compute() -> Mapping[tuple[SubjectKind, str], tuple[Finding, ...]]:
            found: dict[tuple[SubjectKind, str], list[Finding]] = {}
            for finding in self.findings():
                found.setdefault((finding.kind, finding.subject), []).append(finding)
            return {about: tuple(held) for about, held in found.items()}

        return self._get(("findings by subject",), compute)
