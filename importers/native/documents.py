"""The documents that files hold, whatever their form: each a tree with the keys of `document.py`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from importers.importer import SourceFile
from importers.reading import decode
from importers.tree import Table, place_of
from importers.yaml_tree import read_yaml
from topology.errors import Issue, IssueSeverity, Place


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
    for file in sorted(files, key=lambda f: f.name):
        found += _yaml_documents(file, lost)
    return found, lost


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
