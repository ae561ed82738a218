"""Helpers of the importer tests: native texts in, readings and statements out."""

from collections.abc import Iterable
from textwrap import dedent

from importers.importer import NO_DEFAULTS, Defaults, Reading, SourceFile
from importers.registry import read
from topology.facts import Fact, FactId, Statement

HEAD = "underpin: 1\nsource: acme\n"


def yaml_file(body: str, name: str = "acme.yaml", head: str = HEAD) -> SourceFile:
    """A native YAML file: the body after a head with the source `acme`."""
    return SourceFile(name, (head + dedent(body)).encode())


def read_one(files: SourceFile | Iterable[SourceFile], defaults: Defaults = NO_DEFAULTS) -> Reading:
    """The only reading of the files."""
    given = [files] if isinstance(files, SourceFile) else list(files)
    (reading,) = read(given, defaults)
    return reading


def read_body(body: str) -> Reading:
    """The reading of a body in YAML."""
    return read_one(yaml_file(body))


def csv_set(**files: str) -> list[SourceFile]:
    """CSV files by their sheet."""
    return [SourceFile(f"{name}.csv", dedent(text).lstrip("\n").encode()) for name, text in files.items()]


def statements(facts: Reading | Iterable[Fact]) -> dict[FactId, Statement]:
    """What is stated, by what it is about."""
    held = facts.facts if isinstance(facts, Reading) else facts
    return {fact.id: fact.statement for fact in held}


def shown(reading: Reading) -> list[str]:
    """The problems as the command line prints them."""
    return [str(issue) for issue in reading.problems]


def codes(reading: Reading) -> list[str]:
    """The codes of the problems."""
    return [issue.code for issue in reading.problems]
