"""The collector of cycles is held back for whoever asks, and as it was when all of them are done."""

import gc

import pytest

from risk.collector import COLLECTOR_HELD_BACK


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
