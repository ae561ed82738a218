"""Where the facts and problems of one document go while it is read."""

from dataclasses import dataclass, field
from typing import Final

from importers.tree import Spot, place_of
from topology.errors import Issue, IssueSeverity
from topology.facts import Fact, Statement
from topology.model import Window, WindowKind

CALENDAR_MONTH: Final = Window(WindowKind.CALENDAR_MONTH)


@dataclass(frozen=True, slots=True)
class DocumentDefaults:
    """What holds where the document does not say otherwise; `says_zone` is whether it says so of the time zone."""

    window: Window = CALENDAR_MONTH
    service_hours: str = "24x7"
    timezone: str = "UTC"
    currency: str | None = None
    says_zone: bool = False


@dataclass(slots=True)
class Sink:
    """One document's facts and problems, all of one source and scope."""

    file: str
    source: str
    scope: str
    defaults: DocumentDefaults = DocumentDefaults()
    facts: list[Fact] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)

    def state(self, statement: Statement, spot: Spot) -> None:
        """Take a sound statement that stands at `spot`."""
        self.facts.append(Fact(statement, self.source, self.scope, place=place_of(spot, self.file)))

    def refuse(self, code: str, message: str, path: tuple[str, ...], spot: Spot, hint: str | None = None) -> None:
        """Note an error."""
        self.issues.append(Issue(code, message, path, hint, place_of(spot, self.file)))

    def warn(self, code: str, message: str, path: tuple[str, ...], spot: Spot, hint: str | None = None) -> None:
        """Note something doubtful that keeps nothing out."""
        self.issues.append(Issue(code, message, path, hint, place_of(spot, self.file), IssueSeverity.WARNING))
