"""Every command, answer and figure in README.md and docs/command.md is run here: documents that lie fail."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from tests.conftest import ROOT
from tests.underpin.commands import Underpin, in_process
from tests.underpin.companies import written
from tests.underpin.serving import running
from underpin import cli
from underpin.output import ExitCode
from underpin.settings import PREFIX, Settings

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCUMENTS = ("README.md", "docs/command.md")
NOT_RUN_HERE = ("underpin serve", "underpin demo", "underpin import --store neo4j://")
"""What serves or needs a server; other tests run them, here only their options are looked at."""
BROKEN = "underpin: 1\nsource: acme\nentities:\n  - {id: web, kind: service}\n  - {id: box, kind: gadget}\n"


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return [body for name, body in BLOCK.findall(text) if name == language]


def steps(document: str) -> Iterator[tuple[str, str]]:
    """Each command of a document with the output that it claims."""
    for block in blocks(document, "console"):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = step.partition("\n")
            yield command, output


def matches(claimed: str, shown: str) -> bool:
    """Whether the output is what is claimed; a line `...` stands for any lines."""
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(f"{line}\n") for line in claimed.splitlines())
    return re.fullmatch(pattern, shown) is not None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_shows_what_the_document_claims(here: Path, document: str) -> None:
    (here / "examples").symlink_to(ROOT / "examples")
    written(here, "broken.yaml", BROKEN)
    ran = 0
    for command, claimed in steps(document):
        words = shlex.split(command)
        if words[0] != "underpin" or command.startswith(NOT_RUN_HERE):
            assert claimed == "", command
            continue
        done = in_process(*words[1:])
        assert matches(claimed, done.stderr + done.stdout), f"{command}\n{done.stderr}{done.stdout}"
        ran += 1
    assert ran > 0


def test_commands_that_are_not_run_here_have_options_that_exist() -> None:
    group = typer.main.get_group(cli.app)
    for document in DOCUMENTS:
        for command, _ in steps(document):
            words = shlex.split(command)
            if words[0] == "underpin":
                with group.commands[words[1]].make_context(words[1], words[2:]) as context:
                    assert context.params is not None
            elif words[0] == "make":
                assert f"\n{words[1]}:" in (ROOT / "Makefile").read_text(encoding="utf-8")
            else:
                assert words[0] in {"export", "docker"}, command
                assert (ROOT / "docker-compose.yml").is_file()


def test_the_query_of_the_readme_gives_the_answer_of_the_readme(underpin: Underpin) -> None:
    (query,), (answer,) = blocks("README.md", "graphql"), blocks("README.md", "json")
    with running(underpin, "demo") as server:
        assert server.ask(query) == json.loads(answer)


def test_the_figures_in_the_text_are_those_of_the_command(here: Path) -> None:
    done = in_process("check", "--json", ROOT / "examples" / "checkout" / "checkout.underpin.yaml")
    gold = json.loads(done.stdout)["promises"][0]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert gold["expectedMinutes"].startswith("-4.3221")
    assert "**4.32\nminutes**" in text
    assert "(-4.3221 to four digits;" in text
    assert "hence -4.33" in text
    assert float(gold["guaranteedMinutes"]) == -25.92
    assert "**25.92**" in text


def test_the_pipeline_of_the_readme_runs_a_command_that_exists() -> None:
    (pipeline,) = blocks("README.md", "yaml")
    (check,) = [line.strip(" -") for line in pipeline.splitlines() if "underpin" in line]
    words = check.split()
    with typer.main.get_group(cli.app).commands[words[1]].make_context(words[1], words[2:]) as context:
        assert context.params["paths"] == [Path("company.yaml")]


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for document in DOCUMENTS:
        text = (ROOT / document).read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)#:]+)\)", text) + re.findall(r"`(graphql_api/[a-z.]+|importers/[a-z]+\.py)`", text)
        assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []


def test_every_command_option_setting_and_exit_code_is_documented() -> None:
    text = (ROOT / "docs" / "command.md").read_text(encoding="utf-8")
    group = typer.main.get_group(cli.app)
    assert [name for name in group.commands if f"`underpin {name}" not in text] == []
    names = [PREFIX + name.upper() for name in Settings.model_fields if name != "limits"]
    names += [limit.upper() for limit in Settings.model_fields["limits"].annotation.__dataclass_fields__]  # type: ignore[union-attr]
    assert [name for name in names if f"`{name}`" not in text] == []
    codes = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", text, re.MULTILINE) for code in row.split(", ")}
    assert codes == set(ExitCode)
