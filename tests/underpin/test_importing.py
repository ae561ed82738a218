"""`underpin import`: rules 1, 2, 4, 8, 10 and 11 of the importing contract, as a person and as a machine sees them."""

import os
import pty
import random
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.underpin.commands import Underpin, in_process
from tests.underpin.companies import SHOP, components, said, written
from topology.changes import ChangeSet, Extent, Provenance
from topology.facts import EntityStatement, Fact
from topology.model import EntityKind
from topology.store import GraphStore
from topology.submission import Submission, Submitted, submit
from underpin import importing

STORE = "sqlite:company.db"
LARKSPUR = ROOT / "examples" / "larkspur"


def imported(*arguments: str | Path) -> tuple[int, str, str]:
    done = in_process("import", "--store", STORE, *arguments)
    return done.returncode, done.stdout, done.stderr


def answered(*arguments: str | Path) -> dict[str, object]:
    answer = said(in_process("import", "--store", STORE, "--json", *arguments).stdout)
    assert isinstance(answer, dict)
    return answer


def counts(answer: dict[str, object], number: int = 0) -> tuple[int, int, int, int]:
    sources = answer["sources"]
    assert isinstance(sources, list)
    source = sources[number]
    return source["added"], source["changed"], source["removed"], source["unchanged"]


def test_a_plan_shows_counts_the_first_of_each_and_a_digest_and_writes_nothing(here: Path) -> None:
    written(here, "a.yaml", components("acme", "one", "two", "three", "four", "five"))
    code, shown, problems = imported("--plan", "a.yaml")
    assert (code, problems) == (0, "")
    lines = shown.splitlines()
    assert lines[0] == "acme: planned: + 6  ~ 0  - 0  = 0"
    assert lines[1:5] == ["  + date that acme describes", "  + entity five", "  + entity four", "  + ... and 3 more"]
    assert lines[-1].startswith("  digest ")
    assert imported("--plan", "a.yaml") == (code, shown, problems)
    assert [path.name for path in here.iterdir()] == ["a.yaml"]
    assert counts(answered("a.yaml")) == (6, 0, 0, 0)


def test_a_plan_names_what_is_added_changed_and_removed(here: Path) -> None:
    written(here, "a.yaml", components("acme", *"abcdefghij"))
    assert imported("a.yaml")[0] == 0
    text = components("acme", *"abcdefghi", "k").replace("{id: a, kind: component}", "{id: a, kind: service}")
    written(here, "a.yaml", text)
    _, shown, _ = imported("--plan", "a.yaml")
    assert shown.splitlines()[:4] == [
        "acme: planned: + 1  ~ 1  - 1  = 9",
        "  + entity k",
        "  ~ entity a",
        "  - entity j",
    ]


def test_a_plan_that_was_agreed_to_is_applied_and_another_one_is_not(here: Path) -> None:
    path = written(here, "a.yaml", components("acme", "one"))
    planned = answered("--plan", path)
    sources = planned["sources"]
    assert isinstance(sources, list)
    digest = sources[0]["digest"]
    written(here, "a.yaml", components("acme", "one", "two"))
    code, shown, _ = imported("--digest", digest, path)
    assert code == 4
    assert shown.splitlines()[-1].endswith("look at the new one and apply that; nothing was written")
    written(here, "a.yaml", components("acme", "one"))
    assert imported("--digest", digest, path)[0] == 0


def test_the_same_bytes_twice_are_no_new_revision(here: Path) -> None:
    first, second = (answered(LARKSPUR / "larkspur.underpin.yaml") for _ in range(2))
    assert (first["outcome"], second["outcome"]) == ("applied", "unchanged")
    assert counts(second)[:3] == (0, 0, 0)
    assert counts(second)[3] == counts(first)[0]


def test_the_three_forms_of_one_company_change_nothing_after_the_first(here: Path) -> None:
    written(here, "none", "")
    sheets = here / "sheets"
    sheets.mkdir()
    for path in LARKSPUR.glob("*.csv"):
        (sheets / path.name).write_bytes(path.read_bytes())
    assert answered(LARKSPUR / "larkspur.underpin.yaml")["outcome"] == "applied"
    assert answered(LARKSPUR / "larkspur.underpin.xlsx")["outcome"] == "unchanged"
    assert answered(sheets)["outcome"] == "unchanged"


def test_the_order_of_files_does_not_matter(here: Path) -> None:
    texts = {name: components(name, f"{name}-1", f"{name}-2") for name in ("north", "south", "west")}
    texts["east"] = components("east", "east-1") + "  - {id: east-2, kind: component, needs: [south-1]}\n"
    names = [written(here, f"{name}.yaml", text).name for name, text in texts.items()]
    shown = set()
    for seed in range(4):
        random.Random(seed).shuffle(names)
        shown.add(imported("--plan", *names)[1])
    assert len(shown) == 1


def test_sources_that_need_one_another_are_idempotent_too(here: Path) -> None:
    # Each refers to an entity of the other: whichever goes first gets a stub, and loses it when the other has spoken.
    written(here, "a.yaml", components("a") + "  - {id: one, kind: service, needs: [two]}\n")
    written(here, "b.yaml", components("b") + "  - {id: two, kind: service, needs: [one]}\n")
    assert answered("a.yaml", "b.yaml")["outcome"] == "applied"
    assert answered("b.yaml", "a.yaml")["outcome"] == "unchanged"
    assert answered("a.yaml")["outcome"] == "unchanged"


def test_what_is_referred_to_and_described_nowhere_is_counted(here: Path) -> None:
    written(here, "a.yaml", components("a") + "  - {id: one, kind: service, needs: [two, three]}\n")
    code, shown, _ = imported("a.yaml")
    assert code == 0
    assert "  2 stubs stand for what is referred to and described nowhere: three, two" in shown.splitlines()


def test_all_problems_are_shown_and_the_good_rows_go_in(here: Path) -> None:
    text = components("acme", "one") + "  - {id: two, kind: gadget}\n  - {id: three, kind: component, tier: 0}\n"
    written(here, "a.yaml", text)
    code, shown, problems = imported("a.yaml")
    assert code == 1
    assert shown.splitlines()[0].startswith("acme: revision 1: + 2 ")
    first, second, total = problems.splitlines()
    assert first.startswith("a.yaml:6:")
    assert second.startswith("a.yaml:7:")
    assert " error UP-" in first
    assert " error UP-" in second
    assert total == "2 errors"


def test_with_strict_nothing_goes_in(here: Path) -> None:
    written(here, "a.yaml", components("acme", "one") + "  - {id: two, kind: gadget}\n")
    code, shown, _ = imported("--strict", "a.yaml")
    assert code == 2
    assert shown.splitlines()[-1] == "--strict: 1 error; nothing was written"
    assert answered("--plan", "a.yaml")["outcome"] == "planned"


def test_removals_are_withheld_while_a_row_has_an_error_and_it_says_so(here: Path) -> None:
    written(here, "a.yaml", components("acme", *"abcdefghij"))
    imported("a.yaml")
    written(here, "a.yaml", components("acme", *"abcdefghi") + "  - {id: j, kind: gadget}\n")
    code, shown, _ = imported("a.yaml")
    assert code == 1
    notes = shown.splitlines()
    assert "  1 removal withheld, because not all of the source could be read: entity j" in notes


@pytest.mark.parametrize(("kept", "code"), [("abcdefgh", 0), ("abcdefg", 3)])
def test_more_than_a_fifth_of_a_source_is_not_removed_by_accident(here: Path, kept: str, code: int) -> None:
    # 10 entities and the source's own date are 11 facts; a fifth of them is 2 removals.
    path = written(here, "a.yaml", components("acme", *"abcdefghij"))
    imported(path)
    written(here, "a.yaml", components("acme", *kept))
    stopped, shown, _ = imported(path)
    assert stopped == code
    if code == 3:
        assert shown.splitlines()[-1] == (
            "acme: this would remove 3 of 11 facts of the source; allow 3 removals if that is meant"
            " (--allow-removals 3); nothing was written"
        )
        assert imported("--allow-removals", "2", path)[0] == 3
        assert imported("--allow-removals", "3", path)[0] == 0


def test_a_guarded_source_keeps_the_others_of_the_call_from_being_written(here: Path) -> None:
    a = written(here, "a.yaml", components("acme", *"abcdefghij"))
    imported(a)
    written(here, "a.yaml", components("acme", "a"))
    b = written(here, "b.yaml", components("other", "x"))
    assert imported(b, a)[0] == 3
    assert counts(answered("--plan", b)) == (2, 0, 0, 0)


def test_a_plan_ends_as_applying_it_would(here: Path) -> None:
    path = written(here, "a.yaml", components("acme", *"abcdefghij"))
    imported(path)
    written(here, "a.yaml", components("acme", "a"))
    assert imported("--plan", path)[0] == 3
    written(here, "a.yaml", components("acme", "a") + "  - {id: b, kind: gadget}\n")
    assert imported("--plan", path)[0] == 1


def test_what_another_writer_changed_since_the_plan_is_not_overwritten(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(here, "a.yaml", components("acme", "one"))
    imported(path)
    written(here, "a.yaml", components("acme", "one", "two"))

    async def overtaken(store: GraphStore, asked: Submission) -> Submitted:
        change = ChangeSet("acme", "", Extent.DELTA, (Fact(EntityStatement("two", EntityKind.COMPONENT), "acme"),))
        await submit(store, Submission(lambda _: change, Provenance("somebody", "was first")))
        return await submit(store, asked)

    monkeypatch.setattr(importing, "submit", overtaken)
    code, shown, _ = imported(path)
    assert code == 4
    assert shown == (
        "acme: the plan is not what it was when it was shown; look at the new one and apply that; nothing was written\n"
    )


@pytest.mark.parametrize("rest", ["", "entities: []\n", "parties:\n  - {id: us, kind: self}\n"])
def test_no_entity_from_a_source_that_had_some_is_an_error(here: Path, rest: str) -> None:
    path = written(here, "a.yaml", components("acme", "one", "two"))
    imported(path)
    written(here, "a.yaml", f"underpin: 1\nsource: acme\n{rest}")
    for allowed in ([], ["--allow-removals", "2"]):
        code, shown, problems = imported(*allowed, path)
        assert code == 1
        assert 'UP-NO-ENTITIES: no entity is left of the 2 that "acme" has; ' in problems
        assert problems.startswith(f"{path}"), "it is the file that is doubtful"
        assert any("withheld" in line and "entity one" in line for line in shown.splitlines())


def test_a_source_is_emptied_when_all_its_removals_are_meant(here: Path) -> None:
    path = written(here, "a.yaml", components("acme", "one", "two"))
    imported(path)
    written(here, "a.yaml", "underpin: 1\nsource: acme\nentities: []\n")
    assert imported("--plan", "--allow-removals", "3", path)[0] == 0
    assert counts(answered("--allow-removals", "3", path)) == (0, 0, 3, 0)
    assert answered(path)["outcome"] == "unchanged"


def test_two_sources_that_define_one_key_need_an_answer(here: Path) -> None:
    imported(written(here, "a.yaml", components("acme", "one")))
    other = written(here, "b.yaml", components("other", "one", "two"))
    code, shown, problems = imported(other)
    assert code == 4
    assert "acme" in problems
    assert "other" in problems
    assert shown.splitlines()[-1].endswith("nothing was written")
    assert answered("--plan", "a.yaml")["sources"] != []
    joined = components("other", "one", "two") + 'same: [["acme:one", "other:one"]]\n'
    written(here, "b.yaml", joined)
    assert imported(other)[0] == 0


def test_files_without_a_source_need_one_from_the_command_line(here: Path) -> None:
    written(here, "a.yaml", "underpin: 1\nentities:\n  - {id: one, kind: component}\n")
    assert imported("a.yaml")[0] == 4
    assert answered("--source", "acme", "--scope", "north", "a.yaml")["outcome"] == "applied"


@pytest.mark.parametrize("option", ["--source", "--scope"])
@pytest.mark.parametrize("plan", [["--plan"], []])
def test_a_source_or_scope_that_the_file_contradicts_is_a_question_and_nothing_is_written(
    here: Path, option: str, plan: list[str]
) -> None:
    written(here, "a.yaml", components("acme\nscope: north", "one"))
    code, shown, problems = imported(*plan, option, "other", "a.yaml")
    assert code == 4
    assert "UP-SOURCE-QUESTION: the file says " in problems
    assert 'and the call says "other"' in problems
    assert shown.splitlines()[-1].endswith("; nothing was written")
    assert answered("a.yaml")["outcome"] == "applied"


@pytest.mark.parametrize("name", ["", "Z Z", "a:b"])
def test_a_source_that_cannot_be_one_is_told(here: Path, name: str) -> None:
    written(here, "a.yaml", "underpin: 1\nentities:\n  - {id: one, kind: component}\n")
    code, shown, problems = imported("--source", name, "a.yaml")
    assert (code, shown) == (2, "nothing was written\n")
    assert f'UP-ID: "{name}" cannot be a source; use small letters, digits and . _ + -' in problems


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("broken.yaml", "underpin: 1\nsource: x\nentities: [\n"),
        ("empty.yaml", ""),
        ("notes.txt", "hello"),
        ("errors.yaml", components("acme") + "  - {id: one, kind: gadget}\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_code_2_and_writes_nothing(here: Path, name: str, text: str) -> None:
    written(here, name, text)
    code, shown, problems = imported(name)
    assert code == 2
    assert shown == "nothing was written\n"
    assert problems.startswith(f"{name}")


def test_a_path_that_is_not_there_stops_the_whole_call(here: Path) -> None:
    written(here, "a.yaml", components("acme", "one"))
    code, _, problems = imported("a.yaml", "b.yaml")
    assert code == 2
    assert problems.startswith("b.yaml: error UP-FILE: it cannot be read: No such file or directory")
    assert not (here / "company.db").exists()


def test_a_folder_with_nothing_to_import_is_told(here: Path) -> None:
    (here / "empty").mkdir()
    assert imported("empty") == (2, "there is nothing to import in these files; nothing was written\n", "")


def test_a_summary_says_what_the_file_did_not_contain(here: Path) -> None:
    _, shown, _ = imported(written(here, "a.yaml", components("acme", "one", "two")))
    absent = [line for line in shown.splitlines() if line.startswith("  not in these files: ")]
    assert any("dependencies" in line for line in absent)


def test_the_answer_for_machines_has_its_documented_shape(here: Path) -> None:
    written(here, "a.yaml", SHOP + "  - {id: bad, type: sla}\n")
    done = in_process("import", "--store", STORE, "--json", "a.yaml")
    answer = said(done.stdout)
    assert done.stderr == ""
    assert list(answer) == ["outcome", "exitCode", "message", "sources", "issues"]
    assert (answer["outcome"], answer["exitCode"], done.returncode) == ("applied", 1, 1)
    (source,) = answer["sources"]
    assert list(source) == [
        "source",
        "scope",
        "asOf",
        "digest",
        "revision",
        "added",
        "changed",
        "removed",
        "unchanged",
        "removalsWithheld",
        "stubs",
        "read",
        "absent",
    ]
    assert (source["source"], source["asOf"], source["revision"]) == ("shop", "2026-06-30", 1)
    issue = answer["issues"][0]
    assert list(issue) == ["severity", "code", "message", "hint", "path", "file", "line", "column", "cell"]
    assert (issue["severity"], issue["file"], issue["line"]) == ("error", "a.yaml", 15)


def test_a_name_that_would_steer_the_terminal_is_spelled_out(here: Path) -> None:
    written(here, "a.yaml", components("acme") + '  - {id: "one\\e[31m", kind: component}\n')
    _, shown, problems = imported("a.yaml")
    assert "\x1b" not in shown + problems


def test_a_store_that_is_none_is_told_before_anything_is_read(here: Path) -> None:
    refused = in_process("import", "--store", "company.db", "nothing.yaml")
    assert refused.returncode == 2
    assert refused.stderr == ('error: "company.db" names no store that Underpin knows; write sqlite:company.db\n')


def test_a_file_that_is_no_database_is_told_in_one_sentence(here: Path) -> None:
    written(here, "company.db", "this is no database, whatever its name says\n" * 100)
    refused = in_process("import", "--store", STORE, written(here, "a.yaml", SHOP))
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert line.startswith("error: ")
    assert "company.db" in line


def test_progress_shows_on_a_terminal_and_never_in_the_results(underpin: Underpin) -> None:
    written(underpin.folder, "a.yaml", components("acme", "one"))
    watcher, terminal = pty.openpty()
    try:
        done = subprocess.run(
            underpin.command("import", "--plan", "--store", STORE, "a.yaml"),
            cwd=underpin.folder,
            env={**underpin.environment, "TERM": "xterm"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=terminal,
            text=True,
            check=True,
        )
        shown = os.read(watcher, 65536).decode()
    finally:
        os.close(watcher)
        os.close(terminal)
    assert "reading 1 path" in shown
    assert done.stdout.startswith("acme: planned: ")
    assert "\x1b" not in done.stdout


def test_one_removal_is_told_in_the_singular(here: Path) -> None:
    path = written(
        here,
        "a.yaml",
        "underpin: 1\nsource: acme\nentities:\n"
        + "".join(f"  - {{id: {key}, kind: component}}\n" for key in ("one", "two")),
    )
    imported(path)
    written(here, "a.yaml", "underpin: 1\nsource: acme\nentities:\n  - {id: one, kind: component}\n")
    assert "allow 1 removal if that is meant (--allow-removals 1)" in imported(path)[1]
