"""The failure side of one view: what stops what, alone or together, and what falls when something fails."""

from collections.abc import Iterable
from decimal import Decimal

from risk.agreements.contacts import contacts_of, promised_responses
from risk.blast_radius import BlastRadii, blast_radii
from risk.cascade import Cascade, cascade
from risk.concentration import Concentration, concentration, fourth_parties
from risk.failing import Failing, failed_entities
from risk.ground import Ground
from risk.new_single_points import NewSinglePoint, new_single_points
from risk.onset import waiting
from risk.redundancy.separation import PricedIllusion, priced_illusions
from risk.single_points import FailureSet, SinglePoint, estate_single_points, failure_sets, single_points
from risk.structure import down
from risk.terms import ConcentrationLevel, FailureLevel
from risk.transactions import transactions
from topology.model import Contact


class Failures:
    """The failure analyses of a view, each result worked out once and on demand.

    Args:
        ground: what the view stands on.

    Raises:
        UnknownKey: (all methods that take keys) the snapshot holds no such entity or party.
        DeadlinePassed: (all methods) the ground's clock said so.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def failure_sets(self, level: FailureLevel) -> tuple[FailureSet, ...]:
        """What can fail as one at a level, by subject."""
        ground = self._ground
        return ground.get(("sets", level), lambda: failure_sets(ground.index(), ground.system, level))

    def down_already(self) -> frozenset[int]:
        """What is down with nothing failed, by number: no single points are looked for there."""
        ground = self._ground
        return ground.get(("down",), lambda: down(ground.system, (), ground.check))

    def single_points(self, key: str, level: FailureLevel = FailureLevel.ENTITY) -> tuple[SinglePoint, ...] | None:
        """The single points of an entity, costliest first; None when it is down with nothing failed."""
        ground, root = self._ground, self._ground.number(key)
        if root in self.down_already():
            return None
        return ground.get(("single points", root, level), lambda: self._single_points(root, level))

    def single_points_of_estate(self, level: FailureLevel = FailureLevel.ENTITY) -> tuple[SinglePoint, ...]:
        """Everything whose failure alone stops a transaction, most transactions first."""
        return self._ground.get(("estate", level), lambda: self._single_points_of_estate(level))

    def concentration(self, level: ConcentrationLevel) -> Concentration:
        """How much of the business each subject of a level can stop alone, the most exposed first."""
        return self._ground.get(("concentration", level), lambda: self._concentration(level))

    def entities_of(self, failing: Iterable[Failing]) -> frozenset[int]:
        """The numbers of all entities that fail when these subjects do.

        Raises:
            BadInput: a subject is of another kind than its level says.
        """
        ground = self._ground
        return failed_entities(ground.snapshot, ground.system, failing, self.failure_sets)

    def redundancy_illusions(self, key: str) -> tuple[PricedIllusion, ...]:
        """What takes a redundant group of an entity's hard closure down alone, by what that costs the entity."""
        ground, root = self._ground, self._ground.number(key)

        def compute() -> tuple[PricedIllusion, ...]:
            view = ground.view()
            return priced_illusions(ground.settled(root, view), root, ground.check, unknown=view.unknown)

        return ground.get(("illusions", root), compute)

    def cascade(self, failing: Iterable[Failing], minutes: Decimal | None = None) -> Cascade:
        """What happens when these fail, for so many minutes or without an end.

        Raises:
            BadInput: a subject is of another kind than its level says.
        """
        ground = self._ground
        failed = self.entities_of(failing)
        tolerances = ground.get(("waiting",), lambda: waiting(ground.system))
        return cascade(ground.system, tolerances, failed, minutes, ground.asking)

    def new_single_points(self, found: Cascade) -> tuple[NewSinglePoint, ...]:
        """What stops a transaction alone while a cascade lasts and did not before, most transactions first."""
        ground = self._ground
        return ground.ask(lambda: new_single_points(ground.prepared(), found.down, self._transactions(), ground.check))

    def contacts(self, key: str) -> tuple[Contact, ...]:
        """Whom to call about an entity."""
        ground = self._ground
        entity = ground.snapshot.entities[ground.key_of(ground.number(key))]
        responses = ground.get(("responses",), lambda: promised_responses(ground.index(), ground.check))
        return contacts_of(ground.snapshot, entity, responses)

    def _single_points(self, root: int, level: FailureLevel) -> tuple[SinglePoint, ...]:
        view = self._ground.view()
        sets, engine = self.failure_sets(level), self._ground.settled(root, view)
        radii = self._radii()
        sold, check = self._transactions(), self._ground.check
        return single_points(engine, sets, root, sold, check, unknown=view.unknown, radii=radii)

    def _single_points_of_estate(self, level: FailureLevel) -> tuple[SinglePoint, ...]:
        view = self._ground.view()
        sets, unknown = self.failure_sets(level), view.unknown.union(view.backed_out.unsettled)
        engine, radii = view.backed_out.availability, self._radii()
        sold, check = self._transactions(), self._ground.check
        return estate_single_points(engine, sets, sold, check, unknown=unknown, radii=radii)

    def _radii(self) -> BlastRadii:
        """Which transactions are down with each entity."""
        ground = self._ground
        return ground.get(("radii",), lambda: blast_radii(ground.prepared(), self._transactions(), ground.check))

    def _transactions(self) -> tuple[int, ...]:
        """What counts as a transaction, by number."""
        ground = self._ground
        return ground.get(("transactions",), lambda: transactions(ground.snapshot, ground.system, ground.at))

    def _concentration(self, level: ConcentrationLevel) -> Concentration:
        ground = self._ground
        if level is ConcentrationLevel.FOURTH_PARTY:
            sets = fourth_parties(ground.system)
        else:
            sets = self.failure_sets(FailureLevel(level))
        return concentration(ground.snapshot, ground.prepared(), sets, self._transactions(), ground.check)
