"""Whom to call about an entity, and within how many minutes somebody answers.

Formula: for an external its vendor's contacts whose role is escalation, all of them where none has that role; for all
else its owner's contacts. Where an external's contact states no time to respond, it is the response time that the
underpinning contract in force promises: of the targets of one agreement the least, for all of them bind, of several
agreements the greatest, for any of them may be the one that holds.
Units: minutes, as the contact or the agreement counts them.
Source: section 5, "Output".
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from risk.agreements.choice import AgreementIndex
from risk.agreements.incident_limits import limit_of
from risk.limits import Check, unhurried
from topology.model import Agreement, AgreementType, Contact, Entity, Party
from topology.snapshot import Snapshot

RESPONSE, ESCALATION = "response_time", "escalation"


def promised_responses(index: AgreementIndex, check: Check = unhurried) -> Mapping[str, Decimal]:
    """The response time that is promised on each entity by underpinning contracts in force, minutes, by its key.

    Cost: linear in the targets of the agreements that promise one, and in what they cover.
    """
    found: dict[str, Decimal] = {}
    for held in index.standings.values():
        version = held.version
        if version is None or version.type is not AgreementType.UC or not _promises_response(index, version):
            continue
        check()
        binding: dict[str, Decimal] = {}
        for entity, target in index.promised(version):
            minutes = limit_of(target)
            if target.metric == RESPONSE and minutes is not None:
                binding[entity.key] = min(binding.get(entity.key, minutes), minutes)
        for key, minutes in binding.items():
            found[key] = max(found.get(key, minutes), minutes)
    return found


def _promises_response(index: AgreementIndex, version: Agreement) -> bool:
    targets = index.snapshot.targets.get((version.key, version.version), ())
    return any(target.metric == RESPONSE for target in targets)


def contacts_of(snapshot: Snapshot, entity: Entity, responses: Mapping[str, Decimal]) -> tuple[Contact, ...]:
    """Whom to call about an entity, in the order in which its party states them."""
    if entity.provider is None:
        owner = _party(snapshot, entity.owner)
        return () if owner is None else owner.contacts
    vendor = _party(snapshot, entity.provider)
    if vendor is None:
        return ()
    called = [contact for contact in vendor.contacts if (contact.role or "").strip().lower() == ESCALATION]
    promised = responses.get(entity.key)
    return tuple(
        replace(contact, response=promised) if contact.response is None else contact
        for contact in called or vendor.contacts
    )


def _party(snapshot: Snapshot, key: str | None) -> Party | None:
    return None if key is None else snapshot.parties.get(snapshot.canonical(key))
