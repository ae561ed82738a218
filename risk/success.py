"""Expected success: availability less what lost soft suppliers cost, on the joint state."""

from collections.abc import Collection

from risk.availability import Availability, Composite
from risk.graph import System


def expected_success(availability: Availability[float], root: int) -> Composite[float]:
    """`1 - S(root)`, `S(v) = E[UP(v) (1 - loss)]`; a degradation without a stated loss counts 0."""
    raise NotImplementedError


def loss_in_state(system: System, down: Collection[int], root: int) -> float:
    """The loss of a root that is up: `1 - prod (1 - d_u)` over the DOWN soft suppliers of its live closure."""
    raise NotImplementedError
