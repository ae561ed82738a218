"""What an outage costs in credits: what we owe customers for it, what vendors owe us, and what is left.

Formula: payable is the sum over the SLA commitments whose entity goes down, receivable that over the contracts of the
externals that go down, each for its own minutes of downtime (section 5: D less the onset) and cut off at its
agreement's cap; net = payable - receivable, recovery ratio = receivable / payable.
Units: money, by currency; amounts of two currencies are never added.
Assumes: the worst case within the window that the date is in: all of the outage counts. What an agreement excludes as
outside its control (third parties, entities) is taken to stand, with all beneath it. A promise of own faults only
(INTRINSIC) is missed by a vendor's own failure alone. Where several contracts apply alike the least is counted.
Cost: one fall of the failed set for each set of exclusions, and a credit for each promise that is hit.
Source: section 4, "Credits"; section 5 for who is down, and for how long.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from risk.agreements.choice import is_comparable
from risk.credits import Credit, credit_of, kind_of, within_cap
from risk.graph import changed
from risk.limits import Check
from risk.links import excluded_by
from risk.onset import falls, waiting
from risk.results import Commitment
from risk.structure import closure
from risk.view import View
from topology.model import Agreement, AgreementType, EntityKind, Extent, Money

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class CreditExposure:
    """What an outage costs in credits.

    Attributes:
        payable: what is owed to customers, by currency; nothing where nothing is.
        receivable: what vendors owe.
        net: payable less receivable, in every currency of the two.
        recovery_ratio: receivable / payable; None with two currencies, with nothing payable, and where it is not known
            how much is.
        owed: every promise that the outage hits, ours by commitment, then vendors' by entity.
        is_complete: whether it is known what each of them comes to.
    """

    payable: tuple[Money, ...]
    receivable: tuple[Money, ...]
    net: tuple[Money, ...]
    recovery_ratio: Decimal | None
    owed: tuple[Credit, ...]
    is_complete: bool


class CountedOutage:
    """Some entities fail for so many minutes, beside those that the view holds as failed; who is down for how long."""

    def __init__(self, view: View, failed: Collection[int], minutes: Decimal, check: Check) -> None:
        self.view = view
        self.failed = view.system.failed.union(failed)
        self.minutes = minutes
        self.check = check
        self._known: dict[frozenset[int], Mapping[int, Decimal]] = {}

    def minutes_down(self, excluded: frozenset[int] = frozenset()) -> Mapping[int, Decimal]:
        """How long each entity is down that goes down, those in `excluded` and all beneath them being taken as up."""
        if excluded not in self._known:
            system = self.view.system
            standing = changed(system, {entity: ((), system.soft[entity]) for entity in excluded})
            standing = replace(standing, failed=system.failed - excluded)
            fallen = falls(waiting(standing), self.failed - excluded, self.minutes, self.check)
            self._known[excluded] = {entity: self.minutes - onset for entity, onset in fallen.onsets.items()}
        return self._known[excluded]

    def counted(self, agreement: Agreement, entity: int, *, own_faults: bool = False) -> Decimal:
        """The minutes for which an entity is down as an agreement counts it; of its own faults alone, if that is asked.

        0 where it stays up.
        """
        if self.minutes <= 0 or entity not in self.minutes_down():
            return ZERO
        if own_faults:
            return self.minutes if entity in self.failed else ZERO
        among = closure(self.view.system, entity) if agreement.excludes else frozenset[int]()
        return self.minutes_down(excluded_by(agreement, self.view, among) - {entity}).get(entity, ZERO)


def credit_exposure(
    commitments: Iterable[Commitment], outage: CountedOutage, claimed_after: Decimal = ZERO
) -> CreditExposure:
    """What an outage that begins on the view's date costs.

    Args:
        commitments: what we promise; those of SLAs count.
        outage: what fails, and for how long.
        claimed_after: how many minutes after its end vendors are asked to pay; customers are taken to ask in time.
    """
    at = outage.view.at
    ours = within_cap(_owed_to_customers(commitments, outage), at)
    theirs = within_cap(_owed_by_vendors(outage, claimed_after), at)
    payable, receivable = _summed(ours), _summed(theirs)
    net = {c: payable.get(c, ZERO) - receivable.get(c, ZERO) for c in payable.keys() | receivable.keys()}
    is_known = not any(credit.is_unknown for credit in ours)
    return CreditExposure(
        payable=_amounts(payable),
        receivable=_amounts(receivable),
        net=_amounts(net),
        recovery_ratio=_recovered(payable, receivable) if is_known else None,
        owed=(*ours, *theirs),
        is_complete=is_known and not any(credit.is_unknown for credit in theirs),
    )


def _owed_to_customers(commitments: Iterable[Commitment], outage: CountedOutage) -> Iterator[Credit]:
    index = outage.view.system.index
    for about in commitments:
        outage.check()
        # A promise of another metric is hit by an outage only as far as somebody has written what it owes then.
        is_hit = is_comparable(about.target) or kind_of(about.target) is not None
        if about.agreement.type is AgreementType.SLA and is_hit:
            minutes = outage.counted(about.agreement, index[about.entity])
            if minutes > 0:
                yield credit_of(about.agreement, about.entity, about.target, outage.view.at, minutes)


def _owed_by_vendors(outage: CountedOutage, claimed_after: Decimal) -> Iterator[Credit]:
    view = outage.view
    for number in sorted(outage.minutes_down()):
        outage.check()
        if view.system.kinds[number] is not EntityKind.EXTERNAL:
            continue
        key = view.system.keys[number]
        choice = view.index.choose(view.snapshot.entities[key], (AgreementType.UC,), view.index.consumers_of(key))
        offers: list[tuple[Credit, ...]] = []
        for candidate in choice.candidates:
            agreement = candidate.agreement
            found = []
            for target in candidate.targets:
                minutes = outage.counted(agreement, number, own_faults=target.extent is Extent.INTRINSIC)
                if minutes > 0:
                    found.append(credit_of(agreement, key, target, view.at, minutes, claimed_after=claimed_after))
            offers.append(tuple(found))
        if offers:
            yield from _least(offers)


def _least(offers: Sequence[tuple[Credit, ...]]) -> tuple[Credit, ...]:
    """Of contracts that apply alike the one that gives least; unknown where their currencies cannot be compared."""
    sums = [_summed(offer) for offer in offers]
    if len({currency for found in sums for currency in found}) > 1:
        return tuple(replace(credit, amount=None, is_unknown=True) for credit in offers[0])
    return min(zip(offers, sums, strict=True), key=lambda pair: sum(pair[1].values(), ZERO))[0]


def _summed(credits_: Iterable[Credit]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for credit in credits_:
        if credit.amount is not None and credit.amount.amount > 0:
            currency = credit.amount.currency
            found[currency] = found.get(currency, ZERO) + credit.amount.amount
    return found


def _amounts(by_currency: Mapping[str, Decimal]) -> tuple[Money, ...]:
    return tuple(Money(by_currency[currency], currency) for currency in sorted(by_currency))


def _recovered(payable: Mapping[str, Decimal], receivable: Mapping[str, Decimal]) -> Decimal | None:
    if len(payable) != 1 or receivable.keys() - payable.keys():
        return None
    ((currency, owed),) = payable.items()
    return receivable.get(currency, ZERO) / owed
