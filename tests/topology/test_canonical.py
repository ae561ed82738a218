"""`modelHash`: one text for one model, whoever says it, in which order and with which digits."""

import hashlib
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from topology.canonical import canonical_json, model_hash
from topology.errors import Place
from topology.facts import EntityStatement, Fact, Same, Statement
from topology.model import (
    Agreement,
    AgreementType,
    Comparator,
    CreditTier,
    Degradation,
    EntityKind,
    Extent,
    Member,
    Party,
    PartyKind,
    RequirementGroup,
    Target,
    Window,
    WindowKind,
)
from topology.snapshot import EMPTY, Snapshot, apply

API = EntityStatement("api", EntityKind.SERVICE, availability=Decimal("0.9995"))
DB = EntityStatement("db", EntityKind.COMPONENT, name="db")
NEED = RequirementGroup("api", 1, (Member("db"),))
TEAM = Party("team", PartyKind.TEAM, "team")
OLA = Agreement("ola", 1, AgreementType.OLA, "ola", "team", holidays=("NO", "2026-12-25"), covers=("api", "db"))
TARGET = Target(
    "ola", 1, "availability", Comparator.AT_LEAST, Decimal("0.999"), "ratio", Window(WindowKind.CALENDAR_MONTH),
    Extent.INTRINSIC, credits=(CreditTier(Decimal("0.999"), Decimal("0.1")),),
)  # fmt: skip
WHOLE: tuple[Statement, ...] = (API, DB, NEED, TEAM, OLA, TARGET, Degradation("api", "mail"))


def snapshot(*statements: Statement, source: str = "acme") -> Snapshot:
    return apply(EMPTY, [Fact(statement, source) for statement in statements], (), revision=1)


def test_the_canonical_json_is_written_out_for_a_small_model() -> None:
    text = b"".join(canonical_json(snapshot(API, DB, NEED)))
    assert text.decode() == (
        '{"agreements":[],"degradations":[],'
        '"entities":[{"availability":"0.9995","key":"api","kind":"service","name":"api"},'
        '{"key":"db","kind":"component","name":"db"}],'
        '"groups":[{"consumer":"api","members":[{"entity":"db","tolerance":"0"}],"required":1}],'
        '"parties":[],"targets":[]}'
    )
    assert model_hash(snapshot(API, DB, NEED)) == hashlib.sha256(text).hexdigest()


def test_the_canonical_json_is_json_with_sorted_keys() -> None:
    text = b"".join(canonical_json(snapshot(*WHOLE))).decode()
    assert json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) == text


def test_who_says_it_when_and_where_is_no_part_of_the_hash() -> None:
    one = snapshot(*WHOLE)
    facts = [Fact(s, "other", "scope", place=Place("f", 1, 1), revision=7, actor="me") for s in reversed(WHOLE)]
    assert model_hash(apply(EMPTY, facts, (), revision=9)) == model_hash(one)


def test_the_same_figure_in_other_digits_is_the_same_model() -> None:
    other = replace(API, availability=Decimal("0.999500"), name="api")
    assert model_hash(snapshot(other, DB, NEED)) == model_hash(snapshot(API, DB, NEED))


def test_a_tolerance_of_zero_is_none_however_it_is_written() -> None:
    other = RequirementGroup("api", 1, (Member("db", Decimal("0.00")),))
    assert model_hash(snapshot(API, DB, other)) == model_hash(snapshot(API, DB, NEED))


def test_the_order_of_a_set_says_nothing() -> None:
    other = replace(OLA, holidays=("2026-12-25", "NO"), covers=("db", "api"))
    assert model_hash(snapshot(TEAM, other)) == model_hash(snapshot(TEAM, OLA))


def test_the_sum_of_several_sources_is_one_model() -> None:
    facts = [Fact(API, "acme"), Fact(DB, "acme"), Fact(NEED, "overlay")]
    assert model_hash(apply(EMPTY, facts, (), revision=1)) == model_hash(snapshot(API, DB, NEED))


def test_keys_that_are_joined_are_one_thing() -> None:
    again = RequirementGroup("api", 1, (Member("db"),), "again")
    joined = snapshot(API, DB, NEED, Same("api", "x:api"), replace(again, consumer="x:api"))
    assert model_hash(joined) == model_hash(snapshot(API, DB, NEED, again))


def test_every_part_of_the_model_is_in_the_hash() -> None:
    whole = model_hash(snapshot(*WHOLE))
    changed: list[Statement] = [
        replace(API, tier=2),
        replace(NEED, tested=date(2026, 1, 1)),
        replace(TEAM, name="Team"),
        replace(OLA, note="x"),
        replace(TARGET, value=Decimal("0.9")),
        Degradation("api", "mail", Decimal("0.1")),
    ]
    hashes = {model_hash(snapshot(*(_or(change, said) for said in WHOLE))) for change in changed}
    assert len(hashes | {whole}) == len(changed) + 1


def _or(change: Statement, said: Statement) -> Statement:
    """The change in the place of what it changes."""
    same = type(change) is type(said) and getattr(change, "key", None) == getattr(said, "key", None)
    return change if same else said
