"""A snapshot is the same whatever the way to it, in canonical order, and shares what a change leaves alone."""

import random
from dataclasses import replace
from datetime import date

import pytest

from tests.statements import contract, degrades, entity, external, fact, needs, promise, ref, vendor
from topology.facts import About, Fact, Overrule, Reading, Same
from topology.snapshot import EMPTY, Owned, Snapshot, apply, described_on


def owned(item: Fact) -> Owned:
    return (item.id, item.source, item.scope)


def some_facts(seed: int) -> list[Fact]:
    """A tangled estate: three sources with shared keys, overlays, joins, overrules, groups, promises."""
    dice = random.Random(seed)
    keys = [f"e{n}" for n in range(8)]
    found: dict[Owned, Fact] = {}

    def say(item: Fact) -> None:
        found[owned(item)] = item

    for key in keys:
        say(fact(entity(key, dice.choice([None, "0.9", "0.99"])), dice.choice(["s", "t"])))
        if dice.random() < 0.4:
            say(fact(ref(f"{dice.choice('st')}:{key}", "0.5"), "u"))
    for _ in range(10):
        consumer, *members = dice.sample(keys, dice.randint(2, 4))
        say(fact(needs(consumer, *members, k=dice.randint(1, len(members))), dice.choice("stu")))
    for _ in range(3):
        one, other = dice.sample(keys, 2)
        say(fact(degrades(one, other, "0.1"), dice.choice("st")))
        say(fact(Overrule(one, dice.choice(list(Reading)), (other,)), "u"))
    one, other = dice.sample(keys, 2)
    say(fact(Same(one, other), "u"))
    say(fact(vendor("v"), "s"))
    say(fact(external("x", "v"), "s"))
    say(fact(contract("uc", "v", "x"), "s"))
    for source in ("s", "t"):
        say(fact(promise("uc", "x", dice.choice(["0.9", "0.95"])), source))
    return list(found.values())


def content(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, revision=0)


@pytest.mark.parametrize("seed", range(40))
def test_facts_give_the_same_snapshot_at_once_or_one_by_one_in_any_order(seed: int) -> None:
    facts = some_facts(seed)
    at_once = apply(EMPTY, facts, (), revision=1)
    random.Random(seed).shuffle(facts)
    step_by_step = EMPTY
    for number, item in enumerate(facts):
        step_by_step = apply(step_by_step, [item], (), revision=number)
    assert content(step_by_step) == content(at_once)
    assert list(at_once.facts) == sorted(at_once.facts)
    assert list(at_once.entities) == sorted(at_once.entities)
    assert list(at_once.required_by) == sorted(at_once.required_by)
    assert list(step_by_step.facts) == list(at_once.facts)
    assert list(step_by_step.required_by) == list(at_once.required_by)


@pytest.mark.parametrize("seed", range(40))
def test_removing_facts_gives_what_never_having_had_them_would(seed: int) -> None:
    facts = some_facts(seed)
    dice = random.Random(seed)
    gone = dice.sample(facts, len(facts) // 3)
    kept = [item for item in facts if item not in gone]
    removed = apply(apply(EMPTY, facts, (), revision=1), (), map(owned, gone), revision=2)
    assert content(removed) == content(apply(EMPTY, kept, (), revision=1))


def test_what_a_change_does_not_touch_is_shared() -> None:
    before = apply(EMPTY, [fact(entity(key)) for key in "abc"] + [fact(needs("a", "b"))], (), revision=1)
    after = apply(before, [fact(entity("c", "0.9"))], (), revision=2)
    assert after.entities["a"] is before.entities["a"]
    assert after.groups is before.groups or after.groups["a"] is before.groups["a"]
    assert before.entities["c"].availability is None


def test_a_snapshot_knows_the_latest_date_that_a_source_describes() -> None:
    spring, summer = About("s", "", date(2026, 3, 31)), About("t", "north", date(2026, 6, 30))
    both = apply(EMPTY, [fact(spring, "s"), fact(summer, "t", "north")], (), revision=1)
    assert described_on(both) == date(2026, 6, 30)
    assert described_on(apply(both, (), [owned(fact(summer, "t", "north"))], revision=2)) == date(2026, 3, 31)
    assert described_on(EMPTY) is None


def test_removing_what_is_not_there_changes_nothing() -> None:
    before = apply(EMPTY, [fact(entity("a"))], (), revision=1)
    after = apply(before, (), [(("entity", "b"), "acme", "")], revision=2)
    assert content(after) == content(before)


def test_a_figure_rewritten_under_its_version_stays_marked() -> None:
    first = [fact(vendor("v")), fact(external("x", "v")), fact(contract("uc", "v")), fact(promise("uc", "x", "0.9"))]
    before = apply(EMPTY, first, (), revision=1)
    again = apply(before, [fact(promise("uc", "x", "0.9"))], (), revision=2)
    rewritten = apply(again, [fact(promise("uc", "x", "0.95"))], (), revision=3)
    later = apply(rewritten, [fact(promise("uc", "x", "0.95"))], (), revision=4)

    def marks(snapshot: Snapshot) -> list[bool]:
        return [f.rewritten for f in snapshot.facts_about("agreement", "uc") if f.id[0] == "target"]

    assert [marks(s) for s in (before, again, rewritten, later)] == [[False], [False], [True], [True]]
