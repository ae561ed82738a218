"""A writer in a process of its own: `python -m tests.topology.store_worker NUMBER TIMES PLACE...`."""

import asyncio
import sys

from tests.statements import entity, full
from tests.topology.store_contract import place_of, validated


async def main(number: int, times: int, arguments: list[str]) -> None:
    store = place_of(arguments).new()
    await store.open()
    for turn in range(times):
        name = f"{number}-{turn}"
        await store.apply(validated(await store.load(), full(entity(name), source=name)))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
