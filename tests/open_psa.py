"""A cone as a fault tree in the Open-PSA model exchange format, which other programs read."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from risk.graph import System
from risk.structure import closure


def fault_tree(system: System, q: Sequence[float], root: int) -> bytes:
    """The failure of a root whose cone has no cycles; `g<number>` are its entities' gates, `e<number>` own faults."""
    document = Element("opsa-mef")
    tree = SubElement(document, "define-fault-tree", name="cone")
    data = SubElement(document, "model-data")
    for entity in sorted(closure(system, root)):
        SubElement(SubElement(data, "define-basic-event", name=f"e{entity}"), "float", value=repr(q[entity]))
        if not system.groups[entity] and entity != root:
            continue
        causes = SubElement(SubElement(tree, "define-gate", name=f"g{entity}"), "or")
        SubElement(causes, "basic-event", name=f"e{entity}")
        for group in system.groups[entity]:
            enough = len(group.members) - group.required + 1
            holder = causes
            if 1 < enough == len(group.members):
                holder = SubElement(causes, "and")
            elif enough > 1:
                holder = SubElement(causes, "atleast", min=str(enough))
            for member in group.members:
                kind, name = ("gate", f"g{member}") if system.groups[member] else ("basic-event", f"e{member}")
                SubElement(holder, kind, name=name)
        if len(causes) == 1:  # a gate has two arguments or more
            SubElement(causes, "basic-event", name="never")
            SubElement(SubElement(data, "define-basic-event", name="never"), "float", value="0")
    found: bytes = tostring(document, encoding="utf-8", xml_declaration=True)
    return found
