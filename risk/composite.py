"""Composite availability of an entity, with everything that an answer carries."""

from collections.abc import Mapping

from risk.backing_out import BackedOut
from risk.graph import System
from risk.limits import Check
from risk.results import CompositeAvailability, OwnFigure
from risk.terms import Basis
from topology.snapshot import Snapshot


def composite_availability(
    snapshot: Snapshot,
    backed_out: BackedOut,
    figures: Mapping[str, OwnFigure],
    root: int,
    *,
    basis: Basis,
    check: Check,
) -> CompositeAvailability:
    """The composite availability of the entity numbered `root`."""
    raise NotImplementedError


def formula_of(system: System, root: int) -> str | None:
    """What an entity needs, in words."""
    raise NotImplementedError
