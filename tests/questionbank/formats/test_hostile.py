"""Files that mean harm, or are simply not what they say: refused with a clear message, by what they say of themselves.

Each of them would take minutes or gigabytes, or end the process, were it read in good faith.
"""

import io
import re
import struct
import zipfile
from collections.abc import Callable

import pytest

from questionbank.formats.common import Problem
from questionbank.formats.limits import MAX_PROBLEMS, MAX_QUESTIONS
from questionbank.formats.registry import FORMATS
from tests.questionbank.formats.test_tables import as_csv, as_xlsx

ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "&%c;&%c;">' % (98 + n, 97 + n, 97 + n) for n in range(24))
    + b"]><quiz><question type='essay'><name><text>&y;</text></name></question></quiz>"
)
EXTERNAL = b'<!DOCTYPE quiz [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz><question>&a;</question></quiz>'
LAUGHS = b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
REPEATS = b"a: &a [" + b"x," * 5000 + b"]\nb: [" + b"*a," * 5000 + b"]\n"


def workbook(change: Callable[[str, bytes], bytes]) -> bytes:
    """Return an XLSX file whose parts have gone through change(name, content)."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(as_xlsx([["prompt"], ["Why?"]]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def sheet(content: bytes) -> bytes:
    """Return an XLSX file with this content of its sheet's rows."""

    def change(name: str, old: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return old
        head, _, rest = old.partition(b"<sheetData>")
        return head + b"<sheetData>" + content + b"</sheetData>" + rest.partition(b"</sheetData>")[2]

    return workbook(change)


def padded(name: str, old: bytes) -> bytes:
    return old + b" " * (40 * 1024**2 if name.endswith("sheet1.xml") else 0)


def declared_larger(data: bytes) -> bytes:
    """Return the archive with its parts declared as 4 GB each, in the directory that is read first."""
    start = data.index(b"PK\x01\x02")
    return data[: start + 24] + struct.pack("<I", 0xFFFFFFF0) + data[start + 28 :]


def packed_otherwise(data: bytes) -> bytes:
    """Return the archive with its parts said to be packed by a method that nobody has."""
    return re.sub(rb"(?s)(PK\x01\x02.{6})\x08\x00", lambda found: found[1] + b"\x63\x00", data)


def with_entities(name: str, old: bytes) -> bytes:
    if not name.endswith("sheet1.xml"):
        return old
    return b'<!DOCTYPE x [<!ENTITY a "ha">]>' + old


def empty_rows(number: int) -> bytes:
    head = b'<row r="1"><c r="A1" t="inlineStr"><is><t>prompt</t></is></c></row>'
    return head + b"".join(b'<row r="%d"/>' % row for row in range(2, number))


FILES: dict[str, tuple[str, bytes, str]] = {
    "entity bomb": ("moodle", ENTITY_BOMB, "declares a document type or entities"),
    "external entity": ("moodle", EXTERNAL, "declares a document type or entities"),
    "document type": ("moodle", b"<!DOCTYPE quiz><quiz/>", "declares a document type or entities"),
    "deep xml": ("moodle", b"<quiz>" + b"<a>" * 200_000, "nests elements more than 40 deep"),
    "many elements": ("moodle", b"<quiz>" + b"<a/>" * 1_000_000 + b"</quiz>", "holds more than 1,000,000 elements"),
    "truncated xml": ("moodle", b"<quiz><question type='essay'><name>", "is broken XML: no element found"),
    "pdf as xml": ("moodle", b"%PDF-1.7\n", "is a PDF"),
    "web page": ("moodle", b"<html><body/></html>", "is no Moodle XML: it begins with <html>, not with <quiz>"),
    "nul in xml": ("moodle", b"<quiz>\0</quiz>", "is broken XML"),
    "unknown encoding": (
        "moodle",
        b'<?xml version="1.0" encoding="klingon"?><quiz/>',
        "is in an encoding that cannot be read: unknown",
    ),
    "wrong encoding": ("moodle", b"<quiz>\xff\xfe</quiz>", "is broken XML: not well-formed"),
    "laughs": ("pack", LAUGHS, "uses the alias *b in line 3"),
    "repeats": ("pack", REPEATS, "says too much by aliases in line 2"),
    "deep yaml list": ("pack", b"[" * 200_000, "nests more than 40 deep in line 1"),
    "deep yaml block": ("pack", b"- " * 200_000, "nests more than 40 deep in line 1"),
    "python object": ("pack", b"a: !!python/object/apply:os.getcwd []", "uses the tag tag:yaml.org,2002:python"),
    "deep json": ("pack-json", b'{"a":' * 200_000, "is not valid JSON: maximum recursion depth exceeded"),
    "enormous integer": ("pack-json", b'{"a": ' + b"9" * 1_000_000 + b"}", "is not valid JSON: Exceeds the limit"),
    "many values": ("pack-json", b'{"a": [' + b"[]," * 3_000_000, "holds more than 5,000,000 values"),
    "zip as yaml": ("pack", b"PK\x03\x04rest", "is a ZIP archive"),
    "nul in csv": ("csv", b"prompt\nWhy\0?\n", "is no text: line 2 holds a NUL"),
    "binary": ("csv", bytes(range(256)) * 10, "is not UTF-8 text"),
    "shift-jis": ("csv", "質問,回答\nなぜですか,知りません\n".encode("shift-jis"), "is not UTF-8 text (byte 0)"),
    "xlsx as csv": ("csv", as_xlsx([["prompt"]]), "is a ZIP archive"),
    "open quote": ("csv", b'prompt\n"Why?\n' + b"x\n" * 100, "is broken after row 1: unexpected end of data"),
    "huge cell": ("csv", b"prompt\n" + b"x" * 200_000, "is broken after row 1: field larger than field limit"),
    "wide row": ("csv", b"prompt\n" + b"," * 3_000, "has more than 2,000 cells in row 2"),
    "a million empty rows": ("csv", b"prompt\n" + b",\n" * 1_000_000, "has more than 100,000 rows"),
    "two headers": ("csv", b"prompt,prompt\na,b\n", "has two columns called “prompt”"),
    "csv as xlsx": ("xlsx", b"prompt\nWhy?\n", "is no XLSX file"),
    "pdf as xlsx": ("xlsx", b"%PDF-1.7\n", "is a PDF"),
    "old xls": ("xlsx", b"\xd0\xcf\x11\xe0rest", "is an old Office file"),
    "truncated xlsx": ("xlsx", as_xlsx([["prompt"]])[:-200], "is a broken XLSX file: its archive cannot be opened"),
    "other zip": ("xlsx", b"PK\x05\x06" + b"\0" * 18, "is a ZIP archive but no XLSX file"),
    "zip bomb": ("xlsx", workbook(padded), "is packed as no spreadsheet is"),
    "declared 4 GB": ("xlsx", declared_larger(as_xlsx([["prompt"]])), "would unpack to more than 128 MB"),
    "unknown packing": ("xlsx", packed_otherwise(as_xlsx([["prompt"]])), "is a broken XLSX file"),
    "entities in xlsx": ("xlsx", workbook(with_entities), "holds XML entities"),
    "a million empty rows in xlsx": ("xlsx", sheet(empty_rows(200_000)), "has more than 100,000 rows"),
    "last row of all": ("xlsx", sheet(empty_rows(2) + b'<row r="1048576"/>'), "has more than 100,000 rows"),
    "wide sheet": ("xlsx", as_xlsx([["x"] * 2_001]), "has more than 2,000 columns"),
    "broken sheet": ("xlsx", sheet(b"<row><c><v>1</v>"), "is a broken XLSX file: it cannot be read after row 0"),
    "long number in xlsx": (
        "xlsx",
        sheet(empty_rows(2) + b'<row r="2"><c r="A2"><v>' + b"9" * 5_000 + b"</v></c></row>"),
        "is a broken XLSX file: it cannot be read after row 1",
    ),
    "nul in gift": ("gift", b"Why? {}\n\0", "is no text: line 2 holds a NUL"),
    "picture as gift": ("gift", b"\x89PNG\r\n", "is a picture"),
}


@pytest.mark.parametrize("case", FILES)
def test_the_file_is_refused_with_its_reason(case: str) -> None:
    name, data, message = FILES[case]

    reading = FORMATS[name].read(data)

    assert (reading.questions, len(reading.problems)) == ([], 1)
    problem = reading.problems[0]
    assert (problem.place, problem.field) == ("", "")
    assert message in problem.message
    assert len(problem.message) < 500


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("data", [b"", b" \n\t ", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused_or_has_no_question(name: str, data: bytes) -> None:
    reading = FORMATS[name].read(data)

    assert reading.questions == []
    if not data.strip():
        assert reading.problems == [Problem("", "", "is empty")]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_file_that_ends_too_early_raises_nothing(name: str, share: float) -> None:
    whole = FORMATS["csv"].read(as_csv([["topic", "prompt", "reference_1", "key_point_1"], ["core", "W?", "B", "B"]]))
    data = FORMATS[name].write([read.question for read in whole.questions], [])

    reading = FORMATS[name].read(data[: int(len(data) * share)])

    assert len(reading.questions) <= 1


def test_more_questions_than_the_limit_are_refused() -> None:
    data = b"topic,prompt\n" + b"core,Why?\n" * (MAX_QUESTIONS + 1)

    (problem,) = FORMATS["csv"].read(data).problems

    assert problem.message == "holds more than 20,000 questions (at row 20002). Split it"


def test_problems_are_counted_beyond_the_limit() -> None:
    reading = FORMATS["csv"].read(b"topic,prompt,minutes\n" + b"core,Why?,x\n" * (MAX_PROBLEMS + 7))

    assert len(reading.problems) == MAX_PROBLEMS
    assert "5,000 problems are listed; 7 more are not." in [note.message for note in reading.notes]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("moodle", "<sup>"),
        ("moodle", "["),
        ("moodle", "!["),
        ("moodle", "<"),
        ("moodle", "<div>"),
        ("moodle", "<li>"),
        ("moodle", "<p><li>"),
        ("moodle", "<ul><li>"),
        ("moodle", "<b></p>"),
        ("moodle", "&lt;"),
        ("gift", "["),
        ("gift", "::"),
        ("gift", "\\"),
    ],
)
def test_a_text_full_of_mark_up_is_read_in_linear_time(name: str, unit: str) -> None:
    """Read the texts at all: in quadratic time the whole suite's time limit would end this test."""
    text = unit * (95_000 // len(unit))
    essay = f"<question type='essay'><questiontext><text><![CDATA[{text}]]></text></questiontext></question>"
    data = f"<quiz>{essay}</quiz>" if name == "moodle" else f"Why {text} {{}}"

    reading = FORMATS[name].read(data.encode(), topic="core")

    assert reading.questions == []
    assert len(reading.problems) >= 1
