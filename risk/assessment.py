"""Every analysis of one view, computed once and on demand: the one object that the API and the command ask."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from risk.common_cause import SUPPOSED_BETA
from risk.composite import formula_of
from risk.cut_sets import CutSets, cut_sets
from risk.failures import Failures
from risk.findings import find
from risk.graph import System
from risk.ground import Ground
from risk.importance import Importance, fussell_vesely, importances
from risk.limits import Check, unhurried
from risk.past import PastView
from risk.promises import Promises
from risk.reach import Neighbourhood, Reached, closure_of, neighbourhood, requiring
from risk.results import CompositeAvailability, Finding, OwnFigure, Probability, SubjectKind
from risk.stirred import Stirred, stirred
from risk.supposed.operations import Scenario
from risk.sweep import Composites, Progress, composites, silent
from risk.terms import Basis, Direction, MissingPolicy
from risk.unavailability import Composite
from risk.wording import what_is_missing
from topology.errors import AnalysisTooLarge, BadInput, Issue
from topology.snapshot import Snapshot

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
        before: an assessment of another revision; composites that the two do not differ in are not worked out again.

    Attributes:
        promises: what we promise, and what the promises beneath it leave of that.
        failures: what stops what, and what falls when something fails.

    Raises:
        BadInput: the date is beyond the years 1900 to 2900.
        UnknownKey: (all methods that take keys) the snapshot holds no such entity, party or commitment.
        DeadlinePassed: (all methods) the check said so.
    """

    def __init__(
        self, snapshot: Snapshot, at: date, *, check: Check = unhurried, before: "Assessment | None" = None
    ) -> None:
        if not FIRST_DAY <= at <= LAST_DAY:
            raise BadInput((Issue("DATE_OUT_OF_RANGE", f"{at} is not between {FIRST_DAY} and {LAST_DAY}", ("at",)),))
        self._stand_on(Ground(snapshot, at, check, past=None if before is None else before.past()))

    def past(self) -> dict[Basis, PastView]:
        """The composites and answers that have been worked out by now, for an assessment of another revision."""
        return self._ground.past()

    def within(self, check: Check) -> "Assessment":
        """This assessment under another deadline; both share what has been and will be worked out."""
        other = object.__new__(Assessment)
        other._stand_on(self._ground.within(check))
        return other

    def under(self, scenario: Scenario) -> "Assessment":
        """This assessment with a scenario laid over it; what the scenario does not touch is shared.

        Raises:
            BadInput: an operation names what is not there, or cannot be; one issue for each.
        """
        if not scenario.operations:
            return self
        other = object.__new__(Assessment)
        other._stand_on(self._ground.under(scenario))
        return other

    def stirred(self, other: "Assessment") -> Stirred:
        """What differs from another assessment, and all that may be another for it."""
        return other.stirred_from(self._ground)

    def stirred_from(self, ground: Ground) -> Stirred:
        """What differs from another ground, and all that may be another for it."""
        return stirred(ground, self._ground)

    @property
    def snapshot(self) -> Snapshot:
        """The model, after any scenario."""
        return self._ground.snapshot

    @property
    def failed(self) -> frozenset[str]:
        """The keys of the entities that the scenario has failed."""
        return self._ground.failed

    @property
    def at(self) -> date:
        """The business date."""
        return self._ground.at

    @property
    def system(self) -> System:
        """The requirement graph by number."""
        return self._ground.system

    def key_of(self, number: int) -> str:
        """The key of the entity that the engine calls by this number."""
        return self._ground.key_of(number)

    def closure(
        self, key: str, direction: Direction = Direction.REQUIRES, max_depth: int | None = None
    ) -> tuple[Reached, ...]:
        """All that an entity reaches, soft edges included, nearest first; not itself."""
        return closure_of(self.system, self._ground.number(key), direction, max_depth, check=self._ground.asking)

    def subgraph(self, roots: Iterable[str], direction: Direction, depth: int, limit: int) -> Neighbourhood:
        """The entities within `depth` steps of the roots, at most `limit`."""
        numbers = [self._ground.number(key) for key in roots]
        return neighbourhood(self.system, numbers, direction, depth, limit, check=self._ground.asking)

    def own_figure(self, key: str, basis: Basis = Basis.CONTRACTED) -> OwnFigure:
        """An entity's own availability as promised, and from where; or why it is missing."""
        return self._ground.view(basis).figures[self.key_of(self._ground.number(key))]

    def composite(
        self, key: str, basis: Basis = Basis.CONTRACTED, missing: MissingPolicy = MissingPolicy.CEILING
    ) -> CompositeAvailability:
        """What the promises beneath an entity come to.

        Raises:
            BadInput: `missing` is FAIL and a figure is missing that any of the answer's figures would need; one issue
                MISSING_FIGURE for each.
        """
        ground, root = self._ground, self._ground.number(key)
        found = ground.composite(root, basis)
        if missing is MissingPolicy.FAIL and found.missing:
            raise BadInput(
                tuple(Issue("MISSING_FIGURE", what_is_missing(m.entity, m.reason), (key,)) for m in found.missing)
            )
        return found

    def composites(
        self,
        keys: Iterable[str] | None = None,
        basis: Basis = Basis.CONTRACTED,
        *,
        processes: int | None = 1,
        progress: Progress = silent,
    ) -> Mapping[str, Composite[float]]:
        """The expected availabilities of some entities, or of all, cone by cone: less work than one after another.

        What was found stays known, to `composite` and all else that asks, also when the deadline ends it early. Left
        out are entities of which nothing can be told, since a promise beneath them cannot be backed out.

        Args:
            keys: the entities; absent: all.
            basis: where own figures are read from.
            processes: how many work on it, bit for bit with the same result; None: as many as there are processors,
                where there is much to do. More than one is for programs of their own, not for a server's threads.
            progress: told how many are done, and of how many.
        """
        ground = self._ground
        wanted = range(len(ground.system)) if keys is None else sorted(set(map(ground.number, keys)))

        def compute() -> Composites:
            backed_out = ground.view(basis).backed_out
            untold = requiring(ground.system, backed_out.unsettled, ground.check) if backed_out.unsettled else ()
            told = [entity for entity in wanted if entity not in untold]
            engine = backed_out.availability
            return composites(engine, told, processes=processes, check=ground.check, progress=progress)

        found = ground.ask(compute)
        return {ground.key_of(entity): found[entity] for entity in wanted if entity in found}

    def contributions(self, key: str, basis: Basis = Basis.CONTRACTED) -> tuple[Importance, ...]:
        """What each entity of the hard closure, itself included, costs the entity; the costliest first."""
        ground, root = self._ground, self._ground.number(key)

        def compute() -> tuple[Importance, ...]:
            view = ground.view(basis)
            return importances(ground.settled(root, view), root, ground.check, unknown=view.unknown)

        return ground.get(("contributions", root, basis), compute)

    def fussell_vesely(self, key: str, entity: int, basis: Basis = Basis.CONTRACTED) -> float | None:
        """The share of an entity's unavailability in which a cut set with `entity` in it has failed.

        None where not all cut sets are known.
        """
        ground, root = self._ground, self._ground.number(key)

        def compute() -> float | None:
            try:
                return fussell_vesely(ground.settled(root, ground.view(basis)), root, entity, ground.check)
            except AnalysisTooLarge:
                return None

        return ground.get(("fussell-vesely", root, entity, basis), compute)

    def conditional(self, key: str, failed: Collection[str], basis: Basis = Basis.CONTRACTED) -> Probability:
        """The expected availability given that these entities have failed themselves (N-1)."""
        ground, root = self._ground, self._ground.number(key)
        numbers = frozenset(map(ground.number, failed))

        def compute() -> Probability:
            engine = ground.settled(root, ground.view(basis))
            return Probability(engine.exactly(root, ground.check, failed=numbers))

        return ground.ask(compute)

    def sensitivity_to_common_cause(self, key: str, basis: Basis = Basis.CONTRACTED) -> Probability:
        """The expected availability if every redundant group that states no common cause had one, of beta = 0.1.

        Raises:
            AnalysisTooLarge: it is not known exactly.
        """
        ground, root = self._ground, self._ground.number(key)

        def compute() -> Probability:
            supposed = ground.settled(root, ground.view(basis)).supposing(SUPPOSED_BETA, root)
            return Probability(supposed.exactly(root, ground.check))

        return ground.get(("sensitivity", root, basis), compute)

    def formula(self, key: str) -> str | None:
        """What an entity needs, to read: `api and web and 1 of (psp_a, psp_b)`; None where it needs nothing."""
        return formula_of(self.system, self._ground.number(key))

    def cut_sets(self, key: str, *, max_order: int = 2, first: int = 50) -> CutSets | None:
        """The minimal cut sets of an entity up to an order of 1 to 3, likeliest first; None if it is down already."""
        ground, root = self._ground, self._ground.number(key)
        if root in self.failures.down_already():
            return None

        def compute() -> CutSets:
            view = ground.view()
            engine = ground.settled(root, view)
            return cut_sets(engine, root, max_order=max_order, first=first, unknown=view.unknown, check=ground.check)

        return ground.ask(compute)

    def findings(self) -> tuple[Finding, ...]:
        """All that is doubtful: by severity, code and subject."""
        ground, promises = self._ground, self.promises
        return ground.get(
            ("findings",),
            lambda: find(ground.view(), promises.by_cone(), promises.expected_if_small, ground.check),
        )

    def findings_about(self, kind: SubjectKind, key: str) -> tuple[Finding, ...]:
        """The findings of one subject."""
        return self._findings_by_subject().get((kind, key), ())

    def _stand_on(self, ground: Ground) -> None:
        self._ground = ground
        self.promises = Promises(ground)
        self.failures = Failures(ground)

    def _findings_by_subject(self) -> Mapping[tuple[SubjectKind, str], tuple[Finding, ...]]:
        def compute() -> Mapping[tuple[SubjectKind, str], tuple[Finding, ...]]:
            found: dict[tuple[SubjectKind, str], list[Finding]] = {}
            for finding in self.findings():
                found.setdefault((finding.kind, finding.subject), []).append(finding)
            return {about: tuple(held) for about, held in found.items()}

        return self._ground.get(("findings by subject",), compute)
