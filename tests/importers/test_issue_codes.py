"""Every code of a problem is stable, documented, and met by a file that deserves it."""

import ast
import re
from pathlib import Path

import pytest

from importers.importer import Defaults, SourceFile
from importers.reading import collect
from importers.registry import read
from tests.importers.sources import csv_set, yaml_file
from tests.importers.workbooks import ENTITIES_PART, entity_rows, with_part, workbook

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"UP-[A-Z]+(?:-[A-Z]+)*")
ENTITY = "entities:\n - {id: a, kind: service, %s}\n"
AGREEMENT = "agreements:\n - {id: u, type: uc, provider: v, %s}\n"
TARGET = AGREEMENT % "targets: [{metric: availability, min: 99.9%%, %s}]"
ABOUT = "key,value\nsource,acme\n"

BODIES = {
    "UP-COUNTRY": AGREEMENT % "holidays: [QQ]",
    "UP-CREDITS": TARGET % "credits: {99.0: 10, 99.95: 25}",
    "UP-CURRENCY": ENTITY % "revenue_per_hour: 5 XXQ",
    "UP-DATE": AGREEMENT % "start: 2026-02-30",
    "UP-DATE-QUESTION": AGREEMENT % "start: 3/1/2025",
    "UP-DATES": AGREEMENT % "start: 2026-02-01, end: 2026-01-31",
    "UP-DURATION": ENTITY % "rto: 10",
    "UP-DURATION-QUESTION": ENTITY % "rto: 10 m",
    "UP-ENUM": ENTITY % "criticality: hihg",
    "UP-EXCLUDES": AGREEMENT % "excludes: [{shorter_than: 5 min, entities: [a]}]",
    "UP-FIGURE": ENTITY % "availability: 30",
    "UP-FIGURE-QUESTION": ENTITY % "availability: 1",
    "UP-GROUP-K": ENTITY % "needs: [{at_least: 3, of: [b, c]}]",
    "UP-GROUP-NAME": ENTITY % "needs: [{any: [b, c], name: g1}]",
    "UP-GROUP-REPEAT": ENTITY % "needs: [{any: [b, b]}]",
    "UP-HOURS": AGREEMENT % "service_hours: always",
    "UP-HOURS-ZONE": AGREEMENT % "service_hours: Mon-Fri 08:00-18:00",
    "UP-ID": "entities:\n - {id: A b, kind: service}\n",
    "UP-KEY-UNKNOWN": ENTITY % "ownr: b",
    "UP-MAINTENANCE": AGREEMENT % "maintenance: [{allowance: 4 h}]",
    "UP-MANY": "\n".join("x: 1" for _ in range(10_003)),
    "UP-MISSING": "entities:\n - {id: a}\n",
    "UP-MONEY": ENTITY % "revenue_per_hour: plenty",
    "UP-MONEY-QUESTION": ENTITY % 'revenue_per_hour: "12,000 EUR"',
    "UP-NEED-SELF": ENTITY % "needs: [a]",
    "UP-NEED-TWICE": ENTITY % "needs: [b, b]",
    "UP-NEGATIVE": ENTITY % "rto: -5 min",
    "UP-OVERRULE": "overrule:\n - {consumer: x:a, supplier: x:b, as: none, loss: 5%}\n",
    "UP-PARENT-CYCLE": "parties:\n - {id: a, kind: vendor, parent: a}\n",
    "UP-PERIOD": AGREEMENT % "notice: soon",
    "UP-RATIO": ENTITY % "availability: 101%",
    "UP-REF": "entities:\n - {id: a, ref: x:a, kind: service}\n",
    "UP-REF-EMPTY": "entities:\n - {ref: x:a}\n",
    "UP-SAME": "same: [[x:a, x:a]]\n",
    "UP-TARGET-VALUE": AGREEMENT % "targets: [{metric: availability}]",
    "UP-TEXT": ENTITY % r'name: "a\ab"',
    "UP-TWICE": ENTITY % "tier: 1" + " - {id: a, kind: service, tier: 2}\n",
    "UP-TYPE": ENTITY % "needs: b",
    "UP-WINDOW": TARGET % "window: rolling",
    "UP-YAML": "entities: [\n",
    "UP-YAML-ALIAS": "entities: *nothing\n",
    "UP-YAML-DEPTH": "entities: " + "[" * 200 + "]" * 200 + "\n",
    "UP-YAML-DUPLICATE": ENTITY % "tier: 1, tier: 2",
    "UP-YAML-KEY": ENTITY % "[x]: 1",
    "UP-YAML-TAG": ENTITY % "tier: !!python/object:os.system 1",
    "UP-ZONE": AGREEMENT % "timezone: Europe/Olso",
}
FILES = {
    "UP-ARCHIVE": [SourceFile("a.xlsx", b"PK\x03\x04 and then nothing")],
    "UP-CELL-ERROR": [
        with_part(
            workbook(entity_rows(["a", "service", 99.9])),
            ENTITIES_PART,
            lambda xml: re.sub(rb'<c r="C2">.*?</c>', b'<c r="C2" t="e"><v>#REF!</v></c>', xml),
        )
    ],
    "UP-CELL-EXTRA": csv_set(about=ABOUT, entities="id,kind\na,service,more\n"),
    "UP-CELL-FORMULA": [
        with_part(
            workbook(entity_rows(["a", "service", 99.9])),
            ENTITIES_PART,
            lambda xml: re.sub(rb'<c r="C2">.*?</c>', b'<c r="C2"><f>1+1</f></c>', xml),
        )
    ],
    "UP-CELL-LIST": csv_set(about=ABOUT, agreements='id,type,provider,covers\nu,uc,v,"a;""b"\n'),
    "UP-CELL-TIME": [
        workbook(
            {"about": [["key", "value"], ["source", "acme"]], "entities": [["id", "kind", "rto"], ["a", "service"]]},
            lambda book: book.worksheets()[1].write_number(1, 2, 0.25, book.add_format({"num_format": "hh:mm"})),
        )
    ],
    "UP-COLUMN-UNKNOWN": csv_set(about=ABOUT, entities="id,knd\na,service\n"),
    "UP-CSV": [*csv_set(about=ABOUT), SourceFile("entities.csv", b'id,kind\n"a,service\n')],
    "UP-EMPTY": [SourceFile("a.yaml", b"  \n")],
    "UP-ENCODING": [SourceFile("a.yaml", "underpin: 1\nsource: acme\n# Bodø".encode("cp1252"))],
    "UP-FORMAT": [SourceFile("a.txt", b"hello")],
    "UP-FORMAT-VERSION": [yaml_file("", head="underpin: 2\nsource: acme\n")],
    "UP-PERCENT-SMALL": csv_set(about=ABOUT, entities="id,kind,own_availability_percent\na,service,0.9995\n"),
    "UP-PERCENT-TWICE": [
        workbook(
            entity_rows(["a", "service"]),
            lambda book: book.worksheets()[1].write_number(1, 2, 99.9, book.add_format({"num_format": "0.00%"})),
        )
    ],
    "UP-RESTATED": [yaml_file(ENTITY % "tier: 1", "a.yaml"), yaml_file(ENTITY % "tier: 1", "b.yaml")],
    "UP-ROWS-DIFFER": csv_set(
        about=ABOUT, requirements="subject,group,need,target\na,web,1,b\na,web,2,c\n", entities="id,kind\na,service\n"
    ),
    "UP-SHEET-HIDDEN": [
        workbook(entity_rows(["a", "service", 99.9]), lambda book: book.worksheets()[1].hide()),
    ],
    "UP-SHEET-UNKNOWN": [workbook({**entity_rows(["a", "service", 99.9]), "Notes": [["x"]]})],
    "UP-SOURCE-QUESTION": [yaml_file("entities: []\n", head="underpin: 1\n")],
    "UP-TARGET-AGREEMENT": csv_set(about=ABOUT, targets="agreement,metric,operator,value\nu,availability,>=,99.9%\n"),
    "UP-XLSX": [with_part(workbook(entity_rows()), "xl/workbook.xml", lambda _: b"<nothing/>")],
    "UP-XLSX-SIZE": [
        with_part(
            workbook(entity_rows(["a", "service", 99.9])),
            ENTITIES_PART,
            lambda xml: xml.replace(b'"C2"', b'"XFD1048576"'),
        )
    ],
    "UP-XLSX-XML": [
        with_part(
            workbook(entity_rows()),
            ENTITIES_PART,
            lambda xml: xml.replace(b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "b">]><worksheet', 1),
        )
    ],
}
FOLDERS = ("UP-FILE", "UP-FILE-LINK", "UP-FILE-SIZE")


def codes_in(*packages: str) -> set[str]:
    """The codes that stand as texts in the code of these packages."""
    found: set[str] = set()
    for package in packages:
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
            found |= {text for text in texts if isinstance(text, str) and CODE.fullmatch(text)}
    return found


def met(files: list[SourceFile]) -> set[str]:
    return {issue.code for reading in read(files, Defaults()) for issue in reading.problems}


@pytest.mark.parametrize("code", sorted(BODIES))
def test_a_yaml_file_that_deserves_a_code_gets_that_code_and_no_other(code: str) -> None:
    others = {"UP-YAML-DUPLICATE"} if code == "UP-MANY" else set()
    assert met([yaml_file(BODIES[code])]) - others == {code}


@pytest.mark.parametrize("code", sorted(FILES))
def test_files_that_deserve_a_code_get_that_code_and_no_other(code: str) -> None:
    assert met(FILES[code]) == {code}


def test_files_that_cannot_be_opened_are_told_of(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.yaml").write_text("underpin: 1\n", encoding="utf-8")
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (inside / "large.yaml").write_text("underpin: 1\n" * 100, encoding="utf-8")
    files, issues = collect([inside, tmp_path / "missing.yaml"], max_bytes=1000)
    assert files == ()
    assert {issue.code for issue in issues} == set(FOLDERS)


def test_every_code_of_the_importers_has_a_file_that_deserves_it() -> None:
    assert codes_in("importers") == {*BODIES, *FILES, *FOLDERS}


def test_every_code_is_documented_and_no_other() -> None:
    table = (ROOT / "docs" / "issue-codes.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(UP-[A-Z-]+)` \|", table, flags=re.MULTILINE)
    assert documented == sorted(codes_in("importers", "topology", "risk", "underpin", "graphql_api"))
