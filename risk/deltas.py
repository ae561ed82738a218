"""What differs between two views, one thing at a time: `risk.comparison` finds it, `risk.change_rule` judges it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from risk.results import Commitment, Headroom, LinkHeadroom, Probability
from risk.terms import Verdict
from topology.model import Entity

_NANOMINUTE = Decimal("1e-9")
_OF_WINDOW = Decimal("2e-12")
"""Two figures of minutes are each within 1e-12 of their window, and are shown to 9 decimals."""


class ChangeVerdict(StrEnum):
    """What a change board is told: the worst that applies, best first."""

    PASS = "pass"  # noqa: S105  no password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class EntityDelta:
    """An entity's composite in two views; None where a view does not hold it, or knows it by bounds only.

    `minutes` of downtime per 30 days, after less before: below 0 is an improvement; None without both.
    """

    entity: str
    before: Probability | None
    after: Probability | None
    minutes: Decimal | None


@dataclass(frozen=True, slots=True)
class Side:
    """A commitment in one of two views.

    `headroom` is None where it is too large to compute; `links` are its suppliers' contracts by supplier.
    """

    commitment: Commitment
    headroom: Headroom | None
    links: Mapping[str, LinkHeadroom]

    @property
    def verdict(self) -> Verdict:
        """What it comes to; what cannot be computed is UNKNOWN."""
        return Verdict.UNKNOWN if self.headroom is None else self.headroom.verdict

    @property
    def expected(self) -> Decimal | None:
        """The expected headroom in minutes of the window; None where there is none."""
        return None if self.headroom is None else self.headroom.expected_minutes

    @property
    def service_minutes(self) -> Decimal:
        """How many minutes count in the window; 0 where there is none."""
        window = None if self.headroom is None else self.headroom.window
        return Decimal(0) if window is None else window.service_minutes

    @property
    def uncovered(self) -> frozenset[str]:
        """The suppliers whose own verdict is UNCOVERED."""
        return frozenset(key for key, link in self.links.items() if link.verdict is Verdict.UNCOVERED)


@dataclass(frozen=True, slots=True)
class CommitmentDelta:
    """A commitment in two views; None where a view does not hold it: it is new, or no longer promised."""

    key: str
    before: Side | None
    after: Side | None

    @property
    def minutes(self) -> Decimal | None:
        """The expected headroom after less before: below 0 is a loss; None without both."""
        was, now = (None if side is None else side.expected for side in (self.before, self.after))
        return None if was is None or now is None else now - was

    @property
    def loses(self) -> bool:
        """Whether the expected headroom is less than it was, by more than noise."""
        return self.minutes is not None and self.minutes < 0 and self._moved(self.minutes)

    @property
    def differs(self) -> bool:
        """Whether anything about it differs beyond noise: figure, minutes, verdict, reasons, a supplier's verdict."""
        if self.before is None or self.after is None:
            return True
        return self._said(self.before) != self._said(self.after) or any(map(self._moved, self._differences()))

    def _differences(self) -> list[Decimal]:
        was, now = (None if side is None else side.headroom for side in (self.before, self.after))
        if was is None or now is None:
            return []
        pairs = (was.expected_minutes, now.expected_minutes), (was.guaranteed_minutes, now.guaranteed_minutes)
        return [two - one for one, two in pairs if one is not None and two is not None]

    def _moved(self, difference: Decimal) -> bool:
        window = max(side.service_minutes for side in (self.before, self.after) if side is not None)
        return abs(difference) > max(_NANOMINUTE, window * _OF_WINDOW)

    @staticmethod
    def _said(side: Side) -> object:
        target, headroom = side.commitment.target, side.headroom
        reasons = None if headroom is None else headroom.reasons
        links = {key: link.verdict for key, link in side.links.items()}
        return (target.value, target.unit, target.extent, side.verdict, reasons, side.expected is None, links)


@dataclass(frozen=True, slots=True)
class NewlyStopped:
    """A transaction that more can stop than before.

    Attributes:
        transaction: as it stands after.
        points: the keys of its new single points, in order.
        is_down: it is down with nothing failed, and was not before.
    """

    transaction: Entity
    points: tuple[str, ...]
    is_down: bool
