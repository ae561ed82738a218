"""Whom to call: owners, vendors' escalation, and the response that is promised where the contact states none."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from risk.assessment import Assessment
from tests.risk.estates import JUNE, OLA, UC, agreement, assess, entity, external, target
from tests.statements import company
from topology.errors import UnknownKey
from topology.facts import Statement
from topology.model import Comparator, Contact, Party, PartyKind, Target, Window, WindowKind
from topology.units import plain

DESK = Contact("escalation", "NOC", "noc@cloud.example")
QUICK = Contact("Escalation", "Duty", response=Decimal(15))
BILLING = Contact("billing", "Accounts")
INCIDENT = Window(WindowKind.PER_INCIDENT)


def response(about: str, value: str, unit: str, covers: str | None = None) -> Target:
    plain_target = target(about, "100", covers, metric="response_time", comparator=Comparator.AT_MOST, window=INCIDENT)
    return replace(plain_target, value=Decimal(value), unit=unit)


def vendor(*contacts: Contact) -> Party:
    return Party("cloud", PartyKind.VENDOR, "Cloud", contacts=contacts)


def estate(*more: Statement, contacts: tuple[Contact, ...] = (DESK,), at: date = JUNE) -> Assessment:
    return assess(company("us"), vendor(*contacts), external("compute", "cloud"), *more, at=at)


def called(found: Assessment, key: str = "compute") -> list[tuple[str | None, str | None]]:
    contacts = found.failures.contacts(key)
    return [(c.name, None if c.response is None else plain(c.response)) for c in contacts]


def test_of_what_we_run_the_owners_contacts_are_called_all_of_them() -> None:
    ops = Party("ops", PartyKind.TEAM, "Ops", contacts=(Contact(name="On call", response=Decimal(5)), BILLING))
    found = assess(ops, entity("app", owner="ops"), entity("alone"))
    assert called(found, "app") == [("On call", "5"), ("Accounts", None)]
    assert called(found, "alone") == []


def test_of_a_vendors_contacts_those_for_escalation_are_called_and_all_where_none_is() -> None:
    assert called(estate(contacts=(BILLING, DESK, QUICK))) == [("NOC", None), ("Duty", "15")]
    assert called(estate(contacts=(BILLING,))) == [("Accounts", None)]
    assert called(estate(contacts=())) == []


@pytest.mark.parametrize(
    ("value", "unit", "minutes"), [("30", "min", "30"), ("4", "h", "240"), ("90", "s", "1.5"), ("1", "d", "1440")]
)
def test_where_a_contact_states_no_time_the_contracts_response_target_is_told(
    value: str, unit: str, minutes: str
) -> None:
    found = estate(agreement("uc", UC, "cloud", "compute"), response("uc", value, unit), contacts=(DESK, QUICK))
    assert called(found) == [("NOC", minutes), ("Duty", "15")]


def test_a_target_for_all_that_the_vendor_provides_counts_as_well() -> None:
    assert called(estate(agreement("uc", UC, "cloud", "*"), response("uc", "30", "min"))) == [("NOC", "30")]


def test_only_contracts_in_force_at_the_views_date_count() -> None:
    ended = agreement("uc", UC, "cloud", "compute", end=date(2026, 6, 29))
    assert called(estate(ended, response("uc", "30", "min"))) == [("NOC", None)]
    assert called(estate(ended, response("uc", "30", "min"), at=date(2026, 6, 29))) == [("NOC", "30")]


def test_targets_of_one_contract_bind_together_and_of_two_contracts_the_slower_may_hold() -> None:
    one = (agreement("a", UC, "cloud", "compute"), response("a", "60", "min"), response("a", "20", "min", "compute"))
    other = (agreement("b", UC, "cloud", "compute"), response("b", "45", "min"))
    assert called(estate(*one)) == [("NOC", "20")]
    assert called(estate(*one, *other)) == [("NOC", "45")]


def test_other_metrics_and_other_kinds_of_agreement_promise_no_response() -> None:
    repair = replace(response("uc", "30", "min"), metric="time_to_repair")
    assert called(estate(agreement("uc", UC, "cloud", "compute"), repair)) == [("NOC", None)]
    assert called(estate(agreement("ola", OLA, "cloud", "compute"), response("ola", "30", "min"))) == [("NOC", None)]


def test_an_unknown_entity_is_named() -> None:
    with pytest.raises(UnknownKey, match="nobody"):
        estate().failures.contacts("nobody")
