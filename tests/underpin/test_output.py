"""What the command says, and the log of a server."""

import io
import json
import logging
import time
from collections.abc import Iterator

import pytest

from underpin.logs import start_logging
from underpin.output import clean, counting, say, shortened, tell


def test_control_characters_of_a_file_cannot_steer_a_terminal() -> None:
    assert clean("a\x1b[31mred\x07\x9b\ttab") == "a\\x1b[31mred\\x07\\x9b\ttab"


def test_results_go_to_stdout_and_the_rest_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("result")
    tell("remark")
    assert capsys.readouterr() == ("result\n", "remark\n")


def test_a_long_list_says_how_much_more_there_is() -> None:
    assert list(shortened(iter("abcd"), 2, 4)) == ["a", "b", "... and 2 more"]
    assert list(shortened(iter("ab"), 2, 2)) == ["a", "b"]


def test_who_watches_is_told_how_far_it_has_come_and_a_file_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        with counting("Working out availabilities") as told:
            told(3, 40)
            time.sleep(0.2 if shown else 0)  # the terminal is written to ten times a second
        assert ("Working out availabilities: 3 of 40" in stream.getvalue()) is shown
        assert bool(stream.getvalue()) is shown


@pytest.fixture
def _root_logger() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    logging.captureWarnings(capture=False)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("_root_logger")
def test_a_log_that_nobody_watches_is_one_json_object_a_line() -> None:
    stream = io.StringIO()
    start_logging(debug=False, stream=stream)
    try:
        int("two\nlines")
    except ValueError:
        logging.getLogger("graphql_api").exception("a bug", extra={"request_id": "r-1"})
    logging.getLogger("x").debug("not shown")
    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert said["level"] == "error"
    assert said["logger"] == "graphql_api"
    assert said["message"] == "a bug"
    assert said["request_id"] == "r-1"
    assert said["trace"].endswith("ValueError: invalid literal for int() with base 10: 'two\\nlines'")
    assert said["time"].endswith("+00:00")


@pytest.mark.usefixtures("_root_logger")
def test_a_log_on_a_terminal_is_text() -> None:
    stream = Terminal()
    start_logging(debug=False, stream=stream)
    logging.getLogger("x").warning("watch %s", "out")
    assert stream.getvalue().endswith(" WARNING watch out\n")
