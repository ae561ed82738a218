"""Ids and names that a reader of YAML, or a spreadsheet, takes for something else, are written so that nobody does."""

import re
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from importers.importer import SourceFile
from importers.native.outline import Outline, outline_of
from importers.native.sheet_writing import write_csv, write_xlsx
from importers.native.yaml_writing import write_yaml
from tests.importers.sources import read_one, shown
from topology.facts import EntityStatement, Fact, Statement
from topology.model import (
    Agreement,
    AgreementType,
    Degradation,
    EntityKind,
    Member,
    Party,
    PartyKind,
    RequirementGroup,
)

IDS = (
    "null", "yes", "no", "on", "off", "y", "n", "true", "false", "none", "nan", "inf", "007", "10", "1.50", "1_000",
    "1e5", "1e-5", "1.e+5", "0x1f", "0o17", "0b11", "2024-01-01", "2024-1-1", "2024-01-01t00", "12-31", "3scale", "x",
)  # fmt: skip
NAMES = (
    *IDS, "", " ", "~", "NULL", "Null", "Yes", "NO", "On", ".5", "-1", "+1", ".inf", "-.INF", ".NaN", "=", "<<", "0X1F",
    "1:30", "12:30:45", "2024-01-01 10:00:00", "2024-01-01T10:00:00Z", " leading", "trailing ", "a: b", "a #b", "# a",
    "- a", "? a", "[a]", "{a}", "a, b", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'a'", '"a"', "a\\b", "=SUM(1)",
    "١٢", "Ærø", "东京",
)  # fmt: skip
# The core schema of YAML 1.2 (section 10.3.2): what a plain scalar resolves to, if not to a text.
CORE = re.compile(
    r"null|Null|NULL|~||true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
texts = st.one_of(st.sampled_from(NAMES), st.text("0123456789.+-_eExXoObB:Tny~ ", max_size=8))
ids = st.one_of(st.sampled_from(IDS), st.from_regex(r"[a-z0-9][a-z0-9._+-]{0,8}", fullmatch=True))


def source_of(one: str, other: str, name: str) -> Outline:
    """A source that says both ids, and the name, wherever they may stand."""
    name = name if name.strip() else one
    both = tuple(map(Member, sorted((one, other))))
    said: list[Statement] = [
        Party("v", PartyKind.VENDOR, name),
        EntityStatement("zz", EntityKind.SERVICE, name, family=name.strip()),
        *(EntityStatement(key, EntityKind.EXTERNAL, key, provider="v") for key in (one, other)),
        RequirementGroup("zz", 1, (Member(one),)),
        RequirementGroup("zz", 1, both),
        RequirementGroup("zz", 2, both, f"of {name}".strip()),
        Degradation("zz", other),
        Agreement(one, 1, AgreementType.UC, name, "v", covers=(one, other), note=name, holidays=("NO",)),
    ]
    return outline_of([Fact(statement, "acme") for statement in said], "acme")


def taken_for_something_else(text: str) -> Iterator[str]:
    """The plain scalars of a YAML text that version 1.1 or 1.2 takes for no text."""
    resolve = yaml.SafeLoader("").resolve
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.ScalarEvent) and event.style is None:
            tag = resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
            if tag != "tag:yaml.org,2002:str" or CORE.fullmatch(event.value) or event.value in ("y", "n", "Y", "N"):
                yield event.value


def assert_it_comes_back(whole: Outline) -> None:
    text = write_yaml(whole)
    assert list(taken_for_something_else(text.decode())) == ["1", "2"], "the version of the format, and at_least"
    forms = [
        [SourceFile("acme.yaml", text)],
        [SourceFile("acme.xlsx", write_xlsx(whole))],
        [SourceFile(name, data) for name, data in write_csv(whole).items()],
    ]
    for files in forms:
        reading = read_one(files)
        assert shown(reading) == []
        assert outline_of(reading.facts, "acme") == whole


@pytest.mark.parametrize("key", IDS)
def test_an_id_that_looks_like_something_else_comes_back_in_every_form(key: str) -> None:
    assert_it_comes_back(source_of(key, "zzz", "name"))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_looks_like_something_else_comes_back_in_every_form(name: str) -> None:
    assert_it_comes_back(source_of("one", "other", name))


@given(ids, ids, texts)
def test_ids_and_names_come_back_in_every_form(one: str, other: str, name: str) -> None:
    assume(len({one, other, "zz"}) == 3)
    assert_it_comes_back(source_of(one, other, name))
