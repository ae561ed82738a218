"""The agreements that coverage is measured over: sound input, as many as were asked for."""

from benchmarks.agreements import AT, agreed_estate
from risk.assessment import Assessment
from tests.statements import full
from topology.model import Agreement, AgreementType
from topology.planning import plan
from topology.snapshot import EMPTY


def test_a_generated_estate_is_sound_and_has_the_agreements_that_were_asked_for() -> None:
    statements = [fact.statement for fact in agreed_estate(300, 80, 10, 1)]
    planned = plan(EMPTY, full(*statements))
    assert planned.errors == ()
    keys = {s.key: s.type for s in statements if isinstance(s, Agreement)}
    assert len(keys) == 80
    assert sum(kind is AgreementType.SLA for kind in keys.values()) == 10
    promises = Assessment(planned.after, AT).promises
    assert len(promises.commitments()) == 10
    assert promises.coverage_gaps(365)


def test_the_same_seed_makes_the_same_agreements() -> None:
    assert agreed_estate(300, 80, 10, 1) == agreed_estate(300, 80, 10, 1)
    assert agreed_estate(300, 80, 10, 1) != agreed_estate(300, 80, 10, 2)
