"""Which graph a query is about: the newest snapshot, an older one, at a date; and the assessments kept of them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from graphql_api.clock import Clock
from graphql_api.connections import Entry, Moment
from graphql_api.errors import bad_input
from graphql_api.identifiers import Given, NodeId
from risk.assessment import Assessment
from risk.assessments import BASELINE, Assessments
from risk.limits import Check, unhurried
from risk.results import Commitment
from risk.supposed.operations import Scenario
from topology.changes import FIRST, Revision
from topology.errors import StoreUnavailable
from topology.model import Agreement, Entity
from topology.snapshot import EMPTY, Snapshot

T = TypeVar("T")
V = TypeVar("V")
_LISTS = 64


@dataclass(frozen=True, slots=True)
class Known:
    """One revision in memory: its snapshot and its entry in the log."""

    snapshot: Snapshot
    revision: Revision


NOTHING = Known(EMPTY, FIRST)
"""What was known before the first revision."""


def in_order(entries: list[Entry[V]]) -> list[Entry[V]]:
    """A list by its sort values, ties by key."""
    return sorted(entries, key=lambda entry: entry.place)


class Memo:
    """What is derived from a state for paging and look-ups; it goes when the state's assessment goes."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._lists: OrderedDict[str, list[Entry[Any]]] = OrderedDict()
        self._indexes: dict[str, Any] = {}
        self._lock = threading.Lock()

    def listing(self, digest: str, make: Callable[[], list[Entry[V]]]) -> list[Entry[V]]:
        """A list, made and sorted once while it is among those asked for last."""
        with self._lock:
            found = self._lists.get(digest)
            if found is not None:
                self._lists.move_to_end(digest)
                return found
        made = in_order(make())
        with self._lock:
            self._lists[digest] = made
            while len(self._lists) > _LISTS:
                self._lists.popitem(last=False)
        return made

    def index(self, name: str, make: Callable[[], T]) -> T:
        """An index, made once."""
        if name not in self._indexes:
            self._indexes[name] = make()
        found: T = self._indexes[name]
        return found


@dataclass(frozen=True, slots=True)
class State:
    """A revision seen at a date under a scenario: everything that does not depend on who asks. Shared by requests."""

    at: date
    assessment: Assessment
    memo: Memo
    scenario: Scenario

    @property
    def known(self) -> Known:
        """The revision."""
        return self.memo.known

    @property
    def moment(self) -> Moment:
        """What cursors say of this state."""
        return Moment(self.known.snapshot.revision, self.at)


class States:
    """The states in memory: as many as there are assessments."""

    def __init__(self) -> None:
        self._assessments = Assessments()
        self._memos: WeakKeyDictionary[Assessment, Memo] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, known: Known, at: date, scenario: Scenario = BASELINE, check: Check = unhurried) -> State:
        """The state of a revision at a date under a scenario, made where it is not there.

        Raises:
            BadInput: the date is beyond the calendar, or the scenario cannot be laid over the revision.
        """
        assessment = self._assessments.of(known.snapshot, at, scenario, check)
        if assessment.snapshot.recorded_at != known.snapshot.recorded_at:
            self._assessments = Assessments()  # the store was put back: its numbers now mean something else
            assessment = self._assessments.of(known.snapshot, at, scenario, check)
        with self._lock:
            return State(at, assessment, self._memos.setdefault(assessment, Memo(known)), scenario)

    def at(self, moment: Moment, scenario: Scenario, check: Check) -> State | None:
        """The state that a cursor belongs to, while its revision is in memory."""
        known = self.revision(moment.revision)
        return None if known is None else self.get(known, moment.at, scenario, check)

    def revision(self, number: int) -> Known | None:
        """A revision that is in memory."""
        with self._lock:
            return next((memo.known for memo in self._memos.values() if memo.known.revision.number == number), None)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How well the newest snapshot is known to be the newest."""

    loaded_at: datetime
    reachable: bool
    age_seconds: float


class EntityNode(Protocol):
    """Any of the three types of entity, as Python sees what another module of types makes."""

    @property
    def key(self) -> str:
        """Its key."""


class PartyNode(Protocol):
    """Any of the four types of party."""

    @property
    def key(self) -> str:
        """Its key."""


class AgreementNode(Protocol):
    """An agreement version."""

    @property
    def version(self) -> int:
        """Its number."""


class CommitmentNode(Protocol):
    """A promise on one entity."""

    @property
    def budget_minutes(self) -> Decimal | None:
        """How much downtime it allows."""


class Makers(Protocol):
    """Makes the nodes that types of other modules hold: so no module of types imports one that imports it."""

    def entity(self, view: "View", key: str) -> EntityNode:
        """The entity of a key that the view holds."""

    def party(self, view: "View", key: str) -> PartyNode:
        """The party of a key that the view holds."""

    def agreement(self, view: "View", agreement: Agreement) -> AgreementNode:
        """An agreement version."""

    def commitment(self, view: "View", key: str) -> CommitmentNode:
        """The commitment `agreement/entity/metric/window`."""

    def promise(self, view: "View", commitment: Commitment, on: date) -> CommitmentNode:
        """A promise of another day than the view's."""


@dataclass(frozen=True, slots=True)
class View:
    """What one query reads: a state, how the asker named it, and the request's own clock."""

    state: State
    given: Given
    freshness: Freshness
    states: States
    make: Makers
    clock: Clock
    assessment: Assessment

    @property
    def snapshot(self) -> Snapshot:
        """The model, after the scenario."""
        return self.state.assessment.snapshot

    @property
    def at(self) -> date:
        """The business date."""
        return self.state.at

    def id(self, kind: str, *key: str) -> str:
        """The opaque id of a node of this view."""
        return str(NodeId(kind, key, self.given))

    def id_on(self, day: date, kind: str, *key: str) -> str:
        """The opaque id of a node of another day."""
        return str(NodeId(kind, key, replace(self.given, at=day)))

    def entity(self, key: str) -> Entity | None:
        """The entity of a key, or of an alias of it."""
        return self.snapshot.entities.get(key) or self.snapshot.entities.get(self.snapshot.canonical(key))

    def entity_node(self, key: str) -> EntityNode:
        """The entity of a key that the view holds, as a node."""
        return self.make.entity(self, key)

    def agreement_node(self, agreement: Agreement) -> AgreementNode:
        """An agreement version, as a node."""
        return self.make.agreement(self, agreement)

    def nodes(self, keys: Iterable[str]) -> list[EntityNode]:
        """The entities of keys that the view holds, as nodes."""
        return [self.make.entity(self, key) for key in keys]

    def numbered(self, number: int) -> EntityNode:
        """The entity that the engine calls by this number, as a node."""
        return self.make.entity(self, self.assessment.key_of(number))

    def listing(self, digest: str, make: Callable[[], list[Entry[V]]]) -> list[Entry[V]]:
        """A list of this state, made once; walking through its pages costs the pages only."""
        return self.state.memo.listing(digest, make)

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """An index of this state, made once."""
        return self.state.memo.index(name, make)

    def seen_in(self, moment: Moment | None) -> "View":
        """This view in the state that a cursor belongs to.

        Raises:
            BadInput: CURSOR_EXPIRED, where that state is no longer in memory.
        """
        if moment is None or moment == self.state.moment:
            return self
        state = self.states.at(moment, self.state.scenario, self.clock.check)
        if state is None:
            message = f"The cursor is of revision {moment.revision}, which is no longer in memory; start again."
            raise bad_input("CURSOR_EXPIRED", message, "after")
        assessment = state.assessment.within(self.clock.check)
        return View(state, self.given, self.freshness, self.states, self.make, self.clock, assessment)


def utc(moment: datetime) -> datetime:
    """The moment in UTC.

    Raises:
        BadInput: it has no offset, or is at the edge of the calendar.
    """
    if moment.tzinfo is None:
        raise bad_input("NO_OFFSET", 'asOf needs an offset, such as "2026-04-02T09:00:00Z".', "asOf")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise bad_input("OUT_OF_RANGE", "asOf is beyond the calendar.", "asOf") from error


def nothing_loaded() -> StoreUnavailable:
    """The failure of a query before the first snapshot is there."""
    return StoreUnavailable("The store has not been reached yet.")
