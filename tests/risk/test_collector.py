"""The collector of cycles is held back for whoever asks, and as it was when all of them are done."""

import gc

import pytest

from benchmarks.estate import estate
from risk.availability import Availability
from risk.collector import COLLECTOR_HELD_BACK
from risk.graph import system_of
from risk.limits import Limits
from risk.sweep import composites
from topology.snapshot import EMPTY, apply


def test_it_is_off_until_the_last_who_asked_is_done() -> None:
    assert gc.isenabled()
    with COLLECTOR_HELD_BACK:
        with COLLECTOR_HELD_BACK:
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_lets_it_go_on() -> None:
    with pytest.raises(ValueError, match="stopped"), COLLECTOR_HELD_BACK:
        raise ValueError("stopped")
    assert gc.isenabled()


def test_who_had_it_off_finds_it_off() -> None:
    gc.disable()
    try:
        with COLLECTOR_HELD_BACK:
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_nothing_that_a_sweep_lets_go_of_waits_for_the_collector() -> None:
    system = system_of(apply(EMPTY, estate(300, 0.3, 7), (), revision=1, recorded_at=None))
    engine = Availability(
        system, [0.001] * len(system), limits=Limits(cone_blocks=10, cones_at_work=1, diagram_nodes=9)
    )
    with COLLECTOR_HELD_BACK:
        gc.collect()
        composites(engine, range(len(system)))
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        gc.set_debug(0)
        kinds = {type(each).__module__ for each in gc.garbage}
        gc.garbage.clear()
    assert not {kind for kind in kinds if kind.startswith("risk")}
