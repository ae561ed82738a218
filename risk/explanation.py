"""How a commitment's verdict comes about: every figure that goes into it, so that a person can reckon it again by hand.

Formula: none of its own; the figures are those of `risk.headroom`, `risk.allowance` and `risk.floor`, each with what it
is made of. Ledger EXPERIENCED, no margin.
Units: minutes of the commitment's window; availabilities as ratios.
Cost: that of the commitment's headroom and links, and the hard closure of its entity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from risk.agreements.agreed_time import CommittedTime
from risk.allowance import AllowanceTerms, allowance_terms
from risk.chains import ChainStep, longest_chain
from risk.composite import formula_of
from risk.floor import BoundTerm
from risk.headroom import steady
from risk.limits import Check
from risk.results import Commitment, Headroom, LinkHeadroom, OwnFigure
from risk.structure import closure
from risk.view import View
from topology.units import exact_ratio


@dataclass(frozen=True, slots=True)
class LinkExplained:
    """A supplier's contract held against the commitment, and what its allowance is the sum of.

    `terms` is None where no target can be compared: then the allowance, if any, is of a stated availability.
    """

    link: LinkHeadroom
    terms: AllowanceTerms | None


@dataclass(frozen=True, slots=True)
class OwnExplained:
    """An entity of the hard closure.

    Attributes:
        entity: its key.
        figure: what is promised or stated of it, or why nothing is.
        ratio: its own availability, what is beneath it taken out of an END_TO_END promise; 1 where it is missing.
        needs: what it needs, to read; None where it needs nothing.
    """

    entity: str
    figure: OwnFigure
    ratio: Decimal
    needs: str | None


@dataclass(frozen=True, slots=True)
class Addend:
    """One part of what the promises alone allow.

    Attributes:
        entity: whose it is: of a group the consumer.
        minutes: what it adds.
        required: of a group how many members are needed; None for an entity.
        members: of a group its members with the minutes allowed to each.
        covers: of a promise that covers its suppliers: its own allowance, and theirs; the larger is added.
    """

    entity: str
    minutes: Decimal
    required: int | None = None
    members: tuple[tuple[str, Decimal], ...] = ()
    covers: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A commitment's headroom with all that it rests on.

    `time`, `unavailability` are None and the others empty where the commitment is not minutes of availability; `chain`
    is the longest one beneath a promise for each incident, and empty for all else.
    """

    commitment: Commitment
    headroom: Headroom
    time: CommittedTime | None
    unavailability: Decimal | None
    links: tuple[LinkExplained, ...]
    own: tuple[OwnExplained, ...]
    addends: tuple[Addend, ...]
    chain: tuple[ChainStep, ...] = ()


def explained(
    commitment: Commitment,
    headroom: Headroom,
    *,
    time: CommittedTime,
    links: Sequence[LinkHeadroom],
    bound: Sequence[BoundTerm],
    view: View,
    check: Check,
) -> Explanation:
    """All that a commitment's headroom rests on.

    Args:
        commitment: a commitment to minutes of availability.
        headroom: its headroom.
        time: its window, and what counts in it.
        links: its suppliers' contracts.
        bound: the terms of its guaranteed headroom.
        view: the figures that hold for its service tier.
        check: called every few thousand steps.
    """
    root = view.system.number(commitment.entity)
    availability = view.backed_out.availability
    return Explanation(
        commitment=commitment,
        headroom=headroom,
        time=time,
        unavailability=steady(availability.exactly(root, check)),
        links=tuple(_link(time, link) for link in links),
        own=tuple(_own(view, entity) for entity in sorted(closure(view.system, root))),
        addends=tuple(_addend(view, term) for term in bound),
    )


def not_reckoned(
    commitment: Commitment, headroom: Headroom, links: Sequence[LinkHeadroom], view: View, check: Check
) -> Explanation:
    """What is to be said of a commitment that is not minutes of availability."""
    chain = () if headroom.expected_minutes is None else longest_chain(view, commitment, check)
    listed = tuple(LinkExplained(link, None) for link in links)
    return Explanation(commitment, headroom, None, None, listed, (), (), chain)


def _link(time: CommittedTime, link: LinkHeadroom) -> LinkExplained:
    if link.agreement is None or link.target is None or link.allowance is None:
        return LinkExplained(link, None)
    return LinkExplained(link, allowance_terms(time, link.agreement, link.target))


def _own(view: View, entity: int) -> OwnExplained:
    key = view.system.keys[entity]
    ratio = exact_ratio(view.backed_out.own[entity])
    return OwnExplained(key, view.figures[key], ratio, formula_of(view.system, entity))


def _addend(view: View, term: BoundTerm) -> Addend:
    keys = view.system.keys
    if term.group is None:
        covers = (steady(term.members[0]), steady(term.members[1])) if term.members else None
        return Addend(keys[term.entity], steady(term.amount), covers=covers)
    members = zip(term.group.members, term.members, strict=True)
    named = tuple((keys[member], steady(minutes)) for member, minutes in members)
    return Addend(keys[term.entity], steady(term.amount), term.group.required, named)
