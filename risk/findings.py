"""What is doubtful in a view: every rule's findings, in one order."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from risk.limits import Check, unhurried
from risk.results import Commitment, Finding
from risk.rules import of_promises, of_redundancy, of_structure, of_terms
from risk.rules.rule import Evidence, Rule
from risk.terms import Severity
from risk.view import View
from topology.model import EntityKind

RULES: tuple[Rule, ...] = (
    *of_structure.RULES,
    *of_redundancy.RULES,
    *of_promises.RULES,
    *of_terms.RULES,
)
"""Adding a finding is one function and one entry in one of these lists."""
_WEIGHT = {severity: rank for rank, severity in enumerate(Severity)}


def find(
    view: View,
    commitments: Mapping[str, Commitment],
    expected: Callable[[Commitment], Decimal | None],
    check: Check = unhurried,
) -> tuple[Finding, ...]:
    """All findings of a contracted view: by severity, code, subject and message.

    Args:
        view: the view, on the contracted basis.
        commitments: all that we promise, by key.
        expected: the expected headroom of a commitment in minutes; None without, or where it is too large to compute.
        check: called every few thousand steps.
    """
    roots = {number for number, kind in enumerate(view.system.kinds) if kind is EntityKind.TRANSACTION}
    roots |= {view.system.index[commitment.entity] for commitment in commitments.values()}
    evidence = Evidence(view, commitments, expected, _required_by_any(view, roots), check)
    found: list[Finding] = []
    for rule in RULES:
        check()
        found.extend(rule.findings(evidence))
    return tuple(sorted(found, key=lambda f: (_WEIGHT[f.severity], f.code, f.subject, f.kind, f.message)))


def _required_by_any(view: View, roots: Iterable[int]) -> frozenset[int]:
    """What the hard closures of the roots hold beside roots that nothing among them needs."""
    seen: set[int] = set()
    pending = list(roots)
    while pending:
        for supplier in view.system.suppliers(pending.pop()):
            if supplier not in seen:
                seen.add(supplier)
                pending.append(supplier)
    return frozenset(seen)
