"""How much of the business hangs on one subject each: a vendor, a group of vendors, a fourth party, a domain, an owner.

Formula: a subject's share of revenue is that of the transactions for which it is a single point, of what all
transactions state that they bring in an hour; its share of critical transactions likewise, of all of criticality
CRITICAL. Herfindahl `10 000 x sum of s_i^2`, s_i being a subject's part in the sum of all subjects' exposures: 10 000
when all exposure is one subject's. Exposure is the revenue at stake where revenue can be compared, else the number of
critical transactions where there are any, else the number of transactions.
Units: shares 0..1. Several subjects may stop one transaction, so that shares of a level may add up to more than 1.
Assumes: a transaction that states no revenue adds none, to neither side of the share; one that does not exist on the
view's date counts nowhere. Revenues in several currencies are never added: then no share of revenue is known.
Cost: one sweep for all subjects (`blast_radius.py`).
Source: section 5, "Concentration".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from risk.blast_radius import stopped_by
from risk.graph import System
from risk.limits import Check, unhurried
from risk.reduced.prepared import Prepared
from risk.single_points import FailureSet
from risk.terms import ExposureBasis, FailureLevel
from topology.model import ZERO, Criticality, Entity, EntityKind
from topology.snapshot import Snapshot
from topology.units import significant

_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Exposed:
    """A subject whose failure alone stops transactions.

    Attributes:
        subject: the key of a party, or of an entity at the level of failure domains.
        revenue_share: of the stated revenue, 0..1; None where revenue cannot be compared.
        critical_share: of the critical transactions, 0..1; 0 where there are none.
        stops: the transactions, by number.
        externals: the products that fail with it, by number: what would have to be replaced.
    """

    subject: str
    revenue_share: Decimal | None
    critical_share: Decimal
    stops: tuple[int, ...]
    externals: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Concentration:
    """The exposed subjects, the most exposed first, their Herfindahl index 0..10 000, and what it measures exposure by.

    By share of revenue, then of critical transactions, then by number of transactions, then by subject.
    """

    rows: tuple[Exposed, ...]
    herfindahl: Decimal
    basis: ExposureBasis


def concentration(
    snapshot: Snapshot,
    prepared: Prepared,
    sets: Sequence[FailureSet],
    transactions: Sequence[int],
    check: Check = unhurried,
) -> Concentration:
    """The concentration of a business over some failure sets; those that stop nothing have no row.

    Args:
        snapshot: the model.
        prepared: what is known of its system.
        sets: what fails as one.
        transactions: the numbers of what counts as a transaction, ascending.
        check: called every few thousand steps.
    """
    business = _Business(snapshot, prepared.system, transactions)
    stopped = stopped_by(prepared, [failing.entities for failing in sets], transactions, check)
    rows = [
        Exposed(
            failing.subject,
            business.revenue_share(stops),
            business.critical_share(stops),
            stops,
            tuple(sorted(e for e in failing.entities if prepared.system.kinds[e] is EntityKind.EXTERNAL)),
        )
        for failing, stops in zip(sets, stopped, strict=True)
        if stops
    ]
    rows.sort(key=lambda row: (-(row.revenue_share or ZERO), -row.critical_share, -len(row.stops), row.subject))
    exposures = [business.exposure(row.stops) for row in rows]
    return Concentration(tuple(rows), herfindahl(exposures), business.basis)


def herfindahl(exposures: Sequence[Decimal]) -> Decimal:
    """`10 000 x` the sum of the squares of their parts in the whole; 0 where there is no exposure."""
    whole = sum(exposures, ZERO)
    if not whole:
        return ZERO
    return significant(float(_WHOLE * sum((one * one for one in exposures), ZERO) / (whole * whole)))


def fourth_parties(system: System) -> tuple[FailureSet, ...]:
    """For each vendor its externals that stand in the hard closure of another vendor's external, by vendor.

    The level is that of vendors: what fails is part of what one vendor provides.

    Cost: linear in the edges: of the vendors above an entity two tell whether one of them is another.
    """
    above: dict[int, tuple[str, ...]] = {}
    pending = [number for number, vendor in enumerate(system.providers) if vendor is not None]
    while pending:
        consumer = pending.pop()
        vendors = set(above.get(consumer, ()))
        mine = system.providers[consumer]
        if mine is not None and system.kinds[consumer] is EntityKind.EXTERNAL:
            vendors.add(mine)
        for supplier in system.suppliers(consumer):
            held = above.get(supplier, ())
            grown = (*held, *sorted(vendors.difference(held)))[:2]
            if grown != held:
                above[supplier] = grown
                pending.append(supplier)
    found: dict[str, set[int]] = {}
    for number, vendors_above in above.items():
        mine = system.providers[number]
        if mine is not None and system.kinds[number] is EntityKind.EXTERNAL and set(vendors_above) - {mine}:
            found.setdefault(mine, set()).add(number)
    return tuple(FailureSet(FailureLevel.VENDOR, vendor, frozenset(found[vendor])) for vendor in sorted(found))


class _Business:
    """The transactions, and what they are worth."""

    def __init__(self, snapshot: Snapshot, system: System, transactions: Iterable[int]) -> None:
        self._transactions: dict[int, Entity] = {n: snapshot.entities[system.keys[n]] for n in transactions}
        revenues = [e.revenue_per_hour for e in self._transactions.values() if e.revenue_per_hour is not None]
        self._is_comparable = len({revenue.currency for revenue in revenues}) == 1
        self._revenue = self._revenue_of(self._transactions)
        self._critical = self._critical_of(self._transactions)
        self.basis = self._basis()

    def revenue_share(self, stops: Iterable[int]) -> Decimal | None:
        """The share of the stated revenue; None where it cannot be compared, or is nothing."""
        if self.basis is not ExposureBasis.REVENUE:
            return None
        return significant(float(self._revenue_of(stops) / self._revenue))

    def critical_share(self, stops: Iterable[int]) -> Decimal:
        """The share of the critical transactions."""
        return significant(self._critical_of(stops) / self._critical) if self._critical else ZERO

    def exposure(self, stops: Sequence[int]) -> Decimal:
        """What is at stake, by the basis."""
        if self.basis is ExposureBasis.REVENUE:
            return self._revenue_of(stops)
        return Decimal(self._critical_of(stops) if self.basis is ExposureBasis.CRITICAL_TRANSACTIONS else len(stops))

    def _basis(self) -> ExposureBasis:
        if self._is_comparable and self._revenue:
            return ExposureBasis.REVENUE
        return ExposureBasis.CRITICAL_TRANSACTIONS if self._critical else ExposureBasis.TRANSACTIONS

    def _revenue_of(self, transactions: Iterable[int]) -> Decimal:
        stated = (self._transactions[number].revenue_per_hour for number in transactions)
        return sum((revenue.amount for revenue in stated if revenue is not None), ZERO)

    def _critical_of(self, transactions: Iterable[int]) -> int:
        return sum(self._transactions[number].criticality is Criticality.CRITICAL for number in transactions)
