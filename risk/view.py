"""What all analyses of one view start from, worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from risk.agreement_choice import AgreementIndex
from risk.backing_out import BackedOut
from risk.graph import System
from risk.results import OwnFigure
from topology.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class View:
    """A snapshot at a date, with the contracted figures of its entities in the engine.

    Attributes:
        snapshot: the model.
        at: the business date, compared in each agreement's own zone.
        system: the model's requirement graph.
        index: the agreements by what they cover.
        figures: the contracted own figure of every entity, by key.
        backed_out: the own unavailabilities that these come to.
    """

    snapshot: Snapshot
    at: date
    system: System
    index: AgreementIndex
    figures: Mapping[str, OwnFigure]
    backed_out: BackedOut
