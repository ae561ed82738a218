"""Input errors are values (`Issue`); broken expectations are exceptions of one small tree."""

from dataclasses import dataclass
from enum import StrEnum

_SHOWN = 200
"""Characters of a key that nobody knows: enough to find it by."""


class IssueSeverity(StrEnum):
    """Whether an issue refuses the fact it is about."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands: line and column (from 1) of a text, or a sheet's cell such as `needs!B7`."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    cell: str | None = None

    def __str__(self) -> str:
        spot = (
            self.cell if self.cell is not None else ":".join(str(n) for n in (self.line, self.column) if n is not None)
        )
        return ":".join(part for part in (self.file, spot) if part) or "input"


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem of an input: a stable code, a sentence, where it is, and how to mend it."""

    code: str
    message: str
    path: tuple[str, ...] = ()
    hint: str | None = None
    place: Place | None = None
    severity: IssueSeverity = IssueSeverity.ERROR

    def __str__(self) -> str:
        where = str(self.place) if self.place is not None else "/".join(self.path) or "input"
        text = f"{where}: {self.severity} {self.code}: {self.message}"
        return f"{text}; {self.hint}" if self.hint else text


class UnderpinError(Exception):
    """A broken expectation. `code` is one of the API's error codes; the message is safe to show."""

    code = "INTERNAL_SERVER_ERROR"

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is wrong, one by one; empty where the message says it all."""
        return ()


class BadInput(UnderpinError):
    """An input that cannot be accepted, with all of its issues."""

    code = "BAD_USER_INPUT"

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        super().__init__("; ".join(issue.message for issue in issues))
        self._issues = issues

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What is wrong, one by one."""
        return self._issues


class UnknownKey(BadInput):
    """An argument names an entity, party or agreement that the view does not hold; `what` is the one it should be."""

    def __init__(self, key: str, path: tuple[str, ...] = (), what: str = "") -> None:
        sought = f'{what} "{key[:_SHOWN]}"' if what else f'"{key[:_SHOWN]}"'
        super().__init__((Issue("UNKNOWN_KEY", f"there is no {sought} in this view", path),))
        self.key = key


class StaleRevision(UnderpinError):
    """The store has moved on from the revision that a change expected."""

    code = "CONFLICT"

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(f"expected revision {expected}, the store is at {actual}")
        self.expected = expected
        self.actual = actual


class KeyReused(UnderpinError):
    """An idempotency key came back with another change."""

    code = "CONFLICT"

    def __init__(self, key: str, revision: int) -> None:
        super().__init__(f'idempotency key "{key}" was used for another change, in revision {revision}')


class UnknownRevision(UnderpinError):
    """A revision that the store has not reached."""

    code = "BAD_USER_INPUT"

    def __init__(self, number: int, newest: int) -> None:
        super().__init__(f"there is no revision {number}; the newest is {newest}")


class StoreUnavailable(UnderpinError):
    """The store cannot be reached or will not let us in; the sentence says which."""

    code = "STORE_UNAVAILABLE"


class StoreIncompatible(UnderpinError):
    """The store holds a schema newer than this program knows, or is not one of ours."""

    code = "STORE_UNAVAILABLE"


class ChangeTooLarge(UnderpinError):
    """The store has not the memory for this change, and trying again would not help."""

    code = "STORE_UNAVAILABLE"


class DeadlinePassed(UnderpinError):
    """An analysis or query ran out of its time."""

    code = "TIMEOUT"


class AnalysisTooLarge(UnderpinError):
    """An analysis met a limit of size and no honest answer lies below it."""

    code = "ANALYSIS_TOO_LARGE"
