"""Writers killed in the middle: `python -m tests.topology.store_crash TIMES PLACE...`, one line of JSON for each.

A process of its own, because it forks: the change set is made once, every writer and every reader begins as a copy of
it, and nothing else runs in them.
"""

import asyncio
import gc
import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from tests.neo4j_server.server import Neo4jAddress
from tests.statements import company, entity, full, needs, vendor
from tests.topology.projected import projected_graph, shown
from tests.topology.store_contract import StorePlace, large_change, place_of, validated
from topology.canonical import model_hash
from topology.changes import ValidatedChangeSet
from topology.snapshot import EMPTY, Snapshot
from topology.store import GraphStore

FACTS = 100_000
OLD, NEW, WRONG = 10, 11, 12


@dataclass(frozen=True, slots=True)
class Story:
    """Revision 1 is written in peace; the change to revision 2 is what gets killed."""

    place: StorePlace
    first: ValidatedChangeSet
    old: Snapshot
    change: ValidatedChangeSet

    async def begin(self, store: GraphStore) -> int:
        assert await store.apply(self.first) == 1
        return 0

    async def write(self, store: GraphStore) -> int:
        await store.apply(self.change)
        return 0

    async def read(self, store: GraphStore) -> int:
        """Which of the two states is there; that it is whole, in the graph beside the log too, and can be built on."""
        found = await store.load()
        wanted = {1: self.old, 2: self.change.after}[found.revision]
        assert found == replace(wanted, recorded_at=found.recorded_at)
        assert model_hash(found) == model_hash(wanted)
        assert [r.number for r in await store.history()] == list(range(1, found.revision + 1))
        if self.place.name == "neo4j":
            graph = projected_graph(Neo4jAddress(*self.place.arguments[1:]))
            assert graph == shown(found)
        number = await store.apply(validated(found, full(entity("afterwards"), source="other")))
        assert number == found.revision + 1
        assert "afterwards" in (await store.load()).entities
        return OLD if found.revision == 1 else NEW


def in_a_fork(story: Story, act: Callable[[GraphStore], Awaitable[int]]) -> int:
    """The process id of a copy of this process that opens the store and acts."""
    child = os.fork()
    if child:
        return child
    code = WRONG
    try:
        code = asyncio.run(_opened(story.place, act))
    except BaseException:  # noqa: BLE001  a fork ends here, whatever happens
        traceback.print_exc()
    finally:
        os._exit(code)


async def _opened(place: StorePlace, act: Callable[[GraphStore], Awaitable[int]]) -> int:
    store = place.new()
    await store.open()
    try:
        return await act(store)
    finally:
        await store.close()


def ended(child: int) -> int:
    """How a copy ended: its exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def afresh(story: Story) -> None:
    """Only revision 1 in the place."""
    story.place.clear()
    assert ended(in_a_fork(story, story.begin)) == 0


def main(times: int, arguments: list[str]) -> None:
    first = validated(EMPTY, full(company(), vendor("v"), entity("n000001"), entity("b"), needs("b", "n000001")))
    old = first.after
    story = Story(place_of(arguments), first, old, large_change(old, FACTS))
    gc.collect()
    gc.freeze()
    afresh(story)
    began = time.monotonic()
    assert ended(in_a_fork(story, story.write)) == 0
    whole = time.monotonic() - began
    assert ended(in_a_fork(story, story.read)) == NEW
    # A file has its revision with the last of the writing, a server early on: its graph follows.
    early = 1 if story.place.name == "sqlite" else 2
    rng = random.Random()
    turn = 0
    while turn < times:
        afresh(story)
        # One moment in each equal part of the time that the write takes: before, in and after its commit.
        part = ((turn + rng.random()) / times) ** early
        writer = in_a_fork(story, story.write)
        time.sleep(part * whole)
        os.kill(writer, signal.SIGKILL)
        if ended(writer) != -signal.SIGKILL:
            whole *= 0.8  # it was done before: the machine has more to spare than when it was measured
            continue
        state = {OLD: "old", NEW: "new"}.get(ended(in_a_fork(story, story.read)), "wrong")
        print(json.dumps({"part": round(part, 3), "state": state}), flush=True)  # noqa: T201
        turn += 1


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
