"""What we promise: every target of an SLA or OLA in force, on every entity that it covers."""

from collections.abc import Mapping
from types import MappingProxyType

from risk.agreements.agreed_time import committed_time
from risk.agreements.choice import AgreementIndex, is_comparable
from risk.agreements.incident_limits import limit_of
from risk.results import Commitment
from topology.model import Agreement, AgreementType, Comparator, Entity, Target

PROMISES = (AgreementType.SLA, AgreementType.OLA)


def commitments_of(index: AgreementIndex) -> Mapping[str, Commitment]:
    """The commitments of all SLAs and OLAs in force at the index's date, by key, in order of key.

    Formula: budget `B_C = (1 - t_C) S_C` for targets of availability, in the window that contains the date; other
    metrics are kept without one. Where two targets of an agreement promise the same (one by name, one for all), the
    stricter is the commitment.
    Units: minutes.
    Cost: linear in targets and what they cover.
    """
    found: dict[str, Commitment] = {}
    for held in index.standings.values():
        version = held.version
        if version is None or version.type not in PROMISES:
            continue
        for entity, target in index.promised(version):
            key = commitment_key(version, entity, target)
            if key not in found or is_stricter(target, found[key].target):
                found[key] = Commitment(key, version, entity.key, target, None)
    return MappingProxyType({key: _with_budget(index, found[key]) for key in sorted(found)})


def commitment_key(agreement: Agreement, entity: Entity, target: Target) -> str:
    """`agreement/entity/metric/window`, such as `sla-gold/checkout/availability/calendar_month`."""
    return f"{agreement.key}/{entity.key}/{target.metric}/{target.window}"


def _with_budget(index: AgreementIndex, commitment: Commitment) -> Commitment:
    target = commitment.target
    if not is_comparable(target):
        return commitment
    committed = committed_time(commitment.agreement, target, index.at)
    budget = (1 - target.value) * committed.service_minutes
    return Commitment(commitment.key, commitment.agreement, commitment.entity, target, budget)


def is_stricter(one: Target, other: Target) -> bool:
    """Whether the first of two figures of one metric promises more."""
    if one.comparator is Comparator.AT_LEAST:
        return one.value > other.value
    mine, others = limit_of(one), limit_of(other)  # one may be in hours, the other in minutes
    return one.value < other.value if mine is None or others is None else mine < others
