"""asOf: a view at an older revision is what was answered then, to the letter, whatever was written since."""

from pathlib import Path
from typing import Any

from tests.graphql_api.serving import Client, seeded, serving

ANSWERS = """{
  revision { number recordedAt actor reason } modelHash at
  entities(first: 100) { totalCount nodes { key name kind
    ownAvailability { probability { percent } basis origin extent }
    requirements { name required members { entity { key } toleranceMinutes } }
    degradations { entity { key } loss }
    provenance { source revision } } }
  transactions(first: 100) { nodes { key
    composite { expected { ratio } guaranteedFloor { ratio } ceiling { ratio } expectedSuccess { ratio } method
      completeness missing { entity { key } reason }
      contributions { entity { key } minutesPer30Days birnbaum criticality raw rrw } }
    singlePointsOfFailure { subject { ... on Entity { key } } minutesPer30Days hidden structural }
    cutSets { nodes { entities { key } probability } totalCount cappedBy } } }
  commitments(first: 100) { nodes { key budgetMinutes
    headroom { expectedMinutes guaranteedMinutes verdict reasons bounded window { from to serviceMinutes } }
    links(first: 100) { nodes { supplier { key } allowanceMinutes headroomMinutes verdict reasons } } } }
  singlePointsOfFailure(first: 100) { nodes { subject { ... on Entity { key } } transactions { key } } }
  vendorLevel: singlePointsOfFailure(level: VENDOR, first: 100) { nodes { transactions { key } } }
  findings(first: 100) { totalCount nodes { code severity message witness { key } } }
  agreements(first: 100) { nodes { key version status start end targets { value unit } } }
}"""
FAILING = (
    'scenario: { operations: [{ failEntity: "az-a" }, { setOwnAvailability: { entity: "cart", percent: "99" } }] }'
)
SUBMIT = "mutation ($input: SubmitChangesInput!) { submitChanges(input: $input) { __typename } }"
PROMISE = {
    "key": "ola-ledger",
    "version": 1,
    "type": "OLA",
    "provider": "team-data",
    "consumer": "team-commerce",
    "targets": [
        {
            "entity": "ledger",
            "metric": "availability",
            "comparator": "AT_LEAST",
            "value": "99.95",
            "unit": "%",
            "window": "calendar_month",
        }
    ],
}
WRITTEN: list[list[dict[str, Any]]] = [
    [{"setOwnAvailability": {"entity": "cart", "percent": "99.5"}}],
    [
        {"addEntity": {"key": "ledger", "kind": "SERVICE", "owner": "team-data"}},
        {"addRequirement": {"consumer": "cart", "supplier": "ledger", "toleranceMinutes": "5"}},
    ],
    [{"addAgreementVersion": PROMISE}],
    [{"setGroup": {"consumer": "cart", "name": "zones", "required": 1, "members": ["az-a", "az-b"]}}],
    [{"retireEntity": "ledger"}, {"removeRequirement": {"consumer": "cart", "supplier": "ledger"}}],
]


def asked(api: Client, *arguments: str) -> tuple[object, object]:
    """All that a view answers, plain and under a scenario."""
    plain = ", ".join(('at: "2026-06-30"', *arguments))
    found = api.data(f"{{ topology({plain}) {ANSWERS} }}")["topology"]
    supposed = api.data(f"{{ topology({plain}, {FAILING}) {ANSWERS} }}")["topology"]
    assert found != supposed
    return found, supposed


def test_every_past_answer_is_given_again(example: Path, tmp_path: Path) -> None:
    """The stored answers of six revisions, asked anew after all was written, and by a server that has just begun."""
    answers: list[tuple[object, object]] = []
    with serving(seeded(tmp_path / "store.db", example)) as api:
        for changes in WRITTEN:
            answers.append(asked(api))
            done = api.data(SUBMIT, input={"changes": changes, "reason": "a test"})
            assert done["submitChanges"]["__typename"] == "ChangesApplied"
        answers.append(asked(api))
        assert len({str(answer) for answer in answers}) == len(answers)
        nodes = api.data("{ revisions(first: 100) { nodes { recordedAt } } }")["revisions"]["nodes"]
        moments = [node["recordedAt"] for node in nodes]
        again = [asked(api, f'asOf: "{moment}"') for moment in moments]
        assert again == answers
    with serving(seeded(tmp_path / "store.db")) as begun:
        assert [asked(begun, f'asOf: "{moment}"') for moment in reversed(moments)] == answers[::-1]
