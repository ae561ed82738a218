"""Parties with their contacts, and keys that are one thing: from the document to statements."""

from importers.figures import FigureError
from importers.native import fields
from importers.native.checked import Where, check, spot_of
from importers.native.document import PartyModel
from importers.native.sink import Sink
from importers.tree import Items, Node, Table
from topology.facts import Same
from topology.model import Contact, Party


def read_party(table: Table, number: int, sink: Sink) -> None:
    """Send one line of `parties` to the sink."""
    node = table.get("id")
    path = ("parties", str(node)[:80] if isinstance(node, str) else str(number))
    checked = check(PartyModel, table, Where(sink.file, path), sink.issues)
    said, table = checked.value, checked.table
    if said is None or not checked.whole:
        return
    if said.parent == said.id:
        sink.refuse("UP-PARENT-CYCLE", f'"{said.id}" cannot be its own parent', path, spot_of(table, ("parent",)))
        return
    contacts = tuple(Contact(c.role, c.name, c.email, c.phone, c.response) for c in said.contacts or ())
    contacts = tuple(contact for contact in contacts if contact != Contact())
    sink.state(Party(said.id, said.kind, said.name or said.id, said.parent, contacts), table.spot)


def read_same(node: Node, number: int, sink: Sink) -> None:
    """Send one line of `same` to the sink."""
    path = ("same", str(number))
    if not isinstance(node, Items) or len(node) != 2:
        spot = node.spot if node is not None else 0
        sink.refuse("UP-TYPE", "a line joins two keys", path, spot, "write [acme:orders, backstage:...]")
        return
    keys: list[str] = []
    for item in node:
        try:
            keys.append(fields.key(item))
        except FigureError as error:
            spot = node.spot if item is None else item.spot
            sink.refuse(error.code, error.message, path, spot, error.hint)
    if len(keys) == 2 and keys[0] == keys[1]:
        sink.refuse("UP-SAME", f'"{keys[0]}" is joined to itself', path, node.spot)
    elif len(keys) == 2:
        sink.state(Same(keys[0], keys[1]), node.spot)
