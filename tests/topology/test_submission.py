"""The one way in: guard, dry run, agreed plans, repetitions, and writers that were first."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.statements import entity, full, needs, promise
from topology.changes import ChangeSet, Provenance
from topology.errors import BadInput, KeyReused, StaleRevision
from topology.facts import Statement
from topology.planning import plan
from topology.snapshot import EMPTY, Snapshot
from topology.sqlite_store import SqliteStore
from topology.submission import PlanMoved, RemovalsRefused, Submission, Submitted, Undecided, submit

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "store.db")
    await store.open()
    yield store
    await store.close()


def asking(change: ChangeSet, key: str | None = None, **more: object) -> Submission:
    by = Provenance("kim", "because", key, plan(EMPTY, change).digest)
    return Submission(lambda _: change, by, **more)  # type: ignore[arg-type]


def many(count: int) -> list[Statement]:
    return [entity(f"e{number:03}") for number in range(count)]


async def test_a_change_is_one_revision_with_actor_reason_and_counts(store: SqliteStore) -> None:
    done = await submit(store, asking(full(*many(3))))
    assert (done.revision, done.replayed, done.summary.added) == (1, False, 3)
    (revision,) = await store.history()
    assert (revision.by.actor, revision.by.reason, revision.source) == ("kim", "because", "acme")


async def test_what_is_there_already_makes_no_revision(store: SqliteStore) -> None:
    await submit(store, asking(full(*many(3))))
    again = await submit(store, asking(full(*many(3))))
    assert again.revision == 1
    assert again.summary.is_empty
    assert await store.revision() == 1


async def test_a_dry_run_plans_and_writes_nothing(store: SqliteStore) -> None:
    planned = await submit(store, asking(full(*many(3)), dry_run=True))
    assert planned.summary.added == 3
    assert await store.revision() == 0


async def test_strict_refuses_all_for_one_error(store: SqliteStore) -> None:
    change = full(*many(3), entity("bad", "2"))
    with pytest.raises(BadInput):
        await submit(store, asking(change))
    assert await store.revision() == 0
    done = await submit(store, asking(change, strict=False))
    assert done.summary.added == 3
    assert done.plan is not None
    assert [issue.code for issue in done.plan.errors] == ["UP-RATIO"]


async def test_a_stale_expectation_is_refused(store: SqliteStore) -> None:
    await submit(store, asking(full(*many(3))))
    with pytest.raises(StaleRevision) as refused:
        await submit(store, asking(full(*many(4)), expect=0))
    assert (refused.value.expected, refused.value.actual) == (0, 1)


async def test_the_same_key_and_content_gives_the_first_answer_again(store: SqliteStore) -> None:
    change = full(*many(3))
    first = await submit(store, asking(change, "key-1"))
    await submit(store, asking(full(*many(5))))
    again = await submit(store, asking(change, "key-1"))
    assert (again.revision, again.replayed, again.summary) == (first.revision, True, first.summary)
    assert await store.revision() == 2


async def test_the_same_key_with_another_content_is_a_conflict(store: SqliteStore) -> None:
    await submit(store, asking(full(*many(3)), "key-1"))
    with pytest.raises(KeyReused):
        await submit(store, asking(full(*many(4)), "key-1"))


async def test_an_agreed_plan_is_applied_and_one_that_moved_is_not(store: SqliteStore) -> None:
    change = full(*many(3))
    shown = await submit(store, asking(change, dry_run=True))
    assert shown.plan is not None
    await submit(store, asking(full(entity("z"), source="other")))
    moved = full(*many(2))
    with pytest.raises(PlanMoved):
        await submit(store, asking(moved, planned=shown.plan.digest, strict=False))
    assert await store.revision() == 1


@pytest.mark.parametrize(
    ("held", "left", "allowed"),
    [(100, 80, None), (100, 79, 21), (300, 250, None), (300, 249, 51), (3, 3, None), (3, 2, 1), (10, 8, None)],
)
async def test_more_than_a_fifth_or_fifty_removals_need_to_be_allowed(
    store: SqliteStore, held: int, left: int, allowed: int | None
) -> None:
    await submit(store, asking(full(*many(held))))
    smaller = asking(full(*many(left)))
    if allowed is not None:
        with pytest.raises(RemovalsRefused) as refused:
            await submit(store, smaller)
        assert (refused.value.removals, refused.value.held) == (held - left, held)
        assert await store.revision() == 1
        with pytest.raises(RemovalsRefused):
            await submit(store, asking(full(*many(left)), allow_removals=allowed - 1))
    done = await submit(store, asking(full(*many(left)), allow_removals=allowed))
    assert done.summary.removed == held - left


async def test_writers_at_once_are_put_in_a_row_and_each_plans_anew(store: SqliteStore) -> None:
    def adding(number: int) -> Callable[[Snapshot], ChangeSet]:
        return lambda _: full(entity(f"e{number}"), scope=f"scope-{number}")

    async def write(number: int) -> Submitted:
        return await submit(store, Submission(adding(number), Provenance("kim", "because", None, str(number))))

    done = await asyncio.gather(*(write(number) for number in range(12)))
    assert sorted(result.revision for result in done) == list(range(1, 13))
    assert len((await store.load()).entities) == 12


async def test_a_repetition_that_arrives_together_is_written_once(store: SqliteStore) -> None:
    change = full(*many(3))
    done = await asyncio.gather(*(submit(store, asking(change, "key-1")) for _ in range(5)))
    assert {result.revision for result in done} == {1}
    assert sum(not result.replayed for result in done) == 1


async def test_a_target_without_its_agreement_is_refused_with_nothing_written(store: SqliteStore) -> None:
    change = full(entity("a"), needs("a", "b"), promise("uc", "a", "0.9"))
    with pytest.raises(BadInput):
        await submit(store, asking(change))
    assert await store.revision() == 0


async def test_a_key_that_two_sources_define_refuses_everything_though_good_facts_stand_beside_it(
    store: SqliteStore,
) -> None:
    await submit(store, asking(full(entity("one"), source="first")))
    with pytest.raises(Undecided) as refused:
        await submit(store, asking(full(entity("one"), entity("two"), source="second"), strict=False))
    assert ([issue.code for issue in refused.value.issues], refused.value.code) == (["UP-KEY-TWICE"], "CONFLICT")
    assert await store.revision() == 1


async def test_a_source_is_emptied_only_where_every_removal_is_said_to_be_meant(store: SqliteStore) -> None:
    await submit(store, asking(full(*many(10))))
    kept = await submit(store, asking(full(), strict=False, allow_removals=9))
    assert (kept.plan and [issue.code for issue in kept.plan.issues], kept.summary.removed) == (["UP-NO-ENTITIES"], 0)
    assert kept.plan is not None
    assert "allow 10 removals" in (kept.plan.issues[0].hint or "")
    emptied = await submit(store, asking(full(), strict=False, allow_removals=10))
    assert (emptied.summary.removed, dict((await store.load()).entities)) == (10, {})


@pytest.mark.parametrize("reason", ["", "  ", "a\x1b[31m", "long" * 501])
async def test_a_change_without_a_reason_that_can_be_shown_is_refused(store: SqliteStore, reason: str) -> None:
    with pytest.raises(BadInput) as refused:
        await submit(store, Submission(lambda _: full(*many(1)), Provenance("kim", reason)))
    assert refused.value.issues[0].path == ("reason",)


@pytest.mark.parametrize(
    ("source", "scope"), [("Bad Source", ""), ("a:b", ""), ("a" * 201, ""), ("a", " b"), ("a", "\n")]
)
async def test_a_source_or_scope_that_cannot_be_one_is_refused(store: SqliteStore, source: str, scope: str) -> None:
    with pytest.raises(BadInput) as refused:
        await submit(store, asking(full(*many(1), source=source, scope=scope), strict=False))
    assert [issue.code for issue in refused.value.issues] == ["UP-SCOPE" if scope else "UP-SOURCE"]
