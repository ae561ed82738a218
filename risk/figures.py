"""Which figure is an entity's own availability, a_v: what is promised or stated, by the basis asked for.

Source: section 2, "Which figure is a_v". CONTRACTED: for an external the UC target in force, else what is stated; for
what we run the stated figure, else the OLA target in force; a transaction without either has no faults of its own.
OBJECTIVE puts SLO, then OLA, first. OBSERVED takes measurements and nothing else. BEST_KNOWN takes measurements, then
as CONTRACTED, then objectives. A customer SLA never feeds a_v. All targets of the chosen agreement bind together: the
highest is taken; of agreements that tie, the weakest.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from risk.agreements.choice import AgreementIndex, Candidate, Choice, Owners
from risk.limits import Check, paced, unhurried
from risk.results import OwnFigure
from risk.terms import Basis, FigureOrigin, ReasonCode
from topology.model import AgreementType, Entity, EntityKind, Extent

ONE = Decimal(1)
_MOST_TELLING = (
    ReasonCode.TIER_BELOW_REQUIRED,
    ReasonCode.METRIC_MISMATCH,
    ReasonCode.NO_TARGET,
    ReasonCode.EXPIRED,
    ReasonCode.SUSPENDED,
    ReasonCode.TERMINATED,
    ReasonCode.FUTURE,
    ReasonCode.DRAFT_ONLY,
)
"""Of several reasons why an entity has no figure, the one nearest to having one is shown."""


def own_figures(
    index: AgreementIndex,
    keys: Iterable[str],
    basis: Basis = Basis.CONTRACTED,
    tier: str | None = None,
    *,
    check: Check = unhurried,
) -> Mapping[str, OwnFigure]:
    """The own figures of entities of the index's snapshot, by key, in the order given.

    With a service tier, that which holds for it: agreements that state another one do not apply. `check` is called
    every few thousand steps.

    Assumes: the store holds no measurements yet, so that under OBSERVED every figure is missing.
    Cost: linear in entities, times the agreements that may cover each.
    """
    entities = index.snapshot.entities
    return MappingProxyType({key: _own_figure(index, entities[key], basis, tier) for key in paced(keys, check)})


def figure_for(index: AgreementIndex, entity: Entity, owners: Owners, tier: str | None) -> OwnFigure:
    """The contracted own figure of an entity as it holds for some of those who need it, and for a service tier."""
    if entity.valid is not None and not entity.valid.holds(index.at):
        return _missing(entity, Basis.CONTRACTED, ReasonCode.RETIRED)
    return _contracted(index, entity, owners, tier)


def weakest(candidates: Iterable[Candidate]) -> Candidate:
    """Of agreements that tie, the one whose binding promise is the lowest; then the first by key."""
    return min(candidates, key=lambda c: (c.targets[0].value, c.agreement.key))


def _own_figure(index: AgreementIndex, entity: Entity, basis: Basis, tier: str | None) -> OwnFigure:
    if entity.valid is not None and not entity.valid.holds(index.at):
        return _missing(entity, basis, ReasonCode.RETIRED)
    if basis is Basis.OBSERVED:
        return _missing(entity, basis, ReasonCode.NO_FIGURE)
    owners = index.consumers_of(entity.key)
    if basis is Basis.OBJECTIVE:
        objective = _first_promised(index, entity, owners, (AgreementType.SLO, AgreementType.OLA))
        return objective or _contracted(index, entity, owners, tier)
    contracted = _contracted(index, entity, owners, tier)
    if basis is Basis.BEST_KNOWN and contracted.value is None:
        return _first_promised(index, entity, owners, (AgreementType.SLO, AgreementType.OLA)) or contracted
    return contracted


def _contracted(index: AgreementIndex, entity: Entity, owners: Owners, tier: str | None) -> OwnFigure:
    is_external = entity.kind is EntityKind.EXTERNAL
    if not is_external and entity.availability is not None:
        return _stated(entity, entity.availability)
    choice = index.choose(entity, (AgreementType.UC if is_external else AgreementType.OLA,), owners, tier)
    if choice.candidates:
        return _promised(entity, choice, Basis.CONTRACTED)
    if entity.availability is not None:
        return _stated(entity, entity.availability)
    if entity.kind is EntityKind.TRANSACTION:
        return OwnFigure(entity.key, ONE, Basis.CONTRACTED, FigureOrigin.NONE_NEEDED, Extent.INTRINSIC)
    why = next((reason for reason in _MOST_TELLING if reason in choice.reasons), ReasonCode.NO_FIGURE)
    return _missing(entity, Basis.CONTRACTED, why)


def _first_promised(
    index: AgreementIndex, entity: Entity, owners: Owners, types: Iterable[AgreementType]
) -> OwnFigure | None:
    for kind in types:
        choice = index.choose(entity, (kind,), owners)
        if choice.candidates:
            return _promised(entity, choice, Basis.OBJECTIVE)
    return None


def _promised(entity: Entity, choice: Choice, basis: Basis) -> OwnFigure:
    chosen = weakest(choice.candidates)
    target = chosen.targets[0]
    reasons = choice.reasons
    if _differ_in_tier(choice.candidates):
        reasons = tuple(reason for reason in reasons if reason is not ReasonCode.AMBIGUOUS_AGREEMENT)
    return OwnFigure(
        entity.key,
        target.value,
        basis,
        FigureOrigin.TARGET,
        target.extent,
        chosen.agreement,
        target,
        reasons=reasons,
    )


def _differ_in_tier(candidates: Sequence[Candidate]) -> bool:
    """Whether each is for a service tier of its own, so that a commitment's tier decides between them."""
    tiers = {candidate.agreement.service_tier for candidate in candidates}
    return None not in tiers and len(tiers) == len(candidates)


def _stated(entity: Entity, ratio: Decimal) -> OwnFigure:
    return OwnFigure(entity.key, ratio, Basis.CONTRACTED, FigureOrigin.STATED, Extent.INTRINSIC)


def _missing(entity: Entity, basis: Basis, reason: ReasonCode) -> OwnFigure:
    return OwnFigure(entity.key, None, basis, None, missing=reason)
