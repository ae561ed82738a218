"""The native importer: every form of the native format, one reading for each (source, scope)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from importers.importer import NO_DEFAULTS, Defaults, Reading, SourceFile
from importers.native.agreements import read_agreement, warn_of_zone
from importers.native.checked import Where, check, nearly, spot_of
from importers.native.columns import SHEETS
from importers.native.document import SECTIONS, NativeDocument
from importers.native.documents import ZIP_MARKS, Document, csv_sheet, documents_in
from importers.native.entities import read_entity, read_overrule
from importers.native.fields import native_id
from importers.native.gather import Collected, gather
from importers.native.parties import read_party, read_same
from importers.native.sink import DocumentDefaults, Sink
from importers.reading import UTF_16
from importers.tree import Items, Node, Spot, Table, place_of
from importers.yaml_tree import MAX_PROBLEMS
from topology.errors import Issue, IssueSeverity, Place

_READERS: Final = {
    "parties": read_party,
    "entities": read_entity,
    "overrule": read_overrule,
    "agreements": read_agreement,
}
_UNDERPIN: Final = re.compile(rb"""(?:^|[{,\s\xef\xbb\xbf])["']?underpin["']?[ \t]*:""")
_LOOK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class NativeImporter:
    """Reads what a person wrote of a company: YAML files, workbooks, folders of CSV files."""

    name: str = "native"

    def recognises(self, file: SourceFile) -> bool:
        """Whether the file says `underpin:`, is a workbook, or is a CSV file with the name of a sheet."""
        if file.data.startswith(ZIP_MARKS) or file.name.lower().endswith(".xlsx"):
            return True
        if (sheet := csv_sheet(file.name)) is not None:
            return nearly(sheet, list(SHEETS)) is not None
        if file.data.startswith(UTF_16) and file.name.lower().endswith((".yaml", ".yml")):
            return True
        return _UNDERPIN.search(file.data, 0, _LOOK) is not None

    def read(self, files: Sequence[SourceFile], defaults: Defaults = NO_DEFAULTS) -> tuple[Reading, ...]:
        """One reading for each (source, scope), and one without a source for what belongs to none.

        Where something belongs to none, no reading is complete: it may have been part of any.
        """
        found, lost = documents_in(files)
        collected: dict[tuple[str, str], Collected] = {}
        for document in found:
            _read_document(document, defaults, collected, lost)
        readings = [
            gather(source, scope, held, defaults.as_of, others_lost=bool(_errors(lost)))
            for (source, scope), held in sorted(collected.items())
        ]
        if lost:
            readings.append(gather("", "", Collected(issues=lost)))
        return tuple(readings)


def _errors(issues: list[Issue]) -> list[Issue]:
    return [issue for issue in issues if issue.severity is IssueSeverity.ERROR]


def _read_document(
    document: Document, defaults: Defaults, collected: dict[tuple[str, str], Collected], lost: list[Issue]
) -> None:
    root, issues = document.root, list(document.issues)
    head = Table(root.spot)
    head.update((key, node) for key, node in root.items() if key not in SECTIONS)
    said = check(NativeDocument, head, Where(document.file, ()), issues).value
    source = said.source if said else None
    place = place_of(spot_of(head, ("source",)), document.file)
    _ask("source", source, defaults.source, place, issues)
    _ask("scope", said.scope if said else None, defaults.scope, place, issues)
    if source is None and defaults.source is None and "source" not in head:
        hint = "write source: NAME at the top, or say it in the call (--source NAME, or the argument source)"
        issues.append(Issue("UP-SOURCE-QUESTION", "whose facts are these? There is no source", (), hint, place))
    if source is None and defaults.source is not None and not native_id(defaults.source):
        message = f'"{defaults.source[:80]}" cannot be a source'
        issues.append(Issue("UP-ID", message, ("source",), "use small letters, digits and . _ + -", place))
        lost.extend(issues)
        return
    source = source or defaults.source
    if said is None or source is None:
        lost.extend(issues)
        return
    sink = Sink(document.file, source, said.scope or defaults.scope or "", _defaults(said), issues=issues)
    if said.defaults is not None and said.defaults.service_hours is not None:
        way = ("defaults", "service_hours")
        warn_of_zone(said.defaults.service_hours, None, way, spot_of(head, way), sink)
    for section in SECTIONS:
        _read_section(section, root, sink)
    held = collected.setdefault((sink.source, sink.scope), Collected())
    held.files.add(sink.file)
    held.facts += sink.facts
    held.issues += sink.issues
    if said.as_of is not None:
        held.dates.append((said.as_of, place_of(spot_of(head, ("as_of",)), document.file)))


def _ask(name: str, written: str | None, asked: str | None, place: Place, issues: list[Issue]) -> None:
    """A source or scope of the call fills a gap, and never contradicts the file in silence."""
    if written is not None and asked is not None and written != asked:
        message = f'the file says {name} "{written}", and the call says "{asked}"'
        hint = f"leave {name} out of the call, or change the file"
        issues.append(Issue("UP-SOURCE-QUESTION", message, (name,), hint, place))


def _defaults(said: NativeDocument) -> DocumentDefaults:
    given = said.defaults
    plain = DocumentDefaults()
    if given is None:
        return plain
    return DocumentDefaults(
        given.window or plain.window,
        given.service_hours or plain.service_hours,
        given.timezone or plain.timezone,
        given.currency,
        given.timezone is not None,
    )


def _read_section(name: str, root: Table, sink: Sink) -> None:
    node = root.get(name)
    if node is None:
        return
    if not isinstance(node, Items):
        sink.refuse("UP-TYPE", f"{name}: a list is expected here", (name,), node.spot, "begin each line with a dash")
        return
    for number, item in enumerate(node):
        if len(sink.issues) >= MAX_PROBLEMS:
            hint = "mend these first; the rest was not read"
            sink.refuse("UP-MANY", f"there are more than {MAX_PROBLEMS} problems", (name,), _near(item, node), hint)
            return
        if name == "same":
            read_same(item, number, sink)
        elif isinstance(item, Table):
            _READERS[name](item, number, sink)
        else:
            spot = _near(item, node)
            sink.refuse("UP-TYPE", f"{name}: a mapping is expected here", (name, str(number)), spot, "write id: ...")


def _near(item: Node, node: Items) -> Spot:
    return node.spot if item is None else item.spot
