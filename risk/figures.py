"""Which figure is an entity's own availability."""

from collections.abc import Mapping

from risk.agreement_choice import AgreementIndex
from risk.results import OwnFigure
from risk.terms import Basis


def own_figures(index: AgreementIndex, basis: Basis = Basis.CONTRACTED) -> Mapping[str, OwnFigure]:
    """The own figure of every entity of the index's snapshot, by key."""
    raise NotImplementedError
