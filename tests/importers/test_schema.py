"""The JSON Schema, the document models and the sheets say the same keys: there is one list of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from importers.importer import SourceFile
from importers.native.checked import known_keys
from importers.native.columns import SHEETS
from importers.native.document import (
    CONTAINERS,
    AgreementModel,
    ContactModel,
    EntityModel,
    NativeDocument,
    PartyModel,
    TargetModel,
    json_schema,
)
from importers.native.templates import csv_template, xlsx_template, yaml_template
from tests.importers.sources import codes, read_one

EVERYTHING = Path(__file__).parents[1] / "data" / "native" / "everything.yaml"


def models(schema: object) -> Iterator[dict[str, object]]:
    """The schemas of mappings inside a schema."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for value in schema.values():
            yield from models(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from models(value)


def test_the_published_schema_is_valid_and_closed() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    assert all(found["additionalProperties"] is False for found in models(schema))


@pytest.mark.parametrize("name", ["everything", "larkspur"])
def test_a_good_file_satisfies_the_published_schema(name: str, larkspur: Path) -> None:
    path = EVERYTHING if name == "everything" else larkspur / "larkspur.underpin.yaml"
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506  # texts only
    document["underpin"] = 1
    for agreement in document["agreements"]:
        agreement |= {key: int(agreement[key]) for key in ("version", "precedence") if key in agreement}
    for entity in document["entities"]:
        entity |= {key: int(entity[key]) for key in ("tier",) if key in entity}
        for need in (n for n in entity.get("needs", ()) if isinstance(n, dict) and "at_least" in n):
            need["at_least"] = int(need["at_least"])
    for overrule in document.get("overrule", ()):
        if isinstance(overrule["as"], dict):
            overrule["as"]["at_least"] = int(overrule["as"]["at_least"])
    jsonschema.validate(document, json_schema())


@pytest.mark.parametrize(
    "broken",
    [
        {"underpin": 2},
        {"underpin": 1, "entitys": []},
        {"underpin": 1, "entities": [{"id": "a"}]},
        {"underpin": 1, "entities": [{"id": "A b", "kind": "service"}]},
        {"underpin": 1, "entities": [{"id": "a", "kind": "servise"}]},
        {"underpin": 1, "entities": [{"id": "a", "kind": "service", "needs": [{"any": ["b"], "tolerates": "5 min"}]}]},
        {"underpin": 1, "agreements": [{"id": "a", "type": "uc"}]},
        {"underpin": 1, "agreements": [{"id": "a", "type": "uc", "provider": "v", "targets": [{"metric": "x"}]}]},
    ],
)
def test_what_the_reader_refuses_the_schema_refuses_too(broken: dict[str, object]) -> None:
    assert list(jsonschema.Draft202012Validator(json_schema()).iter_errors(broken))
    assert codes(read_one(SourceFile("a.yaml", json.dumps({"source": "acme", **broken}).encode())))


def test_every_model_with_keys_is_known_where_its_mistakes_are_told() -> None:
    found: set[type[BaseModel]] = {NativeDocument}
    pending: list[object] = [NativeDocument]
    while pending:
        kind = pending.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found.add(kind)
            pending += [field.annotation for field in kind.model_fields.values()]
            pending += [item for field in kind.model_fields.values() for item in field.metadata]
        else:
            pending += getattr(kind, "__args__", ())
    rows = {"PartyModel", "EntityModel", "OverruleModel", "AgreementModel", "NativeDocument"}
    assert {model.__name__ for model in found} - rows == {model.__name__ for model in CONTAINERS.values()}


RENAMED = {"availability": "own_availability_percent", "valid": "valid_from", "exit_plan": "exit_plan_reviewed"}
ELSEWHERE = {"needs", "degrades", "contacts", "targets", "min", "max"}


@pytest.mark.parametrize(
    ("model", "sheet"),
    [(PartyModel, "parties"), (EntityModel, "entities"), (AgreementModel, "agreements"), (TargetModel, "targets")],
)
def test_every_key_of_a_model_has_its_column(model: type[BaseModel], sheet: str) -> None:
    keys = {RENAMED.get(key, key) for key in known_keys(model)} - ELSEWHERE
    assert keys <= set(SHEETS[sheet])


def test_every_key_of_a_contact_has_its_column() -> None:
    assert {f"contact_{key}" for key in known_keys(ContactModel)} <= set(SHEETS["parties"])


def test_the_columns_are_those_of_the_description() -> None:
    columns = "subject group need target impact loss_percent tolerance handoff tested beta"
    assert " ".join(SHEETS["requirements"]) == columns
    assert [len(columns) for columns in SHEETS.values()] == [2, 2, 9, 20, 10, 27, 12]


@pytest.mark.parametrize("form", ["yaml", "csv", "xlsx"])
def test_a_template_reads_back_with_nothing_in_it(form: str) -> None:
    files = {
        "yaml": [SourceFile("a.yaml", yaml_template())],
        "csv": [SourceFile(name, data) for name, data in csv_template().items()],
        "xlsx": [SourceFile("a.xlsx", xlsx_template())],
    }[form]
    reading = read_one(files)
    assert (reading.source, codes(reading), reading.complete) == ("my-company", [], True)
    assert reading.absent == ("there is nothing in it: no party, no entity, no agreement",)


def test_the_examples_in_the_yaml_template_are_sound() -> None:
    text = re.sub(r"^#  ", "  ", yaml_template().decode(), flags=re.MULTILINE)
    reading = read_one(SourceFile("a.yaml", text.encode()))
    assert codes(reading) == []
    assert {name: reading.counts[name] for name in ("parties", "entities", "dependencies", "targets")} == {
        "parties": 3,
        "entities": 3,
        "dependencies": 8,
        "targets": 2,
    }
