"""How a verdict comes about, in lines that a person can follow with a pocket calculator."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from risk.agreements.agreed_time import CommittedTime, Untimed, agreed_time, service_parts
from risk.agreements.incident_limits import limit_of
from risk.allowance import AllowanceTerm, AllowanceTerms
from risk.chains import ChainStep
from risk.explanation import Addend, Explanation, LinkExplained, OwnExplained
from risk.results import Commitment, LinkHeadroom
from risk.terms import FigureOrigin, Verdict
from risk.wording import why_missing
from topology.model import Agreement, Extent, Target
from topology.units import minutes, plain
from underpin.promises import figure_text
from underpin.told import reasons_text

_EXTENT = {Extent.INTRINSIC: "own faults only", Extent.END_TO_END: "its suppliers included"}


def explanation_lines(found: Explanation) -> Iterator[str]:
    """All that a commitment's verdict rests on: agreement versions, budgets, and each formula with its numbers."""
    about, headroom = found.commitment, found.headroom
    because = f" ({reasons_text(headroom.reasons)})" if headroom.reasons else ""
    yield f"{about.key}: {headroom.verdict.upper()}{because}"
    yield ""
    yield f"  {_version(about.agreement)} promises {figure_text(about.target)} {about.target.metric} of {about.entity}."
    if found.time is None or found.unavailability is None:
        yield from _not_availability(found)
        return
    yield from _budget(about, found.time)
    yield ""
    if found.links:
        yield "  Suppliers: what each one's own contract allows in that window, and what it leaves of the budget."
    else:
        yield "  Suppliers: none with a contract of its own, or that should have one."
    for item in found.links:
        yield from _link(item, about, found.time)
    yield ""
    yield from _expected(found, found.time, found.unavailability)
    yield ""
    yield from _guaranteed(found, found.time)
    yield f"  {_conclusion(found)}"


def _not_availability(found: Explanation) -> Iterator[str]:
    """A promise about each incident is held against the chain beneath it; any other metric against nothing."""
    limit, expected = limit_of(found.commitment.target), found.headroom.expected_minutes
    if limit is None or expected is None:
        yield "  It is not minutes of availability, and held against none; metrics are never mixed."
        return
    chain = _number(limit - expected)
    agreement = found.commitment.agreement
    yield f"  For each incident at most {_number(limit)} min, of the time that counts: {_hours(agreement)}."
    yield f"  The longest chain beneath it, handoffs and its suppliers' own targets, takes {chain} min of these:"
    parts: list[Decimal] = []
    for step in found.chain:
        yield from _step(step)
        parts += [step.handoff, step.minutes] if step.handoff else [step.minutes]
    yield f"    {' + '.join(map(_number, parts))} = {chain} min"
    yield f"    H_e = {_number(limit)} - {chain} = {_signed(expected)} min"
    yield f"  Verdict: {found.headroom.verdict.upper()}."


def _step(step: ChainStep) -> Iterator[str]:
    """One step of a chain: what handing over takes, whose target it is, and what that is of the time that counts."""
    handoff = f" in {_number(step.handoff)} min" if step.handoff else ""
    yield f"    {step.consumer} hands over to {step.supplier}{handoff}."
    if step.agreement is None or step.target is None:
        why = f"nothing is promised of {step.supplier} ({reasons_text(step.missing)}), counted as 0 min"
        yield f"      {why if step.missing else f'{step.supplier} has no work of its own: 0 min'}"
        return
    promised = f"promises {figure_text(step.target)}, {_EXTENT[step.target.extent]}"
    yield f"      {_version(step.agreement)} {promised}, {_hours(step.agreement)}:"
    yield f"      at the worst beginning {_number(step.minutes)} min of the time that counts"


def _hours(agreement: Agreement) -> str:
    """When an agreement counts, as it states it."""
    closed = f" but {', '.join(agreement.holidays)}" if agreement.holidays else ""
    return f"in its service hours {agreement.service_hours}{closed} ({agreement.timezone})"


def _budget(about: Commitment, time: CommittedTime) -> Iterator[str]:
    agreement, counted = about.agreement, _number(time.service_minutes)
    yield f"  Window: {about.target.window}, {_span(time.shown.start, time.shown.end)} ({time.time.where.key})."
    yield f"  S_C = {counted} min of it count: service hours {agreement.service_hours}."
    yield from _taken_off(agreement, time)
    budget = (1 - about.target.value) * time.service_minutes
    yield f"  Budget B_C = (1 - t_C) S_C = (1 - {plain(about.target.value)}) x {counted} = {_number(budget)} min."


def _taken_off(agreement: Agreement, time: CommittedTime) -> Iterator[str]:
    """What of its own service hours a commitment does not count; nothing where it counts them all."""
    parts = service_parts(time)
    slots = " and ".join(str(slot) for slot in time.time.slots)
    allowed = " and ".join(_allowance_text(each) for each in time.time.untimed)
    off = [
        (parts.closed, f"on holidays ({', '.join(agreement.holidays)})"),
        (parts.planned, f"of its maintenance ({slots})"),
        (parts.allowed, f"of maintenance that it allows itself ({allowed})"),
    ]
    taken = [(minutes, what) for minutes, what in off if minutes]
    if taken:
        formula = " - ".join(_number(minutes) for minutes in (parts.hours, *(minutes for minutes, _ in taken)))
        named = ", ".join(f"{_number(minutes)} {what}" for minutes, what in taken)
        yield f"    S_C = {formula} = {_number(time.service_minutes)} min: service hours less {named}."


def _allowance_text(allowance: Untimed) -> str:
    return f"{_number(allowance.minutes)} min in each {allowance.per}"


def _counts(agreement: Agreement, target: Target, ours: CommittedTime) -> Iterator[str]:
    """What time a supplier's agreement counts, where that is not every minute by the commitment's own clock."""
    theirs = agreed_time(agreement, target.window)
    if theirs.is_even and theirs.where.key == ours.time.where.key:
        return
    planned = [str(slot) for slot in theirs.slots] + [_allowance_text(each) for each in theirs.untimed]
    less = f", without its maintenance ({' and '.join(planned)})" if planned else ""
    yield f"      counted {_hours(agreement)}{less}"


def _link(item: LinkExplained, about: Commitment, time: CommittedTime) -> Iterator[str]:
    link = item.link
    yield f"    {_verdict(link)}"
    if link.agreement is not None and link.target is not None:
        extent = _EXTENT[link.target.extent]
        promised = f"promises {figure_text(link.target)}, {extent}, window {link.target.window}"
        yield f"      {_version(link.agreement)} {promised}."
        if item.terms is not None:
            yield from _counts(link.agreement, link.target, time)
    elif link.agreement is not None:
        yield f"      {_version(link.agreement)} is in force and promises nothing that can be compared."
    if item.terms is not None and link.target is not None and link.allowance is not None:
        yield from _allowance(item.terms, link.target.value, link.allowance, time)
    elif link.allowance is not None:
        counted = _number(time.service_minutes)
        stated = 1 - link.allowance / time.service_minutes if time.service_minutes else Decimal(1)
        yield f"      Nothing is agreed; stated is a = {_ratio(stated)}:"
        yield f"      (1 - a) S_C = (1 - {_ratio(stated)}) x {counted} = {_number(link.allowance)} min"
    if link.headroom is not None and link.allowance is not None and about.budget is not None:
        shown = f"{_number(about.budget)} - {_number(link.allowance)}"
        yield f"      h = B_C - allow = {shown} = {_signed(link.headroom)} min"


def _allowance(terms: AllowanceTerms, promised: Decimal, allowed: Decimal, time: CommittedTime) -> Iterator[str]:
    """The sum that an allowance is; in one line where the supplier's window is the commitment's own."""
    one = terms.windows[0] if len(terms.windows) == 1 and not (terms.free or terms.rolling) else None
    if one is not None and one.agreed is not None and one.budget <= one.inside:
        yield f"      allow = b = {_share(one, promised)} min"
        return
    if not time.is_fixed:
        yield f"      at its worst in {_span(terms.start, terms.end)}:"
    for term in terms.windows:
        what = "maintenance, at most" if term.agreed is None else "b ="
        share = _number(term.budget) if term.agreed is None else _share(term, promised)
        yield (
            f"      {_span(term.start, term.end)}: {what} {share} min, {_number(term.inside)} min inside: "
            f"{_number(term.minutes)} min"
        )
    if terms.rolling:
        yield f"      of its rolling windows, q b + min(b, r): {_number(terms.rolling)} min"
    yield f"      free of its promise (outside its hours, in its maintenance): {_number(terms.free)} min"
    parts = [*(term.minutes for term in terms.windows), *([terms.rolling] if terms.rolling else []), terms.free]
    most = f"min(S_C = {_number(time.service_minutes)}, {' + '.join(map(_number, parts))})"
    yield f"      allow = {most} = {_number(allowed)} min"


def _expected(found: Explanation, time: CommittedTime, unavailability: Decimal) -> Iterator[str]:
    about, counted = found.commitment, _number(time.service_minutes)
    yield "  Expected: failures independent, everybody merely as good as promised. What A is made of:"
    yield from (f"    {_own(item)}" for item in found.own)
    yield f"    A({about.entity}) = {_ratio(1 - unavailability)}, so that 1 - A = {plain(unavailability)}"
    shown = f"({_ratio(1 - unavailability)} - {plain(about.target.value)}) x {counted}"
    expected = found.headroom.expected_minutes
    assert expected is not None
    yield f"    H_e = (A - t_C) S_C = {shown} = {_signed(expected)} min"


def _own(item: OwnExplained) -> str:
    needs = "" if item.needs is None else f"; needs {item.needs}"
    return f"{item.entity}: {_origin(item)}{needs}"


def _origin(item: OwnExplained) -> str:
    figure = item.figure
    if figure.value is None:
        why = f" ({why_missing(figure.missing)})" if figure.missing is not None else ""
        return f"unknown{why}, counted as 1"
    if figure.origin is FigureOrigin.NONE_NEEDED:
        return "no faults of its own"
    agreement = figure.agreement
    where = "stated" if agreement is None else f"of {agreement.key} version {agreement.version}"
    if figure.extent is Extent.END_TO_END and item.needs is not None:
        return f"{plain(figure.value)} {where}, its suppliers included: its own part is {_ratio(item.ratio)}"
    return f"{plain(figure.value)} {where}"


def _guaranteed(found: Explanation, time: CommittedTime) -> Iterator[str]:
    guaranteed, budget = found.headroom.guaranteed_minutes, found.commitment.budget
    assert guaranteed is not None
    assert budget is not None
    yield "  Guaranteed: however failures fall together. What the promises alone allow, single points and itself first:"
    unknown = {item.entity for item in found.own if item.figure.value is None}
    for item in sorted(found.addends, key=lambda addend: addend.required is not None):
        is_open = item.required is None and item.entity in unknown and item.minutes == time.service_minutes
        yield f"    {_addend(item)}{' (nothing is promised: all of S_C)' if is_open else ''}"
    total = sum((item.minutes for item in found.addends), Decimal(0))
    capped = f", at most S_C: {_number(time.service_minutes)} min" if total > time.service_minutes else ""
    yield f"    together {_number(total)} min{capped}"
    taken = min(total, time.service_minutes)
    yield f"    H_g = B_C - that = {_number(budget)} - {_number(taken)} = {_signed(guaranteed)} min"


def _addend(item: Addend) -> str:
    if item.covers is not None:
        own, beneath = map(_number, item.covers)
        return f"{item.entity}, its suppliers included: the larger of its own {own} and their {beneath} min"
    if item.required is None:
        return f"{item.entity}: {_number(item.minutes)} min"
    members = ", ".join(f"{key} {_number(allowed)}" for key, allowed in item.members)
    ordered = sorted(allowed for _, allowed in item.members)
    failures = len(ordered) - item.required + 1
    tried = [
        f"({' + '.join(map(_number, ordered[: len(ordered) - rest]))}) / {failures - rest}" for rest in range(failures)
    ]
    least = f"the least of {' and '.join(tried)}" if len(tried) > 1 else tried[0]
    needed = f"{item.entity} needs {item.required} of ({members})"
    return f"{needed}, {failures} must be down at once: {least} = {_number(item.minutes)} min"


def _conclusion(found: Explanation) -> str:
    headroom = found.headroom
    assert headroom.expected_minutes is not None
    unknown = ", ".join(item.entity for item in found.own if item.figure.value is None)
    match headroom.verdict:
        case Verdict.SHORTFALL:
            why = "H_e is below 0"
        case Verdict.UNKNOWN:
            why = (
                f"H_e is not below 0, but it rests on what is unknown: {', '.join(unknown) or 'a figure for the tier'}"
            )
        case Verdict.THIN:
            why = "H_e is not below 0, and H_g is"
        case _:
            why = "neither H_e nor H_g is below 0"
    return f"Verdict: {why}: {headroom.verdict.upper()}."


def _verdict(link: LinkHeadroom) -> str:
    because = f" ({reasons_text(link.reasons)})" if link.reasons else ""
    return f"{link.supplier}: {link.verdict.upper()}{because}"


def _version(agreement: Agreement) -> str:
    begins = "" if agreement.start is None else f" from {agreement.start}"
    ends = "" if agreement.end is None else f" to {agreement.end}"
    return (
        f"{agreement.key} version {agreement.version} ({agreement.type.upper()} of {agreement.provider}{begins}{ends})"
    )


def _share(term: AllowanceTerm, promised: Decimal) -> str:
    assert term.agreed is not None
    return f"(1 - {plain(promised)}) x {_number(term.agreed)} = {_number(term.budget)}"


def _span(start: float | Decimal, end: float | Decimal) -> str:
    return f"{_instant(start)} to {_instant(end)}"


def _instant(seconds: float | Decimal) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%MZ")


def _number(value: Decimal) -> str:
    return plain(minutes(value))


def _signed(value: Decimal) -> str:
    return f"{'+' if value >= 0 else ''}{_number(value)}"


def _ratio(value: Decimal) -> str:
    return plain(value)
