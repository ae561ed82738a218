"""Back-to-back headroom: what the promises beneath a commitment leave of it, in minutes of its window."""

from decimal import Decimal

from risk.limits import Check, unhurried
from risk.results import Commitment, Headroom, LinkHeadroom
from risk.terms import Ledger
from risk.view import View


class Headrooms:
    """The contract calculus of one view; what commitments share (allowances in one window) is worked out once."""

    def __init__(self, view: View, *, check: Check = unhurried) -> None:
        self.view = view
        self.check = check

    def headroom(self, commitment: Commitment, margin: Decimal, ledger: Ledger) -> Headroom:
        """The composite headroom."""
        raise NotImplementedError

    def links(self, commitment: Commitment, margin: Decimal) -> tuple[LinkHeadroom, ...]:
        """The link headroom of every supplier."""
        raise NotImplementedError
