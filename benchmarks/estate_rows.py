"""The generated estate: written as one change set, loaded, and asked over HTTP, on both stores in the same run."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.processes import Run, middle, python, run
from benchmarks.server import seconds_to_answer, served
from benchmarks.stores import Place
from benchmarks.table import Row, within

WRITING, LOADING = 5.0, 3.0
"""Neo4j may take so many times what SQLite takes, in wall seconds from the start of the process."""
ANSWER = "{ topology { transactions(first: 100) { nodes { key composite { expected { ratio } } } } } }"


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians of one store, in seconds; `step` is the part inside the store."""

    wrote: Run
    wrote_step: float
    loaded: Run
    loaded_step: float
    answered: float


def measure(place: Place, entities: int, edges: int, repeats: int) -> tuple[Measured, Mapping[str, str]]:
    """Write, load and ask as often as wanted; also the environment of the store as the last run left it.

    The first write is not counted: a database server that has just been started is not what anybody runs.
    """
    size = ("--entities", str(entities), "--edges", str(edges))
    writes: list[Run] = []
    environment: Mapping[str, str] = {}
    for _ in range(1 + repeats):
        environment = place.emptied()
        writes.append(run(python("benchmarks.estate_steps", "write", *size), environment))
    del writes[0]
    loads = [run(python("benchmarks.estate_steps", "load"), environment) for _ in range(repeats)]
    answers = []
    for _ in range(repeats):
        with served(environment) as server:
            answers.append(seconds_to_answer(server, ANSWER))
    found = Measured(middle(writes), _step(writes), middle(loads), _step(loads), median(answers))
    return found, environment


def _step(runs: Sequence[Run]) -> float:
    return median(float(json.loads(each.stdout)["step"]) for each in runs)


def rows(sqlite: Measured, neo4j: Measured, size: str) -> Iterator[Row]:
    """The rows of the table."""
    writing, loading = neo4j.wrote.wall / sqlite.wrote.wall, neo4j.loaded.wall / sqlite.loaded.wall
    yield Row(
        f"estate of {size}: plan and write as one change set",
        _seconds(sqlite.wrote.wall, sqlite.wrote_step),
        _seconds(neo4j.wrote.wall, neo4j.wrote_step),
        within(writing, WRITING, f"Neo4j {writing:.1f} x SQLite, at most {WRITING:g}"),
    )
    yield Row(
        "the same, loaded",
        _seconds(sqlite.loaded.wall, sqlite.loaded_step),
        _seconds(neo4j.loaded.wall, neo4j.loaded_step),
        within(loading, LOADING, f"Neo4j {loading:.1f} x SQLite, at most {LOADING:g}"),
    )
    yield Row(
        "the same, served: first answer to transactions(first: 100) with expected.ratio",
        f"{sqlite.answered:.2f} s",
        f"{neo4j.answered:.2f} s",
    )


def _seconds(wall: float, step: float) -> str:
    return f"{wall:.2f} s ({step:.2f} in the store)"
