"""A view as one promise sees it: what its suppliers promise to somebody else only is no figure of theirs.

An agreement may name its consumer. A view takes the figure that any of those who need an entity may count on; beneath
one promise only that holds which is for ourselves, for the committed entity's owner, or for the owner of a consumer in
its closure.
Formula: none of its own; the entities concerned get the figure that holds for these owners, missing where there is
none, and promises of the whole (END_TO_END) that rest on them are backed out anew.
Assumes: the view is of one date and tier.
Cost: what requires the entities concerned, plus shallow copies of the view's tables.
Source: section 4, "Which agreement applies".
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from risk.backing_out import Figure, back_out_anew
from risk.limits import Check
from risk.reach import requiring
from risk.results import OwnFigure
from risk.under_scenario import sharing_causes
from risk.view import View, count_on, discount
from topology.model import Extent


def of_named_consumers(view: View) -> frozenset[int]:
    """The entities whose figure is of an agreement for a consumer other than ourselves."""
    nobody = frozenset[str | None]()
    agreed = ((number, figure.agreement) for number, figure in enumerate(view.figures.values()))
    return frozenset(number for number, held in agreed if held is not None and not view.index.is_for(held, nobody))


def with_figures(view: View, others: Mapping[int, OwnFigure], check: Check) -> View:
    """The view in which some entities, by number, have other figures."""
    system, prepared = view.system, view.backed_out.availability.prepared
    figures = {**view.figures, **{system.keys[number]: figure for number, figure in others.items()}}
    above = requiring(system, others, check)
    # What a scenario has failed leaves own availabilities as they were before it.
    wholes = {n for n in above if not system.failed and figures[system.keys[n]].extent is Extent.END_TO_END}
    anew = {number: _figure(figures[system.keys[number]]) for number in sorted(wholes | others.keys())}
    backed_out = back_out_anew(
        view.backed_out,
        view.backed_out.own,
        prepared,
        anew,
        reached=requiring(system, above | sharing_causes(system, system, anew), check),
        check=check,
    )
    promised, whole = list(view.promised), dict(view.whole)
    for number in anew:
        promised[number] = backed_out.own[number]
        count_on(system, number, figures[system.keys[number]], promised, whole, on_cycle=number in view.on_cycles)
    discount(system.failed, promised, whole)
    return replace(
        view,
        figures=MappingProxyType(figures),
        backed_out=backed_out,
        promised=tuple(promised),
        whole=MappingProxyType(whole),
        unknown=view.unknown - others.keys() | {number for number, figure in others.items() if figure.value is None},
    )


def _figure(figure: OwnFigure) -> Figure:
    return Figure(figure.value, figure.extent or Extent.INTRINSIC)
