"""Rules about promises: what is missing, contradictory, or cannot be kept."""

from collections.abc import Iterator
from decimal import Decimal

from risk.agreements.choice import AVAILABILITY, Choice, is_comparable
from risk.agreements.incident_limits import is_own_work
from risk.credits import credit_of, within_cap
from risk.results import Commitment, OwnFigure, SubjectKind
from risk.rules.rule import Evidence, Rule, Sighting, listed
from risk.terms import FindingCode, ReasonCode, Severity
from risk.wording import why_missing, words
from topology.facts import EntityStatement
from topology.model import AgreementType, Entity, EntityKind, Money, Target
from topology.units import MINUTES_PER_30_DAYS, downtime_text, percent_of_ratio, percent_text, plain, significant

ONE = Decimal(1)
RATIO = "ratio"


def _perfect_promises(evidence: Evidence) -> Iterator[Sighting]:
    index = evidence.view.index
    for key, held in index.standings.items():
        if held.version is None:
            continue
        covered = {
            entity.key
            for entity, target in index.promised(held.version)
            if target.metric == AVAILABILITY and target.value == ONE
        }
        if covered:
            keys = tuple(sorted(covered))
            message = f'"{key}" promises 100 % for {listed(keys)}: no downtime at all is allowed.'
            facts = evidence.facts("agreement", key, Target)
            yield Sighting(SubjectKind.AGREEMENT, key, message, witness=keys, agreements=(held.version,), facts=facts)


def _beyond_supply(evidence: Evidence) -> Iterator[Sighting]:
    view = evidence.view
    for exceeded in view.backed_out.exceeded:
        key = view.system.keys[exceeded.entity]
        agreement = view.figures[key].agreement
        promised, supplied = significant(exceeded.promised), significant(exceeded.supplied)
        message = (
            f'"{key}" is promised at {_percent(1 - promised)}, its suppliers included, '
            f"and these deliver at most {_at_most(supplied)}."
        )
        yield Sighting(
            SubjectKind.ENTITY,
            key,
            message,
            witness=(key, *(view.system.keys[s] for s in view.system.suppliers(exceeded.entity))),
            agreements=() if agreement is None else (agreement,),
            minutes=(supplied - promised) * MINUTES_PER_30_DAYS,
            facts=() if agreement is None else evidence.facts("agreement", agreement.key, Target),
        )


def _incomparable(evidence: Evidence) -> Iterator[Sighting]:
    for key, figure in evidence.view.figures.items():
        if figure.missing is ReasonCode.METRIC_MISMATCH:
            choice = _choice_for(evidence, figure)
            agreements = () if choice.incomparable is None else (choice.incomparable,)
            message = (
                f'What is promised for "{key}" is not minutes of availability: it is neither multiplied nor compared.'
            )
            yield Sighting(SubjectKind.ENTITY, key, message, witness=(key,), agreements=agreements)
    for key, commitment in evidence.commitments.items():
        if is_comparable(commitment.target) or is_own_work(commitment.target):
            continue
        if evidence.expected(commitment) is None:
            message = f'The {commitment.target.metric} promised in "{key}" is not held against availabilities.'
            agreements = (commitment.agreement,)
            yield Sighting(SubjectKind.COMMITMENT, key, message, witness=(commitment.entity,), agreements=agreements)


def _ambiguous(evidence: Evidence) -> Iterator[Sighting]:
    for key, figure in evidence.view.figures.items():
        if ReasonCode.AMBIGUOUS_AGREEMENT in figure.reasons and figure.agreement is not None:
            agreements = tuple(c.agreement for c in _choice_for(evidence, figure).candidates)
            names = listed([agreement.key for agreement in agreements])
            message = f'{names} apply to "{key}" alike; the weakest counts, that of "{figure.agreement.key}".'
            yield Sighting(SubjectKind.ENTITY, key, message, witness=(key,), agreements=agreements)


def _missing_figures(evidence: Evidence) -> Iterator[Sighting]:
    system = evidence.view.system
    for entity, (key, figure) in enumerate(evidence.view.figures.items()):
        soft = (edge for c in system.soft_consumers[entity] for edge in system.soft[c] if edge.supplier == entity)
        is_needed = system.consumers[entity] or any(edge.loss for edge in soft)
        if figure.missing is None or figure.missing is ReasonCode.RETIRED or not is_needed:
            continue
        message = (
            f'The availability of "{key}" itself is not known ({why_missing(figure.missing)}): it is counted as up.'
        )
        facts = evidence.facts("entity", key, EntityStatement)
        yield Sighting(SubjectKind.ENTITY, key, message, witness=(key,), facts=facts)


def _in_shortfall(evidence: Evidence) -> Iterator[Sighting]:
    for key, commitment in evidence.commitments.items():
        evidence.check()
        expected = evidence.expected(commitment)
        if expected is None or expected >= 0:
            continue
        window = "in its window" if is_comparable(commitment.target) else "for one incident"
        message = (
            f'"{commitment.agreement.key}" promises {_promised(commitment.target)} for "{commitment.entity}"; '
            f"what lies beneath it misses that by {downtime_text(-expected)} {window}."
        )
        yield Sighting(
            SubjectKind.COMMITMENT,
            key,
            message,
            witness=(commitment.entity,),
            agreements=(commitment.agreement,),
            minutes=-expected,
            money=_credit(evidence, commitment, expected),
            facts=evidence.facts("agreement", commitment.agreement.key, Target),
        )


def _credit(evidence: Evidence, commitment: Commitment, headroom: Decimal) -> Money | None:
    """What the expected downtime of a window makes a commitment owe; None where that is nothing, or not known."""
    if commitment.budget is None:
        return None
    about, at = commitment, evidence.view.at
    owed = credit_of(about.agreement, about.entity, about.target, at, commitment.budget - headroom)
    money = within_cap((owed,), at)[0].amount
    return money if money is not None and money.amount > 0 else None


def _uncovered_suppliers(evidence: Evidence) -> Iterator[Sighting]:
    view = evidence.view
    for number, entity in enumerate(view.snapshot.entities.values()):
        if entity.kind is not EntityKind.EXTERNAL or number not in evidence.on_a_path:
            continue
        choice = _choice(evidence, entity, AgreementType.UC)
        if not choice.candidates:
            key, reasons = entity.key, ", ".join(words(reason) for reason in choice.reasons)
            consumers = tuple(view.system.keys[c] for c in view.system.consumers[number])
            message = (
                f'No contract in force promises availability of "{key}" ({reasons}); needed by {listed(consumers)}.'
            )
            agreements = () if choice.incomparable is None else (choice.incomparable,)
            facts = evidence.facts("entity", key, EntityStatement)
            yield Sighting(SubjectKind.ENTITY, key, message, (key, *consumers), agreements, facts=facts)


def _services_without_ola(evidence: Evidence) -> Iterator[Sighting]:
    for entity in evidence.view.snapshot.entities.values():
        if entity.kind is not EntityKind.SERVICE:
            continue
        choice = _choice(evidence, entity, AgreementType.OLA)
        if not choice.candidates and choice.incomparable is None:
            message = f'No OLA in force covers the service "{entity.key}".'
            facts = evidence.facts("entity", entity.key, EntityStatement)
            yield Sighting(SubjectKind.ENTITY, entity.key, message, witness=(entity.key,), facts=facts)


def _choice_for(evidence: Evidence, figure: OwnFigure) -> Choice:
    entity = evidence.view.snapshot.entities[figure.entity]
    return _choice(evidence, entity, AgreementType.UC if entity.kind is EntityKind.EXTERNAL else AgreementType.OLA)


def _choice(evidence: Evidence, entity: Entity, kind: AgreementType) -> Choice:
    index = evidence.view.index
    return index.choose(entity, (kind,), index.consumers_of(entity.key))


def _promised(target: Target) -> str:
    """A promise as people wrote it: `99.95 %`, `4 h`."""
    return _percent(target.value) if target.unit == RATIO else f"{plain(target.value)} {target.unit}"


def _percent(ratio: Decimal) -> str:
    """A promised figure as people wrote it: `99.95 %`."""
    return f"{plain(percent_of_ratio(ratio))} %"


def _at_most(q: Decimal) -> str:
    """A computed availability from its unavailability, rounded down to four decimals, written as people do."""
    return f"{plain(Decimal(percent_text(q).removesuffix(' %')))} %"


RULES = (
    Rule(FindingCode.PERFECT_PROMISE, Severity.NOTICE, _perfect_promises),
    Rule(FindingCode.PROMISE_EXCEEDS_SUPPLY, Severity.WARNING, _beyond_supply),
    Rule(FindingCode.METRIC_MISMATCH, Severity.NOTICE, _incomparable),
    Rule(FindingCode.AMBIGUOUS_AGREEMENT, Severity.WARNING, _ambiguous),
    Rule(FindingCode.MISSING_FIGURE, Severity.WARNING, _missing_figures),
    Rule(FindingCode.PROMISE_IN_SHORTFALL, Severity.ERROR, _in_shortfall),
    Rule(FindingCode.SUPPLIER_UNCOVERED, Severity.WARNING, _uncovered_suppliers),
    Rule(FindingCode.SERVICE_WITHOUT_OLA, Severity.NOTICE, _services_without_ola),
)
