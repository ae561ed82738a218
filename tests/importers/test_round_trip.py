"""What is written is read back as the same facts, in every form, whatever the source says."""

import random

import pytest

from importers.importer import Reading, SourceFile, change_set
from importers.native.outline import Outline, outline, outline_of
from importers.native.sheet_writing import write_csv, write_xlsx
from importers.native.yaml_writing import write_yaml
from tests.importers.random_sources import RandomSource
from tests.importers.sources import read_one, shown, statements
from topology.canonical import model_hash
from topology.planning import plan
from topology.snapshot import EMPTY, Snapshot, apply

FORMS = ("yaml", "csv", "xlsx")
SEEDS = range(60)


def written(whole: Outline, form: str) -> list[SourceFile]:
    if form == "yaml":
        return [SourceFile("acme.yaml", write_yaml(whole))]
    if form == "xlsx":
        return [SourceFile("acme.xlsx", write_xlsx(whole))]
    return [SourceFile(name, data) for name, data in write_csv(whole).items()]


def snapshot_of(reading: Reading) -> Snapshot:
    return plan(EMPTY, change_set(reading)).after


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_source_is_read_back_as_it_was_written(seed: int, form: str) -> None:
    source = RandomSource(seed)
    whole = outline_of(source.facts, "acme")
    assert whole.left_out == ()
    reading = read_one(written(whole, form))
    assert shown(reading) == []
    assert statements(reading) == statements(source.facts)


@pytest.mark.parametrize("seed", range(100, 110))
def test_the_three_forms_of_one_source_give_one_model_hash(seed: int) -> None:
    source = RandomSource(seed, scope="payments")
    before = apply(EMPTY, source.facts, (), revision=1)
    whole = outline(before, "acme", "payments")
    readings = [read_one(written(whole, form)) for form in FORMS]
    assert {reading.scope for reading in readings} == {"payments"}
    hashes = {model_hash(apply(EMPTY, reading.facts, (), revision=n)) for n, reading in enumerate(readings)}
    assert hashes == {model_hash(before)}


@pytest.mark.parametrize("form", FORMS)
def test_writing_gives_the_same_bytes_whatever_the_order_of_the_facts(form: str) -> None:
    facts = list(RandomSource(7).facts)
    first = [file.data for file in written(outline_of(facts, "acme"), form)]
    random.Random(1).shuffle(facts)
    assert [file.data for file in written(outline_of(facts, "acme"), form)] == first
