"""Who says what a scenario supposes."""

from decimal import Decimal

from risk.supposed.operations import AddEntity, AddRequirement, Scenario, SetOwnAvailability, SetTarget
from tests.risk.estates import assess, checkout
from topology.facts import EntityStatement
from topology.model import EntityKind


def test_what_is_supposed_carries_the_scenario_as_its_source_and_the_rest_its_own() -> None:
    operations = (
        SetOwnAvailability("web", Decimal("0.999")),
        SetTarget("uc-cdn", "cdn", "availability", Decimal("0.999")),
        AddRequirement("web", "email"),
        AddEntity("new", EntityKind.SERVICE),
    )
    snapshot = assess(*checkout()).under(Scenario(operations)).snapshot

    def sources(namespace: str, key: str, *about: str) -> set[str]:
        return {fact.source for fact in snapshot.facts_about(namespace, key) if fact.id[0] in about}

    stating = {
        fact.source
        for fact in snapshot.facts_about("entity", "web")
        if isinstance(fact.statement, EntityStatement) and fact.statement.availability is not None
    }
    assert stating == {"scenario"}
    assert sources("entity", "web", "entity", "group") == {"acme", "scenario"}
    assert sources("agreement", "uc-cdn", "target") == {"scenario"}
    assert sources("agreement", "uc-cdn", "agreement") == {"acme"}
    assert sources("entity", "new", "entity") == {"scenario"}
    assert sources("entity", "api", "entity", "group") == {"acme"}
