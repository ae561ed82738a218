"""Derivatives of large diagrams end with their caller's clock."""

import pytest

from risk.diagrams.diagram import threshold
from risk.diagrams.slopes import derivatives
from risk.limits import unhurried
from topology.errors import DeadlinePassed


def late() -> None:
    raise DeadlinePassed


def test_a_deadline_ends_the_derivatives_of_a_large_diagram() -> None:
    diagram = threshold(250, 500, unhurried)
    q = [0.01] * 500
    values = diagram.values(q)
    with pytest.raises(DeadlinePassed):
        derivatives(diagram, q, values, late)
    assert len(derivatives(diagram, q, values)) == 500
