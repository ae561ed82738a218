"""What no scenario may suppose: each refusal names the operation by its place, its word and its field."""

from decimal import Decimal

import pytest

from risk.assessment import Assessment
from risk.supposed.operations import (
    AddEntity,
    AddMember,
    AddRequirement,
    Fail,
    Lapse,
    Operation,
    RemoveRequirement,
    ReplaceSupplier,
    Retire,
    Scenario,
    SetGroup,
    SetOwnAvailability,
    SetTarget,
)
from risk.terms import FailureLevel
from tests.risk.estates import assess, checkout
from topology.errors import BadInput
from topology.model import EntityKind

ENTITY = FailureLevel.ENTITY
CHECKOUT = checkout()


def issues(before: Assessment, *operations: Operation) -> list[tuple[tuple[str, ...], str, str]]:
    with pytest.raises(BadInput) as refused:
        before.under(Scenario(operations))
    return [(issue.path, issue.code, issue.message) for issue in refused.value.issues]


UNKNOWN = "UNKNOWN_KEY"


@pytest.mark.parametrize(
    ("operation", "path", "code"),
    [
        (Fail(ENTITY, "nope"), ("failEntity",), UNKNOWN),
        (Fail(FailureLevel.VENDOR, "nope"), ("failVendor",), UNKNOWN),
        (Fail(FailureLevel.VENDOR_GROUP, "nope"), ("failVendorGroup",), UNKNOWN),
        (Fail(FailureLevel.FAILURE_DOMAIN, "nope"), ("failDomain",), UNKNOWN),
        (Fail(FailureLevel.OWNER, "nope"), ("failOwner",), UNKNOWN),
        (Fail(FailureLevel.VENDOR, "team-shop"), ("failVendor",), "WRONG_KIND"),
        (Fail(FailureLevel.FAILURE_DOMAIN, "web"), ("failDomain",), "WRONG_KIND"),
        (Fail(FailureLevel.OWNER, "customers"), ("failOwner",), "WRONG_KIND"),
        (Fail(FailureLevel.OWNER, "cdn-inc"), ("failOwner",), "WRONG_KIND"),
        (Lapse("nope"), ("lapseAgreement",), UNKNOWN),
        (Retire("nope"), ("retireEntity",), UNKNOWN),
        (SetOwnAvailability("nope", Decimal(1)), ("setOwnAvailability", "entity"), UNKNOWN),
        (SetOwnAvailability("web", Decimal("1.5")), ("setOwnAvailability",), "UP-RATIO"),
        (SetTarget("nope", "cdn", "availability", Decimal(1)), ("setTarget", "agreement"), UNKNOWN),
        (SetTarget("uc-cdn", "nope", "availability", Decimal(1)), ("setTarget", "entity"), UNKNOWN),
        (SetTarget("uc-cdn", "web", "availability", Decimal(1)), ("setTarget",), "UP-NO-TARGET"),
        (SetTarget("uc-cdn", "cdn", "latency_p95", Decimal(1)), ("setTarget",), "UP-NO-TARGET"),
        (SetTarget("uc-cdn", "cdn", "availability"), ("setTarget",), "UP-UNIT"),
        (SetTarget("uc-cdn", "cdn", "availability", minutes=Decimal(3)), ("setTarget",), "UP-UNIT"),
        (SetTarget("uc-cdn", "cdn", "availability", Decimal(1), Decimal(3)), ("setTarget",), "UP-UNIT"),
        (SetTarget("uc-cdn", "cdn", "availability", Decimal(-1)), ("setTarget",), "UP-RATIO"),
        (AddRequirement("nope", "cdn"), ("addRequirement", "consumer"), UNKNOWN),
        (AddRequirement("web", "nope"), ("addRequirement", "supplier"), UNKNOWN),
        (AddRequirement("web", "cdn"), ("addRequirement",), "UP-NEED-TWICE"),
        (AddRequirement("web", "web"), ("addRequirement",), "UP-NEED-SELF"),
        (AddRequirement("web", "email", Decimal(-1)), ("addRequirement",), "UP-NEGATIVE"),
        (RemoveRequirement("web", "nope"), ("removeRequirement", "supplier"), UNKNOWN),
        (RemoveRequirement("web", "email"), ("removeRequirement",), "UP-NO-EDGE"),
        (RemoveRequirement("payments", "psp-a"), ("removeRequirement",), "UP-NO-EDGE"),
        (SetGroup("payments", "acquirers", 3, ("psp-a", "psp-b")), ("setGroup",), "UP-GROUP-K"),
        (SetGroup("payments", "acquirers", 0, ("psp-a", "psp-b")), ("setGroup",), "UP-GROUP-K"),
        (SetGroup("payments", "acquirers", 1, ()), ("setGroup",), "UP-GROUP-K"),
        (SetGroup("payments", "acquirers", 1, ("psp-a", "psp-a")), ("setGroup",), "UP-GROUP-REPEAT"),
        (SetGroup("payments", "acquirers", 1, ("psp-a", "nope")), ("setGroup", "members"), UNKNOWN),
        (SetGroup("payments", " ", 1, ("psp-a",)), ("setGroup",), "UP-GROUP-NAME"),
        (SetGroup("payments", "g1", 1, ("psp-a",)), ("setGroup",), "UP-GROUP-NAME"),
        (SetGroup("payments", "soft", 1, ("psp-a",)), ("setGroup",), "UP-GROUP-NAME"),
        (AddMember("payments", "nope", "cdn"), ("addMember",), "UP-NO-GROUP"),
        (AddMember("payments", "acquirers", "psp-a"), ("addMember",), "UP-GROUP-REPEAT"),
        (AddMember("payments", "acquirers", "payments"), ("addMember",), "UP-NEED-SELF"),
        (AddMember("payments", "acquirers", "nope"), ("addMember", "supplier"), UNKNOWN),
        (ReplaceSupplier(None, "nope", "cdn"), ("replaceSupplier", "from"), UNKNOWN),
        (ReplaceSupplier(None, "cdn", "nope"), ("replaceSupplier", "to"), UNKNOWN),
        (ReplaceSupplier("nope", "cdn", "email"), ("replaceSupplier", "consumer"), UNKNOWN),
        (ReplaceSupplier(None, "checkout", "cdn"), ("replaceSupplier",), "UP-NO-EDGE"),
        (ReplaceSupplier("web", "email", "cdn"), ("replaceSupplier",), "UP-NO-EDGE"),
        (ReplaceSupplier(None, "psp-a", "psp-b"), ("replaceSupplier",), "UP-GROUP-REPEAT"),
        (ReplaceSupplier(None, "cdn", "web"), ("replaceSupplier",), "UP-NEED-SELF"),
        (AddEntity("web", EntityKind.SERVICE), ("addEntity",), "UP-EXISTS"),
        (AddEntity("No Key", EntityKind.SERVICE), ("addEntity",), "UP-KEY"),
        (AddEntity("new", EntityKind.SERVICE, owner="nope"), ("addEntity", "owner"), UNKNOWN),
        (AddEntity("new", EntityKind.EXTERNAL, provider="nope"), ("addEntity", "provider"), UNKNOWN),
        (AddEntity("new", EntityKind.EXTERNAL, provider="team-shop"), ("addEntity",), "UP-PROVIDER-KIND"),
        (AddEntity("new", EntityKind.SERVICE, availability=Decimal(2)), ("addEntity",), "UP-RATIO"),
    ],
)
def test_what_cannot_be_supposed_is_refused_by_its_place_and_named(
    operation: Operation, path: tuple[str, ...], code: str
) -> None:
    fine = SetOwnAvailability("web", Decimal("0.9"))
    (issue,) = issues(assess(*CHECKOUT), fine, operation)
    assert issue[:2] == (("operations", "1", *path), code)
    if code == UNKNOWN:
        assert "nope" in issue[2]


def test_all_that_is_wrong_is_said_at_once_but_not_what_merely_follows() -> None:
    found = issues(
        assess(*CHECKOUT),
        AddEntity("Bad Key", EntityKind.SERVICE),
        AddRequirement("web", "Bad Key"),
        Fail(ENTITY, "nope"),
        Lapse("uc-cdn"),
        Lapse("uc-cdn"),
    )
    assert [(path[1], code) for path, code, _ in found] == [("0", "UP-KEY"), ("2", UNKNOWN), ("4", UNKNOWN)]
