"""The engine against SCRAM, a program for fault trees, where its Debian package is installed."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import fromstring

import networkx as nx
import pytest

from benchmarks.estate import estate
from risk.availability import Availability
from risk.graph import System, system_of, to_networkx
from risk.structure import closure
from tests.open_psa import fault_tree
from tests.strategies import engine_system
from topology.snapshot import EMPTY, apply


def cones(system: System) -> list[int]:
    """Some entities with thirty or more beneath them and no cycle."""
    graph = to_networkx(system)
    found = []
    for entity in range(len(system)):
        beneath = closure(system, entity)
        if len(beneath) >= 30 and nx.is_directed_acyclic_graph(graph.subgraph([system.keys[v] for v in beneath])):
            found.append(entity)
    return found[::4][:12]


def test_a_cone_is_exported_as_a_fault_tree() -> None:
    system = engine_system([((1, (1, 2)), (2, (1, 2, 3)), (1, (3,))), ((1, (3,)),), (), ()])
    tree = fromstring(fault_tree(system, [0.0, 0.1, 0.2, 0.3], 0))  # noqa: S314
    gates = {gate.get("name"): [child.tag for child in gate[0]] for gate in tree.iter("define-gate")}
    assert gates == {"g0": ["basic-event", "and", "atleast", "basic-event"], "g1": ["basic-event", "basic-event"]}
    assert [event.get("name") for event in tree.iter("define-basic-event")] == ["e0", "e1", "e2", "e3"]
    assert [(each.get("min"), len(each)) for each in tree.iter("atleast")] == [("2", 3)]


def test_composites_equal_those_of_scram(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    program = shutil.which("scram")
    if program is None:
        pytest.skip("SCRAM is not installed (Debian package scram): its comparison alone is left out")
    system = system_of(apply(EMPTY, estate(1_000, 0.3, 5), (), revision=1, recorded_at=None))
    q = [0.0005 * (1 + entity % 5) for entity in range(len(system))]
    engine = Availability(system, q)
    chosen = cones(system)
    assert len(chosen) > 5
    ours = theirs = 0.0
    for root in chosen:
        before = time.process_time()
        found = engine.composite(root).unavailability
        ours += time.process_time() - before
        model, report = tmp_path / f"{root}.xml", tmp_path / f"{root}.report.xml"
        model.write_bytes(fault_tree(system, q, root))
        command = [program, "--bdd", "--probability", "1", "--limit-order", "3", "-o", str(report), str(model)]
        subprocess.run(command, check=True, capture_output=True, text=True)
        text = report.read_text(encoding="utf-8")
        theirs += sum(float(seconds) for seconds in re.findall(r"<(?:products|probability)>([0-9.e+-]+)</", text))
        (products,) = fromstring(text).iter("sum-of-products")  # noqa: S314
        assert found == pytest.approx(float(products.get("probability", "nan")), rel=1e-5)
    record_property("seconds of SCRAM's own analysis for each CPU second of ours", theirs / max(ours, 1e-9))
