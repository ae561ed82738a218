"""What contracts get wrong most: each is told at its place, in every form, and nothing else is lost."""

from collections.abc import Callable

import pytest

from importers.figures import FigureError
from importers.importer import Reading, SourceFile
from importers.native.fields import window
from tests.importers.sources import csv_set, read_one, yaml_file
from tests.importers.workbooks import Rows, workbook
from topology.errors import IssueSeverity
from topology.model import Agreement, Target, Window, WindowKind

AGREEMENT_COLUMNS: list[object] = ["id", "type", "provider", "service_hours", "fee"]
TARGET_COLUMNS: list[object] = ["agreement", "covers", "metric", "operator", "value", "unit", "window", "credits"]
SOUND = {"service_hours": "", "fee": "", "window": "calendar_month", "credits": ""}
CASES = [
    # the column or key that is wrong, what is written there, its code, and whether it is kept all the same
    ("window", "rolling", "UP-WINDOW", False),
    ("service_hours", "Mon-Fri 08:00-18:00", "UP-HOURS-ZONE", True),
    ("credits", "99.0:10;99.95:25", "UP-CREDITS", False),
    ("fee", "2500 EUR + 100 USD per month", "UP-CURRENCY", False),
]


def rows(wrong: str, text: str) -> tuple[Rows, Rows]:
    """A contract that is wrong in one place, and a sound one after it."""
    said = SOUND | {wrong: text}
    agreements: Rows = [
        ["uc-1", "uc", "v", said["service_hours"], said["fee"]],
        ["uc-2", "uc", "v", "24x7", "5 EUR per month"],
    ]
    targets: Rows = [
        ["uc-1", "a", "availability", ">=", "99.9", "%", said["window"], said["credits"]],
        ["uc-1", "b", "availability", ">=", "99.9", "%", "", ""],
        ["uc-2", "a", "availability", ">=", "99.9", "%", "", "99.9:10"],
    ]
    return agreements, targets


def as_csv(wrong: str, text: str) -> list[SourceFile]:
    def lines(columns: list[object], body: Rows) -> str:
        return "\n".join(",".join(map(str, cells)) for cells in [columns, *body]) + "\n"

    agreements, targets = rows(wrong, text)
    return csv_set(
        about="key,value\nsource,acme\n",
        agreements=lines(AGREEMENT_COLUMNS, agreements),
        targets=lines(TARGET_COLUMNS, targets),
    )


def as_workbook(wrong: str, text: str) -> list[SourceFile]:
    agreements, targets = rows(wrong, text)
    about: Rows = [["key", "value"], ["source", "acme"]]
    return [
        workbook(
            {"about": about, "agreements": [AGREEMENT_COLUMNS, *agreements], "targets": [TARGET_COLUMNS, *targets]}
        )
    ]


def as_yaml(wrong: str, text: str) -> list[SourceFile]:
    said = {key: value for key, value in (SOUND | {wrong: text}).items() if value}
    credits_ = f", credits: {{{said['credits'].replace(':', ': ').replace(';', ', ')}}}" if "credits" in said else ""
    terms = "".join(f"    {key}: {said[key]}\n" for key in ("service_hours", "fee") if key in said)
    body = (
        "agreements:\n"
        "  - id: uc-1\n    type: uc\n    provider: v\n"
        f"{terms}"
        "    targets:\n"
        f"      - {{covers: a, metric: availability, min: 99.9%, window: {said['window']}{credits_}}}\n"
        "      - {covers: b, metric: availability, min: 99.9%}\n"
        "  - {id: uc-2, type: uc, provider: v, fee: 5 EUR per month, "
        "targets: [{covers: a, metric: availability, min: 99.9%, credits: {99.9: 10}}]}\n"
    )
    return [yaml_file(body)]


def kept(reading: Reading) -> set[tuple[str, str | None]]:
    """The agreements (None) and targets that were understood."""
    found: set[tuple[str, str | None]] = set()
    for fact in reading.facts:
        if isinstance(fact.statement, Agreement):
            found.add((fact.statement.key, None))
        elif isinstance(fact.statement, Target):
            found.add((fact.statement.agreement, fact.statement.covers))
    return found


EVERYTHING = {("uc-1", None), ("uc-1", "a"), ("uc-1", "b"), ("uc-2", None), ("uc-2", "a")}
LOST: dict[str, set[tuple[str, str | None]]] = {
    "window": {("uc-1", "a")},
    "credits": {("uc-1", "a")},
    # Nobody would know who promises the targets of an agreement that is refused.
    "fee": {("uc-1", None), ("uc-1", "a"), ("uc-1", "b")},
    "service_hours": set(),
}


@pytest.mark.parametrize(("wrong", "text", "code", "is_kept"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("form", [as_yaml, as_csv, as_workbook], ids=["yaml", "csv", "xlsx"])
def test_it_is_told_at_its_place_and_everything_beside_it_is_kept(
    form: Callable[[str, str], list[SourceFile]], wrong: str, text: str, code: str, is_kept: bool
) -> None:
    reading = read_one(form(wrong, text))
    (issue,) = reading.problems
    assert issue.code == code
    assert issue.severity is (IssueSeverity.WARNING if is_kept else IssueSeverity.ERROR)
    assert issue.place is not None
    if form is as_yaml:
        lines = form(wrong, text)[0].data.decode().splitlines()
        assert issue.place.line is not None
        assert (f"{wrong}: {{99.0: 10" if wrong == "credits" else f"{wrong}: {text}") in lines[issue.place.line - 1]
    else:
        sheet, columns = ("targets", TARGET_COLUMNS) if wrong in TARGET_COLUMNS else ("agreements", AGREEMENT_COLUMNS)
        assert issue.place.cell is not None
        assert issue.place.cell.endswith(f"{chr(ord('A') + columns.index(wrong))}2")
        assert sheet in str(issue.place)
    assert kept(reading) == EVERYTHING - LOST[wrong]
    # What is not whole takes nothing away: a source that was refused in part removes no fact.
    assert reading.complete is is_kept


def test_hours_with_a_zone_anywhere_are_not_doubted() -> None:
    beside = "agreements:\n - {id: u, type: uc, provider: v, service_hours: Mon-Fri 08:00-18:00, timezone: UTC}\n"
    above = "defaults: {timezone: Europe/Oslo}\n" + beside.replace(", timezone: UTC", "")
    always = beside.replace("Mon-Fri 08:00-18:00, timezone: UTC", "24x7")
    for body in (beside, above, always):
        assert read_one(yaml_file(body)).problems == ()


def test_default_hours_without_a_zone_are_doubted_once_and_slots_of_maintenance_too() -> None:
    default = "defaults: {service_hours: Mon-Fri 08:00-18:00}\n"
    two = "agreements:\n - {id: u, type: uc, provider: v}\n - {id: w, type: uc, provider: v}\n"
    (doubt,) = read_one(yaml_file(default + two)).problems
    assert str(doubt) == (
        'acme.yaml:3:27: warning UP-HOURS-ZONE: "Mon-Fri 08:00-18:00" has no time zone, and is taken as UTC; '
        "write timezone: Europe/Oslo beside it, or under defaults"
    )
    slot = 'agreements:\n - {id: u, type: uc, provider: v, maintenance: [{weekly: "Sun 02:00-04:00"}]}\n'
    assert [issue.code for issue in read_one(yaml_file(slot)).problems] == ["UP-HOURS-ZONE"]


@pytest.mark.parametrize("text", ["rolling_9999999d", "rolling_5", "rolling_0d", "rolling_-3d", "rolling_30m"])
def test_a_rolling_window_of_no_readable_days_is_told_how_it_is_written(text: str) -> None:
    with pytest.raises(FigureError) as wrong:
        window(text)
    assert wrong.value.message == f'"{text}" is no window'
    assert wrong.value.hint == "a rolling window is written rolling_30d, 1 to 3660 days"


@pytest.mark.parametrize("text", ["rolling_30d", "Rolling 30 days", "rolling_30 d"])
def test_a_rolling_window_is_read_as_people_write_it(text: str) -> None:
    assert window(text) == Window(WindowKind.ROLLING, 30)
