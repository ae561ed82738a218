"""The graph that a command looks at: what files come to on their own, or what the store holds."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from importers.importer import Defaults
from topology.counting import counted
from topology.errors import BadInput, Issue, IssueSeverity
from topology.snapshot import EMPTY, Snapshot, described_on
from underpin.combining import steps
from underpin.composition import opened
from underpin.output import tell
from underpin.reading import read_files
from underpin.reports import problem_lines
from underpin.settings import Settings


def graph_of_files(paths: Sequence[Path], defaults: Defaults, to: str) -> Snapshot:
    """The graph that files come to on their own; their problems are told on stderr.

    Args:
        paths: files, or folders of files.
        defaults: what counts where a file does not say.
        to: what is to be done with it, as in "nothing sound to check".

    Raises:
        BadInput: anything is wrong with them; an answer about half a graph would promise too much.
    """
    files = read_files(paths, defaults)
    found = steps(EMPTY, files.readings, files.problems, actor=None)
    issues = dict.fromkeys((*files.problems, *(issue for step in found for issue in step.plan.issues)))
    tell(*problem_lines(issues))
    errors = sum(issue.severity is IssueSeverity.ERROR for issue in issues)
    if errors or files.is_empty:
        problem = counted(errors, "error") if errors else "the files hold nothing"
        raise BadInput((Issue(to.upper(), f"{problem}; there is nothing sound to {to}"),))
    return found[-1].plan.after


async def graph_of_store(settings: Settings, to: str) -> Snapshot:
    """The newest graph of the store.

    Args:
        settings: with the store's address.
        to: what is to be done with it, as in "nothing to check".

    Raises:
        BadInput: it holds nothing; a pipeline must not take that for kept promises.
    """
    async with opened(settings, must_exist=True) as store:
        snapshot = await store.load()
    if not snapshot.entities and not snapshot.agreements:
        raise BadInput((Issue(to.upper(), f"the store is empty; there is nothing to {to}"),))
    return snapshot


def date_for(settings: Settings, *graphs: Snapshot) -> date:
    """The date to look at: the one that is set, else the latest that the graphs describe, else today."""
    described = [day for day in map(described_on, graphs) if day is not None]
    return settings.at or max(described, default=None) or datetime.now(ZoneInfo(settings.timezone)).date()
