"""`underpin demo`: the example company, loaded once into a store of its own, shown as a tour, and served."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.resources import as_file, files

from importers.importer import NO_DEFAULTS
from risk.assessment import Assessment
from risk.terms import ReasonCode
from topology.changes import ChangeSet, Provenance
from topology.counting import counted
from topology.model import EntityKind, PartyKind
from topology.snapshot import EMPTY, Snapshot
from topology.submission import Submission, submit
from topology.units import minutes
from underpin.combining import Step, as_asked, steps
from underpin.composition import opened
from underpin.importing import actor
from underpin.output import say
from underpin.promises import Promise, promises_of
from underpin.reading import read_files
from underpin.serving import Serving, address_of, listening, run
from underpin.settings import Settings, demo_store
from underpin.tour import MissingLine, PointLine, PromiseLine, TourView, lay_out

EXAMPLE = ("examples", "larkspur", "larkspur.underpin.yaml")


def demonstrate(asked: Serving) -> int:
    """Load the example if it is not there, print the tour, serve. The port is looked at before anything else."""
    settings = replace(asked, store=asked.store or demo_store()).settings()
    with listening(settings) as listener:
        example = read_example()
        at = settings.at or example.reading.as_of or date.today()  # noqa: DTZ011  the example says its date
        snapshot = asyncio.run(_loaded(settings, example.change))
        say(*lay_out(tour_of(Assessment(snapshot, at), address_of(listener))))
        sys.stdout.flush()
        return run(settings.model_copy(update={"at": at}), listener)


def read_example() -> Step:
    """The example company, as it is shipped."""
    with as_file(files("underpin").joinpath(*EXAMPLE)) as path:
        found = read_files([path], NO_DEFAULTS)
    (example,) = steps(EMPTY, found.readings, found.problems, actor=None)
    return example


async def _loaded(settings: Settings, example: ChangeSet) -> Snapshot:
    """The demo's store with the example in it; where it is there already, nothing is written."""
    async with opened(settings) as store:
        by = Provenance(actor(), "underpin demo")
        await submit(store, Submission(as_asked(example), by, allow_removals=sys.maxsize))
        return await store.load()


def tour_of(assessment: Assessment, address: str) -> TourView:
    """What the tour shows of a view: the promises to customers, and what stands behind the worst of them."""
    snapshot = assessment.snapshot
    promises = promises_of(assessment)
    worst = promises[0].commitment.entity if promises else None
    return TourView(
        company=next((p.name for p in snapshot.parties.values() if p.kind is PartyKind.SELF), "This company"),
        at=assessment.at,
        counts=tuple(_counts(snapshot)),
        promises=tuple(map(_promise, promises)),
        worst=worst,
        points=() if worst is None else tuple(_points(assessment, worst)),
        missing=tuple(_missing(assessment)),
        address=address,
    )


def _counts(snapshot: Snapshot) -> Iterator[str]:
    kinds = [entity.kind for entity in snapshot.entities.values()]
    yield counted(kinds.count(EntityKind.TRANSACTION), "transaction")
    yield counted(len(kinds), "entity", "entities")
    yield counted(kinds.count(EntityKind.EXTERNAL), "external")
    yield counted(len(snapshot.agreements), "agreement")


def _promise(promise: Promise) -> PromiseLine:
    about = promise.commitment
    return PromiseLine(
        agreement=about.agreement.key,
        entity=about.entity,
        metric=about.target.metric,
        promised=promise.promised,
        composite=promise.unavailability,
        headroom=promise.headroom.expected_minutes,
        verdict=promise.headroom.verdict.upper(),
    )


def _points(assessment: Assessment, entity: str) -> Iterator[PointLine]:
    for point in assessment.failures.single_points(entity) or ():
        name = assessment.snapshot.entities[point.subject].name
        cost = None if point.minutes is None else minutes(point.minutes)
        yield PointLine(point.subject, name, cost, point.hidden)


def _missing(assessment: Assessment) -> Iterator[MissingLine]:
    """Each figure that no transaction's result can be had without, with those transactions."""
    behind: dict[str, dict[str, None]] = {}
    reasons: dict[str, dict[ReasonCode, None]] = {}
    for entity in assessment.snapshot.entities.values():
        if entity.kind is EntityKind.TRANSACTION:
            for figure in assessment.composite(entity.key).missing:
                behind.setdefault(figure.entity, {})[entity.key] = None
                reasons.setdefault(figure.entity, {})[figure.reason] = None
    for key, transactions in sorted(behind.items(), key=lambda item: (-len(item[1]), item[0])):
        yield MissingLine(key, ", ".join(reason.upper() for reason in reasons[key]), tuple(transactions))
