"""What a source is about to state: its facts in a snapshot, as far as changes have been made to them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from topology.changes import ChangeSet, Extent
from topology.errors import BadInput, Issue
from topology.facts import EntityStatement, Fact, FactId, Overrule, Reading, Statement, identity
from topology.model import Degradation, RequirementGroup
from topology.snapshot import Snapshot


def refused(code: str, message: str, hint: str | None = None) -> BadInput:
    """A change that cannot be made."""
    return BadInput((Issue(code, message, (), hint),))


@dataclass(slots=True)
class Draft:
    """The facts of one source while changes are read, one after another; nothing is written here.

    `touched` leads from what is stated or taken back to its statement, None where it is taken back.
    """

    base: Snapshot
    source: str
    touched: dict[FactId, Statement | None] = field(default_factory=dict)
    by_change: dict[FactId, int] = field(default_factory=dict)
    current: int = 0

    def put(self, statement: Statement) -> None:
        """State something, in the place of what the source said of it; what it states it no longer overrules."""
        if isinstance(statement, RequirementGroup):
            self._accept(statement.consumer, [member.entity for member in statement.members])
        elif isinstance(statement, Degradation):
            self._accept(statement.consumer, [statement.supplier])
        about = identity(statement)
        self.touched[about] = statement
        self.by_change[about] = self.current

    def drop(self, about: FactId) -> None:
        """Take back what the source says of something."""
        self.touched[about] = None
        self.by_change[about] = self.current

    def own(self, namespace: str, key: str) -> list[Statement]:
        """What the source itself says about a subject."""
        canonical = self.base.canonical
        held = {f.id: f.statement for f in self.base.facts_about(namespace, canonical(key)) if self._is_own(f)}
        changed = {
            about: statement
            for about, statement in self.touched.items()
            if (_NAMESPACE.get(about[0], "entity"), canonical(about[1])) == (namespace, canonical(key))
        }
        return [statement for statement in (held | changed).values() if statement is not None]

    def others(self, namespace: str, key: str) -> list[Fact]:
        """What other sources say about a subject."""
        about = self.base.facts_about(namespace, self.base.canonical(key))
        return [fact for fact in about if not self._is_own(fact)]

    def entity(self, key: str) -> EntityStatement:
        """What the source says of an entity, or a statement that adds to another's; the key is as it is shown."""
        shown = self.base.canonical(key)
        found = [said for said in self.own("entity", key) if isinstance(said, EntityStatement)]
        return found[0] if found else EntityStatement(shown)

    def groups(self, consumer: str) -> list[RequirementGroup]:
        """The source's own requirement groups of a consumer."""
        return [said for said in self.own("entity", consumer) if isinstance(said, RequirementGroup)]

    def single(self, consumer: str, supplier: str) -> RequirementGroup | None:
        """The source's own plain need of a consumer for a supplier."""
        shown = self.base.canonical(supplier)
        found = (group for group in self.groups(consumer) if len(group.members) == 1)
        return next((group for group in found if self.base.canonical(group.members[0].entity) == shown), None)

    def needs(self, consumer: str, supplier: str) -> bool:
        """Whether the consumer plainly needs the supplier, whoever says so, and nothing here overrules it."""
        if self.single(consumer, supplier) is not None:
            return True
        shown = self.base.canonical(supplier)
        theirs = [fact.statement for fact in self.others("entity", consumer)]
        plain = [said for said in theirs if isinstance(said, RequirementGroup) and len(said.members) == 1]
        held = any(self.base.canonical(said.members[0].entity) == shown for said in plain)
        return held and not any(self._overrules(said, {shown}) for said in [*theirs, *self.own("entity", consumer)])

    def overrule(self, consumer: str, suppliers: Iterable[str]) -> None:
        """Say that other sources' edges between these are no dependencies."""
        names = tuple(sorted(map(self.base.canonical, suppliers)))
        self.put(Overrule(self.base.canonical(consumer), Reading.NONE, names))

    def change_set(self) -> ChangeSet:
        """All of it as one change."""
        facts = tuple(Fact(said, self.source) for said in self.touched.values() if said is not None)
        gone = tuple(about for about, said in self.touched.items() if said is None)
        return ChangeSet(self.source, "", Extent.DELTA, facts, gone)

    def _accept(self, consumer: str, suppliers: Iterable[str]) -> None:
        names = set(map(self.base.canonical, suppliers))
        for said in self.own("entity", consumer):
            if self._overrules(said, names):
                self.drop(identity(said))

    def _overrules(self, said: Statement, names: set[str]) -> bool:
        if not isinstance(said, Overrule) or said.reading is not Reading.NONE:
            return False
        return set(map(self.base.canonical, said.suppliers)) == names

    def _is_own(self, fact: Fact) -> bool:
        return fact.source == self.source and not fact.scope


_NAMESPACE = {"party": "party", "agreement": "agreement", "target": "agreement", "same": "same"}
