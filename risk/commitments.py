"""What we promise: every target of an SLA or OLA in force, on every entity that it covers."""

from collections.abc import Mapping

from risk.agreement_choice import AgreementIndex
from risk.results import Commitment


def commitments_of(index: AgreementIndex) -> Mapping[str, Commitment]:
    """The commitments of all SLAs and OLAs in force, by key."""
    raise NotImplementedError
