"""The rules of importing, those that lie in reading: each test is named after its rule."""

import random
from datetime import date
from pathlib import Path

import pytest

from importers.importer import Defaults, SourceFile, change_set
from importers.registry import read
from tests.importers.sources import HEAD, codes, csv_set, read_body, read_one, shown, statements, yaml_file
from topology.changes import Extent
from topology.errors import IssueSeverity
from topology.facts import About, EntityStatement, FactBasis, Overrule, Same
from topology.facts import Reading as OverruleReading
from topology.model import RequirementGroup
from topology.planning import plan
from topology.snapshot import EMPTY, apply

WINDOWS = ("calendar_month", "calendar_quarter", "calendar_year", "contract_year", "rolling_Nd", "per_incident")
SERVICE = "entities:\n - {id: %s, kind: service}\n"


def test_rule_1_reading_makes_one_full_change_set_of_a_source_and_scope() -> None:
    change = change_set(read_body("scope: payments\n" + SERVICE % "a"))
    assert (change.source, change.scope, change.extent, change.complete) == ("acme", "payments", Extent.FULL, True)


def test_rule_2_the_same_bytes_twice_are_an_empty_plan(larkspur: Path) -> None:
    file = SourceFile("a.yaml", (larkspur / "larkspur.underpin.yaml").read_bytes())
    first = plan(EMPTY, change_set(read_one(file)))
    again = plan(first.after, change_set(read_one(file)))
    assert again.summary.is_empty
    assert again.summary.unchanged == first.summary.added


def test_rule_2_shuffled_rows_documents_and_files_are_the_same_facts(larkspur: Path) -> None:
    files = [SourceFile(path.name, path.read_bytes()) for path in sorted(larkspur.glob("*.csv"))]
    plain = read_one(files)
    dice = random.Random(7)
    shuffled = []
    for file in files:
        head, *rows = file.data.decode().splitlines()
        dice.shuffle(rows)
        shuffled.append(SourceFile(file.name, "\n".join([head, *rows]).encode()))
    dice.shuffle(shuffled)
    assert statements(read_one(shuffled)) == statements(plain)
    documents = [HEAD + SERVICE % name for name in ("a", "b", "c")]
    one = read_one(SourceFile("x.yaml", "---\n".join(documents).encode()))
    other = read_one(SourceFile("x.yaml", "---\n".join(reversed(documents)).encode()))
    apart = read_one([SourceFile(f"{n}.yaml", text.encode()) for n, text in enumerate(documents)])
    assert [f.statement for f in one.facts] == [f.statement for f in other.facts] == [f.statement for f in apart.facts]
    assert len(one.facts) == 3


def test_rule_3_several_sources_and_scopes_in_one_call_are_readings_of_their_own() -> None:
    files = [
        yaml_file(SERVICE % "a", "1.yaml", "underpin: 1\nsource: one\n"),
        yaml_file(SERVICE % "b", "2.yaml", "underpin: 1\nsource: two\nscope: s\n"),
        yaml_file(SERVICE % "c", "3.yaml", "underpin: 1\nsource: one\n"),
    ]
    readings = read(files)
    assert [(r.source, r.scope, [f.id[1] for f in r.facts]) for r in readings] == [
        ("one", "", ["a", "c"]),
        ("two", "s", ["b"]),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        SourceFile("b.yaml", b"underpin: 1\nsource: acme\nentities: [\n"),
        SourceFile("b.xlsx", b"PK\x03\x04cut off"),
        SourceFile("b.yaml", "underpin: 1\nsource: acme # Bodø".encode("cp1252")),
        yaml_file("entities:\n - {id: b}\n", "b.yaml"),
    ],
)
def test_rule_4_an_unreadable_file_or_an_error_row_makes_no_reading_complete(broken: SourceFile) -> None:
    readings = read([yaml_file(SERVICE % "a"), broken])
    (acme,) = (reading for reading in readings if reading.source == "acme")
    assert [fact.id[1] for fact in acme.facts] == ["a"]
    assert not acme.complete
    assert not change_set(acme).complete


def test_rule_4_a_warning_keeps_a_reading_complete() -> None:
    reading = read_one(csv_set(
        about="key,value\nsource,acme\n", entities="id,kind,own_availability_percent\na,service,0.9995\n"
    ))  # fmt: skip
    assert [issue.severity for issue in reading.problems] == [IssueSeverity.WARNING]
    assert reading.complete


def test_rule_5_a_native_source_gives_the_bare_id_as_key() -> None:
    assert [fact.id for fact in read_body(SERVICE % "orders").facts] == [("entity", "orders")]


def test_rule_5_the_same_key_under_a_new_name_is_a_rename() -> None:
    before = plan(EMPTY, change_set(read_body("entities:\n - {id: a, kind: service, name: Old}\n"))).after
    renamed = plan(before, change_set(read_body("entities:\n - {id: a, kind: service, name: New}\n")))
    assert (renamed.summary.added, renamed.summary.changed, renamed.summary.removed) == (0, 1, 0)


def test_rule_5_an_overlay_adds_to_another_sources_entity() -> None:
    reading = read_body("""\
        entities:
          - {ref: "backstage:component:default/orders", availability: 99.9%, needs: [orders-db]}
        same: [[acme:orders, "backstage:component:default/orders"]]
        overrule:
          - {consumer: "backstage:c", supplier: "backstage:docs", as: none}
          - {consumer: "backstage:c", supplier: "backstage:cache", as: degrades, loss: 5%}
          - {consumer: "backstage:c", as: {at_least: 1, of: ["backstage:b", "backstage:a"], name: databases}}
        """)
    assert shown(reading) == []
    said = statements(reading)
    overlay = said["entity", "backstage:component:default/orders", "ref"]
    assert isinstance(overlay, EntityStatement)
    assert (overlay.kind, str(overlay.availability)) == (None, "0.999")
    assert ("group", "backstage:component:default/orders", "", "orders-db") in said
    assert said["same", "acme:orders", "backstage:component:default/orders"] == Same(
        "acme:orders", "backstage:component:default/orders"
    )
    readings = [s.reading for s in said.values() if isinstance(s, Overrule)]
    assert sorted(readings) == [OverruleReading.DEGRADES, OverruleReading.GROUP, OverruleReading.NONE]
    group = said["overrule", "backstage:c", "backstage:a", "backstage:b"]
    assert group == Overrule(
        "backstage:c", OverruleReading.GROUP, ("backstage:a", "backstage:b"), required=1, name="databases"
    )


def test_rule_5_keys_with_their_source_in_front_stay_as_written() -> None:
    (group,) = (f.statement for f in read_body(
        "entities:\n - {id: a, kind: service, needs: [acme:orders]}\n"
    ).facts if isinstance(f.statement, RequirementGroup))  # fmt: skip
    assert group.members[0].entity == "acme:orders"


def test_rule_6_what_is_referred_to_and_described_nowhere_is_no_problem_of_reading() -> None:
    reading = read_body("entities:\n - {id: a, kind: service, needs: [nowhere], owner: nobody}\n")
    assert reading.complete
    assert {stub.id[1] for stub in plan(EMPTY, change_set(reading)).stubs} == {"nowhere", "nobody"}


def test_rule_8_all_problems_of_a_file_are_told_at_their_places_and_good_rows_proceed() -> None:
    reading = read_body("""\
        parties:
          - {id: v, kind: vendr}
        entities:
          - {id: good, kind: service, needs: [{entity: x, tolerates: 10}, y]}
          - {id: bad, kind: service, avialability: 99.9%, tier: zero}
          - {kind: service}
        agreements:
          - id: u
            type: uc
            provider: v
            start: 2026-02-01
            end: 2026-01-01
            fee: much
            targets: [{metric: availability, min: 1, window: rolling}]
        """)
    assert shown(reading) == [
        (
            'acme.yaml:4:19: error UP-ENUM: kind: "vendr" is not one of self, team, vendor, customer; '
            'did you mean "vendor"?'
        ),
        'acme.yaml:6:62: error UP-DURATION: tolerates: "10" has no unit; write 10 min, or s, h, d',
        'acme.yaml:7:30: error UP-KEY-UNKNOWN: unknown key "avialability"; did you mean "availability"?',
        'acme.yaml:7:57: error UP-FIGURE: tier: "zero" is not a number; write digits, such as 99.95',
        'acme.yaml:8:5: error UP-MISSING: "id" is missing; write id, or ref for another source\'s entity',
        (
            "acme.yaml:14:10: error UP-DATES: ends on 2026-01-01, before it starts on 2026-02-01; "
            "end is the last day in force"
        ),
        'acme.yaml:15:10: error UP-MONEY: fee: "much" does not say for which period; write 2500 EUR per month',
        "acme.yaml:16:43: error UP-FIGURE-QUESTION: min: is 1 the ratio 1 (100 %), or 1 %?; write 100% or 1%",
        'acme.yaml:16:54: error UP-WINDOW: window: "rolling" is a window without a length; write rolling_30d',
    ]
    assert set(statements(reading)) == {("entity", "good"), ("group", "good", "", "y")}


def test_rule_8_a_problem_of_a_sheet_names_file_and_cell() -> None:
    reading = read_one(csv_set(
        about="key,value\nsource,acme\n",
        entities="id,kind,own_availability_percent\na,service,99.9\nb,servise,101\n",
        requirements="subject,group,need,target,impact\na,web,2,x,outage\na,web,1,y,outage\n",
    ))  # fmt: skip
    assert [(issue.code, str(issue.place)) for issue in reading.problems] == [
        ("UP-ENUM", "entities.csv:B3"),
        ("UP-RATIO", "entities.csv:C3"),
        ("UP-ROWS-DIFFER", "requirements.csv:C3"),
    ]


def test_rule_9_every_fact_answers_who_says_so() -> None:
    (fact,) = read_body(SERVICE % "a").facts
    assert (fact.source, fact.scope, str(fact.place), fact.basis) == ("acme", "", "acme.yaml:4:4", FactBasis.DECLARED)


def test_rule_9_the_date_that_a_source_describes_is_the_latest_that_its_files_state() -> None:
    files = [yaml_file(f"as_of: 2026-0{n}-30\n", f"{n}.yaml") for n in (3, 6, 4)]
    (fact,) = read_one(files, Defaults(as_of=date(2030, 1, 1))).facts
    assert fact.statement == About("acme", "", date(2026, 6, 30))
    assert str(fact.place) == "6.yaml:3:8"


def test_rule_10_components_without_dependencies_are_told_of() -> None:
    body = "entities:\n" + "".join(f" - {{id: c{n}, kind: component, owner: t}}\n" for n in range(308))
    assert read_body(body).absent[0] == (
        "308 components, 0 dependencies declared: availability cannot be computed from this source alone"
    )


def test_rule_10_a_source_with_nothing_in_it_says_so() -> None:
    reading = read_body("entities:\n")
    assert reading.complete
    assert reading.absent == ("there is nothing in it: no party, no entity, no agreement",)


def test_rule_11_a_file_without_a_source_is_a_question_that_the_command_line_answers() -> None:
    file = yaml_file(SERVICE % "a", head="underpin: 1\n")
    (asked,) = read([file])
    assert (asked.source, codes(asked)) == ("", ["UP-SOURCE-QUESTION"])
    answered = read_one(file, Defaults(source="acme", scope="s"))
    assert (answered.source, answered.scope, codes(answered)) == ("acme", "s", [])
    contradicted = read_one(yaml_file(SERVICE % "a"), Defaults(source="other"))
    assert codes(contradicted) == ["UP-SOURCE-QUESTION"]


def test_one_thing_defined_twice_is_refused_and_the_first_in_file_order_is_kept() -> None:
    one = yaml_file("entities:\n - {id: a, kind: service, tier: 1}\n", "one.yaml")
    two = yaml_file("entities:\n - {id: a, kind: service, tier: 2}\n", "two.yaml")
    for files in ([one, two], [two, one]):
        reading = read_one(files)
        assert shown(reading) == [
            'two.yaml:4:4: error UP-TWICE: entity "a" is defined twice; it stands before, at one.yaml:4:4'
        ]
        assert [fact.statement.tier for fact in reading.facts if isinstance(fact.statement, EntityStatement)] == [1]


def test_a_folder_of_all_three_forms_is_read_once_with_a_warning(larkspur: Path) -> None:
    files = [SourceFile(p.name, p.read_bytes()) for p in larkspur.iterdir() if p.suffix != ".json"]
    reading = read_one(files)
    assert reading.complete
    assert {issue.code for issue in reading.problems} == {"UP-RESTATED"}
    assert apply(EMPTY, reading.facts, (), revision=1).entities.keys() >= {"checkout", "az-a"}


def test_a_strange_file_is_an_error_when_named_and_a_warning_when_met_on_a_walk() -> None:
    good = yaml_file(SERVICE % "a")
    named = read([good, SourceFile("compose.yaml", b"services: {}\n")])
    met = read([good, SourceFile("compose.yaml", b"services: {}\n", named=False)])
    assert [issue.severity for reading in named for issue in reading.problems] == [IssueSeverity.ERROR]
    assert [issue.severity for reading in met for issue in reading.problems] == [IssueSeverity.WARNING]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("entities:\n - {id: a, kind: service, needs: a1}\n", "UP-TYPE: needs: a list is expected here; write [a1]"),
        (
            'agreements:\n - {id: u, type: uc, provider: v, covers: "*"}\n',
            'UP-TYPE: covers: a list is expected here; write ["*"]',
        ),
        (
            "entities:\n - {id: a, kind: service, needs: {any: [b]}}\n",
            "UP-TYPE: needs: a list is expected here; write it within [ ]",
        ),
        (
            f"entities:\n - {{id: a, kind: service, availability: 99.{'9' * 40}}}\n",
            f'UP-FIGURE: availability: "99.{"9" * 37}..." has too many digits; 40 characters are the most',
        ),
        (
            "entities:\n - {id: a, kind: transaction, revenue_per_hour: 12,000 EUR}\n",
            'UP-KEY-UNKNOWN: unknown key "000 EUR"; a value with a comma needs quotes here: "12,000 EUR"',
        ),
        (
            "agreements:\n - {id: u, type: uc, provider: v, targets: [{metric: time_to_repair, max: 4}]}\n",
            "UP-DURATION: max: the figure has no unit; write s, min, h or d after it",
        ),
        (
            "defaults: {window: weekly}\n",
            f'UP-WINDOW: window: "weekly" is not known here; write one of {", ".join(WINDOWS)}',
        ),
    ],
)
def test_a_hint_says_how_it_is_written(body: str, expected: str) -> None:
    assert expected in [line.partition(" error ")[2] for line in shown(read_body(body))]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [(["service"], "1 service,"), (["service"] * 2, "2 services,"), (["service", "component"], "2 entities,")],
)
def test_one_thing_is_told_in_the_singular(kinds: list[str], expected: str) -> None:
    lines = [f" - {{id: e{n}, kind: {kind}}}\n" for n, kind in enumerate(kinds)]
    assert read_body("entities:\n" + "".join(lines)).absent[0].startswith(expected)


def test_one_fact_that_stands_twice_is_told_in_the_singular() -> None:
    files = [yaml_file(SERVICE % "a", "one.yaml"), yaml_file(SERVICE % "a", "two.yaml")]
    (warning,) = shown(read_one(files))
    assert "1 fact stands in one.yaml as well, word for word; it was taken once" in warning
