"""YAML without trust: the parser's events become a tree of places, within bounds of depth, aliases and size.

The composer and the constructor of PyYAML are never called: the C composer recurses and dies at 40 000 brackets, and
the constructors make objects.
"""

from dataclasses import dataclass, field
from typing import Final

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from importers.tree import Items, Node, Spot, Table, Text, place_of, spot_at
from topology.errors import Issue

MAX_DEPTH: Final = 100
MAX_PROBLEMS: Final = 10_000
MAX_ALIASES: Final = 1000
MAX_EXPANDED: Final = 100_000
"""How many nodes all aliases together may stand for: an alias bomb has few nodes and expands to billions."""
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_CORE: Final = "tag:yaml.org,2002:"
_KNOWN_TAGS: Final = frozenset(
    f"{_CORE}{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp")
)
_MERGE: Final = "<<"


@dataclass(slots=True)
class _Open:
    """A container that is being filled: the key that waits for its value, its anchor, and how many nodes it holds."""

    node: Items | Table
    anchor: str | None
    key: Text | None = None
    merged: list[Table] = field(default_factory=list)
    size: int = 1


def read_yaml(text: str, file: str) -> tuple[list[Node], list[Issue]]:
    """The documents of a YAML file, and what is wrong with them.

    A table in which something was wrong is `flawed`, and so is everything around it. What follows a syntax error is
    not read.

    Cost: linear in the text, whatever it holds; aliases share what they stand for.
    """
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.YAMLError as error:
        builder.refuse_syntax(error)
    except _TooMuch as error:
        builder.issues.append(error.issue)
    return builder.documents, builder.issues


class _TooMuch(Exception):
    """A bound was passed; nothing after it is read."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.message)
        self.issue = issue


class _Builder:
    """The tree so far, and the containers that are still open, outermost first."""

    def __init__(self, file: str) -> None:
        self.documents: list[Node] = []
        self.issues: list[Issue] = []
        self._file = file
        self._open: list[_Open] = []
        self._root: list[Node] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._aliases = 0
        self._expanded = 0

    def take(self, event: Event) -> None:
        """Let one event take its place in the tree."""
        if isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, MappingStartEvent):
            self._start(Table(_spot(event)), event)
        elif isinstance(event, SequenceStartEvent):
            self._start(Items(_spot(event)), event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._end()
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, DocumentEndEvent):
            self.documents.append(self._root[0] if self._root else None)
            self._root.clear()
            self._anchors.clear()

    def refuse_syntax(self, error: yaml.YAMLError) -> None:
        """Turn the parser's exception into an issue at its line and column."""
        mark = getattr(error, "problem_mark", None)
        spot = spot_at(mark.line + 1, mark.column + 1) if mark is not None else spot_at(1, 1)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        self._say("UP-YAML", f"this is not YAML: {reason}", spot, "nothing after this place was read")

    def _say(self, code: str, message: str, spot: Spot, hint: str | None = None) -> None:
        if len(self.issues) >= MAX_PROBLEMS:
            raise self._too_much("UP-MANY", f"there are more than {MAX_PROBLEMS} problems", spot)
        self.issues.append(Issue(code, message, hint=hint, place=place_of(spot, self._file)))
        for container in self._open:
            if isinstance(container.node, Table):
                container.node.flawed = True

    def _scalar(self, event: ScalarEvent) -> None:
        value: str = event.value
        spot = _spot(event)
        self._check_tag(event.tag, spot)
        node = None if not event.style and value in _NULLS else Text(value, spot)
        top = self._open[-1] if self._open else None
        if top is not None and type(top.node) is Table and top.key is None:
            if not value:
                self._say("UP-YAML-KEY", "a key is empty", spot)
            top.key = Text(value, spot)
            return
        self._anchor(event.anchor, node, 1)
        self._place(node, 1, spot)

    def _start(self, node: Items | Table, event: MappingStartEvent | SequenceStartEvent) -> None:
        self._check_tag(event.tag, node.spot)
        if len(self._open) >= MAX_DEPTH:
            raise self._too_much("UP-YAML-DEPTH", f"nested more than {MAX_DEPTH} deep", node.spot)
        top = self._open[-1] if self._open else None
        if top is not None and type(top.node) is Table and top.key is None:
            self._say("UP-YAML-KEY", "a key must be a plain text", node.spot)
            top.key = Text("", node.spot)
        self._open.append(_Open(node, event.anchor))

    def _end(self) -> None:
        done = self._open.pop()
        node = done.node
        if isinstance(node, Table):
            for other in done.merged:
                for key, value in other.items():
                    node.setdefault(key, value)
                node.flawed = node.flawed or other.flawed
        self._anchor(done.anchor, node, done.size)
        self._place(node, done.size, node.spot)

    def _place(self, node: Node, size: int, spot: Spot) -> None:
        if not self._open:
            self._root.append(node)
            return
        top = self._open[-1]
        top.size += size
        if isinstance(top.node, Items):
            top.node.append(node)
            return
        key, top.key = top.key, None
        assert key is not None
        if key == _MERGE:
            self._merge(top, node, spot)
        elif not key:
            return
        elif key in top.node:
            hint = f"it stands before, at {place_of(top.node.key_spot(key), self._file)}"
            self._say("UP-YAML-DUPLICATE", f'the key "{key}" is written twice', key.spot, hint)
        else:
            top.node[key] = node

    def _merge(self, top: _Open, node: Node, spot: Spot) -> None:
        tables = node if isinstance(node, Items) else [node]
        for table in tables:
            if isinstance(table, Table):
                top.merged.append(table)
            else:
                self._say("UP-YAML-KEY", "<< merges mappings only", spot)

    def _anchor(self, name: str | None, node: Node, size: int) -> None:
        if name is not None:
            self._anchors[name] = (node, size)

    def _alias(self, event: AliasEvent) -> None:
        spot = _spot(event)
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise self._too_much("UP-YAML-ALIAS", f"more than {MAX_ALIASES} aliases", spot)
        top = self._open[-1] if self._open else None
        if top is not None and type(top.node) is Table and top.key is None:
            self._say("UP-YAML-KEY", "a key must be a plain text, not an alias", spot)
            top.key = Text("", spot)
            return
        if event.anchor not in self._anchors:
            # An anchor that is still open would contain itself, and the tree would have no end.
            self._say("UP-YAML-ALIAS", f"*{event.anchor} stands for nothing that is complete before it", spot)
            self._place(None, 1, spot)
            return
        node, size = self._anchors[event.anchor]
        self._expanded += size
        if self._expanded > MAX_EXPANDED:
            raise self._too_much("UP-YAML-ALIAS", f"the aliases stand for more than {MAX_EXPANDED} values", spot)
        self._place(node, size, spot)

    def _check_tag(self, tag: str | None, spot: Spot) -> None:
        if tag is not None and tag != "!" and tag not in _KNOWN_TAGS:
            self._say("UP-YAML-TAG", f"the tag {tag} means nothing here", spot, "leave it out")

    def _too_much(self, code: str, message: str, spot: Spot) -> _TooMuch:
        hint = "nothing after this place was read"
        return _TooMuch(Issue(code, message, hint=hint, place=place_of(spot, self._file)))


def _spot(event: Event) -> Spot:
    mark = event.start_mark
    assert mark is not None
    return spot_at(mark.line + 1, mark.column + 1)
