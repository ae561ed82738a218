"""The demo's tour: what one look at a company's graph should show, laid out in 40 lines of 100 columns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rich.cells import cell_len, set_cell_size

from topology.units import downtime_text, headroom_text, percent_text

LINES = 40
COLUMNS = 100
PROMISES = 10
POINTS = 10
MISSING = 6
UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """A promise to a customer and what becomes of it: unavailability `composite`, `headroom` in minutes."""

    agreement: str
    entity: str
    metric: str
    promised: str
    composite: Decimal | None
    headroom: Decimal | None
    verdict: str


@dataclass(frozen=True, slots=True)
class PointLine:
    """A single point of failure; `minutes` of downtime in 30 days that it contributes."""

    entity: str
    name: str
    minutes: Decimal | None
    hidden: bool


@dataclass(frozen=True, slots=True)
class MissingLine:
    """A figure that nobody stated, why not, and the transactions whose results it makes an upper bound."""

    entity: str
    reason: str
    transactions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TourView:
    """What the tour shows; `worst` is the entity whose promise is worst off, `points` and `missing` are its own."""

    company: str
    at: date
    counts: tuple[str, ...]
    promises: tuple[PromiseLine, ...]
    worst: str | None
    points: tuple[PointLine, ...]
    missing: tuple[MissingLine, ...]
    address: str


def lay_out(view: TourView) -> tuple[str, ...]:
    """The lines of the tour, at most 40 of at most 100 columns. Availability is rounded down, downtime up."""
    lines = (line.rstrip() for part in (_head, _promises, _points, _missing, _tail) for line in (*part(view), ""))
    return tuple(fitted(line, COLUMNS).rstrip() for line in lines)[:-1]


def fitted(text: str, width: int) -> str:
    """The text in exactly `width` columns of a terminal; what is cut ends in `...`."""
    return set_cell_size(text, width) if cell_len(text) <= width else f"{set_cell_size(text, width - 3)}..."


def table(rows: Sequence[Sequence[str]], widths: Sequence[int], right: Iterable[int] = ()) -> Iterator[str]:
    """Rows as lines: each column as wide as its widest cell, at most its width; those in `right` end at its right."""
    ends = set(right)
    columns = [min(most, max((cell_len(row[i]) for row in rows), default=0)) for i, most in enumerate(widths)]
    for row in rows:
        cells = (_aligned(cell, columns[i], i in ends) for i, cell in enumerate(row))
        yield ("  " + "  ".join(cells)).rstrip()


def _aligned(cell: str, width: int, right: bool) -> str:
    return " " * max(0, width - cell_len(cell)) + cell if right else fitted(cell, width)


def _head(view: TourView) -> Iterator[str]:
    yield fitted(view.company, 40).rstrip() + f" on {view.at}: " + ", ".join(view.counts) + "."


def _promises(view: TourView) -> Iterator[str]:
    if not view.promises:
        yield "No promise to a customer is stated: there is nothing to hold the graph against."
        return
    yield "What is promised to customers, and what the promises beneath it come to, worst first:"
    head = ("agreement", "promises of", "promised", "composite", "headroom", "verdict")
    rows = [head, *(_promise(line) for line in view.promises[:PROMISES])]
    yield from table(rows, (22, 22, 10, 12, 16, 12), right=(2, 3, 4))
    yield from _more(len(view.promises) - PROMISES, "promises")


def _promise(line: PromiseLine) -> tuple[str, ...]:
    composite = UNKNOWN if line.composite is None else percent_text(line.composite)
    headroom = UNKNOWN if line.headroom is None else headroom_text(line.headroom)
    covered = line.entity if line.metric == "availability" else f"{line.entity} ({line.metric})"
    return line.agreement, covered, line.promised, composite, headroom, line.verdict


def _points(view: TourView) -> Iterator[str]:
    if view.worst is None:
        return
    if not view.points:
        yield f"Nothing alone stops {view.worst}: it has no single point of failure."
        return
    many = f"any one of these {len(view.points)} stops" if len(view.points) > 1 else "this one alone stops"
    yield f"Behind the worst one, {many} {view.worst}; downtime in 30 days that each adds:"
    rows = [
        (point.entity, point.name, _minutes(point.minutes), "behind redundancy" if point.hidden else "")
        for point in view.points[:POINTS]
    ]
    yield from table(rows, (26, 32, 14, 18), right=(2,))
    yield from _more(len(view.points) - POINTS, "single points of failure")


def _minutes(minutes: Decimal | None) -> str:
    return UNKNOWN if minutes is None else downtime_text(minutes)


def _missing(view: TourView) -> Iterator[str]:
    if not view.missing:
        yield "No figure is missing."
        return
    yield "What is missing, and counts as if it never failed: results on it are upper bounds."
    rows = [(line.entity, line.reason, f"behind {', '.join(line.transactions)}") for line in view.missing[:MISSING]]
    yield from table(rows, (26, 32, 36))
    yield from _more(len(view.missing) - MISSING, "figures")


def _tail(view: TourView) -> Iterator[str]:
    yield f"Served as of {view.at} (--at). Open {view.address} in a browser; Ctrl-C stops."


def _more(rest: int, noun: str) -> Iterator[str]:
    if rest > 0:
        yield f"  ... and {rest} more {noun}"
