"""The log's pure part: replaying comes to what was applied, however it is cut."""

import random
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.statements import entity, full, needs, vendor
from tests.topology.random_estates import Estate
from tests.topology.store_contract import unchecked, validated
from topology import log
from topology.changes import Provenance
from topology.errors import BadInput, KeyReused, StaleRevision, UnknownRevision
from topology.facts import Same
from topology.log import Entry, Logged
from topology.snapshot import EMPTY, Snapshot, apply

START = datetime(2026, 6, 30, tzinfo=UTC)


def history(seed: int, count: int) -> tuple[list[Snapshot], list[tuple[Entry, list[bytes]]]]:
    """Random states, one after the other, and what a store would have logged."""
    estate, states, written, total = Estate(seed), [EMPTY], [], 0
    while len(states) <= count:
        change = validated(states[-1], estate.change())
        payloads = list(log.payloads_of(change))
        try:
            after = log.outcome(states[-1], change, START + timedelta(minutes=len(states)))
        except BadInput:  # a source took away an agreement that another's target names: no store writes that
            continue
        entry = log.entry_of(change, after, len(payloads), total)
        total = entry.total
        states.append(after)
        written.append((entry, [payload.json for payload in payloads]))
    return states, written


def read(written: list[tuple[Entry, list[bytes]]]) -> list[Logged]:
    return [log.logged(entry, payloads) for entry, payloads in written]


@pytest.mark.parametrize("seed", range(25))
def test_replaying_any_stretch_at_once_comes_to_the_state_at_its_end(seed: int) -> None:
    states, written = history(seed, 15)
    rng = random.Random(seed)
    for _ in range(10):
        start, end = sorted(rng.sample(range(16), 2))
        assert log.replayed(states[start], read(written[start:end])) == states[end], (start, end)


@pytest.mark.parametrize("seed", range(25, 40))
def test_a_checkpoint_of_any_state_comes_to_that_state(seed: int) -> None:
    states, written = history(seed, 12)
    for number in range(1, 13):
        payloads = list(log.payloads_of_snapshot(states[number]))
        restored = log.checkpoint(written[number - 1][0], payloads)
        assert restored == states[number], number
        assert log.replayed(restored, read(written[number:])) == states[-1]


def test_replaying_nothing_changes_nothing() -> None:
    assert log.replayed(EMPTY, []) is EMPTY


def test_payloads_hold_a_thousand_facts_and_name_their_keys() -> None:
    change = unchecked(EMPTY, *(entity(f"e{number:04}") for number in range(2500)), Same("one:e0000", "two:x"))
    payloads = list(log.payloads_of(change))
    assert [len(payload.keys) for payload in payloads] == [1000, 1000, 502]
    assert {"one:e0000", "two:x"} <= set(payloads[2].keys)
    gone = unchecked(log.outcome(EMPTY, change, START), removals=(("same", "one:e0000", "two:x"),))
    assert [payload.keys for payload in log.payloads_of(gone)] == [("one:e0000", "two:x")]


def test_the_same_change_has_the_same_payloads() -> None:
    """A retry stages the same bytes again, whatever number the revision gets."""
    one, other = (unchecked(EMPTY, entity("a"), vendor("v")) for _ in range(2))
    assert list(log.payloads_of(one)) == list(log.payloads_of(other))


def test_a_change_planned_on_the_newest_state_is_taken_as_it_was_planned() -> None:
    change = validated(EMPTY, full(entity("a")))
    after = log.outcome(EMPTY, change, START)
    assert after.entities is change.after.entities
    assert (after.revision, after.recorded_at) == (1, START)


def test_a_change_planned_earlier_is_made_of_the_newest_state() -> None:
    newest = apply(EMPTY, unchecked(EMPTY, entity("b")).puts, (), revision=1)
    after = log.outcome(newest, validated(EMPTY, full(entity("a"), source="other")), START)
    assert (after.revision, list(after.entities)) == (2, ["a", "b"])
    with pytest.raises(BadInput, match='no entity "nowhere"'):
        log.outcome(newest, unchecked(EMPTY, needs("b", "nowhere")), START)


@pytest.mark.parametrize(
    ("facts", "since", "due"),
    [(0, 20_000, False), (0, 20_001, True), (15_000, 30_000, False), (15_000, 30_001, True), (50_000, 60_000, False)],
)
def test_a_checkpoint_is_due_when_twice_the_state_has_been_logged_since(facts: int, since: int, due: bool) -> None:
    """From 20 000 on: below that replaying takes no time."""
    after = unchecked(EMPTY, *(entity(f"e{number}") for number in range(facts))).after
    assert log.checkpoint_due(after, since) is due


def test_moments_sort_as_texts_and_come_back_to_the_microsecond() -> None:
    moments = [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(2026, 6, 30, 12, tzinfo=UTC),
        datetime(2026, 6, 30, 12, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 6, 30, 11, 0, 0, 2, tzinfo=timezone(timedelta(hours=-1))),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ]
    texts = [log.write_moment(moment) for moment in moments]
    assert texts == sorted(texts)
    assert [log.read_moment(text) for text in texts] == moments
    assert texts[2] == "2026-06-30T12:00:00.000001Z"


def test_what_stands_before_writing_is_looked_at_in_order() -> None:
    change = validated(EMPTY, full(entity("a")), key="k", digest="d")
    after = log.outcome(EMPTY, change, START)
    earlier = log.entry_of(change, after, 1, 0).revision
    assert log.refuse_stale(change, None, 4, None) is None
    assert log.refuse_stale(change, 4, 4, earlier) == 1
    with pytest.raises(StaleRevision):
        log.refuse_stale(change, 3, 4, earlier)
    with pytest.raises(KeyReused):
        log.refuse_stale(validated(EMPTY, full(entity("a")), key="k", digest="e"), 4, 4, earlier)


def test_actor_and_key_make_one_claim_and_no_other_pair_makes_the_same() -> None:
    pairs = [("a", "b"), ("a,b", ""), ("", "a,b"), ('a","b', ""), ("ab", ""), ("a", '"b')]
    claims = {log.claim(Provenance(actor, idempotency_key=key)) for actor, key in pairs}
    assert len(claims) == len(pairs)
    assert log.claim(Provenance("a")) is None


def test_only_revisions_that_there_are_can_be_wanted() -> None:
    assert (log.wanted(None, 3), log.wanted(0, 3), log.wanted(3, 3)) == (3, 0, 3)
    for number in (-1, 4):
        with pytest.raises(UnknownRevision):
            log.wanted(number, 3)
