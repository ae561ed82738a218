"""Agreements and their targets: from the document to statements."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Final

from importers import figures
from importers.figures import FigureError
from importers.native.checked import Where, check, spot_of
from importers.native.document import AgreementModel, ExclusionModel, MaintenanceModel, TargetModel
from importers.native.sink import Sink
from importers.tree import Items, Spot, Table
from topology.calendars import ServiceHours
from topology.model import (
    Agreement,
    AgreementLevel,
    AgreementStatus,
    Comparator,
    CreditKind,
    CreditTier,
    Exclusion,
    ExclusionKind,
    Maintenance,
    Measure,
    Target,
    default_extent,
)

RATIO_METRICS: Final = ("availability", "success_rate")
TIME_METRICS: Final = (
    "latency_p50", "latency_p95", "latency_p99", "response_time", "time_to_repair", "recovery_time", "recovery_point",
)  # fmt: skip
RATIO: Final = "ratio"
_PERCENT: Final = "%"


def read_agreement(table: Table, number: int, sink: Sink) -> None:
    """Send what one line of `agreements` says to the sink: the version first, then its targets.

    Where the agreement itself is refused its targets are left out too: nobody would know who promises them.
    """
    node = table.get("id")
    path = ("agreements", str(node)[:80] if isinstance(node, str) else str(number))
    where = Where(sink.file, path, sink.defaults.currency)
    checked = check(AgreementModel, table, where, sink.issues, frozenset({"targets"}))
    said, table = checked.value, checked.table
    if said is None:
        return
    possible = _is_possible(said, table, path, sink)
    agreement = _agreement(said, table, path, sink)
    if agreement is None or not possible or not checked.whole:
        sink = replace(sink, facts=[])
    if agreement is not None:
        sink.state(agreement, table.spot)
    lines = table.get("targets")
    for target, line in zip(said.targets or (), lines if isinstance(lines, Items) else (), strict=True):
        assert isinstance(line, Table)
        into = replace(sink, facts=[]) if line.flawed else sink
        _read_target(said, target, line, (*path, "targets"), into)


def _is_possible(said: AgreementModel, table: Table, path: tuple[str, ...], sink: Sink) -> bool:
    if said.start and said.end and said.end < said.start:
        message = f"ends on {said.end}, before it starts on {said.start}"
        sink.refuse("UP-DATES", message, (*path, "end"), spot_of(table, ("end",)), "end is the last day in force")
        return False
    return True


def _agreement(said: AgreementModel, table: Table, path: tuple[str, ...], sink: Sink) -> Agreement | None:
    _warn_of_zones(said, table, path, sink)
    maintenance = [
        _maintenance(m, spot_of(table, ("maintenance", n)), path, sink) for n, m in enumerate(said.maintenance or ())
    ]
    excludes = [_exclusion(e, spot_of(table, ("excludes", n)), path, sink) for n, e in enumerate(said.excludes or ())]
    if None in maintenance or None in excludes:
        return None
    return Agreement(
        key=said.id,
        version=said.version or 1,
        type=said.type,
        name=said.name or said.id,
        provider=said.provider,
        consumer=said.consumer,
        status=said.status or AgreementStatus.ACTIVE,
        start=said.start,
        end=said.end,
        auto_renew=said.auto_renew,
        notice=said.notice,
        notice_given=said.notice_given,
        level=said.level or AgreementLevel.SERVICE,
        precedence=said.precedence or 0,
        service_tier=said.service_tier,
        covers=said.covers or (),
        timezone=said.timezone or sink.defaults.timezone,
        service_hours=said.service_hours or sink.defaults.service_hours,
        holidays=said.holidays or (),
        maintenance=tuple(m for m in maintenance if m is not None),
        excludes=tuple(e for e in excludes if e is not None),
        fee=said.fee,
        credit_cap=said.credit_cap,
        claim_within=said.claim_within,
        doc=said.doc,
        note=said.note,
    )


def warn_of_zone(hours: str, zone: str | None, path: tuple[str, ...], spot: Spot, sink: Sink) -> None:
    """Doubt hours that are hours of no place in particular; they are kept, as hours of UTC."""
    if zone is None and not sink.defaults.says_zone and not ServiceHours.parse(hours).is_always:
        message = f'"{hours}" has no time zone, and is taken as {sink.defaults.timezone}'
        sink.warn("UP-HOURS-ZONE", message, path, spot, "write timezone: Europe/Oslo beside it, or under defaults")


def _warn_of_zones(said: AgreementModel, table: Table, path: tuple[str, ...], sink: Sink) -> None:
    if said.service_hours is not None:
        spot = spot_of(table, ("service_hours",))
        warn_of_zone(said.service_hours, said.timezone, (*path, "service_hours"), spot, sink)
    for number, slot in enumerate(said.maintenance or ()):
        if slot.weekly is not None:
            spot = spot_of(table, ("maintenance", number))
            warn_of_zone(slot.weekly, said.timezone, (*path, "maintenance"), spot, sink)


def _maintenance(said: MaintenanceModel, spot: Spot, path: tuple[str, ...], sink: Sink) -> Maintenance | None:
    if said.weekly is not None and said.allowance is None and said.per is None:
        return Maintenance(weekly=said.weekly)
    if said.weekly is None and said.allowance is not None and said.per is not None:
        return Maintenance(allowance=said.allowance, per=said.per)
    hint = 'write {weekly: "Sun 02:00-04:00"} or {allowance: 4 h, per: calendar_month}'
    sink.refuse("UP-MAINTENANCE", "maintenance is a weekly slot, or an allowance per window", path, spot, hint)
    return None


def _exclusion(said: ExclusionKind | ExclusionModel, spot: Spot, path: tuple[str, ...], sink: Sink) -> Exclusion | None:
    if isinstance(said, ExclusionKind):
        return Exclusion(said)
    if said.shorter_than is not None and said.entities is None:
        return Exclusion(ExclusionKind.SHORTER_THAN, minutes=said.shorter_than)
    if said.shorter_than is None and said.entities:
        return Exclusion(ExclusionKind.ENTITIES, entities=said.entities)
    hint = "write {shorter_than: 5 min} or {entities: [isp]}"
    sink.refuse("UP-EXCLUDES", "one exclusion has either a length or entities", path, spot, hint)
    return None


def _read_target(said: AgreementModel, target: TargetModel, table: Table, path: tuple[str, ...], sink: Sink) -> None:
    if target.metric is None:
        if table.flawed:
            return
        sink.refuse("UP-MISSING", '"metric" is missing', path, table.spot)
        return
    if (target.min is None) == (target.max is None):
        if table.flawed:
            return
        hint = "write min for the least, max for the most that is promised; two promises are two targets"
        sink.refuse("UP-TARGET-VALUE", "a target has one of min and max", path, table.spot, hint)
        return
    bound = "max" if target.min is None else "min"
    metric = known_metric(target.metric)
    try:
        value, unit = _value(metric, target.min or target.max or "")
    except FigureError as error:
        spot = spot_of(table, (bound,))
        sink.refuse(error.code, f"{bound}: {error.message}", (*path, bound), spot, error.hint)
        return
    tiers = _tiers(target, unit, table, path, sink)
    if tiers is None:
        return
    kind = target.credit_kind or (CreditKind.PERCENT_OF_FEE if tiers else None)
    sink.state(
        Target(
            agreement=said.id,
            version=said.version or 1,
            metric=metric,
            comparator=Comparator.AT_LEAST if bound == "min" else Comparator.AT_MOST,
            value=value,
            unit=unit,
            window=target.window or sink.defaults.window,
            extent=target.extent or said.extent or default_extent(said.type),
            covers=target.covers,
            measure=target.measure or Measure.TIME,
            credit_kind=kind,
            credits=tiers,
        ),
        table.spot,
    )


def known_metric(text: str) -> str:
    """The name of a metric; the known ones in any spelling of theirs."""
    asked = figures.tidy(text)
    plain = asked.lower().replace(" ", "_").replace("-", "_")
    return plain if plain in (*RATIO_METRICS, *TIME_METRICS) else asked


def _value(metric: str, text: str) -> tuple[Decimal, str]:
    if metric in RATIO_METRICS:
        value = figures.ratio(text)
        if value == 0:
            raise FigureError("UP-RATIO", "0 % promises nothing", "leave the target out")
        return value, RATIO
    value, unit = figures.quantity(text)
    if value < 0:
        raise FigureError("UP-NEGATIVE", f"{metric} cannot be negative")
    if metric in TIME_METRICS and not figures.is_time(unit):
        figures.unit_of_time(unit)
    return value, unit


def _tiers(
    target: TargetModel, unit: str, table: Table, path: tuple[str, ...], sink: Sink
) -> tuple[CreditTier, ...] | None:
    """The credit tiers, or None where they were refused."""
    if not target.credits:
        return ()
    spot, where = spot_of(table, ("credits",)), (*path, "credits")
    if unit not in (RATIO, _PERCENT):
        hint = "only a target in percent has tiers; describe others in the agreement's note"
        sink.refuse("UP-CREDITS", f"a tier is a percent, and {target.metric} is not", where, spot, hint)
        return None
    tiers = tuple(CreditTier(below, share) for below, share in target.credits.items())
    written = table["credits"]
    assert isinstance(written, Table)
    falls = all(a.below > b.below and a.share_of_fee < b.share_of_fee for a, b in pairwise(tiers))
    if falls and len(tiers) == len(written):
        return tiers
    hint = "write the highest first: {99.95: 10, 99.0: 25}"
    sink.refuse("UP-CREDITS", "credit tiers must fall, and owe more the lower they are", where, spot, hint)
    return None
