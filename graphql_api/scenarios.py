"""From a scenario as a client writes it to operations on the model, and from their issues to the client's places."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from graphql_api.errors import TooComplex
from graphql_api.lists import given_or_none
from graphql_api.types import changes as shared
from graphql_api.types import scenario as asked
from risk.supposed import operations as made
from risk.terms import FailureLevel
from topology.model import ZERO
from topology.units import ratio_of_percent

MOST = 200
"""Operations that one scenario may have."""


def scenario_of(said: asked.ScenarioInput | None) -> made.Scenario | None:
    """A scenario as the analyses take it; None where none was given.

    Raises:
        TooComplex: it has more than 200 operations.
    """
    given = given_or_none(said)
    if given is None:
        return None
    if len(given.operations) > MOST:
        raise TooComplex("operations of a scenario", MOST, len(given.operations))
    return made.Scenario(tuple(_OPERATIONS[(named := _named(item))[0]](named[1]) for item in given.operations))


def _named(operation: asked.OperationInput) -> tuple[str, Any]:
    """The one field that is given, and what it says."""
    held = ((field.name, given_or_none(getattr(operation, field.name))) for field in fields(operation))
    return next((name, value) for name, value in held if value is not None)


def _fail(level: FailureLevel) -> Callable[[str], made.Operation]:
    return lambda key: made.Fail(level, key)


def _set_own_availability(said: shared.SetOwnAvailabilityInput) -> made.Operation:
    return made.SetOwnAvailability(said.entity, ratio_of_percent(said.percent))


def _set_target(said: asked.SetTargetInput) -> made.Operation:
    ratio = _ratio(said.percent)
    return made.SetTarget(said.agreement, said.entity, said.metric, ratio, given_or_none(said.minutes))


def _add_requirement(said: shared.RequirementInput) -> made.Operation:
    return made.AddRequirement(said.consumer, said.supplier, given_or_none(said.tolerance_minutes) or ZERO)


def _remove_requirement(said: shared.EdgeInput) -> made.Operation:
    return made.RemoveRequirement(said.consumer, said.supplier)


def _set_group(said: shared.GroupInput) -> made.Operation:
    return made.SetGroup(said.consumer, said.name, said.required, tuple(said.members))


def _add_member(said: shared.MemberInput) -> made.Operation:
    return made.AddMember(said.consumer, said.group, said.supplier, given_or_none(said.tolerance_minutes) or ZERO)


def _replace_supplier(said: shared.ReplaceInput) -> made.Operation:
    return made.ReplaceSupplier(given_or_none(said.consumer), said.from_, said.to)


def _add_entity(said: shared.EntityInput) -> made.Operation:
    named = (given_or_none(said.name), given_or_none(said.owner), given_or_none(said.provider))
    return made.AddEntity(said.key, said.kind, *named, availability=_ratio(said.availability_percent))


def _ratio(percent: Decimal | None) -> Decimal | None:
    given = given_or_none(percent)
    return None if given is None else ratio_of_percent(given)


_OPERATIONS: Mapping[str, Callable[[Any], made.Operation]] = {
    "fail_entity": _fail(FailureLevel.ENTITY),
    "fail_vendor": _fail(FailureLevel.VENDOR),
    "fail_vendor_group": _fail(FailureLevel.VENDOR_GROUP),
    "fail_domain": _fail(FailureLevel.FAILURE_DOMAIN),
    "fail_owner": _fail(FailureLevel.OWNER),
    "lapse_agreement": made.Lapse,
    "retire_entity": made.Retire,
    "set_own_availability": _set_own_availability,
    "set_target": _set_target,
    "add_requirement": _add_requirement,
    "remove_requirement": _remove_requirement,
    "set_group": _set_group,
    "add_member": _add_member,
    "replace_supplier": _replace_supplier,
    "add_entity": _add_entity,
}
