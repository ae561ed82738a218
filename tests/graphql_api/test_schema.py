"""The schema as a contract: committed, described, and named as the design names it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLNamedType,
    GraphQLSchema,
    build_schema,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
    is_specified_scalar_type,
)

from graphql_api.schema import executable
from graphql_api.sdl import sdl
from tests.conftest import ROOT

COMMITTED = ROOT / "graphql_api" / "schema.graphql"
CONTRACT = Path(__file__).parent / "data" / "contract.txt"
NAMES_BESIDE_THE_CONTRACT: dict[str, str] = {
    "ConcentrationRow.externals": "substitutability and exit plan where known (issue 6)",
    "Concentration.exposureBasis": "what the index measures is not left to guess",
    "ExposureBasis": "the values of exposureBasis",
    "ExposureBasis.REVENUE": "the values of exposureBasis",
    "ExposureBasis.CRITICAL_TRANSACTIONS": "the values of exposureBasis",
    "ExposureBasis.TRANSACTIONS": "the values of exposureBasis",
    "Negotiation.extent": "what the figures to ask for cover",
    "Negotiation.missing": "unknown is never counted as perfect without saying so",
    "Negotiation.linkRequired": "what a monthly or yearly window would need (issue 5) had no field",
    "WindowRequirement": "the row of linkRequired",
    "WindowRequirement.window": "the row of linkRequired",
    "WindowRequirement.required": "the row of linkRequired",
    "Topology.creditExposure(claimedAfterMinutes)": "claim deadlines (section 4) need to know when it is claimed",
    "CreditExposure.credits": "every number carries its evidence",
    "CreditExposure.isComplete": "what nobody states is not counted as nothing without saying so",
    "Credit": "the row of credits",
    "Credit.agreement": "the row of credits",
    "Credit.entity": "the row of credits",
    "Credit.target": "the row of credits",
    "Credit.minutesDown": "the row of credits",
    "Credit.amount": "the row of credits",
    "Credit.reasons": "the row of credits",
    "Credit.isMasked": "the row of credits",
    "CompositeAvailability.sensitivityToCommonCause": "the figure at beta = 0.1 beside it",
    "CompositeAvailability.successInterval": "no bounds pass for an exact figure",
    "CoverageSegment.window": "the worst window, whose dates are to be shown",
    "CoverageSegment.noticeAgreement": "whose notice is due",
    "CoverageGap.window": "the worst window, whose dates are to be shown",
    "CoverageGap.agreement": "the evidence on the supplier's side",
    "ReasonCode.NO_AMOUNT": "a credit without a fee or a tier",
    "ReasonCode.CYCLE": "a chain of repairs that leads back to itself",
}
"""What the schema has and the contract has not, each with its reason."""


def own_types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    return [t for t in schema.type_map.values() if not t.name.startswith("__") and not is_specified_scalar_type(t)]


def names(schema: GraphQLSchema) -> Iterator[str]:
    """Every name: types, fields, arguments and enum values."""
    for kind in own_types(schema):
        yield kind.name
        if is_object_type(kind) or is_interface_type(kind):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}"
                yield from (f"{kind.name}.{name}({argument})" for argument in field.args)
        elif is_input_object_type(kind):
            yield from (f"{kind.name}.{name}" for name in kind.fields)
        elif is_enum_type(kind):
            yield from (f"{kind.name}.{value}" for value in kind.values)


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    for kind in own_types(schema):
        if not kind.description:
            yield kind.name
        if is_object_type(kind) or is_interface_type(kind):
            for name, field in kind.fields.items():
                if not field.description:
                    yield f"{kind.name}.{name}"
                yield from (f"{kind.name}.{name}({a})" for a, found in field.args.items() if not found.description)
        elif is_input_object_type(kind):
            yield from (f"{kind.name}.{name}" for name, field in kind.fields.items() if not field.description)
        elif is_enum_type(kind):
            yield from (f"{kind.name}.{name}" for name, value in kind.values.items() if not value.description)


def test_the_committed_schema_is_the_one_the_code_builds() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == sdl(), "run `make schema` and commit what changes"


def test_the_committed_schema_keeps_one_of() -> None:
    schema = build_schema(COMMITTED.read_text(encoding="utf-8"))
    change = schema.type_map["ChangeInput"]
    assert is_input_object_type(change)
    assert change.is_one_of


def test_everything_in_the_schema_is_described() -> None:
    assert list(undescribed(executable())) == []


def test_a_missing_description_would_be_found() -> None:
    found = undescribed(build_schema('"""q""" type Query { a(b: Int): E } enum E { """v""" V W }'))
    assert list(found) == ["Query.a", "Query.a(b)", "E", "E.W"]


def test_every_name_is_one_of_the_contract_or_has_a_reason() -> None:
    contract = set(CONTRACT.read_text(encoding="utf-8").split())
    beside = set(names(executable())) - contract
    assert beside == set(NAMES_BESIDE_THE_CONTRACT)


def test_the_contract_that_is_compared_with_is_the_designs(shared_data: Path) -> None:
    design = build_schema((shared_data.parent / "design" / "schema.graphql").read_text(encoding="utf-8"))
    assert set(CONTRACT.read_text(encoding="utf-8").split()) == set(names(design))


def test_the_schema_has_the_codes_of_exactly_the_rules_that_there_are() -> None:
    rules = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "risk").rglob("*.py") if path.stem != "terms")
    codes = executable().type_map["FindingCode"]
    assert is_enum_type(codes)
    assert set(codes.values) == set(re.findall(r"\bFindingCode\.([A-Z_]+)", rules)), "mend graphql_api/codes.py"


@pytest.mark.parametrize("scalar", ["Date", "DateTime", "Decimal"])
def test_the_scalars_of_the_contract_are_there(scalar: str) -> None:
    assert scalar in executable().type_map
