"""What is measured of an estate, each as a program of its own: `write` it as one change set, `load` it."""

import argparse
import asyncio
import json
import time
from itertools import pairwise

from benchmarks.estate import SOURCE, estate
from topology.changes import ChangeSet, Extent, Provenance
from topology.planning import plan
from topology.store import GraphStore
from underpin.composition import make_store
from underpin.settings import read_settings

SEED = 2026
REDUNDANT = 0.2


async def write(store: GraphStore, entities: int, edges: int) -> dict[str, float]:
    """Plan an estate and write it as one change set; seconds of making, planning and writing."""
    marks = [time.perf_counter()]
    facts = estate(entities, REDUNDANT, SEED, edges)
    marks.append(time.perf_counter())
    change = plan(await store.load(), ChangeSet(SOURCE, "", Extent.FULL, facts))
    validated = change.validated(Provenance("benchmark", "write an estate"), strict=True)
    marks.append(time.perf_counter())
    await store.apply(validated)
    marks.append(time.perf_counter())
    made, planned, written = (after - before for before, after in pairwise(marks))
    return {"made": made, "planned": planned, "step": written}


async def load(store: GraphStore) -> dict[str, float]:
    """Load what was written; seconds, and how much it is."""
    began = time.perf_counter()
    snapshot = await store.load()
    seconds = time.perf_counter() - began
    edges = sum(len(group.members) for groups in snapshot.groups.values() for group in groups)
    return {"step": seconds, "entities": len(snapshot.entities), "edges": edges}


async def _main(arguments: argparse.Namespace) -> dict[str, float]:
    store = make_store(read_settings())
    await store.open()
    try:
        if arguments.step == "write":
            return await write(store, arguments.entities, arguments.edges)
        return await load(store)
    finally:
        await store.close()


def main() -> None:
    """Do one step on the store of the environment and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["write", "load"])
    parser.add_argument("--entities", type=int, default=10_000)
    parser.add_argument("--edges", type=int, default=50_000)
    print(json.dumps(asyncio.run(_main(parser.parse_args()))))


if __name__ == "__main__":
    main()
