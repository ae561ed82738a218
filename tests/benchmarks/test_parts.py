"""The parts of the benchmarks: Debian's table as a native file, queries that the schema knows, the table."""

import gzip
import sys
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from benchmarks import estate_rows, query_rows
from benchmarks.debian import write_native
from benchmarks.processes import RunFailedError, run
from benchmarks.table import Row, lines, within
from importers.importer import SourceFile
from importers.registry import read
from tests.conftest import ROOT
from topology.model import RequirementGroup


def test_debians_table_becomes_a_native_file_with_every_group(tmp_path: Path) -> None:
    table = tmp_path / "requires.csv.gz"
    with gzip.open(table, "wt", encoding="utf-8") as out:
        out.write("package,group,alternatives\nbash,1,libc6\nbash,2,base-files\nmail,1,exim4 postfix\n")
    native = tmp_path / "native.yaml"
    assert write_native(table, native) == (6, 3)
    (reading,) = read([SourceFile("native.yaml", native.read_bytes())])
    assert reading.problems == ()
    groups = {
        (fact.statement.consumer, fact.statement.required, *(member.entity for member in fact.statement.members))
        for fact in reading.facts
        if isinstance(fact.statement, RequirementGroup)
    }
    assert groups == {("bash", 1, "libc6"), ("bash", 1, "base-files"), ("mail", 1, "exim4", "postfix")}


@pytest.mark.parametrize("query", [estate_rows.ANSWER, *(query for _, query, _ in query_rows.QUERIES)])
def test_the_queries_that_are_measured_are_valid(query: str) -> None:
    schema = build_schema((ROOT / "graphql_api" / "schema.graphql").read_text(encoding="utf-8"))
    assert validate(schema, parse(query)) == []


def test_a_mark_says_whether_it_is_met() -> None:
    assert within(5.0, 5.0, "at most 5") == "at most 5: met"
    assert within(5.01, 5.0, "at most 5") == "at most 5: MISSED"


def test_the_table_is_aligned_markdown() -> None:
    assert list(lines([Row("loaded", "1 s", "12 s", "met")])) == [
        "| measured | alone or on SQLite | on Neo4j | mark |",
        "|----------|--------------------|----------|------|",
        "| loaded   | 1 s                | 12 s     | met  |",
    ]


def test_a_program_that_fails_stops_the_measurement_with_what_it_said_last() -> None:
    with pytest.raises(RunFailedError, match="ended with 3: no more memory"):
        run([sys.executable, "-c", "import sys; sys.stderr.write('no more memory'); sys.exit(3)"], {})


def test_a_program_is_measured_to_its_end_with_what_it_printed() -> None:
    done = run([sys.executable, "-c", "print('x' * 200_000)"], {})
    assert len(done.stdout) == 200_001
    assert done.wall > 0
    assert done.cpu > 0
    assert done.peak_mib > 1
