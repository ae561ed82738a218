"""How counts are said in a sentence."""

from topology.counting import counted


def test_numbers_stand_with_their_nouns() -> None:
    assert [counted(1, "file"), counted(0, "file"), counted(2, "entity", "entities")] == [
        "1 file",
        "0 files",
        "2 entities",
    ]
    assert counted(59_454, "fact") == "59 454 facts"
