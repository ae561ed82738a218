"""What a first ask of a view does before anything is known looks at the clock often, and can be stopped there."""

from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise

import pytest

from risk.agreements.choice import AgreementIndex
from risk.availability import Availability
from risk.common_cause import SUPPOSED_BETA, common_causes
from risk.components import components
from risk.condensation import condense
from risk.figures import own_figures
from risk.graph import Group, System, assembled, system_of
from risk.limits import DEFAULT_LIMITS, Check, unhurried
from risk.reduced.cones import cones
from risk.reduced.prepared import Prepared
from risk.structure import necessary
from risk.terms import Basis
from risk.view import view_of
from topology.errors import DeadlinePassed
from topology.facts import EntityStatement, Fact, Statement
from topology.model import Agreement, AgreementType, EntityKind, Member, RequirementGroup
from topology.snapshot import EMPTY, apply

SIZE = 5_000
AT = date(2026, 6, 30)
CHAIN = assembled(
    tuple(f"e{v:05}" for v in range(SIZE)),
    tuple((Group(1, (v + 1, v + 2)),) if v + 2 < SIZE else () for v in range(SIZE)),
)
"""Each needs one of the two after it."""
RING = assembled(
    CHAIN.keys,
    tuple(
        (Group(1, ((v + 1) % SIZE,)), Group(1, tuple(sorted(((v + 2) % SIZE, (v + 3) % SIZE))))) for v in range(SIZE)
    ),
)
"""Each needs the next, round and round."""


def statements() -> list[Statement]:
    """As many entities, each needing the one after it, and an agreement for each."""
    keys = CHAIN.keys
    return [
        *(EntityStatement(key, kind=EntityKind.EXTERNAL, name=key) for key in keys),
        *(RequirementGroup(key, 1, (Member(after),)) for key, after in pairwise(keys)),
        *(Agreement(f"uc-{key}", 1, AgreementType.UC, key, "vendor", covers=(key,)) for key in keys),
    ]


SNAPSHOT = apply(EMPTY, (Fact(statement, "test") for statement in statements()), (), revision=1)
INDEX = AgreementIndex(SNAPSHOT, AT)


def fresh(system: System) -> Prepared:
    return Prepared(system, DEFAULT_LIMITS)


def caused(check: Check) -> object:
    return Availability(CHAIN, [0.1] * SIZE, prepared=fresh(CHAIN)).extended(check)


STEPS: Mapping[str, Callable[[Check], object]] = {
    "the system": lambda check: system_of(SNAPSHOT, check),
    "the agreements": lambda check: AgreementIndex(SNAPSHOT, AT, check=check),
    "own figures": lambda check: own_figures(INDEX, CHAIN.keys, check=check),
    "components": lambda check: list(components(SIZE, CHAIN.suppliers, check=check)),
    "blocks": lambda check: condense(CHAIN, check=check),
    "blocks of a cycle": lambda check: condense(RING, check=check),
    "blocks that are kept": lambda check: fresh(CHAIN).blocks(check),
    "cones": lambda check: cones(condense(CHAIN), CHAIN.consumers, 100, check),
    "single points": lambda check: necessary(condense(CHAIN), condense(CHAIN).layers, check),
    "looking for common causes": lambda check: common_causes(CHAIN, check=check),
    "supposing common causes": lambda check: common_causes(CHAIN, SUPPOSED_BETA, check=check),
    "the engine with common causes": caused,
    "the order of asking": lambda check: fresh(CHAIN).in_cones(range(SIZE), check),
    "the view": lambda check: view_of(fresh(system_of(SNAPSHOT)), INDEX, Basis.CONTRACTED, check),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_check_that_raises_stops_it(step: str) -> None:
    def too_late() -> None:
        raise DeadlinePassed("too late")

    with pytest.raises(DeadlinePassed):
        STEPS[step](too_late)


def test_what_was_stopped_is_asked_again_as_if_nothing_had_been() -> None:
    """The deadline is heard after so many looks at the clock, wherever that is; then the same is asked in peace."""
    for looks in range(4):
        prepared, left = fresh(RING), looks

        def after_some() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise DeadlinePassed("too late")

        with pytest.raises(DeadlinePassed):
            prepared.in_cones(range(SIZE), after_some)
        assert prepared.blocks(unhurried).members == (tuple(range(SIZE)),)
        assert [len(cone) for cone in prepared.in_cones(range(SIZE))] == [SIZE]
