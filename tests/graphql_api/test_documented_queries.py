"""docs/queries.md: every request is run over HTTP against the company that it is asked of, and gives what is shown."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

import pytest

from tests.conftest import ROOT
from tests.graphql_api.serving import Client, seeded, serving

DOCUMENT = ROOT / "docs" / "queries.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASKED = re.compile(r"\basked\s+of\s+(the\s+telling\s+example|Larkspur)\b", re.IGNORECASE)
WHO = (
    "The architect",
    "The vendor manager",
    "The incident commander",
    "The change board",
    "The auditor",
    "The frontend developer",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A request with the answer that is shown beneath it, and the company that it is asked of."""

    heading: str
    company: str
    request: str
    answer: object


def questions() -> Iterator[Question]:
    """All of the document, section by section."""
    for section in DOCUMENT.read_text(encoding="utf-8").split("\n### ")[1:]:
        heading = section.partition("\n")[0]
        blocks = BLOCK.findall(section)
        assert [kind for kind, _ in blocks] == ["graphql", "json"], heading
        (company,) = ASKED.findall(section)
        (_, request), (_, answer) = blocks
        yield Question(heading, "larkspur" if company == "Larkspur" else "checkout", request, json.loads(answer))


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Client]]:
    """Both examples, each served from a store of its own."""
    folder = tmp_path_factory.mktemp("companies")
    files = {name: ROOT / "examples" / name / f"{name}.underpin.yaml" for name in ("checkout", "larkspur")}
    stores = {name: seeded(folder / f"{name}.db", file) for name, file in files.items()}
    with serving(stores["checkout"]) as checkout, serving(stores["larkspur"]) as larkspur:
        yield {"checkout": checkout, "larkspur": larkspur}


@pytest.mark.parametrize("question", tuple(questions()), ids=lambda question: question.heading)
def test_each_request_gives_the_answer_that_is_shown(companies: Mapping[str, Client], question: Question) -> None:
    assert companies[question.company].data(question.request) == question.answer


def test_everybody_who_asks_is_answered() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert tuple(re.findall(r"^## (.*)$", text, re.MULTILINE)) == WHO
    asked = " ".join(question.request for question in questions())
    # product.md, "Who asks what": the fields that answer them.
    fields = ("composite", "contributions", "singlePointsOfFailure", "coverageGaps", "headroom", "negotiation")
    more = ("concentration", "cascade", "breaches", "contacts", "comparison", "scenario", "asOf", "subgraph")
    assert [name for name in (*fields, *more) if name not in asked] == []


def test_the_figures_in_the_text_are_those_of_the_answers() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    answers = [json.dumps(question.answer) for question in questions()]
    # analyses.md, section 3: moving psp_b to cloud_y gains 4.309 min in 30 days.
    (now, then) = (Decimal(re.findall(r'"minutesPer30Days": "([0-9.]+)"', answer)[0]) for answer in answers[:2])
    assert f"Downtime falls by {now - then:.3f} minutes in 30 days" in text
    (missed,) = re.findall(r'"expectedMinutes": "-([0-9.]+)"', answers[1])
    assert f"the promise is still missed, by {Decimal(missed):.3f}." in text
    # Section 4: "cloud_x alone cannot fix it": this is the best that it can do.
    (best,) = re.findall(r'"best": {"percent": "([0-9.]+)"}', answers[3])
    shown = Decimal(best).quantize(Decimal("0.00001"), ROUND_FLOOR)  # text rounds availability down
    assert f"checkout would come to {shown} %." in text
