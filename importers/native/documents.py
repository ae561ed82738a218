"""The documents that files hold, whatever their form: each a tree with the keys of `document.py`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from importers.importer import SourceFile
from importers.native.agreement_rows import agreements_of
from importers.native.columns import SHEETS
from importers.native.requirement_rows import requirements_of
from importers.native.tables import Sheets, entities_of, head_of, parties_of, same_of, sheets_of
from importers.reading import decode
from importers.sheets import Sheet, read_csv
from importers.tree import Table, Text, place_of
from importers.workbook import read_workbook
from importers.yaml_tree import read_yaml
from topology.errors import Issue, IssueSeverity, Place

ZIP_MARKS: Final = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class Document:
    """One document of one file, or of one folder of CSV files."""

    root: Table
    file: str
    issues: tuple[Issue, ...] = ()


def documents_in(files: Sequence[SourceFile]) -> tuple[list[Document], list[Issue]]:
    """The documents of the files, and the problems of those from which none could be had."""
    found: list[Document] = []
    lost: list[Issue] = []
    folders: dict[str, list[SourceFile]] = {}
    for file in sorted(files, key=lambda f: f.name):
        if file.data.startswith(ZIP_MARKS) or file.name.lower().endswith(".xlsx"):
            found += _workbook_document(file, lost)
        elif csv_sheet(file.name) is not None:
            folders.setdefault(file.name.rpartition("/")[0], []).append(file)
        else:
            found += _yaml_documents(file, lost)
    for folder, held in folders.items():
        found.append(_csv_document(folder, held))
    return found, lost


def csv_sheet(name: str) -> str | None:
    """The sheet that a CSV file holds by its name, None where it is no CSV file."""
    last = name.rpartition("/")[2].lower()
    return last.removesuffix(".csv") if last.endswith(".csv") else None


def _workbook_document(file: SourceFile, lost: list[Issue]) -> Iterable[Document]:
    sheets = read_workbook(file)
    if isinstance(sheets, Issue):
        lost.append(sheets)
        return
    if not any(sheet.name in SHEETS for sheet in sheets):
        severity = IssueSeverity.ERROR if file.named else IssueSeverity.WARNING
        hint = f"a native workbook has the sheets {', '.join(SHEETS)}"
        message = "none of its sheets is one of the native format"
        lost.append(Issue("UP-FORMAT", message, (), hint, Place(file.name), severity))
        return
    yield _sheets_document(sheets_of(file.name, sheets))


def _csv_document(folder: str, files: Sequence[SourceFile]) -> Document:
    """The document of the CSV files of one folder."""
    found: list[Sheet] = []
    issues: list[Issue] = []
    for file in files:
        sheet = read_csv(file, csv_sheet(file.name) or "")
        if isinstance(sheet, Issue):
            issues.append(sheet)
        else:
            found.append(sheet)
    document = _sheets_document(sheets_of(folder or files[0].name, found))
    return Document(document.root, document.file, (*issues, *document.issues))


def _sheets_document(sheets: Sheets) -> Document:
    root = head_of(sheets)
    entities = entities_of(sheets)
    needs, overrules = requirements_of(sheets)
    entities.extend(needs)
    parts = {
        "parties": parties_of(sheets),
        "entities": entities,
        "same": same_of(sheets),
        "overrule": overrules,
        "agreements": agreements_of(sheets),
    }
    root.update((Text(name, items.spot), items) for name, items in parts.items())
    return Document(root, sheets.file, tuple(sheets.issues))


def _yaml_documents(file: SourceFile, lost: list[Issue]) -> Iterable[Document]:
    text = decode(file)
    if isinstance(text, Issue):
        lost.append(text)
        return
    nodes, issues = read_yaml(text, file.name)
    roots = [node for node in nodes if isinstance(node, Table)]
    for node in nodes:
        if node is not None and not isinstance(node, Table):
            message = "a document begins with underpin: 1"
            issues.append(Issue("UP-FORMAT", message, place=place_of(node.spot, file.name)))
    if not any(node is not None for node in nodes) and not issues:
        issues.append(Issue("UP-EMPTY", "there is nothing in the file", place=Place(file.name, 1, 1)))
    native = [root for root in roots if "underpin" in root]
    for root in roots:
        if "underpin" not in root:
            severity = IssueSeverity.ERROR if file.named or native else IssueSeverity.WARNING
            place = place_of(root.spot, file.name)
            issues.append(Issue("UP-FORMAT", "there is no underpin: 1 in it", (), "it was not read", place, severity))
    if not native:
        lost.extend(issues)
    for number, root in enumerate(native):
        yield Document(root, file.name, tuple(issues) if number == 0 else ())
