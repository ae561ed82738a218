"""What is doubtful in a view."""

from collections.abc import Mapping

from risk.headroom import Headrooms
from risk.limits import Check, unhurried
from risk.results import Commitment, Finding
from risk.view import View


def find(
    view: View, commitments: Mapping[str, Commitment], headrooms: Headrooms, check: Check = unhurried
) -> tuple[Finding, ...]:
    """All findings of a view: by severity, code and subject."""
    raise NotImplementedError
