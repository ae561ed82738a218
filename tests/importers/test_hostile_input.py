"""Rule 12: what is hostile gets a clear error; none of these files may cost more than a moment or a few megabytes."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from importers.archive import MAX_UNPACKED
from importers.importer import SourceFile
from importers.reading import collect
from importers.registry import read
from importers.yaml_tree import MAX_ALIASES
from tests.importers.sources import HEAD, codes, read_body, read_one, shown, statements, yaml_file
from tests.importers.workbooks import ENTITIES_PART, entity_rows, with_part, workbook


def problems(file: SourceFile) -> list[str]:
    (reading,) = read([file])
    assert not reading.complete
    assert reading.facts == ()
    return [issue.code for issue in reading.problems]


def test_an_alias_bomb_is_refused_before_it_is_expanded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    reading = read_body("\n".join(lines) + "\nentities: *a9\n")
    assert codes(reading) == ["UP-YAML-ALIAS"]
    assert reading.problems[0].message == "the aliases stand for more than 100000 values"


def test_more_aliases_than_a_thousand_are_refused() -> None:
    body = "x: &x a\nentities: [" + ", ".join(["*x"] * (MAX_ALIASES + 1)) + "]\n"
    assert codes(read_body(body)) == ["UP-YAML-ALIAS"]


def test_an_anchor_that_holds_itself_is_refused() -> None:
    assert "UP-YAML-ALIAS" in codes(read_body("entities: &all [*all]\n"))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
@pytest.mark.parametrize("depth", [101, 10_000, 40_000])
def test_deep_nesting_is_refused(opening: str, depth: int) -> None:
    (reading,) = read([SourceFile("a.yaml", (HEAD + "entities:\n " + opening * depth).encode())])
    assert codes(reading)[-1] == "UP-YAML-DEPTH"
    assert set(codes(reading)) <= {"UP-YAML-DEPTH", "UP-YAML-KEY"}


def test_duplicate_keys_are_refused_with_both_places_and_other_rows_proceed() -> None:
    reading = read_body("""\
        entities:
          - {id: a, kind: service, tier: 1, tier: 2}
          - {id: b, kind: service}
        """)
    assert shown(reading) == [
        'acme.yaml:4:37: error UP-YAML-DUPLICATE: the key "tier" is written twice; it stands before, at acme.yaml:4:28'
    ]
    assert list(statements(reading)) == [("entity", "b")]


@pytest.mark.parametrize(
    "figure", [".nan", "NaN", ".inf", "-.inf", "Infinity", "1e999999999", "1E+400", "0x10", "1_000", "9" * 5000, "٣٫٥x"]
)
def test_what_is_no_plain_finite_number_is_no_figure(figure: str) -> None:
    reading = read_body(f"entities:\n - {{id: a, kind: service, availability: '{figure}', rto: '{figure} min'}}\n")
    assert len(reading.problems) == 2
    assert all(issue.code in ("UP-FIGURE", "UP-DURATION") and len(str(issue)) < 250 for issue in reading.problems)


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!binary", "!custom"])
def test_a_tag_makes_nothing_and_is_refused(tag: str) -> None:
    reading = read_body(f"entities:\n - {{id: a, kind: service, name: {tag} 'id'}}\n")
    assert codes(reading) == ["UP-YAML-TAG"]
    assert reading.facts == ()


def test_binary_garbage_is_no_format() -> None:
    garbage = bytes(range(256)) * 40
    assert problems(SourceFile("a.yaml", garbage)) == ["UP-FORMAT"]
    assert problems(SourceFile("a.xlsx", garbage)) == ["UP-ARCHIVE"]
    assert "UP-ENCODING" in [i.code for r in read([SourceFile("entities.csv", garbage)]) for i in r.problems]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ("underpin: 1\nsource: acme\n# Bodø".encode("cp1252"), "a.yaml:3:6"),
        ("underpin: 1\nsource: acme\n".encode("utf-16"), "a.yaml:1:1"),
    ],
)
def test_another_encoding_is_told_of_with_its_place(data: bytes, place: str) -> None:
    (reading,) = read([SourceFile("a.yaml", data)])
    assert [str(issue.place) for issue in reading.problems] == [place]
    assert reading.problems[0].hint == "save it as UTF-8"


@pytest.mark.parametrize("name", ["a.yaml", "entities.csv", "a.xlsx", "a.txt"])
def test_an_empty_file_is_told_of(name: str) -> None:
    reported = [issue.code for reading in read([SourceFile(name, b"")]) for issue in reading.problems]
    assert {"UP-EMPTY", "UP-ARCHIVE"} & set(reported)


def test_a_xml_entity_in_a_workbook_is_refused_before_it_is_parsed() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    file = with_part(workbook(entity_rows(["a", "service"])), "xl/sharedStrings.xml", lambda xml: bomb + xml)
    assert problems(file) == ["UP-XLSX-XML"]


def test_an_encoding_that_could_hide_an_entity_is_refused() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'
    file = with_part(workbook(entity_rows()), ENTITIES_PART, lambda _: text.encode("utf-16"))
    assert problems(file) == ["UP-XLSX-XML"]


@pytest.mark.parametrize("name", ["../evil.xml", "xl/../../evil.xml", "/etc/passwd", "C:/evil.xml", "..\\evil.xml"])
def test_an_archive_with_a_path_outside_of_itself_is_refused(name: str) -> None:
    file = workbook(entity_rows(["a", "service"]))
    packed = io.BytesIO(file.data)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")
    # On Windows zipfile would mend a backslash; the check sees what the archive says.
    assert problems(SourceFile("a.xlsx", packed.getvalue())) == ["UP-ARCHIVE"]


def test_a_zip_bomb_is_refused_by_its_ratio_without_unpacking_it() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 40_000_000)
    (reading,) = read([SourceFile("a.xlsx", packed.getvalue())])
    assert reading.problems[0].message == '"xl/workbook.xml" unpacks to more than 200 times its size'


def test_a_zip_bomb_that_lies_about_its_size_is_refused_by_what_it_unpacks_to() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 40_000_000)
    data = packed.getvalue()
    lie = data.replace(struct.pack("<L", 40_000_000), struct.pack("<L", 1000))
    assert lie != data
    assert problems(SourceFile("a.xlsx", lie)) == ["UP-ARCHIVE"]


def test_many_large_entries_are_refused_by_their_sum() -> None:
    packed = io.BytesIO()
    chunk = bytes(range(256)) * 4096
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(MAX_UNPACKED // len(chunk) + 1):
            archive.writestr(f"xl/{number}.xml", chunk)
    (reading,) = read([SourceFile("a.xlsx", packed.getvalue())])
    assert reading.problems[0].message == "the archive unpacks to more than 128 MiB"


def test_an_encrypted_or_old_workbook_is_told_of() -> None:
    assert problems(SourceFile("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)) == ["UP-ARCHIVE"]
    data = workbook(entity_rows()).data
    flagged = bytearray(data)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        flagged[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    (reading,) = read([SourceFile("a.xlsx", bytes(flagged))])
    assert reading.problems[0].message == "the archive is encrypted"


def test_one_cell_far_out_does_not_lay_out_the_whole_sheet() -> None:
    file = with_part(
        workbook(entity_rows(["a", "service", 99.9])), ENTITIES_PART, lambda xml: xml.replace(b'"C2"', b'"XFD1048576"')
    )
    (reading,) = read([file])
    assert reading.problems[0].message == '"xl/worksheets/sheet2.xml" reaches to row 1048576 and column 16384'


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    (outside / "secret.yaml").write_text(HEAD, encoding="utf-8")
    (inside / "file.yaml").symlink_to(outside / "secret.yaml")
    (inside / "folder").symlink_to(outside)
    (inside / "good.yaml").write_text(HEAD, encoding="utf-8")
    (inside / "near.yaml").symlink_to(inside / "good.yaml")
    files, issues = collect([inside])
    assert [Path(file.name).name for file in files] == ["good.yaml", "near.yaml"]
    assert [(issue.code, Path(issue.place.file or "").name) for issue in issues if issue.place] == [
        ("UP-FILE-LINK", "file.yaml"),
        ("UP-FILE-LINK", "folder"),
    ]


def test_ten_thousand_problems_are_enough() -> None:
    unknown = ", ".join(f"k{number}: 1" for number in range(30_000))
    reading = read_body(f"entities:\n - {{id: a, kind: service, {unknown}}}\n" + " - {id: A b}\n" * 30_000)
    assert codes(reading)[-1] == "UP-MANY"
    assert len(reading.problems) == 10_001


def test_a_mapping_of_the_same_keys_twice_is_read_in_linear_time() -> None:
    keys = [f"k{number}: 1\nk{number}: 2" for number in range(30_000)]
    reading = read_body("\n".join(keys))
    assert codes(reading)[-1] == "UP-MANY"


@pytest.mark.parametrize("line", ["needs: [%s]", "needs: [{any: [%s]}]"])
def test_one_line_of_more_values_than_anybody_needs_is_refused_whole(line: str) -> None:
    reading = read_body("entities:\n - {id: a, kind: service, " + line % ("B," * 200_000) + "}\n")
    assert codes(reading) == ["UP-MANY"]


@pytest.mark.parametrize("shape", ["wide", "extra", "long"])
def test_a_csv_file_of_nothing_but_mistakes_is_told_of_in_bounds(shape: str) -> None:
    about = SourceFile("about.csv", b"key,value\nsource,acme\n")
    rows = {
        "wide": b",".join(b"c%d" % n for n in range(200_000)) + b"\n" + b"x," * 200_000,
        "extra": b"id,kind\n" + b"a,service," + b"x," * 400_000,
        "long": b"id,kind\n" + b"a,service,x\n" * 20_000,
    }[shape]
    reading = read_one([about, SourceFile("entities.csv", rows)])
    assert not reading.complete
    assert 0 < len(reading.problems) <= 10_002


def test_a_csv_cell_that_never_ends_is_refused() -> None:
    assert codes(
        read_one(
            [
                SourceFile("about.csv", b"key,value\nsource,acme\n"),
                SourceFile("entities.csv", b'id,kind\n"' + b"a" * 300_000),
            ]
        )
    ) == ["UP-CSV"]


def test_a_text_with_a_control_character_is_refused_where_it_stands() -> None:
    file = yaml_file('entities:\n - {id: a, kind: service, name: "a\\eb"}\n')
    assert shown(read_one(file)) == [
        "acme.yaml:4:33: error UP-TEXT: name: the text holds a control character; leave it out"
    ]
