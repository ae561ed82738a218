"""CSV files and workbooks as people save them: units, dates, formats, hidden sheets, and cells that would run."""

from datetime import date
from decimal import Decimal

import pytest
from xlsxwriter.workbook import Workbook

from importers.importer import Defaults, Reading, SourceFile
from importers.native.outline import outline_of
from importers.native.sheet_writing import write_csv, write_xlsx
from importers.sheets import harmless, join_list, split_list
from tests.importers.sources import codes, csv_set, read_body, read_one, shown, statements
from tests.importers.workbooks import Rows, entity_rows, workbook
from topology.errors import IssueSeverity
from topology.facts import EntityStatement, Fact, Overrule
from topology.facts import Reading as OverruleReading
from topology.model import Agreement, Contact, EntityKind, Party, PartyKind, RequirementGroup, Target

ABOUT = "key,value\nsource,acme\n"
PERCENT = {"num_format": "0.00%"}


def availability(file: SourceFile) -> Decimal | None:
    reading = read_one(file)
    assert shown(reading) == []
    entity = statements(reading)["entity", "a"]
    assert isinstance(entity, EntityStatement)
    return entity.availability


@pytest.mark.parametrize("cell", [99.95, "99.95", "99.95%", "99,95 %"])
def test_a_percent_column_fixes_the_unit(cell: object) -> None:
    assert availability(workbook(entity_rows(["a", "service", cell]))) == Decimal("0.9995")


@pytest.mark.parametrize(("value", "ratio"), [(0.9995, "0.9995"), (1, "1"), (0.99999, "0.99999"), (0.5, "0.5")])
def test_a_percent_cell_holds_a_ratio_and_is_read_once(value: float, ratio: str) -> None:
    def shape(book: Workbook) -> None:
        book.worksheets()[1].write_number(1, 2, value, book.add_format(PERCENT))

    assert availability(workbook(entity_rows(["a", "service"]), shape)) == Decimal(ratio)


def test_a_percent_cell_whose_figure_already_is_a_percent_would_be_read_twice() -> None:
    def shape(book: Workbook) -> None:
        book.worksheets()[1].write_number(1, 2, 99.95, book.add_format(PERCENT))

    reading = read_one(workbook(entity_rows(["a", "service"], ["b", "service"]), shape))
    assert [(issue.code, str(issue.place)) for issue in reading.problems] == [
        ("UP-PERCENT-TWICE", "book.xlsx:entities!C2")
    ]
    assert [fact.id[1] for fact in reading.facts] == ["b"]


def test_a_target_in_percent_cells_units_and_ratios_is_one_figure() -> None:
    def shape(book: Workbook) -> None:
        sheet = book.worksheets()[2]
        sheet.write_number(1, 4, 0.9995, book.add_format(PERCENT))
        sheet.write_row(2, 4, [99.95, "%"])
        sheet.write_row(3, 4, [0.9995, "ratio"])
        sheet.write_row(4, 4, ["99,95 %"])
        sheet.write_number(5, 4, 0.9995, book.add_format(PERCENT))
        sheet.write_string(5, 5, "%")
        sheet.write_row(6, 4, [1, "ratio"])

    windows = ["calendar_month", "calendar_quarter", "calendar_year", "rolling_7d", "rolling_30d", "rolling_90d"]
    targets: Rows = [["u", "availability", window, ">="] for window in windows]
    sheets: dict[str, Rows] = {
        "about": [["key", "value"], ["source", "acme"]],
        "agreements": [["id", "type", "provider"], ["u", "uc", "v"]],
        "targets": [["agreement", "metric", "window", "operator", "value", "unit"], *targets],
    }
    reading = read_one(workbook(sheets, shape))
    assert shown(reading) == []
    values = {str(t.window): str(t.value) for t in statements(reading).values() if isinstance(t, Target)}
    assert values == {**dict.fromkeys(windows, "0.9995"), "rolling_90d": "1"}


def test_dates_of_spreadsheets_are_dates_and_the_last_day_of_all_is_an_open_end() -> None:
    def shape(book: Workbook) -> None:
        style = book.add_format({"num_format": "dd/mm/yyyy"})
        book.worksheets()[1].write_datetime(1, 3, date(2026, 3, 1), style)
        book.worksheets()[1].write_datetime(1, 4, date(9999, 12, 31), style)

    sheets: dict[str, Rows] = {
        "About": [["Key", "Value"], ["source", "acme"]],
        "Agreements ": [["ID", " Type", "provider", "start", "end"], ["u", "UC", "v"]],
    }
    reading = read_one(workbook(sheets, shape))
    assert shown(reading) == []
    agreement = statements(reading)["agreement", "u", "1"]
    assert isinstance(agreement, Agreement)
    assert (agreement.start, agreement.end) == (date(2026, 3, 1), None)


def test_a_formula_counts_with_its_cached_value() -> None:
    def shape(book: Workbook) -> None:
        book.worksheets()[1].write_formula(1, 2, "=99+0.95", None, 99.95)

    assert availability(workbook(entity_rows(["a", "service"]), shape)) == Decimal("0.9995")


def test_the_noise_of_floating_point_is_not_a_digit() -> None:
    def shape(book: Workbook) -> None:
        book.worksheets()[1].write_formula(1, 2, "=100*0.9995", None, 100 * 0.999499999999999999)

    assert availability(workbook(entity_rows(["a", "service"]), shape)) == Decimal("0.9995")


def test_hidden_and_unknown_sheets_are_told_of() -> None:
    sheets: dict[str, Rows] = {**entity_rows(["a", "service"]), "Notes": [["anything"]], "agreement": [["id"]]}
    reading = read_one(workbook(sheets, lambda book: book.worksheets()[1].very_hidden()))
    assert {(issue.code, issue.severity) for issue in reading.problems} == {
        ("UP-SHEET-UNKNOWN", IssueSeverity.WARNING),
        ("UP-SHEET-UNKNOWN", IssueSeverity.ERROR),
        ("UP-SHEET-HIDDEN", IssueSeverity.WARNING),
    }
    assert not reading.complete
    assert [fact.id[1] for fact in reading.facts] == ["a"]


def test_an_unknown_column_names_the_nearest_and_keeps_its_rows_out() -> None:
    reading = read_one(csv_set(about=ABOUT, entities="id,kind,critcality\na,service,high\nb,service,\n"))
    assert shown(reading) == [
        'entities.csv:C1: error UP-COLUMN-UNKNOWN: unknown column "critcality" in entities; did you mean "criticality"?'
    ]
    assert [fact.id[1] for fact in reading.facts] == ["b"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_is_read_with_a_byte_order_mark_and_any_usual_separator(mark: bytes, separator: str, end: str) -> None:
    def encoded(*rows: list[str]) -> bytes:
        return mark + "".join(separator.join(row) + end for row in rows).encode()

    files = [
        SourceFile("in/about.csv", encoded(["key", "value"], ["source", "acme"])),
        SourceFile("in/entities.csv", encoded(["id", "kind", "name"], ["a", "service", "Ærlig"], ["", "", ""])),
    ]
    reading = read_one(files)
    assert shown(reading) == []
    assert statements(reading)["entity", "a"] == EntityStatement("a", EntityKind.SERVICE, name="Ærlig")


def test_without_about_the_command_line_says_whose_facts_these_are() -> None:
    files = csv_set(entities="id,kind\na,service\n")
    reading = read_one(files, Defaults("acme", as_of=date(2026, 6, 30)))
    assert (reading.source, reading.as_of, codes(reading)) == ("acme", date(2026, 6, 30), [])
    assert codes(read_one(files)) == ["UP-SOURCE-QUESTION"]


def test_csv_files_of_two_folders_are_two_documents() -> None:
    one = [SourceFile(f"one/{f.name}", f.data) for f in csv_set(about=ABOUT, entities="id,kind\na,service\n")]
    two = [SourceFile(f"two/{f.name}", f.data) for f in csv_set(about=ABOUT, entities="id,kind\nb,service\n")]
    assert [fact.id[1] for fact in read_one([*one, *two]).facts] == ["a", "b"]


def test_several_contacts_of_a_party_stand_in_several_rows() -> None:
    reading = read_one(csv_set(about=ABOUT, parties="""\
        id,kind,name,contact_role,contact_phone
        v,vendor,Vendor,escalation,+47 1
        v,,,claims,+47 2
        w,vendor,,,
        """.replace("        ", "")))  # fmt: skip
    assert shown(reading) == []
    said = statements(reading)
    contacts = (Contact("escalation", phone="+47 1"), Contact("claims", phone="+47 2"))
    assert said["party", "v"] == Party("v", PartyKind.VENDOR, "Vendor", None, contacts)
    assert said["party", "w"] == Party("w", PartyKind.VENDOR, "w")


REQUIREMENTS = """\
subject,group,need,target,impact,loss_percent,tolerance
a,,all,b,outage,,
a,,,c,,,10 min
a,g7,any,d,outage,,
a,g7,any,e,outage,,
a,web,2,f,outage,,
a,web,2,g,outage,,
a,soft,all,h,degraded,5,
x:a,g1,all,x:b,none,,
x:a,g2,all,x:c,none;degraded,2.5,
x:a,dbs,1,x:d,none;outage,,
x:a,dbs,1,x:e,none;outage,,
"""


def test_rows_of_requirements_are_needs_degradations_and_overrules() -> None:
    reading = read_one(csv_set(about=ABOUT, entities="id,kind\na,service\n", requirements=REQUIREMENTS))
    assert shown(reading) == []
    said = statements(reading)
    groups = {s.name or "-".join(m.entity for m in s.members): s.required for s in said.values()
              if isinstance(s, RequirementGroup)}  # fmt: skip
    assert groups == {"b": 1, "c": 1, "d-e": 1, "web": 2}
    assert ("degradation", "a", "h") in said
    overrules = sorted((s for s in said.values() if isinstance(s, Overrule)), key=lambda o: o.suppliers)
    assert overrules == [
        Overrule("x:a", OverruleReading.NONE, ("x:b",)),
        Overrule("x:a", OverruleReading.DEGRADES, ("x:c",), Decimal("0.025")),
        Overrule("x:a", OverruleReading.GROUP, ("x:d", "x:e"), required=1, name="dbs"),
    ]


@pytest.mark.parametrize(
    ("rows", "code", "cell"),
    [
        ("a,web,2,b,outage\na,web,any,c,outage\n", "UP-ROWS-DIFFER", "C3"),
        ("a,web,0,b,outage\na,web,0,c,outage\n", "UP-GROUP-K", "C2"),
        ("a,web,3,b,outage\na,web,3,c,outage\n", "UP-GROUP-K", "C2"),
        ("a,web,any,b,outage\na,web,any,b,outage\n", "UP-GROUP-REPEAT", "D3"),
        ("a,g1,all,a,outage\n", "UP-NEED-SELF", "D2"),
        ("a,g1,all,b,outage\na,g2,all,b,outage\n", "UP-NEED-TWICE", "D3"),
        ("a,,any,b,outage\n", "UP-GROUP-NAME", "C2"),
        ("a,g1,some,b,outage\n", "UP-ENUM", "C2"),
        ("a,g1,all,b,outrage\n", "UP-ENUM", "E2"),
        ("a,g1,all,,outage\n", "UP-MISSING", "A2"),
        (",g1,all,b,outage\n", "UP-MISSING", "B2"),
    ],
)
def test_a_row_of_requirements_that_cannot_be_is_refused_at_its_cell(rows: str, code: str, cell: str) -> None:
    head = "subject,group,need,target,impact\n"
    reading = read_one(csv_set(about=ABOUT, entities="id,kind\na,service\n", requirements=head + rows))
    assert [(i.code, str(i.place)) for i in reading.problems] == [(code, f"requirements.csv:{cell}")]


def test_a_target_without_a_version_belongs_to_the_only_one_there_is() -> None:
    def read_with(agreements: str) -> list[str]:
        return codes(read_one(csv_set(
            about=ABOUT, agreements="id,version,type,provider\n" + agreements,
            targets="agreement,metric,operator,value,unit\nu,availability,>=,99.9,%\n",
        )))  # fmt: skip

    assert read_with("u,2,uc,v\n") == []
    assert read_with("u,1,uc,v\nu,2,uc,v\n") == ["UP-TARGET-AGREEMENT"]


RUNS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1"]


@pytest.mark.parametrize("text", RUNS)
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless_and_read_back(text: str) -> None:
    cell = harmless(text)
    assert cell.startswith("'")
    if "\r" in text:
        return
    facts = [Fact(EntityStatement("a", EntityKind.SERVICE, name=text), "acme")]
    files = write_csv(outline_of(facts, "acme"))
    assert statements(read_one([SourceFile(name, data) for name, data in files.items()])) == statements(facts)


def test_no_text_becomes_a_formula_or_a_link_in_a_workbook() -> None:
    names = [*RUNS[:5], "https://example.com", "mailto:a@b.example"]
    facts = [Fact(EntityStatement(f"e{n}", EntityKind.SERVICE, name=name), "acme") for n, name in enumerate(names)]
    file = SourceFile("acme.xlsx", write_xlsx(outline_of(facts, "acme")))
    assert statements(read_one(file)) == statements(facts)
    assert b"hyperlink" not in file.data


@pytest.mark.parametrize("text", ["-5", "+1.5", "99.9%", "a=b", "x", "'x"])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("items", [["a"], ["a;b", "c"], ['say "x"', "y"], ["a,b"], ["two\nlines"]])
def test_a_list_in_a_cell_is_taken_apart_as_it_was_put_together(items: list[str]) -> None:
    assert split_list(join_list(items)) == items


def own_availability(reading: Reading) -> Decimal | None:
    entity = statements(reading)["entity", "a"]
    assert isinstance(entity, EntityStatement)
    return entity.availability


@pytest.mark.parametrize(
    ("cell", "warned"), [("0.9995", True), ("1", True), ("49,9", True), ("0", True), ("1%", False), ("50", False)]
)
def test_so_little_in_a_percent_column_that_it_may_be_a_ratio_is_a_warning(cell: str, warned: bool) -> None:
    reading = read_one(csv_set(about=ABOUT, entities=f'id,kind,own_availability_percent\na,service,"{cell}"\n'))
    assert codes(reading) == ["UP-PERCENT-SMALL"] * warned
    assert reading.complete


def test_one_in_a_percent_column_is_one_percent_and_is_doubted() -> None:
    reading = read_one(csv_set(about=ABOUT, entities="id,kind,own_availability_percent\na,service,1\n"))
    assert own_availability(reading) == Decimal("0.01")
    doubt = "1 % is very little for an availability; it may be a ratio"
    hint = "the column is in percent: write 99.95, or 1% if it is meant"
    assert shown(reading) == [f"entities.csv:C2: warning UP-PERCENT-SMALL: {doubt}; {hint}"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_small_availability_is_written_so_that_reading_it_warns_of_nothing(form: str) -> None:
    whole = outline_of(read_body("entities:\n - {id: a, kind: service, availability: 30%}\n").facts, "acme")
    sheets = write_csv(whole).items() if form == "csv" else [("acme.xlsx", write_xlsx(whole))]
    again = read_one([SourceFile(name, data) for name, data in sheets])
    assert (shown(again), own_availability(again)) == ([], Decimal("0.3"))


def test_a_sheet_of_another_name_is_not_taken_for_the_one_that_is_spelled_a_little_like_it() -> None:
    reading = read_one(workbook({**entity_rows(["a", "service", 99.9]), "Notes": [["x"]]}))
    (problem,) = shown(reading)
    assert "did you mean" not in problem
    assert "known are about, " in problem
