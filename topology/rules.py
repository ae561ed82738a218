"""What cannot be, whatever else is known: rules over one fact."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Final

from topology.calendars import Holidays, ServiceHours, weekly_slot, zone
from topology.errors import Issue
from topology.facts import About, EntityStatement, Fact, Overrule, Reading, Same, Statement, references, subject
from topology.model import Agreement, Degradation, Party, RequirementGroup, Target, WindowKind
from topology.names import LONGEST_NAME, has_control, key_issue, text_issue

LONGEST_WINDOW: Final = 3660
"""Days that a window may roll over: ten years."""
Say = Callable[..., Issue]
_ONE = Decimal(1)


def check_fact(fact: Fact) -> Iterator[Issue]:
    """What is wrong with a fact whatever else is known."""
    path = fact.id

    def say(code: str, message: str, hint: str | None = None) -> Issue:
        return Issue(code, message, path, hint, fact.place)

    for part in _keys(fact.statement):
        wrong = key_issue(part)
        if wrong is not None:
            yield say(wrong.code, wrong.message, wrong.hint)
    for text in _texts(fact.statement):
        wrong = text_issue(text)
        if wrong is not None:
            yield say(wrong.code, wrong.message, wrong.hint)
    for rule in RULES.get(type(fact.statement), ()):
        yield from rule(fact.statement, say)


def _keys(statement: Statement) -> Iterator[str]:
    if not isinstance(statement, About):
        yield subject(statement)[1]
    yield from (key for _, key in references(statement))
    if isinstance(statement, Same):
        yield statement.second


def _texts(statement: Statement) -> Iterator[str]:
    """What people chose freely, and a store or a file must be able to hold."""
    match statement:
        case Party(name=name):
            yield name
        case EntityStatement():
            yield from (text for text in (statement.name, statement.family, statement.journey) if text)
        case Agreement():
            yield from (text for text in (statement.name, statement.doc, statement.note) if text)
            yield from statement.covers
        case Target(metric=metric, unit=unit, covers=covers):
            yield from (metric, unit, covers or "")


def _party(said: Party, say: Say) -> Iterator[Issue]:
    for contact in said.contacts:
        yield from _not_negative(say, response=contact.response)
    if said.parent == said.key:
        yield say("UP-PARENT-CYCLE", f'"{said.key}" cannot be its own parent')


def _entity(said: EntityStatement, say: Say) -> Iterator[Issue]:
    yield from _ratio(say, "availability", said.availability)
    yield from _not_negative(say, rto=said.rto, rpo=said.rpo, impact_tolerance=said.impact_tolerance)
    if said.tier is not None and said.tier < 1:
        yield say("UP-TIER", f"tier {said.tier} does not exist", "1 is the highest tier")
    if said.valid and said.valid.start and said.valid.until and said.valid.until < said.valid.start:
        yield say("UP-DATES", f"valid until {said.valid.until}, before it begins on {said.valid.start}")
    if said.revenue_per_hour and said.revenue_per_hour.amount < 0:
        yield say("UP-NEGATIVE", "revenue_per_hour cannot be negative")


def _group(said: RequirementGroup, say: Say) -> Iterator[Issue]:
    count = len(said.members)
    if said.name is not None:
        yield from _group_name(said.name, say)
    if not 1 <= said.required <= count:
        yield say("UP-GROUP-K", f"at least {said.required} of {count} cannot be", f"give a number from 1 to {count}")
    keys = [member.entity for member in said.members]
    for key, times in sorted(Counter(keys).items()) if len(set(keys)) < count else ():
        if times > 1:
            yield say("UP-GROUP-REPEAT", f'"{key}" stands {times} times in one group')
    if said.consumer in keys:
        yield say("UP-NEED-SELF", f'"{said.consumer}" cannot need itself')
    for member in said.members:
        yield from _not_negative(say, tolerance=member.tolerance, handoff=member.handoff)
    yield from _ratio(say, "beta", said.beta)


def _group_name(name: str, say: Say) -> Iterator[Issue]:
    if not name or name != name.strip() or len(name) > LONGEST_NAME or has_control(name, one_line=True):
        hint = f"write one line of at most {LONGEST_NAME} characters, with no space at its ends"
        yield say("UP-GROUP-NAME", "this cannot be the name of a group", hint)


def _degradation(said: Degradation, say: Say) -> Iterator[Issue]:
    if said.supplier == said.consumer:
        yield say("UP-NEED-SELF", f'"{said.consumer}" cannot degrade itself')
    yield from _loss(say, said.loss)
    yield from _not_negative(say, tolerance=said.tolerance)


def _overrule(said: Overrule, say: Say) -> Iterator[Issue]:
    count = len(set(said.suppliers))
    if said.reading is Reading.GROUP and not 1 <= said.required <= count:
        yield say("UP-GROUP-K", f"at least {said.required} of {count} cannot be", f"give a number from 1 to {count}")
    yield from _loss(say, said.loss)


def _agreement(said: Agreement, say: Say) -> Iterator[Issue]:
    if said.version < 1:
        yield say("UP-VERSION", f"version {said.version} does not exist", "versions count from 1")
    if said.start and said.end and said.end < said.start:
        yield say("UP-DATES", f"ends on {said.end}, before it starts on {said.start}")
    yield from _calendar(said, say)
    if said.fee and said.fee.amount.amount < 0:
        yield say("UP-NEGATIVE", "a fee cannot be negative")
    if said.credit_cap and said.credit_cap.share < 0:
        yield say("UP-NEGATIVE", "a credit cap cannot be negative")
    yield from _not_negative(say, claim_within=said.claim_within)


def _calendar(said: Agreement, say: Say) -> Iterator[Issue]:
    read: list[Callable[[], object]] = [
        lambda: zone(said.timezone),
        lambda: ServiceHours.parse(said.service_hours),
        lambda: Holidays.parse(said.holidays),
    ]
    read += [partial(weekly_slot, slot.weekly) for slot in said.maintenance if slot.weekly is not None]
    for parse in read:
        try:
            parse()
        except ValueError as error:
            yield say("UP-CALENDAR", str(error))
    for slot in said.maintenance:
        yield from _not_negative(say, maintenance=slot.allowance)


def _target(said: Target, say: Say) -> Iterator[Issue]:
    if said.unit == "ratio":
        yield from _ratio(say, said.metric, said.value)
    elif said.value < 0:
        yield say("UP-NEGATIVE", f"{said.metric} cannot be negative")
    days = said.window.days
    if (said.window.kind is WindowKind.ROLLING) != (days is not None) or (days is not None and days < 1):
        yield say("UP-WINDOW", "a rolling window needs its days, and only that", "write rolling_30d")
    if days is not None and days > LONGEST_WINDOW:
        yield say("UP-WINDOW", f"a window of {days} days is too long", f"at most {LONGEST_WINDOW} days")
    tiers = said.credits
    for tier in tiers:
        yield from _ratio(say, "credits", tier.below)
        yield from _not_negative(say, credits=tier.share_of_fee)
    falling = all(a.below > b.below and a.share_of_fee < b.share_of_fee for a, b in pairwise(tiers))
    if not falling:
        yield say("UP-CREDITS", "credit tiers must fall, and owe more the lower they are", "write 99.95:10;99.0:25")


RULES: Mapping[type[Statement], tuple[Callable[..., Iterator[Issue]], ...]] = {
    Party: (_party,),
    EntityStatement: (_entity,),
    RequirementGroup: (_group,),
    Degradation: (_degradation,),
    Overrule: (_overrule,),
    Agreement: (_agreement,),
    Target: (_target,),
}
"""The rules over one fact, by the kind of its statement."""


def _ratio(say: Say, name: str, value: Decimal | None) -> Iterator[Issue]:
    if value is not None and not 0 <= value <= _ONE:
        yield say("UP-RATIO", f"{name} is outside 0 % to 100 %")


def _loss(say: Say, loss: Decimal | None) -> Iterator[Issue]:
    if loss is not None and not 0 < loss <= _ONE:
        yield say("UP-RATIO", "loss must be above 0 % and at most 100 %")


def _not_negative(say: Say, **values: Decimal | None) -> Iterator[Issue]:
    for name, value in values.items():
        if value is not None and value < 0:
            yield say("UP-NEGATIVE", f"{name} cannot be negative")
