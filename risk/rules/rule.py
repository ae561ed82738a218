"""What a finding's rule is, and what it may look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from risk.limits import Check
from risk.results import Commitment, Finding, SubjectKind
from risk.terms import FindingCode, Severity
from risk.view import View
from topology.facts import Fact, Statement
from topology.model import Agreement, Money


@dataclass(frozen=True, slots=True)
class Evidence:
    """What rules look at: the contracted view, our commitments, and their expected headrooms.

    `expected` is in minutes, unrounded; None where there is none, or it is too large to compute. `on_a_path` are the
    entities that a transaction or a commitment cannot all do without: those of their hard closures.
    """

    view: View
    commitments: Mapping[str, Commitment]
    expected: Callable[[Commitment], Decimal | None]
    on_a_path: frozenset[int]
    check: Check

    def facts(self, namespace: str, key: str, *kinds: type[Statement]) -> tuple[Fact, ...]:
        """The facts about a subject whose statements are of these kinds; all of them where none is named."""
        held = self.view.snapshot.facts_about(namespace, key)
        return tuple(fact for fact in held if not kinds or isinstance(fact.statement, kinds))


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a rule has seen: a finding but for its code and severity."""

    kind: SubjectKind
    subject: str
    message: str
    witness: tuple[str, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    minutes: Decimal | None = None
    money: Money | None = None
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One code, how much it weighs, and how it is seen."""

    code: FindingCode
    severity: Severity
    look: Callable[[Evidence], Iterator[Sighting]]

    def findings(self, evidence: Evidence) -> Iterator[Finding]:
        """All that the rule finds."""
        for seen in self.look(evidence):
            yield Finding(
                code=self.code,
                severity=self.severity,
                kind=seen.kind,
                subject=seen.subject,
                message=seen.message,
                witness=seen.witness,
                agreements=seen.agreements,
                minutes=seen.minutes,
                money=seen.money,
                facts=seen.facts,
            )


def listed(keys: tuple[str, ...] | list[str], most: int = 5, *, of: int = 0) -> str:
    """Keys in a sentence, the first few by name: `a, b and 3 more`; `of` is how many there are, if more than given."""
    count = max(of, len(keys))
    if count <= most:
        return ", ".join(keys)
    return f"{', '.join(keys[:most])} and {count - most} more"
