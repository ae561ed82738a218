"""`underpin export`, `template` and `schema`."""

import json
import os
import stat
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.underpin.commands import Done, in_process
from tests.underpin.companies import SHOP, components, said, written

STORE = "sqlite:company.db"


def imported(path: Path | str) -> dict[str, object]:
    answer = said(in_process("import", "--store", STORE, "--json", path).stdout)
    assert isinstance(answer, dict)
    return answer


def exported(path: str, form: str, *arguments: str) -> Done:
    return in_process("export", "--store", STORE, "--format", form, path, *arguments)


@pytest.mark.parametrize(("form", "name"), [("yaml", "out.yaml"), ("csv", "out"), ("xlsx", "out.xlsx")])
@pytest.mark.parametrize("example", ["larkspur", "checkout"])
def test_what_is_exported_imports_again_without_a_change(here: Path, example: str, form: str, name: str) -> None:
    imported(ROOT / "examples" / example / f"{example}.underpin.yaml")
    done = exported(name, form)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{name}: ")
    assert imported(name)["outcome"] == "unchanged"


def test_one_of_several_sources_must_be_named(here: Path) -> None:
    imported(written(here, "a.yaml", components("acme", "one")))
    imported(written(here, "b.yaml", components("other", "two")))
    refused = exported("out.yaml", "yaml")
    assert refused.returncode == 2
    assert refused.stderr == "error: there are several sources; say --source: acme, other\n"
    assert exported("out.yaml", "yaml", "--source", "other").returncode == 0
    assert "id: two" in (here / "out.yaml").read_text(encoding="utf-8")
    assert "id: one" not in (here / "out.yaml").read_text(encoding="utf-8")


def test_one_of_several_scopes_must_be_named(here: Path) -> None:
    for scope in ("north", "south"):
        text = components("acme", scope).replace("source: acme", f"source: acme\nscope: {scope}")
        imported(written(here, f"{scope}.yaml", text))
    refused = exported("out.yaml", "yaml", "--source", "acme")
    assert refused.stderr == "error: the source acme has several scopes; say --scope: 'north', 'south'\n"
    assert exported("out.yaml", "yaml", "--scope", "south").returncode == 0
    assert imported("out.yaml")["outcome"] == "unchanged"


def test_a_source_that_is_not_there_is_told_with_those_that_are(here: Path) -> None:
    imported(written(here, "a.yaml", components("acme", "one")))
    assert exported("out.yaml", "yaml", "--source", "acem").stderr == (
        "error: there is no such source; there is acme\n"
    )


def test_an_empty_store_has_nothing_to_export(here: Path) -> None:
    nothing = written(here, "a.yaml", "underpin: 1\nsource: acme\n")
    assert imported(nothing)["outcome"] == "unchanged"
    assert exported("out.yaml", "yaml").stderr == "error: the store is empty\n"
    assert not (here / "out.yaml").exists()


@pytest.mark.parametrize("form", ["yaml", "xlsx"])
def test_a_file_is_not_overwritten_unless_that_is_said(here: Path, form: str) -> None:
    imported(written(here, "a.yaml", SHOP))
    out = written(here, f"out.{form}", "mine")
    refused = exported(out.name, form)
    assert refused.stderr == f"error: out.{form} is there already; --force overwrites it\n"
    assert out.read_text(encoding="utf-8") == "mine"
    assert exported(out.name, form, "--force").returncode == 0
    assert imported(out)["outcome"] == "unchanged"


def test_csv_files_are_not_overwritten_and_leave_no_stale_sheet(here: Path) -> None:
    imported(written(here, "a.yaml", SHOP))
    folder = here / "out"
    folder.mkdir()
    written(folder, "same.csv", "first,second\nx,y\n")
    written(folder, "notes.md", "mine")
    assert exported("out", "csv").stderr == "error: out holds same.csv already; --force overwrites\n"
    assert exported("out", "csv", "--force").returncode == 0
    assert not (folder / "same.csv").exists()
    assert (folder / "notes.md").read_text(encoding="utf-8") == "mine"
    assert imported("out")["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("path", "form", "expected"),
    [
        ("file", "csv", "file is no folder; CSV files need one"),
        ("folder", "yaml", "folder is a folder; name a file"),
        ("nowhere/out.yaml", "yaml", "there is no folder nowhere"),
    ],
)
def test_a_place_that_cannot_be_written_is_told(here: Path, path: str, form: str, expected: str) -> None:
    imported(written(here, "a.yaml", SHOP))
    written(here, "file", "x")
    (here / "folder").mkdir()
    assert exported(path, form).stderr == f"error: {expected}\n"


@pytest.mark.parametrize(("form", "name"), [("yaml", "new.yaml"), ("csv", "new"), ("xlsx", "new.xlsx")])
def test_a_template_is_an_empty_start_that_reads(here: Path, form: str, name: str) -> None:
    done = in_process("template", name, f"--{form}")
    assert done.stdout == f"{name}: an empty start; `underpin import {name}` reads it when it is filled in\n"
    assert imported(name)["issues"] == []
    assert in_process("template", name, f"--{form}").returncode == 2
    assert in_process("template", name, f"--{form}", "--force").returncode == 0


def test_the_json_schema_is_printed() -> None:
    schema = json.loads(in_process("schema").stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"underpin", "source", "parties", "entities", "agreements"} <= set(schema["properties"])


@pytest.mark.parametrize("command", [["export", "--store", STORE, "--format", "yaml"], ["template", "--yaml"]])
def test_a_pipe_or_a_device_is_never_replaced(here: Path, command: list[str]) -> None:
    imported(written(here, "a.yaml", SHOP))
    os.mkfifo(here / "pipe")
    (here / "link").symlink_to(here / "pipe")
    for name in ("pipe", "link", "/dev/null"):
        refused = in_process(*command, name, "--force")
        assert (refused.returncode, refused.stderr) == (2, f"error: {name} is no regular file; name another\n")
    assert stat.S_ISFIFO((here / "pipe").stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_sheet_that_is_a_folder_or_a_pipe_is_never_replaced(here: Path) -> None:
    imported(written(here, "a.yaml", SHOP))
    (here / "out" / "same.csv").mkdir(parents=True)
    assert exported("out", "csv", "--force").stderr == "error: out/same.csv is no regular file; name another\n"
    (here / "out" / "same.csv").rmdir()
    os.mkfifo(here / "out" / "parties.csv")
    assert exported("out", "csv", "--force").stderr == "error: out/parties.csv is no regular file; name another\n"


def test_a_link_stays_and_what_it_leads_to_is_written(here: Path) -> None:
    imported(written(here, "a.yaml", SHOP))
    (here / "folder").mkdir()
    kept = written(here / "folder", "kept.yaml", "mine")
    link = here / "link.yaml"
    link.symlink_to(Path("folder") / "kept.yaml")
    assert exported("link.yaml", "yaml", "--force").returncode == 0
    assert link.is_symlink()
    assert "source: shop" in kept.read_text(encoding="utf-8")
    assert [path.name for path in (here / "folder").iterdir()] == ["kept.yaml"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_that_is_overwritten_keeps_its_mode(here: Path, mode: int) -> None:
    imported(written(here, "a.yaml", SHOP))
    out = written(here, "out.yaml", "mine")
    out.chmod(mode)
    assert exported("out.yaml", "yaml", "--force").returncode == 0
    assert stat.S_IMODE(out.stat().st_mode) == mode
